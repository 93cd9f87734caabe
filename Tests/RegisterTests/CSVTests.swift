import Register
import Testing

@Suite("CSV is read as RFC 4180 defines it and spreadsheets write it")
struct CSVTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let records: [CSVRecord]

    init(_ description: String, _ text: String, _ records: [(Int, [String])]) {
      testDescription = description
      self.text = text
      self.records = records.map { CSVRecord(line: $0.0, cells: $0.1) }
    }
  }

  static let cases = [
    Case("nothing at all", "", []),
    Case("one cell", "a", [(1, ["a"])]),
    Case("LF, without a line end at the end", "a,b\nc,d", [(1, ["a", "b"]), (2, ["c", "d"])]),
    Case("LF, with one", "a,b\nc,d\n", [(1, ["a", "b"]), (2, ["c", "d"])]),
    Case("CRLF", "a,b\r\nc,d\r\n", [(1, ["a", "b"]), (2, ["c", "d"])]),
    Case("CR alone", "a,b\rc,d\r", [(1, ["a", "b"]), (2, ["c", "d"])]),
    Case("empty cells", ",a,,b,", [(1, ["", "a", "", "b", ""])]),
    Case("blank lines are skipped and counted", "a\n\n \r\n\nb\n", [(1, ["a"]), (5, ["b"])]),
    Case("commas only are a blank line", "a,b\n,\n\",\",c\n", [(1, ["a", "b"]), (3, [",", "c"])]),
    Case("a quoted comma", "\"a,b\",c", [(1, ["a,b", "c"])]),
    Case("a doubled quote", "\"3\"\" valve\",c", [(1, ["3\" valve", "c"])]),
    Case("an empty quoted cell", "\"\",a", [(1, ["", "a"])]),
    Case(
      "line ends in quotes", "\"a\nb\r\nc\rd\",e\nf\n", [(1, ["a\nb\r\nc\rd", "e"]), (5, ["f"])]),
    Case("space around a cell", " a ,\tb\t,\" c \"", [(1, ["a", "b", "c"])]),
    Case("wide and no-break spaces", "\u{3000}车床\u{A0},\u{3000}", [(1, ["车床", ""])]),
    Case("space within a cell stays", "数控 车床,a  b", [(1, ["数控 车床", "a  b"])]),
  ]

  @Test(arguments: cases)
  func reads(_ one: Case) {
    let (records, problems) = CSVParser.parse(Array(one.text.utf8))
    #expect(records == one.records)
    #expect(problems == [])
  }

  @Test("a quote that is never closed is named by the line it was opened on")
  func unterminatedQuote() {
    let (_, problems) = CSVParser.parse(Array("a,b\nc,\"d\ne,f\n".utf8))
    #expect(
      problems == [
        CSVProblem(
          line: 2, column: 2, message: "a quote is opened here and never closed", chinese: "此处的引号没有对应的结束引号")
      ])
  }

  @Test("stray quotes are all named, and the records around them still read")
  func strayQuotes() {
    let (records, problems) = CSVParser.parse(Array("a\"x,b\n\"c\" d,e\nf,g\n".utf8))
    #expect(
      problems == [
        CSVProblem(
          line: 1, column: 1,
          message: "a quote inside a cell that does not begin with one; enclose the cell in quotes",
          chinese: "单元格不以引号开头，但其中含有引号；请用引号括起整个单元格"),
        CSVProblem(
          line: 2, column: 1, message: "text after a closing quote; write a quote within a cell twice",
          chinese: "结束引号之后还有内容；单元格中的引号应写两次"),
      ])
    #expect(records.map(\.line) == [1, 2, 3])
    #expect(records.last?.cells == ["f", "g"])
  }
}
