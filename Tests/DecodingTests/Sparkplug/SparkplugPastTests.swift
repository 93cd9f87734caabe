import Decoding
import Telemetry
import Testing

@Suite("Historical values of a Sparkplug device")
struct SparkplugPastTests {
  private static func time(_ seconds: Int64) -> Timestamp { sampleReceipt + .seconds(seconds) }

  private static func state(_ state: String) -> TestMetric { TestMetric(alias: 1, .string(state)) }

  private static let counter = TestMetric(alias: 2, .double(6))

  private static func past(_ metric: TestMetric, at seconds: Int64) -> TestMetric {
    var metric = metric
    metric.timestamp = UInt64(time(seconds).milliseconds)
    metric.isHistorical = true
    return metric
  }

  private static func birth(_ state: String) -> [TestMetric] {
    [
      TestMetric("Status/State", alias: 1, type: 12, .string(state)),
      TestMetric("Energy/Total", alias: 2, type: 10, .double(5)),
    ]
  }

  /// The readings of a message of M1 that is received at its time, each as `STATE SECONDS`.
  private func hears(
    _ test: inout SparkplugUnderTest, _ verb: String = "DDATA", at seconds: Int64, _ metrics: [TestMetric]
  ) -> [String] {
    let time = Self.time(seconds)
    return test.readings(verb, "E1", "M1", stated: time, at: time, metrics).map {
      "\($0.state) \(($0.time - sampleReceipt).milliseconds / 1000)"
    }
  }

  /// Births of the node and its device in a new session.
  private func births(
    _ test: inout SparkplugUnderTest, _ session: UInt64, _ metrics: [TestMetric], at seconds: Int64
  ) -> [String] {
    _ = test.hears("NBIRTH", bdSeq: session, at: Self.time(seconds))
    return hears(&test, "DBIRTH", at: seconds, metrics)
  }

  @Test("belong to the live state from its beginning on, and are counted if no state is known")
  func live() throws {
    var test = try SparkplugUnderTest()
    #expect(births(&test, 3, Self.birth("running"), at: 10) == ["running 10"])
    #expect(hears(&test, at: 50, [Self.counter]) == ["running 50"])
    #expect(hears(&test, at: 51, [Self.past(Self.counter, at: 40)]) == ["running 40"])
    #expect(hears(&test, at: 52, [Self.past(Self.counter, at: 10)]) == ["running 10"])
    #expect(test.decoder.counters.historicalWithoutState == 0)
    #expect(hears(&test, at: 53, [Self.past(Self.counter, at: 9)]) == [])
    #expect(test.decoder.counters.historicalWithoutState == 1)
    // The beginning of the state is in the stored state of the decoder.
    var restored = try SparkplugUnderTest()
    for state in test.decoder.states() { try restored.decoder.restore(state) }
    #expect(restored.decoder.states() == test.decoder.states())
    #expect(hears(&restored, at: 54, [Self.past(Self.counter, at: 40)]) == ["running 40"])
  }

  @Test("belong to the state before a gap from its beginning on, and to that after it up to now")
  func gap() throws {
    var test = try SparkplugUnderTest()
    _ = births(&test, 3, Self.birth("running"), at: 10)
    _ = hears(&test, at: 50, [Self.counter])
    _ = births(&test, 4, Self.birth("fault"), at: 100)
    _ = hears(&test, at: 150, [Self.counter])
    for (past, state) in [(40, "running"), (70, "running"), (120, "fault"), (149, "fault")]
      as [(Int64, String)]
    {
      #expect(hears(&test, at: 151, [Self.past(Self.counter, at: past)]) == ["\(state) \(past)"])
    }
    #expect(hears(&test, at: 152, [Self.past(Self.counter, at: 9)]) == [])
  }

  @Test("older than both remembered states take neither of them, and are counted") func older() throws {
    var test = try SparkplugUnderTest()
    _ = births(&test, 3, Self.birth("running"), at: 10)
    #expect(hears(&test, at: 20, [Self.state("idle")]) == ["idle 20"])
    #expect(hears(&test, at: 30, [Self.state("fault")]) == ["fault 30"])
    _ = births(&test, 4, Self.birth("setup"), at: 100)
    for (past, readings) in [
      (15, []), (25, []), (29, []), (30, ["fault 30"]), (99, ["fault 99"]), (101, ["setup 101"]),
    ] as [(Int64, [String])] {
      #expect(hears(&test, at: 101, [Self.past(Self.counter, at: past)]) == readings)
    }
    #expect(test.decoder.counters.historicalWithoutState == 3)
    // A batch of the gap in the order of time moves the state of the past on, value by value.
    let batch = [
      Self.past(Self.state("idle"), at: 50), Self.past(Self.counter, at: 55),
      Self.past(Self.state("maintenance"), at: 60), Self.past(Self.counter, at: 65),
    ]
    #expect(hears(&test, at: 102, batch) == ["idle 50", "idle 55", "maintenance 60", "maintenance 65"])
    // The states before the last of them are forgotten.
    #expect(hears(&test, at: 103, [Self.past(Self.counter, at: 52)]) == [])
    #expect(test.decoder.counters.historicalWithoutState == 4)
  }

