import Aggregation
import Register
import Telemetry

/// Writes the document of a report, section by section in report order.
struct DocumentWriter {
  let report: Report
  let terms: Terms
  let sentences: Sentences
  let wanted: Set<ReportSection>?
  /// Whether tables are longer than their maximum number of rows.
  var keepsAllRows = false
  private(set) var sections: [ReportDocument.Section] = []

  /// Number of rows of a list that a short rendering shows; the others are only counted.
  static let rowsShown = 10

  init(report: Report, terms: Terms, sentences: Sentences, wanted: Set<ReportSection>?) {
    self.report = report
    self.terms = terms
    self.sentences = sentences
    self.wanted = wanted
  }

  func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }
  func pick(_ wording: Form.Wording) -> String { terms.pick(wording.english, wording.chinese) }

  /// Describes faults of messages and their remedies.
  var remedies: Remedies { Remedies(terms.language) }

  /// A list of at most a hundred ids, and the number of the others.
  func list(_ ids: [String]) -> String {
    let shown = ids.prefix(Self.idsShown).joined(separator: pick(", ", "、"))
    return ids.count > Self.idsShown ? shown + more(ids.count - Self.idsShown) : shown
  }
  private static let idsShown = 100

  /// ` and 12 more`.
  private func more(_ count: Int) -> String {
    pick(" and \(terms.number(count)) more", "等，另有 \(terms.number(count)) 项")
  }

  /// The table with at most `mostRows` rows besides its sums, and the number of the others.
  func bounded(_ table: DocumentTable) -> DocumentTable {
    let sums = table.rows.reversed().prefix { if case .sum = $0 { true } else { false } }.count
    let rows = table.rows.count - sums
    guard rows > table.mostRows, !keepsAllRows else { return table }
    var bounded = table
    let left = terms.number(rows - table.mostRows)
    bounded.rows =
      table.rows.prefix(table.mostRows) + [.group(pick("and \(left) more", "另有 \(left) 项"))]
      + table.rows.suffix(sums)
    bounded.brief = table.brief?.compactMap { place in
      place < table.mostRows ? place : place < rows ? nil : place - rows + table.mostRows + 1
    }
    return bounded
  }

  mutating func write() {
    let wanted = wanted ?? ReportSection.ofReport
    for section in ReportSection.allCases where wanted.contains(section) {
      for (place, (title, aside, blocks)) in contents(of: section).enumerated() where !blocks.isEmpty {
        sections.append(
          ReportDocument.Section(
            name: section, place: place + 1, title: title.inert, aside: aside.inert,
            blocks: blocks.map { block in
              if case .table(let table) = block { .table(bounded(table)).inert } else { block.inert }
            }))
      }
    }
  }

  /// The sections of a name: one, or one for each form.
  private func contents(
    of section: ReportSection
  ) -> [(title: String, aside: String, blocks: [ReportDocument.Block])] {
    let title = terms.title(section, report.scope)
    switch section {
    case .form: return report.forms.map { (pick($0.form.title), "", form($0)) }
    case .formFactories: return report.forms.map { (title + suffix($0), "", formFactories($0)) }
    case .formEquipment: return report.forms.map { (title + suffix($0), "", formEquipment($0)) }
    default:
      let (aside, blocks) = content(of: section)
      return [(title, aside, blocks)]
    }
  }

  /// The title of a form behind another title; empty if there is only one form.
  private func suffix(_ form: FilledForm) -> String {
    report.forms.count > 1 ? pick(": ", "：") + pick(form.form.title) : ""
  }

  /// The content of a section that is not of a form; empty for a section that does not apply.
  private func content(of section: ReportSection) -> (aside: String, blocks: [ReportDocument.Block]) {
    switch section {
    case .overview: ("", overview())
    case .figures: figures()
    case .trend: trend()
    case .ranking: ranking()
    case .distribution: ("", distribution())
    case .policies: ("", policies() + attainment())
    case .beforeAfter: ("", beforeAfter())
    case .industries: ("", industries())
    case .green: ("", green())
    case .gaps: gaps()
    case .connectivity: ("", connectivity() + connectivityDetails())
    case .performance: ("", performance())
    case .energy: ("", energy())
    case .dataQuality: ("", dataQuality())
    case .actions: ("", actions())
    case .definitions: ("", definitions())
    case .factories: ("", factoryList())
    case .equipment: ("", equipmentList())
    case .exceptions: ("", exceptionList())
    case .form, .formFactories, .formEquipment: ("", [])
    }
  }

  // MARK: Shared by sections

  /// The scope's ids, with a fixed word for a missing workshop or line.
  var displayedPath: String {
    report.id.split(separator: "/", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? terms.none : String($0).inert }.joined(separator: "/")
  }

  /// Both names, this language's first.
  func names(_ english: String, _ chinese: String) -> String {
    let names = terms.names(english, chinese).map(\.inert)
    guard let first = names.first, let second = names.dropFirst().first else { return names.first ?? "" }
    return first + pick(" (\(second))", "（\(second)）")
  }

  /// `2026-10-01 to 2026-10-31`.
  var period: String {
    let period = report.observation.period
    return pick("\(period.firstDay) to \(period.lastDay)", "\(period.firstDay) 至 \(period.lastDay)")
  }

  /// The command that prints everything which this report shortens.
  var command: String { command("--all") }

  /// The command that makes this report with another option.
  func command(_ option: String) -> String {
    let path = report.scope.path.isEmpty ? "" : " " + report.scope.path.inert
    let isOfForms = wanted.map { $0.contains(.form) && $0.isSubset(of: ReportSection.ofForm) } ?? false
    let forms = isOfForms ? report.forms.map { " --form " + $0.form.reference.inert }.joined() : ""
    return "millwright report \(report.scope.kind)\(path)\(forms) \(option)"
  }

  /// `W01/L1`; empty where the register names neither.
  func place(_ workshop: String, _ line: String) -> String {
    [workshop, line].filter { !$0.isEmpty }.joined(separator: "/")
  }
}

