import Aggregation
import Telemetry

/// Writes a report as GitHub-flavoured Markdown: headings, pipe tables with every row, and charts as tables of their
/// numbers.
public struct MarkdownRenderer: Sendable {
  public var language: Language

  /// A renderer.
  public init(language: Language = .english) { self.language = language }

  /// The Markdown text, ending in a newline.
  ///
  /// - Parameter sections: the requested sections; nil for all.
  public func render(_ report: Report, sections: Set<ReportSection>? = nil) -> String {
    render(ReportDocument(report, language: language, sections: sections))
  }

  /// The document as Markdown. The document can be of any report, in the renderer's language.
  public func render(_ document: ReportDocument) -> String {
    var blocks = ["# \(document.title.markdown)"]
    blocks += [document.names, document.period].filter { !$0.isEmpty }.map(\.markdown)
    if let headline = document.headline { blocks += self.blocks(headline) }
    for section in document.sections {
      blocks.append("## \(section.title.markdown)")
      if !section.aside.isEmpty { blocks.append(section.aside.markdown) }
      for block in section.blocks {
        for text in self.blocks(block, of: section, in: document) where text != blocks.last {
          blocks.append(text)
        }
      }
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// The sentences, and a table of the tiles without the columns that are empty in all of them.
  private func blocks(_ headline: Headline) -> [String] {
    let sentences = headline.sentences.map(\.markdown)
    guard !headline.tiles.isEmpty else { return sentences }
    let terms = Terms(language)
    let tiles = headline.tiles
    let all: [(heading: String, isNumeric: Bool, texts: [String])] = [
      (terms.pick("Figure", "指标"), false, tiles.map(\.label)),
      (terms.pick("Ratio", "占比"), true, tiles.map(\.value)),
      (terms.pick("Of", "分子 / 分母"), true, tiles.map(\.detail)),
      (terms.pick("Threshold", "阈值"), false, tiles.map(\.threshold)),
      (terms.pick("Change", "变化"), true, tiles.map(\.change)),
    ]
    let used = all.filter { $0.texts.contains { !$0.isEmpty } }
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let rule = "|" + used.map { $0.isNumeric ? "--:" : ":--" }.joined(separator: "|") + "|"
    let table =
      [line(used.map(\.heading)), rule]
      + tiles.indices.map { place in line(used.map { $0.texts[place].markdown }) }
    let note = ReportDocument.Style.faint.setting(headline.note.markdown)
    return (sentences + [table.joined(separator: "\n"), note]).filter { !$0.isEmpty }
  }

  /// Blocks to separate by blank lines.
  private func blocks(
    _ block: ReportDocument.Block, of section: ReportDocument.Section, in document: ReportDocument
  ) -> [String] {
    switch block {
    case .prose(let text, let style):
      let text = text.markdown
      guard !text.isEmpty else { return [] }
      return [style == .strong ? "### \(text)" : style.setting(text)]
    case .fields(let fields): return [list(fields)]
    case .table(let table): return [pipes(table.withoutRepeatedGroups, document)]
    case .chart(let chart):
      let table = document.table(of: chart)
      guard !section.repeats(table) else { return [] }
      let heading = "### \(chart.title.markdown)"
      let description = ReportDocument.Style.faint.setting(chart.description.markdown)
      let finding = ReportDocument.Style.strong.setting(document.finding(of: chart).markdown)
      return [heading, finding, description, pipes(table, document)].filter { !$0.isEmpty }
    }
  }

  private func list(_ fields: [ReportDocument.Field]) -> String {
    let rows = fields.map { field in
      "| \(field.label.markdown) | \(field.style.setting(field.value.markdown)) |"
    }
    return (["| | |", "|:--|:--|"] + rows).joined(separator: "\n")
  }

  private func pipes(_ table: DocumentTable, _ document: ReportDocument) -> String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let headings = line(table.columns.map(\.title.markdown))
    let rule = "|" + table.columns.map { $0.isNumeric ? "--:" : ":--" }.joined(separator: "|") + "|"
    let rows = table.rows.map { row in
      switch row {
      case .cells(let cells): line(cells.map { document.text($0).markdown })
      case .sum(let cells), .warning(let cells):
        line(cells.map { ReportDocument.Style.strong.setting(document.text($0).markdown) })
      case .group(let title):
        line(
          [ReportDocument.Style.strong.setting(title.markdown)]
            + Array(repeating: "", count: table.columns.count - 1))
      }
    }
    return ([headings, rule] + rows).joined(separator: "\n")
  }
}

extension ReportDocument.Style {
  /// Escaped text in bold or italics, according to the style.
  fileprivate func setting(_ text: String) -> String {
    guard !text.isEmpty else { return "" }
    switch self {
    case .plain: return text
    case .strong, .warning: return "**\(text)**"
    case .faint: return "*\(text)*"
    }
  }
}
