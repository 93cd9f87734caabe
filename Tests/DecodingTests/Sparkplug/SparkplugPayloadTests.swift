import Decoding
import TestSupport
import Testing

@Suite("Sparkplug payloads")
struct SparkplugPayloadTests {
  /// A payload as text.
  static func described(_ payload: [UInt8]) throws(ProtobufReader.Fault) -> [String] {
    var lines: [String] = []
    var fault: ProtobufReader.Fault?
    payload.withUnsafeBytes { bytes in
      do throws(ProtobufReader.Fault) {
        let payload = try SparkplugPayload(bytes)
        lines.append("\(text(payload.timestamp)) \(text(payload.sequence)) \(payload.count)")
        var metrics = payload.metrics
        while let metric = try metrics.next() { lines.append(try described(metric)) }
      } catch { fault = error }
    }
    if let fault { throw fault }
    return lines
  }

  private static func text(_ number: (some BinaryInteger)?) -> String { number.map { "\($0)" } ?? "-" }

  private static func described(_ metric: SparkplugMetric) throws(ProtobufReader.Fault) -> String {
    let name = metric.name.map { String(decoding: $0, as: UTF8.self) } ?? "-"
    let value =
      switch metric.value {
      case .absent: "absent"
      case .int(let value): "int \(value)"
      case .long(let value): "long \(value)"
      case .float(let value): "float \(value)"
      case .double(let value): "double \(value)"
      case .boolean(let value): "boolean \(value)"
      case .string(let value): "string \(String(decoding: value, as: UTF8.self))"
      case .bytes(let value): "bytes \(value.count)"
      case .dataSet: "dataset"
      case .template: "template"
      case .other: "other"
      }
    let flags = (metric.isHistorical ? " historical" : "") + (metric.isNull ? " null" : "")
    return "\(name) \(text(metric.alias)) \(text(metric.timestamp)) \(text(metric.datatype)) \(value)"
      + " q\(text(try metric.quality()))\(flags)"
  }

  static let sample = sparkplugPayload(
    at: 1_795_305_601_000, seq: 255,
    [
      TestMetric("bdSeq", at: 1, type: 4, .long(7)),
      TestMetric("Status/State", alias: 3, at: 2, type: 3, quality: 192, .int(6)),
      TestMetric(alias: 300, isHistorical: true, quality: 500, .double(1.25)),
      TestMetric(alias: 4, isNull: true), TestMetric("f", .float(0.5)), TestMetric("b", .boolean(true)),
      TestMetric("s", .string("运行")), TestMetric("x", .bytes([1, 2])),
      TestMetric("d", type: 16, .dataSet([8, 1])),
      TestMetric("t", type: 19, .template([])),
    ])

