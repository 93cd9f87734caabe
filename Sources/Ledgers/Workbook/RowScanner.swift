import Glibc
import Register

/// Reads rows of a sheet in the plain form in which programs write them, several times faster than expat.
///
/// The scanner knows `row`, `c`, `v`, `f` and `is` without prefixes. At anything else, for instance a comment, it
/// stops: expat reads the sheet from that row on. Of a well-formed document both make the same rows.
struct RowScanner {
  enum Outcome {
    /// A row has been read; nil if it has no cell.
    case row(SheetRow?)
    /// The bytes end before the row does.
    case more
    /// The next row, or what stands in its place, is not in the plain form.
    case unusual
    /// The rows end here, before the tag `</sheetData`.
    case end
  }

  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  /// Offset of the next byte.
  private(set) var position: Int
  private var scratch: [UInt8] = []

  /// A scanner of the bytes from `position` to `count`.
  init(_ bytes: UnsafePointer<UInt8>, from position: Int, count: Int) {
    (self.bytes, self.position, self.count) = (bytes, position, count)
  }

  /// Reads the next row. Unless the outcome is a row, position and builder stay as they were.
  mutating func next(_ builder: inout RowBuilder) throws(RegisterProblem) -> Outcome {
    let start = position
    skipSpace(to: count)
    guard count - position > 5 else { return .more }
    if starts(with: "</") { return .end }
    guard starts(with: "<row"), isNameEnd(position + 4) else { return .unusual }
    position += 4
    var (number, isHidden) = (0, false)
    var isEmpty = false
    attributes: while true {
      switch tagPart(to: count) {
      case .attribute(let name, let value):
        if name == "r" {
          guard let found = Decimal.whole(value), found > 0 else { return back(to: start) }
          number = found
        } else if name == "hidden" {
          isHidden = value == "1" || value == "true"
        }
      case .close: break attributes
      case .closeEmpty:
        isEmpty = true
        break attributes
      case .cut: return back(to: start, .more)
      case .unusual: return back(to: start)
      }
    }
    try builder.begin(row: number, isHidden: isHidden)
    while !isEmpty {
      skipSpace(to: count)
      if count - position >= 6, starts(with: "</row>") {
        position += 6
        break
      }
      guard try cell(before: count, &builder) else {
        builder.abandon()
        return back(to: start, hasRowEnd(from: start) ? .unusual : .more)
      }
    }
    return .row(builder.end())
  }

  /// Whether the end of a row stands in the bytes from an offset on.
  private func hasRowEnd(from start: Int) -> Bool {
    var i = start
    while i + 6 <= count {
      guard let found = memchr(bytes + i, 0x3C, count - 5 - i) else { return false }
      let place = UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
      if memcmp(bytes + place, "</row>", 6) == 0 { return true }
      i = place + 1
    }
    return false
  }

  private mutating func back(to start: Int, _ outcome: Outcome = .unusual) -> Outcome {
    position = start
    return outcome
  }

  /// Reads one cell; false if it is not in the plain form.
  private mutating func cell(before end: Int, _ builder: inout RowBuilder) throws(RegisterProblem) -> Bool {
    guard end - position > 3, starts(with: "<c"), isNameEnd(position + 2) else { return false }
    position += 2
    var cell = RowBuilder.Cell()
    attributes: while true {
      switch tagPart(to: end) {
      case .attribute(let name, let value):
        if name == "r" {
          guard let found = CellReference.read(value) else { return false }
          (cell.column, cell.row) = found
        } else if name == "t" {
          guard let kind = CellKind(value) else { return false }
          cell.kind = kind
        } else if name == "s" {
          guard let style = Decimal.whole(value) else { return false }
          cell.style = style
        }
      case .close: break attributes
      case .closeEmpty:
        try builder.place(&cell)
        return true
      case .cut, .unusual: return false
      }
    }
    try builder.place(&cell)
    var value: Range<Int> = position..<position
    while true {
      skipSpace(to: end)
      guard end - position >= 4, bytes[position] == UInt8(ascii: "<") else { return false }
      switch bytes[position + 1] {
      case UInt8(ascii: "v"):
        guard let found = element("v", before: end), cell.kind != .inlineText else { return false }
        value = found
      case UInt8(ascii: "f"):
        guard element("f", before: end) != nil else { return false }
        cell.hasFormula = true
      case UInt8(ascii: "i"):
        guard cell.kind == .inlineText, let found = inlineText(before: end) else { return false }
        value = found
      default:
        guard starts(with: "</c>") else { return false }
        position += 4
        return try add(cell, value, &builder)
      }
    }
  }

