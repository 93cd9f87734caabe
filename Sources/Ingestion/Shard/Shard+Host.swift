import Decoding
import Journal
import MQTT
import Storage
import Telemetry

/// The shard's part of a Sparkplug host application. The host's session calls it, on the shard's thread.
extension Shard {
  /// Time from the shard's connection within which the host's is expected.
  private static let hostPatience = Span.seconds(10)

  /// Commits messages of the host's session, which are in order. They are never redelivered.
  public func commitOrdered(_ window: inout Window) throws {
    if !isConnected { hostWasHeardFirst = true }
    try commit(window, isOfHost: true)
  }

  /// Edge nodes that were born and have not died since.
  public var livingEdges: [SparkplugEdgeID] { intake.livingEdges }

  /// Removes and returns the edge nodes whose births are missing, as messages since the last call have shown.
  public func takeMissingBirths() -> [SparkplugEdgeID] {
    defer { birthsToRepeat = [] }
    return intake.takeMissingBirths() + birthsToRepeat
  }

  /// Notes what a host's session has counted `since` the last call.
  func hostCounted(_ counters: SparkplugSession.Counters, since earlier: SparkplugSession.Counters) {
    self.counters.sparkplug.session.add(counters, since: earlier)
  }

  /// The host's session is connected and subscribed. Observation begins again if it had ended for the lack of it.
  public func hostConnected(at: Int64) throws {
    hostIsConnected = true
    guard isConnected else { return }
    guard observationLacksHost else { return hostSessionIsNew = false }
    observationLacksHost = false
    let instant = Timestamp(milliseconds: at)
    try noteConnected(at: instant, sessionPresent: true)
    views.hearing.connected(at: instant)
    emit(.hostConnected)
  }

  /// The host's session has ended. What its edge nodes do is unknown from now on.
  public func hostDisconnected(reason: DisconnectReason, at: Int64) {
    hostIsConnected = false
    hostSessionIsNew = true
    if case .stopped = reason { return }
    do { try endObservation(at: Timestamp(milliseconds: at)) } catch { emit(.journalFailed(error)) }
    emit(.hostDisconnected(.init(description: reason.description, needsOperator: reason.needsOperator)))
  }

  /// The host's session has no connection. Ten seconds after the shard's connection, or after the host joined, observation
  /// ends.
  public func hostIsMissing(at: Int64) throws {
    let instant = Timestamp(milliseconds: at)
    guard let connectedAt, instant - max(connectedAt, hostJoined) >= Self.hostPatience else { return }
    try endObservation(at: instant)
  }

  /// A host's session is added while the shard is connected. Observation goes on until it is connected.
  public func hostJoins(at: Int64) { hostJoined = Timestamp(milliseconds: at) }

  /// The host's session has ended although the shard goes on, because the configuration has changed.
  ///
  /// - Parameter isReplaced: whether another one follows. Without one, the sessions that births began have ended with
  ///   the change of the sources: their deaths would not be heard.
  public func hostLeft(at: Int64, isReplaced: Bool) throws {
    let instant = Timestamp(milliseconds: at)
    hostIsConnected = false
    hostSessionIsNew = true
    if isReplaced { return try endObservation(at: instant) }
    let lacked = observationLacksHost
    (observationLacksHost, birthsToRepeat) = (false, [])
    defer { expectsHost = false }
    guard isConnected, removal == nil else { return }
    if !lacked { try noteStanding(at: instant, ended: true) }
    try noteConnected(at: instant, sessionPresent: true)
    views.hearing.connected(at: instant)
  }

  private func endObservation(at instant: Timestamp) throws {
    guard isConnected, !observationLacksHost, removal == nil else { return }
    try noteStanding(at: instant, ended: true)
    observationLacksHost = true
  }
}
