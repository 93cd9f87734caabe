import Aggregation
import Telemetry

/// Writes the page that leads to all reports of a set: the district and every factory, each with its headline figures
/// and its files. It is self-contained as a report is.
public struct SetIndexRenderer: Sendable {
  /// A file of the set, in the folder of the page.
  public struct File: Sendable {
    /// The format in capital letters: `PDF`.
    public var format: String
    public var name: String

    /// A file of a format.
    public init(format: String, name: String) {
      self.format = format
      self.name = name
    }
  }

  public var language: Language

  /// A renderer for a language.
  public init(language: Language = .english) { self.language = language }

  /// The complete file.
  ///
  /// - Parameters:
  ///   - district: the district's report, whose factories are listed ascending by id.
  ///   - files: the files of the district.
  ///   - factoryFiles: the files of each factory by id.
  public func render(_ district: Report, files: [File], factoryFiles: [String: [File]]) -> String {
    let terms = Terms(language)
    let names = terms.names(district.nameEnglish, district.nameChinese).map(\.inert)
    let period = district.observation.period
    let document = ReportDocument(
      language: language, calendar: district.calendar,
      title: names.first ?? "\(terms.kind(.district)) \(district.id.inert)",
      names: names.dropFirst().joined(),
      period: terms.pick(
        "Index of reports, \(period.firstDay) to \(period.lastDay)",
        "报告目录，\(period.firstDay) 至 \(period.lastDay)"), sections: [])
    return HTMLRenderer(language: language).render(document, style: "") { main in
      Index(terms: terms, report: district).write(files, factoryFiles, to: &main)
    }
  }
}

/// The list of an index.
private struct Index {
  let terms: Terms
  let report: Report

  func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  func write(
    _ files: [SetIndexRenderer.File], _ factoryFiles: [String: [SetIndexRenderer.File]], to main: inout Markup
  ) {
    guard case .district(let ranking) = report.contents else { return }
    let title = pick("District and factories", "园区与企业")
    main.element("section", [("aria-labelledby", "reports")]) { part in
      part.element("h2", [("id", "reports")], text: title)
      part.newLine()
      part.element("div", [("class", "table"), ("role", "group"), ("aria-label", title), ("tabindex", "0")]) {
        let metrics = Self.metrics(ranking.order)
        // On a narrow screen the name and the files are lines of their own, above and below the figures.
        $0.element("table", [("class", "long stack t\(1 + metrics.count)")]) { table in
          table.element("caption", text: title)
          headings(metrics, &table)
          table.element("tbody") { body in
            row(
              report.id, terms.names(report.nameEnglish, report.nameChinese), report.figures, metrics,
              files, isSum: true, &body)
            for summary in ranking.factories.sorted(by: { $0.factory.id < $1.factory.id }) {
              let factory = summary.factory
              row(
                factory.id, terms.names(factory.nameEnglish, factory.nameChinese), summary.figures,
                metrics, factoryFiles[factory.id] ?? [], isSum: false, &body)
            }
          }
        }
      }
    }
    main.newLine()
  }

  /// The networked coverage and the figure of the ranking, each once.
  private static func metrics(_ order: RankingOrder) -> [Metric] {
    order.metric == .networkedRatio ? [.networkedRatio] : [.networkedRatio, order.metric]
  }

  private func headings(_ metrics: [Metric], _ table: inout Markup) {
    table.element("thead") { head in
      head.element("tr") { row in
        row.element("th", [("scope", "col")], text: terms.factory)
        row.element("th", [("scope", "col"), ("class", "w4")], text: pick("Name", "名称"))
        for title in [pick("In service", "在役设备")] + metrics.map({ terms.name($0) }) {
          row.element("th", [("scope", "col"), ("class", "n")], text: title)
        }
        row.element("th", [("scope", "col"), ("class", "w4")], text: pick("Files", "文件"))
      }
    }
    table.newLine()
  }

  private func row(
    _ id: String, _ names: [String], _ figures: Figures, _ metrics: [Metric],
    _ files: [SetIndexRenderer.File],
    isSum: Bool, _ body: inout Markup
  ) {
    body.element("tr", isSum ? [("class", "sum")] : []) { row in
      row.element("th", [("scope", "row")]) { cell in
        let name: (inout Markup) -> Void = { $0.element("bdi", text: id.inert) }
        guard let first = files.first else { return name(&cell) }
        cell.element("a", [("href", first.name.percentEncoded)], name)
      }
      row.element("td", [("class", "w4")]) { cell in
        for (place, name) in names.enumerated() {
          if place > 0 { cell.element("br") }
          cell.element("bdi", text: name.inert)
        }
      }
      row.element("td", [("class", "n")], text: terms.number(figures.equipment))
      for metric in metrics { row.element("td", [("class", "n")], text: ratio(metric, of: figures)) }
      row.element("td", [("class", "w4")]) { cell in
        for (place, file) in files.enumerated() {
          if place > 0 { cell.add(" · ") }
          cell.element(
            "a", [("href", file.name.percentEncoded), ("aria-label", "\(id.inert) \(file.format)")],
            text: file.format)
        }
      }
    }
    body.newLine()
  }

  private func ratio(_ metric: Metric, of figures: Figures) -> String {
    if figures.absence(of: metric) == .notObserved { return terms.notObserved }
    return figures.count(of: metric).map(terms.percent) ?? terms.notApplicable
  }
}
