import Reporting

/// A sheet of a whole report's workbook: sections that are read together.
struct ReportSheet {
  /// A section as the sheet shows it.
  struct Part {
    /// The section's heading within the sheet; empty for the only section of a sheet.
    var heading: String
    var blocks: [ReportDocument.Block]
  }

  /// The section that the sheet is about, without blocks.
  var section: ReportDocument.Section
  var parts: [Part]

  /// The sheets of a document, in order: a summary that comes first, flat lists of factories, equipment and exceptions,
  /// forms, the figures of the period, and definitions. Sections of other names belong to the summary.
  ///
  /// Rows of single states are left out: they are as many as changes of state, and are drawn in other formats.
  static func sheets(of document: ReportDocument) -> [ReportSheet] {
    let kinds = Kind.allCases
    let isDistrict = document.sections.contains { $0.name == .factories }
    let hasExceptions = document.sections.contains { $0.name == .exceptions }
    return kinds.flatMap { kind -> [ReportSheet] in
      let sections = document.sections.filter { section in
        switch section.name {
        // The list of factories has the figures of the ranking.
        case .ranking where isDistrict: false
        // The list of exceptions has the gaps and flags of a factory or a part of it.
        case .gaps where hasExceptions && !isDistrict: false
        default: Kind(section.name) == kind
        }
      }
      guard kind.isOneSheet else { return sections.map { ReportSheet([$0], $0.title) } }
      guard !sections.isEmpty else { return [] }
      var sheet = ReportSheet(sections, kind.title(document.language) ?? sections[0].title)
      if kind == .summary { sheet.parts = cover(document) + sheet.parts }
      return [sheet]
    }
  }

  /// The conclusion, the headline figures, and their changes; none for a document without them.
  private static func cover(_ document: ReportDocument) -> [Part] {
    guard let headline = document.headline else { return [] }
    var blocks = headline.sentences.map { ReportDocument.Block.prose($0, .plain) }
    if let table = headline.table { blocks.append(.table(table)) }
    if !headline.note.isEmpty { blocks.append(.prose(headline.note, .faint)) }
    return [Part(heading: document.language == .english ? "At a glance" : "结论", blocks: blocks)]
  }

  private init(_ sections: [ReportDocument.Section], _ title: String) {
    section = ReportDocument.Section(
      name: sections[0].name, place: sections[0].place, title: title,
      aside: sections.count == 1 ? sections[0].aside : "", blocks: [])
    parts = sections.map { section in
      Part(
        heading: sections.count > 1
          ? [section.title, section.aside].filter { !$0.isEmpty }.joined(separator: "  ") : "",
        blocks: section.blocks.filter { block in
          if case .chart(let chart) = block, case .gantt = chart.content { false } else { true }
        })
    }
  }

  /// The kinds of sheets, in order.
  private enum Kind: CaseIterable {
    case summary, factories, equipment, exceptions, forms, period, definitions

    init(_ section: ReportSection) {
      switch section {
      case .factories: self = .factories
      case .equipment: self = .equipment
      case .exceptions: self = .exceptions
      case .form, .formFactories, .formEquipment: self = .forms
      case .distribution, .beforeAfter, .industries, .green, .gaps, .connectivity, .performance, .energy,
        .dataQuality:
        self = .period
      case .definitions: self = .definitions
      default: self = .summary
      }
    }

    /// Whether all sections of the kind are on one sheet.
    var isOneSheet: Bool { self != .forms }

    /// The title of a sheet of several sections; nil if the sheet has the title of its section.
    func title(_ language: Language) -> String? {
      switch (self, language) {
      case (.summary, .english): "Summary"
      case (.summary, .chinese): "汇总"
      case (.period, .english): "Figures of the period"
      case (.period, .chinese): "周期指标"
      default: nil
      }
    }
  }
}
