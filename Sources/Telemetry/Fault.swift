/// What exactly is wrong with a message, or with one field of it. Each has its own remedy; ``RejectionReason`` says
/// what follows from it. Stored by number.
public enum Fault: UInt8, CaseIterable, Sendable {
  /// Nothing finer is known than the reason.
  case unspecified = 0

  // `ts`
  /// A number of seconds where milliseconds belong.
  case seconds = 1
  case microseconds
  case nanoseconds
  /// A time without its offset from UTC.
  case noZone
  /// A space where RFC 3339 has a `T`.
  case spaceForT
  case notATime

  // Values
  /// A number in quotes.
  case textNumber
  /// A number where text belongs.
  case number
  /// Any other type than the field's.
  case wrongType
  case unknownWord
  /// A fraction or exponent where a whole number belongs.
  case fraction
  case negative
  case outOfRange
  case empty
  case tooLong
  case tooMany
  /// An array with something in it that is no text.
  case notTexts
  /// The field stands twice.
  case duplicate
  /// The field is missing, and another one seems to hold its value.
  case otherKey

  // The document
  /// `NaN` or `Infinity`, which JSON does not have.
  case notFinite
  /// Text in GB 18030 (GBK), not UTF-8.
  case gb18030
  case utf16
  case notUTF8
  /// An array of messages where one message belongs.
  case array
  /// Text in single quotes.
  case singleQuotes
  /// The document ends in the middle.
  case cutShort

  // The topic
  /// More or fewer levels than any source has.
  case levels
  /// A level that is to be an id has other characters, or is too long.
  case notAnID

  /// The word in tables and JSON.
  public var name: String {
    switch self {
    case .unspecified: "unspecified"
    case .seconds: "seconds"
    case .microseconds: "microseconds"
    case .nanoseconds: "nanoseconds"
    case .noZone: "no_zone"
    case .spaceForT: "space_for_t"
    case .notATime: "not_a_time"
    case .textNumber: "text_number"
    case .number: "number"
    case .wrongType: "wrong_type"
    case .unknownWord: "unknown_word"
    case .fraction: "fraction"
    case .negative: "negative"
    case .outOfRange: "out_of_range"
    case .empty: "empty"
    case .tooLong: "too_long"
    case .tooMany: "too_many"
    case .notTexts: "not_texts"
    case .duplicate: "duplicate"
    case .otherKey: "other_key"
    case .notFinite: "not_finite"
    case .gb18030: "gb18030"
    case .utf16: "utf16"
    case .notUTF8: "not_utf8"
    case .array: "array"
    case .singleQuotes: "single_quotes"
    case .cutShort: "cut_short"
    case .levels: "levels"
    case .notAnID: "not_an_id"
    }
  }
}

/// An optional field of a status message. One that cannot be read is left out and counted; the rest counts.
public enum OptionalField: UInt8, CaseIterable, Sendable {
  case mode, sequence, boot, energy, good, total, alarms

  /// As written in the message.
  public var name: String {
    switch self {
    case .mode: "mode"
    case .sequence: "seq"
    case .boot: "boot"
    case .energy: "energy_kwh"
    case .good: "good"
    case .total: "total"
    case .alarms: "alarms"
    }
  }
}

/// The optional fields of one message that could not be read, each with its fault: eight bits a field, so that the
/// common case is one comparison with zero.
public struct FieldFaults: Equatable, Sendable {
  private var bits: UInt64 = 0

  /// None.
  public init() {}

  /// Whether every field could be read, or was left out.
  @inlinable public var isEmpty: Bool { raw == 0 }
  /// All of them as one number.
  public var raw: UInt64 { bits }

  /// The fault of a field; nil when it has none.
  public subscript(field: OptionalField) -> Fault? {
    get {
      let fault = Fault(rawValue: UInt8(truncatingIfNeeded: bits >> (UInt64(field.rawValue) * 8)))
      return fault == .unspecified ? nil : fault
    }
    set {
      let shift = UInt64(field.rawValue) * 8
      bits = bits & ~(0xFF << shift) | UInt64(newValue?.rawValue ?? 0) << shift
    }
  }
}
