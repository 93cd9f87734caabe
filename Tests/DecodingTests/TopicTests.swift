import Decoding
import Telemetry
import Testing

@Suite("Topic templates")
struct TopicTemplateTests {
  /// What a template finds in a topic: `factory workshop line equipment`, `-` for none; nil for no match.
  static func found(_ template: String, _ topic: String) throws -> String? {
    let template = try TopicTemplate(template)
    return try Array(topic.utf8).withUnsafeBytes { topic -> String? in
      guard let levels = try template.match(topic) else { return nil }
      return [levels.factory, levels.workshop, levels.line, levels.equipment]
        .map { $0.isEmpty ? "-" : $0.text(in: topic) }.joined(separator: " ")
    }
  }

  @Test(
    "a template becomes the filter to subscribe to",
    arguments: [
      ("factory/{factory}/{workshop}/{equipment}/status", "factory/+/+/+/status"),
      ("legacy/{factory}/{line}/{equipment}", "legacy/+/+/+"),
      ("{factory}/{equipment}", "+/+"),
      ("/{equipment}/up/{factory}", "/+/up/+"),
      ("园区/{factory}/{workshop}/{line}/{equipment}", "园区/+/+/+/+"),
    ])
  func filter(template: String, filter: String) throws {
    let compiled = try TopicTemplate(template)
    #expect(compiled.filter == filter)
    #expect(compiled.description == template)
  }

  @Test(
    "a topic of the template's shape gives its names",
    arguments: [
      (sampleTemplate, "factory/F001/W01/E17/status", "F001 W01 - E17"),
      (sampleTemplate, "factory/a/b/c/status", "a b - c"),
      (sampleTemplate, "factory/status/status/status/status", "status status - status"),
      ("legacy/{factory}/{line}/{equipment}", "legacy/F_1/L-2/E.3", "F_1 - L-2 E.3"),
      ("{factory}/{equipment}", "F/E", "F - - E"),
      ("/{equipment}/up/{factory}", "/E/up/F", "F - - E"),
      ("园区/{factory}/{workshop}/{line}/{equipment}", "园区/F/W/L/E", "F W L E"),
    ])
  func matches(template: String, topic: String, names: String) throws {
    #expect(try Self.found(template, topic) == names)
  }

  @Test(
    "a topic of another shape does not match",
    arguments: [
      "", "/", "factory", "factory/F001/W01/E17", "factory/F001/W01/E17/", "factory/F001/W01/E17/statu",
      "factory/F001/W01/E17/statuss", "factory/F001/W01/E17/status/", "factory/F001/W01/E17/status/x",
      "/factory/F001/W01/E17/status", "factor/F001/W01/E17/status", "factoryy/F001/W01/E17/status",
      "Factory/F001/W01/E17/status", "factory/F001/W01/L1/E17/status", "factory/F001/E17/status",
      "factory/F001/W01/E17/connection", "factory/F 1/W01/E17/connection", "factory//W01/E17/connection",
      "$SYS/broker/clients/total/status",
    ])
  func otherShapes(topic: String) throws {
    #expect(try Self.found(sampleTemplate, topic) == nil)
  }

  @Test(
    "a level that is no id is refused by the placeholder's name, the first one",
    arguments: [
      ("factory//W01/E17/status", Rejection(.unmatchedTopic, "factory")),
      ("factory/F001//E17/status", Rejection(.unmatchedTopic, "workshop")),
      ("factory/F001/W01//status", Rejection(.unmatchedTopic, "equipment")),
      ("factory////status", Rejection(.unmatchedTopic, "factory")),
      ("factory/F001/W01/E 17/status", Rejection(.unmatchedTopic, "equipment")),
      ("factory/F001/W01/E+/status", Rejection(.unmatchedTopic, "equipment")),
      ("factory/F001/车间/E17/status", Rejection(.unmatchedTopic, "workshop")),
      ("factory/F\u{0}1/W01/E17/status", Rejection(.unmatchedTopic, "factory")),
      ("factory/\(String(repeating: "F", count: 65))/W01/E17/status", Rejection(.unmatchedTopic, "factory")),
    ])
  func invalidIDs(topic: String, rejection: Rejection) {
    #expect(throws: rejection) { try Self.found(sampleTemplate, topic) }
  }

