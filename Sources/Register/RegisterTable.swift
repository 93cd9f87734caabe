import Telemetry

/// A register file as a table: interprets the headings and reads rows one at a time.
struct RegisterTable<Column: RegisterColumn> {
  private(set) var layout: TableLayout<Column> { didSet { shared = nil } }
  /// The layout for rows, since the last change.
  private var shared: SharedLayout<Column>?
  private var rows: any SheetRows
  /// Rows read while the headings were searched, in reverse order.
  private var pending: [SheetRow] = []
  private var filter: RowFilter
  private var merges: MergedCells
  /// Problems of the file as a whole and of its headings.
  private(set) var problems = RegisterProblems()
  /// Rules about rows and headings, and those that rows reported.
  var rules = RegisterRules()

  /// Whether every required column is there, so that looking at rows makes sense.
  var isReadable: Bool {
    Column.allCases.allSatisfy { !$0.isRequired || layout.columns[$0] != nil || layout.constants[$0] != nil }
  }

  /// Reads a file of comma-separated values whose first line has the headings, as it stands.
  init(_ source: RegisterFile) {
    let sheet: CSVSheet
    do throws(RegisterProblem) {
      sheet = try CSVSheet(source)
    } catch {
      self.init(CSVSheet(empty: source.name), nil, error)
      return
    }
    self.init(sheet, nil)
  }

  /// Reads a sheet.
  ///
  /// - Parameters:
  ///   - ledger: how ledgers are read; nil for a table whose first row has the headings, and whose cells are read as
  ///     they stand.
  ///   - constants: values of columns for all rows.
  init(
    _ sheet: any SheetRows, _ ledger: LedgerInterpretation?, constants: [Column: String] = [:],
    factories: FactoryNames = FactoryNames()
  ) {
    self.init(sheet, ledger, nil)
    layout.constants = constants
    layout.factories = factories
    guard problems.isEmpty else { return }
    do throws(RegisterProblem) {
      try readHeadings(ledger)
    } catch {
      problems.add(error)
    }
  }

  private init(_ sheet: any SheetRows, _ ledger: LedgerInterpretation?, _ problem: RegisterProblem?) {
    layout = TableLayout(file: sheet.file, sheet: sheet.sheet, isLedger: ledger != nil)
    rows = sheet
    filter = RowFilter()
    merges = MergedCells(sheet.merges, fillsDown: ledger?.fillsDown ?? false)
    if let problem { problems.add(problem) }
  }

  /// Returns the next row of the table with its problems of form; nil after the last.
  ///
  /// - Parameter isFull: whether further problems are only counted.
  mutating func nextRow(isFull: Bool) -> RowReader<Column>? {
    let shared = shared ?? SharedLayout(layout)
    self.shared = shared
    while true {
      let found: SheetRow?
      do throws(RegisterProblem) {
        if let read = pending.popLast() { found = read } else { found = try rows.next() }
      } catch {
        var reader = RowReader(SheetRow(number: error.line ?? 0, cells: []), of: shared, isFull: isFull)
        reader.refuse(layout.withHeading(error))
        reader.isUnreadable = true
        return reader
      }
      guard var row = found else { return nil }
      guard layout.isLedger else { return reader(row, shared, isFull) }
      if let gap = filter.blankRows(before: row, layout) {
        rules.add(RegisterRule(.blankRows, at: layout.place(gap.first)), .blankRows, rows: gap.count)
      }
      if !merges.isEmpty { merges.reach(row, layout) }
      switch filter.finding(row, layout) {
      case .equipment: break
      case .skipped(let kind, let text):
        rules.add(RegisterRule(kind, at: layout.place(row.number), before: text), kind)
        continue
      case .doubtful(let position, let text): return doubtful(row, shared, position, text, isFull)
      }
      let mergeProblems = merges.isEmpty ? [] : merges.fill(&row, layout, &rules)
      if row.isHidden { rules.add(RegisterRule(.hiddenRows, at: layout.place(row.number)), .hiddenRows) }
      var reader = reader(row, shared, isFull)
      for problem in mergeProblems { reader.refuse(problem) }
      return reader
    }
  }

  /// Gives all rows the factory `id`; nil to read it from its column.
  mutating func setFactory(_ id: String?) where Column == EquipmentColumn {
    layout.constants[.factoryID] = id
  }

  /// A row that begins with the word of a total or a signature, and is not read.
  private func doubtful(
    _ row: SheetRow, _ shared: SharedLayout<Column>, _ position: Int, _ text: String, _ isFull: Bool
  ) -> RowReader<Column> {
    var reader = RowReader(row, of: shared, isFull: isFull)
    reader.isUnreadable = true
    reader.refuse(
      RegisterProblem(
        .form, file: layout.file, sheet: layout.sheet, line: row.number,
        column: layout.place(row.number, position).column,
        message:
          "the row begins with '\(text)' and has an id; delete the row if it is no equipment, or change this cell",
        chinese: "本行以“\(text)”开头，又填有编号；若不是设备，请删除本行，否则请改写此单元格"))
    return reader
  }

