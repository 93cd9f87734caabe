import Foundation
import SparkplugSchema

/// The SplitMix generator with 64 bits, so that a run can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}

/// Random Sparkplug payloads with every field.
enum RandomPayload {
  static func payload(_ random: inout SplitMix) throws -> SparkplugSchema {
    var payload = SparkplugSchema()
    if often(&random) { payload.timestamp = number(&random) }
    if often(&random) { payload.seq = number(&random) }
    if rarely(&random) { payload.uuid = text(&random) }
    if rarely(&random) { payload.body = bytes(&random) }
    payload.metrics = try (0..<Int.random(in: 0...6, using: &random)).map { _ in try metric(&random) }
    return payload
  }

  private static func often(_ random: inout SplitMix) -> Bool { Int.random(in: 0..<4, using: &random) > 0 }
  private static func rarely(_ random: inout SplitMix) -> Bool { Int.random(in: 0..<4, using: &random) == 0 }

  /// Numbers of every length.
  private static func number(_ random: inout SplitMix) -> UInt64 {
    random.next() >> UInt64.random(in: 0...63, using: &random)
  }

  private static func number32(_ random: inout SplitMix) -> UInt32 {
    UInt32(truncatingIfNeeded: random.next()) >> UInt32.random(in: 0...31, using: &random)
  }

  private static func text(_ random: inout SplitMix) -> String {
    let words = [
      "", "Status/State", "running", "Energy/Total", "温度", "E1", "é", String(repeating: "x", count: 200),
    ]
    return words[Int.random(in: 0..<words.count, using: &random)]
  }

  private static func bytes(_ random: inout SplitMix) -> Data {
    Data((0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  private static func metric(_ random: inout SplitMix) throws -> SparkplugSchema.Metric {
    var metric = SparkplugSchema.Metric()
    if often(&random) { metric.name = text(&random) }
    if often(&random) { metric.alias = number(&random) }
    if often(&random) { metric.timestamp = number(&random) }
    if often(&random) { metric.datatype = number32(&random) }
    if rarely(&random) { metric.isHistorical = Bool.random(using: &random) }
    if rarely(&random) { metric.isTransient = Bool.random(using: &random) }
    if rarely(&random) { metric.isNull = Bool.random(using: &random) }
    if rarely(&random) { metric.metadata = bytes(&random) }
    if rarely(&random) { metric.properties = try properties(&random).serializedBytes() }
    setValue(&metric, &random)
    return metric
  }

  private static func setValue(_ metric: inout SparkplugSchema.Metric, _ random: inout SplitMix) {
    switch Int.random(in: 0...10, using: &random) {
    case 0: metric.intValue = number32(&random)
    case 1: metric.longValue = number(&random)
    case 2: metric.floatValue = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    case 3: metric.doubleValue = Double(bitPattern: random.next())
    case 4: metric.booleanValue = Bool.random(using: &random)
    case 5: metric.stringValue = text(&random)
    case 6: metric.bytesValue = bytes(&random)
    case 7: metric.datasetValue = bytes(&random)
    case 8: metric.templateValue = bytes(&random)
    case 9: metric.extensionValue = bytes(&random)
    default: break
    }
  }

  private static func properties(_ random: inout SplitMix) -> SparkplugSchema.Properties {
    var properties = SparkplugSchema.Properties()
    for key in ["Other", "Quality", "Quality", "x"] where Bool.random(using: &random) {
      properties.keys.append(key)
    }
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      var property = SparkplugSchema.Property()
      if often(&random) { property.type = number32(&random) }
      if rarely(&random) { property.isNull = Bool.random(using: &random) }
      switch Int.random(in: 0...4, using: &random) {
      case 0: property.intValue = number32(&random)
      case 1: property.longValue = number(&random)
      case 2: property.booleanValue = true
      case 3: property.stringValue = text(&random)
      default: break
      }
      properties.values.append(property)
    }
    return properties
  }
}
