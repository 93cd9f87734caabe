/// Text of a cell without the characters that a reader of the sheet does not see.
struct CellText {
  /// Purpose of a cell: decides which characters are folded.
  enum Use {
    /// Names and other free text: full-width characters and special spaces stay as they are.
    case text
    /// Ids, numbers, dates and words: full-width digits, letters and marks become the usual ones.
    case folded
  }

  /// The cleaned text.
  private(set) var text: String
  /// The first invisible character that was removed, or the first special space that became a usual one.
  private(set) var removed: Unicode.Scalar?
  /// Whether full-width or similar characters were folded.
  private(set) var isFolded = false

  /// Cleans a text: trims white space, removes invisible characters and, for `.folded`, folds full-width ones.
  init(_ raw: String, _ use: Use) {
    guard !Self.isPlain(raw, use) else {
      text = raw
      return
    }
    let trimmed = Self.trimmed(raw.unicodeScalars)
    var scalars = String.UnicodeScalarView()
    for scalar in trimmed {
      if Self.isInvisible(scalar, use) {
        removed = removed ?? scalar
      } else if use == .folded, Self.isSpecialSpace(scalar) {
        removed = removed ?? scalar
        scalars.append(" ")
      } else if use == .folded, let plain = Self.folded(scalar) {
        isFolded = true
        scalars.append(plain)
      } else {
        scalars.append(scalar)
      }
    }
    text = String(Self.trimmed(scalars))
  }

  /// Whether a text needs no change. A quick test: it may be false for a text that needs none.
  private static func isPlain(_ text: String, _ use: Use) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard let first = bytes.first, let last = bytes.last else { return true }
      guard first > 0x20, last > 0x20 else { return false }
      for byte in bytes where byte >= 0x80 {
        switch byte {
        // Lead bytes of no-break spaces and soft hyphens, of general punctuation, of the ideographic space, and of
        // full-width characters and byte order marks.
        case 0xC2, 0xE1, 0xE2, 0xE3, 0xEF: return false
        default: if use == .folded { return false }
        }
      }
      return true
    }
  }

  /// Without white space at both ends.
  static func trimmed(_ scalars: String.UnicodeScalarView) -> Substring.UnicodeScalarView {
    var rest = scalars[...]
    func isBlank(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value <= 0x20 || scalar.properties.isWhitespace
    }
    while let first = rest.first, isBlank(first) { rest.removeFirst() }
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }

  /// Whether a character has no width: soft hyphens, zero-width spaces and joiners, direction marks, byte order marks.
  /// Joiners belong to words of some scripts, so free text keeps them.
  private static func isInvisible(_ scalar: Unicode.Scalar, _ use: Use) -> Bool {
    switch scalar.value {
    case 0x200C, 0x200D: use == .folded
    case 0xAD, 0x180E, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  /// Whether a character looks like a space and is another one.
  private static func isSpecialSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// The usual character for a full-width one or for a hyphen or minus of typography; nil for other characters.
  static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    switch scalar.value {
    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0)
    case 0x2010...0x2013, 0x2212: "-"
    default: nil
    }
  }

  /// A name in the form in which names are compared: without white space and invisible characters, full-width
  /// characters folded, in small letters.
  static func comparable(_ name: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in CellText(name, .folded).text.unicodeScalars where !scalar.properties.isWhitespace {
      scalars.append(scalar)
    }
    return String(scalars).lowercased()
  }

  /// A character as problems name it: `U+200B ZERO WIDTH SPACE`.
  static func named(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    // The byte order mark has another official name.
    let name = scalar.value == 0xFEFF ? "BYTE ORDER MARK" : scalar.properties.name
    return name.map { "\(code) \($0)" } ?? code
  }
}
