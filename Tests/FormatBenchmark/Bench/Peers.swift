import Foundation
import SparkplugSchema
import SwiftProtobuf

extension Peer {
  /// Foundation's JSONDecoder, with a type for exactly the fields of the message.
  static let foundation = Peer(name: "JSONDecoder") { messages, count in
    let documents = messages.map { Data($0.payload) }
    let decoder = JSONDecoder()
    var next = 0
    var sum = 0
    for _ in 0..<count {
      let document = try decoder.decode(Document.self, from: documents[next])
      sum &+= document.values.ok
      next += 1
      if next == documents.count { next = 0 }
    }
    guard sum > 0 else { throw Failure("JSONDecoder read nothing") }
  }

  private struct Document: Decodable {
    struct Values: Decodable {
      var status: Int
      var mode: String
      var energy: Double
      var ok: Int
      var all: Int
    }
    var time: Int64
    var values: Values
    var alarm: Int
  }

  /// swift-protobuf, which only decodes the payload: without births, sessions and readings.
  static let protobuf = Peer(name: "swift-protobuf") { messages, count in
    let payloads = messages.map { Data($0.payload) }
    var next = 0
    var metrics = 0
    for _ in 0..<count {
      metrics += try SparkplugSchema(serializedBytes: payloads[next]).metrics.count
      next += 1
      if next == payloads.count { next = 0 }
    }
    guard metrics == 5 * count else { throw Failure("swift-protobuf read \(metrics) metrics") }
  }
}

/// Sparkplug payloads, written by swift-protobuf.
enum SparkplugMessages {
  static func nodeBirth(at time: Int) throws -> [UInt8] {
    var birth = SparkplugSchema()
    birth.timestamp = UInt64(time)
    birth.seq = 0
    birth.metrics = [metric("bdSeq", type: 8) { $0.longValue = 0 }]
    return try birth.serializedBytes()
  }

  /// Names and datatypes of the metrics; alias 10 times the machine and more.
  static func deviceBirth(_ machine: Int, at time: Int) throws -> [UInt8] {
    var birth = SparkplugSchema()
    birth.timestamp = UInt64(time)
    birth.seq = UInt64(1 + machine % 250)
    birth.metrics = [
      metric("Status/State", type: 12) { $0.stringValue = "running" },
      metric("Status/Mode", type: 3) { $0.intValue = 1 },
      metric("Energy/Total", type: 10) { $0.doubleValue = 100.5 },
      metric("Production/GoodCount", type: 8) { $0.longValue = 10 },
      metric("Temperature", type: 9) { $0.floatValue = 20.5 },
    ]
    for place in birth.metrics.indices { birth.metrics[place].alias = UInt64(machine * 10 + place) }
    return try birth.serializedBytes()
  }

  /// Data of all metrics of a birth.
  static func data(_ machine: Int, at time: Int) throws -> [UInt8] {
    var data = SparkplugSchema()
    data.timestamp = UInt64(time)
    data.seq = UInt64(2 + machine % 250)
    data.metrics = [
      metric { $0.stringValue = machine % 2 == 0 ? "running" : "idle" },
      metric { $0.intValue = 1 },
      metric { $0.doubleValue = 100.5 + Double(machine) },
      metric { $0.longValue = UInt64(1000 + machine) },
      metric { $0.floatValue = 21.5 },
    ]
    for place in data.metrics.indices {
      data.metrics[place].alias = UInt64(machine * 10 + place)
      data.metrics[place].timestamp = UInt64(time)
    }
    return try data.serializedBytes()
  }

  private static func metric(
    _ name: String? = nil, type: UInt32? = nil, _ set: (inout SparkplugSchema.Metric) -> Void
  ) -> SparkplugSchema.Metric {
    var metric = SparkplugSchema.Metric()
    if let name { metric.name = name }
    if let type { metric.datatype = type }
    set(&metric)
    return metric
  }
}
