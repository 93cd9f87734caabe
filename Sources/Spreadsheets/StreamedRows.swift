import CXLSXWriter
import Register

/// Writes rows as XML to a file while they are made, for sheets that are too long to be held in memory: several times
/// as fast as libxlsxwriter.
final class StreamedRows: AnswerRowOutput {
  /// Owner of the formats.
  private let workbook: Workbook
  private let packing: PackedRows
  private var xml = RowXML(pieceSize: 1 << 19)
  private var lastColumn = 0
  private var lastRow = 1

  /// Rows that go to `file`, which must not exist.
  init(file: String, in workbook: Workbook) {
    self.workbook = workbook
    packing = PackedRows(file: file)
  }

  deinit { packing.end() }

  func write(_ cells: [AnswerCell], row number: Int, height: Double?) throws(WorkbookError) {
    lastRow = number
    lastColumn = max(lastColumn, cells.last?.column ?? 0)
    for cell in cells where !xml.has(cell.look) {
      xml.set(cell.look, index: workbook.format(cell.look.style).map { lxw_format_get_xf_index($0) } ?? 0)
    }
    xml.write(cells, row: number, height: height)
    if xml.count >= xml.pieceSize { try packing.add(xml.take()) }
  }

  /// Waits until all rows are written.
  ///
  /// - Parameter part: the sheet's document in the package.
  func finish(part: String) throws(WorkbookError) -> PackedSheet {
    if xml.count > 0 { try packing.add(xml.take()) }
    let rows = try packing.finish()
    let extent = "A1:\(RegisterPlace.letters(lastColumn + 1))\(lastRow)"
    return PackedSheet(part: part, file: packing.file, rows: rows, extent: extent)
  }
}
