import Register
import Telemetry

/// Rows of a sheet in memory.
struct MemorySheet: SheetRows {
  let file: String
  let sheet: String
  let merges: [SheetMerge]
  var hiddenColumns: [ClosedRange<Int>] = []
  private var rows: ArraySlice<SheetRow>

  init(_ file: String, _ sheet: String, _ rows: [SheetRow], merges: [SheetMerge] = []) {
    self.file = file
    self.sheet = sheet
    self.rows = rows[...]
    self.merges = merges
  }

  mutating func next() throws(RegisterProblem) -> SheetRow? { rows.popFirst() }
}

extension SheetCell: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = text.isEmpty ? .empty : .text(text) }
}

/// Ledgers in memory, read as an import reads files.
struct Desk {
  var ledgers: [LedgerSource] = []
  var options = LedgerOptions()
  var factories = [
    RegisteredFactory(id: "F001", nameChinese: "渝北精密机械厂（示例）", nameEnglish: "Sample Works"),
    RegisteredFactory(id: "F002", nameChinese: "高新电子"),
  ]

  /// A workbook `ledger.xlsx` with one sheet 台账.
  init(_ rows: [[SheetCell]], merges: [SheetMerge] = [], from first: Int = 1) {
    add("ledger.xlsx", [("台账", Self.numbered(rows, from: first), merges)])
  }

  /// A text file `ledger.csv`.
  init(csv text: String) {
    ledgers = [LedgerSource(RegisterFile(name: "ledger.csv", bytes: Array(text.utf8)))]
  }

  init() {}

  static func numbered(_ rows: [[SheetCell]], from first: Int = 1) -> [SheetRow] {
    // A row without cells stands for a blank one, which readers do not return.
    rows.enumerated().filter { !$0.element.isEmpty }.map {
      SheetRow(number: $0.offset + first, cells: $0.element)
    }
  }

  mutating func add(
    _ file: String, _ sheets: [(name: String, rows: [SheetRow], merges: [SheetMerge])],
    hidden: Set<String> = []
  ) {
    let rows = Dictionary(sheets.map { ($0.name, ($0.rows, $0.merges)) }, uniquingKeysWith: { $1 })
    ledgers.append(
      LedgerSource { () throws(RegisterProblem) in
        let names = sheets.map(\.name)
        return Ledger(
          name: file, english: "XLSX", chinese: "XLSX", sheets: names.filter { !hidden.contains($0) },
          hidden: names.filter(hidden.contains)
        ) { (sheet) throws(RegisterProblem) in
          MemorySheet(file, sheet, rows[sheet]?.0 ?? [], merges: rows[sheet]?.1 ?? [])
        }
      })
  }

  func read() throws(RegisterProblems) -> RegisterRows {
    try RegisterRows.read(ledgers: ledgers, factories: nil, registered: factories, options: options)
  }

  /// The rules in both languages, alternating.
  func rules() throws(RegisterProblems) -> [String] {
    try read().sheets.flatMap { $0.rules.flatMap { [$0.english, $0.chinese] } }
  }

  /// The problems in both languages, alternating.
  func complaints() -> [String] {
    do {
      _ = try read()
      return []
    } catch {
      return zip(error.lines(), error.lines(inChinese: true)).flatMap { [$0, $1] }
    }
  }

  /// The keys read.
  func keys() throws(RegisterProblems) -> [String] { try read().equipment.map(\.key.description) }
}
