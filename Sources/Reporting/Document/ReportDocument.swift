import Aggregation
import Telemetry

/// A report in one language as a reader meets it: its sections in their order, each with what it says, lists and
/// draws. Every rendering shows this document, so that a figure is the same, and in the same place, in all of them.
///
/// Texts are inert (``Swift/String/inert``): a renderer only has to escape what its own syntax gives a meaning.
public struct ReportDocument: Sendable {
  /// One of the report's sections.
  public struct Section: Sendable {
    public let name: ReportSection
    public let title: String
    /// A few words beside the title; may be empty.
    public let aside: String
    public let blocks: [Block]

    /// A section.
    public init(name: ReportSection, title: String, aside: String = "", blocks: [Block]) {
      self.name = name
      self.title = title
      self.aside = aside
      self.blocks = blocks
    }
  }

  /// A part of a section.
  public enum Block: Sendable {
    case fields([Field])
    case prose(String, Style)
    case table(DocumentTable)
    case chart(Chart)
  }

  /// A label and what it says.
  public struct Field: Sendable {
    /// Empty where the value goes on from the field before.
    public var label: String
    public var value: String
    public var style: Style

    /// A field.
    public init(label: String, value: String, style: Style = .plain) {
      self.label = label
      self.value = value
      self.style = style
    }
  }

  /// How much attention a text asks for.
  public enum Style: Sendable {
    case plain, strong, faint, warning
  }

  public let language: Language
  /// The store's time zone, in which instants are shown.
  public let calendar: LocalCalendar
  /// What the report is on: `Factory F001`.
  public let title: String
  /// Its names, this language's first; may be empty.
  public let names: String
  /// `2026-10-01 to 2026-10-31`.
  public let period: String
  /// How to ask for everything that a shortened rendering leaves out.
  public let command: String
  /// Report order.
  public let sections: [Section]

  /// The document of a report.
  ///
  /// - Parameter sections: those wanted; nil for all. One that has nothing to say is left out.
  public init(_ report: Report, language: Language, sections wanted: Set<ReportSection>? = nil) {
    let terms = Terms(language)
    var writer = DocumentWriter(
      report: report, terms: terms, sentences: Sentences(terms: terms, calendar: report.calendar),
      wanted: wanted)
    writer.write()
    self.language = language
    calendar = report.calendar
    title = writer.title
    names = writer.names(report.nameEnglish, report.nameChinese)
    period = writer.period
    command = writer.command
    sections = writer.sections
  }

  /// A document of parts that are inert already.
  public init(
    language: Language, calendar: LocalCalendar, title: String, names: String = "", period: String,
    command: String = "", sections: [Section]
  ) {
    self.language = language
    self.calendar = calendar
    self.title = title
    self.names = names
    self.period = period
    self.command = command
    self.sections = sections
  }

  /// What a cell reads as in this document's language.
  public func text(_ cell: Cell) -> String { cell.text(Terms(language), calendar) }
}

/// The sections of reports, in report order. The raw value is the word on the command line.
public enum ReportSection: String, CaseIterable, Sendable {
  case overview, figures, ranking, distribution, policies
  case beforeAfter = "before_after"
  case industries, green, gaps, connectivity, performance, energy
  case dataQuality = "data_quality"
  case actions, definitions
}
