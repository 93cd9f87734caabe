import Aggregation
import Telemetry

/// Tables as markup.
extension HTMLWriter {
  /// Writes lines of a table.
  func write(
    _ table: DocumentTable, _ lines: [DocumentTable.BriefLine], below heading: Heading, _ part: inout Markup
  ) {
    let tracks = table.tracks(in: document)
    let kind = [
      table.isLongList(of: lines.count) ? "list" : lines.count > DocumentTable.longest ? "long" : nil,
      tracks.map { "stack t\(table.tracksAcross($0))" },
    ].compactMap(\.self).joined(separator: " ")
    let classes = table.columns.indices.map { place in
      [table.columns[place].isNumeric ? "n" : nil, tracks.flatMap { [2: "w2", 4: "w4"][$0[place]] }]
        .compactMap(\.self).joined(separator: " ")
    }
    let isNamed = table.caption == heading.text
    let name = isNamed ? ("aria-labelledby", heading.id) : ("aria-label", table.caption)
    // Wide tables scroll independently, also by keyboard.
    part.element("div", [("class", "table"), ("role", "group"), name, ("tabindex", "0")]) { box in
      box.element("table", ofClass(kind) + (isNamed ? [name] : [])) { markup in
        if !isNamed { markup.element("caption", text: table.caption) }
        head(table, classes, &markup)
        markup.element("tbody") { body in
          for line in lines {
            switch line {
            case .row(let place): write(table.rows[place], of: table, classes, &body)
            case .more(let rows): write(more: rows, of: table, &body)
            }
          }
        }
      }
    }
  }

  private func ofClass(_ name: String) -> [(String, String)] { name.isEmpty ? [] : [("class", name)] }

  private func head(_ table: DocumentTable, _ classes: [String], _ markup: inout Markup) {
    markup.element("thead") { head in
      head.element("tr") { row in
        for (column, name) in zip(table.columns, classes) {
          if column.title.isEmpty {
            row.element("td", ofClass(name))
          } else {
            row.element("th", [("scope", "col")] + ofClass(name), text: column.title)
          }
        }
      }
    }
  }

  private func write(
    _ row: DocumentTable.Row, of table: DocumentTable, _ classes: [String], _ body: inout Markup
  ) {
    switch row {
    case .group(let title):
      body.element("tr", [("class", "group")]) { row in
        row.element("th", [("colspan", "\(table.columns.count)"), ("scope", "colgroup")], text: title)
      }
    case .cells(let cells): write(cells, of: table, classes, [], &body)
    case .sum(let cells): write(cells, of: table, classes, [("class", "sum")], &body)
    case .warning(let cells): write(cells, of: table, classes, [("class", "flag")], &body)
    }
  }

  private func write(
    _ cells: [Cell], of table: DocumentTable, _ classes: [String], _ attributes: [(String, String)],
    _ body: inout Markup
  ) {
    // The first text of a row is its heading.
    let heading = table.headingColumn
    body.element("tr", attributes) { row in
      for (place, cell) in cells.enumerated() {
        let text = document.text(cell)
        var name = classes[place]
        if case .status(let status, _) = cell {
          name += (name.isEmpty ? "" : " ") + "state \(status.rawValue)"
        }
        let attributes = ofClass(name)
        if place == heading, !text.isEmpty {
          row.element("th", [("scope", "row")] + attributes) {
            link(text, in: table.columns[place], &$0)
          }
        } else if cell == .blank {
          row.element("td", ofClass(name.isEmpty ? "blank" : name + " blank")) {
            $0.element("span", text: text)
          }
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
    cell.element("a", [("href", file.percentEncoded)]) { $0.element("bdi", text: text) }
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
