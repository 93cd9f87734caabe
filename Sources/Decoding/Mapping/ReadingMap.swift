import Telemetry

/// How the fields of a source's messages become a reading: which field states time, state, mode, counters, alarms and
/// quality, and the meaning of its values.
///
/// A field is identified by text that only the format understands: a JSON pointer, a metric's name, a topic level, a
/// column. A decoder finds the number of each of its fields once (``fields``), fills a ``FieldValue`` for each, and
/// asks for the reading.
public struct ReadingMap: Equatable, Sendable {
  /// The field with the time, and how it is written.
  struct Time: Equatable, Sendable {
    var field: Int
    var rule: TimeRule
    /// Whether a reading without the field has the time of its receipt.
    var isOptional = false
  }

  /// A field whose values are words.
  struct Words<Meaning: Equatable & Sendable>: Equatable, Sendable {
    var field: Int
    var list = WordList()
    /// By place of the word.
    var meanings: [Meaning] = []
    /// The meaning of any other value; nil if it has none.
    var otherwise: Meaning?
  }

  /// A counter's field. Its value is multiplied by `factor` and divided by `divisor`, both in millionths.
  struct Counter: Equatable, Sendable {
    var field: Int
    var factor: Int64
    /// The unit of an energy: a kilowatt-hour in this unit.
    var divisor = one
    static let one: Int64 = 1_000_000
    /// Units of energy with their divisors.
    static let energyUnits: [(word: String, value: Int64)] = [
      ("kWh", one), ("Wh", one * 1000), ("MWh", one / 1000), ("Ws", one * 3_600_000), ("J", one * 3_600_000),
      ("kJ", one * 3600), ("MJ", one * 36 / 10),
    ]
  }

  /// The rule for the state.
  enum StateRule: Equatable, Sendable {
    case words(Words<EquipmentState>)
    case conditions(StateConditions)
    /// No field: every reading has this state.
    case always(EquipmentState)
  }

  /// The identifiers of all fields, each once; a field's number is its place.
  public internal(set) var fields: [String] = []
  /// nil: the time of a reading is its receipt.
  var time: Time?
  var state: StateRule
  var mode: Words<OperatingMode>?
  var energy: Counter?
  var good: Counter?
  var total: Counter?
  /// Number of the field with alarms; nil if there is none. Its value may be a list (``FieldValue/alarms(_:)``).
  public internal(set) var alarms: Int?
  /// Values that say that a reading is good.
  var quality: Words<Bool>?
  /// How a reading vouches for its state.
  public internal(set) var vouching = Vouching.horizon
  /// Whether a message has changed fields only. Then earlier values are kept (``ReadingMemory``).
  public internal(set) var isByException = false

  /// Maximum number of fields.
  public static let mostFields = 64

  /// Whether messages can state the time of their readings. If not, it is their receipt.
  public var isTimed: Bool { time != nil }

  /// Whether values state the time of their reading. If not, it is the receipt.
  @inline(__always)
  public func isTimed(_ values: UnsafeMutableBufferPointer<FieldValue>) -> Bool {
    guard let time else { return false }
    return !time.isOptional || !values[time.field].isNull
  }

  /// A map that gives every reading the same state.
  init(always state: EquipmentState) { self.state = .always(state) }

  /// The identifier of the field that gives an optional field; the key of the native status message if there is none.
  public func path(of field: OptionalField) -> String {
    let number: Int? =
      switch field {
      case .mode: mode?.field
      case .energy: energy?.field
      case .good: good?.field
      case .total: total?.field
      case .alarms: alarms
      case .sequence, .boot: nil
      }
    return number.map { fields[$0] } ?? field.name
  }

  /// Number of fields of the map itself; a format may have added others after them (``field(_:)``).
  var ownFields = 0

  /// Returns the number of a field. A field that is new is added. A format calls this after the map was read, for the
  /// fields that only the format itself needs.
  public mutating func field(_ name: String) -> Int {
    if let place = fields.firstIndex(of: name) { return place }
    fields.append(name)
    return fields.count - 1
  }
}

/// An ordered list of conditions over fields: the first that holds decides the state.
///
/// Each value is reduced to four bits: 0 for missing, 1 to 14 for a word that the conditions name for the field, 15
/// for any other value. So the last values of up to 16 fields take eight bytes (``ReadingMemory``).
struct StateConditions: Equatable, Sendable {
  struct Field: Equatable, Sendable {
    var field: Int
    var words = WordList()
    /// Whether a condition says what a missing field means.
    var mayBeMissing = false
  }

  struct Test: Equatable, Sendable {
    /// Place in `fields`.
    var place: Int
    /// Bits of the values with which it holds.
    var values: UInt16
  }

  struct Condition: Equatable, Sendable {
    /// All of them must hold; empty for a condition that always holds.
    var tests: [Test]
    var state: EquipmentState
  }

  var fields: [Field] = []
  var conditions: [Condition] = []

  static let mostFields = 16
  static let mostWords = 14
  static let mostConditions = 64
  private static let other: UInt64 = 15

  /// The values in `values` replace those in `known`; missing ones stay. Returns a field whose value cannot be read;
  /// nil if there is none.
  @inline(__always)
  func note(_ values: UnsafeMutableBufferPointer<FieldValue>, in known: inout UInt64) -> Int? {
    for place in fields.indices {
      let value = values[fields[place].field]
      if value.isNull { continue }
      if case .unreadable = value { return fields[place].field }
      let bits = fields[place].words.place(of: value).map { UInt64($0 + 1) } ?? Self.other
      known = known & ~(15 << (4 * UInt64(place))) | bits << (4 * UInt64(place))
    }
    return nil
  }

  /// The result of evaluating the conditions.
  enum Result: Equatable {
    case state(EquipmentState)
    /// A condition that may decide needs this field, which is missing.
    case missing(field: Int)
    /// No condition holds.
    case none
  }

  @inline(__always)
  func state(of known: UInt64) -> Result {
    for condition in conditions {
      var missing: Int?
      var isFalse = false
      for test in condition.tests {
        let value = UInt16(truncatingIfNeeded: known >> (4 * UInt64(test.place))) & 15
        if value == 0, !fields[test.place].mayBeMissing {
          missing = missing ?? fields[test.place].field
        } else if test.values & (1 << value) == 0 {
          isFalse = true
          break
        }
      }
      if isFalse { continue }
      if let missing { return .missing(field: missing) }
      return .state(condition.state)
    }
    return .none
  }
}
