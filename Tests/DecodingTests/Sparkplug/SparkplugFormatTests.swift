import Decoding
import Telemetry
import Testing

@Suite("Sparkplug sources")
struct SparkplugFormatTests {
  /// The problems of a source.
  static func problems(_ keys: SettingsTree) -> [String] {
    var problems: [SettingsProblem] = []
    let source = SourceFormats.source(
      keys.completed(by: ["format": "sparkplug"]), name: "sources[0]", &problems)
    #expect((source == nil) == !problems.isEmpty)
    return problems.map(\.message)
  }

  @Test("Defaults are filled in, and the session's keys are no part of the text in the journal")
  func defaults() throws {
    var problems: [SettingsProblem] = []
    let plain = try #require(SourceFormats.source(["format": "sparkplug"], name: "s", &problems))
    let other = try #require(
      SourceFormats.source(
        ["format": "sparkplug", "host_id": "district", "reorder_timeout": "2s"], name: "s", &problems))
    #expect(plain == other)
    #expect(plain.isSparkplug)
    #expect(plain.template.description == "spBv1.0/{factory}/+/{workshop}/{equipment}")
    let rules = DecodingRules(sources: [plain], limits: DecodingLimits())
    #expect(try DecodingRules(text: rules.text) == rules)
    // Its messages come in a session of their own; the other session then has its probe only.
    #expect(Router([plain]).filters == ["factory/_millwright/#"])
    let status = Source(.status, template: try TopicTemplate("a/{factory}/{equipment}"))
    #expect(Router([plain, status]).filters == ["a/#"])
  }

  @Test("Wrong names are problems that say what to write")
  func names() {
    #expect(Self.problems([:]) == [])
    #expect(Self.problems(["group": "{workshop}", "edge": "{factory}", "device": "{equipment}"]) == [])
    #expect(
      Self.problems(["group": "F001"]) == [
        "sources[0] must name {factory} as its group or edge, or have a key factory"
      ])
    #expect(Self.problems(["group": "Plant A", "factory": "F001"]) == [])
    #expect(
      Self.problems(["factory": "F001"]) == [
        "sources[0] names {factory} as its group or edge, and has a key factory: write + for the one"
      ])
    #expect(Self.problems(["edge": "{equipment}"]) == ["sources[0] names {equipment} more than once"])
    #expect(
      Self.problems(["device": "+"]) == [
        "sources[0] must name {equipment} as its device or edge, or have a key equipment"
      ])
    #expect(
      Self.problems(["equipment": "{edge}.{device}"]) == [
        "sources[0] names {equipment} as its device or edge, and has a key equipment: write + for the one"
      ])
    #expect(Self.problems(["device": "+", "equipment": "{edge}.{device}"]) == [])
    #expect(
      Self.problems(["device": "+", "equipment": "{edge}/{device}"]) == [
        "sources[0].equipment must be text with {device}, and {edge} or {group}, such as {edge}.{device}, "
          + "not '{edge}/{device}'"
      ])
    #expect(
      Self.problems(["edge": "a/b"]) == [
        "sources[0].edge must be {factory}, {workshop}, {line}, {equipment}, a name, or + for any name, not 'a/b'"
      ])
    #expect(Self.problems(["topic": "spBv1.0/#"]).first?.contains("topics of Sparkplug are fixed") == true)
    #expect(Self.problems(["grop": "{factory}"]).first?.contains("unknown key 'grop'") == true)
  }

  @Test("A source may be for one group or edge node only")
  func literals() throws {
    var test = try SparkplugUnderTest(["edge": "E1"])
    _ = test.hears("NBIRTH", "E1", bdSeq: 1)
    #expect(test.hears("DBIRTH", "E1", "M1", SparkplugUnderTest.birth) == ["M1 online 0", "M1 reading 0"])
    #expect(test.hears("NBIRTH", "E2", bdSeq: 1) == ["unmatched_topic "])
  }

  @Test("A source may state the factory of a group")
  func factory() throws {
    var test = try SparkplugUnderTest(["group": "Plant A", "factory": "F001"])
    let birth = sparkplugPayload(at: UInt64(sampleReceipt.milliseconds), SparkplugUnderTest.birth)
    #expect(test.take("spBv1.0/Plant A/DBIRTH/E1/M1", birth) == ["M1 online 0", "M1 reading 0"])
    #expect(test.decoder.states().map(\.factory) == ["F001"])
    #expect(test.router.sources.map(\.template.sparkplugGroup) == ["Plant A"])
    #expect(try SparkplugUnderTest().router.sources.map(\.template.sparkplugGroup) == [nil])
  }

  @Test("Fields that are left out are named by their metrics")
  func paths() throws {
    let test = try SparkplugUnderTest(["counters": ["energy_kwh": "Energy/Sum"]])
    #expect(test.decoder.path(of: .energy) == "Energy/Sum")
    #expect(test.decoder.path(of: .alarms) == "alarms")
  }

  @Test("Text of topics that is not Sparkplug's is refused")
  func templates() {
    for topic in [
      "spBv1.0/{factory}/+/{workshop}", "spAv1.0/{factory}/+/+/{equipment}",
      "spBv1.0/{factory}/+/{factory}/{equipment}",
    ] {
      #expect(throws: DecodingRulesError.self) {
        try DecodingRules(
          text: """
            millwright.sources/1
            payload 65536
            nesting 16
            future_skew_ms 300000
            oldest_age_ms 7603200000
            source sparkplug\t\(topic)\t{}

            """)
      }
    }
  }
}