  @Test("ids of 64 bytes and the longest topics are told apart from longer ones")
  func lengths() throws {
    let id = String(repeating: "x", count: 64)
    #expect(try Self.found(sampleTemplate, "factory/\(id)/\(id)/\(id)/status") == "\(id) \(id) - \(id)")
    let literal = String(repeating: "l", count: 65_531)
    #expect(try Self.found("{factory}/{equipment}/" + literal, "F/E/" + literal) == "F - - E")
    #expect(try Self.found("{factory}/{equipment}", "F/" + literal + "lll") == nil)
  }

  @Test(
    "a template that is none says what is wrong with it",
    arguments: [
      ("", .empty, "topic template '': it is empty"),
      (
        "factory/{factory}/status", .missing(.equipment),
        "topic template 'factory/{factory}/status': {equipment} is missing"
      ),
      ("{equipment}", .missing(.factory), "topic template '{equipment}': {factory} is missing"),
      (
        "{factory}/{factory}/{equipment}", .repeated(.factory),
        "topic template '{factory}/{factory}/{equipment}': {factory} occurs more than once"
      ),
      (
        "{factory}/{line}/{line}/{equipment}", .repeated(.line),
        "topic template '{factory}/{line}/{line}/{equipment}': {line} occurs more than once"
      ),
      (
        "{plant}/{equipment}", .notAPlaceholder("{plant}"),
        "topic template '{plant}/{equipment}': '{plant}' is not a placeholder "
          + "(a whole level: {factory}, {workshop}, {line} or {equipment})"
      ),
      (
        "f-{factory}/{equipment}", .notAPlaceholder("f-{factory}"),
        "topic template 'f-{factory}/{equipment}': 'f-{factory}' is not a placeholder "
          + "(a whole level: {factory}, {workshop}, {line} or {equipment})"
      ),
      (
        "{factory}/+/{equipment}", .wildcard("+"),
        "topic template '{factory}/+/{equipment}': '+' has a wildcard; write a placeholder instead"
      ),
      (
        "{factory}/{equipment}/#", .wildcard("#"),
        "topic template '{factory}/{equipment}/#': '#' has a wildcard; write a placeholder instead"
      ),
      (
        "$share/g/{factory}/{equipment}", .reserved("$share"),
        "topic template '$share/g/{factory}/{equipment}': '$share' starts with $, "
          + "which is reserved for the broker"
      ),
      (
        "{factory}//{equipment}", .emptyLevel,
        "topic template '{factory}//{equipment}': it has an empty level (only the first may be empty)"
      ),
      (
        "{factory}/{equipment}/", .emptyLevel,
        "topic template '{factory}/{equipment}/': it has an empty level (only the first may be empty)"
      ),
      (
        "{factory}/a\nb/{equipment}", .controlCharacter,
        "topic template '{factory}/a\\u{a}b/{equipment}': it has a control character"
      ),
    ] as [(String, TopicTemplateError.Problem, String)])
  func errors(template: String, problem: TopicTemplateError.Problem, message: String) {
    let error = TopicTemplateError(template: template, problem: problem)
    #expect(throws: error) { try TopicTemplate(template) }
    #expect(error.description == message)
  }

  @Test("a template whose filter is longer than a topic can be is refused")
  func tooLong() {
    let template = "{factory}/{equipment}/" + String(repeating: "x", count: 65_532)
    #expect(throws: TopicTemplateError(template: template, problem: .tooLong)) { try TopicTemplate(template) }
  }
}

@Suite("Routing")
struct RouterTests {
  let router: Router

  init() throws {
    router = Router([
      Source(.status, template: try TopicTemplate(sampleTemplate)),
      Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
      Source(.status, template: try TopicTemplate("{factory}/{line}/x/{equipment}/status")),
      Source(.presence, template: try TopicTemplate(sampleTemplate)),
    ])
  }

