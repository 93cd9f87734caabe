import Decoding
import Telemetry
import Testing

@Suite("Naming") struct NamingTests {
  private static let template = "legacy/{factory}/{workshop}/{equipment}"

  private func router(_ lines: [String], _ template: String = template) throws -> Router {
    Router(
      [Source(.status, template: try TopicTemplate(template))],
      naming: try Naming(plainCSV: ([Naming.headings] + lines).joined(separator: "\n")))
  }

  /// The key that a topic gives, with its workshop, or the refusal.
  private func found(_ topic: String, _ router: Router) -> String {
    Array(topic.utf8).withUnsafeBytes { topic in
      do throws(Rejection) {
        let route = try router.route(topic)
        let workshop = route.levels.workshop.text(in: topic)
        return "\(router.key(of: route, in: topic)) in \(workshop.isEmpty ? "-" : workshop)"
      } catch { return "\(error.reason.name) \(error.detail) \(error.fault.name)" }
    }
  }

  @Test("The row with the most parts gives the ids; other names stay as published") func topics() throws {
    let router = try router([
      "F001,E1,工厂 1,车床:1", "F001,E2,工厂 1,车床:1,二车间", "F002,E9,F001,e9", "F003,,Plant 3",
      "F004,E4,,,,,,,,SN-77",
    ])
    // A workshop that is no id is left out.
    #expect(found("legacy/工厂 1/一车间/车床:1", router) == "F001/E1 in -")
    #expect(found("legacy/工厂 1/W01/车床:1", router) == "F001/E1 in W01")
    #expect(found("legacy/工厂 1/二车间/车床:1", router) == "F001/E2 in -")
    // White space around a name does not matter, letter case does.
    #expect(found("legacy/ 工厂 1/W01/车床:1 ", router) == "F001/E1 in W01")
    #expect(found("legacy/F001/W01/e9", router) == "F002/E9 in W01")
    #expect(found("legacy/F001/W01/E9", router) == "F001/E9 in W01")
    // The factory alone.
    #expect(found("legacy/Plant 3/W01/E7", router) == "F003/E7 in W01")
    #expect(found("legacy/Plant 3/W01/E 7", router) == "unmatched_topic equipment not_an_id")
    // The equipment of 工厂 1 is in one factory, so that it is that of others, too.
    #expect(found("legacy/工厂 1/W01/E5", router) == "F001/E5 in W01")
    // F001 is an id: a row of one machine does not move the others.
    #expect(found("legacy/F001/W01/E5", router) == "F001/E5 in W01")
    #expect(found("legacy/Plant 9/W01/SN-77", router) == "F004/E4 in W01")
    #expect(found("legacy/Plant 9/W01/E1", router) == "unmatched_topic factory not_an_id")
    #expect(found("other/Plant 9/W01/E1", router) == "unmatched_topic  levels")
  }

  @Test("A published factory whose machines are in several factories needs a row of its own")
  func severalFactories() throws {
    let rows = ["F001,E1,园区,1", "F002,E2,园区,2"]
    #expect(found("legacy/园区/W/3", try router(rows)) == "unmatched_topic factory not_an_id")
    #expect(found("legacy/园区/W/3", try router(rows + ["F003,,园区"])) == "F003/3 in W")
    #expect(found("legacy/园区/W/2", try router(rows + ["F003,,园区"])) == "F002/E2 in W")
  }

  @Test("The line to add to the naming file is named, with ? for what is unknown") func lines() throws {
    let router = try router(["F001,E1,工厂 1,车床:1", "F003,,Plant 3"])
    func line(_ topic: String, _ router: Router) -> String? {
      Array(topic.utf8).withUnsafeBytes { router.namingLine(for: $0) }
    }
    #expect(line("legacy/工厂 1/W01/车床:2", router) == "F001,?,工厂 1,车床:2")
    #expect(line("legacy/Plant 4/W01/E1", router) == "?,?,Plant 4,E1")
    #expect(line("legacy/F001/W01/\"1\",2", router) == #"F001,?,F001,"""1"",2""#)
    #expect(line("legacy/F001/W01/=1", router) == #"F001,?,F001,"=1""#)
    #expect(line("other/F001", router) == nil)
    #expect(line("legacy/F001/W01/\(String(repeating: "长", count: 90))", router) == nil)
    func line(_ value: String, payloadOf topic: String) -> String? {
      Array(topic.utf8).withUnsafeBytes { router.namingLine(forPayloadName: value, in: $0) }
    }
    #expect(line("\"车床 3\"", payloadOf: "legacy/工厂 1/W01/Gw") == "F001,?,工厂 1,车床 3")
    #expect(line("\"车床 3\"", payloadOf: "legacy/F007/W01/Gw") == "F007,?,F007,车床 3")
    #expect(line("\"E3\"", payloadOf: "legacy/F001/W01/Gw") == nil)
    #expect(line("\"a\\n\"", payloadOf: "legacy/F001/W01/Gw") == nil)
    #expect(line("3", payloadOf: "legacy/F001/W01/Gw") == nil)
    let plain = Router([Source(.status, template: try TopicTemplate(Self.template))])
    #expect(line("legacy/F001/W01/E 2", plain) == "F001,?,F001,E 2")
  }

