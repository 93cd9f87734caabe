import Decoding
import MQTT
import Telemetry

/// The Sparkplug host application's session with the broker. It is a session of its own, with a clean start, beside the
/// shard's: edge nodes publish at QoS 0, losses are found by their numbers and healed by rebirths.
///
/// Messages are put in order by ``Decoding/SparkplugSession`` and committed by the shard; rebirths are requested only
/// after the commit of the messages that show the need. It runs on the shard's thread.
public final class SparkplugHost: BrokerSessionHandler {
  private var session: SparkplugSession
  private let shard: Shard
  private let publishMessage: (OutgoingMessage) -> Int?
  private let withdraw: () -> Void
  /// Messages in the order in which they are processed.
  private var ordered: Window
  private var isConnected = false
  /// The session's counters as the shard has them.
  private var reported = SparkplugSession.Counters()

  /// A host application without a connection.
  ///
  /// - Parameters:
  ///   - publish: hands a message to the session, without waiting; returns its number, or nil if it is not accepted.
  ///   - withdraw: removes the messages that wait to be published.
  public init(
    _ settings: SparkplugSession.Settings, shard: Shard, window: WindowLimits = WindowLimits(),
    publish: @escaping (OutgoingMessage) -> Int?, withdraw: @escaping () -> Void = {}
  ) {
    session = SparkplugSession(settings)
    self.shard = shard
    publishMessage = publish
    self.withdraw = withdraw
    ordered = Window(limits: window)
    shard.expectsHost = true
  }

  /// Topic filters of the session.
  public var filters: [String] { session.filters }

  /// Counters of the session.
  public var counters: SparkplugSession.Counters { session.counters }

  // MARK: BrokerSessionHandler

  public func will(connecting: Int64) -> Will? {
    // What an earlier connection left unsent must not come before the birth.
    withdraw()
    let death = session.connect(at: Timestamp(milliseconds: connecting))
    return Will(topic: death.topic, payload: death.payload, retained: death.isRetained)
  }

  public func connected(sessionPresent: Bool, at: Int64) throws {
    isConnected = true
    try shard.hostConnected(at: at)
    publish(session.subscribed(at: Timestamp(milliseconds: at), known: shard.livingEdges))
  }

  public func awaitsMore(_ window: borrowing Window) -> Bool { false }

  public func commit(_ window: inout Window) throws {
    var publications: [SparkplugPublication] = []
    var now: Int64 = 0
    for index in 0..<window.count {
      now = max(now, window.receivedAt(index))
      let arrival = session.receive(
        topic: window.topic(index), payload: window.payload(index), packetID: window.packetID(index),
        isRetained: window.retained(index), at: Timestamp(milliseconds: now))
      append(arrival.before, at: now)
      if arrival.isDelivered {
        ordered.append(
          topic: window.topic(index), payload: window.payload(index), receivedAt: now,
          retained: window.retained(index), packetID: window.packetID(index))
      }
      append(arrival.after, at: now)
      publications += arrival.publications
    }
    reportCounters()
    try commitOrdered(at: now)
    publish(publications)
  }

  public func tick(now: Int64) throws {
    guard isConnected else { return try shard.hostIsMissing(at: now) }
    let due = session.tick(at: Timestamp(milliseconds: now))
    append(due.messages, at: now)
    reportCounters()
    try commitOrdered(at: now)
    publish(due.publications)
  }

  public func stopping(now: Int64) throws {
    let due = session.stop(at: Timestamp(milliseconds: now))
    append(due.messages, at: now)
    reportCounters()
    try commitOrdered(at: now)
    publish(due.publications)
  }

  public func disconnected(reason: DisconnectReason, at: Int64) {
    append(session.disconnected(), at: at)
    // After a failure of the store the messages are lost, as others of the connection may be. Rebirths heal it.
    try? commitOrdered(at: at)
    ordered.clear()
    withdraw()
    if isConnected { shard.hostDisconnected(reason: reason, at: at) }
    isConnected = false
  }

  // MARK: -

  /// Messages that waited count from now on: receipts are in the order of the journal. None of them was retained.
  private func append(_ messages: [SparkplugHeldMessage], at now: Int64) {
    for message in messages {
      message.topic.withUnsafeBytes { topic in
        message.payload.withUnsafeBytes { payload in
          ordered.append(
            topic: topic, payload: payload, receivedAt: now, retained: false, packetID: message.packetID)
        }
      }
    }
  }

  private func commitOrdered(at now: Int64) throws {
    guard !ordered.isEmpty else { return }
    defer { ordered.clear() }
    try shard.commitOrdered(&ordered)
    for edge in shard.takeMissingBirths() { session.wantsBirth(of: edge, at: Timestamp(milliseconds: now)) }
  }

  private func reportCounters() {
    shard.hostCounted(session.counters, since: reported)
    reported = session.counters
  }

  private func publish(_ publications: [SparkplugPublication]) {
    for publication in publications {
      // A name that no topic can have is that of no node; a full mailbox is tried again with the next request.
      guard
        let message = OutgoingMessage(
          topic: publication.topic, payload: publication.payload,
          quality: publication.quality == 0 ? .atMostOnce : .atLeastOnce, retained: publication.isRetained)
      else { continue }
      _ = publishMessage(message)
    }
  }
}