  @Test("Time, sequence number and every field of a metric are read")
  func sample() throws {
    #expect(
      try Self.described(Self.sample) == [
        "1795305601000 255 10", "bdSeq - 1 4 long 7 q-", "Status/State 3 2 3 int 6 q192",
        "- 300 - - double 1.25 q500 historical", "- 4 - - absent q- null", "f - - - float 0.5 q-",
        "b - - - boolean true q-", "s - - - string 运行 q-", "x - - - bytes 2 q-", "d - - 16 dataset q-",
        "t - - 19 template q-",
      ])
    #expect(try Self.described([]) == ["- - 0"])
  }

  @Test("Unknown fields are skipped wherever they are, and the last of a repeated field counts")
  func unknownFields() throws {
    var metric = ProtobufWriter()
    metric.field(40, content: [1, 2, 3])
    metric.field(10, varint: 5)
    metric.field(6, varint: 1)
    metric.field(8, content: [0xFF])
    metric.field(11, varint: 9)
    metric.field(2, varint: 1)
    metric.field(2, varint: 2)
    var payload = ProtobufWriter()
    payload.field(99, double: 3)
    payload.field(2, content: metric.bytes)
    payload.field(4, content: Array("uuid".utf8))
    payload.field(5, content: [0xFF, 0xFF])
    payload.field(3, varint: 1)
    payload.field(3, varint: 2)
    #expect(try Self.described(payload.bytes) == ["- 2 1", "- 2 - - long 9 q-"])
  }

  @Test("A datatype that is null, text or missing among the properties is no quality")
  func quality() throws {
    func metric(_ properties: [UInt8]) -> [UInt8] {
      var metric = ProtobufWriter()
      metric.field(9, content: properties)
      var payload = ProtobufWriter()
      payload.field(2, content: metric.bytes)
      return payload.bytes
    }
    func property(_ build: (inout ProtobufWriter) -> Void) -> [UInt8] {
      var value = ProtobufWriter()
      build(&value)
      var set = ProtobufWriter()
      set.field(2, content: value.bytes)
      set.field(1, content: Array("Quality".utf8))
      return set.bytes
    }
    #expect(try Self.described(metric(property { $0.field(4, varint: 0) })).last == "- - - - absent q0")
    #expect(try Self.described(metric(property { $0.field(2, varint: 1) })).last == "- - - - absent q-")
    #expect(try Self.described(metric(property { $0.field(8, content: [65]) })).last == "- - - - absent q-")
    // The first kind of number has 32 bits.
    #expect(
      try Self.described(metric(property { $0.field(3, varint: 1 << 32 | 192) })).last
        == "- - - - absent q192")
    // Of several values in one property the last counts.
    let numberAndText = property {
      $0.field(3, varint: 192)
      $0.field(8, content: [65])
    }
    #expect(try Self.described(metric(numberAndText)).last == "- - - - absent q-")
    let textAndNumber = property {
      $0.field(8, content: [65])
      $0.field(3, varint: 192)
    }
    #expect(try Self.described(metric(textAndNumber)).last == "- - - - absent q192")
    #expect(
      try Self.described(metric(TestMetric.properties([("quality", 0)]))).last == "- - - - absent q-")
    var keyOnly = ProtobufWriter()
    keyOnly.field(1, content: Array("Quality".utf8))
    #expect(try Self.described(metric(keyOnly.bytes)).last == "- - - - absent q-")
    #expect(throws: ProtobufReader.Fault.cutShort) { try Self.described(metric([0x0A, 0x09])) }
  }

  @Test("A payload cut short anywhere is a fault, or has fewer fields; nothing is read beyond its end")
  func cutShort() throws {
    for length in 0..<Self.sample.count {
      // A copy of its own, so that a read behind the end is found by the address sanitizer.
      let part = Array(Self.sample[..<length])
      if let lines = try? Self.described(part) { #expect(lines.count <= 11) }
    }
    #expect(throws: ProtobufReader.Fault.cutShort) { try Self.described(Array(Self.sample.dropLast())) }
  }

  @Test("Known fields with a wrong encoding are faults", arguments: [1, 3] as [UInt32])
  func wrongEncodings(number: UInt32) {
    var payload = ProtobufWriter()
    payload.field(number, content: [1])
    #expect(throws: ProtobufReader.Fault.wrongType) { try Self.described(payload.bytes) }
    var metrics = ProtobufWriter()
    metrics.field(2, varint: 1)
    #expect(throws: ProtobufReader.Fault.wrongType) { try Self.described(metrics.bytes) }
  }

  @Test(
    "Known fields of a metric with a wrong encoding are faults", arguments: Array(1...5) + [7] + Array(9...19)
  )
  func wrongMetricEncodings(number: UInt32) {
    var metric = ProtobufWriter()
    // No field of a metric has both encodings.
    let isVarint = [2, 3, 4, 5, 7, 10, 11, 14].contains(number)
    if isVarint { metric.field(number, content: []) } else { metric.field(number, varint: 1) }
    var payload = ProtobufWriter()
    payload.field(2, content: metric.bytes)
    #expect(throws: ProtobufReader.Fault.wrongType) { try Self.described(payload.bytes) }
  }

  @Test("100,000 mutations of a payload are read or refused")
  func mutations() {
    var random = SeededGenerator(seed: 0x5EED_2026_1129)
    var read = 0
    for _ in 0..<100_000 {
      let bytes = MutationTests.mutated(Self.sample, by: &random)
      if (try? Self.described(bytes)) != nil { read += 1 }
    }
    #expect(read > 1000)
    #expect(read < 99_000)
  }

  @Test("Datatypes have the numbers of the standard")
  func datatypes() {
    #expect(SparkplugDatatype.allCases.map(\.rawValue) == Array(1...19))
    #expect(SparkplugDatatype(number: 13) == .dateTime)
    #expect(SparkplugDatatype(number: 0) == nil)
    #expect(SparkplugDatatype(number: 20) == nil)
    #expect(SparkplugDatatype(number: 257) == nil)
  }
}
