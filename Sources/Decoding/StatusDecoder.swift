import CSimdjson
import Telemetry

/// Reads native status messages: JSON as interface.md's "Native status message" says.
///
/// It owns a JSON parser with all its memory, allocated once for the largest payload; decoding allocates
/// nothing. Not for more than one thread at a time, which ownership ensures.
///
/// What refuses a message is looked for in this order, so that a message has one reason however often it is
/// decoded: size; the document (valid JSON throughout, nesting, an object, no known key twice); who it names;
/// then field by field `ts`, `state`, `mode`, `seq`, `boot`, `energy_kwh`, `good`, `total`, `alarms`; last,
/// how far event time is from receipt. JSON `null` is the same as leaving the field out. Unknown fields are
/// ignored, but must be JSON like the rest.
public struct StatusDecoder: ~Copyable {
  /// Bytes that must be readable beyond a payload's end for it to be read without a copy; what they hold does
  /// not matter.
  public static let padding = Int(CSIMDJSON_PADDING)

  /// What this decoder refuses.
  public let limits: DecodingLimits
  private let reader: OpaquePointer
  private let fields: UnsafeMutablePointer<CSimdjsonField>

  /// A decoder under `limits`. Throws ``OutOfMemory`` when its parser (about 15 times `limits.payload`)
  /// cannot be allocated.
  public init(limits: DecodingLimits = DecodingLimits()) throws(OutOfMemory) {
    let capacity = max(0, limits.payload)
    guard let reader = csimdjson_create(capacity, min(max(0, limits.nesting), capacity)) else {
      throw OutOfMemory(payload: limits.payload)
    }
    for key in Key.allCases {
      let number = csimdjson_want(reader, key.name.utf8Start, key.name.utf8CodeUnitCount)
      precondition(number == key.rawValue, "the reader numbers keys as they are added")
    }
    self.limits = limits
    self.reader = reader
    fields = .allocate(capacity: Key.allCases.count)
    fields.initialize(repeating: CSimdjsonField(), count: Key.allCases.count)
  }

  deinit {
    fields.deallocate()
    csimdjson_destroy(reader)
  }

  /// The parser's memory could not be allocated.
  public struct OutOfMemory: Error, Equatable, CustomStringConvertible {
    /// The payload limit it was asked for, in bytes.
    public var payload: Int

    /// No memory for a parser of payloads up to `payload` bytes.
    public init(payload: Int) { self.payload = payload }

    /// The sentence for whoever set the limit.
    public var description: String {
      "a JSON parser for payloads of \(payload) bytes cannot be allocated; lower limits.payload"
    }
  }

  /// The reading in a payload received at `receivedAt` on a topic that `route` was found for.
  ///
  /// - Parameters:
  ///   - payload: The message's bytes.
  ///   - padded: Whether ``padding`` bytes beyond the payload's end are readable, as in an arena that ends
  ///     with as many spare bytes. If not, the payload is copied before it is parsed.
  ///   - topic: The topic in which `route`'s levels were found.
  public mutating func decode(
    payload: UnsafeRawBufferPointer, padded: Bool = false, topic: UnsafeRawBufferPointer, route: Route,
    receivedAt: Timestamp
  ) throws(Rejection) -> Reading {
    if payload.count > limits.payload { throw Rejection(.tooLarge) }
    try read(payload, padded: padded)
    try agree(.factory, with: route.levels.factory, of: topic)
    try agree(.workshop, with: route.levels.workshop, of: topic)
    try agree(.equipment, with: route.levels.equipment, of: topic)

    let time = try time()
    let reading = Reading(
      time: time, received: receivedAt, state: try state(), mode: try mode(), sequence: try sequence(),
      boot: try boot(),
      meters: Meters(energy: try meter(.energy), good: try meter(.good), total: try meter(.total)),
      alarms: try alarms())
    try limits.check(time, receivedAt: receivedAt)
    return reading
  }

  /// The alarms of a payload that was decoded before, ascending, each once; empty when it has none.
  public mutating func alarms(in payload: UnsafeRawBufferPointer) -> [String] {
    guard (try? read(payload, padded: false)) != nil, self[.alarms].kind == CSIMDJSON_STRINGS else {
      return []
    }
    let key = Key.alarms.name
    var alarms: Set<String> = []
    for index in 0..<self[.alarms].length {
      var text: UnsafePointer<UInt8>?
      var length = 0
      guard csimdjson_string(reader, key.utf8Start, key.utf8CodeUnitCount, index, &text, &length) else {
        break
      }
      alarms.insert(String(decoding: UnsafeBufferPointer(start: text, count: length), as: UTF8.self))
    }
    return alarms.sorted()
  }

  // MARK: The document

  private subscript(_ key: Key) -> CSimdjsonField { fields[key.rawValue] }

  @inline(__always)
  private mutating func read(_ payload: UnsafeRawBufferPointer, padded: Bool) throws(Rejection) {
    guard let bytes = payload.baseAddress else { throw Rejection(.malformed, "json") }
    let document = bytes.assumingMemoryBound(to: UInt8.self)
    switch csimdjson_read(reader, document, payload.count, padded, fields) {
    case CSIMDJSON_OK: return
    case CSIMDJSON_TOO_DEEP: throw Rejection(.malformed, "nesting")
    case CSIMDJSON_NOT_AN_OBJECT: throw Rejection(.malformed, "root")
    case CSIMDJSON_NUMBER_OUT_OF_RANGE: throw Rejection(.invalidNumber, "number")
    case CSIMDJSON_TOO_LONG: throw Rejection(.tooLarge)
    case CSIMDJSON_DUPLICATE_KEY:
      guard let key = Key(rawValue: Int(csimdjson_duplicate(reader))) else {
        throw Rejection(.malformed, "json")
      }
      throw key.rejection(.malformed)
    default: throw Rejection(.malformed, "json")
    }
  }

