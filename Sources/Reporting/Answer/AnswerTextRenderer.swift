import Register

/// Writes an answer as plain text: the summary, and the rows with problems.
public struct AnswerTextRenderer: Sendable {
  /// Columns of the text, 60 to 120.
  private let width: Int

  /// A renderer; a width outside 60 … 120 is clamped.
  public init(width: Int = 80) { self.width = min(120, max(60, width)) }

  /// The answer as text; every line ends in a newline.
  public func render(_ answer: RegisterAnswer) -> String {
    let excerpts = answer.files.map { AnswerExcerpt($0, of: answer, isPart: true) }
    // The text shows rows with problems only, so that the others are not missing.
    let extents = excerpts.map { $0.map { RegisterAnswer.Extent(rows: $0.extent.rows, end: $0.end) } }
    let document = answer.summary(extents, form: .text)
    var text = TextRenderer(language: answer.language, width: width).render(document)
    for (file, excerpt) in zip(answer.files, excerpts) {
      guard let excerpt else { continue }
      text += rows(file, excerpt, answer)
    }
    return text
  }

  /// Maximum number of cells far to the right that a row shows.
  private static let mostFar = 20

  /// The cells of a row. Empty cells keep their places, except at the end and in titles.
  private static func shown(_ row: AnswerRows.Row) -> String {
    var cells = row.cells.map(\.line)
    if row.role == .title { cells.removeAll(where: \.isEmpty) }
    while cells.last == "" { cells.removeLast() }
    let far = row.farCells.prefix(mostFar).map {
      "\(RegisterPlace.letters($0.position + 1)): \($0.cell.line)"
    }
    let more = row.farCells.count > mostFar ? ["…"] : []
    return (cells.map { $0.isEmpty ? "–" : $0 } + far + more).joined(separator: " | ")
  }

  private func rows(_ file: RegisterAnswer.File, _ excerpt: AnswerExcerpt, _ answer: RegisterAnswer) -> String
  {
    let shown =
      (excerpt.titles + [excerpt.heading].compactMap(\.self)).filter { !$0.problems.isEmpty }
      + excerpt.rows
    guard !shown.isEmpty else { return "" }
    var page = Page(width: width, color: false, glyphs: Glyphs(unicode: true))
    page.heading(file.shownName)
    for row in shown {
      let cells = Self.shown(row)
      page.line()
      page.prose(answer.terms.pick("Row \(row.number): \(cells)", "第 \(row.number) 行：\(cells)"))
      for found in row.problems {
        for (place, part) in answer.text(found, headings: excerpt.headings).wrapped(to: width - 6)
          .enumerated()
        {
          page.line((place == 0 ? "    – " : "      ") + part)
        }
      }
    }
    return page.text
  }
}
