import Decoding
import TestSupport
import Testing

@Suite("Protocol Buffers fields")
struct ProtobufReaderTests {
  /// Reads all fields as texts: `number=value`.
  static func fields(_ bytes: [UInt8]) throws -> [String] {
    try bytes.withUnsafeBytes { bytes in
      var reader = ProtobufReader(bytes)
      var fields: [String] = []
      while try reader.next() {
        let number = reader.number
        switch reader.wireType {
        case .varint: fields.append("\(number)=\(try reader.varint())")
        case .fixed32: fields.append("\(number)=\(try reader.float())")
        case .fixed64: fields.append("\(number)=\(try reader.double())")
        case .bytes: fields.append("\(number)=\(String(decoding: try reader.content(), as: UTF8.self))")
        case .groupBegin, .groupEnd:
          try reader.skip()
          fields.append("\(number) skipped")
        }
      }
      return fields
    }
  }

  static func fault(_ bytes: [UInt8]) -> ProtobufReader.Fault? {
    do {
      _ = try fields(bytes)
      return nil
    } catch {
      return error as? ProtobufReader.Fault
    }
  }

  @Test("Numbers of up to 64 bits, both precisions and texts are read in order")
  func values() throws {
    var writer = ProtobufWriter()
    writer.field(1, varint: 0)
    writer.field(2, varint: .max)
    writer.field(3, content: Array("数控".utf8))
    writer.field(4, float: 1.5)
    writer.field(5, double: -0.25)
    writer.field(536_870_911, varint: 300)
    #expect(
      try Self.fields(writer.bytes)
        == ["1=0", "2=18446744073709551615", "3=数控", "4=1.5", "5=-0.25", "536870911=300"])
    #expect(try Self.fields([]) == [])
  }

  @Test("A group is skipped as a whole, also one within another")
  func groups() throws {
    #expect(try Self.fields([0x0B, 0x10, 0x01, 0x13, 0x14, 0x0C, 0x18, 0x07]) == ["1 skipped", "3=7"])
    #expect(Self.fault([0x0B, 0x10, 0x01]) == .cutShort)
    #expect(Self.fault([0x0B, 0x14]) == .groups)
    #expect(Self.fault([0x0C]) == .groups)
    let deep = [UInt8](repeating: 0x0B, count: 8) + [UInt8](repeating: 0x0C, count: 8)
    #expect(try Self.fields(deep) == ["1 skipped"])
    #expect(Self.fault([UInt8](repeating: 0x0B, count: 9) + [UInt8](repeating: 0x0C, count: 9)) == .groups)
    #expect(Self.fault([UInt8](repeating: 0x0B, count: 60_000)) == .groups)
  }

  @Test("A number, a tag or a length that cannot be is a fault")
  func faults() {
    #expect(Self.fault([0x80]) == .cutShort)
    #expect(Self.fault([0x08]) == .cutShort)
    #expect(Self.fault([0x08, 0x80]) == .cutShort)
    #expect(Self.fault([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x02]) == .tooLong)
    #expect(Self.fault([0x08] + [UInt8](repeating: 0x80, count: 10) + [0x00]) == .tooLong)
    #expect(Self.fault([0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01]) == nil)
    // Field 0, encodings 6 and 7, and a field number of 30 bits.
    #expect(Self.fault([0x00, 0x00]) == .invalidTag)
    #expect(Self.fault([0x0E]) == .invalidTag)
    #expect(Self.fault([0x0F]) == .invalidTag)
    #expect(Self.fault([0x80, 0x80, 0x80, 0x80, 0x10, 0x00]) == .invalidTag)
    #expect(Self.fault([0x0D, 0, 0, 0]) == .cutShort)
    #expect(Self.fault([0x09, 0, 0, 0, 0, 0, 0, 0]) == .cutShort)
    #expect(Self.fault([0x0A, 0x02, 0x41]) == .cutShort)
    // A length beyond all memory.
    #expect(Self.fault([0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01]) == .cutShort)
  }

  @Test("A known field with another encoding is a fault")
  func wrongTypes() {
    func fault(_ bytes: [UInt8], _ read: (inout ProtobufReader) throws -> Void) -> ProtobufReader.Fault? {
      bytes.withUnsafeBytes { bytes in
        var reader = ProtobufReader(bytes)
        do {
          _ = try reader.next()
          try read(&reader)
          return nil
        } catch {
          return error as? ProtobufReader.Fault
        }
      }
    }
    #expect(fault([0x0A, 0x00]) { _ = try $0.varint() } == .wrongType)
    #expect(fault([0x0A, 0x00]) { _ = try $0.bool() } == .wrongType)
    #expect(fault([0x08, 0x00]) { _ = try $0.content() } == .wrongType)
    #expect(fault([0x08, 0x00]) { _ = try $0.float() } == .wrongType)
    #expect(fault([0x0D, 0, 0, 0, 0]) { _ = try $0.double() } == .wrongType)
    #expect(fault([0x09, 0, 0, 0, 0, 0, 0, 0, 0]) { _ = try $0.float() } == .wrongType)
  }
}
