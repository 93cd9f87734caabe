import Aggregation
import Register
import Telemetry

/// Writes a report for a terminal: aligned, officer's sections first, every name inert.
public struct TextRenderer: Sendable {
  public var language: Language
  /// Columns, 60 to 120.
  public var width: Int
  /// Whether to set headings and warnings off by ANSI colours.
  public var color: Bool
  /// Whether the terminal shows block elements and box drawing; ASCII otherwise.
  public var unicode: Bool

  /// A renderer; a width outside 60 … 120 is taken to the nearest end.
  public init(language: Language = .english, width: Int = 80, color: Bool = false, unicode: Bool = true) {
    self.language = language
    self.width = min(120, max(60, width))
    self.color = color
    self.unicode = unicode
  }

  /// The report, every line ending in a newline.
  public func render(_ report: Report) -> String {
    let terms = Terms(language)
    var writer = TextWriter(
      report: report, terms: terms, sentences: Sentences(terms: terms, calendar: report.calendar),
      page: Page(width: width, color: color, glyphs: Glyphs(unicode: unicode)))
    writer.write()
    return writer.page.text
  }
}
