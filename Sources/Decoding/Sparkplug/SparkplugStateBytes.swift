import Telemetry

/// Writes the parts of a state.
struct SparkplugStateWriter {
  var bytes: [UInt8] = []

  mutating func write(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func write(_ text: String) {
    write(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  mutating func write(_ time: Timestamp) {
    withUnsafeBytes(of: time.milliseconds.littleEndian) { bytes += $0 }
  }
}

/// Reads the parts of a state. Every length is checked before it is used.
struct SparkplugStateReader {
  let bytes: UnsafeRawBufferPointer
  /// Whether devices have the beginning of their live values.
  var hasBeginnings = false
  private var at = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  mutating func byte() throws -> UInt8 {
    guard at < bytes.count else { throw SparkplugDecoder.MalformedState() }
    defer { at += 1 }
    return bytes[at]
  }

  mutating func number() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw SparkplugDecoder.MalformedState()
  }

  /// A number of parts, each of at least one byte.
  mutating func count(upTo most: Int) throws -> Int {
    let count = try number()
    guard count <= UInt64(max(0, most)), count <= UInt64(bytes.count - at) else {
      throw SparkplugDecoder.MalformedState()
    }
    return Int(count)
  }

  mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count <= bytes.count - at else { throw SparkplugDecoder.MalformedState() }
    defer { at += count }
    return UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])
  }

  mutating func text() throws -> String {
    String(decoding: try take(try count(upTo: Int(UInt16.max))), as: UTF8.self)
  }

  mutating func time() throws -> Timestamp {
    let content = try take(8)
    return Timestamp(milliseconds: Int64(littleEndian: content.loadUnaligned(as: Int64.self)))
  }
}
