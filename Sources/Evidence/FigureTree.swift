/// A JSON document as read, for comparing figures by name: objects keep the order of their members, and numbers and
/// texts their spelling.
package indirect enum FigureTree {
  case object([Member])
  case array([FigureTree])
  /// A text as it is spelled, with its quotation marks.
  case text(Substring.UTF8View)
  /// A number, `true`, `false` or `null`, as it is spelled.
  case literal(Substring.UTF8View)

  /// A member of an object.
  package struct Member {
    package var name: String
    /// The name as it is spelled, with its quotation marks.
    package var spelling: Substring.UTF8View
    package var value: FigureTree
  }

  /// A text or a literal as a reader sees it.
  private var shown: String {
    switch self {
    case .object, .array: "something else"
    case .text(let spelling): FigureReader.value(of: spelling) ?? ""
    case .literal(let spelling): Substring(spelling) == "null" ? "nothing" : String(Substring(spelling))
    }
  }

  /// The first place at which two documents differ, whatever the order of names and the spelling of texts; nil if there
  /// is none.
  package static func difference(
    _ stated: FigureTree?, _ found: FigureTree?, at path: String = ""
  ) -> (path: String, stated: String, found: String)? {
    switch (stated, found) {
    case (.object(let a), .object(let b)):
      let (a, b) = (members(a), members(b))
      for name in Set(a.keys).union(b.keys).sorted() {
        let place = path.isEmpty ? name : "\(path).\(name)"
        if let difference = difference(a[name], b[name], at: place) { return difference }
      }
      return nil
    case (.array(let a), .array(let b)):
      for index in 0..<max(a.count, b.count) {
        let difference = difference(
          index < a.count ? a[index] : nil, index < b.count ? b[index] : nil, at: "\(path)[\(index)]")
        if let difference { return difference }
      }
      return nil
    case (.text(let a), .text(let b)) where FigureReader.value(of: a) == FigureReader.value(of: b): return nil
    case (.literal(let a), .literal(let b)) where a.elementsEqual(b): return nil
    default: return (path, stated?.shown ?? "nothing", found?.shown ?? "nothing")
    }
  }

  private static func members(_ members: [Member]) -> [String: FigureTree] {
    Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
  }

  /// The document without spaces, with names in order.
  package var canonical: String {
    var text = ""
    write(to: &text, sorted: true)
    return text
  }

  /// The document without spaces, with names as they were read.
  package var compact: String {
    var text = ""
    write(to: &text, sorted: false)
    return text
  }

  private func write(to text: inout String, sorted: Bool) {
    switch self {
    case .text(let spelling), .literal(let spelling): text += Substring(spelling)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        element.write(to: &text, sorted: sorted)
      }
      text += "]"
    case .object(let members):
      text += "{"
      let members = sorted ? members.sorted { $0.name < $1.name } : members
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        text += Substring(member.spelling)
        text += ":"
        member.value.write(to: &text, sorted: sorted)
      }
      text += "}"
    }
  }
}

/// Reads a JSON document (RFC 8259) with at most ``PackBounds/depth`` levels, in which no object has a name twice.
package struct FigureReader {
  private let text: String.UTF8View
  private var at: String.UTF8View.Index

  /// The document of a text; nil if it is none.
  package static func read(_ text: String) -> FigureTree? {
    var text = text
    text.makeContiguousUTF8()
    var reader = FigureReader(text: text.utf8, at: text.utf8.startIndex)
    guard let tree = reader.value(depth: 0) else { return nil }
    reader.skipSpace()
    return reader.at == reader.text.endIndex ? tree : nil
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { advance() }
  }

  private var peek: UInt8? { at < text.endIndex ? text[at] : nil }
  private mutating func advance() { at = text.index(after: at) }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard peek == byte else { return false }
    advance()
    return true
  }

  private mutating func value(depth: Int) -> FigureTree? {
    guard depth < PackBounds.depth else { return nil }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return array(depth)
    case UInt8(ascii: "\""): return string().map { .text($0) }
    default: return literal()
    }
  }

  private mutating func object(_ depth: Int) -> FigureTree? {
    advance()
    var members: [FigureTree.Member] = []
    var names: Set<String> = []
    if take(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\""), let spelling = string() else { return nil }
      guard let name = Self.value(of: spelling), names.insert(name).inserted, take(UInt8(ascii: ":")),
        let value = value(depth: depth + 1)
      else { return nil }
      members.append(FigureTree.Member(name: name, spelling: spelling, value: value))
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? .object(members) : nil
  }

  private mutating func array(_ depth: Int) -> FigureTree? {
    advance()
    var elements: [FigureTree] = []
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat {
      guard let value = value(depth: depth + 1) else { return nil }
      elements.append(value)
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]")) ? .array(elements) : nil
  }

  /// A text as it is spelled; nil if it does not end, or has a control character or a wrong escape.
  private mutating func string() -> Substring.UTF8View? {
    let start = at
    advance()
    while let byte = peek {
      advance()
      if byte == UInt8(ascii: "\"") {
        let spelling = Substring(text[start..<at]).utf8
        return Self.value(of: spelling) == nil ? nil : spelling
      }
      guard byte >= 0x20 else { return nil }
      if byte == UInt8(ascii: "\\") {
        guard peek != nil else { return nil }
        advance()
      }
    }
    return nil
  }

  private mutating func literal() -> FigureTree? {
    let start = at
    while let byte = peek, Self.isLiteral(byte) { advance() }
    let word = Substring(text[start..<at])
    guard ["true", "false", "null"].contains(word) || Self.isNumber(word) else { return nil }
    return .literal(word.utf8)
  }

  /// Whether a byte may be part of a number or of `true`, `false`, `null`.
  private static func isLiteral(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
    default: false
    }
  }

  /// Whether a text is a number of RFC 8259, section 6.
  private static func isNumber(_ text: Substring) -> Bool {
    var rest = text.utf8
    func digits() -> Int {
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let isZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !isZero || whole == 1 else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  /// The text of a spelling with quotation marks; nil for a wrong escape.
  static func value(of spelling: Substring.UTF8View) -> String? {
    var units: [UInt16] = []
    var text = String.UnicodeScalarView()
    func flush() -> Bool {
      defer { units = [] }
      guard !units.isEmpty else { return true }
      guard let decoded = String(validating: units, as: UTF16.self) else { return false }
      text.append(contentsOf: decoded.unicodeScalars)
      return true
    }
    var rest = Substring(spelling).unicodeScalars.dropFirst().dropLast()
    while let scalar = rest.popFirst() {
      guard scalar == "\\" else {
        guard flush() else { return nil }
        text.append(scalar)
        continue
      }
      guard let letter = rest.popFirst() else { return nil }
      if letter == "u" {
        let digits = String(String.UnicodeScalarView(rest.prefix(4)))
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt16(digits, radix: 16)
        else { return nil }
        rest = rest.dropFirst(4)
        units.append(unit)
        continue
      }
      guard flush(), let plain = escapes[letter] else { return nil }
      text.append(plain)
    }
    return flush() ? String(text) : nil
  }

  private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
    "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
  ]
}
