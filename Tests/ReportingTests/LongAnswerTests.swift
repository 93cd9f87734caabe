import Foundation
import Register
import Reporting
import Spreadsheets
import TestSupport
import Testing

/// Sheets of answers that are written row by row: as openpyxl reads them, they are the same as short ones.
@Suite("Answer about a long file") struct LongAnswerTests {
  /// Texts that a writer of XML may damage, each with the text that a workbook keeps of it.
  private static let texts: [(given: String, kept: String)] = [
    ("=1+1", "=1+1"), (" padded ", " padded "), ("\ttab\nline", "\ttab\nline"), ("a\r\nb", "a_x000D_\nb"),
    ("a&b<c>d\"e'f]]>", "a&b<c>d\"e'f]]>"), ("bell\u{7}zero\0end\u{1F}", "bell_x0007_zero_x0000_end_x001F_"),
    ("_x0041_", "_x005F_x0041_"), ("_x0041", "_x0041"), ("__x00e9__", "__x005F_x00e9__"),
    ("x_xGGGG_", "x_xGGGG_"),
    ("\u{FFFE}\u{FFFF}（全角）", "_xFFFE__xFFFF_（全角）"), ("👩‍👩‍👧‍👦数控机床", "👩‍👩‍👧‍👦数控机床"), ("e\u{301}", "e\u{301}"),
    (String(repeating: "长", count: 40_000), String(repeating: "长", count: 32_000)),
    // Of 11 UTF-16 units each; the last one is cut between two of its characters.
    (
      String(repeating: "👩‍👩‍👧‍👦", count: 3000),
      String(repeating: "👩‍👩‍👧‍👦", count: 2909)
    ),
  ]
  private static let numbers = [
    "0", "-0.5", "007", "999999999999999", "9999999999999999", "4.2E+17", "1E-7", "45.30",
  ]

  private static let rows: [SheetRow] = {
    var rows = [SheetRow(number: 2, cells: (1...3).map { .text("A heading as wide as any \($0)") })]
    for (place, text) in texts.enumerated() {
      rows.append(SheetRow(number: 4 + place, cells: [.text(text.given), .empty, .text("E\(place)")]))
    }
    for (place, digits) in numbers.enumerated() {
      rows.append(
        SheetRow(number: 40 + place, cells: [.number(digits), .day(AnswerSample.day), .truth(true)]))
    }
    rows.append(
      SheetRow(number: 60, cells: [.error("#N/A"), .text("more than its column can hold in a line")]))
    return rows
  }()

  private static let problems: [RegisterProblem] = [
    AnswerSample.problem(.identifier, 4, 1, "'=1+1' is not an id", "“=1+1”不是有效编号"),
    AnswerSample.problem(.missingValue, 4, 2, "a value is required", "必须填写"),
    AnswerSample.problem(.number, 44, 1, "_x0041_ \u{7} & <", "_x0041_ \u{7} & <"),
    AnswerSample.problem(.number, 44, 1, "a second problem", "另一处问题"),
    AnswerSample.problem(.missingValue, 60, 5, "right of the last cell", "最后一格右侧"),
    AnswerSample.problem(.duplicate, 60, nil, "the row repeats row 4", "本行与第 4 行重复"),
  ]

  private static func book(longestHeld: Int) throws -> ReadWorkbook {
    let answer = RegisterAnswer(
      language: .chinese, checked: AnswerSample.checked, calendar: AnswerSample.calendar,
      files: [
        .init(name: "in/ledger.xlsx", headingRow: 2) { () throws(RegisterProblem) in FixedRows(rows: rows) }
      ], problems: RegisterProblems(problems))
    return try ForeignReaders.workbook(AnswerWorkbookRenderer(longestHeld: longestHeld).render(answer))
  }

