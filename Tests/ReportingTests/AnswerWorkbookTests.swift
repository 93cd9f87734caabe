import Foundation
import Register
import Reporting
import Spreadsheets
import TestSupport
import Testing

/// The answer to a register file as a workbook, as openpyxl reads it.
@Suite("Answer as a workbook") struct AnswerWorkbookTests {
  private static func book(
    _ answer: RegisterAnswer, longestHeld: Int = 20_000
  ) throws -> ReadWorkbook {
    try ForeignReaders.workbook(AnswerWorkbookRenderer(longestHeld: longestHeld).render(answer))
  }

  /// The cells of a sheet as `value`, dates and numbers with their type.
  private static func texts(_ sheet: ReadWorkbook.Sheet) -> [[String]] {
    sheet.rows.map { row in
      var texts = row.map { cell in
        switch cell?.value {
        case nil, .text(""): ""
        case .text(let text):
          // openpyxl leaves the escape that Excel reads as an underscore in some texts.
          cell?.type == "s" ? text.replacing("_x005F_x", with: "_x") : "\(cell?.type ?? "") \(text)"
        case .number(let number): "n \(number)"
        }
      }
      while texts.last == "" { texts.removeLast() }
      return texts
    }
  }

  @Test("The sender's sheet has every row and cell where it was, texts as texts", arguments: [20_000, 2])
  func cells(longestHeld: Int) throws {
    let book = try Self.book(AnswerSample.answer(.chinese), longestHeld: longestHeld)
    #expect(book.sheets.map(\.name) == ["校验概要", "ledger"])
    let sheet = book.sheets[1]
    let expected: [[String]] = [
      ["甲公司设备台账"], [],
      ["资产编号", "企业编号", "设备名称", "数字化", "投用日期", "电表量程", "", "问题"],
      ["007", "F001", "=1+1", "是", "d 2024-03-05T00:00:00", "n 999.5"],
      [
        "E 1", "", "@cmd", "maybe", "-2024", "", "",
        "“资产编号”：“E 1”不是有效编号\n“数字化”：“maybe”应为 是 或 否\n“数字化”：另一处问题",
      ],
      ["n 8.0", "F001", "+x_x0041_", "TRUE", "#N/A", "", "", "“数字化”：单元格已合并"],
      [], [],
      [
        "E9", "F001", "a\nb", "", "", "n 4.2e+17", "stray",
        "本行与第 4 行重复\n“数字化”：必须填写\n第 7 列有内容“stray”，但没有表头",
      ],
    ]
    // A sheet that is written row by row has its column of problems where the longest of the first rows ends.
    let column = longestHeld == 2 ? 6 : 7
    #expect(
      Self.texts(sheet)
        == expected.map { row in
          guard column == 6, row.count > 6 else { return row }
          return row.count == 8 ? row.prefix(6) + [row[7], row[6]].droppingLastEmpty : row
        })
  }

  @Test("Cells with problems are coloured and have the exact messages as comments") func problems() throws {
    for language in Language.allCases {
      let sheet = try Self.book(AnswerSample.answer(language)).sheets[1]
      var marked: [String: String?] = [:]
      for (row, cells) in sheet.rows.enumerated() {
        for (column, cell) in cells.enumerated() where cell?.fill == "FFFFD9CC" {
          marked["\(row + 1).\(column + 1)"] = cell?.comment
        }
      }
      let messages: [String: String?] =
        language == .chinese
        ? [
          "5.1": "“E 1”不是有效编号", "5.4": "“maybe”应为 是 或 否\n另一处问题", "6.4": "单元格已合并",
          "9.4": "必须填写", "9.7": "第 7 列有内容“stray”，但没有表头",
        ]
        : [
          "5.1": "'E 1' is not an id", "5.4": "'maybe' is neither yes nor no\na second problem",
          "6.4": "the cell is merged", "9.4": "a value is required",
          "9.7": "column 7 has the value 'stray' but no heading",
        ]
      #expect(marked == messages)
      // No other cell has a comment.
      #expect(sheet.cells.count { $0.comment != nil } == messages.count)
    }
  }

  @Test("Merged cells stay merged unless they hide a problem or overlap") func merges() throws {
    let answer = AnswerSample.answer(.chinese)
    let book = try Self.book(answer)
    #expect(book.sheets[1].merged == ["A1:F1", "B4:B5"])
    let remark = "含问题的合并单元格以及长表中的合并单元格已拆分。"
    #expect(book.sheets[0].cells.contains { $0.value == .text(remark) })
    // In a long sheet no cells are merged.
    let long = try Self.book(answer, longestHeld: 2)
    #expect(long.sheets[1].merged.isEmpty)
    #expect(long.sheets[0].cells.contains { $0.value == .text(remark) })
  }

  @Test("The headings stay in the window and on every page, and rows with problems can be filtered")
  func layout() throws {
    let book = try Self.book(AnswerSample.answer(.english))
    let sheet = book.sheets[1]
    #expect(sheet.freeze == "A4")
    #expect(sheet.filter == "A3:H9")
    #expect(sheet.repeated == "$3:$3")
    #expect(sheet.paper == 9)
    #expect(book.created == "2026-11-22T06:10:30")
  }

  @Test("A heading of the summary never ends a printed page: it begins the next one with the rows below it")
  func pages() throws {
    let answers = (1...32).map { number in
      var answer = AnswerSample.answer(.chinese)
      answer.files[0].rules = (1...number).map { ("rule \($0)", "规则 \($0)") }
      return answer
    }
    let books = try ForeignReaders.workbooks(answers.map { try AnswerWorkbookRenderer().render($0) })
    let begins = books.map { book in
      book.sheets[0].breaks.map { row -> String in
        guard case .text(let text)? = book.sheets[0].rows[row].first??.value else { return "" }
        return text
      }
    }
    // The headings of the kinds of problems stand above no other table.
    #expect(books.allSatisfy { $0.sheets[0].repeated == nil })
    #expect(Set(begins.flatMap(\.self)) == ["读取时所作的转换", "更正说明"])
    // The other sheet is fitted to the width of a page, and its pages end where they are full.
    #expect(books[0].sheets[1].breaks == [])
  }

  @Test("No text becomes a formula or a link") func formulas() throws {
    for language in Language.allCases {
      let cells = try Self.book(AnswerSample.answer(language)).sheets.flatMap(\.cells)
      #expect(Set(cells.map(\.type)) == ["s", "n", "d"])
      #expect(cells.filter(\.link).isEmpty)
    }
  }

  @Test("The summary says how many rows and problems there are, and what to do") func summary() throws {
    let sheet = try Self.book(AnswerSample.answer(.chinese)).sheets[0]
    #expect(sheet.values(after: "文件") == [.text("ledger.xlsx：4 行数据")])
    #expect(sheet.values(after: "问题") == [.text("8")])
    #expect(sheet.values(after: "结论") == [.text("校验未通过，更正全部问题后方可导入。")])
    #expect(sheet.values(after: "无法识别的填写内容") == [.number(3), .text("请从提示所列内容中选填。")])
    #expect(sheet.cells.contains { $0.value == .text("ledger.xlsx：文件保存了两次") })
    #expect(sheet.cells.contains { $0.value == .text("跳过标题行 1 行") })
    let valid = try Self.book(AnswerSample.answer(.english, nil)).sheets
    #expect(valid[0].values(after: "Result") == [.text("Valid: the files can be imported.")])
    #expect(valid[1].cells.filter { $0.fill == "FFFFD9CC" || $0.comment != nil }.isEmpty)
  }

  @Test("The first thousand problems have comments, the others are coloured and counted") func many() throws {
    let lines = (1...1500).map { "E \($0),F001" }.joined(separator: "\n")
    let file = RegisterFile(name: "e.csv", bytes: Array("equipment_id,factory_id\n\(lines)\n".utf8))
    var problems: RegisterProblems?
    do throws(RegisterProblems) {
      _ = try RegisterRows.read(equipment: file, factories: nil, stored: ["F001"])
    } catch { problems = error }
    let answer = RegisterAnswer(
      language: .english, checked: AnswerSample.checked, calendar: AnswerSample.calendar,
      files: [.init(name: "e.csv") { () throws(RegisterProblem) in try CSVSheet(file) }], problems: problems)
    let book = try Self.book(answer, longestHeld: 100)
    let first = book.sheets[1].rows.dropFirst().map { $0[0] }
    #expect(first.count == 1500)
    #expect(first.allSatisfy { $0?.fill == "FFFFD9CC" })
    #expect(
      first.prefix(1000).allSatisfy {
        $0?.comment?.hasSuffix("is not an id: 1 to 64 of A–Z a–z 0–9 _ . -") == true
      })
    #expect(first.dropFirst(1000).allSatisfy { $0?.comment == nil })
    #expect(book.sheets[1].rows[1500][2]?.value == .text("equipment_id: not an id"))
    #expect(
      book.sheets[0].cells.contains {
        $0.value
          == .text(
            "The first 1,000 problems have their messages. The other 500 are marked with their kind only.")
      })
  }

  @Test("A file that cannot be read has an answer with the summary and the remedy") func unreadable() throws {
    let file = RegisterFile(name: "e.csv", bytes: [0x50, 0x4B, 3, 4])
    let problem = RegisterProblem(
      .encoding, file: "e.csv", message: "this is a spreadsheet workbook, not CSV; save it as 'CSV UTF-8'")
    let answer = RegisterAnswer(
      language: .english, checked: AnswerSample.checked, calendar: AnswerSample.calendar,
      files: [.init(name: "e.csv") { () throws(RegisterProblem) in try CSVSheet(file) }],
      problems: RegisterProblems([problem]))
    let book = try Self.book(answer)
    #expect(book.sheets.map(\.name) == ["Summary"])
    #expect(book.sheets[0].values(after: "File") == [.text("e.csv: cannot be read")])
    #expect(
      book.sheets[0].cells.contains {
        $0.value
          == .text("e.csv: this is a spreadsheet workbook, not CSV; save it as 'CSV UTF-8'")
      })
    #expect(
      book.sheets[0].values(after: "character encoding")
        == [.number(1), .text("Save the file again as 'CSV UTF-8' or as an .xlsx workbook.")])
  }

  @Test(
    "A file that is damaged in its middle has its rows, and says where and why it ends",
    arguments: [20_000, 1])
  func damaged(longestHeld: Int) throws {
    let book = try Self.book(AnswerSample.damaged(.english), longestHeld: longestHeld)
    #expect(
      Self.texts(book.sheets[1]) == [
        ["资产编号", "企业编号", "Problems"], ["E1", "F001"],
        ["E2", "F001", "From row 4 on the file cannot be read: the value x is damaged; save it"],
      ])
    #expect(book.sheets[1].cells.allSatisfy { $0.comment == nil && $0.fill != "FFFFD9CC" })
    let summary = book.sheets[0]
    #expect(summary.values(after: "File") == [.text("ledger.xlsx: 2 rows; the rest cannot be read")])
    #expect(
      summary.cells.contains { $0.value == .text("ledger.xlsx:4:column 2: the value x is damaged; save it") })
    #expect(summary.values(after: "form of the file") == [.number(1), .text("See the message.")])
  }

  @Test("Equal answers give equal bytes") func determinism() throws {
    let answer = AnswerSample.answer(.chinese)
    let renderer = AnswerWorkbookRenderer()
    #expect(try renderer.render(answer) == renderer.render(answer))
  }
}

extension [String] {
  fileprivate var droppingLastEmpty: [String] { last == "" ? dropLast() : self }
}
