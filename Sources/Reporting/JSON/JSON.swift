/// A JSON value whose objects keep the order of their members, so that equal reports have equal bytes.
package enum JSON: Sendable {
  case object([(key: String, value: JSON)])
  case array([JSON])
  case string(String)
  case integer(Int)
  case boolean(Bool)
  case null

  /// A string, or null.
  package static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
  /// An integer, or null.
  package static func number(_ number: Int?) -> JSON { number.map { .integer($0) } ?? .null }

  /// The text: compact (no spaces), or indented by two spaces per level.
  package func serialized(pretty: Bool = false) -> String {
    var text = ""
    write(to: &text, indent: pretty ? 0 : nil)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .string(let value): Self.quote(value, to: &text)
    case .array(let elements):
      Self.enclose("[", "]", elements.count, to: &text, indent) { text, index, inner in
        elements[index].write(to: &text, indent: inner)
      }
    case .object(let members):
      Self.enclose("{", "}", members.count, to: &text, indent) { text, index, inner in
        Self.quote(members[index].key, to: &text)
        text += indent == nil ? ":" : ": "
        members[index].value.write(to: &text, indent: inner)
      }
    }
  }

  private static func enclose(
    _ open: String, _ close: String, _ count: Int, to text: inout String, _ indent: Int?,
    _ element: (inout String, Int, Int?) -> Void
  ) {
    text += open
    let inner = indent.map { $0 + 2 }
    for index in 0..<count {
      if index > 0 { text += "," }
      if let inner { text += "\n" + String(repeating: " ", count: inner) }
      element(&text, index, inner)
    }
    if count > 0, let indent { text += "\n" + String(repeating: " ", count: indent) }
    text += close
  }

  /// Escapes by RFC 8259, section 7, and also every scalar that could control a terminal or a browser into which the
  /// document is pasted. A reader gets the same string either way.
  private static func quote(_ string: String, to text: inout String) {
    text += "\""
    // Nearly all strings are keys or numbers.
    if string.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) {
      text += string
      text += "\""
      return
    }
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default:
        if scalar.isSteering {
          for unit in Character(scalar).utf16 {
            let digits = String(unit, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    text += "\""
  }
}
