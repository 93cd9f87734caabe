extension String {
  /// Number of UTF-16 units to which a cell's text is cut: Excel keeps 32,767.
  private static var longestInCell: Int { 32_000 }

  /// The text as a workbook keeps it (ECMA-376 part 1, 22.9.2.19): characters that XML cannot have, and texts that
  /// Excel reads as such an escape, are escaped (`_x0007_`, `_x005F_x0041_`). It is cut to the maximum length of a cell.
  var forCell: String {
    var bytes = self
    guard utf8.count > Self.longestInCell || bytes.withUTF8({ $0.contains(where: Self.mayNeedEscape) }) else {
      return self
    }
    var text = UnicodeScalarView()
    var length = 0
    for place in unicodeScalars.indices {
      let scalar = unicodeScalars[place]
      let isEscaped = Self.isMissingInXML(scalar) || scalar == "_" && beginsEscape(at: place)
      length += isEscaped ? 7 : UTF16.width(scalar)
      guard length <= Self.longestInCell else { break }
      if isEscaped {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        text.append(
          contentsOf: "_x\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)_".unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }

  /// Whether a byte of UTF-8 may belong to a character that is escaped: control characters, `_`, U+FFFE and U+FFFF.
  private static func mayNeedEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x09 && byte != 0x0A || byte == 0x5F || byte == 0xEF
  }

  /// Whether XML cannot have a character, or changes it: a carriage return becomes a line feed.
  private static func isMissingInXML(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0xFFFE, 0xFFFF: true
    default: false
    }
  }

  /// Whether `x0041_` follows the underscore at a place.
  private func beginsEscape(at place: Index) -> Bool {
    let rest = unicodeScalars[unicodeScalars.index(after: place)...].prefix(6)
    guard rest.count == 6, rest.first == "x", rest.last == "_" else { return false }
    return rest.dropFirst().dropLast().allSatisfy { $0.isASCII && $0.properties.isASCIIHexDigit }
  }
}
