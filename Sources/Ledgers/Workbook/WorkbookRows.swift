import Register

/// Reads the rows of a sheet one after the other.
protocol RowSource: AnyObject {
  /// See ``SheetRows/hiddenColumns``.
  var hiddenColumns: [ClosedRange<Int>] { get }
  /// The merged cells, if they were read on the way, behind the last row; nil otherwise.
  var merges: [SheetMerge]? { get }
  /// The next row; nil after the last, and after a problem that was thrown.
  func next() throws(RegisterProblem) -> SheetRow?
}

/// The rows of a sheet of an `.xlsx` workbook.
final class WorkbookRows: SheetRows {
  let file: String
  let sheet: String
  private let source: any RowSource
  private let archive: ZipArchive
  private let foundMerges: SheetMerges
  /// A problem of the merged cells, which ends the rows.
  private var problem: RegisterProblem?
  private var isEnded = false

  /// The rows of `source`, a sheet of an archive, whose merged cells are looked for elsewhere.
  init(_ source: any RowSource, of archive: ZipArchive, sheet: String, merges: SheetMerges) {
    (self.source, self.archive, self.sheet, foundMerges) = (source, archive, sheet, merges)
    file = archive.file
  }

  func next() throws(RegisterProblem) -> SheetRow? {
    guard !isEnded else { return nil }
    do throws(RegisterProblem) {
      if let problem { throw problem }
      if let row = try source.next() { return row }
      try archive.checkUnchanged()
    } catch {
      isEnded = true
      // The change explains what looks like damage.
      try archive.checkUnchanged()
      throw error
    }
    isEnded = true
    if let merges = source.merges { foundMerges.set(merges) }
    return nil
  }

  var hiddenColumns: [ClosedRange<Int>] { source.hiddenColumns }

  var merges: [SheetMerge] {
    do throws(RegisterProblem) { return try foundMerges.found() } catch {
      problem = error
      return []
    }
  }
}
