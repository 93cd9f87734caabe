import Telemetry

/// Reads the points of a message in InfluxDB line protocol, a line for each:
///
///     measurement,tag=value,tag=value field=1.5,field=2i,field="text" 1795305600000000000
///
/// Tags and time may be missing; a point has at least one field. Empty lines and lines that begin with `#` are
/// skipped. A value cannot hold a line end. A line that is not a point is reported with its fault, and reading goes on
/// with the line after it. Allocates nothing.
struct LineProtocolReader {
  /// One line of the message.
  enum Line {
    case point(LineProtocolPoint)
    /// The line is not a point.
    case fault(Fault)
  }

  private let bytes: UnsafeRawBufferPointer
  private var at = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Returns the next line with a point or a fault; nil at the end of the message.
  mutating func next() -> Line? {
    while at < bytes.count {
      skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
      guard at < bytes.count else { break }
      if bytes[at] == UInt8(ascii: "\n") || bytes[at] == UInt8(ascii: "#") {
        endLine()
        continue
      }
      do throws(PointFault) {
        let point = try point()
        endLine()
        return .point(point)
      } catch {
        endLine()
        return .fault(error.fault)
      }
    }
    return nil
  }

  /// A fault with which a line ends.
  private struct PointFault: Error { var fault: Fault }

  private mutating func skip(_ isSkipped: (UInt8) -> Bool) {
    while at < bytes.count, isSkipped(bytes[at]) { at += 1 }
  }

  /// Goes to the byte after the next line end.
  private mutating func endLine() {
    skip { $0 != UInt8(ascii: "\n") }
    if at < bytes.count { at += 1 }
  }

  private func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  // MARK: Points

  /// Reads a point up to its line end.
  private mutating func point() throws(PointFault) -> LineProtocolPoint {
    let measurement = try name(until: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") })
    let tags = try tags()
    try space()
    let fields = try fields()
    var time: Int64?
    if isSpace {
      skip { $0 == UInt8(ascii: " ") }
      if !isLineEnd { time = try number() }
      skip { $0 == UInt8(ascii: " ") }
    }
    if at < bytes.count, bytes[at] == UInt8(ascii: "\r") { at += 1 }
    guard isLineEnd else { throw PointFault(fault: .notATime) }
    return LineProtocolPoint(
      measurement: EscapedText(measurement, .backslash(before: ", ")), tags: LineProtocolPairs(tags),
      fields: LineProtocolPairs(fields, haveText: true), time: time)
  }

  private var isSpace: Bool { at < bytes.count && bytes[at] == UInt8(ascii: " ") }

  /// Whether the line ends here. A carriage return before a line feed belongs to the line end.
  private var isLineEnd: Bool {
    guard at < bytes.count else { return true }
    if bytes[at] == UInt8(ascii: "\n") { return true }
    return bytes[at] == UInt8(ascii: "\r") && (at + 1 == bytes.count || bytes[at + 1] == UInt8(ascii: "\n"))
  }

  private mutating func space() throws(PointFault) {
    guard isSpace else { throw PointFault(fault: .cutShort) }
    skip { $0 == UInt8(ascii: " ") }
  }

  /// Reads a name of at least one byte up to an unescaped byte that ends it.
  private mutating func name(until isEnd: (UInt8) -> Bool) throws(PointFault) -> UnsafeRawBufferPointer {
    let start = at
    while !isLineEnd, !isEnd(bytes[at]) {
      // A backslash takes the byte after it along, whether or not it escapes it.
      if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] != UInt8(ascii: "\n") {
        at += 1
      }
      at += 1
    }
    guard at > start else { throw PointFault(fault: .empty) }
    return slice(start..<at)
  }

  private mutating func tags() throws(PointFault) -> UnsafeRawBufferPointer {
    let start = at
    while at < bytes.count, bytes[at] == UInt8(ascii: ",") {
      at += 1
      _ = try name { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }
      try equalSign()
      _ = try name { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }
    }
    return start < at ? slice(start + 1..<at) : slice(at..<at)
  }

  private mutating func equalSign() throws(PointFault) {
    guard at < bytes.count, bytes[at] == UInt8(ascii: "=") else { throw PointFault(fault: .cutShort) }
    at += 1
  }

  private mutating func fields() throws(PointFault) -> UnsafeRawBufferPointer {
    let start = at
    while true {
      _ = try name { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }
      try equalSign()
      try value()
      guard at < bytes.count, bytes[at] == UInt8(ascii: ",") else { return slice(start..<at) }
      at += 1
    }
  }

