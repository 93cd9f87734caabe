import Decoding
import Listening
import Telemetry
import Testing

@Suite("Guesses about golden messages") struct GoldenGuessTests {
  /// Golden folders whose messages are guessed as another form than their source's, and why.
  private static let others: [String: (form: String, reason: String)] = [
    "csv/lines-in-quotes": ("text", "line ends within cells are not recognised"),
    "csv/one-row-per-message": ("values", "a single cell is a single value"),
    "line_protocol/bad-lines": ("text", "most messages are not line protocol"),
    "pubsub/machinery-own-field": ("pubsub", "the state's field is not that of the preset"),
    "pubsub/not-pubsub": ("values", "most messages are single words"),
  ]

  /// Cases of all formats.
  static let cases: [String] = ["csv", "json", "line_protocol", "mtconnect", "pubsub", "sparkplug", "values"]
    .flatMap {
      format in
      ((try? GoldenMessages.cases(of: format)) ?? []).map { "\(format)/\($0)" }
    }

  /// The form that a golden source has, as it is named.
  private static func form(_ source: String) -> String {
    func value(_ key: String) -> String? {
      guard let place = source.firstRange(of: "\(key): ") else { return nil }
      return String(source[place.upperBound...].prefix { $0.isLetter || $0 == "_" })
    }
    // A preset of Sparkplug follows from metrics, not from the form.
    let preset = value("format") == "sparkplug" ? nil : value("preset").map { "preset \($0)" }
    return [value("format"), preset].compactMap { $0 }.joined(separator: ", ")
  }

  @Test("The messages of each golden folder are guessed as what their source says", arguments: cases)
  func form(_ name: String) throws {
    let golden = try GoldenMessages(name)
    let survey = try Survey.of(golden.messages)
    let expected = Self.others[name]?.form ?? Self.form(golden.source)
    let first = try #require(survey.topics.first { $0.form.isReadable || $0.form == .text })
    #expect(survey.topics.contains { $0.form.name == expected }, "\(name): \(first.form.name)")
  }
}

