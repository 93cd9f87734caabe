/// Recognises rows of a ledger that are no equipment: blank rows, totals, signatures and repeated headings.
struct RowFilter {
  private var previous: Int?
  /// Texts of the headings, to recognise them where a printed page begins.
  private var headings: [String] = []

  /// Begins below the headings.
  mutating func begin(after row: SheetRow) {
    previous = row.number
    headings = row.cells.map { String(CellText.trimmed($0.shown.unicodeScalars)) }
  }

  /// The first of the blank rows between a row and the one before it; nil if there are none. Only workbooks number their
  /// rows: a line of a text file may be part of a cell.
  mutating func blankRows<Column>(before row: SheetRow, _ layout: TableLayout<Column>) -> (
    first: Int, count: Int
  )? {
    defer { previous = row.number }
    guard !layout.sheet.isEmpty, let previous, row.number > previous + 1 else { return nil }
    return (previous + 1, row.number - previous - 1)
  }

  /// The kind of a row.
  enum Finding {
    case equipment
    /// No equipment, by a rule, with the row's first text.
    case skipped(RegisterRule.Kind, text: String)
    /// A row that begins with a word of totals or signatures, and has attributes of equipment; the position of the word.
    case doubtful(position: Int, text: String)
  }

  /// Decides what a row is.
  func finding<Column>(_ row: SheetRow, _ layout: TableLayout<Column>) -> Finding {
    // Nearly all rows begin with a key; the others are looked at closely.
    guard let position = layout.keyPosition else { return .equipment }
    let id = position < row.cells.count ? row.cells[position] : .empty
    guard id.isBlank || mayBeMark(id, position) || mayBeginAsMark(row, before: position) else {
      return .equipment
    }
    guard let first = row.cells.firstIndex(where: { !$0.isBlank }) else {
      return row.problems.isEmpty ? .skipped(.blankRows, text: "") : .equipment
    }
    if id.isBlank, hasNumberOnly(row, layout) {
      return .skipped(.numberedRows, text: RowReader<Column>.shown(row.cells[first].shown))
    }
    guard case .text(let raw) = row.cells[first] else { return .equipment }
    let shown = String(String(CellText.trimmed(raw.unicodeScalars)).prefix(60))
    if isHeadings(row, id) { return .skipped(.repeatedHeadings, text: shown) }
    let words = RowWords(raw)
    let isAttribute = hasAttributes(row, layout, besides: [position, first])
    if id.isBlank {
      if words.total == .sure || words.total == .possible && !isAttribute {
        return .skipped(.totalRows, text: shown)
      }
      return words.footer == .sure || words.footer == .possible && !isAttribute
        ? .skipped(.footerRows, text: shown) : .equipment
    }
    if first == position {
      guard !isAttribute else { return .equipment }
      if words.total != .none { return .skipped(.totalRows, text: shown) }
      return words.footer != .none ? .skipped(.footerRows, text: shown) : .equipment
    }
    // The word stands before a cell that has what may be an id, for instance the number of machines.
    guard isSure(words.total, first, layout) || isSure(words.footer, first, layout) else { return .equipment }
    if isAttribute { return .doubtful(position: first, text: shown) }
    return .skipped(isSure(words.total, first, layout) ? .totalRows : .footerRows, text: shown)
  }

  /// Whether a word is surely none of equipment. A possible word is so where numbers of rows stand, or nothing.
  private func isSure<Column>(
    _ certainty: RowWords.Certainty, _ position: Int, _ layout: TableLayout<Column>
  ) -> Bool {
    switch certainty {
    case .none: false
    case .possible: layout.rowNumbers.contains(position) || layout.unnamed.contains(position)
    case .sure: true
    }
  }

  /// Whether a row's only values are numbers below headings of row numbers, as forms have them.
  private func hasNumberOnly<Column>(_ row: SheetRow, _ layout: TableLayout<Column>) -> Bool {
    guard !layout.rowNumbers.isEmpty, row.problems.isEmpty else { return false }
    return row.cells.enumerated().allSatisfy { position, cell in
      cell.isBlank
        || layout.rowNumbers.contains(position)
          && CellText(cell.shown, .folded).text.allSatisfy { $0.isNumber || $0 == "." }
    }
  }

  /// Whether the first text stands before the key and may be the word of a total or a signature: a quick test.
  private func mayBeginAsMark(_ row: SheetRow, before position: Int) -> Bool {
    for cell in row.cells.prefix(position) where !cell.isBlank {
      guard case .text(let text) = cell else { return false }
      return RowWords.mayMatch(text)
    }
    return false
  }

  /// Whether a key may be the word of a total, a heading or a signature: a quick test, since nearly none is.
  private func mayBeMark(_ cell: SheetCell, _ position: Int) -> Bool {
    guard case .text(let text) = cell, let first = text.utf8.first else { return false }
    if text.utf8.contains(where: { $0 >= 0x80 || $0 == 0x20 || $0 == 0x3A }) { return true }
    if position < headings.count, text == headings[position] { return true }
    return "tTsSgG".utf8.contains(first) && text.utf8.count <= 11 && RowWords(text).total != .none
  }

  private func isHeadings(_ row: SheetRow, _ id: SheetCell) -> Bool {
    guard !id.isBlank, !headings.isEmpty else { return false }
    var cells = row.cells.map { String(CellText.trimmed($0.shown.unicodeScalars)) }
    while let last = cells.last, last.isEmpty { cells.removeLast() }
    var known = headings
    while let last = known.last, last.isEmpty { known.removeLast() }
    return cells == known
  }

  /// Whether a row has texts below other headings, as equipment has: a total has only numbers, and a signature has labels
  /// and what follows them.
  private func hasAttributes<Column>(
    _ row: SheetRow, _ layout: TableLayout<Column>, besides others: [Int]
  ) -> Bool {
    let stored = Set(layout.columns.values.map(\.position))
    var isAfterLabel = false
    for (position, cell) in row.cells.enumerated() where !cell.isBlank && !others.contains(position) {
      guard case .text(let text) = cell else {
        isAfterLabel = false
        continue
      }
      if RowWords.isLabel(text) {
        isAfterLabel = true
        continue
      }
      let isNumber = text.allSatisfy { $0.isNumber || $0.isWhitespace || ".,%台套".contains($0) }
      if stored.contains(position), !isNumber, !isAfterLabel { return true }
      isAfterLabel = false
    }
    return false
  }
}
