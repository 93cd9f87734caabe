import Aggregation
import Telemetry

/// A report in one language: its sections in order, each with its texts, lists, tables and charts. All renderers
/// print this document, so that each figure is the same, and in the same place, in all formats.
///
/// Texts are inert (``Swift/String/inert``): a renderer only escapes the characters that have a meaning in its own
/// syntax.
public struct ReportDocument: Sendable {
  /// One of the report's sections.
  public struct Section: Sendable {
    public let name: ReportSection
    /// Place among the sections of this name, from 1.
    public let place: Int
    public let title: String
    /// A short note beside the title; may be empty.
    public let aside: String
    public let blocks: [Block]

    /// An id that is unique in a report: the section's name, with its place from the second of that name on.
    public var id: String { place > 1 ? "\(name.rawValue)-\(place)" : name.rawValue }

    /// A section.
    public init(name: ReportSection, place: Int = 1, title: String, aside: String = "", blocks: [Block]) {
      self.name = name
      self.place = place
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

  /// A label and its value.
  public struct Field: Sendable {
    /// Empty if the value continues the previous field.
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

  /// The attention that a text needs.
  public enum Style: Sendable {
    case plain, strong, faint, warning
  }

  public let language: Language
  /// The store's time zone, used for all instants.
  public let calendar: LocalCalendar
  /// The title of the document: `Equipment networking and automation, August 2024 – Lanhai Gearbox Works`.
  public let title: String
  /// The subject's id and its name in the other language, in small print below the title: `Factory F001 (蓝海齿轮厂)`;
  /// may be empty.
  public let names: String
  /// The title with the period, for the head of each printed page.
  public let runningTitle: String
  /// `2026-10-01 to 2026-10-31`.
  public let period: String
  /// The conclusion and the headline figures; nil for a document without them.
  public let headline: Headline?
  /// The command that prints everything which a shortened rendering leaves out.
  public let command: String
  /// The sections, in report order.
  public let sections: [Section]

  /// The document of a report.
  ///
  /// - Parameters:
  ///   - sections: the requested sections; nil for all but the lists. A section without content is left out.
  ///   - keepsAllRows: whether tables that are longer than their maximum are kept whole.
  public init(
    _ report: Report, language: Language, sections wanted: Set<ReportSection>? = nil,
    keepsAllRows: Bool = false
  ) {
    let terms = Terms(language)
    var writer = DocumentWriter(
      report: report, terms: terms, sentences: Sentences(terms: terms, calendar: report.calendar),
      wanted: wanted)
    writer.keepsAllRows = keepsAllRows
    writer.write()
    self.language = language
    calendar = report.calendar
    title = writer.title
    names = writer.identity
    runningTitle = title
    period = writer.period
    headline = writer.headline
    command = writer.command
    sections = writer.sections
  }

  /// A document of parts that are already inert.
  public init(
    language: Language, calendar: LocalCalendar, title: String, names: String = "", period: String,
    headline: Headline? = nil, command: String = "", sections: [Section]
  ) {
    self.language = language
    self.calendar = calendar
    self.title = title
    self.names = names
    runningTitle = title + " · " + period
    self.period = period
    self.headline = headline
    self.command = command
    self.sections = sections
  }

  /// Whether the title has the period in its words, so that it needs none beside it.
  var isTitleDated: Bool { runningTitle == title }

  /// The text of a cell in this document's language.
  public func text(_ cell: Cell) -> String { cell.text(Terms(language), calendar) }
}

/// The sections of reports, in report order. The raw value is the word for the command line.
public enum ReportSection: String, CaseIterable, Sendable {
  case overview, figures, actions, trend, ranking, distribution, policies
  case form
  case formFactories = "form_factories"
  case formEquipment = "form_equipment"
  case beforeAfter = "before_after"
  case industries, green, gaps, connectivity, performance, energy
  case dataQuality = "data_quality"
  case definitions
  case factories, equipment, exceptions

  /// The sections of a form by itself.
  public static let ofForm: Set<ReportSection> = [.form, .formFactories, .formEquipment]

  /// Tables with one row for each factory, machine or exception. They are as long as the register, so that only CSV
  /// and workbooks have them unasked.
  public static let lists: Set<ReportSection> = [.factories, .equipment, .exceptions]

  /// The sections of a whole report: all but the lists.
  public static let ofReport = Set(allCases).subtracting(lists)
}
