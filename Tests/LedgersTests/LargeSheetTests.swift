import Foundation
import Ledgers
import Register
import TestSupport
import Testing

/// A sheet from eight mebibytes on is read ahead on threads of its own, if it is in a file; bytes in memory are not.
@Suite("A large sheet is read ahead as a small one is read") struct LargeSheetTests {
  /// Rows of a sheet of more than eight mebibytes: `damaged` is put before the row with the number 50,000.
  private static func sheet(damaged: String = "") -> HandMade {
    var rows = ""
    for number in 1...60_000 {
      if number == 50_000 { rows += damaged }
      rows +=
        "<row r=\"\(number)\"><c r=\"A\(number)\" t=\"s\"><v>\(number % 3)</v></c>"
        + "<c r=\"B\(number)\"><v>\(number)</v></c>"
        + "<c r=\"D\(number)\" t=\"inlineStr\"><is><t>a text that is longer than others, no. \(number)</t></is></c></row>"
    }
    var sheet = HandMade(rows: rows)
    sheet.columns = "<cols><col min=\"2\" max=\"3\" hidden=\"1\"/></cols>"
    sheet.tail = "<mergeCells><mergeCell ref=\"A2:A4\"/></mergeCells>"
    sheet.strings = ["one", "two", "three"]
    return sheet
  }

  /// Passes the sheet as a file and as bytes.
  private static func both(
    _ sheet: HandMade, _ body: (_ file: LedgerFile, _ bytes: LedgerFile) throws -> Void
  ) throws {
    let bytes = sheet.bytes
    // The archive is not packed.
    #expect(bytes.count > 8 << 20)
    let folder = try TemporaryDirectory("ledger")
    let file = folder.url.appendingPathComponent("large.xlsx")
    try Data(bytes).write(to: file)
    try withExtendedLifetime(folder) {
      try body(
        LedgerFile.open(path: file.path, name: "a.xlsx"), LedgerFile.open(bytes: bytes, name: "a.xlsx"))
    }
  }

  @Test("Rows, merged cells and hidden columns are the same") func same() throws {
    try Self.both(Self.sheet()) { file, bytes in
      let rows = try Sample.rows(file)
      #expect(rows.count == 60_000)
      #expect(
        rows.last?.cells == [
          .text("one"), .number("60000"), .empty, .text("a text that is longer than others, no. 60000"),
        ])
      #expect(try rows == Sample.rows(bytes))
      let sheet = try file.rows(of: Sample.sheet(file))
      #expect(sheet.hiddenColumns == [2...3])
      #expect(sheet.merges == [SheetMerge(rows: 2...4, columns: 1...1)])
      #expect(sheet.file == "a.xlsx")
      #expect(sheet.sheet == "S")
    }
  }

  @Test("A damaged cell ends the rows behind those before it, with the same problem") func damaged() throws {
    let damaged = Self.sheet(damaged: "<row r=\"49999\"><c r=\"A49999\"><v>x</v></c></row>")
    try Self.both(damaged) { file, bytes in
      let found = try Self.read(file)
      #expect(found.count == 49_999)
      #expect(
        found.problem.first?.hasPrefix("a.xlsx:S:row 49999: row 49999 stands after row 49999; ") == true)
      let others = try Self.read(bytes)
      #expect(others.count == 49_999)
      #expect(others.problem == found.problem)
    }
  }

  /// The number of rows before the first problem, and the problem; behind it there is no row.
  private static func read(_ ledger: LedgerFile) throws -> (count: Int, problem: [String]) {
    var rows = try ledger.rows(of: Sample.sheet(ledger))
    var count = 0
    let problem = Sample.problem { while try rows.next() != nil { count += 1 } }
    #expect(try rows.next() == nil)
    return (count, problem)
  }

  @Test("A reader that is left early takes nothing from one that is opened after it") func leftEarly() throws
  {
    try Self.both(Self.sheet()) { file, _ in
      for _ in 1...3 {
        var rows = try file.rows(of: Sample.sheet(file))
        #expect(try rows.next()?.number == 1)
      }
      let rows = try Sample.rows(file)
      #expect(rows.map(\.number) == Array(1...60_000))
      #expect(rows.allSatisfy { $0.cells.count == 4 })
    }
  }

  @Test("A damaged beginning is refused before the first row") func damagedBeginning() throws {
    var sheet = Self.sheet()
    sheet.columns = "<cols></col>"
    try Self.both(sheet) { file, bytes in
      let found = Sample.problem { _ = try file.rows(of: Sample.sheet(file)) }
      #expect(found.count == 2)
      #expect(found == Sample.problem { _ = try bytes.rows(of: Sample.sheet(bytes)) })
    }
  }
}
