import Decoding
import Telemetry
import Testing

/// Three formats that a test writes: what the product's own formats do not do. They check no event time.
enum TestFormats {
  /// Their decoders.
  static var catalog: FormatCatalog {
    var catalog = FormatCatalog()
    catalog.add("triple") { settings, _ in TripleDecoder(path: settings) }
    catalog.add("silent") { _, _ in SilentDecoder() }
    catalog.add("alias") { _, _ in AliasDecoder() }
    return catalog
  }

  /// Words of a payload.
  static func words(_ payload: UnsafeRawBufferPointer) -> [String] {
    String(decoding: payload, as: UTF8.self).split(separator: " ").map(String.init)
  }

  /// A reading of `state` at `seconds` after `morning`.
  static func reading(
    _ seconds: Int64, _ state: EquipmentState, received: Timestamp, good: Int64? = nil
  ) -> Reading {
    Reading(
      time: morning + .seconds(seconds), received: received, state: state, meters: Meters(good: good))
  }
}

/// `SECONDS STATE` makes three readings a second apart: of the topic's equipment and of two that the payload names. Its
/// settings are the path that refusals name; with "/turned" running and idle are exchanged.
struct TripleDecoder: SourceDecoder {
  var path: String

  func decode(_ message: borrowing ReceivedMessage, into events: inout EventBuffer) throws(Rejection) {
    let words = TestFormats.words(message.payload)
    guard words.count == 2, let seconds = Int64(words[0]) else {
      throw Rejection(.malformed, .path("\(path)/0"))
    }
    let isRunning = (words[1] == "running") != (path == "/turned")
    let own = message.levels.equipment.text(in: message.topic)
    let reading = TestFormats.reading(seconds, isRunning ? .running : .idle, received: message.received)
    try events.append(reading)
    for (place, suffix) in ["a", "b"].enumerated() {
      let reading = TestFormats.reading(
        seconds + 1 + Int64(place), isRunning ? .running : .idle, received: message.received)
      try events.append(reading, of: try events.sender(equipment: own + suffix, workshop: "W9"))
    }
  }
}

/// Makes nothing of any message but `bad`, which it refuses.
struct SilentDecoder: SourceDecoder {
  func decode(_ message: borrowing ReceivedMessage, into events: inout EventBuffer) throws(Rejection) {
    if TestFormats.words(message.payload) == ["bad"] { throw Rejection(.malformed, "silence") }
  }
}

/// `B NUMBER EQUIPMENT` names an equipment and makes nothing; `D NUMBER SECONDS STATE` makes a reading of it, whose
/// pieces are the messages seen so far: so a decoder that was shown too many or too few gives other readings.
struct AliasDecoder: StatefulDecoder {
  private struct Factory {
    var names: [String: String] = [:]
    var seen: Int64 = 0
  }
  private var factories: [String: Factory] = [:]

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    let words = TestFormats.words(message.payload)
    let factory = message.levels.factory.text(in: message.topic)
    factories[factory, default: Factory()].seen += 1
    if words.count == 3, words[0] == "B" {
      factories[factory]?.names[words[1]] = words[2]
      return
    }
    guard words.count == 4, words[0] == "D", let seconds = Int64(words[2]), let known = factories[factory]
    else { throw Rejection(.malformed, "alias") }
    guard let name = known.names[words[1]] else { throw Rejection(.missingField, .path("names/\(words[1])")) }
    let reading = TestFormats.reading(
      seconds, words[3] == "running" ? .running : .idle, received: message.received, good: known.seen * 1000)
    try events.append(reading, of: try events.sender(equipment: name))
  }

  func states() -> [DecoderState] {
    factories.sorted { $0.key < $1.key }.map { id, factory in
      let names = factory.names.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
      return DecoderState(factory: id, bytes: Array("\(factory.seen)\n\(names)".utf8))
    }
  }

  mutating func restore(_ state: DecoderState) throws {
    let lines = String(decoding: state.bytes, as: UTF8.self).split(separator: "\n")
    var factory = Factory()
    factory.seen = try #require(lines.first.flatMap { Int64($0) })
    for line in lines.dropFirst() {
      let words = line.split(separator: " ").map(String.init)
      factory.names[words[0]] = words[1]
    }
    factories[state.factory] = factory
  }
}
