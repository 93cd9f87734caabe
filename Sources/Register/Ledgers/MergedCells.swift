/// Merged cells of a ledger, filled or refused row by row.
struct MergedCells {
  /// A merged region that rows have reached.
  private struct Region {
    let merge: SheetMerge
    /// Positions of the columns of the table that it covers, ascending; never empty.
    let covered: [Int]
    let value: SheetCell
    var isRefused = false

    var first: Int { covered[0] }
    /// The region as spreadsheets name it, for instance `C2:C4`.
    var name: String {
      "\(RegisterPlace.letters(merge.columns.lowerBound))\(merge.rows.lowerBound):"
        + "\(RegisterPlace.letters(merge.columns.upperBound))\(merge.rows.upperBound)"
    }
  }

  private let merges: [SheetMerge]
  private let fillsDown: Bool
  /// Index of the first merge that no row has reached.
  private var next = 0
  /// Regions of the rows that are read: at most one for each column of the table, since no two overlap.
  private var active: [Region] = []
  /// Positions of the table's columns; nil before the first row.
  private var positions: [Int]?
  /// Problem of regions that overlap, for the next row of equipment.
  private var overlap: RegisterProblem?

  var isEmpty: Bool { merges.isEmpty }

  init(_ merges: [SheetMerge], fillsDown: Bool) {
    self.merges = merges.sorted {
      ($0.rows.lowerBound, $0.columns.lowerBound, $0.rows.upperBound)
        < ($1.rows.lowerBound, $1.columns.lowerBound, $1.rows.upperBound)
    }
    self.fillsDown = fillsDown
  }

  /// Notes the regions that a row begins, also one that is no equipment: its cell may be the first of a region.
  mutating func reach<Column>(_ row: SheetRow, _ layout: TableLayout<Column>) {
    let columns = positions ?? layout.columns.values.map(\.position).sorted()
    positions = columns
    active.removeAll { $0.merge.rows.upperBound < row.number }
    while next < merges.count, merges[next].rows.lowerBound <= row.number {
      let merge = merges[next]
      next += 1
      guard merge.rows.upperBound >= row.number, layout.headingRow < merge.rows.upperBound else { continue }
      let covered = columns.filter { merge.columns.contains($0 + 1) }
      guard !covered.isEmpty else { continue }
      let first = merge.columns.lowerBound - 1
      let value = merge.rows.lowerBound == row.number && first < row.cells.count ? row.cells[first] : .empty
      let region = Region(merge: merge, covered: covered, value: value)
      guard let other = active.first(where: { !Set($0.covered).isDisjoint(with: covered) }) else {
        active.append(region)
        continue
      }
      guard overlap == nil else { continue }
      overlap = problem(
        row, region.first, layout,
        "the merged cells \(other.name) and \(region.name) overlap; open the file in Excel or WPS and save it",
        "合并单元格 \(other.name) 与 \(region.name) 重叠；请用 Excel 或 WPS 打开后另存")
    }
  }

  /// Fills the cells of a row of equipment that belong to merged regions; without `fillsDown`, returns a problem for
  /// each region that covers cells of the table.
  mutating func fill<Column>(
    _ row: inout SheetRow, _ layout: TableLayout<Column>, _ rules: inout RegisterRules
  ) -> [RegisterProblem] {
    var problems = overlap.map { [$0] } ?? []
    overlap = nil
    for index in active.indices where !active[index].isRefused {
      if let refusal = refusal(active[index], row, layout) {
        active[index].isRefused = true
        problems.append(refusal)
      } else if row.number > active[index].merge.rows.lowerBound {
        fill(active[index], &row, layout, &rules)
      }
    }
    return problems
  }

  /// The problem of a region that cannot be read; nil if it can.
  private func refusal<Column>(
    _ region: Region, _ row: SheetRow, _ layout: TableLayout<Column>
  ) -> RegisterProblem? {
    let (merge, name) = (region.merge, region.name)
    func refused(_ english: String, _ chinese: String) -> RegisterProblem {
      problem(row, region.first, layout, english, chinese)
    }
    if region.covered.count > 1 || region.first + 1 != merge.columns.lowerBound {
      return refused(
        "the cells \(name) are merged over several columns; split them", "\(name) 为跨列合并单元格；请取消合并")
    }
    guard merge.rows.count > 1 else { return nil }
    if merge.rows.lowerBound <= layout.headingRow {
      return refused("the cells \(name) are merged with the heading; split them", "\(name) 与表头合并；请取消合并")
    }
    guard !fillsDown else { return nil }
    return refused(
      "the cells \(name) are merged and only the first has the value; give --fill-down to fill the others, or "
        + "split them", "\(name) 为合并单元格，仅首格有内容；请用 --fill-down 填充其余单元格，或取消合并"
    ).forSender(
      "the cells \(name) are merged and only the first has the value; split them and fill in each",
      "\(name) 为合并单元格，仅首格有内容；请取消合并并逐格填写")
  }

  /// Gives a cell of a region below the first the value of the first, which is all that the sheet shows.
  private func fill<Column>(
    _ region: Region, _ row: inout SheetRow, _ layout: TableLayout<Column>, _ rules: inout RegisterRules
  ) {
    let position = region.first
    let covered = position < row.cells.count ? row.cells[position] : .empty
    guard covered != region.value, !covered.isBlank || !region.value.isBlank else { return }
    while row.cells.count <= position { row.cells.append(.empty) }
    row.cells[position] = region.value
    let kind = covered.isBlank ? RegisterRule.Kind.filledDown : .coveredValue
    rules.add(
      RegisterRule(
        kind, at: layout.place(row.number, position),
        before: RowReader<Column>.shown(covered.isBlank ? "" : covered.shown),
        after: RowReader<Column>.shown(region.value.shown)), kind, column: position + 1)
  }

  private func problem<Column>(
    _ row: SheetRow, _ position: Int, _ layout: TableLayout<Column>, _ message: String, _ chinese: String
  ) -> RegisterProblem {
    RegisterProblem(
      .form, file: layout.file, sheet: layout.sheet, line: row.number,
      column: layout.place(row.number, position).column, message: message, chinese: chinese)
  }
}