@Suite("Sources proposed for golden messages") struct GoldenProposalTests {
  /// The proposals for a golden folder as they are written, each followed by the equipment of its events.
  private func proposals(_ name: String) throws -> String {
    let survey = try Survey.of(try GoldenMessages(name).messages)
    return survey.proposals.map { proposal in
      let names = proposal.events.map { "\($0.name) \($0.state?.name ?? "\($0.kind)")" }
      return (proposal.lines(Self.text) + ["> " + names.joined(separator: ", ")]).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// A note; names as lines of a naming file.
  private static func text(_ note: Proposal.Note) -> String {
    if case .names(let names) = note { return "names: " + names.map(\.csv).joined(separator: "; ") }
    return "\(note)"
  }

  @Test(
    "Each preset of JSON",
    arguments: [
      (
        "json/kepware",
        """
          - format: json
            preset: kepware
            topic: "kepware/{factory}/iotgateway"
            # unknownWords(["2"])
            state: { map: { 0: idle, 1: running } }
            mode: { map: { Auto: automatic } }
        > F001/CNC01 running
        """
      ),
      (
        "json/neuron",
        """
          - format: json
            preset: neuron
            # names: F001,EQUIPMENT-1,F001,modbus tcp
            topic: "neuron/{factory}/{workshop}"
            # guessedWords
            state: { map: { 0: idle, 1: running } }
            counters: { good: /values/parts_ok }
            # changesOnly
            changes_only: true
        > F001/W01/modbus-01 running, F001/W01/EQUIPMENT-1 running
        """
      ),
      (
        "json/node_red",
        """
          - format: json
            preset: node_red
            topic: "nodered/{factory}/{equipment}"
            state: { map: { "on": running, "OFF": "off", err: fault } }
        > F001/E1 running
        """
      ),
      (
        "json/telegraf",
        """
          - format: json
            preset: telegraf
            topic: "telegraf/{factory}/#"
            only: { /name: [machine, plc] }
            # guessedWords
            state: { map: { 0: idle, 1: running } }
        > F001/W02/E1 running, F001/E1 idle, F001/E2 running
        """
      ),
      (
        "json/thingsboard",
        """
          - format: json
            preset: thingsboard
            topic: "v1/devices/{equipment}/telemetry"
            # factory
            factory: FACTORY
            # guessedWords
            state: { map: { false: idle, true: running } }
            # changesOnly
            changes_only: true
        > FACTORY/E1 idle
        """
      ),
      (
        "json/thingsboard_gateway",
        """
          - format: json
            preset: thingsboard_gateway
            # names: FACTORY,EQUIPMENT-1,FACTORY,Device A
            topic: v1/gateway/telemetry
            # factory
            factory: FACTORY
            state: { map: { run: running, stop: stopped } }
        > FACTORY/PRESS-1 stopped, FACTORY/PRESS-2 running, FACTORY/EQUIPMENT-1 running
        """
      ),
    ])
  func presets(_ name: String, _ expected: String) throws {
    #expect(try proposals(name) == expected)
  }

  @Test("Tags of Neuron, and its heartbeat, which no map of a state fits") func tags() throws {
    #expect(
      try proposals("json/neuron_tags") == """
          - format: json
            preset: neuron_tags
            topic: "/neuron/{factory}/+/status"
            # guessedWords
            state: { map: { 0: idle, 1: running } }
            # changesOnly
            changes_only: true
        > F001/fx5u running
          - format: json
            topic: "/neuron/{factory}/heartbeat/x"
            each: /states
            equipment: /node
            timestamp: $/timestamp
            # unknownWords(["3"])
            state: { at: /running, map: { 0: idle, 1: running } }
        > 
        """)
  }

  @Test(
    "Other forms of JSON and OPC UA PubSub",
    arguments: [
      (
        "json/conditions",
        """
          - format: json
            topic: "plc/{factory}/{equipment}"
            timestamp: { at: /t, unit: s }
            state: [{ when: { /alarm: 1 }, is: fault }, { when: { /run: 1 }, is: running }, { is: idle }]
            mode: { at: /mode, map: { AUTO: automatic, jog: manual } }
            # changesOnly
            changes_only: true
        > F001/E1 running
        """
      ),
      (
        "json/several_machines",
        """
          - format: json
            # names: F001,EQUIPMENT-1,F001,E 3
            topic: "line/{factory}"
            each: /machines
            equipment: /id
            timestamp: $/time
            # unknownWords(["?"])
            state: { at: /s, map: { R: running, I: idle } }
        > F001/E1 running, F001/2 idle, F001/EQUIPMENT-1 idle
        """
      ),
      (
        "json/escaped_pointers",
        """
          - format: json
            topic: "plc/{factory}/{equipment}"
            timestamp: receipt
            # noState(["/a~1b/m~0n/1/ "])
            state: { at: /EDIT }
        > 
        """
      ),
      (
        "pubsub/network-message",
        """
          - format: pubsub
            topic: "opcua/json/data/{factory}/group"
            equipment: DataSetWriterName
            # guessedWords
            state: { at: State, map: { 0: idle, 1: running } }
            counters: { energy_kwh: Energy, good: Good }
        > F001/E1 running, F001/E2 idle
        """
      ),
      (
        "pubsub/machinery",
        """
          - format: pubsub
            preset: machinery
            topic: "umati/v3/json/data/{factory}/machines/{equipment}/MachineryItemState"
        > F001/M1 off
        """
      ),
      (
        "pubsub/without-headers",
        """
          - format: pubsub
            topic: "line/{factory}/{equipment}"
            # guessedWords
            state: { at: Active, map: { false: idle, true: running } }
            counters: { energy_kwh: Energy }
        > F001/E1 running
        """
      ),
    ])
  func json(_ name: String, _ expected: String) throws {
    #expect(try proposals(name) == expected)
  }

  @Test(
    "Single values, line protocol and CSV",
    arguments: [
      (
        "values/state-and-energy",
        """
          - format: values
            topic: "plant/{factory}/{workshop}/{equipment}/{field}"
            # unknownWords(["5", "9"])
            state: { at: state, map: { 0: idle, 1: running } }
            counters: { energy_kwh: energy, total: count }
        > F001/W01/E1 idle
        """
      ),
      (
        "line_protocol/telegraf",
        """
          - format: line_protocol
            topic: "telegraf/{factory}/+/modbus"
            equipment: machine
            # guessedWords
            state: { at: state, map: { 0: idle, 1: running } }
            counters: { energy_kwh: energy, total: count }
        > F001/E1 idle
        """
      ),
      (
        "csv/rows",
        """
          - format: csv
            topic: "csv/{factory}/{workshop}"
            # columns
            columns: [time, machine, state, column4, column5]
            equipment: machine
            # zone
            timestamp: { at: time, zone: Asia/Shanghai }
            state: { at: state, map: { R: running, I: idle, F: fault } }
        > F001/W01/E1 fault, F001/W01/E2 idle
        """
      ),
      (
        "csv/heading-and-quotes",
        """
          - format: csv
            topic: "csv/{factory}/{workshop}"
            columns: [time, machine, state, kwh, count]
            equipment: machine
            # zone
            timestamp: { at: time, zone: Asia/Shanghai }
            state: { at: state, map: { R: running, I: idle } }
            counters: { energy_kwh: kwh, total: count }
        > F001/W01/E1 idle
        """
      ),
    ])
  func homely(_ name: String, _ expected: String) throws {
    #expect(try proposals(name) == expected)
  }

  @Test(
    "Births of Sparkplug",
    arguments: [
      ("sparkplug/birth-and-data-by-alias", "  - format: sparkplug\n> F001/W01/M1 running"),
      ("sparkplug/packml", "  - format: sparkplug\n    preset: packml\n> F001/W01/M1 running"),
      (
        "sparkplug/captured-mqtt-spb-wrapper",
        """
          - format: sparkplug
            state: DATA/Status/State
            counters: { energy_kwh: DATA/Energy/Total, good: DATA/Production/GoodCount }
        > F001/W01/M1 running
        """
      ),
      (
        "sparkplug/two-edges-with-one-device-name",
        """
          - format: sparkplug
            device: "+"
            equipment: "{edge}.{device}"
        > F001/A/A.M1 running, F001/B/B.M1 setup
        """
      ),
    ])
  func sparkplug(_ name: String, _ expected: String) throws {
    #expect(try proposals(name) == expected)
  }

  @Test(
    "Topics of an MTConnect agent with observations have one source, so that each observation counts once")
  func mtconnect() throws {
    #expect(
      try proposals("mtconnect/current-and-sample") == """
          - format: mtconnect
            topic: "MTConnect/+/{equipment}"
            # factory
            factory: FACTORY
        > FACTORY/m-1 idle
        """)
  }

  @Test("With the proposals no topic of a golden folder is left without a source") func together()
    throws
  {
    for name in GoldenGuessTests.cases {
      let messages = try GoldenMessages(name).messages
      let survey = try Survey.of(messages)
      let again = try Survey.of(
        messages, sources: survey.proposals.map(\.source),
        naming: Naming(Array(Set(survey.proposals.flatMap(\.names)))))
      for topic in again.topics where topic.source == nil {
        #expect(topic.proposal == nil, "\(name): \(topic.text)")
      }
      for proposal in survey.proposals where proposal.isFit && proposal.form.name != "sparkplug" {
        #expect(again.topics.contains { $0.read > 0 }, "\(name)")
      }
    }
  }
}
