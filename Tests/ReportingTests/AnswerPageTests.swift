import Foundation
import FoundationXML
import Register
import Reporting
import Spreadsheets
import Testing

/// The answer to a register file as HTML and as text.
@Suite("Answer as a page") struct AnswerPageTests {
  @Test("The text has the summary and every row with problems, in English") func english() {
    #expect(
      AnswerTextRenderer(width: 80).render(AnswerSample.answer(.english)) == """
        Result of the register check  ledger.xlsx
        ────────────────────────────────────────────────────────────────────────────────
        File       ledger.xlsx: 4 rows
        Problems   8
        Result     Not valid: nothing can be imported until every problem is corrected.
        Past days  Not compared: there is no register to compare with.
        Flags      Not looked up: there are no collected data.

          Problems of a whole file
          ledger.xlsx: the file was saved twice

          Problems by kind
          Kind                      Number  What to do
          form of the file               1  See the message.
          values without a heading       1  Give the column a heading, or clear it.
          missing values                 1  Fill in the listed cells.
          not an id                      1  Use 1 to 64 letters, digits or _ . - for an
                                            id.
          duplicates                     1  Keep one row per machine.
          unknown words                  3  Use one of the words that the message lists.

          How cells were read
          1 title row was skipped

          How to correct
          The rows with problems are listed below.
          Correct the original file and send it again; this answer is for reference.

        ledger.xlsx

          Row 5: E 1 | – | @cmd | maybe | -2024
            – 资产编号: 'E 1' is not an id
            – 数字化: 'maybe' is neither yes nor no
            – 数字化: a second problem

          Row 6: 8 | F001 | +x_x0041_ | TRUE | #N/A
            – 数字化: the cell is merged

          Row 9: E9 | F001 | a b | – | – | 4.2E+17 | stray
            – the row repeats row 4
            – 数字化: a value is required
            – column 7 has the value 'stray' but no heading

        """)
  }

  @Test("The text has the summary and every row with problems, in Chinese") func chinese() {
    #expect(
      AnswerTextRenderer(width: 80).render(AnswerSample.answer(.chinese)) == """
        台账校验结果  ledger.xlsx
        ────────────────────────────────────────────────────────────────────────────────
        文件      ledger.xlsx：4 行数据
        问题      8
        结论      校验未通过，更正全部问题后方可导入。
        已过日期  未比对：没有可供比对的已登记台账。
        疑点      未核对：无采集数据。

          整个文件的问题
          ledger.xlsx：文件保存了两次

          问题分类
          问题类别            数量  处理办法
          文件格式错误           1  请按提示更正。
          有值但无表头           1  请为该列补填表头，或清除该列内容。
          缺少必填值             1  请补填所列单元格。
          编号格式错误           1  编号应由 1 至 64 个字母、数字或 _ . - 组成。
          重复                   1  同一设备只保留一行。
          无法识别的填写内容     3  请从提示所列内容中选填。

          读取时所作的转换
          跳过标题行 1 行

          更正说明
          有问题的行列示于后。
          请在原文件中更正后重新报送；本答复仅供对照。

        ledger.xlsx

          第 5 行：E 1 | – | @cmd | maybe | -2024
            – “资产编号”：“E 1”不是有效编号
            – “数字化”：“maybe”应为 是 或 否
            – “数字化”：另一处问题

          第 6 行：8 | F001 | +x_x0041_ | TRUE | #N/A
            – “数字化”：单元格已合并

          第 9 行：E9 | F001 | a b | – | – | 4.2E+17 | stray
            – 本行与第 4 行重复
            – “数字化”：必须填写
            – 第 7 列有内容“stray”，但没有表头

        """)
  }

  @Test("A valid file has a text without rows") func valid() {
    #expect(
      AnswerTextRenderer(width: 80).render(AnswerSample.answer(.chinese, nil)) == """
        台账校验结果  ledger.xlsx
        ────────────────────────────────────────────────────────────────────────────────
        文件      ledger.xlsx：4 行数据
        问题      0
        结论      校验通过，可以导入。
        已过日期  未比对：没有可供比对的已登记台账。
        疑点      未核对：无采集数据。

          读取时所作的转换
          跳过标题行 1 行

        """)
  }

  private static let page = AnswerHTMLRenderer().render(AnswerSample.answer(.chinese))

  @Test("The page shows every row, and marks exactly the cells with problems") func html() {
    let page = Self.page
    #expect(page.matches(of: /<tr>/).count == 5 + 7)
    #expect(page.contains("<p><bdi>甲公司设备台账</bdi></p>"))
    #expect(page.contains(#"<th scope="col" class="n">行</th><th scope="col"><bdi>资产编号</bdi></th>"#))
    let marked = page.matches(of: /<td class="problem(?: long)?">(?:<bdi>)?([^<]*)/).map {
      String($0.output.1)
    }
    #expect(marked == ["E 1", "maybe", "TRUE", "　", "stray"])
    #expect(
      page.contains(
        "<bdi>“资产编号”：“E 1”不是有效编号</bdi><br/><bdi>“数字化”：“maybe”应为 是 或 否</bdi><br/>"
          + "<bdi>“数字化”：另一处问题</bdi>"))
  }

  @Test("The page is self-contained, prints on A4 in landscape and is well-formed") func form() {
    #expect(Self.page.contains("@page{size:A4 landscape}"))
    #expect(Self.page.contains("default-src &#39;none&#39;"))
    for word in ["<script", "http://", "https://", "src=", "url("] { #expect(!Self.page.contains(word)) }
    #expect(XMLParser(data: Data(Self.page.dropFirst("<!DOCTYPE html>".count).utf8)).parse())
  }

  @Test("Of a long file only the rows with problems are shown, and it is said") func long() {
    let lines = (1...3000).map { "E\($0 == 7 ? " " : "")\($0),F001" }.joined(separator: "\n")
    let file = RegisterFile(name: "e.csv", bytes: Array("equipment_id,factory_id\n\(lines)\n".utf8))
    var problems: RegisterProblems?
    do throws(RegisterProblems) {
      _ = try RegisterRows.read(equipment: file, factories: nil, stored: ["F001"])
    } catch { problems = error }
    let answer = RegisterAnswer(
      language: .english, checked: AnswerSample.checked, calendar: AnswerSample.calendar,
      files: [.init(name: "e.csv") { () throws(RegisterProblem) in try CSVSheet(file) }], problems: problems)
    let page = AnswerHTMLRenderer().render(answer)
    #expect(page.contains("<p>2,999 rows are left out.</p>"))
    #expect(page.contains(#"<th scope="row" class="n">8</th><td class="problem"><bdi>E 7</bdi></td>"#))
    #expect(!page.contains("<bdi>E8</bdi>"))
  }

  @Test("A row belongs to the problems on the lines of its quoted cells") func quotedLines() throws {
    let file = RegisterFile(name: "e.csv", bytes: Array("a,b\n\"x\ny\",\"z\n\nE2,F\n".utf8))
    let problem = RegisterProblem(.form, file: "e.csv", line: 3, column: (2, "b"), message: "never closed")
    let answer = RegisterAnswer(
      language: .english, checked: AnswerSample.checked, calendar: AnswerSample.calendar,
      files: [.init(name: "e.csv") { () throws(RegisterProblem) in try CSVSheet(file) }],
      problems: RegisterProblems([problem]))
    var rows = try AnswerRows(answer.files[0], of: answer)
    #expect(rows.next()?.problems.isEmpty == true)
    let row = rows.next()
    #expect(row?.number == 2 && row?.problems.map(\.column) == [2])
    #expect(rows.next() == nil)
  }

  @Test("A file that is damaged in its middle shows the rows before, and where and why it ends")
  func damaged() {
    let text = AnswerTextRenderer(width: 80).render(AnswerSample.damaged(.chinese))
    for line in [
      "文件      ledger.xlsx：2 行数据，其余部分无法读取", "  ledger.xlsx 第 4 行第 2 列：单元格的值“x”已损坏；请另存",
      "  第 3 行：E2 | F001",
      "    – 自第 4 行起无法读取：单元格的值“x”已损坏；请另存",
    ] { #expect(text.split(separator: "\n").contains(Substring(line)), "\(line) in \(text)") }
    #expect(text.contains("请按提示更正。") && !text.contains("标色"))
    let page = AnswerHTMLRenderer().render(AnswerSample.damaged(.english))
    #expect(page.contains("ledger.xlsx: 2 rows; the rest cannot be read"))
    #expect(
      page.contains(
        #"<td class="problems"><bdi>From row 4 on the file cannot be read: the value x is damaged; save it</bdi>"#
      ))
    // The marked cell of the row that cannot be read is not one of the last row.
    #expect(!page.contains(#"class="problem""#))
  }

  @Test("An answer names no options of commands, and says which rows are equipment") func forSender() {
    let merged = RegisterProblem(
      .form, file: "in/a.xlsx", sheet: "台账", line: 2, column: (1, "资产编号"),
      message: "merged; give --fill-down",
      chinese: "合并；请用 --fill-down"
    ).forSender("merged; split the cells", "合并；请取消合并")
    let unknown = RegisterProblem(
      .heading, file: "in/a.xlsx", message: "unknown; give --synonyms", chinese: "无法识别；请用 --synonyms"
    ).forSender("unknown; use the template", "无法识别；请改用模板表头")
    func answer(_ language: Language, sheets: [String]) -> RegisterAnswer {
      let rows = FixedRows(rows: [
        SheetRow(number: 1, cells: [.text("资产编号")]), SheetRow(number: 2, cells: [.text("E1"), .text("x")]),
        SheetRow(number: 3, cells: [.text("合计")]),
      ])
      return RegisterAnswer(
        language: language, checked: AnswerSample.checked, calendar: AnswerSample.calendar,
        files: sheets.map { sheet in
          .init(name: "in/a.xlsx", sheet: sheet, equipment: 1) { () throws(RegisterProblem) in rows }
        }, problems: RegisterProblems([merged, unknown]))
    }
    let text = AnswerTextRenderer().render(answer(.chinese, sheets: ["台账"]))
    for line in [
      "文件      a.xlsx：2 行数据，其中设备 1 台", "  a.xlsx：无法识别；请改用模板表头", "  第 2 行：E1 | x", "    – “资产编号”：合并；请取消合并",
    ] { #expect(text.split(separator: "\n").contains(Substring(line)), "\(line) in \(text)") }
    #expect(!text.contains("--"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let page = AnswerHTMLRenderer().render(answer(.english, sheets: ["台账", "二"]))
    #expect(page.contains("a.xlsx, sheet &#39;台账&#39;: 2 rows, 1 of them equipment"))
    #expect(page.contains("The 2 tables below are your own, row by row."))
    #expect(!page.contains("--fill-down") && !page.contains("--synonyms"))
  }

  @Test("A cell in a sheet's last column does not give every row 16,384 cells") func farCells() throws {
    func answer(_ language: Language) -> RegisterAnswer {
      let far: [SheetCell] = [.text("E1")] + [SheetCell](repeating: .empty, count: 16_382) + [.text("stray")]
      let rows = FixedRows(
        rows: [SheetRow(number: 1, cells: [.text("资产编号")])]
          + (2...500).map { SheetRow(number: $0, cells: far) })
      let problems = (2...500).map {
        RegisterProblem(
          .strayValue, file: "a.xlsx", sheet: "台账", line: $0, column: (16_384, ""),
          message: "column XFD has the value 'stray' but no heading", chinese: "XFD 列有内容“stray”，但没有表头")
      }
      return RegisterAnswer(
        language: language, checked: AnswerSample.checked, calendar: AnswerSample.calendar,
        files: [.init(name: "a.xlsx", sheet: "台账") { () throws(RegisterProblem) in rows }],
        problems: RegisterProblems(problems))
    }
    let page = AnswerHTMLRenderer().render(answer(.english))
    // Of the rows' table: the table's column, the far column, and the problems.
    #expect(page.components(separatedBy: "<td").count - 1 < 500 * 4)
    #expect(page.utf8.count < 500_000)
    #expect(page.contains("<bdi>XFD</bdi>") && page.contains("<bdi>stray</bdi>"))
    let text = AnswerTextRenderer().render(answer(.chinese))
    #expect(text.utf8.count < 100_000)
    let shown = text.split(separator: "\n").first { $0.contains("第 2 行：") }
    #expect(shown?.contains("第 2 行：E1") == true && shown?.hasSuffix("| XFD: stray") == true)
    #expect(try AnswerWorkbookRenderer().render(answer(.english)).count < 200_000)
  }

  @Test("A text without rows announces none, and a long title is not cut") func withoutRows() {
    let name = String(repeating: "长", count: 45) + ".xlsx"
    let problem = RegisterProblem(.form, file: name, message: "empty", chinese: "文件为空")
    let rows = FixedRows(rows: [SheetRow(number: 1, cells: [.text("资产编号")])])
    let text = AnswerTextRenderer().render(
      RegisterAnswer(
        language: .chinese, checked: AnswerSample.checked, calendar: AnswerSample.calendar,
        files: [.init(name: name) { () throws(RegisterProblem) in rows }],
        problems: RegisterProblems([problem])))
    #expect(!text.contains("有问题的行列示于后。"))
    let lines = text.split(separator: "\n").prefix(2)
    #expect(lines.joined() == "台账校验结果  " + name)
  }
}
