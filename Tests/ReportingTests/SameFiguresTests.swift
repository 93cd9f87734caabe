import Aggregation
import Foundation
import Register
import Reporting
import Spreadsheets
import Telemetry
import Testing

/// The same figures, in the same order, in every format and language.
struct SameFiguresTests {
  /// The sections that figures are filed by.
  private static let sections: [ReportSection] = [.figures, .policies, .connectivity, .performance]

  /// Every format: what documents read as in it, each as texts that its figures stand in. Add one here.
  private static let formats: [(name: String, texts: @Sendable ([ReportDocument]) throws -> [[String]])] = [
    ("text", { $0.map { [TextRenderer(language: $0.language, width: 120).render($0)] } }),
    (
      "markdown",
      { $0.map { [MarkdownRenderer(language: $0.language).render($0).replacing("\\<", with: "<")] } }
    ),
    ("csv", { $0.map { csv(CSVRenderer(language: $0.language).render($0)) } }),
    ("xlsx", { try xlsx($0) }),
    ("html", { $0.map { html(HTMLRenderer(language: $0.language).render($0)) } }),
  ]

  @Test(
    "every format has the figures of every other, in both languages", arguments: GoldenTests.subjects)
  func formats(subject: GoldenTests.Subject) throws {
    let report = try GoldenTests.report(subject)
    let documents = Self.sections.flatMap { section in
      Language.allCases.map { Self.document(report, $0, section) }
    }
    let expected = try Self.figures(documents, in: Self.formats[0].texts)
    // Empty sequences would be equal, too.
    if subject.scope.kind != "equipment" { #expect(expected[0].count >= 16) }
    for place in stride(from: 0, to: documents.count, by: 2) {
      #expect(expected[place] == expected[place + 1], "\(Self.sections[place / 2]) in both languages")
    }
    for format in Self.formats.dropFirst() {
      let found = try Self.figures(documents, in: format.texts)
      for (place, figures) in found.enumerated() {
        #expect(figures == expected[place], "\(Self.sections[place / 2]) as \(format.name)")
      }
    }
  }

  @Test("JSON has these figures first", arguments: GoldenTests.subjects)
  func json(subject: GoldenTests.Subject) throws {
    if case .equipment = subject.scope { return }
    let report = try GoldenTests.report(subject)
    let object = try JSONSerialization.jsonObject(with: Data(JSONRenderer().render(report).utf8))
    let json = try JSONFigures(object)
    let documents = Self.sections.map { Self.document(report, .english, $0) }
    let shown = try Self.figures(documents, in: Self.formats[0].texts)
    for (section, shown) in zip(Self.sections, shown) {
      let expected = Self.tokens(json.lines(section).joined(separator: "\n"))
      #expect(Array(shown.prefix(expected.count)) == expected, "\(section)")
      if section == .figures { #expect(expected.count >= 16) }
    }
  }

  // MARK: Extraction

  /// A section without its charts, which not every format draws.
  private static func document(
    _ report: Report, _ language: Language, _ section: ReportSection
  ) -> ReportDocument {
    let whole = ReportDocument(report, language: language, sections: [section])
    return ReportDocument(
      language: language, calendar: whole.calendar, title: whole.title, names: whole.names,
      period: whole.period, command: whole.command,
      sections: whole.sections.map { section in
        .init(
          name: section.name, title: section.title, aside: section.aside,
          blocks: section.blocks.filter { if case .chart = $0 { false } else { true } })
      })
  }

  private static func figures(
    _ documents: [ReportDocument], in texts: ([ReportDocument]) throws -> [[String]]
  ) throws -> [[String]] {
    try texts(documents).map { tokens($0.joined(separator: "\n")) }
  }

  /// Percents, fractions and what there is instead, as the English report writes them without thousands apart.
  private static func tokens(_ text: String) -> [String] {
    let text = text.replacing("不适用", with: "N/A").replacing("小时", with: "h").replacing(",", with: "")
      // Bounds are two.
      .replacing(/([0-9.]+)–([0-9.]+ %)/) { "\($0.output.1) % \($0.output.2)" }
    return text.matches(of: /<?[0-9]+\.[0-9] %|N\/A|[0-9.]+ \/ [0-9.]+( h)?/).map { String($0.output.0) }
  }

  /// What a browser shows between tags.
  private static func html(_ page: String) -> [String] {
    let body = page.replacing(/(?s)<(style|svg|head)\b.*?<\/\1>/, with: "")
    return body.split(separator: /<[^>]*>/).map { String($0).replacing("&lt;", with: "<") }
  }

  /// Hundredths of a yuan in yuan, with the digits that are not zero.
  private static func yuan(_ hundredths: Int) -> String {
    let text = "\(hundredths / 100)"
    let rest = hundredths % 100
    if rest == 0 { return text }
    return rest % 10 == 0 ? "\(text).\(rest / 10)" : "\(text).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// Values, and where there are none the fractions.
  private static func csv(_ bytes: [UInt8]) -> [String] {
    CSVParser.parse(bytes).records.map(\.cells).map { record in
      guard record[5].isEmpty, let n = Int(record[6]), let d = Int(record[7]) else { return record[5] }
      switch record[8] {
      case "ms": return "\(hours(n)) / \(hours(d)) h"
      case "0.01 CNY": return "\(yuan(n)) / \(yuan(d))"
      case "1/1000": return "\(n / 1000) / \(d / 1000)"
      default: return "\(n) / \(d)"
      }
    }
  }

  private static func hours(_ milliseconds: Int) -> String {
    "\(milliseconds / 3_600_000).\(milliseconds / 360_000 % 10)"
  }

  /// Cells as Excel shows them; the two columns of a fraction or of bounds are read as one.
  private static func xlsx(_ documents: [ReportDocument]) throws -> [[String]] {
    let books = try documents.map {
      try WorkbookRenderer(language: $0.language).render($0, created: SampleDistrict.asOf)
    }
    return try ForeignReaders.workbooks(books).map(cells)
  }

  private static func cells(_ workbook: ReadWorkbook) -> [String] {
    workbook.sheets.flatMap { sheet in
      var numerators: Set<Int> = []
      return sheet.rows.flatMap { row -> [String] in
        if row.contains(where: { $0?.heading == true }) {
          numerators = Set(
            row.indices.filter { column in
              guard case .text(let text) = row[column]?.value else { return false }
              return text.lowercased().hasSuffix("numerator") || text.hasSuffix("分子")
            })
        }
        return row.indices.compactMap { column in
          guard let cell = row[column] else { return nil }
          if numerators.contains(column - 1), row[column - 1]?.type == "n" { return nil }
          guard numerators.contains(column), cell.type == "n", let next = row[column + 1] else {
            return shown(cell)
          }
          let unit = cell.format.contains("h\"") || cell.format.contains("小时") ? " h" : ""
          return "\(shown(cell)) / \(shown(next))\(unit)"
        }
      }
    }
  }

  private static func shown(_ cell: ReadWorkbook.Cell) -> String {
    guard case .number(let number) = cell.value else {
      if case .text(let text) = cell.value { return text }
      return ""
    }
    switch cell.format {
    case "0.0%": return String(format: "%.1f %%", number * 100)
    case "\"<0.1 %\"": return "<0.1 %"
    case "#,##0.00": return yuan(Int((number * 100).rounded()))
    case let format where format.hasPrefix("#,##0.0"): return String(format: "%.1f", number)
    default: return String(format: "%.0f", number)
    }
  }
}

/// A JSON report's figures as the other formats write them.
private struct JSONFigures {
  let report: [String: Any]

  init(_ object: Any) throws { report = try #require(object as? [String: Any]) }

  /// What each section begins with.
  func lines(_ section: ReportSection) -> [String] {
    switch section {
    case .figures:
      Metric.equipmentRatios.prefix(5).map { line($0, .plain) } + [
        line(.networkedTimeRatio, .hours, bounds: false)
      ]
        + Metric.equipmentRatios.dropFirst(5).map { line($0, .plain) }
    case .connectivity:
      [
        line(.networkedTimeRatio, .hours), line(.timeWeightedConnectivity, .hours),
      ]
        // Printed only if it differs.
        + [line(.timeWeightedConnectivityRoundTheClock, .hours)].filter {
          $0 != line(.timeWeightedConnectivity, .hours)
        } + [line(.timeWeightedReporting, .hours), line(.uploadRatio, .plain)]
    case .performance:
      [
        line(.availability, .hours), line(.utilizationEfficiency, .hours),
        line(.calendarRunningRatio, .hours),
        line(.qualityRatio, .pieces),
      ]
    case .policies:
      objects("policies").flatMap { policy in
        objects("rules", of: policy).map { "≥ \($0["at_least_percent"] ?? "") % " + ratio($0) }
          + objects("bands", of: policy).map(ratio)
      }
    default: []
    }
  }

  /// The line of a metric: fraction, ratio, bounds where they differ, mean and median where there are any.
  private func line(_ metric: Metric, _ unit: Cell.Unit, bounds: Bool = true) -> String {
    guard let count = object("metrics")[metric.key] as? [String: Any] else { return "" }
    let isOfEquipment = Metric.equipmentRatios.contains(metric)
    var parts: [String] = []
    if isOfEquipment || number("denominator", of: count) > 0 { parts.append(fraction(count, unit)) }
    parts.append(ratio(count))
    if bounds, let lower = count["lower"] as? [String: Any], let upper = count["upper"] as? [String: Any],
      number("denominator", of: lower) > 0, lower["numerator"] as? Int != upper["numerator"] as? Int
    {
      parts += [ratio(lower), "\(upper["percent"] ?? "") %"]
    }
    for spread in ["mean", "median"] {
      guard let all = object("rollup")[spread] as? [String: Any] else { continue }
      let one = all[metric.key] as? [String: Any]
      let percent = one?["percent"] as? String
      parts.append(shown(percent, isMoreThanNothing: one.map { number("millionths", of: $0) > 0 } ?? false))
    }
    return parts.joined(separator: " | ")
  }

  private func fraction(_ count: [String: Any], _ unit: Cell.Unit) -> String {
    let parts = ["numerator", "denominator"].map { number($0, of: count) }
    switch unit {
    case .plain: return "\(parts[0]) / \(parts[1])"
    case .pieces: return "\(parts[0] / 1000) / \(parts[1] / 1000)"
    case .hours:
      let hours = parts.map { "\($0 / 3_600_000).\($0 / 360_000 % 10)" }
      return "\(hours[0]) / \(hours[1]) h"
    case .yuan:
      let yuan = parts.map { Thousandths.text(Int64($0) * 10) }
      return "\(yuan[0]) / \(yuan[1]) yuan"
    }
  }

  /// Policies have counts without a percent.
  private func ratio(_ count: [String: Any]) -> String {
    let (n, d) = (number("numerator", of: count), number("denominator", of: count))
    let percent = d > 0 ? "\(n * 1000 / d / 10).\(n * 1000 / d % 10)" : nil
    if let written = count["percent"] { #expect(written as? String == percent) }
    return shown(percent, isMoreThanNothing: n > 0)
  }

  private func shown(_ percent: String?, isMoreThanNothing: Bool) -> String {
    guard let percent else { return "N/A" }
    return percent == "0.0" && isMoreThanNothing ? "<0.1 %" : percent + " %"
  }

  private func number(_ key: String, of object: [String: Any]) -> Int { object[key] as? Int ?? 0 }
  private func object(_ key: String) -> [String: Any] { report[key] as? [String: Any] ?? [:] }
  private func objects(_ key: String, of object: [String: Any]? = nil) -> [[String: Any]] {
    (object ?? report)[key] as? [[String: Any]] ?? []
  }
}
