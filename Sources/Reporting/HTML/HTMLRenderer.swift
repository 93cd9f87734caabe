import Aggregation
import Telemetry

/// Writes a report as one self-contained HTML file: no script, font or picture is loaded. On a screen it adapts to
/// the width and to light or dark mode; on paper it is A4 with the report's title and the page number on every page.
public struct HTMLRenderer: Sendable {
  public var language: Language
  /// Files beside this one with the reports of factories, by the factory's id. Tables link the ids to them.
  public var links: [String: String] = [:]
  /// The file beside this one with the index of the set, which the page links at its top; nil outside of a set.
  public var index: String?
  /// Whether long tables have every row in their place: for paper, on which nothing is unfolded.
  public var isComplete = false

  /// A renderer for a language.
  public init(language: Language = .english) { self.language = language }

  /// The complete file.
  ///
  /// - Parameter sections: the requested sections; nil for all.
  public func render(_ report: Report, sections: Set<ReportSection>? = nil) -> String {
    render(ReportDocument(report, language: language, sections: sections))
  }

  /// The complete file of a document.
  public func render(_ document: ReportDocument) -> String { render(document, style: "") { _ in } }

  /// The complete file of a document with further style rules, and with what `rest` adds below the sections.
  func render(_ document: ReportDocument, style: String, _ rest: (inout Markup) -> Void) -> String {
    var page = Markup()
    page.add(raw: "<!DOCTYPE html>\n")
    page.element("html", [("lang", language.tag)]) { html in
      html.newLine()
      head(document, style, &html)
      html.newLine()
      html.element("body") { body in
        body.newLine()
        HTMLWriter(
          document: document, terms: Terms(language), links: links, index: index, isComplete: isComplete
        )
        .write(to: &body, rest)
      }
      html.newLine()
    }
    page.newLine()
    return page.text
  }

  private func head(_ document: ReportDocument, _ more: String, _ html: inout Markup) {
    let title = [document.title, document.names].filter { !$0.isEmpty }.joined(separator: " · ")
    html.element("head") { head in
      head.element("meta", [("charset", "utf-8")])
      head.element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")])
      // Whatever a name contains, the file loads and runs nothing.
      head.element(
        "meta",
        [
          ("http-equiv", "Content-Security-Policy"),
          ("content", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"),
        ])
      head.element("meta", [("name", "color-scheme"), ("content", "light dark")])
      head.element("title", text: document.isTitleDated ? title : title + " · " + document.period)
      head.newLine()
      head.element("style") { style in
        style.add(
          raw: StyleSheet.text(
            pageHeader: document.runningTitle,
            pages: language == .english ? ("Page ", " of ", "") : ("第 ", " 页，共 ", " 页"))
            + more)
      }
    }
  }
}

/// Writes a document's body.
struct HTMLWriter {
  let document: ReportDocument
  let terms: Terms
  /// Files of factories by id.
  let links: [String: String]
  /// File of the set's index; nil outside of a set.
  let index: String?
  /// Whether no table is folded.
  var isComplete = false

  /// Writes the document, and what `rest` adds below its sections.
  func write(to body: inout Markup, _ rest: (inout Markup) -> Void) {
    body.element("header", [("id", "top")]) { header in
      if let index {
        header.element("p", [("class", "back")]) { line in
          line.element(
            "a", [("href", index.percentEncoded)],
            text: terms.pick("← Index of reports", "← 返回报告目录"))
        }
      }
      header.element("h1") { h1 in
        h1.element("bdi", text: document.title)
        if !document.names.isEmpty {
          h1.add(" ")
          h1.element("small") { $0.element("bdi", text: document.names) }
        }
      }
      header.element("p", [("class", "period")], text: document.period)
    }
    body.newLine()
    if document.sections.count > 3 { contents(&body) }
    body.element("main") { main in
      main.newLine()
      if let headline = document.headline { write(headline, &main) }
      writeSections(to: &main)
      rest(&main)
    }
    body.newLine()
  }

