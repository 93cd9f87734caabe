import Aggregation
import Foundation
import Register
import Reporting
import Spreadsheets
import Telemetry
import TestSupport
import Testing

/// Forms over the sample district, whose figures are worked out by hand: F001 has 9 machines in service, 8 of them
/// digital, 4 networked.
@Suite("Forms of reports") struct FormTests {
  private func report(
    _ scope: ReportScope = .factory("F001"), flags: [AuditFlag] = SampleForm.flags,
    _ form: Form = SampleForm.form
  ) throws -> Report {
    try Report(
      on: scope, of: SampleDistrict.assessment(flags: flags), district: SampleDistrict.identity,
      version: "0.1.0", forms: [form])
  }

  private func row(_ report: Report, _ number: String, _ language: Language = .english) -> [String] {
    report.rows(.form, language).first { $0.first?.hasPrefix(number + " ") == true } ?? []
  }

  @Test("Cells hold the counts, ratios and points of the factory, and blanks for the firm") func cells()
    throws
  {
    let report = try report()
    #expect(row(report, "1.1") == ["1.1 Production equipment", "9", "Declared in the register"])
    #expect(row(report, "1.2") == ["1.2 Of these, digital", "8", "Declared in the register"])
    #expect(
      row(report, "1.3")
        == [
          "1.3 Digital equipment", "88.8 %",
          "Declared in the register. 4 of these 8 sent a message within 30 d",
        ])
    #expect(
      row(report, "1.4") == ["1.4 Points", "(60, 100] %", "6", "By the scale of Assessment"])
    #expect(row(report, "1.5") == ["1.5 Threshold", "met", "≥ 50 % (Digital workshop)"])
    #expect(row(report, "2.1") == ["2.1 Networked", "4", "Measured from telemetry"])
    #expect(
      row(report, "2.2")
        == [
          "2.2 Networked coverage", "44.4 %",
          "Numerator: measured from telemetry; denominator: declared in the register. 7 declared connectable, "
            + "4 measured",
        ])
    #expect(row(report, "2.3") == ["2.3 Points", "(40, 60] %", "4.5", "By the scale of Assessment"])
    #expect(
      row(report, "3.3") == [
        "3.3 Quality", "N/A",
        "Measured from telemetry. No two readings count good and all pieces. The wording of this cell was read in "
          + "the source",
      ])
    #expect(
      row(report, "3.4") == [
        "3.4 Points", "N/A",
        "By the scale of Assessment. No two readings count good and all pieces. The wording of this cell was read in "
          + "the source",
      ])
    #expect(row(report, "5.1")[1...2] == ["________", "________"])
    #expect(row(report, "5.3") == ["5.3 In words", "________", "For the firm to fill in"])
  }

  @Test("Points of unknown cells are never added to the computed ones") func score() throws {
    let form = try #require(report().forms.first)
    let score = try #require(form.score)
    #expect(score.computed == 10_500 && score.computedMost == 12_000)
    // The pass rate has no figure; the firm's: 2, 1 of two boxes with 0.7 each, and 10.
    #expect(score.missingMost == 6000 && score.firmMost == 13_000)
    #expect(try self.report(.district).forms.map { $0.score == nil } == [true])
    let document = ReportDocument(try report(), language: .english, sections: [.form])
    let texts = document.sections[0].blocks.compactMap {
      if case .prose(let text, .plain) = $0 { text } else { nil }
    }
    #expect(texts == ["10.5 of 12 points computed, 6 not computed, 13 for the firm to fill."])
    let chinese = ReportDocument(try report(), language: .chinese, sections: [.form])
    let words = chinese.sections[0].blocks.compactMap {
      if case .prose(let text, .plain) = $0 { text } else { nil }
    }
    #expect(words == ["已计算 10.5 分（满分 12 分），未计算出的项目满分 6 分，由企业填写的项目满分 13 分。"])
  }

  @Test("The list behind a count has as many machines in each part as the count says") func lists() throws {
    let report = try report()
    let lists = try #require(report.forms.first).lists
    #expect(
      lists.map(\.metric) == [
        .digitalizationRatio, .networkedRatio, .networkedOfDigitalRatio, .calendarRunningRatio, .uploadRatio,
        .qualityRatio,
      ])
    for list in lists.prefix(3) {
      let count = try #require(report.figures.count(of: list.metric))
      #expect(list.numbers[.numerator] == count.numerator)
      #expect((list.numbers[.numerator] ?? 0) + (list.numbers[.denominator] ?? 0) == count.denominator)
    }
    #expect(
      lists[0].rows[.denominator]?.map(\.assessment.key.equipment) == ["E05"]
        && lists[0].rows[.neither]?.map(\.assessment.key.equipment) == ["E10", "GW1", "X99", "ｅ０１"])
    let printed = report.rows(.formEquipment)
    #expect(printed.contains(["Counted: 8"]) && printed.contains(["In the base only: 1"]))
    #expect(printed.contains(["E05", "Press", "W02", "machine", "digital: no"]))
    #expect(printed.contains(["E10", "旧铣床", "W01", "L1", "machine", "Retired on 2026-11-01"]))
  }

  @Test("A district adds counts and never averages ratios, and counts factories by points") func district()
    throws
  {
    let report = try report(.district)
    let rows = report.rows(.formFactories)
    let total = try #require(rows.first { $0.first == "Total" })
    // 9 + 2 + 0 + 1 machines; 8 + 2 + 1 digital; 4 + 2 + 0 networked.
    #expect(total.prefix(4) == ["Total", "12", "11", "91.6 %"])
    #expect(total.contains("6") && total.contains("50.0 %"))
    #expect(rows.contains { $0.prefix(2) == ["F001", "Lanhai Gearbox Works"] && $0.last == "10.5" })
    // Digital: F001, F002 and F004 in the last band; F003 has no equipment.
    #expect(rows.contains(["(60, 100] %", "6", "3", "75.0 %"]))
    #expect(rows.contains(["no points", "1", "25.0 %"]))
    let form = try #require(report.forms.first)
    let counts = form.flagCounts.map { "\($0.factory) \($0.kind.rawValue) \($0.flags)" }
    #expect(counts.contains("F001 heard_first 2") && counts.contains("F001 removed_from_base 1"))
    #expect(
      rows.contains([
        "F001", "First connected in the period", "2",
        "Please state when it was connected, and why it sent nothing before.",
      ]))
  }

  @Test("A workbook has the form on a sheet by itself, with numbers as numbers") func workbook() throws {
    let book = try ForeignReaders.workbook(
      WorkbookRenderer(language: .english).render(report(), sections: ReportSection.ofForm))
    #expect(book.sheets.map(\.name) == ["Assessment form", "Equipment behind the counts"])
    let sheet = book.sheets[0]
    #expect(sheet.values(after: "1.1 Production equipment").first == .number(9))
    #expect(sheet.values(after: "1.3 Digital equipment").first == .number(0.888))
    #expect(sheet.values(after: "2.3 Points")[0...1] == [.text("(40, 60] %"), .number(4.5)])
    let blank = try #require(sheet.rows.first { $0.first??.value == .text("5.3 In words") })
    #expect(blank[1] == nil)
    #expect(
      book.sheets[1].values(after: "E05") == [
        .text("Press"), .text("W02"), .text("machine"), .text("digital: no"),
      ])
  }

  @Test("A form that is not in force on the period's last day says so") func outOfForce() throws {
    var form = SampleForm.form
    form.validUntil = CalendarDay(year: 2026, month: 10, day: 31)
    let text = TextRenderer(language: .chinese).render(try report(form), sections: [.form])
    #expect(text.contains("2026-01-01 至 2026-10-31") && text.contains("统计周期末日不在该表有效期内。"))
    #expect(!TextRenderer().render(try report(), sections: [.form]).contains("not in force"))
  }

  @Test("Only the sentence about a form that is not in force is a warning, not its dates") func warnings()
    throws
  {
    var form = SampleForm.form
    form.validUntil = CalendarDay(year: 2026, month: 10, day: 31)
    let blocks = ReportDocument(try report(form), language: .english, sections: [.form]).sections[0].blocks
    guard case .fields(let fields)? = blocks.first else {
      Issue.record("no fields")
      return
    }
    let late = fields.filter { $0.value.contains("in force") || $0.label == "In force" }
    #expect(late.map(\.value).first == "2026-01-01 to 2026-10-31")
    #expect(late.map { $0.style == .warning } == [false, true])
  }

  @Test("What is from memory is the wording, not the number; the note of an item is a row by itself")
  func certainty() throws {
    func texts(_ language: Language) throws -> [[String]] {
      var form = SampleForm.form
      form.sections[0].items[0].cells[0].certainty = .memory
      return try report(form).rows(.form, language)
    }
    let english = try texts(.english)
    #expect(english.contains(["Wording of the item", "Read in the source"]))
    #expect(english.contains(["Note", "With the equipment list."]))
    #expect(
      english.contains([
        "1.1 Production equipment", "9",
        "Declared in the register. The wording of this cell is from memory, not read again",
      ]))
    let chinese = try texts(.chinese)
    #expect(chinese.contains(["条文依据", "据所列来源摘录"]) && chinese.contains(["说明", "附设备清单。"]))
    #expect(chinese.contains(["1.1 生产设备数量（台）", "9", "台账申报。本栏条文凭记忆录入，未经核对"]))
  }

  private func report(_ form: Form) throws -> Report { try report(.factory("F001"), form) }
}
