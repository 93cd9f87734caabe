import Telemetry

extension ReadingMap {
  /// Numbers of the fields that decide the state.
  var stateFields: [Int] {
    switch state {
    case .words(let words): [words.field]
    case .conditions(let conditions): conditions.fields.map(\.field)
    case .always: []
    }
  }

  /// Whether another map finds the state of the same fields by the same rule, so that values remembered for one have
  /// their meaning for the other.
  func hasSameStates(as other: ReadingMap) -> Bool {
    state == other.state && stateFields.map { fields[$0] } == other.stateFields.map { other.fields[$0] }
  }

  /// The number of the field with a name; nil if the map does not name it. The time of a reading has no name.
  @inline(__always)
  func field(named name: UnsafeRawBufferPointer) -> Int? {
    for index in fields.indices where index != time?.field && fields[index].utf8.count == name.count {
      if fields[index].utf8.elementsEqual(name) { return index }
    }
    return nil
  }

  /// Removes the values of fields that decide the state, given as bits, from a memory.
  func forget(_ bits: UInt64, in memory: inout ReadingMemory) {
    switch state {
    case .words: memory.state = nil
    case .conditions(let conditions):
      for place in conditions.fields.indices where bits & 1 << UInt64(conditions.fields[place].field) != 0 {
        memory.known &= ~(15 << (4 * UInt64(place)))
      }
    case .always: break
    }
  }
}

extension SparkplugMetric {
  /// The value, read by the datatype of its birth. Signed numbers are two's complement in unsigned fields.
  @inline(__always)
  func fieldValue(_ datatype: SparkplugDatatype?) -> FieldValue {
    if isNull { return .null }
    switch value {
    case .absent: return .null
    case .int(let number): return Self.number(UInt64(number), datatype)
    case .long(let number): return Self.number(number, datatype)
    case .float(let number): return .double(Double(number))
    case .double(let number): return .double(number)
    case .boolean(let value): return .boolean(value)
    case .string(let text): return .text(text)
    case .bytes, .dataSet, .template, .other: return .unreadable(.wrongType)
    }
  }

  @inline(__always)
  private static func number(_ number: UInt64, _ datatype: SparkplugDatatype?) -> FieldValue {
    switch datatype {
    case .int8: return .integer(Int64(Int8(truncatingIfNeeded: number)))
    case .int16: return .integer(Int64(Int16(truncatingIfNeeded: number)))
    case .int32: return .integer(Int64(Int32(truncatingIfNeeded: number)))
    case .int64: return .integer(Int64(bitPattern: number))
    case .boolean: return .boolean(number != 0)
    default: return Int64(exactly: number).map(FieldValue.integer) ?? .unsigned(number)
    }
  }
}
