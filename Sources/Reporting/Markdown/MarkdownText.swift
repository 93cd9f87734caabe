extension String {
  /// The text as GitHub-flavoured Markdown that shows it unchanged: no emphasis, link, code, HTML, mathematics,
  /// mention or emoji results, at the beginning of a line or within a cell of a table.
  var markdown: String {
    var text = ""
    // Compares scalars, because a sign keeps its meaning when a mark combines with it.
    let scalars = Array(unicodeScalars)
    for (place, scalar) in scalars.enumerated() {
      let previous = place > 0 ? scalars[place - 1] : " "
      let next = place + 1 < scalars.count ? scalars[place + 1] : " "
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "~", "&", "$", "#": text += "\\\(scalar)"
      // Some programs turn bare addresses into links after they read the escapes; a comment within the address
      // prevents it.
      case "@" where next.properties.isAlphabetic || next.isDigit: text += "@<!-- -->"
      case ":" where next == "/" || (next.isShortcode && !next.isDigit && !previous.isDigit):
        text += ":<!-- -->"
      case "." where previous == "w" || previous == "W": text += "<!-- -->."
      // These signs would begin lists and headings at the beginning of a line.
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
  /// Whether the character may be part of an emoji's name: `:+1:`.
  fileprivate var isShortcode: Bool {
    isDigit || ("a"..."z").contains(self) || ("A"..."Z").contains(self) || "+-_".unicodeScalars.contains(self)
  }
}
