import Daemon
import Telemetry

extension AlertFacts.Collector {
  /// The collector by its status, as it is judged; nil if none ever ran or its lock cannot be examined.
  public init?(_ judgement: StatusJudgement, at now: Timestamp) {
    guard let status = judgement.status else { return nil }
    func time(_ text: String?) -> Timestamp? { text.flatMap { Timestamp($0) } }
    let started = time(status.startedAt) ?? now
    let broken = [time(status.broker.lastDisconnectedAt), started].compactMap { $0 }.max()
    switch judgement.verdict {
    case .unknown, .never: return nil
    case .collecting:
      unobservedSince = time(status.hearing?.deafSince)
      observedSince = unobservedSince == nil ? Self.observedSince(status, started) : nil
    case .starting, .disconnected, .silent: unobservedSince = broken
    case .hung, .stopped, .ended:
      unobservedSince = time(status.aliveAt) ?? time(status.writtenAt) ?? started
    }
    switch judgement.verdict {
    case .collecting, .disconnected:
      let minute = min(max(status.messages.perSecond, 0) * 60, 1e15)
      let refused = max(status.messages.refusedLastMinute, 0)
      self.refused = Count(refused, of: max(Int(minute.rounded()), refused))
    default: break
    }
    disk = status.disk.flatMap { disk in
      disk.total > 0 ? Count(Int(max(disk.free, 0)), of: Int(disk.total)) : nil
    }
  }

  /// Since when a connected collector observes. A short break of a session that the broker kept hides nothing: what was
  /// sent meanwhile is delivered afterwards. A connection that breaks again and again therefore hides no silence.
  private static func observedSince(_ status: CollectorStatus, _ started: Timestamp) -> Timestamp {
    guard let connected = status.broker.connectedAt.flatMap({ Timestamp($0) }) else { return started }
    guard status.broker.resumed == true,
      let broken = status.broker.lastDisconnectedAt.flatMap({ Timestamp($0) }), broken <= connected,
      connected - broken <= .minutes(1)
    else { return connected }
    return started
  }
}
