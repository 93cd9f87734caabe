import Aggregation
import Telemetry

/// Writes a report as one self-contained HTML file: no script, font or picture is loaded. On a screen it adapts to
/// the width and to light or dark mode; on paper it is A4 with the report's title and the page number on every page.
public struct HTMLRenderer: Sendable {
  public var language: Language
  /// Files beside this one with the reports of factories, by the factory's id. Tables link the ids to them.
  public var links: [String: String] = [:]

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
    page.element("html", [("lang", language == .english ? "en" : "zh-Hans")]) { html in
      html.newLine()
      head(document, style, &html)
      html.newLine()
      html.element("body") { body in
        body.newLine()
        HTMLWriter(document: document, terms: Terms(language), links: links).write(to: &body, rest)
      }
      html.newLine()
    }
    page.newLine()
    return page.text
  }

  private func head(_ document: ReportDocument, _ more: String, _ html: inout Markup) {
    let title = [document.title, document.names].filter { !$0.isEmpty }.joined(separator: " ")
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

  /// Writes the document, and what `rest` adds below its sections.
  func write(to body: inout Markup, _ rest: (inout Markup) -> Void) {
    body.element("header") { header in
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
      for section in document.sections { write(section, &main) }
      rest(&main)
    }
    body.newLine()
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
      var drawn: [DocumentTable] = []
      for (place, block) in section.blocks.enumerated() {
        if case .table(let table) = block, table.repeatsCharts {
          drawn.append(table)
          continue
        }
        write(block, of: section, id: "\(id)-\(place + 1)", below: heading, &part)
        if case .prose(let text, .strong) = block {
          heading = Heading(text: text, id: "\(id)-\(place + 1)-h")
        }
        part.newLine()
      }
      for table in drawn { writeNumbers(table, below: heading, &part) }
    }
    main.newLine()
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
        if chart.title != heading.text { figure.element("figcaption", text: chart.title) }
        SVGChart(chart: chart, id: id, document: document, terms: terms).write(to: &figure)
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

  // MARK: Tables

  /// Writes lines of a table.
  func write(
    _ table: DocumentTable, _ lines: [DocumentTable.BriefLine], below heading: Heading, _ part: inout Markup
  ) {
    let isNamed = table.caption == heading.text
    let name = isNamed ? ("aria-labelledby", heading.id) : ("aria-label", table.caption)
    // Wide tables scroll independently, also by keyboard.
    part.element("div", [("class", "table"), ("role", "group"), name, ("tabindex", "0")]) { box in
      let attributes = table.isLongList(of: lines.count) ? [("class", "list")] : []
      box.element("table", attributes + (isNamed ? [name] : [])) { markup in
        if !isNamed { markup.element("caption", text: table.caption) }
        head(table, &markup)
        markup.element("tbody") { body in
          for line in lines {
            switch line {
            case .row(let place): write(table.rows[place], of: table, &body)
            case .more(let rows): write(more: rows, of: table, &body)
            }
          }
        }
      }
    }
  }

  private func head(_ table: DocumentTable, _ markup: inout Markup) {
    markup.element("thead") { head in
      head.element("tr") { row in
        for column in table.columns {
          let attributes = [("scope", "col")] + (column.isNumeric ? [("class", "n")] : [])
          if column.title.isEmpty {
            row.element("td", column.isNumeric ? [("class", "n")] : [])
          } else {
            row.element("th", attributes, text: column.title)
          }
        }
      }
    }
  }

  private func write(_ row: DocumentTable.Row, of table: DocumentTable, _ body: inout Markup) {
    switch row {
    case .group(let title):
      body.element("tr", [("class", "group")]) { row in
        row.element("th", [("colspan", "\(table.columns.count)"), ("scope", "colgroup")], text: title)
      }
    case .cells(let cells): write(cells, of: table, [], &body)
    case .sum(let cells): write(cells, of: table, [("class", "sum")], &body)
    case .warning(let cells): write(cells, of: table, [("class", "flag")], &body)
    }
  }

  private func write(
    _ cells: [Cell], of table: DocumentTable, _ attributes: [(String, String)], _ body: inout Markup
  ) {
    // The first text of a row is its heading.
    let name = table.columns.indices.first { !table.columns[$0].isNumeric } ?? 0
    body.element("tr", attributes) { row in
      for (place, cell) in cells.enumerated() {
        let text = document.text(cell)
        var attributes: [(String, String)] = []
        if table.columns[place].isNumeric { attributes.append(("class", "n")) }
        if place == name, !text.isEmpty {
          row.element("th", [("scope", "row")] + attributes) {
            link(text, in: table.columns[place], &$0)
          }
        } else if cell == .blank {
          row.element("td", [("class", "blank")]) { $0.element("span", text: text) }
        } else if place == table.drawn, case .ratio(let count) = cell, let permille = count.permille {
          row.element("td", attributes) { cell in
            cell.add(text)
            bar(permille, &cell)
          }
        } else if table.columns[place].isNumeric || text.isEmpty {
          row.element("td", attributes, text: text)
        } else {
          row.element("td", attributes) { link(text, in: table.columns[place], &$0) }
        }
      }
    }
    body.newLine()
  }

  /// A text, linked to the report of the factory that it is the id of.
  private func link(_ text: String, in column: DocumentTable.Column, _ cell: inout Markup) {
    guard column.namesFactory, let file = links[text] else { return cell.element("bdi", text: text) }
    cell.element("a", [("href", file.asRelativeAddress)]) { $0.element("bdi", text: text) }
  }

  /// A bar for a ratio, below its percentage.
  private func bar(_ permille: Int, _ cell: inout Markup) {
    cell.element(
      "svg",
      [("class", "bar"), ("viewBox", "0 0 100 6"), ("aria-hidden", "true"), ("preserveAspectRatio", "none")]
    ) { svg in
      svg.element("rect", [("class", "rest"), ("width", "100"), ("height", "6")])
      svg.element(
        "rect", [("class", "part"), ("width", "\(permille / 10).\(permille % 10)"), ("height", "6")])
    }
  }
}

extension DocumentTable {
  /// Whether so many lines of the table are a list of names and numbers that is set in several columns.
  fileprivate func isLongList(of lines: Int) -> Bool { columns.count == 2 && lines > 60 }
}
