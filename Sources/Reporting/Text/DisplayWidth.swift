extension String {
  /// Number of terminal columns of the text: 2 for East Asian wide characters and emoji, 0 for combining marks, 1
  /// otherwise (Unicode Standard Annex 11; ambiguous counts as narrow).
  public var displayWidth: Int {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return utf8.count }
    return reduce(0) { $0 + $1.displayWidth }
  }

  /// Whether the text has more than `width` columns. Nearly all short texts are decided by their bytes.
  public func isWider(than width: Int) -> Bool {
    // No character below U+0800, of one or two bytes, is wide; bytes that continue a character count nothing.
    let most = utf8.reduce(0) { $0 + ($1 >= 0xE0 ? 2 : $1 >= 0xC0 || $1 < 0x80 ? 1 : 0) }
    return most > width && displayWidth > width
  }

  /// The text padded with spaces to `width` columns; longer text is unchanged.
  public func padded(to width: Int, right: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - displayWidth))
    return right ? spaces + self : self + spaces
  }

  /// The text cut to at most `width` columns, with `ellipsis` at the cut.
  public func truncated(to width: Int, ellipsis: String = "…") -> String {
    if displayWidth <= width { return self }
    let room = width - ellipsis.displayWidth
    guard room >= 0 else { return "" }
    var kept = ""
    var used = 0
    for character in self {
      used += character.displayWidth
      if used > room { break }
      kept.append(character)
    }
    return kept + ellipsis
  }

  /// The text in lines of at most `width` columns, broken at spaces and between East Asian characters, never before
  /// closing punctuation. A word longer than a line is cut.
  public func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for piece in breakable {
      if (line + piece).trimmingTrailingSpaces.displayWidth <= width {
        line += piece
        continue
      }
      if !line.isEmpty { lines.append(line.trimmingTrailingSpaces) }
      line = piece
      while line.trimmingTrailingSpaces.displayWidth > width, line.count > 1 {
        let head = line.truncated(to: max(2, width), ellipsis: "")
        lines.append(head)
        line.removeFirst(max(1, head.count))
      }
    }
    if !line.isEmpty { lines.append(line.trimmingTrailingSpaces) }
    return lines
  }

  /// The pieces between which a line may break.
  private var breakable: [String] {
    var pieces: [String] = []
    var piece = ""
    var previous: Character?
    for character in self {
      if let before = previous, !piece.isEmpty, character != " ", !character.closes, !before.opens,
        before == " " || before.displayWidth == 2 || character.displayWidth == 2
      {
        pieces.append(piece)
        piece = ""
      }
      piece.append(character)
      previous = character
    }
    return piece.isEmpty ? pieces : pieces + [piece]
  }

  var trimmingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension Character {
  /// Number of terminal columns of one grapheme cluster.
  var displayWidth: Int {
    let scalars = unicodeScalars
    guard let first = scalars.first else { return 0 }
    if scalars.count == 1 { return first.displayWidth }
    // An emoji of several scalars (variation, skin tone, joiner, flag) is drawn as one.
    let isSequence = scalars.contains { $0.value == 0xFE0F || $0.properties.isEmojiModifier }
    let isFlag = (0x1F1E6...0x1F1FF).contains(first.value)
    if isFlag || (isSequence && first.properties.isEmoji) || (first.displayWidth == 2 && first.isPictograph) {
      return 2
    }
    return scalars.reduce(0) { $0 + $1.displayWidth }
  }

  fileprivate var closes: Bool { "，。；：、！？）》」』】”’,.;:!?)%".contains(self) }
  fileprivate var opens: Bool { "（《「『【“‘(".contains(self) }
}

extension Unicode.Scalar {
  fileprivate var isPictograph: Bool { properties.isEmojiPresentation }

  /// Number of columns of one isolated scalar.
  fileprivate var displayWidth: Int {
    if value >= 0x20 && value < 0x7F { return 1 }
    if value < 0x20 || (0x7F..<0xA0).contains(value) { return 0 }
    // Vowels and finals of Hangul syllables combine with the preceding initial.
    if (0x1160...0x11FF).contains(value) || value == 0x200B { return 0 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    case .format: return value == 0xAD ? 1 : 0
    default: break
    }
    return value >= 0x1100 && isWide ? 2 : 1
  }

  /// Whether East Asian Width is W or F, by blocks (Unicode 16, EastAsianWidth.txt), or the scalar is an emoji by
  /// default.
  private var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
      0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B,
      0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D376,
      0x1F200...0x1F265, 0x20000...0x3FFFD:
      true
    default: properties.isEmojiPresentation
    }
  }
}
