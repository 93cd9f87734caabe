import Decoding
import Telemetry
import Testing

@Suite("Rules of decoding") struct DecodingRulesTests {
  private func rules() throws -> DecodingRules {
    DecodingRules(
      sources: [
        Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
        Source(.presence, template: try TopicTemplate("车间/{factory}/{equipment}")),
        Source(
          .other(name: "json", settings: "{\"at\":\"/a\\tb\"}\tsecond\nthird\\"),
          template: try TopicTemplate("a b/{factory}/{equipment}")),
      ], limits: DecodingLimits(payload: 4096, nesting: 3, futureSkew: .seconds(7), oldestAge: .days(9)))
  }

  @Test("They have one text, from which they are read again") func text() throws {
    let rules = try rules()
    #expect(
      rules.text == """
        millwright.sources/1
        payload 4096
        nesting 3
        future_skew_ms 7000
        oldest_age_ms 777600000
        source status\tfactory/{factory}/{workshop}/{equipment}/status
        source presence\t车间/{factory}/{equipment}
        source json\ta b/{factory}/{equipment}\t{"at":"/a\\\\tb"}\\tsecond\\nthird\\\\

        """)
    #expect(try DecodingRules(text: rules.text) == rules)
  }

  @Test("A text that is not theirs is refused with what is wrong") func refused() throws {
    let changes = [
      ("millwright.sources/1\n", "", "they do not begin with"),
      ("millwright.sources/1\n", "millwright.sources/2\n", "they do not begin with"),
      ("payload 4096\n", "", "'payload' is missing"),
      ("payload 4096", "payload 99999999999", "'payload' is missing or not what it can be"),
      ("nesting 3", "nesting 1001", "'nesting' is missing or not what it can be"),
      ("nesting 3", "nesting 03", "they are not in the canonical form"),
      ("7000", "86400001", "'future_skew_ms' is missing"),
      ("source status\t", "source status", "a line is not that of a source"),
      ("source status\t", "source odd\t", "the format 'odd' of a source is not known"),
      ("车间/{factory}/{equipment}", "车间/{factory}", "{equipment} is missing"),
    ]
    for (old, new, sentence) in changes {
      let text = try rules().text
      let changed = text.replacing(old, with: new, maxReplacements: 1)
      #expect(changed != text)
      let error = #expect(throws: DecodingRulesError.self) { _ = try DecodingRules(text: changed) }
      #expect(error?.description.contains(sentence) == true, "\(sentence): \(error?.description ?? "")")
    }
  }
}
