import Aggregation
import Reporting
import Telemetry
import Testing

/// Every figure that a report prints is defined in the same report.
@Suite("Printed figures and their definitions") struct DefinedFiguresTests {
  private static func tables(_ section: ReportDocument.Section) -> [DocumentTable] {
    section.blocks.compactMap { if case .table(let table) = $0 { table } else { nil } }
  }

  private static func text(_ cell: Cell?) -> String {
    switch cell {
    case .text(let text), .status(_, let text): text
    default: ""
    }
  }

  /// Names of the figures that the definitions of a report list, each with a definition.
  private static func defined(_ document: ReportDocument) throws -> [String] {
    let section = try #require(document.sections.first { $0.name == .definitions })
    let rows = try #require(tables(section).first).rows.compactMap(\.cells)
    #expect(rows.allSatisfy { $0.count == 2 && !text($0[1]).isEmpty })
    return rows.map { text($0[0]) }
  }

  /// The name under which a figure is defined, by every label that tables have for it.
  private static func names(_ terms: Terms) -> [String: String] {
    let isEnglish = terms.language == .english
    var names: [String: String] = [:]
    for metric in Metric.allCases {
      let name = terms.name(metric)
      let before = terms.short(metric) + (isEnglish ? " before" : "前")
      for label in [name, terms.short(metric), terms.brief(metric), before] { names[label] = name }
    }
    // The declared figure beside the measured one of a ranking.
    names[isEnglish ? "Declared" : "申报"] = terms.name(.connectableRatio)
    let intensity = isEnglish ? "Energy per good piece" : "单位产品能耗"
    names[intensity] = intensity
    names[intensity + (isEnglish ? ", kWh" : "，kWh/件")] = intensity
    return names
  }

  /// Columns of numbers that are no figures of their own: parts of a sum, numerators and denominators beside the
  /// figure, the second of two columns under one name, and a figure after an action.
  private static let parts: [Language: Set<String>] = [
    .english: ["Share", "≥½ days", "On / on and off", "after", "Then"],
    .chinese: ["占比", "过半天数", "在线 / 在线与离线", "后", "完成后"],
  ]

  private static func isFigure(_ cell: Cell) -> Bool {
    switch cell {
    case .ratio, .fraction, .decimal, .bounds: true
    default: false
    }
  }

  @Test(arguments: GoldenTests.subjects, Language.allCases)
  func `every figure in a table has the name of one that the definitions list`(
    subject: GoldenTests.Subject, language: Language
  ) throws {
    let document = ReportDocument(try GoldenTests.report(subject), language: language)
    let defined = Set(try Self.defined(document))
    let names = Self.names(Terms(language))
    let parts = try #require(Self.parts[language])
    // The cells of a form have the labels of the form's file.
    let others = ReportSection.ofForm.union([.definitions])
    for section in document.sections where !others.contains(section.name) {
      for table in Self.tables(section) {
        for cells in table.rows.compactMap(\.cells) {
          for (column, cell) in zip(table.columns, cells) where Self.isFigure(cell) {
            // The column is of one figure, or a cell of the row names it.
            let name = names[column.title] ?? cells.lazy.compactMap { names[Self.text($0)] }.first
            if let name {
              #expect(defined.contains(name), "\(section.name): \(name) has no definition")
            } else {
              #expect(
                parts.contains(column.title),
                "\(section.name): '\(Self.text(cells.first))', '\(column.title)'")
            }
          }
        }
      }
    }
  }

  @Test(arguments: Language.allCases)
  func `definitions list every metric once, and energy per good piece`(language: Language) throws {
    let terms = Terms(language)
    for scope in [ReportScope.district, .factory("F001"), .workshop(factory: "F001", "W01")] {
      let report = try GoldenTests.report(.init(name: "", scope: scope))
      #expect(
        try Self.defined(ReportDocument(report, language: language))
          == Metric.allCases.filter { !$0.needsFormAttributes }.map { terms.name($0) }
          + [language == .english ? "Energy per good piece" : "单位产品能耗"])
    }
  }

  @Test(arguments: Language.allCases)
  func `a figure for forms is defined where the register states what it needs, or a policy asks for it`(
    language: Language
  ) throws {
    let terms = Terms(language)
    func forms(_ name: String) throws -> [String] {
      let subject = try #require(GoldenTests.subjects.first { $0.name == name })
      let defined = try Self.defined(ReportDocument(try GoldenTests.report(subject), language: language))
      return defined.filter { Metric.formRatios.map { terms.name($0) }.contains($0) }
    }
    #expect(try forms("factory") == [])
    #expect(try forms("factory-unstated") == [Metric.cncRatio, .keyProcessCNCRatio].map { terms.name($0) })
    #expect(try forms("factory-forms") == Metric.formRatios.map { terms.name($0) })
  }

  @Test(arguments: Language.allCases)
  func `machines with the lowest connectivity have it round the clock, and the heading says so`(
    language: Language
  ) throws {
    let subject = try #require(GoldenTests.subjects.first { $0.name == "factory-details" })
    let document = ReportDocument(try GoldenTests.report(subject), language: language)
    let terms = Terms(language)
    let section = try #require(document.sections.first { $0.name == .connectivity })
    let table = try #require(
      Self.tables(section).first { $0.caption == (language == .english ? "Lowest connectivity" : "在线率最低的设备") }
    )
    #expect(table.columns[3].title == terms.short(.timeWeightedConnectivityRoundTheClock))
    // 100 h on and 200 h off.
    #expect(table.rows.first?.cells?[3] == .ratio(Count(360_000_000, of: 1_080_000_000)))
  }
}
