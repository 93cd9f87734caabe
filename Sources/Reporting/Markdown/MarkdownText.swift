extension String {
  /// The text as GitHub-flavoured Markdown that shows it and means nothing else: no emphasis, link, code, HTML,
  /// mathematics, mention or emoji comes of it, at the beginning of a line or within a cell of a table.
  var markdown: String {
    var text = ""
    var previous: Character = " "
    let characters = Array(self)
    for (place, character) in characters.enumerated() {
      let next = place + 1 < characters.count ? characters[place + 1] : " "
      switch character {
      case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "~", "&", "$", "#": text += "\\\(character)"
      // Some programs make links of bare addresses after reading the escapes; a comment parts them for all.
      case "@" where next.isLetter || next.isNumber: text += "@<!-- -->"
      case ":" where next == "/" || (next.isShortcode && !next.isNumber && !previous.isNumber):
        text += ":<!-- -->"
      case "." where previous == "w" || previous == "W": text += "<!-- -->."
      // At the beginning of a line these would make lists and headings.
      case "-", "+", "=":
        text += text.isEmpty && !next.isNumber ? "\\\(character)" : String(character)
      case ".", ")":
        let isMarker = next == " " && place > 0 && characters[..<place].allSatisfy(\.isASCIIDigit)
        text += isMarker ? "\\\(character)" : String(character)
      case "\n", "\r": text += " "
      case " ", "\t", "\u{A0}":
        if !text.isEmpty { text.append(character) }
      default: text.append(character)
      }
      previous = character
    }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
  /// May be within the name of an emoji: `:+1:`.
  fileprivate var isShortcode: Bool {
    isASCII && (isLetter || isNumber || self == "+" || self == "-" || self == "_")
  }
}
