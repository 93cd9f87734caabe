extension HTMLWriter {
  /// Writes a table: a long one by the rows of its short rendering, with the complete table folded below them. The
  /// folded rows are counted without headings, as the rows left out are.
  ///
  /// - Parameters:
  ///   - folds: whether long tables are folded. A form has all of its rows on paper.
  ///   - heading: the heading above the table.
  func write(_ table: DocumentTable, folds: Bool, below heading: Heading, _ part: inout Markup) {
    guard folds, !isComplete, table.isAbridged else {
      return write(table, table.rows.indices.map { .row($0) }, below: heading, &part)
    }
    write(table, table.briefLines, below: heading, &part)
    let rows = terms.number(table.rows.count { $0.cells != nil })
    fold(terms.pick("Show \(rows) rows", "展开 \(rows) 行"), kind: "all", &part) { fold in
      var complete = table
      complete.caption += terms.pick(", all rows", "（全部）")
      write(complete, complete.rows.indices.map { .row($0) }, below: heading, &fold)
    }
  }

  /// Writes a table whose numbers charts show, for readers who want or need the numbers.
  func writeNumbers(_ table: DocumentTable, below heading: Heading, _ part: inout Markup) {
    fold(terms.pick("The numbers of the charts", "图中数据"), kind: "data", &part) { fold in
      write(table, table.rows.indices.map { .row($0) }, below: heading, &fold)
    }
    part.newLine()
  }

  /// Writes a part that a reader unfolds by a click or by keyboard.
  func fold(
    _ summary: String, kind: String, _ part: inout Markup, _ content: (inout Markup) -> Void
  ) {
    part.element("details", [("class", kind)]) { details in
      details.element("summary", text: summary)
      content(&details)
    }
  }

  /// Writes the line in the place of rows that are left out.
  func write(more rows: Int, of table: DocumentTable, _ body: inout Markup) {
    body.element("tr", [("class", "more")]) { row in
      row.element("td", [("colspan", "\(table.columns.count)")], text: terms.more(rows))
    }
    body.newLine()
  }
}
