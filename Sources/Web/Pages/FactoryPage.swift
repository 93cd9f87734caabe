import Aggregation
import Reporting
import Telemetry

/// A factory: its headline, workshops, equipment, and what to do next.
struct FactoryPage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot
  let report: Report
  let query: EquipmentQuery
  /// Whether it is the first page, of a district with no other factory.
  var isFirst = false

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }
  private var path: String { "/factories/\(WebRequest.encoded(report.id))" }

  /// Sections of the report that the page shows.
  private static let sections: Set<ReportSection> = [
    .overview, .actions, .policies, .connectivity, .dataQuality,
  ]

  /// The complete page.
  var markup: String {
    let names = terms.names(report.nameEnglish, report.nameChinese).map(\.inert)
    let title = names.first ?? report.id.inert
    let document = ReportDocument(report, language: call.language, sections: Self.sections)
    var frame = site.frame(call, snapshot, place: isFirst ? .district : nil, title: title)
    frame.kind = "subject"
    frame.live = .whole(snapshot)
    let steps = FirstSteps(snapshot)
    return frame.page { main in
      BucketBar.patterns(&main)
      if isFirst, !steps.isDone { steps.write(terms, to: &main) }
      main.element("div", [("class", "title")]) { block in
        if call.viewer == .district, !isFirst {
          Breadcrumbs.write([(pick("District", "园区"), "/")], call.language, &block)
        }
        block.element("h1") { h1 in
          h1.element("bdi", text: title)
          let rest = ([report.id.inert] + names.dropFirst()).joined(separator: " · ")
          h1.element("small") { $0.element("bdi", text: " " + rest) }
        }
      }
      main.newLine()
      headline(document, &main)
      main.element("div", [("class", "columns")]) { columns in
        columns.element("div") { column in
          if case .factory(let workshops) = report.contents { write(workshops, &column) }
          OfflineList(report: report, path: path, terms: terms).write(to: &column)
        }
        columns.element("div") { DocumentMarkup(document.only([.actions])).write(to: &$0) }
      }
      DocumentMarkup(document.only([.connectivity])).write(to: &main)
      EquipmentList(report: report, path: path, query: query, terms: terms).write(to: &main)
      DocumentMarkup(document.only([.dataQuality, .policies])).write(to: &main)
      main.element("section", [("aria-labelledby", "reports")]) { part in
        part.element("h2", [("id", "reports")], text: pick("Report of the last 30 days", "近 30 天报告"))
        site.links(toReports: "/reports\(path)/report", call.language, &part)
      }
    }
  }

  private func headline(_ document: ReportDocument, _ main: inout Markup) {
    main.element("section", [("class", "headline"), ("aria-label", pick("At a glance", "概览"))]) { part in
      HeadlineFigures.write(document.headline, terms, &part)
      part.element("div", [("class", "whole")]) { whole in
        BucketBar.draw(report.figures.buckets, &whole)
        BucketBar.key(report.figures.buckets, terms, &whole)
      }
    }
    main.newLine()
  }

  private func write(_ workshops: [WorkshopAssessment], _ main: inout Markup) {
    guard !workshops.isEmpty else { return }
    main.element("section", [("aria-labelledby", "workshops")]) { part in
      part.element("h2", [("id", "workshops")], text: pick("Workshops", "车间"))
      part.element(
        "div",
        [("class", "table"), ("tabindex", "0"), ("role", "group"), ("aria-labelledby", "workshops")]
      ) { frame in
        frame.element("table", [("class", "workshops")]) { table in
          table.element("thead") { head in
            head.element("tr") { row in
              row.element("th", [("scope", "col")], text: terms.workshop)
              for metric in [Metric.networkedRatio, .uploadRatio] {
                row.element("th", [("scope", "col"), ("class", "n")], text: terms.name(metric))
              }
              row.element(
                "th", [("scope", "col"), ("class", "wide")], text: pick("Status of equipment", "设备状态"))
            }
          }
          table.element("tbody") { body in for workshop in workshops { write(workshop, &body) } }
        }
      }
    }
    main.newLine()
  }

  private func write(_ workshop: WorkshopAssessment, _ body: inout Markup) {
    body.element("tr") { row in
      row.element("th", [("scope", "row")]) { cell in
        let name = workshop.id.isEmpty ? terms.none : workshop.id.inert
        let address = "\(path)?workshop=\(WebRequest.encoded(workshop.id))"
        cell.element("a", [("href", PageFrame.link(address, call.language) + "#equipment")]) {
          $0.element("bdi", text: name)
        }
      }
      for metric in [Metric.networkedRatio, .uploadRatio] {
        row.element("td", [("class", "n")]) { cell in
          guard let count = workshop.figures.count(of: metric) else { return }
          cell.add(terms.percent(count))
          if metric == .networkedRatio, count.denominator > 0 {
            cell.element("small", text: " " + terms.fraction(count))
          }
        }
      }
      row.element("td", [("class", "wide")]) { cell in
        BucketBar.draw(workshop.figures.buckets, &cell)
        cell.element("small", text: BucketBar.text(workshop.figures.buckets, terms))
      }
    }
  }
}

extension ReportDocument {
  /// The document with the sections of some names alone.
  func only(_ names: Set<ReportSection>) -> ReportDocument { with { names.contains($0.name) } }

  /// The document without the sections of some names.
  func without(_ names: Set<ReportSection>) -> ReportDocument { with { !names.contains($0.name) } }

  private func with(_ isKept: (Section) -> Bool) -> ReportDocument {
    ReportDocument(
      language: language, calendar: calendar, title: title, names: names, period: period,
      headline: headline, command: command, sections: sections.filter(isKept))
  }
}

/// The way back from a page.
enum Breadcrumbs {
  static func write(
    _ places: [(name: String, path: String)], _ language: Language, _ markup: inout Markup
  ) {
    markup.element(
      "nav", [("class", "crumbs"), ("aria-label", language == .english ? "Path" : "当前位置")]
    ) { nav in
      nav.element("ol") { list in
        for place in places {
          list.element("li") { item in
            item.element("a", [("href", PageFrame.link(place.path, language))]) {
              $0.element("bdi", text: place.name)
            }
          }
        }
      }
    }
  }
}
