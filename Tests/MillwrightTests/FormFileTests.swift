import Aggregation
import Configuration
import Foundation
import Telemetry
import TestSupport
import Testing

private let configuration =
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path + "/Config/millwright.yaml"

/// What a form must say beside its items.
private let head = """
  title_zh: 题
  title_en: Title
  issuing_body_zh: 部
  issuing_body_en: Body
  date: "2026-11-22"
  source: somewhere
  certainty: read
  note_zh: 注
  note_en: Note

  """

/// What is wrong with a text, as printed.
private func problems(_ text: String) -> [String] {
  do {
    _ = try FormFile.parse(text, file: "f.yaml", besides: configuration)
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

@Suite("Form files") struct FormFileTests {
  private func shipped(_ name: String) throws -> Form {
    try FormFile.named(name, besides: configuration, asked: "test")
  }

  @Test("Every shipped form loads, with its publisher, source and note in both languages")
  func shippedFiles() throws {
    let names = FormFile.names(besides: configuration)
    #expect(
      names == ["chongqing-digital-workshop-2023", "chongqing-smart-factory-2023", "sme-2024"])
    for name in names {
      let form = try shipped(name)
      #expect(form.name == name && form.reference == name && form.date == CalendarDay("2026-11-22"))
      #expect(form.source.chinese != form.source.english)
      #expect(Set(form.items.map(\.number)).count == form.items.count)
      #expect(form.items.allSatisfy { !$0.cells.isEmpty })
      // The annexes of Chongqing's notices could not be opened.
      let isRead = form.items.contains { item in
        item.certainty == .read || item.cells.contains { $0.certainty == .read }
      }
      #expect(isRead == (name == "sme-2024"))
    }
  }

  @Test("The README of forms lists the key of every figure, in English and in Chinese") func keys() throws {
    let folder = URL(fileURLWithPath: configuration).deletingLastPathComponent()
    let text = try String(contentsOf: folder.appending(path: "forms/README.md"), encoding: .utf8)
    let parts = text.split(separator: "\n## 表式文件\n")
    #expect(parts.count == 2)
    for part in parts {
      let missing = Form.Figure.all.map(\.key).filter { !part.contains("`\($0)`") }
      #expect(missing == [])
    }
  }

  @Test("Everything that is wrong with a file is named at once, with line and column") func allAtOnce() {
    let text = """
      title_zh: 题
      title_en: Title
      issuing_body_zh: 部
      issuing_body_en: Body
      date: 22.11.2026
      valid_from: "2026-01-01"
      valid_until: "2025-01-01"
      source: somewhere
      certainty: sure
      note_zh: 注
      note_en: Note
      nots_en: Note
      sections:
        - title_zh: 一
          title_en: One
          items:
            - number: "1"
              title_zh: 甲
              cells:
                - { kind: cuont, metric: networked_ratio }
                - { kind: count, metric: network_ratio, part: top, label_zh: 台 }
                - { kind: points, metric: networked_ratio, policy: sme-2042 }
                - { kind: verdict, metric: quality_ratio, policy: full-coverage }
            - number: "1"
              title_zh: 乙
              title_en: Two
              cells:
                - { kind: choice, options: [{ points: -1 }, {}], tick: one }
                - { kind: number, label_zh: 数, label_en: Number, points_each: 0.7 }
                - { kind: text }
            - number: "3"
              title_zh: 丙
              title_en: Three
              cells: none
      """
    let figures = Form.Figure.all.map(\.key)
    let ratios = figures.filter { $0 != "energy_intensity" }.joined(separator: ", ")
    #expect(
      problems(text) == [
        "f.yaml:5:7: date must be a date, such as 2024-01-31, not '22.11.2026'",
        "f.yaml:7:14: valid_until: must not be before valid_from",
        "f.yaml:9:12: certainty must be one of read, restated, memory, not 'sure'",
        "f.yaml:12:1: unknown key 'nots_en' (did you mean 'note_en'?)",
        "f.yaml:17:9: sections[0].items[0].title_en is missing: it must be text",
        "f.yaml:20:21: sections[0].items[0].cells[0].kind must be one of count, ratio, points, verdict, text, "
          + "choice, number, free, not 'cuont' (did you mean 'count'?)",
        "f.yaml:21:13: sections[0].items[0].cells[1].label_en is missing: it must be text",
        "f.yaml:21:36: sections[0].items[0].cells[1].metric must be one of \(ratios), not 'network_ratio' "
          + "(did you mean 'networked_ratio'?)",
        "f.yaml:21:57: sections[0].items[0].cells[1].part must be one of numerator, denominator, not 'top'",
        "f.yaml:22:62: sections[0].items[0].cells[2].policy: there is no policy 'sme-2042' (did you mean "
          + "'sme-2024'?); 'millwright policy list' shows those there are",
        "f.yaml:23:61: sections[0].items[0].cells[3].policy: 'full-coverage' has no rule or band of quality_ratio",
        "f.yaml:24:17: sections[0].items[1].number: another item has this number",
        "f.yaml:28:49: sections[0].items[1].cells[0].options[0].points must be points from 0 to 1000 with at "
          + "most three decimals, not '-1'",
        "f.yaml:28:55: sections[0].items[1].cells[0].options[1]: an option needs text_zh and text_en, or points",
        "f.yaml:28:60: unknown key 'tick' in sections[0].items[1].cells[0] (did you mean 'ticks'?)",
        "f.yaml:29:13: sections[0].items[1].cells[1].points_most is missing: points_each needs a maximum",
        "f.yaml:30:13: sections[0].items[1].cells[2].text_zh is missing: it must be text",
        "f.yaml:30:13: sections[0].items[1].cells[2].text_en is missing: it must be text",
        "f.yaml:34:16: sections[0].items[2].cells must be a list of cells, not 'none'",
      ])
  }

  @Test("A form without items is no form, and one with too many cells is refused") func sizes() {
    #expect(problems(head) == ["f.yaml: a form needs sections with items"])
    let cell = "{ kind: free, label_zh: 字, label_en: Text }"
    func cells(_ number: Int) -> String {
      head
        + "sections: [{ title_zh: 一, title_en: One, items: [{ number: a, title_zh: 甲, title_en: One, cells: ["
        + Array(repeating: cell, count: number).joined(separator: ",\n") + "] }] }]"
    }
    #expect(problems(cells(1000)) == [])
    #expect(
      problems(cells(1001)) == [
        "f.yaml:1010:1: sections[0].items[0].cells[1000]: a form has at most 1000 cells"
      ])
    let options = Array(repeating: "{ points: 1 }", count: 101).joined(separator: ", ")
    #expect(
      problems(
        head
          + "sections: [{ title_zh: 一, title_en: One, items: [{ number: a, title_zh: 甲, title_en: One, cells: [\n"
          + "{ kind: choice, options: [\(options)] }] }] }]")
        == ["f.yaml:11:1: sections[0].items[0].cells[0].options: a cell has at most 100 options"])
  }

  @Test("A mistake in a policy that a form names is named in the policy's file") func policy() throws {
    let folder = try TemporaryDirectory("form")
    let policy = try folder.write("own.yaml", "title_zh: 题\n")
    let text =
      head
      + "sections: [{ title_zh: 一, title_en: One, items: [{ number: a, title_zh: 甲, title_en: One, cells: ["
      + "{ kind: verdict, policy: \(policy), metric: networked_ratio }] }] }]"
    let found = problems(text)
    #expect(found.count > 3 && found.allSatisfy { $0.hasPrefix("\(policy): ") })
  }
}
