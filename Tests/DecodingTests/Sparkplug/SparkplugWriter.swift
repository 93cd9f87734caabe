import Decoding

/// Writes Protocol Buffers fields for tests.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  mutating func tag(_ number: UInt32, _ wireType: UInt8) {
    varint(UInt64(number) << 3 | UInt64(wireType))
  }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func field(_ number: UInt32, varint value: UInt64) {
    tag(number, 0)
    varint(value)
  }

  mutating func field(_ number: UInt32, content: [UInt8]) {
    tag(number, 2)
    varint(UInt64(content.count))
    bytes += content
  }

  mutating func field(_ number: UInt32, float: Float) {
    tag(number, 5)
    withUnsafeBytes(of: float.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func field(_ number: UInt32, double: Double) {
    tag(number, 1)
    withUnsafeBytes(of: double.bitPattern.littleEndian) { bytes += $0 }
  }
}

/// A metric as tests write it.
struct TestMetric {
  enum Value {
    case absent
    case int(UInt32)
    case long(UInt64)
    case float(Float)
    case double(Double)
    case boolean(Bool)
    case string(String)
    case bytes([UInt8])
    case dataSet([UInt8])
    case template([UInt8])
  }

  var name: String?
  var alias: UInt64?
  var timestamp: UInt64?
  var datatype: UInt32?
  var isHistorical: Bool?
  var isNull: Bool?
  var quality: UInt64?
  var value: Value

  init(
    _ name: String? = nil, alias: UInt64? = nil, at timestamp: UInt64? = nil, type: UInt32? = nil,
    isHistorical: Bool? = nil, isNull: Bool? = nil, quality: UInt64? = nil, _ value: Value = .absent
  ) {
    self.name = name
    self.alias = alias
    self.timestamp = timestamp
    datatype = type
    self.isHistorical = isHistorical
    self.isNull = isNull
    self.quality = quality
    self.value = value
  }

  var bytes: [UInt8] {
    var writer = ProtobufWriter()
    if let name { writer.field(1, content: Array(name.utf8)) }
    if let alias { writer.field(2, varint: alias) }
    if let timestamp { writer.field(3, varint: timestamp) }
    if let datatype { writer.field(4, varint: UInt64(datatype)) }
    if let isHistorical { writer.field(5, varint: isHistorical ? 1 : 0) }
    if let isNull { writer.field(7, varint: isNull ? 1 : 0) }
    if let quality { writer.field(9, content: Self.properties([("Other", 1), ("Quality", quality)])) }
    switch value {
    case .absent: break
    case .int(let value): writer.field(10, varint: UInt64(value))
    case .long(let value): writer.field(11, varint: value)
    case .float(let value): writer.field(12, float: value)
    case .double(let value): writer.field(13, double: value)
    case .boolean(let value): writer.field(14, varint: value ? 1 : 0)
    case .string(let value): writer.field(15, content: Array(value.utf8))
    case .bytes(let value): writer.field(16, content: value)
    case .dataSet(let value): writer.field(17, content: value)
    case .template(let value): writer.field(18, content: value)
    }
    return writer.bytes
  }

  /// A property set whose values are of type Int32.
  static func properties(_ properties: [(String, UInt64)]) -> [UInt8] {
    var set = ProtobufWriter()
    for (key, _) in properties { set.field(1, content: Array(key.utf8)) }
    for (_, number) in properties {
      var value = ProtobufWriter()
      value.field(1, varint: 3)
      value.field(3, varint: number)
      set.field(2, content: value.bytes)
    }
    return set.bytes
  }
}

/// A payload with the fields that are given.
func sparkplugPayload(at timestamp: UInt64? = nil, seq: UInt64? = nil, _ metrics: [TestMetric] = [])
  -> [UInt8]
{
  var writer = ProtobufWriter()
  if let timestamp { writer.field(1, varint: timestamp) }
  for metric in metrics { writer.field(2, content: metric.bytes) }
  if let seq { writer.field(3, varint: seq) }
  return writer.bytes
}
