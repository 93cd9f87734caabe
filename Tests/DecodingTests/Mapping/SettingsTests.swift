import Decoding
import Testing

@Suite("Settings of sources") struct SettingsTests {
  @Test("Their text is canonical, and is read back to an equal tree") func text() throws {
    let tree: SettingsTree = [
      "state": ["at": "/a\"b\\c", "map": ["运行": "running", "1\t2\n": "idle"]], "list": ["x", ["y": "z"], []],
      "empty": [:], "nothing": SettingsTree(.nothing),
    ]
    let text = SettingsText.text(of: tree)
    #expect(
      text == #"{"empty":{},"list":["x",{"y":"z"},[]],"nothing":null,"#
        + #""state":{"at":"/a\"b\\c","map":{"1\t2\n":"idle","运行":"running"}}}"#)
    #expect(try SettingsText.tree(of: text) == tree)
  }

  @Test(
    "Any other text is refused",
    arguments: [
      "", "{", "[\"a\"", "{\"a\"}", "{\"a\":1}", "\"a\" ", " \"a\"", "{\"b\":\"\",\"a\":\"\"}", "\"a\\",
      "nul",
      "\"a\\x\"", String(repeating: "[", count: 40),
    ])
  func refused(_ text: String) {
    #expect(throws: SettingsProblem.self) { _ = try SettingsText.tree(of: text) }
  }

  @Test("Keys of a preset complete those of the source, whose own values win") func completed() {
    let own: SettingsTree = ["state": ["at": "/s"], "alarms": SettingsTree(.nothing), "list": ["a"]]
    let preset: SettingsTree = [
      "state": ["at": "/p", "map": ["1": "running"]], "alarms": "/a", "list": ["b", "c"], "mode": "/m",
    ]
    #expect(
      own.completed(by: preset) == [
        "state": ["at": "/s", "map": ["1": "running"]], "alarms": SettingsTree(.nothing), "list": ["a"],
        "mode": "/m",
      ])
    #expect(own.completed(by: preset)["alarms"] == nil)
  }

  /// The problems of the keys of a reading map, each with its place.
  private func problems(_ yaml: String) throws -> [String] {
    var problems: [SettingsProblem] = []
    let tree = try PlainYAML.tree(yaml)
    var section = try #require(SettingsSection(tree, name: "sources[0]", &problems))
    var reader = ReadingMapReader(fieldForm: "a path such as /time") { $0.hasPrefix("/") }
    let map = reader.map(from: &section, &problems)
    section.finish(&problems)
    #expect(map == nil || problems.allSatisfy { $0.message.hasPrefix("unknown key") })
    return problems.map { "\($0.place.line):\($0.place.column): \($0.message)" }
  }

  @Test("Every problem is found, with its place") func allProblems() throws {
    #expect(
      try problems(
        """
        timestamp: { at: time, unit: sec, zone: Mars/Base }
        state:
          at: /s
          map: { 1: runing, "1.0": idle, 2: idle }
          otherwise: on
        mode: { at: /m, mapp: { 1: automatic } }
        counters: { energy: /e, good: [1], total: { at: /t, factor: 0 } }
        quality: { good: [] }
        vouching: sesion
        alarm: /a
        """) == [
          "1:18: sources[0].timestamp.at must be a path such as /time, not 'time'",
          "1:30: sources[0].timestamp.unit must be one of s, ms, us, ns, not 'sec'",
          "1:41: sources[0].timestamp.zone must be a time zone of the IANA database, such as Asia/Shanghai, "
            + "not 'Mars/Base'",
          "5:14: sources[0].state.otherwise must be one of running, idle, setup, stopped, fault, maintenance, "
            + "off, not 'on'",
          "4:13: sources[0].state.map.1 must be one of running, idle, setup, stopped, fault, maintenance, off, "
            + "not 'runing' (did you mean 'running'?)",
          "6:17: unknown key 'mapp' in sources[0].mode (did you mean 'map'?)",
          "7:31: sources[0].counters.good must be a path such as /time, not a list",
          "7:61: sources[0].counters.total.factor must be a number from 0.000001 to 1000000, such as 0.001 for "
            + "Wh, not '0'",
          "7:13: unknown key 'energy' in sources[0].counters",
          "8:10: sources[0].quality.at is missing: it must be a path such as /time",
          "9:11: sources[0].vouching must be one of horizon, session, not 'sesion' (did you mean 'session'?)",
          "10:1: unknown key 'alarm' in sources[0] (did you mean 'alarms'?)",
        ])
  }

  @Test("Values that say the same twice, and conditions that never decide, are problems") func meaning()
    throws
  {
    #expect(
      try problems("timestamp: receipt\nstate: { at: /s, map: { 1: running, true: idle } }") == [
        "2:37: sources[0].state.map.true says the same as an earlier key"
      ])
    #expect(
      try problems(
        """
        timestamp: receipt
        state:
          - { when: { alarm: 1 }, is: fault }
          - { is: idle }
          - { when: {}, is: on }
        """) == [
          "3:15: a key of sources[0].state[0].when must be a path such as /time, not 'alarm'",
          "4:5: sources[0].state[1] has no when, so the conditions after it never decide",
          "5:21: sources[0].state[2].is must be one of running, idle, setup, stopped, fault, maintenance, off, "
            + "not 'on'",
          "5:13: sources[0].state[2].when names no field",
        ])
    #expect(
      try problems("mode: /m") == [
        "1:1: sources[0].timestamp is missing: it must be a path such as /time, or receipt if messages have no "
          + "time",
        "1:1: sources[0].state is missing: it must be a path such as /time, a section with at and map, or a list "
          + "of conditions",
      ])
  }
}
