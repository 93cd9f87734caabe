/// The lines of a text report as they are put together, with their colours where those are asked for.
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

  /// One line, cut at the page's width.
  mutating func line(_ line: String = "", _ style: ReportDocument.Style = .plain) {
    let line = glyphs.drawable(line)
    let cut = line.truncated(to: width, ellipsis: glyphs.ellipsis)
    if color, let code = style.code, !cut.isEmpty {
      text += "\u{1B}[\(code)m\(cut)\u{1B}[0m\n"
    } else {
      text += cut + "\n"
    }
  }

  /// A line across the page.
  mutating func rule() { line(String(repeating: glyphs.rule, count: width), .faint) }

  /// A section's title with a blank line before it, and an aside at its right, or below where it has no room.
  mutating func heading(_ title: String, _ aside: String = "") {
    line()
    let room = width - title.displayWidth
    if aside.displayWidth + 2 <= room {
      line((title + aside.padded(to: room, right: true)).trimmingTrailingSpaces, .strong)
    } else {
      line(title, .strong)
      prose(aside)
    }
  }

  /// A label and what it says, wrapped beside it.
  mutating func field(
    _ label: String, _ value: String, labelWidth: Int, _ style: ReportDocument.Style = .plain
  ) {
    let indent = labelWidth + 2
    for (index, part) in glyphs.drawable(value).wrapped(to: width - indent).enumerated() {
      line((index == 0 ? label : "").padded(to: indent) + part, style)
    }
  }

  /// Prose, wrapped, two columns in.
  mutating func prose(_ prose: String, _ style: ReportDocument.Style = .plain) {
    for part in glyphs.drawable(prose).wrapped(to: width - 2) { line("  " + part, style) }
  }

  /// A table, two columns in; the first line is its headings.
  mutating func table(_ table: Table) {
    for part in table.lines(width: width, indent: 2, glyphs: glyphs) { line(part) }
  }
}

extension ReportDocument.Style {
  /// The ANSI code that sets a line off; nil for none.
  fileprivate var code: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .warning: "1;33"
    }
  }
}
