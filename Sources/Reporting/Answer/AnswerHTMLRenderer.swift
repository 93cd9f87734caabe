import Register

/// Writes an answer as one self-contained HTML file in the style of reports, which prints on A4 in landscape.
public struct AnswerHTMLRenderer: Sendable {
  /// A renderer.
  public init() {}

  /// The complete file.
  public func render(_ answer: RegisterAnswer) -> String {
    let excerpts = answer.files.map { AnswerExcerpt($0, of: answer, isPart: false) }
    let document = answer.summary(excerpts.map { $0?.extent }, form: .html)
    return HTMLRenderer(language: answer.language).render(document, style: Self.style) { main in
      for (place, (file, excerpt)) in zip(answer.files, excerpts).enumerated() {
        guard let excerpt else { continue }
        Self.write(file, excerpt, answer, id: "rows-\(place + 1)", to: &main)
      }
    }
  }

  /// Colours of problems, which are also bold and underlined for prints without colour.
  private static let style = """
    @page{size:A4 landscape}
    body{max-width:none}
    .rows td,.rows th{border:1px solid var(--line);padding:.2rem .4rem}
    .rows .long,.rows .problems{overflow-wrap:anywhere}
    .rows th{word-break:normal}
    .rows tbody th{color:var(--faint)}
    .rows .problem{background:var(--warnback);color:var(--warn);font-weight:600;text-decoration:underline}
    .rows .problems{color:var(--warn);min-width:14rem}
    @media print{.rows{font-size:7.5pt}.rows th,.rows td{padding:2px 3px}.rows .problems{min-width:0;width:32%}}

    """

  private static func write(
    _ file: RegisterAnswer.File, _ excerpt: AnswerExcerpt, _ answer: RegisterAnswer, id: String,
    to main: inout Markup
  ) {
    main.element("section", [("aria-labelledby", id)]) { part in
      part.element("h2", [("id", id)], text: file.shownName)
      part.newLine()
      for row in excerpt.titles {
        let cells = row.cells.map(\.line).filter { !$0.isEmpty }
        part.element("p") { $0.element("bdi", text: cells.joined(separator: "  ")) }
        for found in row.problems {
          part.element("p", [("class", "warning")], text: answer.text(found, headings: excerpt.headings))
        }
      }
      part.newLine()
      part.element(
        "div",
        [("class", "table"), ("role", "group"), ("aria-label", file.shownName), ("tabindex", "0")]
      ) { box in
        box.element("table", [("class", "rows")]) { table(excerpt, answer, file, to: &$0) }
      }
    }
    main.newLine()
  }

  private static func table(
    _ excerpt: AnswerExcerpt, _ answer: RegisterAnswer, _ file: RegisterAnswer.File, to table: inout Markup
  ) {
    let columns = excerpt.columns
    table.element("caption", text: file.shownName)
    if let heading = excerpt.heading {
      table.element("thead") { head in
        write(heading, columns, excerpt, answer, cell: "th", [("scope", "col")], to: &head)
      }
      table.newLine()
    }
    table.element("tbody") { body in
      for row in excerpt.rows {
        write(row, columns, excerpt, answer, cell: "td", [], to: &body)
        body.newLine()
      }
    }
  }

  private static func write(
    _ row: AnswerRows.Row, _ columns: [Int], _ excerpt: AnswerExcerpt, _ answer: RegisterAnswer,
    cell name: String,
    _ scope: [(String, String)], to table: inout Markup
  ) {
    let marked = Set(row.problems.compactMap(\.column))
    let isHeading = row.role == .heading
    table.element("tr") { line in
      let first = isHeading ? answer.terms.pick("Row", "行") : String(row.number)
      line.element("th", [("scope", isHeading ? "col" : "row"), ("class", "n")], text: first)
      for (index, place) in columns.enumerated() {
        var text = row.cell(place).line
        // Behind a gap the columns cannot be counted.
        if isHeading, text.isEmpty, place > index { text = RegisterPlace.letters(place + 1) }
        let isMarked = marked.contains(place + 1)
        // An empty heading is no heading of its column.
        let isPlain = text.isEmpty && !isMarked
        // Long texts may be broken anywhere, so that the table fits on a page.
        let classes = (isMarked ? ["problem"] : []) + (text.displayWidth > 12 ? ["long"] : [])
        let attributes =
          (isPlain ? [] : scope) + (classes.isEmpty ? [] : [("class", classes.joined(separator: " "))])
        line.element(isPlain ? "td" : name, attributes) { cell in
          // An empty cell is marked by a sign, since it has no text to underline.
          if text.isEmpty, isMarked {
            cell.add("　")
          } else if !text.isEmpty {
            cell.element("bdi", text: text)
          }
        }
      }
      line.element(name, scope + [("class", "problems")]) { cell in
        if isHeading { cell.add(answer.problemHeading) }
        for (place, found) in row.problems.enumerated() {
          if place > 0 || isHeading { cell.element("br") }
          cell.element("bdi", text: answer.text(found, headings: excerpt.headings))
        }
      }
    }
  }
}
