/// Builds markup: elements with attributes, and escaped text.
///
/// The result is HTML and, except for its first line, well-formed XML.
package struct Markup: Sendable {
  package private(set) var text = ""

  /// Empty markup.
  package init() {}

  /// Adds an element with the content that `body` adds.
  package mutating func element(
    _ name: String, _ attributes: [(String, String)] = [], _ body: (inout Markup) -> Void = { _ in }
  ) {
    text += "<" + name
    for (key, value) in attributes { text += " " + key + "=\"" + Self.escaped(value) + "\"" }
    if Self.empty.contains(name) {
      text += "/>"
      return
    }
    text += ">"
    body(&self)
    text += "</" + name + ">"
  }

  /// Adds an element that contains a text.
  package mutating func element(_ name: String, _ attributes: [(String, String)] = [], text: String) {
    element(name, attributes) { $0.add(text) }
  }

  /// Adds a text, escaped.
  package mutating func add(_ text: String) { self.text += Self.escaped(text) }

  /// Adds a string that is already markup.
  package mutating func add(raw: String) { text += raw }

  /// Starts a new line between elements, where white space has no meaning.
  package mutating func newLine() { text += "\n" }

  private static let empty: Set = [
    "meta", "br", "link", "input", "rect", "line", "path", "circle", "use", "col",
  ]

  /// The text with every character that has a meaning in markup escaped, for text and attributes.
  static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { "&<>\"'".utf8.contains($0) }) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
