import CSimdjson
import Telemetry

/// Reads the optional fields of a status message, inlined like the required ones. A field that cannot be read is left
/// out and noted.
extension StatusDecoder {
  @inline(never)
  private mutating func leaveOut(_ field: OptionalField, _ fault: Fault) { faults[field] = fault }

  @inline(__always)
  mutating func mode() -> OperatingMode {
    let field = self[.mode]
    if field.isMissing { return .unstated }
    if field.kind == CSIMDJSON_STRING {
      if field.bytes.equals("automatic") { return .automatic }
      if field.bytes.equals("manual") { return .manual }
    }
    return modeOtherwise(field)
  }

  /// Reads a `mode` written in another letter case; leaves out any other value.
  @inline(never)
  private mutating func modeOtherwise(_ field: CSimdjsonField) -> OperatingMode {
    guard field.kind == CSIMDJSON_STRING else {
      leaveOut(.mode, field.fault)
      return .unstated
    }
    let word = field.bytes.word
    if word == OperatingMode.automatic.name { return .automatic }
    if word == OperatingMode.manual.name { return .manual }
    leaveOut(.mode, word.isEmpty ? .empty : .unknownWord)
    return .unstated
  }

  /// `seq`: an integer from 0 to 2⁶⁴ − 1, without fraction or exponent.
  @inline(__always)
  mutating func sequence() -> UInt64? {
    let field = self[.sequence]
    if field.isMissing { return nil }
    if field.kind == CSIMDJSON_UNSIGNED { return field.integer }
    if field.kind == CSIMDJSON_INTEGER, field.integer <= UInt64(Int64.max) { return field.integer }
    leaveOut(.sequence, field.numberFault)
    return nil
  }

  /// `boot`: 1 to 64 bytes of text, as its FNV-1a hash.
  @inline(__always)
  mutating func boot() -> UInt64? {
    let field = self[.boot]
    if field.isMissing { return nil }
    if field.kind == CSIMDJSON_STRING, (1...64).contains(field.length) { return field.bytes.fnv1a }
    let isText = field.kind == CSIMDJSON_STRING
    leaveOut(.boot, isText ? (field.length == 0 ? .empty : .tooLong) : field.fault)
    return nil
  }

  /// `alarms`: an array of strings, as a digest that does not depend on their order; 0 for none.
  @inline(__always)
  mutating func alarms() -> UInt64 {
    let field = self[.alarms]
    if field.isMissing { return 0 }
    if field.kind == CSIMDJSON_STRINGS, field.length <= Self.mostAlarms {
      return field.length == 0 ? 0 : max(field.integer, 1)
    }
    leaveOut(
      .alarms,
      field.kind == CSIMDJSON_STRINGS ? .tooMany : field.kind == CSIMDJSON_ARRAY ? .notTexts : field.fault)
    return 0
  }

  /// A meter in thousandths; see ``Thousandths/parse(_:)``.
  @inline(__always)
  mutating func meter(_ meter: OptionalField) -> Int64? {
    let field = self[meter == .energy ? .energy : meter == .good ? .good : .total]
    switch field.kind {
    case CSIMDJSON_ABSENT, CSIMDJSON_NULL: return nil
    case CSIMDJSON_INTEGER:
      let (value, overflow) = Int64(bitPattern: field.integer).multipliedReportingOverflow(by: 1000)
      if value >= 0 && !overflow { return value }
    case CSIMDJSON_DECIMAL:
      if let value = Thousandths.parse(field.bytes) { return value }
    default: break
    }
    leaveOut(meter, field.numberFault)
    return nil
  }
}
