import Decoding
import Telemetry
import Testing

@Suite("Topics of mapped sources") struct MappedTopicTests {
  /// The names of a topic by a template; nil if it does not match, the refused placeholder after `!`.
  private func names(_ template: String, _ topic: String) throws -> [String]? {
    let template = try TopicTemplate(template, .mapped)
    return Array(topic.utf8).withUnsafeBytes { topic in
      do throws(Rejection) {
        guard let levels = try template.match(topic) else { return nil }
        return [levels.factory, levels.workshop, levels.equipment, levels.field].map { $0.text(in: topic) }
      } catch { return ["!\(error.detail)"] }
    }
  }

  @Test("Wildcards stand for any level, and the last for any number of levels") func wildcards() throws {
    #expect(try names("telegraf/{factory}/#", "telegraf/F1/a/b c/数") == ["F1", "", "", "a/b c/数"])
    #expect(try names("telegraf/{factory}/#", "telegraf/F1") == ["F1", "", "", ""])
    #expect(try names("telegraf/{factory}/#", "telegraf/F1/") == ["F1", "", "", ""])
    #expect(try names("telegraf/{factory}/#", "telegraf/F 1/a") == ["!factory"])
    #expect(try names("telegraf/{factory}/#", "telegraf") == nil)
    #expect(try names("a/#", "ab") == nil)
    #expect(try names("+/{factory}/+/{equipment}", "数 据/F1//E1") == ["F1", "", "E1", ""])
    #expect(try names("#", "any/topic") == ["", "", "", "any/topic"])
    #expect(try names("#", "$SYS/broker") == nil)
    // Topics that begin with $ are the broker's own: no wildcard at the first level matches them.
    #expect(try names("+/{factory}", "$SYS/F1") == nil)
    #expect(try names("+/{factory}", "S$/F1") == ["F1", "", "", ""])
    #expect(try names("{factory}/{equipment}", "$SYS/E1") == nil)
    #expect(try names("plc/data", "plc/data") == ["", "", "", ""])
    #expect(try names("plc/data", "plc/data/1") == nil)
  }

  @Test("A field's level may have any characters") func field() throws {
    let template = "plant/{factory}/{workshop}/{equipment}/{field}"
    #expect(try names(template, "plant/F1/W1/E1/运行 state") == ["F1", "W1", "E1", "运行 state"])
    #expect(try names(template, "plant/F1/W1/E1/a/b") == nil)
    #expect(try names("plant/{factory}/{equipment}/{field}/#", "plant/F1/E1/a/b") == ["F1", "", "E1", "a"])
    #expect(throws: TopicTemplateError.self) { _ = try TopicTemplate("a/{factory}/{equipment}/{field}") }
    #expect(throws: TopicTemplateError.self) { _ = try TopicTemplate("a/{factory}/{equipment}/#") }
    #expect(throws: TopicTemplateError.self) { _ = try TopicTemplate("a/#/b", .mapped) }
  }

  @Test(
    "The subscription ends before the first level that can differ",
    arguments: [
      ("telegraf/#", "telegraf/#", "telegraf/#"), ("plc/data", "plc/data", "plc/data"),
      ("a/+/{equipment}", "a/+/+", "a/#"), ("#", "#", "#"), ("+/a/{equipment}", "+/a/+", "+/a/+"),
      ("a/b/{factory}/#", "a/b/+/#", "a/b/#"),
    ])
  func subscription(_ template: String, filter: String, subscription: String) throws {
    let template = try TopicTemplate(template, .mapped)
    #expect(template.filter == filter)
    #expect(template.subscription == subscription)
  }

  @Test("The factory may stand in the settings instead of the topic") func factory() throws {
    let fixed = Source(
      .other(name: "json", settings: #"{"factory":"F7"}"#),
      template: try TopicTemplate("plc/{equipment}", .mapped))
    #expect(fixed.factory == "F7")
    #expect(Source(fixed.format, template: try TopicTemplate("{factory}/{equipment}")).factory == nil)
    let rules = try DecodingRules(text: DecodingRules(sources: [fixed], limits: DecodingLimits()).text)
    #expect(rules.sources == [fixed])
    let router = Router(rules.sources)
    try Array("plc/E1".utf8).withUnsafeBytes { topic in
      let route = try router.route(topic)
      #expect(router.key(of: route, in: topic) == EquipmentKey(factory: "F7", equipment: "E1"))
    }
  }
}
