import Ledgers
import Register
import TestSupport
import Testing

@Suite("Damaged ledgers are errors or rows, and never end the process")
struct MutationTests {
  static let fixtures = [
    "gnumeric-95.xls", "gnumeric.xls", "gnumeric.xlsx", "openpyxl-streamed.xlsx", "openpyxl.xlsx",
    "password.xlsx",
    "strict.xlsx", "xlsxwriter.xlsx", "xlwt.xls",
  ]

  /// Reads everything there is of a ledger; returns whether there was a problem.
  static func read(_ bytes: [UInt8]) -> Bool {
    do throws(RegisterProblem) {
      let ledger = try LedgerFile.open(bytes: bytes, name: "台账")
      for sheet in ledger.sheets {
        var rows = try ledger.rows(of: sheet)
        _ = rows.merges
        var last = 0
        while let row = try rows.next() {
          guard row.number > last, row.cells.count <= 16_384 else {
            Issue.record("row \(row.number) with \(row.cells.count) cells after row \(last)")
            return true
          }
          last = row.number
        }
      }
      return false
    } catch {
      if error.message.isEmpty || error.chineseMessage == error.message { Issue.record("\(error)") }
      return true
    }
  }

  @Test("Changed, removed and added bytes", arguments: fixtures) func mutations(_ name: String) throws {
    let bytes = try Sample.bytes(name)
    var random = SeededGenerator(seed: 15)
    var problems = 0
    for _ in 0..<400 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: changed.remove(at: place)
        case 1: changed.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2: changed.removeSubrange(place...)
        case 3: changed[place] = [0x00, 0xFF, 0x7F, 0x80][Int.random(in: 0..<4, using: &random)]
        default: changed[place] = UInt8.random(in: 0...255, using: &random)
        }
        if changed.isEmpty { break }
      }
      if Self.read(changed) { problems += 1 }
    }
    #expect(problems > 50)
  }

  @Test("Changed XML of sheets: the scanner reads what expat reads") func sheets() throws {
    let plain =
      (1...6).map { row in
        "<row r=\"\(row)\" hidden=\"0\"><c r=\"A\(row)\" t=\"s\"><v>0</v></c>"
          + "<c r=\"B\(row)\" s=\"1\"><v>45356.5</v></c>"
          + "<c r=\"C\(row)\" t=\"inlineStr\"><is><t>一 &amp; b</t></is></c><c r=\"D\(row)\"><f>A1</f><v>1</v></c></row>"
      }.joined()
    var random = SeededGenerator(seed: 16)
    var (same, problems) = (0, 0)
    for _ in 0..<3000 {
      var changed = Array(plain.utf8)
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: changed.remove(at: place)
        case 1: changed.insert(changed[Int.random(in: 0..<changed.count, using: &random)], at: place)
        default: changed[place] = UInt8(ascii: "a") + UInt8.random(in: 0..<26, using: &random)
        }
      }
      guard let text = String(validating: changed, as: UTF8.self) else { continue }
      let sheet = HandMade(rows: text, styles: [0, 14], strings: ["共享"])
      do {
        _ = try sheet.read()
        same += 1
      } catch let difference as HandMade.Difference {
        Issue.record("\(text): \(difference.rows) and \(difference.others)")
      } catch is RegisterProblem {
        problems += 1
      }
    }
    #expect(same > 300 && problems > 300)
  }
}
