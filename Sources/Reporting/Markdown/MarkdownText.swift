extension String {
  /// The text as GitHub-flavoured Markdown that shows it and means nothing else: no emphasis, link, code, HTML,
  /// mathematics, mention or emoji comes of it, at the beginning of a line or within a cell of a table.
  var markdown: String {
    var text = ""
    // Scalars, for a mark that combines with a sign does not take its meaning.
    let scalars = Array(unicodeScalars)
    for (place, scalar) in scalars.enumerated() {
      let previous = place > 0 ? scalars[place - 1] : " "
      let next = place + 1 < scalars.count ? scalars[place + 1] : " "
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "~", "&", "$", "#": text += "\\\(scalar)"
      // Some programs make links of bare addresses after reading the escapes; a comment parts them for all.
      case "@" where next.properties.isAlphabetic || next.isDigit: text += "@<!-- -->"
      case ":" where next == "/" || (next.isShortcode && !next.isDigit && !previous.isDigit):
        text += ":<!-- -->"
      case "." where previous == "w" || previous == "W": text += "<!-- -->."
      // At the beginning of a line these would make lists and headings.
      case "-", "+", "=":
        text += text.isEmpty && !next.isDigit ? "\\\(scalar)" : String(scalar)
      case ".", ")":
        let isMarker = next == " " && place > 0 && scalars[..<place].allSatisfy(\.isDigit)
        text += isMarker ? "\\\(scalar)" : String(scalar)
      case "\n", "\r": text += " "
      case " ", "\t", "\u{A0}":
        if !text.isEmpty { text.unicodeScalars.append(scalar) }
      default: text.unicodeScalars.append(scalar)
      }
    }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
  /// May be within the name of an emoji: `:+1:`.
  fileprivate var isShortcode: Bool {
    isDigit || ("a"..."z").contains(self) || ("A"..."Z").contains(self) || "+-_".unicodeScalars.contains(self)
  }
}
