import Aggregation
import Configuration
import Foundation
import Testing

/// What is wrong with a text, as printed.
private func problems(_ text: String) -> [String] {
  do {
    _ = try ActionRuleFile.parse(text, file: "a.yaml")
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

@Suite("Rules of what to do next") struct ActionRuleFileTests {
  @Test("The shipped rules load, each with texts in both languages that name the equipment") func shipped()
    throws
  {
    let path =
      URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path + "/Config/actions.yaml"
    let rules = try ActionRuleFile.parse(try String(contentsOfFile: path, encoding: .utf8), file: path)
    #expect(
      rules.map(\.name) == [
        "connect", "bring-back", "make-connectable", "digitalize", "automate", "start-reporting",
        "mend-messages",
      ])
    for rule in rules {
      for text in [rule.textChinese, rule.textEnglish] {
        #expect(text.contains("{equipment}") && text.contains("{place}"))
      }
    }
    #expect(rules[0].equipment.buckets == [.neverSeen])
    #expect(rules[0].equipment.digital == true)
    #expect(rules[4].equipment.automation == [.manual, .semiAutomatic])
  }

  @Test("Everything wrong with a file is named at once, by line and column") func strict() {
    let text = """
      rules:
        - name: one
          metric: upload_ratio
          zh: 甲
          en: "A {equipmnt}"
          bucket: silent, sleeping
        - name: one
          metric: networked_ratio
          zh: 甲
          en: A
          digital: "perhaps"
          place: W01
      """
    let found = problems(text)
    #expect(found.count == 6)
    #expect(found.contains { $0.hasPrefix("a.yaml:3:13: ") && $0.contains("networked_ratio") })
    #expect(found.contains { $0.hasPrefix("a.yaml:5:") && $0.contains("{equipment}") })
    #expect(found.contains { $0.hasPrefix("a.yaml:6:") && $0.contains("never_seen") })
    #expect(found.contains { $0.contains("another rule has this name") })
    #expect(found.contains { $0.hasPrefix("a.yaml:11:") && $0.contains("true or false") })
    #expect(found.contains { $0.contains("unknown key 'place'") })
  }
}
