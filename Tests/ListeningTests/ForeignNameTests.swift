import Decoding
import Listening
import Telemetry
import Testing

@Suite("Topics with names that are not ids") struct ForeignNameTests {
  private let received = Timestamp(milliseconds: 1_795_305_601_000)
  private static let running = #"{"ts":1795305600000,"state":"running"}"#

  private func survey(_ messages: [(topic: String, payload: String)], naming: Naming = .none) throws -> Survey
  {
    var survey = try Survey(sources: [], naming: naming)
    for message in messages { survey.hear(HeardMessage(message.topic, message.payload, received: received)) }
    try survey.finish()
    return survey
  }

  /// The lines of a proposal, its lines for the naming file, and the equipment of its events.
  private func text(_ proposal: Proposal) -> [String] {
    let lines = proposal.lines { note in
      if case .names(let names) = note { "\(names.count) names" } else { "\(note)" }
    }
    return lines + proposal.names.map(\.csv) + proposal.events.map { "> \($0.name)" }
  }

  @Test("Machines with Chinese names get stand-in ids, with which the source reads them") func machines()
    throws
  {
    let survey = try survey([
      ("车间一/数控01/状态", Self.running), ("车间一/数控02/状态", #"{"ts":1795305600000,"state":"idle"}"#),
    ])
    #expect(
      survey.proposals.map(text) == [
        [
          "  - format: json", "    # 2 names", #"    topic: "车间一/{equipment}/状态""#, "    # factory",
          "    factory: FACTORY", "    timestamp: /ts", "    state: /state",
          "FACTORY,EQUIPMENT-1,FACTORY,数控01", "FACTORY,EQUIPMENT-2,FACTORY,数控02",
          "> FACTORY/EQUIPMENT-1", "> FACTORY/EQUIPMENT-2",
        ]
      ])
    #expect(survey.proposals[0].refusals.isEmpty)
    #expect(
      survey.topics.map { $0.nearMiss?.difference } == [
        .notAnID(placeholder: "equipment", level: "数控01"), .notAnID(placeholder: "equipment", level: "数控02"),
      ])
  }

  @Test("A machine without a digit in its name is told from its workshop and from the kind of message")
  func oneMachine() throws {
    let survey = try survey([("车间一/车床甲/运行状态", Self.running)])
    #expect(survey.proposals.map(\.source.template.description) == ["车间一/{equipment}/运行状态"])
    #expect(survey.proposals[0].names.map(\.csv) == ["FACTORY,EQUIPMENT-1,FACTORY,车床甲"])
  }

  @Test("Topics of single values name the machine before the field") func values() throws {
    let survey = try survey([
      ("车间一/数控01/状态", "1"), ("车间一/数控02/状态", "0"), ("车间一/数控02/电量", "12.5"),
    ])
    #expect(
      survey.proposals.map(text) == [
        [
          "  - format: values", "    # 2 names", #"    topic: "车间一/{equipment}/{field}""#, "    # factory",
          "    factory: FACTORY", "    # guessedWords", "    state: { at: 状态, map: { 0: idle, 1: running } }",
          "    counters: { energy_kwh: 电量 }", "FACTORY,EQUIPMENT-1,FACTORY,数控01",
          "FACTORY,EQUIPMENT-2,FACTORY,数控02", "> FACTORY/EQUIPMENT-1", "> FACTORY/EQUIPMENT-2",
        ]
      ])
    #expect(
      survey.topics.map { $0.nearMiss?.suggestion } == [
        "车间一/{equipment}/状态", "车间一/{equipment}/状态", "车间一/{equipment}/电量",
      ])
  }

  @Test("Several factories with Chinese names are told apart") func factories() throws {
    let survey = try survey([
      ("集团/重庆一厂/车床:1/状态", Self.running), ("集团/重庆二厂/车床:1/状态", Self.running),
    ])
    #expect(
      survey.proposals.map(text) == [
        [
          "  - format: status", "    # 2 names", #"    topic: "集团/{factory}/{equipment}/状态""#,
          "FACTORY-1,EQUIPMENT-1,重庆一厂,车床:1", "FACTORY-2,EQUIPMENT-2,重庆二厂,车床:1",
          "> FACTORY-1/EQUIPMENT-1", "> FACTORY-2/EQUIPMENT-2",
        ]
      ])
  }

  @Test("Machines of one name in several workshops are told apart") func workshops() throws {
    let survey = try survey([("车间一/1号机/状态", Self.running), ("车间二/1号机/状态", Self.running)])
    #expect(survey.proposals.map(\.source.template.description) == ["{workshop}/{equipment}/状态"])
    #expect(
      survey.proposals[0].names.map(\.csv) == [
        "FACTORY,EQUIPMENT-1,FACTORY,1号机,车间一", "FACTORY,EQUIPMENT-2,FACTORY,1号机,车间二",
      ])
    #expect(survey.proposals[0].events.map(\.name) == ["FACTORY/EQUIPMENT-1", "FACTORY/EQUIPMENT-2"])
  }

  @Test("A wildcard stands for a level that a template cannot have") func otherLevels() throws {
    let survey = try survey([
      ("厂{1}/数控 01//状态", Self.running), ("厂{1}/数控 02//状态", Self.running),
    ])
    #expect(survey.proposals.map(\.source.template.description) == ["+/{equipment}/+/状态"])
    #expect(
      survey.proposals[0].names.map(\.csv) == [
        "FACTORY,EQUIPMENT-1,FACTORY,数控 01", "FACTORY,EQUIPMENT-2,FACTORY,数控 02",
      ])
  }

  @Test("Online and offline without a factory in the topic are presence with a factory") func presence()
    throws
  {
    let survey = try survey([("重庆一厂/数控01/在线", "online"), ("重庆一厂/数控01/在线", "offline")])
    #expect(
      survey.proposals.map(text) == [
        [
          "  - format: presence", "    # 1 names", #"    topic: "重庆一厂/{equipment}/在线""#, "    # factory",
          "    factory: FACTORY", "    words: { online: online, offline: offline }",
          "FACTORY,EQUIPMENT-1,FACTORY,数控01", "> FACTORY/EQUIPMENT-1",
        ]
      ])
  }

  @Test("One machine has one stand-in id in all sources, and a name with an id needs none") func sources()
    throws
  {
    let naming = try Naming([
      Naming.Entry(.published(factory: "FACTORY", equipment: "数控02"), factory: "F001", equipment: "E2")
    ])
    let survey = try survey(
      [
        ("厂/数控01/状态", Self.running), ("厂/数控02/状态", Self.running), ("厂/数控01/在线", "online"),
        ("厂/数控02/在线", "online"),
      ], naming: naming)
    #expect(
      survey.proposals.map { $0.names.map(\.csv) } == [
        ["FACTORY,EQUIPMENT-1,FACTORY,数控01"], ["FACTORY,EQUIPMENT-1,FACTORY,数控01"],
      ])
    #expect(
      survey.proposals.map { $0.events.map(\.name).sorted() } == [
        ["F001/E2", "FACTORY/EQUIPMENT-1"], ["F001/E2", "FACTORY/EQUIPMENT-1"],
      ])
  }

  @Test("A name that no naming file can have is left out") func unusable() throws {
    let survey = try survey([("厂/a\u{1}b/状态", Self.running), ("厂/E1/状态", Self.running)])
    #expect(survey.proposals.map { $0.names.map(\.csv) } == [[]])
    #expect(survey.proposals[0].events.map(\.name) == ["FACTORY/E1"])
  }
}
