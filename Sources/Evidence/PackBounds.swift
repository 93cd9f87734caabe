import Journal
import Telemetry

/// Bounds of what a pack may state. They are checked before a number or a size is used, so that a pack that states
/// more is refused with a sentence, in little time and memory.
package enum PackBounds {
  /// Maximum size of an archive, whose fields have 32 bits.
  package static let archiveBytes = 2 << 30
  /// Maximum number of files in a pack.
  package static let files = 20_200
  /// Maximum number of closed days with records.
  package static let recordDays = 20_000
  /// Maximum length of the period in days.
  package static let periodDays = 3660
  package static let policies = 100
  /// Maximum length of a text in a JSON file, in UTF-8 bytes.
  package static let textBytes = 1 << 16
  /// Maximum length of a source's settings, in UTF-8 bytes.
  package static let sourceBytes = 1 << 20
  /// Maximum number of imports of each kind.
  package static let imports = 100_000
  /// Maximum number of equipment rows or calendar entries in one import.
  package static let rows = 100_000
  /// Maximum number of senders in the opening state, and of rows of each kind that a sender has.
  package static let senders = 100_000
  package static let rowsOfSender = 1000
  /// Maximum number of groups of refused messages, and of connections, in the opening state.
  package static let refusals = 1_000_000
  /// Maximum number of messages in one count: a million counts add up without overflow.
  package static let messages = 1 << 40
  /// Maximum number of a block, of a connection, or of dropped messages.
  package static let number: Int64 = 1 << 48
  /// Maximum size of unpacked records, as a multiple of their packed size.
  package static let expansion = 4000
  /// Differences of two instants, in milliseconds.
  package static let clocks: ClosedRange<Int64> = -(1 << 50)...1 << 50
  /// Maximum nesting of a report's JSON.
  package static let depth = 64

  /// Maximum size of a file in bytes.
  package static func bytes(of name: String) -> Int {
    switch name {
    case "README.txt", "settings.json": 1 << 20
    case "manifest.json": 4 << 20
    case "report.json", "roots.json": 64 << 20
    case "register.json", "chain.json", "opening.json": 128 << 20
    default: name.hasPrefix("policies/") ? 256 << 10 : archiveBytes
    }
  }
}

/// Checks values read from a JSON file of a pack. The errors name the file, the place in it, and the field.
struct PackCheck {
  let file: String
  /// The place in the file, for errors.
  var place = ""

  /// The same check at another place of the file.
  func at(_ place: String) -> PackCheck { PackCheck(file: file, place: place) }

  /// The error for a field.
  func misfit(_ field: String) -> EvidenceError {
    EvidenceError(
      .doesNotHold, "\(file): \(place.isEmpty ? "" : "\(place): ")\(field) is not what it can be")
  }

  func require(_ holds: Bool, _ field: String) throws(EvidenceError) {
    guard holds else { throw misfit(field) }
  }

  /// A list of at most `most` elements; nil is an empty one.
  func list<Element>(_ list: [Element]?, most: Int, _ field: String) throws(EvidenceError) -> [Element] {
    guard let list else { return [] }
    try require(!list.isEmpty && list.count <= most, field)
    return list
  }

  func text(_ text: String, _ field: String) throws(EvidenceError) -> String {
    try require(text.utf8.count <= PackBounds.textBytes, field)
    return text
  }

  /// An id of a factory or an equipment.
  func id(_ text: String, _ field: String) throws(EvidenceError) -> String {
    try require(EquipmentKey.isID(text.utf8), field)
    return text
  }

  func instant(_ milliseconds: Int64, _ field: String) throws(EvidenceError) -> Timestamp {
    guard let instant = Timestamp(stored: milliseconds) else { throw misfit(field) }
    return instant
  }

  func instant(_ milliseconds: Int64?, else none: Timestamp, _ field: String) throws(EvidenceError)
    -> Timestamp
  {
    guard let milliseconds else { return none }
    return try instant(milliseconds, field)
  }

  func day(_ text: String, _ field: String) throws(EvidenceError) -> CalendarDay {
    guard text.utf8.count == 10, let day = CalendarDay(text) else { throw misfit(field) }
    return day
  }

  func day(_ text: String?, _ field: String) throws(EvidenceError) -> CalendarDay? {
    guard let text else { return nil }
    return try day(text, field) as CalendarDay
  }

  /// A number within bounds.
  func number<Value: FixedWidthInteger>(
    _ value: Value, _ bounds: ClosedRange<Value>, _ field: String
  ) throws(EvidenceError) -> Value {
    try require(bounds.contains(value), field)
    return value
  }

  /// A number that is at least 0, and left out if it is 0.
  func amount<Value: FixedWidthInteger>(_ value: Value?, _ field: String) throws(EvidenceError) -> Value {
    guard let value else { return 0 }
    try require(value > 0, field)
    return value
  }

  /// A number that may be negative, and is left out if it is 0.
  func balance(_ value: Int64?, _ field: String) throws(EvidenceError) -> Int64 {
    try require(value != 0, field)
    return value ?? 0
  }

  func digest(_ text: String, _ field: String) throws(EvidenceError) -> SHA256Digest {
    guard text.utf8.count == 64, let digest = SHA256Digest(hexadecimal: text) else { throw misfit(field) }
    return digest
  }

  /// A digest of 64 bits, as 16 hexadecimal digits.
  func word(_ text: String, _ field: String) throws(EvidenceError) -> UInt64 {
    guard text.utf8.count == 16, text.allSatisfy(\.isHexDigit), let word = UInt64(text, radix: 16) else {
      throw misfit(field)
    }
    return word
  }

  /// One of the values of an enumeration, by its word.
  func named<Value>(
    _ word: String, _ values: [String: Value], _ field: String
  ) throws(EvidenceError) -> Value {
    guard let value = values[word] else { throw misfit(field) }
    return value
  }
}

extension UInt64 {
  /// 16 hexadecimal digits.
  var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension FixedWidthInteger {
  /// nil for 0, which files leave out.
  var unlessZero: Self? { self == 0 ? nil : self }
}

extension Timestamp {
  /// Milliseconds; nil for the instant that stands for none.
  func unless(_ none: Timestamp) -> Int64? { self == none ? nil : milliseconds }
}

extension Array {
  /// nil for an empty array, which files leave out.
  var unlessEmpty: [Element]? { isEmpty ? nil : self }
}
