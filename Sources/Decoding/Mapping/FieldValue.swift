import Telemetry

/// The value of one field of a message, as a decoder found it. Text and numbers are views of the message's bytes and
/// are valid during the decoding of that message.
public enum FieldValue {
  /// Missing, or stated to be null.
  case null
  case boolean(Bool)
  case integer(Int64)
  /// An integer above `Int64.max`.
  case unsigned(UInt64)
  /// A number as written by RFC 8259, section 6, with a fraction or an exponent, or of any length.
  case decimal(UnsafeRawBufferPointer)
  /// A number of a binary format.
  case double(Double)
  /// Text in UTF-8.
  case text(UnsafeRawBufferPointer)
  /// Alarms that were counted before, with the digest of their texts; see ``AlarmDigest``.
  case alarms(AlarmDigest)
  /// A value of a kind that no field can have, such as an object.
  case unreadable(Fault)

  /// Whether there is no value.
  @inlinable public var isNull: Bool { if case .null = self { true } else { false } }

  /// The number or text that a plain text has: a number if it is written like one, else the text. For formats that do
  /// not distinguish them, such as one value per topic.
  public static func plain(_ text: UnsafeRawBufferPointer) -> FieldValue {
    if text.isEmpty { return .null }
    guard PlainNumber.isNumber(text) else { return .text(text) }
    return PlainNumber.integer(text).map(FieldValue.integer) ?? .decimal(text)
  }

  /// The whole number, if it is one; 1 and 0 for true and false. Text that is written like a number counts as one.
  var wholeNumber: Int64? {
    switch self {
    case .integer(let value): value
    case .boolean(let value): value ? 1 : 0
    case .double(let value): Int64(exactly: value)
    case .decimal(let text): PlainNumber.double(text).flatMap { Int64(exactly: $0) }
    case .text(let text):
      PlainNumber.isNumber(text)
        ? PlainNumber.integer(text) ?? PlainNumber.double(text).flatMap { Int64(exactly: $0) } : nil
    case .null, .unsigned, .alarms, .unreadable: nil
    }
  }

  /// The value in thousandths, rounded half up; nil if it is not a number from 0 to what Int64 can have.
  @inline(__always)
  var thousandths: Int64? {
    switch self {
    case .integer(let value):
      let (result, overflow) = value.multipliedReportingOverflow(by: 1000)
      return value < 0 || overflow ? nil : result
    case .decimal(let text): return Thousandths.parse(text)
    case .double(let value):
      let result = (value * 1000).rounded(.toNearestOrAwayFromZero)
      return result >= 0 ? Int64(exactly: result) : nil
    default: return nil
    }
  }

  /// The fault of a value that is not the required number.
  var numberFault: Fault {
    switch self {
    case .null: .unspecified
    case .boolean, .alarms: .wrongType
    case .integer(let value): value < 0 ? .negative : .outOfRange
    case .unsigned: .outOfRange
    case .decimal(let text): text.first == UInt8(ascii: "-") ? .negative : .outOfRange
    case .double(let value): value.isNaN ? .notFinite : value < 0 ? .negative : .outOfRange
    case .text(let text): PlainNumber.isNumber(text) ? .textNumber : text.isEmpty ? .empty : .wrongType
    case .unreadable(let fault): fault
    }
  }

