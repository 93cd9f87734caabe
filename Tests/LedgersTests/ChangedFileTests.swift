import Foundation
import Ledgers
import TestSupport
import Testing

/// Offices keep ledgers on shared drives, where others save them while they are read.
@Suite("A ledger that changes while it is read") struct ChangedFileTests {
  /// Rows of a sheet that is read by its user's thread, and of one of more than eight mebibytes, which has its own.
  static let counts = [3, 60_000]

  private static func rows(_ count: Int, _ text: String) -> [UInt8] {
    let rows = (1...count).map { number in
      "<row r=\"\(number)\"><c r=\"A\(number)\" t=\"s\"><v>0</v></c>"
        + "<c r=\"B\(number)\"><v>\(number)</v></c>"
        + "<c r=\"D\(number)\" t=\"inlineStr\"><is><t>a text that is longer than others, no. \(number)</t></is></c></row>"
    }
    var sheet = HandMade(rows: rows.joined())
    sheet.strings = [text]
    return sheet.bytes
  }

  @Test("Rows are those of the file that was opened, whatever has its name now", arguments: counts)
  func replaced(count: Int) throws {
    let folder = try TemporaryDirectory("ledger")
    let file = folder.url.appendingPathComponent("a.xlsx")
    try Data(Self.rows(count, "before")).write(to: file)
    let ledger = try LedgerFile.open(path: file.path, name: "a.xlsx")
    // Written beside the file and renamed, as spreadsheet programs save.
    try Data(Self.rows(count, "after")).write(to: file, options: .atomic)
    let rows = try Sample.rows(ledger)
    #expect(rows.count == count)
    #expect(rows.allSatisfy { $0.cells.first == .text("before") })
    #expect(try Sample.rows(LedgerFile.open(path: file.path)).first?.cells.first == .text("after"))
    withExtendedLifetime(folder) {}
  }

  @Test("A file that is written to while its rows are read is refused", arguments: counts)
  func written(count: Int) throws {
    let folder = try TemporaryDirectory("ledger")
    let file = folder.url.appendingPathComponent("a.xlsx")
    let bytes = Self.rows(count, "before")
    try Data(bytes).write(to: file)
    let ledger = try LedgerFile.open(path: file.path, name: "a.xlsx")
    let sheet = try Sample.sheet(ledger)
    var read = try ledger.rows(of: sheet)
    #expect(try read.next()?.cells.first == .text("before"))
    // The end of the archive stays, so that it could still be read.
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    try handle.write(contentsOf: [0])
    try handle.close()
    let changed = [
      "a.xlsx: the file was changed while it was read; close it in the program that writes it, then try again",
      "a.xlsx：文件在读取过程中被修改；请在写入该文件的程序中将其关闭后重试",
    ]
    #expect(Sample.problem { while try read.next() != nil {} } == changed)
    #expect(try read.next() == nil)
    #expect(Sample.problem { _ = try Sample.rows(ledger) } == changed)
    withExtendedLifetime(folder) {}
  }
}
