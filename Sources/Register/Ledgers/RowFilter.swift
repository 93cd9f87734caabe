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

  /// The rule by which a row is skipped, with its first text; nil for a row of equipment.
  func skips<Column>(
    _ row: SheetRow, _ layout: TableLayout<Column>
  ) -> (kind: RegisterRule.Kind, text: String)? {
    // Nearly all rows begin with a key; the others are looked at closely.
    guard let position = layout.keyPosition else { return nil }
    let id = position < row.cells.count ? row.cells[position] : .empty
    guard id.isBlank || mayBeMark(id, position) else { return nil }
    guard let first = row.cells.first(where: { !$0.isBlank }) else {
      return row.problems.isEmpty ? (.blankRows, "") : nil
    }
    guard case .text(let raw) = first else { return nil }
    let text = CellText(raw, .folded).text
    let shown = String(String(CellText.trimmed(raw.unicodeScalars)).prefix(60))
    if isHeadings(row, id) { return (.repeatedHeadings, shown) }
    if isTotal(text), id.isBlank || !hasAttributes(row, layout, besides: position) {
      return (.totalRows, shown)
    }
    if id.isBlank || first == id, isFooter(text) { return (.footerRows, shown) }
    return nil
  }

  /// Whether a key may be the word of a total, a heading or a signature: a quick test, since nearly none is.
  private func mayBeMark(_ cell: SheetCell, _ position: Int) -> Bool {
    guard case .text(let text) = cell, let first = text.utf8.first else { return false }
    if text.utf8.contains(where: { $0 >= 0x80 || $0 == 0x20 || $0 == 0x3A }) { return true }
    if position < headings.count, text == headings[position] { return true }
    return "tTsSgG".utf8.contains(first) && text.utf8.count <= 11 && isTotal(text)
  }

  private func isHeadings(_ row: SheetRow, _ id: SheetCell) -> Bool {
    guard !id.isBlank, !headings.isEmpty else { return false }
    var cells = row.cells.map { String(CellText.trimmed($0.shown.unicodeScalars)) }
    while let last = cells.last, last.isEmpty { cells.removeLast() }
    var known = headings
    while let last = known.last, last.isEmpty { known.removeLast() }
    return cells == known
  }

  private func isTotal(_ text: String) -> Bool {
    var word = Substring(text.lowercased().filter { !$0.isWhitespace })
    while let last = word.last, last == ":" { word.removeLast() }
    if ["合计", "小计", "总计", "共计", "累计", "总数", "total", "totals", "subtotal", "sum", "grandtotal"].contains(word)
    {
      return true
    }
    // 合计：24台, 本页小计, 车间合计
    let marks = ["合计", "小计", "总计", "共计"]
    if marks.contains(where: { word.hasSuffix($0) }), word.count <= 8 { return true }
    guard let mark = marks.first(where: { word.hasPrefix($0) }) else { return false }
    return word.dropFirst(mark.count).allSatisfy { $0.isNumber || ":.,台套项件元个".contains($0) }
  }

  /// Whether a row has texts below other headings than the key's, as equipment has: a total has only numbers.
  private func hasAttributes<Column>(
    _ row: SheetRow, _ layout: TableLayout<Column>, besides key: Int
  ) -> Bool {
    layout.columns.values.contains { position, _ in
      guard position != key, position < row.cells.count, case .text(let text) = row.cells[position] else {
        return false
      }
      return !text.allSatisfy { $0.isNumber || $0.isWhitespace || ".,%台套".contains($0) }
    }
  }

  private func isFooter(_ text: String) -> Bool {
    let marks = [
      "填表", "填报", "制表", "编制", "审核", "复核", "批准", "审批", "盖章", "签字", "签章", "负责人", "联系人", "联系电话", "单位(",
      "单位:", "日期:", "注:", "注1", "备注:", "说明:", "填写说明", "以下空白", "此页", "note:", "notes:", "prepared by",
      "approved by",
      "checked by",
    ]
    let lower = text.lowercased()
    return marks.contains { lower.hasPrefix($0) }
  }
}

/// Merged cells of a ledger, filled or refused row by row.
struct MergedCells {
  private let merges: [SheetMerge]
  private let fillsDown: Bool
  /// Index of the first merge that no row has reached.
  private var next = 0
  private var active: [(merge: SheetMerge, value: SheetCell, isRefused: Bool)] = []

  var isEmpty: Bool { merges.isEmpty }

  init(_ merges: [SheetMerge], fillsDown: Bool) {
    self.merges = merges.sorted {
      ($0.rows.lowerBound, $0.columns.lowerBound) < ($1.rows.lowerBound, $1.columns.lowerBound)
    }
    self.fillsDown = fillsDown
  }

  /// Fills the cells of a row of equipment that belong to merged regions; without `fillsDown`, returns a problem for
  /// each region that covers cells of the table.
  mutating func fill<Column>(
    _ row: inout SheetRow, _ layout: TableLayout<Column>, _ rules: inout RegisterRules
  ) -> [RegisterProblem] {
    while next < merges.count, merges[next].rows.lowerBound <= row.number {
      let merge = merges[next]
      next += 1
      guard merge.rows.upperBound >= row.number, layout.headingRow < merge.rows.upperBound else { continue }
      let first = merge.columns.lowerBound - 1
      let value = merge.rows.lowerBound == row.number && first < row.cells.count ? row.cells[first] : .empty
      active.append((merge, value, false))
    }
    active.removeAll { $0.merge.rows.upperBound < row.number }
    guard !active.isEmpty else { return [] }
    let positions = layout.columns.values.map(\.position).sorted()
    var problems: [RegisterProblem] = []
    for index in active.indices where !active[index].isRefused {
      let merge = active[index].merge
      let covered = positions.filter { merge.columns.contains($0 + 1) }
      guard let first = covered.first else { continue }
      let region = Self.region(merge)
      if covered.count > 1 || first + 1 != merge.columns.lowerBound {
        active[index].isRefused = true
        problems.append(
          problem(
            row, first, layout, "the cells \(region) are merged over several columns; split them",
            "\(region) 为跨列合并单元格；请取消合并"))
      } else if merge.rows.count > 1, !fillsDown {
        active[index].isRefused = true
        problems.append(
          problem(
            row, first, layout,
            "the cells \(region) are merged and only the first has the value; give --fill-down to fill the others, or "
              + "split them", "\(region) 为合并单元格，仅首格有内容；请用 --fill-down 填充其余单元格，或取消合并"))
      } else if row.number > merge.rows.lowerBound, first >= row.cells.count || row.cells[first].isBlank,
        !active[index].value.isBlank
      {
        while row.cells.count <= first { row.cells.append(.empty) }
        row.cells[first] = active[index].value
        let shown = active[index].value.shown
        rules.add(
          RegisterRule(.filledDown, at: layout.place(row.number, first), after: shown), .filledDown,
          column: first + 1)
      }
    }
    return problems
  }

  private func problem<Column>(
    _ row: SheetRow, _ position: Int, _ layout: TableLayout<Column>, _ message: String, _ chinese: String
  ) -> RegisterProblem {
    let place = layout.place(row.number, position)
    return RegisterProblem(
      .form, file: layout.file, sheet: layout.sheet, line: row.number, column: place.column, message: message,
      chinese: chinese)
  }

  private static func region(_ merge: SheetMerge) -> String {
    "\(RegisterPlace.letters(merge.columns.lowerBound))\(merge.rows.lowerBound):"
      + "\(RegisterPlace.letters(merge.columns.upperBound))\(merge.rows.upperBound)"
  }
}