  @Test("do not end what is known of a gap") func order() throws {
    var test = try SparkplugUnderTest()
    _ = births(&test, 3, Self.birth("running"), at: 10)
    _ = births(&test, 4, Self.birth("fault"), at: 100)
    for (past, state) in [(120, "fault"), (80, "running"), (60, "running")] as [(Int64, String)] {
      #expect(hears(&test, at: 151, [Self.past(Self.counter, at: past)]) == ["\(state) \(past)"])
    }
  }

  @Test("with a state among live readings decide it until the next live one") func between() throws {
    var test = try SparkplugUnderTest()
    _ = births(&test, 3, Self.birth("running"), at: 10)
    _ = hears(&test, at: 50, [Self.counter])
    #expect(hears(&test, at: 51, [Self.past(Self.state("idle"), at: 30)]) == ["idle 30"])
    _ = hears(&test, at: 60, [Self.counter])
    for (past, state) in [(20, "running"), (40, "idle"), (55, "running")] as [(Int64, String)] {
      #expect(hears(&test, at: 61, [Self.past(Self.counter, at: past)]) == ["\(state) \(past)"])
    }
    // A gap does not extend the live state to the time of the historical one.
    _ = births(&test, 4, Self.birth("fault"), at: 100)
    #expect(hears(&test, at: 101, [Self.past(Self.counter, at: 70)]) == ["running 70"])
    #expect(hears(&test, at: 102, [Self.past(Self.counter, at: 40)]) == [])
  }

  @Test("beside a live change belong to the state before it, or to the change if they are later")
  func besideLive() throws {
    var test = try SparkplugUnderTest()
    _ = births(&test, 3, Self.birth("running"), at: 10)
    _ = hears(&test, at: 50, [Self.counter])
    let metrics = [Self.state("idle"), Self.past(Self.counter, at: 40), Self.past(Self.counter, at: 61)]
    #expect(hears(&test, at: 60, metrics) == ["idle 60", "running 40", "idle 61"])
  }

  @Test("belong to the newest live reading in a state that an earlier version stored") func earlierVersion()
    throws
  {
    var test = try SparkplugUnderTest()
    _ = births(&test, 3, Self.birth("running"), at: 10)
    _ = hears(&test, at: 50, [Self.counter])
    var state = try #require(test.decoder.states().first)
    // Behind the device's name are flags, three times, the bad fields and the values; then the beginning of the state.
    let name = try #require(state.bytes.indices.first { state.bytes[$0...].starts(with: [2, 0x4D, 0x31]) })
    let flags = name + 3
    #expect(state.bytes[0] == 3 && state.bytes[flags] & 16 == 16)
    state.bytes[0] = 2
    state.bytes[flags] &= ~16
    let beginning = flags + 1 + 24 + 1 + 26
    state.bytes.removeSubrange(beginning..<beginning + 8)
    var restored = try SparkplugUnderTest()
    try restored.decoder.restore(state)
    #expect(hears(&restored, at: 61, [Self.past(Self.counter, at: 55)]) == ["running 55"])
    #expect(hears(&restored, at: 62, [Self.past(Self.counter, at: 40)]) == [])
    state.bytes[0] = 4
    var later = try SparkplugUnderTest()
    #expect(throws: SparkplugDecoder.MalformedState.self) { try later.decoder.restore(state) }
  }

  /// Conditions for the state: fault by `Alarm`, running by another metric.
  private static func conditions(_ run: String, faultFirst: Bool = true) -> SettingsTree {
    let fault: SettingsTree = ["when": ["Alarm": "1"], "is": "fault"]
    let running: SettingsTree = ["when": [run: "1"], "is": "running"]
    let idle: SettingsTree = ["is": "idle"]
    return faultFirst ? [fault, running, idle] : [running, fault, idle]
  }

  @Test("have no state of before a change of its rule; another change keeps it") func changedRule() throws {
    let changes: [(keys: SettingsTree, readings: [String])] = [
      (["state": Self.conditions("Go")], []),
      (["state": Self.conditions("Run", faultFirst: false)], []),
      (
        ["state": Self.conditions("Run"), "counters": ["energy_kwh": "Energy/Total", "good": "Good"]],
        ["running 50"]
      ),
    ]
    for (keys, readings) in changes {
      var test = try SparkplugUnderTest(["state": Self.conditions("Run")])
      let metrics = [
        TestMetric("Alarm", type: 11, .boolean(false)), TestMetric("Run", type: 11, .boolean(true)),
        TestMetric("Go", type: 11, .boolean(false)),
        TestMetric("Energy/Total", alias: 2, type: 10, .double(5)),
      ]
      #expect(births(&test, 3, metrics, at: 10) == ["running 10"])
      var next = try SparkplugUnderTest(keys)
      next.decoder.continueSessions(of: test.decoder)
      _ = births(&next, 3, metrics, at: 100)
      #expect(hears(&next, at: 101, [Self.past(Self.counter, at: 50)]) == readings)
    }
  }
}
