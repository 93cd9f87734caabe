extension String {
  /// The text with every scalar that could control a terminal or reorder the display (control characters, bidi and
  /// other format marks, line and paragraph separators) written as `\u{…}`.
  ///
  /// Names come from files and topics, so they are escaped before they are shown.
  public var inert: String {
    guard unicodeScalars.contains(where: \.isSteering) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isSteering {
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// JSON text with the same scalars written as `\uXXXX`, so that it is still JSON and has the same content. Control
  /// characters before the space are left: JSON escapes them in strings itself.
  public var inertJSON: String {
    guard unicodeScalars.contains(where: \.isSteering) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      guard scalar.value >= 0x20, scalar.isSteering else {
        text.unicodeScalars.append(scalar)
        continue
      }
      for unit in scalar.utf16 {
        let digits = String(unit, radix: 16, uppercase: true)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether the scalar affects the display of others instead of being shown.
  var isSteering: Bool {
    if value >= 0x20 && value < 0x7F { return false }
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return true
    // Joiners shape Indic text and emoji, and reorder nothing.
    case .format: return value != 0x200C && value != 0x200D
    default: return false
    }
  }
}
