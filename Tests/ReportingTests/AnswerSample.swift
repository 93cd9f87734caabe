import Foundation
import Register
import Reporting
import Telemetry

/// Rows that a test gives.
struct FixedRows: SheetRows {
  var file = "ledger.xlsx"
  var sheet = "Sheet1"
  var merges: [SheetMerge] = []
  var rows: [SheetRow]
  /// The problem after the last row.
  var end: RegisterProblem?

  mutating func next() throws(RegisterProblem) -> SheetRow? {
    if rows.isEmpty, let end { throw end }
    return rows.isEmpty ? nil : rows.removeFirst()
  }
}

/// A ledger with title rows, every kind of cell, and problems, as an answer.
enum AnswerSample {
  static let checked = Timestamp("2026-11-22T06:10:30Z") ?? Timestamp(milliseconds: 0)
  static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private static let headings = ["资产编号", "企业编号", "设备名称", "数字化", "投用日期", "电表量程"]
  static let day = CalendarDay(year: 2024, month: 3, day: 5) ?? CalendarDay(number: 0)

  static let rows = FixedRows(
    merges: [
      SheetMerge(rows: 1...1, columns: 1...6), SheetMerge(rows: 4...5, columns: 2...2),
      SheetMerge(rows: 6...7, columns: 4...4), SheetMerge(rows: 5...6, columns: 2...2),
    ],
    rows: [
      SheetRow(number: 1, cells: [.text("甲公司设备台账")]),
      SheetRow(number: 3, cells: headings.map { .text($0) }),
      SheetRow(
        number: 4,
        cells: [.text("007"), .text("F001"), .text("=1+1"), .text("是"), .day(day), .number("999.5")]),
      SheetRow(
        number: 5, cells: [.text("E 1"), .empty, .text("@cmd"), .text("maybe"), .text("-2024"), .empty]),
      SheetRow(
        number: 6, cells: [.number("8"), .text("F001"), .text("+x_x0041_"), .truth(true), .error("#N/A")]),
      SheetRow(
        number: 9,
        cells: [
          .text("E9"), .text("F001"), .text("a\nb"), .empty, .empty, .number("4.2E+17"), .text("stray"),
        ]),
    ])

  static func problem(
    _ kind: RegisterProblem.Kind, _ line: Int?, _ column: Int?, _ message: String, _ chinese: String
  ) -> RegisterProblem {
    RegisterProblem(
      kind, file: "in/ledger.xlsx", line: line,
      column: column.map { ($0, $0 <= headings.count ? headings[$0 - 1] : "") }, message: message,
      chinese: chinese)
  }

  static let problems = RegisterProblems([
    problem(.form, nil, nil, "the file was saved twice", "文件保存了两次"),
    problem(.identifier, 5, 1, "'E 1' is not an id", "“E 1”不是有效编号"),
    problem(.word, 5, 4, "'maybe' is neither yes nor no", "“maybe”应为 是 或 否"),
    problem(.word, 5, 4, "a second problem", "另一处问题"),
    problem(.word, 7, 4, "the cell is merged", "单元格已合并"),
    problem(.missingValue, 9, 4, "a value is required", "必须填写"),
    problem(.strayValue, 9, 7, "column 7 has the value 'stray' but no heading", "第 7 列有内容“stray”，但没有表头"),
    problem(.duplicate, 9, nil, "the row repeats row 4", "本行与第 4 行重复"),
  ])

  static func answer(_ language: Language, _ problems: RegisterProblems? = problems) -> RegisterAnswer {
    RegisterAnswer(
      language: language, checked: checked, calendar: calendar,
      files: [
        .init(
          name: "in/ledger.xlsx", headingRow: 3,
          rules: [("1 title row was skipped", "跳过标题行 1 行")]
        ) { () throws(RegisterProblem) in rows }
      ], problems: problems)
  }

  /// A ledger whose fourth row is damaged.
  static func damaged(_ language: Language) -> RegisterAnswer {
    let problem = RegisterProblem(
      .form, file: "in/ledger.xlsx", line: 4, column: (2, ""), message: "the value x is damaged; save it",
      chinese: "单元格的值“x”已损坏；请另存")
    let rows = FixedRows(
      rows: [
        SheetRow(number: 1, cells: [.text("资产编号"), .text("企业编号")]),
        SheetRow(number: 2, cells: [.text("E1"), .text("F001")]),
        SheetRow(number: 3, cells: [.text("E2"), .text("F001")]),
      ], end: problem)
    return RegisterAnswer(
      language: language, checked: checked, calendar: calendar,
      files: [.init(name: "in/ledger.xlsx") { () throws(RegisterProblem) in rows }],
      problems: RegisterProblems([problem]))
  }
}
