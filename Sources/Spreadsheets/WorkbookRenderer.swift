import Foundation
import Reporting
import Telemetry

/// Writes a report as an Excel workbook (Office Open XML), with numbers and dates as such, and Excel charts: for a whole
/// report a few sheets that begin with a summary, for requested sections one sheet each. Texts remain texts, whatever
/// their content. Equal reports give equal bytes.
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
  /// - Parameter sections: the requested sections; nil for all, with the lists of factories, equipment and exceptions.
  /// - Throws: ``WorkbookError`` if its temporary files cannot be written.
  public func render(_ report: Report, sections: Set<ReportSection>? = nil) throws(WorkbookError) -> Data {
    guard sections == nil else {
      return try render(
        ReportDocument(report, language: language, sections: sections), created: report.asOf)
    }
    let document = ReportDocument(report, language: language, sections: Set(ReportSection.allCases))
    return try render(ReportSheet.sheets(of: document), of: document, created: report.asOf)
  }

  private func render(
    _ sheets: [ReportSheet], of document: ReportDocument, created: Timestamp
  ) throws(WorkbookError) -> Data {
    try Workbook.bytes(in: temporaryFolder) { workbook throws(WorkbookError) in
      workbook.setProperties(
        title: [document.title, document.names].filter { !$0.isEmpty }.joined(separator: "  "),
        created: created)
      for sheet in sheets {
        var writer = try SheetWriter(sheet.section, of: document, in: workbook)
        try writer.write(sheet.parts)
      }
    }
  }

  /// Returns the workbook of a document, which must be in the renderer's language, with one sheet per section. The
  /// workbook's dates are `created`.
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
