/// Collects the lines of a text report, with colours if requested.
struct Page {
  let width: Int
  let color: Bool
  let glyphs: Glyphs
  private(set) var text = ""

  init(width: Int, color: Bool, glyphs: Glyphs) {
    self.width = width
    self.color = color
    self.glyphs = glyphs
  }

  /// Adds one line, cut at the page's width.
  mutating func line(_ line: String = "", _ style: ReportDocument.Style = .plain) {
    let line = glyphs.drawable(line)
    let cut = line.truncated(to: width, ellipsis: glyphs.ellipsis)
    if color, let code = style.code, !cut.isEmpty {
      text += "\u{1B}[\(code)m\(cut)\u{1B}[0m\n"
    } else {
      text += cut + "\n"
    }
  }

  /// Adds a horizontal rule.
  mutating func rule() { line(String(repeating: glyphs.rule, count: width), .faint) }

  /// Adds a section's title after a blank line, with an aside at the right, or on the next line if there is no room.
  mutating func heading(_ title: String, _ aside: String = "") {
    line()
    let room = width - title.displayWidth
    if aside.displayWidth + 2 <= room {
      line((title + aside.padded(to: room, right: true)).trimmingTrailingSpaces, .strong)
    } else {
      for part in title.wrapped(to: width) { line(part, .strong) }
      prose(aside)
    }
  }

  /// Adds a label and its value, wrapped beside the label.
  mutating func field(
    _ label: String, _ value: String, labelWidth: Int, _ style: ReportDocument.Style = .plain
  ) {
    let indent = labelWidth + 2
    for (index, part) in glyphs.drawable(value).wrapped(to: width - indent).enumerated() {
      line((index == 0 ? label : "").padded(to: indent) + part, style)
    }
  }

  /// Adds wrapped prose, indented by two columns.
  mutating func prose(_ prose: String, _ style: ReportDocument.Style = .plain) {
    for part in glyphs.drawable(prose).wrapped(to: width - 2) { line("  " + part, style) }
  }

  /// Adds a table, indented by two columns; its first line has the headings.
  mutating func table(_ table: Table) {
    for part in table.lines(width: width, indent: 2, glyphs: glyphs) { line(part) }
  }
}

extension ReportDocument.Style {
  /// The ANSI code for a tone; nil for none.
  fileprivate var code: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .warning: "1;33"
    }
  }
}
