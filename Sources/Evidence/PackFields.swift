import Telemetry

/// Values whose fields a pack keeps as an object. ``code(with:)`` is their only list: what is written follows it, and what
/// is read. A field's name in the file is not its name in a store's tables.
protocol PackFields {
  /// A value to be read into: every field that may be left out has its value for that.
  static var blank: Self { get }

  /// Hands every field to `coder`. A writer leaves the fields as they are, a reader sets them.
  mutating func code<Coder: PackFieldCoder>(with coder: inout Coder) throws
}

/// Writes or reads fields of an object one after another.
protocol PackFieldCoder {
  /// A number of at least 0; left out if it is 0.
  mutating func amount<Value: FixedWidthInteger & Codable>(_ name: String, _ value: inout Value) throws
  /// A number of either sign; left out if it is 0.
  mutating func balance(_ name: String, _ value: inout Int64, _ bounds: ClosedRange<Int64>) throws
  /// A number; left out if there is none.
  mutating func number<Value: FixedWidthInteger & Codable>(
    _ name: String, _ value: inout Value?, _ bounds: ClosedRange<Value>) throws
  /// A number that is always there.
  mutating func number<Value: FixedWidthInteger & Codable>(
    _ name: String, _ value: inout Value, _ bounds: ClosedRange<Value>) throws
  mutating func flag(_ name: String, _ value: inout Bool) throws
  /// A text of at most ``PackBounds/textBytes``.
  mutating func text(_ name: String, _ value: inout String) throws
  /// A text; left out if it is empty.
  mutating func textIfAny(_ name: String, _ value: inout String) throws
  /// A truth value; left out if there is none.
  mutating func flag(_ name: String, _ value: inout Bool?) throws
  /// A value of a list, written as its word there; left out if there is none. A word that the list lacks is refused.
  mutating func word<Value: Equatable>(
    _ name: String, _ value: inout Value?, _ words: [(word: String, value: Value)]) throws
  /// An instant; left out if it is `none`.
  mutating func instant(_ name: String, _ value: inout Timestamp, none: Timestamp) throws
  /// An instant; left out if there is none.
  mutating func instant(_ name: String, _ value: inout Timestamp?) throws
  /// An instant that is always there.
  mutating func instant(_ name: String, _ value: inout Timestamp) throws
  /// A day; left out if there is none.
  mutating func day(_ name: String, _ value: inout CalendarDay?) throws
  /// 64 bits, as 16 hexadecimal digits; left out if there are none.
  mutating func digest(_ name: String, _ value: inout UInt64?) throws
  /// A value of a list, written as its word there. A word that the list lacks is refused.
  mutating func word<Value: Equatable>(
    _ name: String, _ value: inout Value, _ words: [(word: String, value: Value)]) throws
  /// The words of those options that are set, in their order; left out if none is.
  mutating func options<Value: OptionSet>(
    _ name: String, _ value: inout Value, _ words: [(word: String, value: Value)]) throws
  where Value.Element == Value
  /// Minutes of a day; left out if there are none.
  mutating func minutes(_ name: String, _ value: inout MinuteSet) throws
  /// Another object.
  mutating func object<Value: PackFields>(_ name: String, _ value: inout Value) throws
  /// Another object; left out if there is none.
  mutating func object<Value: PackFields>(_ name: String, _ value: inout Value?) throws
  /// Refuses what was read, naming a field, unless it holds. What is written is not checked.
  func require(_ holds: Bool, _ name: String) throws
}

/// Values as an object of a pack's JSON. It is read in two steps: the JSON, and then the fields within their bounds.
struct FieldsJSON<Value: PackFields>: Codable {
  private enum Content {
    case value(Value)
    case json(KeyedDecodingContainer<FieldName>)
  }

  private let content: Content

  init(_ value: Value) { content = .value(value) }

  init(from decoder: any Decoder) throws { content = .json(try decoder.container(keyedBy: FieldName.self)) }

  func encode(to encoder: any Encoder) throws {
    guard case .value(var value) = content else { return }
    var writer = PackFieldWriter(container: encoder.container(keyedBy: FieldName.self))
    try value.code(with: &writer)
  }

  /// The values. Errors name the file, the place in it and the field.
  func value(_ check: PackCheck) throws(EvidenceError) -> Value {
    switch content {
    case .value(let value): return value
    case .json(let container):
      var value = Value.blank
      var reader = PackFieldReader(container: container, check: check)
      do { try value.code(with: &reader) } catch let error as EvidenceError { throw error } catch {
        // Foundation has another error for a number beyond its type.
        let reason =
          error is DecodingError ? PackReading.reason(error) : "a number is too large for its field"
        throw EvidenceError(.doesNotHold, "\(check.file): is not what it must be: \(reason)")
      }
      return value
    }
  }
}

/// Any name of a field.
struct FieldName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
