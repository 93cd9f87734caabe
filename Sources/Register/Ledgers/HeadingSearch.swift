/// Finds the row of the headings below the title of a ledger.
struct HeadingSearch<Column: RegisterColumn> {
  /// Number of rows in which the headings are searched.
  static var searched: Int { 30 }
  /// Maximum number of rows that headings with merged cells take.
  static var deepest: Int { 4 }

  private let names: HeadingNames<Column>
  private let merges: [SheetMerge]
  /// The headings as one row, with the number of the last of their rows; nil for an empty sheet.
  private(set) var headings: SheetRow?
  /// Number of rows the headings take.
  private(set) var depth = 1
  /// Rows above the headings.
  private(set) var titles: [SheetRow] = []
  /// Rows below the headings that have been read.
  private(set) var rest: [SheetRow] = []

  init(_ names: HeadingNames<Column>, merges: [SheetMerge]) {
    self.names = names
    self.merges = merges
  }

  /// Reads rows until the headings are found. If no row has enough known headings, the first row has them.
  mutating func read(_ rows: inout any SheetRows, isLedger: Bool) throws(RegisterProblem) {
    guard isLedger else {
      headings = try rows.next()
      return
    }
    var read: [SheetRow] = []
    while read.count < Self.searched, let row = try rows.next() {
      read.append(row)
      guard isEnough(row) else { continue }
      try takeHeadings(&read, &rows)
      titles.removeAll { $0.cells.allSatisfy(\.isBlank) }
      return
    }
    guard let first = read.firstIndex(where: { !$0.cells.allSatisfy(\.isBlank) }) else { return }
    headings = read[first]
    rest = Array(read[(first + 1)...])
  }

  /// Whether a sheet has headings among its first rows.
  static func isFound(
    in rows: inout any SheetRows, _ interpretation: LedgerInterpretation
  ) throws(RegisterProblem) -> Bool {
    let search = HeadingSearch(HeadingNames(interpretation), merges: [])
    for _ in 0..<searched {
      guard let row = try rows.next() else { return false }
      if search.isEnough(row) { return true }
    }
    return false
  }

  /// Whether a row has enough known headings: the key's and another one or nothing else, or any three.
  private func isEnough(_ row: SheetRow) -> Bool {
    var known: Set<Column> = []
    var unknown = 0
    for case .text(let text) in row.cells where !text.isEmpty {
      if let column = names.meaning(text).column { known.insert(column) } else { unknown += 1 }
    }
    let hasKey = Column.allCases.first.map(known.contains) ?? false
    return hasKey && (known.count > 1 || unknown == 0) || known.count > 2
  }

  /// Takes the last row read as the first row of headings, and those below that merged cells join to it.
  private mutating func takeHeadings(_ read: inout [SheetRow], _ rows: inout any SheetRows)
    throws(RegisterProblem)
  {
    var top = read.removeLast()
    titles = read
    let first = top.number
    let last = min(
      merges.filter { $0.rows.contains(first) && $0.rows.count <= Self.deepest }.map(\.rows.upperBound).max()
        ?? first,
      first + Self.deepest - 1)
    while top.number < last, let row = try rows.next() {
      guard row.number <= last else {
        rest.append(row)
        break
      }
      depth += 1
      for (position, cell) in row.cells.enumerated() where !cell.isBlank {
        while top.cells.count <= position { top.cells.append(.empty) }
        top.cells[position] = cell
      }
      top.number = row.number
    }
    headings = top
  }
}
