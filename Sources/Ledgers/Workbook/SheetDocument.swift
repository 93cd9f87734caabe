import Register

/// Receives the rows and merged cells of a sheet's document from expat.
final class SheetDocument: XMLHandler {
  /// Rows that have been read and not taken.
  private(set) var rows: [SheetRow] = []
  private var waitingCells = 0
  private(set) var merges: [SheetMerge] = []
  private(set) var problem: RegisterProblem?
  /// What makes the rows; nil if only merged cells are wanted.
  var builder: RowBuilder?

  private var cell: RowBuilder.Cell?
  private var value: [UInt8] = []
  private var isInValue = false
  private var text = RichText()
  private let tooMany: RegisterProblem

  /// The most merged cells of a sheet.
  static let mostMerges = 100_000
  /// The number of cells in rows that wait, above which reading pauses. A cell in the last column makes a row of 16,384.
  private static let mostWaiting = 1 << 16

  init(file: String, builder: RowBuilder?) {
    self.builder = builder
    tooMany = LedgerProblem.problem(
      file,
      "a sheet has more than \(Self.mostMerges) merged cells; copy the ledger's cells to a new workbook",
      "工作表中的合并单元格超过 \(Self.mostMerges) 处；请将台账内容复制到新工作簿")
  }

  func start(_ name: XMLName, _ attributes: XMLAttributes, _ reader: XMLReader) {
    if name == "mergeCell" {
      addMerge(attributes["ref"] ?? "", reader)
    } else if builder != nil {
      do { try startInRows(name, attributes) } catch { fail(error, reader) }
    }
  }

  private func addMerge(_ reference: String, _ reader: XMLReader) {
    guard let (first, last) = CellReference.range(reference) else { return }
    guard merges.count < Self.mostMerges else { return fail(tooMany, reader) }
    merges.append(SheetMerge(rows: first.row...last.row, columns: first.column...last.column))
  }

  private func startInRows(_ name: XMLName, _ attributes: XMLAttributes) throws(RegisterProblem) {
    if name == "row" {
      let number = attributes["r"].map { Int($0).flatMap { $0 > 0 ? $0 : nil } ?? (RowBuilder.rows + 1) }
      try builder?.begin(row: number ?? 0, isHidden: attributes.isTrue("hidden"))
    } else if name == "c" {
      try startCell(attributes)
    } else if cell != nil {
      if name == "v" {
        isInValue = cell?.kind != .inlineText
        value.removeAll(keepingCapacity: true)
      } else if name == "f" {
        cell?.hasFormula = true
      } else if cell?.kind == .inlineText {
        text.start(name)
      }
    }
  }

  private func startCell(_ attributes: XMLAttributes) throws(RegisterProblem) {
    var cell = RowBuilder.Cell()
    let problem = builder?.problem(
      "a cell has a damaged reference or kind; open the file in Excel or WPS and save it",
      "单元格的引用或类型已损坏；请用 Excel 或 WPS 打开后另存")
    if let reference = attributes["r"] {
      let found = Array(reference.utf8).withUnsafeBufferPointer { CellReference.read($0) }
      if let found { (cell.column, cell.row) = found } else if let problem { throw problem }
    }
    if let kind = attributes["t"] {
      let found = Array(kind.utf8).withUnsafeBufferPointer { CellKind($0) }
      if let found { cell.kind = found } else if let problem { throw problem }
    }
    cell.style = attributes["s"].flatMap { Int($0) } ?? 0
    try builder?.place(&cell)
    value.removeAll(keepingCapacity: true)
    self.cell = cell
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard isInValue || text.isWanted, value.count <= RowBuilder.longestValue else { return }
    value.append(contentsOf: bytes)
  }

  func end(_ name: XMLName, _ reader: XMLReader) {
    guard builder != nil else { return }
    if name == "v" { isInValue = false }
    text.end(name)
    do {
      if name == "c" {
        try endCell()
      } else if name == "row", let row = builder?.end() {
        rows.append(row)
        waitingCells += row.cells.count
        if waitingCells > Self.mostWaiting { reader.pause() }
      }
    } catch { fail(error, reader) }
  }

  /// Forgets the rows, which have been taken.
  func removeRows() {
    rows.removeAll(keepingCapacity: true)
    waitingCells = 0
  }

  private func endCell() throws(RegisterProblem) {
    guard let cell else { return }
    self.cell = nil
    try value.withUnsafeBufferPointer { (value) throws(RegisterProblem) in try builder?.add(cell, value) }
  }

  private func fail(_ problem: RegisterProblem, _ reader: XMLReader) {
    self.problem = problem
    reader.stop()
  }
}