  private mutating func value() throws(PointFault) {
    let start = at
    if at < bytes.count, bytes[at] == UInt8(ascii: "\"") { return try text() }
    while !isLineEnd, bytes[at] != UInt8(ascii: ","), bytes[at] != UInt8(ascii: " ") { at += 1 }
    guard LineProtocolValue(slice(start..<at)) != nil else {
      throw PointFault(fault: at == start ? .empty : .wrongType)
    }
  }

  /// Reads text in quotes.
  private mutating func text() throws(PointFault) {
    at += 1
    while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\n") {
      if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] != UInt8(ascii: "\n") {
        at += 1
      }
      at += 1
    }
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw PointFault(fault: .cutShort) }
    at += 1
    guard isLineEnd || isSpace || bytes[at] == UInt8(ascii: ",") else { throw PointFault(fault: .wrongType) }
  }

  /// Reads a time: an integer, which may be negative.
  private mutating func number() throws(PointFault) -> Int64 {
    let start = at
    while !isLineEnd, !isSpace { at += 1 }
    let digits = slice(start..<at)
    guard digits.count <= 20, let number = PlainNumber.integer(digits) else {
      throw PointFault(fault: .notATime)
    }
    return number
  }
}

/// A point of line protocol: views of the parts of its line.
struct LineProtocolPoint {
  var measurement: EscapedText
  var tags: LineProtocolPairs
  var fields: LineProtocolPairs
  /// The time in the unit of the source; nil if the point has none.
  var time: Int64?

  /// The value of a tag; nil if the point does not have it.
  func tag(_ name: UnsafeRawBufferPointer) -> EscapedText? {
    var pairs = tags
    while let pair = pairs.next() {
      if pair.name.equals(name) { return EscapedText(pair.value, .backslash(before: ",= ")) }
    }
    return nil
  }
}

/// Names and values that a line has, in its order. They were checked when the line was read.
struct LineProtocolPairs {
  private let bytes: UnsafeRawBufferPointer
  private let haveText: Bool
  private var at = 0

  /// The pairs in `bytes`. `haveText`: whether a value can be text in quotes; in a tag's value a quote is a character
  /// like any other.
  init(_ bytes: UnsafeRawBufferPointer, haveText: Bool = false) {
    self.bytes = bytes
    self.haveText = haveText
  }

  /// Returns the next name, and its value as written; nil after the last.
  mutating func next() -> (name: EscapedText, value: UnsafeRawBufferPointer)? {
    guard at < bytes.count else { return nil }
    let start = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "=") {
      at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard at < bytes.count else { return nil }
    let name = UnsafeRawBufferPointer(rebasing: bytes[start..<at])
    at += 1
    let valueStart = at
    if haveText, at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
      at += 1
      while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
        at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
      }
      at += 1
    }
    while at < bytes.count, bytes[at] != UInt8(ascii: ",") {
      at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    let value = UnsafeRawBufferPointer(rebasing: bytes[valueStart..<min(at, bytes.count)])
    at += 1
    return (EscapedText(name, .backslash(before: ",= ")), value)
  }
}

/// A field's value in line protocol.
enum LineProtocolValue {
  /// A number or a truth value.
  case value(FieldValue)
  case text(EscapedText)

  /// Reads a value as written; nil if it is not one.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first, let last = bytes.last else { return nil }
    if first == UInt8(ascii: "\"") {
      guard bytes.count >= 2, last == first else { return nil }
      self = .text(
        EscapedText(UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1]), .backslash(before: "\"\\")))
    } else if last == UInt8(ascii: "i") || last == UInt8(ascii: "u") {
      let digits = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 1)])
      guard PlainNumber.isNumber(digits), let value = Self.integer(digits),
        last == UInt8(ascii: "i") || digits.first != UInt8(ascii: "-")
      else { return nil }
      self = .value(value)
    } else if PlainNumber.isNumber(bytes) {
      self = .value(PlainNumber.integer(bytes).map(FieldValue.integer) ?? .decimal(bytes))
    } else if let boolean = Self.boolean(bytes) {
      self = .value(.boolean(boolean))
    } else {
      return nil
    }
  }

  /// The value of digits before the suffix of an integer; nil if they are none, or beyond 64 bits.
  private static func integer(_ digits: UnsafeRawBufferPointer) -> FieldValue? {
    if let value = PlainNumber.integer(digits) { return .integer(value) }
    guard digits.count <= 20, let value = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
    return .unsigned(value)
  }

  private static func boolean(_ bytes: UnsafeRawBufferPointer) -> Bool? {
    if bytes.equals("t") || bytes.equals("T") || bytes.equals("true") || bytes.equals("True")
      || bytes.equals("TRUE")
    {
      return true
    }
    if bytes.equals("f") || bytes.equals("F") || bytes.equals("false") || bytes.equals("False")
      || bytes.equals("FALSE")
    {
      return false
    }
    return nil
  }
}
