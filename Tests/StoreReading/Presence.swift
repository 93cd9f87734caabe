import Storage
import Telemetry

/// An online of a sender, or the offline that ended a session.
public struct SessionChange: Equatable, Sendable, CustomStringConvertible {
  public var key: EquipmentKey
  public var at: Timestamp
  public var presence: Presence

  public var description: String { "\(key) \(presence) \(at.milliseconds)" }
}

extension StoreReading {
  /// Every online before `until`, and every offline before it that ended a session, by sender and time.
  ///
  /// A session also ends a minute after the collector was last connected, and where the broker had lost the
  /// collector's session: `until` lies before that, or the end of the session is returned as an offline.
  public func sessionChanges(until: Timestamp) throws -> [SessionChange] {
    guard let first = try days()?.lowerBound else { return [] }
    let days = first...max(first, calendar.day(at: until - .milliseconds(1)))
    return try store.reader().snapshot { views in
      let senders = try views.senders(of: .all)
      let request = PeriodRequest(asOf: until, days: days, until: until, calendar: calendar)
      var ends: [EquipmentKey: Set<Timestamp>] = [:]
      _ = try views.forEachPeriod(of: senders, request) { sender, _ in
        ends[sender.key] = Set(sender.sessions.map(\.upperBound).filter { $0 < until })
      }
      var found: [SessionChange] = []
      for senders in senders.byFactory().values {
        for key in senders.senders.map(\.key) {
          var offlines = ends[key] ?? []
          var instant = until - .milliseconds(1)
          // The newest online, the one before it, and so on.
          while let evidence = try views.evidence(of: senders, asOf: instant).first(where: { $0.key == key }),
            let online = evidence.lastOnline
          {
            found.append(SessionChange(key: key, at: online, presence: .online))
            let then = try views.evidence(of: senders, asOf: online).first { $0.key == key }
            // An offline of the same instant leaves no session to be listed.
            if then?.sessionOpen == false { offlines.insert(online) }
            instant = online - .milliseconds(1)
          }
          found += offlines.map { SessionChange(key: key, at: $0, presence: .offline) }
        }
      }
      return found.sorted {
        ($0.key, $0.at, $0.presence.rawValue) < ($1.key, $1.at, $1.presence.rawValue)
      }
    }
  }
}
