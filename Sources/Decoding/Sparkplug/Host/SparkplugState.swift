import Telemetry

/// A host application's statement of its own presence: the payload of `spBv1.0/STATE/HOST`.
public struct SparkplugState: Equatable, Sendable {
  /// Whether the host application is there.
  public var isOnline: Bool
  /// Milliseconds UTC. Edge nodes ignore a statement that is older than the one before.
  public var timestamp: Int64

  /// A statement made at `timestamp`.
  public init(isOnline: Bool, timestamp: Int64) {
    self.isOnline = isOnline
    self.timestamp = timestamp
  }

  /// Maximum length of a payload that is read, in bytes.
  private static let mostBytes = 1024

  /// Reads a payload; nil if it does not say `"online":true` or `"online":false`. A missing or invalid timestamp
  /// is 0.
  public init?(_ payload: UnsafeRawBufferPointer) {
    guard payload.count <= Self.mostBytes else { return nil }
    let bytes = Array(payload)
    switch Self.word(after: "\"online\"", in: bytes) {
    case Array("true".utf8)[...]: isOnline = true
    case Array("false".utf8)[...]: isOnline = false
    default: return nil
    }
    timestamp =
      Self.word(after: "\"timestamp\"", in: bytes).flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
  }

  /// The payload: UTF-8 JSON with exactly the two members of the standard.
  public var payload: [UInt8] { Array("{\"online\":\(isOnline),\"timestamp\":\(timestamp)}".utf8) }

  /// The letters and digits of the value of a key.
  private static func word(after key: StaticString, in bytes: [UInt8]) -> ArraySlice<UInt8>? {
    let key = key.withUTF8Buffer { Array($0) }
    guard bytes.count > key.count,
      let at = (0...(bytes.count - key.count)).first(where: { bytes[$0..<$0 + key.count] == key[...] })
    else { return nil }
    var rest = bytes[(at + key.count)...].drop { $0 <= 0x20 }
    guard rest.popFirst() == UInt8(ascii: ":") else { return nil }
    return rest.drop { $0 <= 0x20 }.prefix { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
  }
}

/// A message that a host application publishes.
public struct SparkplugPublication: Equatable, Sendable {
  public var topic: String
  public var payload: [UInt8]
  /// MQTT's quality of service: 1 for a STATE, 0 for a command.
  public var quality: Int
  public var isRetained: Bool

  /// A message of these properties.
  public init(topic: String, payload: [UInt8], quality: Int, isRetained: Bool) {
    self.topic = topic
    self.payload = payload
    self.quality = quality
    self.isRetained = isRetained
  }

  /// A statement on the host's own topic.
  init(_ state: SparkplugState, of hostID: String, in namespace: SparkplugNamespace) {
    topic = "\(namespace.token)/STATE/\(hostID)"
    payload = state.payload
    quality = 1
    isRetained = true
  }

  /// A request to an edge node to send its births again, made at an instant.
  ///
  /// The metric is addressed by its name, because nodes must not give it an alias, and there is no sequence number.
  init(rebirthOf edge: SparkplugEdgeID, at instant: Timestamp, in namespace: SparkplugNamespace) {
    topic = "\(namespace.token)/\(edge.group)/NCMD/\(edge.edge)"
    let time = UInt64(max(0, instant.milliseconds))
    var metric = ProtobufBytes()
    metric.field(1, Array("Node Control/Rebirth".utf8))
    metric.field(3, time)
    metric.field(4, UInt64(SparkplugDatatype.boolean.rawValue))
    metric.field(14, 1)
    var command = ProtobufBytes()
    command.field(1, time)
    command.field(2, metric.bytes)
    payload = command.bytes
    quality = 0
    isRetained = false
  }
}

/// Writes Protocol Buffers fields.
private struct ProtobufBytes {
  private(set) var bytes: [UInt8] = []

  mutating func field(_ number: UInt64, _ value: UInt64) {
    append(number << 3)
    append(value)
  }

  mutating func field(_ number: UInt64, _ content: [UInt8]) {
    append(number << 3 | 2)
    append(UInt64(content.count))
    bytes += content
  }

  private mutating func append(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
