import Register

/// Writes one table of a report as CSV (RFC 4180) for spreadsheets and programs: a line of headings, then rows with
/// values of one type in each column. ``CSVRenderer`` writes every cell of a whole report instead.
public struct CSVTableRenderer: Sendable {
  public var language: Language
  /// Whether the file begins with a byte order mark, by which Excel recognises UTF-8.
  public var byteOrderMark: Bool

  /// A renderer.
  public init(language: Language = .english, byteOrderMark: Bool = false) {
    self.language = language
    self.byteOrderMark = byteOrderMark
  }

  /// The table of a section in UTF-8, with all rows; without bytes if the report has no such section.
  ///
  /// - Parameters:
  ///   - leavingOut: receives the captions of tables that are left out, because their headings differ from those of the
  ///     section's first table.
  public func render(
    _ report: Report, section: ReportSection = .equipment, leavingOut: ([String]) -> Void = { _ in }
  ) -> [UInt8] {
    let document = ReportDocument(report, language: language, sections: [section], keepsAllRows: true)
    // A section of a form is there once for each form.
    guard let first = document.sections.first else { return [] }
    let others = document.sections.dropFirst().map(\.title)
    return render(first, of: document) { leavingOut($0 + others) }
  }

  /// The table of a section of a document, which must be in the renderer's language.
  public func render(
    _ section: ReportDocument.Section, of document: ReportDocument, leavingOut: ([String]) -> Void = { _ in }
  ) -> [UInt8] {
    let table = CSVTable(section, of: document)
    var writer = CSVWriter()
    for row in [table.headings] + table.rows { writer.append(row.map(\.unrunnable)) }
    leavingOut(table.leftOut)
    return (byteOrderMark ? [0xEF, 0xBB, 0xBF] : []) + writer.bytes
  }
}