  /// The value for reports, of at most 64 bytes, with text in quotes; nil for a value that has no short form.
  var excerpt: String? {
    switch self {
    case .null, .alarms, .unreadable: nil
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .double(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    case .decimal(let text): String(decoding: text.prefix(Self.longestExcerpt), as: UTF8.self)
    case .text(let text): "\"\(Self.beginning(of: text))\""
    }
  }

  private static let longestExcerpt = 64

  /// The first bytes of a text, so many that it has room between quotes, without a part of a character.
  private static func beginning(of text: UnsafeRawBufferPointer) -> String {
    var end = min(text.count, longestExcerpt - 2)
    while end < text.count, end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
    return String(decoding: text[..<end], as: UTF8.self)
  }

  /// The fault of a value that is none of the words of a map.
  var wordFault: Fault {
    switch self {
    case .text(let text): text.isEmpty ? .empty : .unknownWord
    case .alarms: .wrongType
    case .unreadable(let fault): fault
    default: .unknownWord
    }
  }
}

/// Numbers in text.
enum PlainNumber {
  /// Whether the text is a number by RFC 8259, section 6.
  static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = text.first, first == UInt8(ascii: "-") || first &- 0x30 <= 9 else { return false }
    var at = first == UInt8(ascii: "-") ? 1 : 0
    func digits() -> Int {
      let start = at
      while at < text.count, text[at] &- 0x30 <= 9 { at += 1 }
      return at - start
    }
    let start = at
    let whole = digits()
    guard whole > 0, whole == 1 || text[start] != UInt8(ascii: "0") else { return false }
    if at < text.count, text[at] == UInt8(ascii: ".") {
      at += 1
      guard digits() > 0 else { return false }
    }
    if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < text.count, text[at] == UInt8(ascii: "-") || text[at] == UInt8(ascii: "+") { at += 1 }
      guard digits() > 0 else { return false }
    }
    return at == text.count
  }

  /// The value of a number without fraction and exponent; nil if there is one, or it exceeds Int64.
  static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
    let isNegative = text.first == UInt8(ascii: "-")
    guard text.count > (isNegative ? 1 : 0), text.count <= 20 else { return nil }
    var value: Int64 = 0
    for at in (isNegative ? 1 : 0)..<text.count {
      let digit = text[at] &- 0x30
      guard digit <= 9 else { return nil }
      let (tenfold, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = tenfold.subtractingReportingOverflow(Int64(digit))
      if overflowed || carried { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }

  /// The nearest double. Slow: only for numbers with a fraction or an exponent where a word is expected.
  static func double(_ text: UnsafeRawBufferPointer) -> Double? {
    guard text.count <= 64, isNumber(text) else { return nil }
    return Double(String(decoding: text, as: UTF8.self))
  }
}

/// The alarms of a message: their number, and a digest of their texts that does not depend on their order.
public struct AlarmDigest: Equatable, Sendable {
  /// Number of alarms.
  public private(set) var count = 0
  /// Sum of the FNV-1a hashes of the texts.
  public private(set) var sum: UInt64 = 0

  /// No alarms.
  public init() {}

  /// Adds the alarm of a value: text or a number as written. Empty text, 0, false and null are no alarm. Returns the
  /// fault of a value that cannot be one.
  @inline(__always)
  public mutating func add(_ value: FieldValue) -> Fault? {
    switch value {
    case .null: return nil
    case .text(let text):
      if !Self.isNone(text) { add(text) }
      return nil
    default: return addNumber(value)
    }
  }

  @inline(never)
  private mutating func addNumber(_ value: FieldValue) -> Fault? {
    guard let text = Self.text(of: value) else { return nil }
    switch value {
    case .unreadable(let fault): return fault
    case .alarms: return .wrongType
    default:
      var text = text
      text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
      return nil
    }
  }

  @inline(__always)
  private static func isNone(_ text: UnsafeRawBufferPointer) -> Bool { text.isEmpty || text.equals("0") }

  private mutating func add(_ text: UnsafeRawBufferPointer) {
    count += 1
    sum = sum &+ text.fnv1a
  }

  /// The digest as readings have it: 0 for no alarms, and never 0 for some.
  public var value: UInt64 { count == 0 ? 0 : max(sum, 1) }

  /// The text of the alarm that a value states; nil for none.
  public static func text(of value: FieldValue) -> String? {
    switch value {
    case .null, .boolean(false), .integer(0), .double(0): nil
    case .boolean(true): "true"
    case .integer(let number): String(number)
    case .unsigned(let number): String(number)
    case .double(let number): Int64(exactly: number).map { String($0) } ?? "\(number)"
    case .decimal(let text):
      FieldValue.decimal(text).thousandths == 0 ? nil : String(decoding: text, as: UTF8.self)
    case .text(let text): isNone(text) ? nil : String(decoding: text, as: UTF8.self)
    case .alarms, .unreadable: ""
    }
  }
}