  /// Refuses a payload that names someone else than the topic. Where the topic names none, anything agrees.
  @inline(__always)
  private func agree(
    _ key: Key, with level: TopicRange, of topic: UnsafeRawBufferPointer
  ) throws(Rejection) {
    let field = self[key]
    if field.isMissing || level.isEmpty { return }
    guard field.kind == CSIMDJSON_STRING, field.bytes.equals(level.bytes(in: topic)) else {
      throw key.rejection(.identityMismatch)
    }
  }

  // MARK: Fields, inlined so that each key is a constant where it is read: a tenth of the whole cost

  /// `ts`: RFC 3339 with offset, or integer milliseconds UTC up to the year 9999.
  @inline(__always)
  private func time() throws(Rejection) -> Timestamp {
    let field = self[.time]
    switch field.kind {
    case CSIMDJSON_ABSENT, CSIMDJSON_NULL: throw Key.time.rejection(.missingField)
    case CSIMDJSON_STRING:
      if let time = Timestamp(rfc3339: field.bytes) { return time }
    case CSIMDJSON_INTEGER:
      if field.integer <= 253_402_300_799_999 { return Timestamp(milliseconds: Int64(field.integer)) }
    default: break
    }
    throw Key.time.rejection(.invalidTimestamp)
  }

  @inline(__always)
  private func state() throws(Rejection) -> EquipmentState {
    let field = self[.state]
    if field.isMissing { throw Key.state.rejection(.missingField) }
    if field.kind == CSIMDJSON_STRING {
      let word = field.bytes
      if word.equals("running") { return .running }
      if word.equals("idle") { return .idle }
      if word.equals("setup") { return .setup }
      if word.equals("stopped") { return .stopped }
      if word.equals("fault") { return .fault }
      if word.equals("maintenance") { return .maintenance }
      if word.equals("off") { return .off }
    }
    throw Key.state.rejection(.unknownState)
  }

  /// `mode`. A word that is none is refused like an unknown state: counting it as unstated would hide it.
  @inline(__always)
  private func mode() throws(Rejection) -> OperatingMode {
    let field = self[.mode]
    if field.isMissing { return .unstated }
    if field.kind == CSIMDJSON_STRING {
      if field.bytes.equals("automatic") { return .automatic }
      if field.bytes.equals("manual") { return .manual }
    }
    throw Key.mode.rejection(.unknownState)
  }

  /// `seq`: an integer from 0 to 2⁶⁴ − 1, written without fraction or exponent.
  @inline(__always)
  private func sequence() throws(Rejection) -> UInt64? {
    let field = self[.sequence]
    if field.isMissing { return nil }
    if field.kind == CSIMDJSON_UNSIGNED { return field.integer }
    if field.kind == CSIMDJSON_INTEGER, field.integer <= UInt64(Int64.max) { return field.integer }
    throw Key.sequence.rejection(.invalidNumber)
  }

  /// `boot`: 1 to 64 bytes of text, as its FNV-1a hash.
  @inline(__always)
  private func boot() throws(Rejection) -> UInt64? {
    let field = self[.boot]
    if field.isMissing { return nil }
    guard field.kind == CSIMDJSON_STRING, (1...64).contains(field.length) else {
      throw Key.boot.rejection(.malformed)
    }
    return field.bytes.fnv1a
  }

  /// `alarms`: an array of strings, as a digest that does not depend on their order; 0 for none.
  @inline(__always)
  private func alarms() throws(Rejection) -> UInt64 {
    let field = self[.alarms]
    switch field.kind {
    case CSIMDJSON_ABSENT, CSIMDJSON_NULL: return 0
    case CSIMDJSON_STRINGS: return field.length == 0 ? 0 : max(field.integer, 1)
    default: throw Key.alarms.rejection(.malformed)
    }
  }

  /// A meter in thousandths; see ``Thousandths/parse(_:)``.
  @inline(__always)
  private func meter(_ key: Key) throws(Rejection) -> Int64? {
    let field = self[key]
    switch field.kind {
    case CSIMDJSON_ABSENT, CSIMDJSON_NULL: return nil
    case CSIMDJSON_INTEGER:
      let (value, overflow) = Int64(bitPattern: field.integer).multipliedReportingOverflow(by: 1000)
      if value >= 0 && !overflow { return value }
    case CSIMDJSON_DECIMAL:
      if let value = Thousandths.parse(field.bytes) { return value }
    default: break
    }
    throw key.rejection(.invalidNumber)
  }
}

/// The keys of a native status message that mean something.
private enum Key: Int, CaseIterable {
  case time, state, mode, sequence, boot, energy, good, total, alarms, factory, workshop, equipment

  /// As written in the message.
  var name: StaticString {
    switch self {
    case .time: "ts"
    case .state: "state"
    case .mode: "mode"
    case .sequence: "seq"
    case .boot: "boot"
    case .energy: "energy_kwh"
    case .good: "good"
    case .total: "total"
    case .alarms: "alarms"
    case .factory: "factory"
    case .workshop: "workshop"
    case .equipment: "equipment"
    }
  }

  /// A rejection that this field decides.
  func rejection(_ reason: RejectionReason) -> Rejection { Rejection(reason, name) }
}

extension CSimdjsonField {
  /// Left out, or JSON `null`.
  fileprivate var isMissing: Bool { kind == CSIMDJSON_ABSENT || kind == CSIMDJSON_NULL }

  /// The text of a string or decimal.
  fileprivate var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: text, count: length) }
}
