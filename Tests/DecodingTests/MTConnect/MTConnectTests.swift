import Decoding
import Telemetry
import Testing

@Suite("MTConnect sources") struct MTConnectTests {
  private func decoder(_ settings: String = #"{"alarms":"Condition","state":"Execution"}"#) throws
    -> any StatefulDecoder
  {
    let decoder = try SourceFormats.catalog.decoder(
      "mtconnect", settings: settings, limits: DecodingLimits())
    return try #require(decoder as? any StatefulDecoder)
  }

  /// Decodes a document of the device named by the topic `F1/E1`.
  private func decode(
    _ document: String, _ decoder: inout any StatefulDecoder, into events: inout EventBuffer
  ) throws -> Rejection? {
    let topic = Array("F1/E1".utf8)
    let template = try TopicTemplate("{factory}/{equipment}")
    let payload = Array(document.utf8)
    var rejection: Rejection?
    try topic.withUnsafeBytes { topic in
      let levels = try #require(try template.match(topic))
      payload.withUnsafeBytes { payload in
        let message = ReceivedMessage(
          topic: topic, levels: levels, payload: payload,
          received: Timestamp(milliseconds: 1_795_305_600_000))
        do throws(Rejection) { try decoder.decode(message, into: &events) } catch { rejection = error }
      }
    }
    return rejection
  }

  private func document(_ condition: String, _ count: Int) -> String {
    let list = (0..<count).map { #"{"dataItemId":"c\#($0)","nativeCode":"E\#($0)","sequence":2}"# }
    return #"{"MTConnectStreams":{"Header":{"instanceId":1,"creationTime":"2026-11-22T00:00:00Z"},"#
      + #""Streams":{"DeviceStream":{"ComponentStream":{"Events":{"Execution":{"value":"running","sequence":1}},"#
      + #""Condition":{"\#(condition)":[\#(list.joined(separator: ","))]}}}}}}"#
  }

  @Test("Without settings a source has the standard's words, and its text in the journal has them too")
  func vocabulary() throws {
    var problems: [SettingsProblem] = []
    let tree: SettingsTree = ["format": "mtconnect", "topic": "mtc/{factory}/{equipment}"]
    let source = try #require(SourceFormats.source(tree, name: "sources[0]", &problems))
    #expect(problems.isEmpty)
    #expect(source.text.contains(#""energy_kwh":{"at":"ElectricalEnergy","unit":"Ws"}"#))
    #expect(source.text.contains(#"{"is":"fault","when":{"Fault":"1"}}"#))
    let rules = DecodingRules(sources: [source], limits: DecodingLimits())
    #expect(try DecodingRules(text: rules.text) == rules)
  }

  @Test("Of very many conditions, some are alarms, and the state stays within its bounds") func bounds()
    throws
  {
    var decoder = try decoder()
    var events = EventBuffer()
    #expect(try decode(document("Warning", 1000), &decoder, into: &events) == nil)
    let states = decoder.states()
    #expect(states.map(\.factory) == ["F1"])
    let state = try #require(states.first)
    #expect(state.bytes.count < 4096)
    var restored = try self.decoder()
    try restored.restore(state)
    #expect(restored.states() == states)
  }

  @Test("A stored state that is cut or changed is refused, and nothing is restored") func restoring() throws {
    var decoder = try decoder()
    var events = EventBuffer()
    #expect(try decode(document("Fault", 2), &decoder, into: &events) == nil)
    let state = try #require(decoder.states().first)
    for count in 1..<state.bytes.count {
      var other = try self.decoder()
      #expect(throws: (any Error).self) {
        try other.restore(DecoderState(factory: "F1", bytes: Array(state.bytes.prefix(count))))
      }
      #expect(other.states().isEmpty)
    }
    for place in state.bytes.indices {
      var bytes = state.bytes
      bytes[place] ^= 0xFF
      var other = try self.decoder()
      // Some changes are other values; none ends the process.
      try? other.restore(DecoderState(factory: "F1", bytes: bytes))
    }
  }

  @Test(
    "An energy has the unit that the source declares",
    arguments: [
      ("kWh", "1500.5", 1_500_500), ("Wh", "1500.5", 1501), ("MWh", "1.5", 1_500_000),
      ("Ws", "5400000", 1500),
      ("J", "1799", 0), ("J", "1800", 1), ("kJ", "3600", 1000), ("MJ", "3.6", 1000),
    ])
  func units(_ unit: String, _ value: String, _ expected: Int64) throws {
    var site = try MapSite(
      "timestamp: receipt\nstate: s\ncounters: { energy_kwh: { at: e, unit: \(unit) } }")
    let found = Array("running".utf8).withUnsafeBytes { state in
      Array(value.utf8).withUnsafeBytes { site.take(["s": .text(state), "e": .plain($0)]) }
    }
    #expect(found == "running energy \(expected)")
  }
}
