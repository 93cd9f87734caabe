import CXLSXWriter
import Foundation
import Register
import Reporting
import Telemetry

/// Writes an answer as an Excel workbook: a summary, and each file's own rows with the problems as colours, comments
/// and a last column. Equal answers give equal bytes.
public struct AnswerWorkbookRenderer: Sendable {
  /// Folder for temporary files, which only this user can read.
  public var temporaryFolder: URL
  /// Maximum number of rows that are held in memory, of all files together, for column widths and merged cells. The rows
  /// of a longer file are written as they are read, with all merged cells separated.
  private let longestHeld: Int

  /// A renderer.
  public init(
    temporaryFolder: URL = FileManager.default.temporaryDirectory, longestHeld: Int = 20_000
  ) {
    self.temporaryFolder = temporaryFolder
    self.longestHeld = longestHeld
  }

  /// The rows of a file that were read first, and a reader for the others.
  private struct Beginning {
    var reader: AnswerRows
    var held: [AnswerRows.Row]
    var isWhole: Bool
  }

  /// Returns the bytes of the workbook: for short files.
  ///
  /// - Throws: ``WorkbookError`` if its temporary files cannot be written.
  public func render(_ answer: RegisterAnswer) throws(WorkbookError) -> Data {
    try Workbook.withPrivateFolder(in: temporaryFolder) { folder throws(WorkbookError) in
      let file = folder.appending(path: "answer.xlsx")
      try write(answer, to: file.path)
      do { return try Data(contentsOf: file) } catch {
        throw WorkbookError(description: "\(file.path): cannot be read back: \(error.localizedDescription)")
      }
    }
  }

  /// Writes the workbook to the file at `path`, which is replaced. While it is written, a second file is beside it.
  ///
  /// - Throws: ``WorkbookError`` if this or a temporary file cannot be written.
  public func write(_ answer: RegisterAnswer, to path: String) throws(WorkbookError) {
    try Workbook.withPrivateFolder(in: temporaryFolder) { folder throws(WorkbookError) in
      let workbook = try Workbook(file: path, folder: folder.path)
      let packed = try fill(workbook, answer, folder)
      try workbook.close()
      try PackedSheet.add(packed, to: path)
    }
  }

  /// Writes all sheets; returns those whose rows are still to be added to the file.
  private func fill(
    _ workbook: Workbook, _ answer: RegisterAnswer, _ folder: URL
  ) throws(WorkbookError) -> [PackedSheet] {
    var extents = [RegisterAnswer.Extent?](repeating: nil, count: answer.files.count)
    let empty = answer.summary(extents, form: .workbook)
    guard let section = empty.sections.first else { return [] }
    workbook.setProperties(title: "\(empty.title)  \(empty.names)", created: answer.checked)
    let first = try workbook.addSheet(title: section.title, otherwise: section.name.rawValue)
    var packed: [PackedSheet] = []
    var room = longestHeld
    for place in answer.files.indices {
      guard let beginning = beginning(place, of: answer, room: room) else { continue }
      let file = folder.appending(path: "rows-\(place)").path
      extents[place] = try write(
        beginning, of: answer.files[place], answer, to: workbook, streamsTo: beginning.isWhole ? nil : file,
        &packed)
      if beginning.isWhole { room -= beginning.held.count }
    }
    // The summary is the first sheet, and is written when the number of rows is known.
    let document = answer.summary(extents, form: .workbook)
    guard let summary = document.sections.first else { return packed }
    var writer = SheetWriter(summary, of: document, in: workbook, first)
    writer.keepsTogether = true
    try writer.write()
    return packed
  }

  /// Reads the first rows of a file; nil if it has none or cannot be read.
  private func beginning(_ place: Int, of answer: RegisterAnswer, room: Int) -> Beginning? {
    var reader: AnswerRows
    do throws(RegisterProblem) { reader = try AnswerRows(answer.files[place], of: answer) } catch {
      // The summary has the problem.
      return nil
    }
    var held: [AnswerRows.Row] = []
    // Enough rows for the widths of columns, also where no room is left.
    let most = max(room, min(longestHeld, 1000))
    while held.count <= most {
      guard let row = reader.next() else {
        guard !held.isEmpty else { return nil }
        return Beginning(reader: reader, held: held, isWhole: held.count <= room)
      }
      held.append(row)
    }
    return Beginning(reader: reader, held: held, isWhole: false)
  }

  private func write(
    _ beginning: Beginning, of file: RegisterAnswer.File, _ answer: RegisterAnswer, to workbook: Workbook,
    streamsTo path: String?, _ packed: inout [PackedSheet]
  ) throws(WorkbookError) -> RegisterAnswer.Extent {
    var reader = beginning.reader
    var writer = try AnswerSheetWriter(
      file, of: answer, in: workbook, begins: beginning.held, headings: reader.headings,
      merges: path == nil ? reader.merges : [], streamsTo: path)
    for row in beginning.held { try writer.write(row) }
    if path != nil {
      while let row = reader.next() { try writer.write(row) }
    }
    if let sheet = try writer.finish(merging: reader.merges, problems: reader.places) { packed.append(sheet) }
    var extent = writer.extent
    extent.end = reader.end
    return extent
  }
}
