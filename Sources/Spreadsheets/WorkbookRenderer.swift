import Foundation
import Reporting
import Telemetry

/// Writes a report as an Excel workbook (Office Open XML): a sheet for each section, with real numbers and dates,
/// every row, and Excel's own charts. Texts are texts, whatever they look like. The same report is the same bytes.
public struct WorkbookRenderer: Sendable {
  public var language: Language

  /// Where what is written on the way lies, in a folder that nobody else can look into.
  public var temporaryFolder: URL

  /// A renderer.
  public init(
    language: Language = .english, temporaryFolder: URL = FileManager.default.temporaryDirectory
  ) {
    self.language = language
    self.temporaryFolder = temporaryFolder
  }

  /// The workbook.
  ///
  /// - Parameter sections: those wanted; nil for all.
  /// - Throws: ``WorkbookError`` when it cannot be written on its way, in the folder for temporary files.
  public func render(_ report: Report, sections: Set<ReportSection>? = nil) throws(WorkbookError) -> Data {
    try render(
      ReportDocument(report, language: language, sections: sections), created: report.asOf)
  }

  /// The workbook of a document that is to be in the renderer's language. The workbook's dates are `created`.
  public func render(_ document: ReportDocument, created: Timestamp) throws(WorkbookError) -> Data {
    let folder = try privateFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "report.xlsx")
    let workbook = try Workbook(file: file.path, folder: folder.path)
    workbook.setProperties(
      title: [document.title, document.names].filter { !$0.isEmpty }.joined(separator: "  "),
      created: created)
    // A workbook has to have a sheet.
    let nothing = ReportDocument.Section(name: .overview, title: document.title, blocks: [])
    for section in document.sections.isEmpty ? [nothing] : document.sections {
      var writer = try SheetWriter(section, of: document, in: workbook)
      try writer.write()
    }
    try workbook.close()
    do { return try Data(contentsOf: file) } catch {
      throw WorkbookError(description: "\(file.path): cannot be read back: \(error.localizedDescription)")
    }
  }

  private func privateFolder() throws(WorkbookError) -> URL {
    let folder = temporaryFolder.appending(
      path: "millwright-report-\(UUID().uuidString)", directoryHint: .isDirectory)
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch {
      throw WorkbookError(description: "\(folder.path): cannot be created: \(error.localizedDescription)")
    }
    return folder
  }
}