extension ReportDocument.Block {
  /// The text in inert form.
  var inert: ReportDocument.Block {
    switch self {
    case .fields(let fields):
      return .fields(fields.map { .init(label: $0.label.inert, value: $0.value.inert, style: $0.style) })
    case .prose(let text, let style): return .prose(text.inert, style)
    case .table(var table):
      table.caption = table.caption.inert
      for column in table.columns.indices {
        table.columns[column].title = table.columns[column].title.inert
        table.columns[column].fullTitle = table.columns[column].fullTitle.inert
      }
      table.rows = table.rows.map { row in
        switch row {
        case .cells(let cells): .cells(cells.map(\.inert))
        case .sum(let cells): .sum(cells.map(\.inert))
        case .warning(let cells): .warning(cells.map(\.inert))
        case .group(let title): .group(title.inert)
        }
      }
      return .table(table)
    case .chart(var chart):
      chart.title = chart.title.inert
      chart.description = chart.description.inert
      chart.content = chart.content.inert
      return .chart(chart)
    }
  }
}

extension Cell {
  fileprivate var inert: Cell {
    switch self {
    case .text(let text): .text(text.inert)
    case .status(let status, let text): .status(status, text.inert)
    default: self
    }
  }
}

extension Chart.Content {
  fileprivate var inert: Chart.Content {
    switch self {
    case .bars(let bars): .bars(bars.map { ($0.label.inert, $0.count) })
    case .histogram(let bins): .histogram(bins.map { ($0.label.inert, $0.number) })
    case .slopes(let before, let after, let slopes):
      .slopes(
        before: before.inert, after: after.inert, slopes.map { ($0.label.inert, $0.before, $0.after) })
    case .dots(let dots):
      .dots(
        .init(
          declared: dots.declared.inert, measured: dots.measured.inert,
          rows: dots.rows.map {
            .init(label: $0.label.inert, declared: $0.declared, measured: $0.measured)
          }))
    case .heat(let days, let rows): .heat(days: days, rows: rows.map { ($0.label.inert, $0.counts) })
    case .columns(let days, let unit, let series):
      .columns(days: days, unit: unit.inert, series: series.map { ($0.label.inert, $0.values) })
    case .course(let name, let days, let counts): .course(name: name.inert, days: days, counts: counts)
    case .gantt(let range, let rows): .gantt(range, rows: rows.map { ($0.label.inert, $0.spans) })
    }
  }
}