  private func reader(_ row: SheetRow, _ shared: SharedLayout<Column>, _ isFull: Bool) -> RowReader<Column> {
    var reader = RowReader(row, of: shared, isFull: isFull)
    for problem in row.problems { reader.refuse(layout.withHeading(problem)) }
    refuseStrayCells(row, &reader)
    return reader
  }

  private mutating func readHeadings(_ ledger: LedgerInterpretation?) throws(RegisterProblem) {
    let names = HeadingNames<Column>(ledger)
    var search = HeadingSearch(names, merges: rows.merges)
    try search.read(&rows, isLedger: ledger != nil)
    guard let headings = search.headings else {
      problems.add(
        RegisterProblem(
          .form, file: layout.file, sheet: layout.sheet,
          message: "the file is empty; its first line holds the headings",
          chinese: "文件为空；首行应为表头"))
      return
    }
    pending = search.rest.reversed()
    layout.titles = search.titles
    (layout.headingRow, layout.shownHeadingRow) = (headings.number, headings.shownRow)
    filter.begin(after: headings)
    if let first = search.titles.first {
      var rule = RegisterRule(
        .titleRows, at: layout.place(first.number), rows: search.titles.count,
        before: first.cells.lazy.map(\.shown).first { !$0.isEmpty } ?? "")
      rule.before = RowReader<Column>.shown(rule.before)
      rules.add(rule)
    }
    if search.depth > 1 {
      rules.add(
        RegisterRule(.headingRows, at: layout.place(headings.number - search.depth + 1), rows: search.depth))
    }
    for problem in headings.problems { problems.add(layout.withHeading(problem, headings)) }
    let cells = headings.cells.map { String(CellText.trimmed($0.shown.unicodeScalars)) }
    guard !isSeparatedOtherwise(cells, headings.number) else {
      rows = CSVSheet(empty: layout.file)
      pending = []
      return
    }
    guard search.isFound else {
      rows = CSVSheet(empty: layout.file)
      pending = []
      return problems.add(withoutHeadings())
    }
    let found = layout.read(cells, names, headings.number)
    for rule in found.rules { rules.add(rule) }
    for problem in found.problems { problems.add(problem) }
    if layout.isLedger { noteHiddenColumns() }
  }

  /// Notes the columns that are read although the spreadsheet does not show them.
  private mutating func noteHiddenColumns() {
    let hidden = rows.hiddenColumns
    guard !hidden.isEmpty else { return }
    for (position, _) in layout.columns.values where hidden.contains(where: { $0.contains(position + 1) }) {
      rules.add(RegisterRule(.hiddenColumns, at: layout.place(nil, position)))
    }
  }

  private func withoutHeadings() -> RegisterProblem {
    let searched = HeadingSearch<Column>.searched
    let key = Column.allCases.first.map { ($0.chinese, $0.rawValue) } ?? ("", "")
    return RegisterProblem(
      .heading, file: layout.file, sheet: layout.sheet,
      message:
        "no headings were found in the first \(searched) rows: they have '\(key.0)' (\(key.1)) and other columns of "
        + "the register in one row; give other names of columns with --synonyms",
      chinese: "前 \(searched) 行中未找到表头：表头应在同一行内写明“\(key.0)”等台账列名；其他列名请用 --synonyms 指明")
  }

  private mutating func isSeparatedOtherwise(_ headings: [String], _ number: Int) -> Bool {
    guard headings.count == 1 else { return false }
    let others = [
      ("\t", "tabs", "制表符"), (";", "semicolons", "分号"), ("；", "semicolons", "分号"),
      ("，", "wide commas", "全角逗号"),
    ]
    for (separator, name, chinese) in others where headings[0].contains(separator) {
      problems.add(
        RegisterProblem(
          .form, file: layout.file, sheet: layout.sheet, line: number,
          message: "the cells are separated by \(name); save the file as CSV separated by commas",
          chinese: "单元格以\(chinese)分隔；请另存为以英文逗号分隔的 CSV 文件"))
      return true
    }
    return false
  }

  /// Refuses values without a heading, which would be lost silently. Cells missing at the end of a row are empty:
  /// spreadsheets leave out trailing commas.
  private func refuseStrayCells(_ row: SheetRow, _ reader: inout RowReader<Column>) {
    guard row.cells.count > layout.width || !layout.unnamed.isEmpty else { return }
    for (position, cell) in row.cells.enumerated()
    where !cell.isBlank && (position >= layout.width || layout.unnamed.contains(position)) {
      let shown =
        cell == .unknownResult
        ? ("a formula without a result", "公式但没有计算结果，且没有表头")
        : (
          "the value '\(RowReader<Column>.shown(cell.shown))'",
          "内容“\(RowReader<Column>.shown(cell.shown))”，但没有表头"
        )
      let name = RegisterPlace(file: layout.file, sheet: layout.sheet, column: (position + 1, "")).columnName
      reader.refuse(
        RegisterProblem(
          .strayValue, file: layout.file, sheet: layout.sheet, line: row.number, column: (position + 1, ""),
          message: "\(name.english) has \(shown.0) but no heading",
          chinese: "\(name.chinese)有\(shown.1)"))
    }
  }
}
