import Decoding
import Foundation
import SparkplugSchema
import SwiftProtobuf

/// Compares the reader of Sparkplug payloads with swift-protobuf, over random payloads and changed ones.
///
/// Both must accept the same payloads and read the same values, but for what is intended: a known field with another
/// encoding than its type is refused here, and an unknown field there; so is a number of more than 64 bits, which is cut
/// there; text is not checked here to be UTF-8. Properties that swift-protobuf cannot read are not compared.
enum PayloadComparison {
  /// The fields of a payload that both read.
  private struct Payload: Equatable {
    var timestamp: UInt64?
    var sequence: UInt64?
    var metrics: [Metric] = []
  }

  private struct Metric: Equatable {
    var name: [UInt8]?
    var alias: UInt64?
    var timestamp: UInt64?
    var datatype: UInt32?
    var isHistorical = false
    var isNull = false
    var quality: UInt64?
    var value = ""
  }

  /// What became of a payload.
  private enum Outcome: Equatable {
    case read(Payload)
    case refused
    /// Refused or read for a reason for which the other reader may do otherwise.
    case excepted
  }

  /// Compares `payloads` payloads, and as many changed ones; returns the status with which to end.
  static func run(payloads: Int) throws -> Int32 {
    var random = SplitMix(state: 0x5EED_2026)
    var (accepted, refused, excepted, differing) = (0, 0, 0, 0)
    for number in 0..<payloads * 2 {
      var bytes: [UInt8] = try RandomPayload.payload(&random).serializedBytes()
      if number % 2 == 1 { change(&bytes, &random) }
      switch (ours(bytes), theirs(bytes)) {
      case (.excepted, _), (_, .excepted): excepted += 1
      case (.refused, .refused): refused += 1
      case (let ours, let theirs) where ours == theirs: accepted += 1
      case (let ours, let theirs):
        differing += 1
        guard differing <= 5 else { continue }
        print("differs: \(bytes.map { String($0, radix: 16) }.joined(separator: " "))")
        print("  ours:   \(ours)\n  theirs: \(theirs)")
      }
    }
    print("\(accepted) read alike, \(refused) refused by both, \(excepted) excepted, \(differing) differ")
    return differing == 0 && accepted > payloads && refused > 0 ? 0 : 1
  }

  private static func ours(_ bytes: [UInt8]) -> Outcome {
    bytes.withUnsafeBytes { bytes in
      do throws(ProtobufReader.Fault) {
        let payload = try SparkplugPayload(bytes)
        var result = Payload(timestamp: payload.timestamp, sequence: payload.sequence)
        var metrics = payload.metrics
        while let metric = try metrics.next() {
          result.metrics.append(
            Metric(
              name: metric.name.map { Array($0) }, alias: metric.alias, timestamp: metric.timestamp,
              datatype: metric.datatype, isHistorical: metric.isHistorical, isNull: metric.isNull,
              quality: try metric.quality(), value: text(of: metric.value)))
        }
        return .read(result)
      } catch {
        return error == .wrongType || error == .tooLong ? .excepted : .refused
      }
    }
  }

  private static func text(of value: SparkplugMetric.Value) -> String {
    switch value {
    case .absent: ""
    case .int(let number): "int \(number)"
    case .long(let number): "long \(number)"
    case .float(let number): "float \(number.bitPattern)"
    case .double(let number): "double \(number.bitPattern)"
    case .boolean(let value): "boolean \(value)"
    case .string(let text): "string \(Array(text))"
    case .bytes(let bytes): "bytes \(Array(bytes))"
    case .dataSet: "dataset"
    case .template: "template"
    case .other: "extension"
    }
  }

  private static func theirs(_ bytes: [UInt8]) -> Outcome {
    let payload: SparkplugSchema
    let qualities: [UInt64?]
    do { payload = try SparkplugSchema(serializedBytes: bytes) } catch {
      if case BinaryDecodingError.invalidUTF8 = error { return .excepted }
      return .refused
    }
    do { qualities = try payload.metrics.map(quality) } catch { return .excepted }
    return .read(
      Payload(
        timestamp: payload.hasTimestamp ? payload.timestamp : nil,
        sequence: payload.hasSeq ? payload.seq : nil,
        metrics: zip(payload.metrics, qualities).map { metric, quality in
          Metric(
            name: metric.hasName ? Array(metric.name.utf8) : nil, alias: metric.hasAlias ? metric.alias : nil,
            timestamp: metric.hasTimestamp ? metric.timestamp : nil,
            datatype: metric.hasDatatype ? metric.datatype : nil, isHistorical: metric.isHistorical,
            isNull: metric.isNull, quality: quality, value: text(of: metric.value))
        }))
  }

  /// The quality by the properties of a metric. Throws if they are not valid.
  private static func quality(_ metric: SparkplugSchema.Metric) throws -> UInt64? {
    let properties = try SparkplugSchema.Properties(serializedBytes: metric.properties)
    guard let place = properties.keys.firstIndex(of: "Quality"), properties.values.indices.contains(place)
    else {
      return nil
    }
    let property = properties.values[place]
    guard !property.isNull else { return nil }
    return switch property.value {
    case .intValue(let number): UInt64(number)
    case .longValue(let number): number
    default: nil
    }
  }

  private static func text(of value: SparkplugSchema.Metric.OneOf_Value?) -> String {
    switch value {
    case nil: ""
    case .intValue(let number): "int \(number)"
    case .longValue(let number): "long \(number)"
    case .floatValue(let number): "float \(number.bitPattern)"
    case .doubleValue(let number): "double \(number.bitPattern)"
    case .booleanValue(let value): "boolean \(value)"
    case .stringValue(let text): "string \(Array(text.utf8))"
    case .bytesValue(let bytes): "bytes \(Array(bytes))"
    case .datasetValue: "dataset"
    case .templateValue: "template"
    case .extensionValue: "extension"
    }
  }

  /// Changes a byte, removes some, or repeats some.
  private static func change(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    guard !bytes.isEmpty else { return }
    let at = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...4, using: &random)))
    default: bytes.insert(contentsOf: bytes[at...].prefix(Int.random(in: 1...12, using: &random)), at: at)
    }
  }
}
