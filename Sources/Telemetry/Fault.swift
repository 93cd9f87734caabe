/// Exact faults of a message or of one field. Each has its own remedy; ``RejectionReason`` states the consequence.
/// Stored by number.
public enum Fault: UInt8, CaseIterable, Sendable {
  /// Unknown beyond the reason.
  case unspecified = 0

  // `ts`
  /// Seconds instead of milliseconds.
  case seconds = 1
  case microseconds
  case nanoseconds
  /// A time without an offset from UTC.
  case noZone
  /// A space instead of the `T` of RFC 3339.
  case spaceForT
  case notATime

  // Values
  /// A number in quotes.
  case textNumber
  /// A number instead of text.
  case number
  /// Any other wrong type.
  case wrongType
  case unknownWord
  /// A fraction or exponent instead of a whole number.
  case fraction
  case negative
  case outOfRange
  case empty
  case tooLong
  case tooMany
  /// An array with an element that is not text.
  case notTexts
  /// The field occurs twice.
  case duplicate
  /// The field is missing, and another key probably holds its value.
  case otherKey

  // The document
  /// `NaN` or `Infinity`, which are not JSON.
  case notFinite
  /// Text in GB 18030 (GBK), not UTF-8.
  case gb18030
  case utf16
  case notUTF8
  /// An array of messages instead of one message.
  case array
  /// Text in single quotes.
  case singleQuotes
  /// The document ends in the middle.
  case cutShort

  // The topic
  /// Not the number of levels of any source.
  case levels
  /// A level with an id has characters that are not allowed, or is too long.
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

/// Optional fields of a status message. A field that cannot be read is left out and noted; the rest of the message
/// counts.
public enum OptionalField: UInt8, CaseIterable, Sendable {
  case mode, sequence, boot, energy, good, total, alarms

  /// The key in the message.
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

/// Optional fields of one message that could not be read, each with its fault. A field takes eight bits, so that the
/// common case is one comparison with zero.
public struct FieldFaults: Equatable, Sendable {
  private var bits: UInt64 = 0

  /// None.
  public init() {}

  /// Whether every field that is present could be read.
  @inlinable public var isEmpty: Bool { raw == 0 }
  /// All faults as one number.
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
