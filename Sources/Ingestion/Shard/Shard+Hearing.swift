import Decoding
import Journal
import MQTT
import Storage
import Telemetry

/// Notes when the shard hears, and whether its probe comes back.
extension Shard {
  /// Start of the current silence; nil if there is none.
  public var deafSince: Timestamp? { isConnected ? views.hearing.deafSince : nil }

  /// Whether the current silence, if there is one, is an overdue echo of the probe.
  public var probeIsOverdue: Bool { views.hearing.isProved && probe?.patience != nil }

  /// Results of a shard's probe.
  public enum ProbeState: Sendable {
    /// None is sent.
    case off
    /// None has come back yet.
    case waiting
    /// It comes back.
    case proved
    /// The broker does not let it through; it is tried again later.
    case refused
  }

  /// Result of the shard's probe so far.
  public var probeState: ProbeState {
    guard let probe else { return .off }
    guard probe.patience != nil else { return .refused }
    return views.hearing.isProved ? .proved : .waiting
  }

  /// Notes an interruption of listening in the journal, if there was one. Observation ends at the last mark before it
  /// and begins again now, in the same session.
  func markListening() throws {
    guard let found = watch?.mark(), isConnected, !observationLacksHost else { return }
    try noteStanding(at: found.from)
    let began = try note(.connected, at: found.until, flags: .sessionPresent)
    views.connected(at: found.until, sessionPresent: true, block: began)
    views.hearing.connected(at: found.until)
    emit(.listeningBroke(found.cause, from: found.from, length: found.length))
  }

  /// Notes that observation begins. The host's session always begins clean: an edge node that died meanwhile was not
  /// heard, so a new one ends the sessions of all, and births open them again. Sessions that other sources state
  /// outlast it in the shard's own session; where there are any, none is ended.
  func noteConnected(at instant: Timestamp, sessionPresent: Bool) throws {
    let mayHaveDied =
      expectsHost && hostSessionIsNew && !settings.sources.contains { $0.format.statesPresence }
    let continues = sessionPresent && !mayHaveDied
    let block = try note(.connected, at: instant, flags: continues ? .sessionPresent : [])
    views.connected(at: instant, sessionPresent: continues, block: block)
    // Births before this observation do not outlast it, and are asked for again.
    if mayHaveDied, hostWasHeardFirst { birthsToRepeat = livingEdges }
    hostWasHeardFirst = false
    if hostIsConnected { hostSessionIsNew = false }
  }

  /// Notes in the journal that the connection exists or has just ended, and whether it was deaf.
  func noteStanding(at instant: Timestamp, ended: Bool = false) throws {
    let wasDeaf = views.hearing.isDeaf
    let since = views.hearing.noted(
      at: instant, ended: ended, horizon: horizon?(), patience: probe?.patience)
    let block = try note(
      ended ? .disconnected : .observedThrough, at: instant, flags: ended && endedCleanly ? .clean : [],
      payload: since.map { Silence.payload(since: $0) } ?? [])
    views.observed(through: instant, ended: ended, block: block)
    guard let since else { return }
    views.unheard(since: since, until: instant)
    if !wasDeaf {
      emit(.heardNothing(since: since, probeIsOverdue: probeIsOverdue))
    }
  }

  /// Ends a silence at the first message of a window.
  func endSilence() throws {
    guard isConnected, let since = views.hearing.deafSince,
      let first = batch.messages.first?.received ?? echo
    else { return }
    try noteStanding(at: first)
    emit(.hearsAgain(since: since, until: first))
  }

  /// Notes an echo of the probe in the journal.
  func noteEcho() throws {
    guard isConnected, let echo else { return }
    // Blocks are in the order of their receipts.
    let instant = min(echo, batch.messages.first?.received ?? echo)
    let block = try note(.observedThrough, at: instant, payload: HearingProof.payload)
    views.observed(through: instant, block: block)
    views.hearing.proved(at: instant)
  }

  func sendProbe(at instant: Timestamp) {
    guard isConnected else { return }
    if let refusal = probe?.tick(at: instant, hasHeard: views.hearing.isProved) { reportRefused(refusal) }
  }

  public func published(_ number: Int, _ outcome: PublishOutcome) {
    if let refusal = probe?.answered(number, outcome) { reportRefused(refusal) }
  }

  func reportRefused(_ refusal: HearingProbe.Refusal) {
    guard let topic = probe?.topic else { return }
    emit(.probeRefused(refusal, topic: topic))
  }
}
