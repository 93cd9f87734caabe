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