  /// Writes the sections, small ones side by side.
  func writeSections(to main: inout Markup) {
    let sections = document.sections
    for row in Neighbours.rows(of: sections.map { $0.size(in: document) }) {
      main.neighbours(row.size) { main in for section in sections[row.places] { write(section, &main) } }
    }
  }

  private func contents(_ body: inout Markup) {
    body.element("nav", [("aria-label", terms.pick("Contents", "目录"))]) { nav in
      nav.element("ol") { list in
        for section in document.sections {
          list.element("li") { item in
            item.element("a", [("href", "#" + section.id)], text: section.title)
          }
        }
      }
      nav.element("a", [("class", "top"), ("href", "#top")], text: terms.pick("↑ Top", "↑ 返回顶部"))
    }
    body.newLine()
  }

  private func write(_ section: ReportDocument.Section, _ main: inout Markup) {
    let id = section.id
    main.element("section", [("aria-labelledby", id)]) { part in
      part.element("h2", [("id", id)]) { h2 in
        h2.add(section.title)
        if !section.aside.isEmpty {
          h2.add(" ")
          h2.element("small", text: section.aside)
        }
      }
      part.newLine()
      var heading = Heading(text: section.title, id: id)
      let parts = section.parts
      for row in Neighbours.rows(of: parts.map { section.size(of: $0, in: document) }) {
        part.neighbours(row.size) { part in
          for blocks in parts[row.places] {
            if row.size == .full {
              write(section, blocks, below: &heading, &part)
            } else {
              part.element("div") { write(section, blocks, below: &heading, &$0) }
            }
          }
        }
      }
      for case .table(let table) in section.blocks where table.repeatsCharts {
        writeNumbers(table, below: heading, &part)
      }
    }
    main.newLine()
  }

  /// Writes the blocks of a part, but no table whose numbers charts show.
  private func write(
    _ section: ReportDocument.Section, _ places: Range<Int>, below heading: inout Heading,
    _ part: inout Markup
  ) {
    for place in places {
      let block = section.blocks[place]
      if case .table(let table) = block, table.repeatsCharts { continue }
      let id = "\(section.id)-\(place + 1)"
      write(block, of: section, id: id, below: heading, &part)
      if case .prose(let text, .strong) = block { heading = Heading(text: text, id: id + "-h") }
      part.newLine()
    }
  }

  /// The heading above a block. A table or chart with the same words is named by it, and has no caption.
  struct Heading {
    var text: String
    var id: String
  }

  private func write(
    _ block: ReportDocument.Block, of section: ReportDocument.Section, id: String, below heading: Heading,
    _ part: inout Markup
  ) {
    switch block {
    case .fields(let fields): write(fields, &part)
    case .prose(let text, let style):
      switch style {
      case .strong: part.element("h3", [("id", id + "-h")], text: text)
      case .plain: part.element("p", text: text)
      case .faint: part.element("p", [("class", "faint")], text: text)
      case .warning: warning(text, "p", &part)
      }
    case .table(let table):
      let folds = !ReportSection.ofForm.contains(section.name)
      write(table.withoutRepeatedGroups, folds: folds, below: heading, &part)
    case .chart(let chart):
      part.element("figure") { figure in
        SVGChart(chart: chart, id: id, document: document, terms: terms)
          .write(isNamed: chart.title == heading.text, to: &figure)
      }
    }
  }

  /// Marked by a sign as well as by colour.
  private func warning(_ text: String, _ name: String, _ part: inout Markup) {
    part.element(name, [("class", "warning")]) { warning in
      warning.element("span", [("aria-hidden", "true")], text: "⚠ ")
      warning.add(text)
    }
  }

  private func write(_ fields: [ReportDocument.Field], _ part: inout Markup) {
    part.element("dl") { list in
      for (place, field) in fields.enumerated() {
        if !field.label.isEmpty { list.element("dt", text: field.label) }
        // A value without a label continues the previous value.
        if field.label.isEmpty, place == 0 { list.element("dt", text: terms.pick("Note", "说明")) }
        if field.style == .warning {
          warning(field.value, "dd", &list)
        } else {
          list.element("dd", text: field.value)
        }
      }
    }
  }
}
