/// The path of a value in a JSON document: a JSON pointer (RFC 6901), which in a source's settings may have `*` for any
/// key or element, and a name in braces for keys that name the sender.
struct JSONPath: Equatable, Sendable {
  /// A level of a path.
  enum Part: Equatable, Sendable {
    /// A key of an object, or the index of an element.
    case key(String)
    /// Any key or element.
    case any
    /// Any key, which is the name of the sender.
    case name(SenderPart)
  }

  var parts: [Part]
  /// Whether the path begins at the root of the document although records are elements of it: `$/path`.
  var isFromRoot: Bool

  /// Maximum number of levels.
  static let mostParts = 32

  /// Reads a path; nil if the text is not one.
  init?(_ text: String) {
    isFromRoot = text.hasPrefix("$/")
    let pointer = isFromRoot ? text.dropFirst() : text[...]
    guard pointer.hasPrefix("/"), pointer.utf8.count > 1 else { return nil }
    parts = []
    for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      if part == "*" {
        parts.append(.any)
      } else if let name = SenderPart.allCases.first(where: { part == "{\($0.rawValue)}" }) {
        parts.append(.name(name))
      } else {
        guard let key = Self.unescaped(part) else { return nil }
        parts.append(.key(key))
      }
    }
    guard parts.count <= Self.mostParts else { return nil }
  }

  init(parts: [Part], isFromRoot: Bool = false) {
    self.parts = parts
    self.isFromRoot = isFromRoot
  }

  /// Number of levels up to the last that is not a key; 0 if all are keys.
  var variablePrefix: Int {
    (parts.lastIndex { if case .key = $0 { false } else { true } } ?? -1) + 1
  }

  /// `~1` stands for `/` and `~0` for `~`; nil if another character follows a `~`.
  private static func unescaped(_ text: Substring) -> String? {
    guard text.contains("~") else { return String(text) }
    var result = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      guard character == "~" else {
        result.append(character)
        continue
      }
      switch rest.popFirst() {
      case "0": result.append("~")
      case "1": result.append("/")
      default: return nil
      }
    }
    return result
  }
}

/// A part of a sender's identity that a payload can name.
enum SenderPart: String, CaseIterable, Sendable {
  case equipment, workshop

  /// The number of the name in the entries found.
  var number: Int32 { self == .equipment ? 0 : 1 }
}