  /// Adds a cell; false if its value is not plain.
  private mutating func add(
    _ cell: RowBuilder.Cell, _ range: Range<Int>, _ builder: inout RowBuilder
  ) throws(RegisterProblem) -> Bool {
    let value = UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
    var (hasReference, isHigh) = (false, false)
    for byte in value {
      if byte >= 0x80 {
        isHigh = true
      } else if byte == UInt8(ascii: "&") {
        hasReference = true
      } else if byte < 0x20, byte != 0x09, byte != 0x0A {
        return false
      }
    }
    if isHigh, String(validating: value, as: UTF8.self) == nil { return false }
    guard hasReference else {
      try builder.add(cell, value)
      return true
    }
    guard CharacterReferences.decode(value, into: &scratch) else { return false }
    try scratch.withUnsafeBufferPointer { (value) throws(RegisterProblem) in try builder.add(cell, value) }
    return true
  }

  /// Passes `<is><t>…</t></is>`; returns where the text stands, or nil for another form.
  private mutating func inlineText(before end: Int) -> Range<Int>? {
    guard starts(with: "<is>") else { return nil }
    position += 4
    skipSpace(to: end)
    guard let text = element("t", before: end) else { return nil }
    skipSpace(to: end)
    guard end - position >= 5, starts(with: "</is>") else { return nil }
    position += 5
    return text
  }

  /// Passes an element whose name is one letter; returns where its text stands, or nil if it has other content.
  private mutating func element(_ name: StaticString, before end: Int) -> Range<Int>? {
    guard end - position >= 4, bytes[position] == UInt8(ascii: "<"), bytes[position + 1] == name.utf8Start[0],
      isNameEnd(position + 2)
    else { return nil }
    position += 2
    while true {
      switch tagPart(to: end) {
      case .attribute: continue
      case .closeEmpty: return position..<position
      case .cut, .unusual: return nil
      case .close: break
      }
      break
    }
    let start = position
    guard let found = memchr(bytes + start, 0x3C, end - start) else { return nil }
    position = UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
    let text = start..<position
    guard end - position >= 4, bytes[position + 1] == UInt8(ascii: "/"),
      bytes[position + 2] == name.utf8Start[0],
      bytes[position + 3] == UInt8(ascii: ">")
    else { return nil }
    position += 4
    return text
  }

  // MARK: Tags

  private enum TagPart {
    case attribute(Name, UnsafeBufferPointer<UInt8>)
    case close, closeEmpty
    case cut, unusual
  }

  /// The name of an attribute.
  private struct Name {
    let bytes: UnsafeBufferPointer<UInt8>

    static func == (name: Name, wanted: StaticString) -> Bool { name.bytes == wanted }
  }

  /// Passes the next attribute of a tag, or its end.
  private mutating func tagPart(to end: Int) -> TagPart {
    skipSpace(to: end)
    guard position < end else { return .cut }
    if bytes[position] == UInt8(ascii: ">") {
      position += 1
      return .close
    }
    if bytes[position] == UInt8(ascii: "/") {
      guard position + 1 < end else { return .cut }
      guard bytes[position + 1] == UInt8(ascii: ">") else { return .unusual }
      position += 2
      return .closeEmpty
    }
    // White space separates attributes.
    guard position > 0, Self.isSpace(bytes[position - 1]) else { return .unusual }
    let start = position
    while position < end, bytes[position] != UInt8(ascii: "=") {
      guard Self.isNamePart(bytes[position]) else { return .unusual }
      position += 1
    }
    let name = UnsafeBufferPointer(start: bytes + start, count: position - start)
    guard position + 1 < end else { return .cut }
    let quote = bytes[position + 1]
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return .unusual }
    position += 2
    let valueStart = position
    while position < end, bytes[position] != quote {
      guard bytes[position] != UInt8(ascii: "&"), bytes[position] != UInt8(ascii: "<"),
        bytes[position] >= 0x20,
        bytes[position] < 0x80
      else { return .unusual }
      position += 1
    }
    guard position < end else { return .cut }
    let value = UnsafeBufferPointer(start: bytes + valueStart, count: position - valueStart)
    position += 1
    return .attribute(Name(bytes: name), value)
  }

  private mutating func skipSpace(to end: Int) {
    while position < end, Self.isSpace(bytes[position]) { position += 1 }
  }

  private func isNameEnd(_ i: Int) -> Bool {
    bytes[i] == UInt8(ascii: ">") || bytes[i] == UInt8(ascii: "/") || Self.isSpace(bytes[i])
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x3A).contains(byte) || byte == UInt8(ascii: "_")
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  /// Whether the next bytes are `text`; they must lie within the buffer.
  private func starts(with text: StaticString) -> Bool {
    memcmp(bytes + position, text.utf8Start, text.utf8CodeUnitCount) == 0
  }
}

extension UnsafeBufferPointer<UInt8> {
  static func == (bytes: Self, wanted: StaticString) -> Bool {
    bytes.count == wanted.utf8CodeUnitCount
      && (bytes.baseAddress.map { memcmp($0, wanted.utf8Start, bytes.count) == 0 } ?? true)
  }
}
