import Telemetry

/// Writes fields.
struct PackFieldWriter: PackFieldCoder {
  var container: KeyedEncodingContainer<FieldName>

  private mutating func write(_ name: String, _ value: (some Encodable)?) throws {
    try container.encodeIfPresent(value, forKey: FieldName(name))
  }

  mutating func amount<Value: FixedWidthInteger & Codable>(_ name: String, _ value: inout Value) throws {
    try write(name, value.unlessZero)
  }
  mutating func balance(_ name: String, _ value: inout Int64, _ bounds: ClosedRange<Int64>) throws {
    try write(name, value.unlessZero)
  }
  mutating func number<Value: FixedWidthInteger & Codable>(
    _ name: String, _ value: inout Value?, _ bounds: ClosedRange<Value>
  ) throws { try write(name, value) }
  mutating func number<Value: FixedWidthInteger & Codable>(
    _ name: String, _ value: inout Value, _ bounds: ClosedRange<Value>
  ) throws { try write(name, value) }
  mutating func flag(_ name: String, _ value: inout Bool) throws { try write(name, value) }
  mutating func text(_ name: String, _ value: inout String) throws { try write(name, value) }
  mutating func textIfAny(_ name: String, _ value: inout String) throws {
    try write(name, value.isEmpty ? nil : value)
  }
  mutating func flag(_ name: String, _ value: inout Bool?) throws { try write(name, value) }
  mutating func word<Value: Equatable>(
    _ name: String, _ value: inout Value?, _ words: [(word: String, value: Value)]
  ) throws {
    let known = value
    try write(name, words.first { $0.value == known }?.word)
  }
  mutating func instant(_ name: String, _ value: inout Timestamp, none: Timestamp) throws {
    try write(name, value.unless(none))
  }
  mutating func instant(_ name: String, _ value: inout Timestamp?) throws {
    try write(name, value?.milliseconds)
  }
  mutating func instant(_ name: String, _ value: inout Timestamp) throws {
    try write(name, value.milliseconds)
  }
  mutating func day(_ name: String, _ value: inout CalendarDay?) throws {
    try write(name, value?.description)
  }
  mutating func digest(_ name: String, _ value: inout UInt64?) throws { try write(name, value?.hexadecimal) }
  mutating func word<Value: Equatable>(
    _ name: String, _ value: inout Value, _ words: [(word: String, value: Value)]
  ) throws {
    let word = words.first { $0.value == value }?.word
    try write(name, word ?? "")
  }
  mutating func options<Value: OptionSet>(
    _ name: String, _ value: inout Value, _ words: [(word: String, value: Value)]
  ) throws where Value.Element == Value {
    let set = value
    try write(name, words.filter { set.contains($0.value) }.map(\.word).unlessEmpty)
  }
  mutating func minutes(_ name: String, _ value: inout MinuteSet) throws {
    try write(name, MinuteText.text(value))
  }
  mutating func object<Value: PackFields>(_ name: String, _ value: inout Value) throws {
    try write(name, FieldsJSON(value))
  }
  mutating func object<Value: PackFields>(_ name: String, _ value: inout Value?) throws {
    try write(name, value.map { FieldsJSON($0) })
  }
  func require(_ holds: Bool, _ name: String) {}
}

/// Reads fields, each within its bounds.
struct PackFieldReader: PackFieldCoder {
  let container: KeyedDecodingContainer<FieldName>
  let check: PackCheck

  /// The value of a field; nil if it is left out.
  private func found<Value: Decodable>(_ name: String) throws -> Value? {
    try container.decodeIfPresent(Value.self, forKey: FieldName(name))
  }

  /// The value of a field that is always there.
  private func stated<Value: Decodable>(_ name: String) throws -> Value {
    try container.decode(Value.self, forKey: FieldName(name))
  }

  mutating func amount<Value: FixedWidthInteger & Codable>(_ name: String, _ value: inout Value) throws {
    value = try check.amount(found(name), name)
  }
  mutating func balance(_ name: String, _ value: inout Int64, _ bounds: ClosedRange<Int64>) throws {
    value = try check.number(check.balance(found(name), name), bounds, name)
  }
  mutating func number<Value: FixedWidthInteger & Codable>(
    _ name: String, _ value: inout Value?, _ bounds: ClosedRange<Value>
  ) throws {
    let number: Value? = try found(name)
    value = try number.map { try check.number($0, bounds, name) }
  }
  mutating func number<Value: FixedWidthInteger & Codable>(
    _ name: String, _ value: inout Value, _ bounds: ClosedRange<Value>
  ) throws { value = try check.number(stated(name), bounds, name) }
  mutating func flag(_ name: String, _ value: inout Bool) throws { value = try stated(name) }
  mutating func text(_ name: String, _ value: inout String) throws {
    value = try check.text(stated(name), name)
  }
  mutating func textIfAny(_ name: String, _ value: inout String) throws {
    value = try check.text(found(name) ?? "", name)
  }
  mutating func flag(_ name: String, _ value: inout Bool?) throws { value = try found(name) }
  mutating func word<Value: Equatable>(
    _ name: String, _ value: inout Value?, _ words: [(word: String, value: Value)]
  ) throws {
    let text: String? = try found(name)
    value = try text.map { text in
      guard let known = words.first(where: { $0.word == text }) else { throw check.misfit(name) }
      return known.value
    }
  }
  mutating func instant(_ name: String, _ value: inout Timestamp, none: Timestamp) throws {
    value = try check.instant(found(name), else: none, name)
  }
  mutating func instant(_ name: String, _ value: inout Timestamp?) throws {
    let milliseconds: Int64? = try found(name)
    value = try milliseconds.map { try check.instant($0, name) }
  }
  mutating func instant(_ name: String, _ value: inout Timestamp) throws {
    let milliseconds: Int64 = try stated(name)
    value = try check.instant(milliseconds, name)
  }
  mutating func day(_ name: String, _ value: inout CalendarDay?) throws {
    let text: String? = try found(name)
    value = try check.day(text, name)
  }
  mutating func digest(_ name: String, _ value: inout UInt64?) throws {
    let text: String? = try found(name)
    value = try text.map { try check.word($0, name) }
  }
  mutating func word<Value: Equatable>(
    _ name: String, _ value: inout Value, _ words: [(word: String, value: Value)]
  ) throws {
    let text: String = try stated(name)
    guard let known = words.first(where: { $0.word == text }) else { throw check.misfit(name) }
    value = known.value
  }
  mutating func options<Value: OptionSet>(
    _ name: String, _ value: inout Value, _ words: [(word: String, value: Value)]
  ) throws where Value.Element == Value {
    value = []
    for text in try check.list(found(name) as [String]?, most: words.count, name) {
      guard let known = words.first(where: { $0.word == text }) else { throw check.misfit(name) }
      value.insert(known.value)
    }
  }
  mutating func minutes(_ name: String, _ value: inout MinuteSet) throws {
    guard let minutes = MinuteText.minutes(try found(name)) else { throw check.misfit(name) }
    value = minutes
  }
  mutating func object<Value: PackFields>(_ name: String, _ value: inout Value) throws {
    value = try (stated(name) as FieldsJSON<Value>).value(check)
  }
  mutating func object<Value: PackFields>(_ name: String, _ value: inout Value?) throws {
    let fields: FieldsJSON<Value>? = try found(name)
    value = try fields.map { try $0.value(check) }
  }
  func require(_ holds: Bool, _ name: String) throws { try check.require(holds, name) }
}
