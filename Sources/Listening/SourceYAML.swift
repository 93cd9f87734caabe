import Decoding

/// Writes the settings of a source as YAML.
public enum SourceYAML {
  /// A tree in flow style, on one line.
  public static func flow(_ tree: SettingsTree) -> String {
    switch tree.content {
    case .nothing: "~"
    case .text(let text): quoted(text)
    case .list(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
    case .section(let entries):
      entries.isEmpty
        ? "{}" : "{ " + entries.map { "\(quoted($0.key)): \(flow($0.value))" }.joined(separator: ", ") + " }"
    }
  }

  /// Text as a scalar, in quotes unless it is plain in every place.
  public static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty && text.unicodeScalars.allSatisfy(isPlain) && text.first != "-" && text.first != "."
      && !["null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    if isPlain { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _
      where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        || (0x2028...0x2029).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 {
      return scalar.properties.isAlphabetic || "0123456789_/.-$".unicodeScalars.contains(scalar)
    }
    return scalar.properties.isAlphabetic || scalar.properties.isIdeographic
  }
}
