/// Sections of a document as parts of a page that is not a report.
package struct DocumentMarkup {
  private let document: ReportDocument
  private let links: [String: String]

  /// The sections of a document.
  ///
  /// - Parameter links: addresses of factories, by the factory's id. Tables link the ids to them.
  package init(_ document: ReportDocument, links: [String: String] = [:]) {
    self.document = document
    self.links = links
  }

  /// Adds the sections, small ones side by side. Their headings are of the second level.
  package func write(to markup: inout Markup) {
    HTMLWriter(document: document, terms: Terms(document.language), links: links, index: nil)
      .writeSections(to: &markup)
  }

  /// The rules that the sections need, on a screen, light or dark, and on paper.
  package static let style =
    StyleSheet.base + StyleSheet.prose + StyleSheet.layout + StyleSheet.tables + StyleSheet.narrow
    + StyleSheet.charts + StyleSheet.status + StyleSheet.dark + StyleSheet.print
}