  func route(_ topic: String) throws(Rejection) -> Route {
    let bytes = Array(topic.utf8)
    let result: Result<Route, Rejection> = bytes.withUnsafeBytes { topic in
      do throws(Rejection) { return .success(try router.route(topic)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  @Test("the first source whose filter matches decides")
  func first() throws {
    var levels = TopicLevels()
    levels.factory = TopicRange(offset: 8, length: 4)
    levels.workshop = TopicRange(offset: 13, length: 3)
    levels.equipment = TopicRange(offset: 17, length: 3)
    #expect(try route("factory/F001/W01/E17/status") == Route(source: 0, levels: levels))
    #expect(try route("factory/F001/W01/E17/connection") == Route(source: 1, levels: levels))
    #expect(try route("site/L1/x/E2/status").levels.line == TopicRange(offset: 5, length: 2))
  }

  @Test("a topic that the first matching source refuses is not given to a later one")
  func refusedByFirst() {
    #expect(throws: Rejection(.unmatchedTopic, "workshop")) { try route("factory/L1//E2/status") }
  }

  @Test("a topic that no source covers is unmatched")
  func unmatched() {
    #expect(throws: Rejection(.unmatchedTopic)) { try route("factory/F001/W01/E17/other") }
    #expect(throws: Rejection(.unmatchedTopic)) { try route("") }
  }

  @Test("filters are everything below a source's first levels, each once, and never everything")
  func filters() {
    #expect(router.filters == ["factory/#", "+/+/x/+/status"])
  }

  @Test(
    "a filter that another one covers is not subscribed, whichever comes first",
    arguments: [
      (["plant/{factory}/{equipment}", "plant/x/{factory}/{equipment}"], ["plant/#"]),
      (["plant/x/{factory}/{equipment}", "plant/{factory}/{equipment}"], ["plant/#"]),
      (
        ["a/{factory}/{equipment}", "{factory}/x/{equipment}", "b/{factory}/{equipment}"],
        ["a/#", "+/x/+", "b/#"]
      ),
      (["{factory}/x/{equipment}", "{factory}/{line}/{equipment}"], ["+/+/+"]),
      (["a/b/{factory}/{equipment}", "a/bc/{factory}/{equipment}"], ["a/b/#", "a/bc/#"]),
    ])
  func covered(templates: [String], filters: [String]) throws {
    let router = Router(try templates.map { Source(.status, template: try TopicTemplate($0)) })
    #expect(router.filters == filters)
    #expect(router.sourceFilters.count == templates.count)
    #expect(router.ownMessageFilters == router.sourceFilters)
  }

  @Test(
    "filters overlap if one topic matches both",
    arguments: [
      ("a/+/c", "a/b/#", true), ("a/#", "+/b/+", true), ("a/#", "a", true), ("a/b", "a/b", true),
      ("+/+", "a/#", true), ("#", "a/b", true), ("a/+", "a/b/c", false), ("a/+/c", "a/b/d", false),
      ("a/#", "b/#", false), ("+/x", "a/y", false), ("a", "a/b", false), ("#", "$SYS/x", false),
      ("+/x", "$SYS/x", false), ("$SYS/#", "$SYS/x", true), ("$share/g/a", "$share/g/a", false),
    ])
  func overlaps(first: String, second: String, isOverlap: Bool) {
    #expect(TopicFilter(first).overlaps(TopicFilter(second)) == isOverlap)
    #expect(TopicFilter(second).overlaps(TopicFilter(first)) == isOverlap)
  }

  @Test("pairs of filters that overlap partly are named; a filter that another covers is none of them")
  func overlappingPairs() throws {
    func pairs(_ templates: [String]) throws -> [String] {
      Router(try templates.map { Source(.status, template: try TopicTemplate($0)) }).overlappingFilters.map {
        "\($0.first) \($0.second)"
      }
    }
    #expect(
      try pairs(["a/{factory}/{equipment}", "{factory}/x/{equipment}", "b/{factory}/{equipment}"]) == [
        "a/# +/x/+", "+/x/+ b/#",
      ])
    #expect(try pairs(["plant/{factory}/{equipment}", "plant/x/{factory}/{equipment}"]) == [])
  }

  @Test("a session without sources of its own hears probes only, and knows those of every collector")
  func sparkplugAlone() throws {
    var problems: [SettingsProblem] = []
    let source = try #require(SourceFormats.source(["format": "sparkplug"], name: "s", &problems))
    let router = Router([source])
    #expect(router.sourceFilters == [])
    #expect(router.filters == ["factory/_millwright/#"])
    #expect(router.ownMessageFilters == ["factory/#"])
  }

  @Test(
    "a topic that fits no source says whose it is by its first level, and which topic would fit",
    arguments: [
      ("factory/F001/W01/CNC/01/status", "F001", "CNC/01", "factory/F001/W01/CNC-01/status"),
      ("factory/F001/W01/CNC 01/status", "F001", "CNC 01", "factory/F001/W01/CNC-01/status"),
      ("factory/F001/W01/数控车床1号/status", "F001", "数控车床1号", "factory/F001/W01/{equipment}/status"),
      ("factory/F001/W01/Ｅ７/status", "F001", "Ｅ７", "factory/F001/W01/E7/status"),
      ("factory/F001/E17/status", "F001", "E17", "factory/F001/{workshop}/E17/status"),
      ("factory/F001/W01/E17/telemetry", "F001", "E17", "factory/F001/W01/E17/status"),
      ("factory/F001/W01/E 17/connection", "F001", "E 17", "factory/F001/W01/E-17/connection"),
      ("factory/F 1/W01/E17/status", "F 1", "E17", "factory/F-1/W01/E17/status"),
    ])
  func attribution(topic: String, factory: String, equipment: String, suggestion: String) throws {
    let router = Router([
      Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
      Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
    ])
    let found = Array(topic.utf8).withUnsafeBytes { router.attribution(of: $0) }
    #expect(found?.factory == factory)
    #expect(found?.equipment == equipment)
    #expect(found?.suggestion == suggestion)
    #expect(Array("other/F001/x".utf8).withUnsafeBytes { router.attribution(of: $0) } == nil)
  }

  @Test("a route's names read back as a key")
  func key() throws {
    let topic = "factory/F001/W01/E17/status"
    let levels = try route(topic).levels
    let key = Array(topic.utf8).withUnsafeBytes { levels.key(in: $0) }
    #expect(key == EquipmentKey(factory: "F001", equipment: "E17"))
  }
}

@Suite("Presence messages")
struct PresenceTests {
  func presence(_ payload: String, limits: DecodingLimits = DecodingLimits()) throws(Rejection) -> Presence {
    let bytes = Array(payload.utf8)
    let result: Result<Presence, Rejection> = bytes.withUnsafeBytes { payload in
      do throws(Rejection) {
        return .success(try PresenceDecoder(limits: limits).decode(payload: payload))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  @Test(
    "online and offline are what they say, in any case and with what editors and C strings put around them",
    arguments: [
      ("online", "offline"), ("Online", "OFFLINE"), ("online\n", "offline\r\n"), (" online ", "offline\0"),
      ("\u{FEFF}online", "\u{FEFF}Offline\n\0"),
    ])
  func words(online: String, offline: String) throws {
    #expect(try presence(online) == .online)
    #expect(try presence(offline) == .offline)
  }

  @Test(
    "anything else is malformed",
    arguments: [
      "", "onlin", "onlinee", "\"online\"", "1", "on\0line", "on line", "online offline",
    ])
  func malformed(payload: String) {
    #expect(throws: Rejection(.malformed, "presence")) { try presence(payload) }
  }

  @Test("a payload above the limit is too large")
  func tooLarge() {
    #expect(throws: Rejection(.tooLarge)) { try presence(String(repeating: "x", count: 65_537)) }
    #expect(throws: Rejection(.tooLarge)) { try presence("online", limits: DecodingLimits(payload: 5)) }
  }
}
