/// Finds the row of the headings below the title of a ledger.
struct HeadingSearch<Column: RegisterColumn> {
  /// Number of rows in which the headings are searched.
  static var searched: Int { 30 }
  /// Maximum number of rows that headings with merged cells take.
  static var deepest: Int { 4 }

  private let names: HeadingNames<Column>
  /// Merged cells that may join rows of headings.
  private let merges: [SheetMerge]
  /// The headings as one row, with the number of the last of their rows; nil for an empty sheet.
  private(set) var headings: SheetRow?
  /// Whether a row has known headings; if not, ``headings`` is the first row.
  private(set) var isFound = true
  /// Number of rows the headings take.
  private(set) var depth = 1
  /// Rows above the headings.
  private(set) var titles: [SheetRow] = []
  /// Rows below the headings that have been read.
  private(set) var rest: [SheetRow] = []

  init(_ names: HeadingNames<Column>, merges: [SheetMerge]) {
    self.names = names
    self.merges = merges.filter { (2...Self.deepest).contains($0.rows.count) }
  }

  /// Reads rows until the headings are found.
  mutating func read(_ rows: inout any SheetRows, isLedger: Bool) throws(RegisterProblem) {
    guard isLedger else {
      headings = try rows.next()
      return
    }
    var read: [SheetRow] = []
    for index in 0..<Self.searched {
      guard try fill(&read, to: index, &rows) else { break }
      let bounds = bounds(of: read[index])
      while let last = read.last, last.number < bounds.upperBound, try fill(&read, to: read.count, &rows) {}
      if take(read, index, bounds) { return }
    }
    takeMostLikely(read)
  }

  /// Whether a sheet has headings among its first rows.
  static func isFound(
    in rows: inout any SheetRows, _ interpretation: LedgerInterpretation
  ) throws(RegisterProblem) -> Bool {
    var search = HeadingSearch(HeadingNames(interpretation), merges: [])
    var read: [SheetRow] = []
    for index in 0..<searched {
      guard try search.fill(&read, to: index, &rows) else { break }
      if search.isEnough(read[index]) { return true }
    }
    // To look for merged cells takes time: it is done only where rows need them.
    guard !read.isEmpty else { return false }
    search = HeadingSearch(search.names, merges: rows.merges)
    return read.indices.contains { search.take(read, $0, search.bounds(of: read[$0])) }
  }

  /// Reads on until there is a row at `index`; false at the end of the sheet.
  private func fill(
    _ read: inout [SheetRow], to index: Int, _ rows: inout any SheetRows
  ) throws(RegisterProblem) -> Bool {
    while read.count <= index {
      guard let row = try rows.next() else { return false }
      read.append(row)
    }
    return true
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

  /// Numbers of the rows that merged cells join to a row: those below it, and those above that have the heading of a
  /// column of their own, as 序号 has beside the groups of other headings.
  private func bounds(of row: SheetRow) -> ClosedRange<Int> {
    let joining = merges.filter { $0.rows.contains(row.number) }
    let above = joining.filter { $0.columns.count == 1 }.map(\.rows.lowerBound).min() ?? row.number
    let below = joining.map(\.rows.upperBound).max() ?? row.number
    return max(above, row.number - Self.deepest + 1)...min(below, row.number + Self.deepest - 1)
  }

  /// Takes a row and those that merged cells join to it as the headings, if they are enough.
  private mutating func take(_ read: [SheetRow], _ index: Int, _ bounds: ClosedRange<Int>) -> Bool {
    // Rows that are not enough by themselves are the upper ones of headings, or titles.
    let isAlone = isEnough(read[index])
    let first = isAlone ? bounds.lowerBound : read[index].number
    guard isAlone || joinsBelow(read[index]) else { return false }
    let start = read[...index].firstIndex { $0.number >= first } ?? index
    let end = read[index...].lastIndex { $0.number <= bounds.upperBound } ?? index
    let joined = Self.joined(read[start...end])
    guard isAlone || isEnough(joined) else { return false }
    (headings, depth) = (joined, end - start + 1)
    titles = read[..<start].filter { !$0.cells.allSatisfy(\.isBlank) }
    rest = Array(read[(end + 1)...])
    return true
  }

  /// Whether a known heading of a row takes the rows below it too.
  private func joinsBelow(_ row: SheetRow) -> Bool {
    merges.contains { merge in
      guard merge.rows.lowerBound == row.number, merge.columns.lowerBound <= row.cells.count else {
        return false
      }
      return isKnown(row.cells[merge.columns.lowerBound - 1])
    }
  }

  private func isKnown(_ cell: SheetCell) -> Bool {
    guard case .text(let text) = cell, case let meaning = names.meaning(text) else { return false }
    if case .unknown = meaning { return false }
    return true
  }

  /// Rows of headings as one: in each column the lowest cell that has content.
  private static func joined(_ rows: ArraySlice<SheetRow>) -> SheetRow {
    var joined = SheetRow(number: rows.last?.number ?? 0, shownRow: rows.last?.shownRow, cells: [])
    for row in rows {
      joined.problems += row.problems
      for (position, cell) in row.cells.enumerated() where !cell.isBlank {
        while joined.cells.count <= position { joined.cells.append(.empty) }
        joined.cells[position] = cell
      }
    }
    return joined
  }

  /// Takes the row with the most known headings, if there are two; otherwise the first.
  private mutating func takeMostLikely(_ read: [SheetRow]) {
    isFound = false
    let filled = read.indices.filter { !read[$0].cells.allSatisfy(\.isBlank) }
    guard let first = filled.first else { return }
    let counts = filled.map { index in (index, read[index].cells.count(where: isKnown)) }
    let best = counts.reduce((first, 1)) { $1.1 > $0.1 ? $1 : $0 }
    isFound = best.1 > 1 || read[best.0].cells.allSatisfy { $0.isBlank || isKnown($0) }
    headings = read[best.0]
    titles = read[..<best.0].filter { !$0.cells.allSatisfy(\.isBlank) }
    rest = Array(read[(best.0 + 1)...])
  }
}