  /// openpyxl undoes one of the escapes in one of two places where a workbook keeps texts.
  private static func plain(_ rows: [[ReadWorkbook.Cell?]]) -> [[ReadWorkbook.Cell?]] {
    rows.map { row in
      row.map { cell in
        guard var cell, case .text(let text) = cell.value else { return cell }
        cell.value = .text(text.replacing("_x005F_x", with: "_x"))
        return cell
      }
    }
  }

  @Test("A long sheet has the cells, fills, comments and sizes of a short one") func same() throws {
    let short = try Self.book(longestHeld: 1000)
    let long = try Self.book(longestHeld: 3)
    #expect(
      short.sheets.map(\.name) == ["校验概要", "ledger"] && long.sheets.map(\.name) == short.sheets.map(\.name))
    #expect(Self.plain(long.sheets[0].rows) == Self.plain(short.sheets[0].rows))
    let (a, b) = (short.sheets[1], long.sheets[1])
    #expect(b.rows.count == 60)
    for (number, rows) in zip(Self.plain(a.rows), Self.plain(b.rows)).enumerated() {
      #expect(rows.0 == rows.1, "row \(number + 1)")
    }
    #expect(b.widths == a.widths)
    #expect(b.heights == a.heights && b.heights["60"] == 45)
    #expect([b.freeze, b.filter, b.repeated] == ["A3", "A2:D60", "$2:$2"])
    #expect([b.freeze, b.filter, b.repeated] == [a.freeze, a.filter, a.repeated])
  }

  @Test("A long sheet keeps every text and number") func values() throws {
    let sheet = try Self.book(longestHeld: 3).sheets[1]
    for (place, text) in Self.texts.enumerated() {
      let cell = sheet.rows[3 + place][0]
      #expect(cell?.type == "s")
      guard case .text(let found) = cell?.value else {
        Issue.record("text \(place) is \(String(describing: cell))")
        continue
      }
      #expect(found.hasPrefix(text.kept) && found.utf16.count <= 32_000, "text \(place)")
      #expect(found.utf16.count - text.kept.utf16.count < 11, "text \(place)")
    }
    let numbers = Self.numbers.indices.map { sheet.rows[39 + $0][0]?.value }
    #expect(
      numbers
        == [0, -0.5, 7, 999_999_999_999_999, 1e16, 4.2e17, 1e-7, 45.3].map { .number($0) })
    #expect(sheet.rows[39][1]?.value == .text("2024-03-05T00:00:00"))
    #expect(sheet.rows[39][1]?.format == #"yyyy\-mm\-dd"#)
  }

  @Test("Problems of a long sheet are coloured, commented and listed") func marks() throws {
    let sheet = try Self.book(longestHeld: 3).sheets[1]
    var marked: [String: String?] = [:]
    for (row, cells) in sheet.rows.enumerated() {
      for (column, cell) in cells.enumerated() where cell?.fill == "FFFFD9CC" {
        marked["\(row + 1).\(column + 1)"] = cell?.comment
      }
    }
    #expect(
      marked == [
        "4.1": "“=1+1”不是有效编号", "4.2": "必须填写", "44.1": "_x005F_x0041_ \\u{7} & <\n另一处问题", "60.6": "最后一格右侧",
      ])
    #expect(sheet.rows[59][3]?.value == .text("本行与第 4 行重复\n“投用日期”：最后一格右侧"))
  }

  @Test("Equal answers about long files give equal bytes") func determinism() throws {
    let answer = AnswerSample.answer(.chinese)
    let renderer = AnswerWorkbookRenderer(longestHeld: 2)
    #expect(try renderer.render(answer) == renderer.render(answer))
  }

  @Test("An answer that cannot be written is an error, and leaves nothing behind") func unwritable() throws {
    let folder = try TemporaryDirectory()
    let renderer = AnswerWorkbookRenderer(temporaryFolder: URL(fileURLWithPath: folder.path), longestHeld: 2)
    #expect(throws: WorkbookError.self) {
      try renderer.write(AnswerSample.answer(.chinese), to: folder.file("none/answer.xlsx"))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }
}
