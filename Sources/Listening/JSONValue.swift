/// A JSON document as a tree whose members keep their order: for guesses about a few sample messages, not for decoding.
enum JSONValue: Equatable, Sendable {
  /// A key of an object with its value.
  struct Member: Equatable, Sendable {
    var key: String
    var value: JSONValue
  }

  case null
  case boolean(Bool)
  /// As written.
  case number(String)
  case text(String)
  case list([JSONValue])
  case object([Member])

  /// Maximum nesting.
  static let mostLevels = 16
  /// Maximum number of values in a document.
  static let mostValues = 10_000

  /// Reads an object or a list; nil for anything else, also beyond the limits. A byte order mark before it and NULs
  /// after it are skipped.
  init?(document bytes: [UInt8]) {
    var bytes = bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    while bytes.last == 0 { bytes.removeLast() }
    guard let first = bytes.first(where: { $0 > 0x20 }),
      first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    else { return nil }
    var parser = JSONParser(bytes)
    guard let value = parser.value(level: 1), parser.isAtEnd else { return nil }
    self = value
  }

  /// The value of an object's key; nil if it is missing, or this is no object.
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  var elements: [JSONValue]? { if case .list(let elements) = self { elements } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var isNumber: Bool { if case .number = self { true } else { false } }

  /// The value as a scalar; nil for null, a list or an object.
  var scalar: ScalarValue? {
    switch self {
    case .boolean(let value): .boolean(value)
    case .number(let text): .number(text)
    case .text(let text): .text(text)
    case .null, .list, .object: nil
    }
  }
}

/// A value of a field in a sample message.
enum ScalarValue: Hashable, Sendable {
  case boolean(Bool)
  /// As written.
  case number(String)
  case text(String)

  /// The value as it is written in a source's settings.
  var text: String {
    switch self {
    case .boolean(let value): value ? "true" : "false"
    case .number(let text), .text(let text): text
    }
  }

  /// The number, also of text that writes one.
  var number: Double? {
    switch self {
    case .boolean: nil
    case .number(let text), .text(let text): Double(text)
    }
  }

  /// The value of a text without quotes, as a topic of single values or a cell has it.
  init(plain text: String) {
    switch text.lowercased() {
    case "true": self = .boolean(true)
    case "false": self = .boolean(false)
    default:
      let isNumber = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } && Double(text) != nil
      self = isNumber ? .number(text) : .text(text)
    }
  }
}

/// Parses JSON (RFC 8259) within ``JSONValue``'s limits.
private struct JSONParser {
  private let bytes: ArraySlice<UInt8>
  private var at: Int
  private var count = 0

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    at = bytes.startIndex
  }

  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return at == bytes.endIndex
    }
  }

  private mutating func skipSpace() {
    while at < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
  }

  private mutating func take(_ byte: Character) -> Bool {
    skipSpace()
    guard at < bytes.endIndex, bytes[at] == byte.asciiValue else { return false }
    at += 1
    return true
  }

  mutating func value(level: Int) -> JSONValue? {
    skipSpace()
    count += 1
    guard at < bytes.endIndex, level <= JSONValue.mostLevels, count <= JSONValue.mostValues else {
      return nil
    }
    switch bytes[at] {
    case UInt8(ascii: "{"): return object(level: level)
    case UInt8(ascii: "["): return list(level: level)
    case UInt8(ascii: "\""): return string().map(JSONValue.text)
    default: return word()
    }
  }

  private mutating func object(level: Int) -> JSONValue? {
    at += 1
    var members: [JSONValue.Member] = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard at < bytes.endIndex, bytes[at] == UInt8(ascii: "\""), let key = string(), take(":"),
        let value = value(level: level + 1)
      else { return nil }
      members.append(JSONValue.Member(key: key, value: value))
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  private mutating func list(level: Int) -> JSONValue? {
    at += 1
    var elements: [JSONValue] = []
    if take("]") { return .list(elements) }
    repeat {
      guard let value = value(level: level + 1) else { return nil }
      elements.append(value)
    } while take(",")
    return take("]") ? .list(elements) : nil
  }

  private mutating func word() -> JSONValue? {
    let start = at
    while at < bytes.endIndex, bytes[at] > 0x20, !",]}:[{\"".utf8.contains(bytes[at]) { at += 1 }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default:
      let isNumber = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) } && Double(text) != nil
      return isNumber ? .number(text) : nil
    }
  }

  private mutating func string() -> String? {
    at += 1
    var text: [UInt8] = []
    while at < bytes.endIndex {
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        text += escaped
      case ..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard at < bytes.endIndex else { return nil }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"): return unicode()
    default: return nil
    }
  }

  private mutating func unicode() -> [UInt8]? {
    guard let first = unit() else { return nil }
    var units = [first]
    if UTF16.isLeadSurrogate(first) {
      guard at + 1 < bytes.endIndex, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
      else {
        return nil
      }
      at += 2
      guard let second = unit() else { return nil }
      units.append(second)
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  private mutating func unit() -> UInt16? {
    guard bytes.endIndex - at >= 4 else { return nil }
    defer { at += 4 }
    return UInt16(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
  }
}
