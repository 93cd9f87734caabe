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
  /// Maximum number of rows of a file that are held in memory, for column widths and merged cells. The rows of longer
  /// files are written as they are read, with all merged cells separated.
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
    var place: Int
  }

  /// Returns the bytes of the workbook.
  ///
  /// - Throws: ``WorkbookError`` if its temporary files cannot be written.
  public func render(_ answer: RegisterAnswer) throws(WorkbookError) -> Data {
    let beginnings = answer.files.indices.compactMap { beginning($0, of: answer) }
    let isStreamed = beginnings.contains { !$0.isWhole }
    return try Workbook.bytes(in: temporaryFolder, isStreamed: isStreamed) { workbook throws(WorkbookError) in
      var extents = [RegisterAnswer.Extent?](repeating: nil, count: answer.files.count)
      let empty = answer.summary(extents, form: .workbook)
      guard let section = empty.sections.first else { return }
      workbook.setProperties(title: "\(empty.title)  \(empty.names)", created: answer.checked)
      let first = try workbook.addSheet(title: section.title, otherwise: section.name.rawValue)
      for beginning in beginnings {
        extents[beginning.place] = try write(beginning, of: answer, to: workbook, isStreamed: isStreamed)
      }
      // The summary is the first sheet, and is written when the number of rows is known.
      let document = answer.summary(extents, form: .workbook)
      guard let summary = document.sections.first else { return }
      var writer = SheetWriter(summary, of: document, in: workbook, first)
      try writer.write()
    }
  }

  private func beginning(_ place: Int, of answer: RegisterAnswer) -> Beginning? {
    var reader: AnswerRows
    do throws(RegisterProblem) { reader = try AnswerRows(answer.files[place], of: answer) } catch {
      // The summary has the problem.
      return nil
    }
    var held: [AnswerRows.Row] = []
    while held.count <= longestHeld {
      guard let row = reader.next() else {
        guard !held.isEmpty else { return nil }
        return Beginning(reader: reader, held: held, isWhole: true, place: place)
      }
      held.append(row)
    }
    return Beginning(reader: reader, held: held, isWhole: false, place: place)
  }

  private func write(
    _ beginning: Beginning, of answer: RegisterAnswer, to workbook: Workbook, isStreamed: Bool
  ) throws(WorkbookError) -> RegisterAnswer.Extent {
    var reader = beginning.reader
    var writer = try AnswerSheetWriter(
      answer.files[beginning.place], of: answer, in: workbook, begins: beginning.held,
      headings: reader.headings, merges: isStreamed ? [] : reader.merges)
    for row in beginning.held { try writer.write(row) }
    if !beginning.isWhole {
      while let row = reader.next() { try writer.write(row) }
    }
    try writer.finish(merging: reader.merges, isStreamed: isStreamed, problems: reader.places)
    var extent = writer.extent
    extent.end = reader.end
    return extent
  }
}
