import Foundation
import Reporting
import Telemetry

/// Writes a report as an Excel workbook (Office Open XML): one sheet per section, with numbers and dates as such,
/// every row, and Excel charts. Texts remain texts, whatever their content. Equal reports give equal bytes.
public struct WorkbookRenderer: Sendable {
  public var language: Language

  /// Folder for temporary files, which only this user can read.
  public var temporaryFolder: URL

  /// A renderer.
  public init(
    language: Language = .english, temporaryFolder: URL = FileManager.default.temporaryDirectory
  ) {
    self.language = language
    self.temporaryFolder = temporaryFolder
  }

  /// Returns the bytes of the workbook.
  ///
  /// - Parameter sections: the requested sections; nil for all.
  /// - Throws: ``WorkbookError`` if its temporary files cannot be written.
  public func render(_ report: Report, sections: Set<ReportSection>? = nil) throws(WorkbookError) -> Data {
    try render(
      ReportDocument(report, language: language, sections: sections), created: report.asOf)
  }

  /// Returns the workbook of a document, which must be in the renderer's language. The workbook's dates are
  /// `created`.
  public func render(_ document: ReportDocument, created: Timestamp) throws(WorkbookError) -> Data {
    try Workbook.bytes(in: temporaryFolder) { workbook throws(WorkbookError) in
      workbook.setProperties(
        title: [document.title, document.names].filter { !$0.isEmpty }.joined(separator: "  "),
        created: created)
      // A workbook must have a sheet.
      let nothing = ReportDocument.Section(name: .overview, title: document.title, blocks: [])
      for section in document.sections.isEmpty ? [nothing] : document.sections {
        var writer = try SheetWriter(section, of: document, in: workbook)
        try writer.write()
      }
    }
  }
}
