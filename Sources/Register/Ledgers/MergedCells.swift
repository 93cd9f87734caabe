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