  @Test("Refused topics are attributed to the factory that the naming gives") func attribution() throws {
    let router = try router(["F001,E1,工厂 1,车床:1"])
    let found = Array("legacy/工厂 1/W01/x y/z".utf8).withUnsafeBytes { router.attribution(of: $0) }
    #expect(found?.factory == "F001")
    #expect(found?.equipment == "x y")
  }

  @Test("The names are part of the rules in the journal, in one order") func rules() throws {
    let source = Source(.status, template: try TopicTemplate(Self.template))
    let entries = [
      Naming.Entry(.serial("SN 1"), factory: "F1", equipment: "E3"),
      Naming.Entry(
        .published(factory: "工厂", workshop: "车间", equipment: "1\\"), factory: "F1", equipment: "E1"),
      Naming.Entry(.sparkplug(group: "G", edge: "Gw", device: ""), factory: "F1"),
    ]
    let rules = DecodingRules(
      sources: [source], limits: DecodingLimits(), naming: try Naming(entries))
    let plain = DecodingRules(sources: [source], limits: DecodingLimits())
    #expect(
      rules.text == plain.text + """
        name published\tF1\tE1\t工厂\t车间\t\t1\\
        name serial\tF1\tE3\tSN 1
        name sparkplug\tF1\t\tG\tGw\t

        """)
    #expect(try DecodingRules(text: rules.text) == rules)
    #expect(rules != plain)
    let reversed = DecodingRules(
      sources: [source], limits: DecodingLimits(), naming: try Naming(entries.reversed()))
    #expect(reversed == rules)
    #expect(reversed.text == rules.text)
  }

  @Test(
    "Text that is not that of names is refused",
    arguments: [
      ("name serial\tF1\tE1\tS\nname serial\tF1\tE2\tS\n", "a name occurs twice in the naming"),
      ("name serial\tF1\tE1\tS\nname serial\tF1\tE0\tR\n", "they are not in the canonical form"),
      ("name serial\tF 1\tE1\tS\n", "an id or a name of the naming is not valid"),
      ("name serial\tF1\t\tS\n", "an id or a name of the naming is not valid"),
      ("name serial\tF1\tE1\t\n", "an id or a name of the naming is not valid"),
      ("name serial\tF1\tE1\t S\n", "an id or a name of the naming is not valid"),
      ("name published\tF1\tE1\tF\tW\t\t\n", "an id or a name of the naming is not valid"),
      ("name sparkplug\tF1\tE1\tG\t\tD\n", "an id or a name of the naming is not valid"),
      (
        "name sparkplug\tF1\tE1\tG\tN\tD\nname sparkplug\tF2\tE1\tG\tN\tE\n",
        "the naming has an edge node in two factories"
      ),
      ("name word\tF1\tE1\tS\n", "a line is not that of a name"),
      ("name serial\tF1\tE1\tS\nsource status\ta/{factory}/{equipment}\n", "a line is not that of a name"),
      ("name serial\tF1\tE1\tS", "the last line is not complete"),
    ])
  func malformed(lines: String, error: String) {
    let text = DecodingRules(sources: [], limits: DecodingLimits()).text + lines
    let found = #expect(throws: DecodingRulesError.self) { try DecodingRules(text: text) }
    #expect(found?.description == error)
  }

  @Test("There are limits for the number and the length of names") func limits() throws {
    let entries = (0...Naming.mostEntries).map {
      Naming.Entry(.serial("\($0)"), factory: "F", equipment: "E")
    }
    let tooMany = #expect(throws: NamingError.self) { try Naming(entries) }
    #expect(tooMany?.problem == .tooMany)
    #expect(try Naming(Array(entries.dropLast())).entries.count == Naming.mostEntries)
    let long = entries.prefix(6000).map { entry in
      var entry = entry
      guard case .serial(let serial) = entry.identity else { return entry }
      entry.identity = .serial(serial + String(repeating: "x", count: 700))
      return entry
    }
    let tooLong = #expect(throws: NamingError.self) { try Naming(long) }
    #expect(tooLong?.problem == .tooMany)
  }
}
