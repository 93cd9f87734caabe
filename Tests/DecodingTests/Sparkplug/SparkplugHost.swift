import Decoding
import Telemetry
import Testing

/// A session driven by a test: edge nodes speak, and it notes what the session does.
struct HostUnderTest {
  var session: SparkplugSession
  var now = sampleReceipt
  /// What was processed, as `VERB/EDGE/SEQ`.
  var processed: [String] = []
  var published: [SparkplugPublication] = []

  init(_ settings: SparkplugSession.Settings = SparkplugSession.Settings(hostID: "millwright")) {
    session = SparkplugSession(settings)
  }

  /// A session that is connected and subscribed; its birth is not among the publications.
  static func online(known: [SparkplugEdgeID] = []) -> HostUnderTest {
    var host = HostUnderTest()
    _ = host.session.connect(at: host.now)
    _ = host.session.subscribed(at: host.now, known: known)
    return host
  }

  /// An edge node of group F001 publishes.
  mutating func hears(
    _ verb: String, _ edge: String = "E1", seq: UInt64?, device: String? = nil, isRetained: Bool = false
  ) {
    let topic = "spBv1.0/F001/\(verb)/\(edge)" + (device.map { "/\($0)" } ?? "")
    hears(topic: topic, payload: sparkplugPayload(at: 1, seq: seq), isRetained: isRetained)
  }

  mutating func hears(topic: String, payload: [UInt8], isRetained: Bool = false) {
    let arrival = Array(topic.utf8).withUnsafeBytes { topic in
      payload.withUnsafeBytes { session.receive(topic: topic, payload: $0, isRetained: isRetained, at: now) }
    }
    process(arrival.before)
    if arrival.isDelivered { processed.append(Self.described(Array(topic.utf8), payload)) }
    process(arrival.after)
    published += arrival.publications
  }

  /// Time passes in steps of a second, with a tick after each.
  mutating func waits(_ span: Span) {
    let end = now + span
    while now < end {
      now = min(end, now + .seconds(1))
      ticks()
    }
  }

  mutating func ticks() {
    let due = session.tick(at: now)
    process(due.messages)
    published += due.publications
  }

  mutating func process(_ messages: [SparkplugHeldMessage]) {
    processed += messages.map { Self.described($0.topic, $0.payload) }
  }

  static func described(_ topic: [UInt8], _ payload: [UInt8]) -> String {
    let levels = String(decoding: topic, as: UTF8.self).split(separator: "/")
    let seq = payload.withUnsafeBytes { (try? SparkplugPayload($0))?.sequence }
    return levels.dropFirst(2).joined(separator: "/") + (seq.map { "/\($0)" } ?? "")
  }

  /// Topics of the rebirth requests since the last call.
  mutating func requests() -> [String] {
    defer { published = [] }
    return published.map(\.topic)
  }
}

/// The payload of a rebirth request made at an instant: as Protocol Buffers write it, field by field.
func rebirthPayload(at instant: Timestamp) -> [UInt8] {
  let time = UInt64(instant.milliseconds)
  return sparkplugPayload(
    at: time, [TestMetric("Node Control/Rebirth", at: time, type: 11, .boolean(true))])
}
