import CSimdjson
import Telemetry

/// Reads native status messages: JSON as defined in interface.md, "Native status message".
///
/// It owns a JSON parser with its memory, allocated once for the largest payload; decoding allocates nothing. Only
/// one thread can use it at a time, which ownership ensures.
///
/// `ts` and `state` make a reading. An optional field that cannot be read is left out and noted in ``faults``; the
/// other fields count. Reasons for refusal are checked in a fixed order, so that a message always has the same
/// reason: size; the document (valid JSON throughout, nesting, an object, no known key twice); the sender it names;
/// `ts`; `state`; and last the distance of event time from receipt. JSON `null` equals a missing field. Unknown
/// fields are ignored, but must be valid JSON. A byte order mark before the document and NULs after it are skipped.
public struct StatusDecoder: ~Copyable {
  /// Number of bytes that must be readable after a payload's end for it to be read without a copy. Their content does
  /// not matter.
  public static let padding = Int(CSIMDJSON_PADDING)

  /// Limits beyond which a message is refused.
  public let limits: DecodingLimits
  let reader: OpaquePointer
  let fields: UnsafeMutablePointer<CSimdjsonField>
  /// Optional fields of the last message that could not be read and were left out.
  public internal(set) var faults = FieldFaults()

  /// A decoder under `limits`. Throws ``OutOfMemory`` if its parser (about 15 times `limits.payload`) cannot be
  /// allocated.
  public init(limits: DecodingLimits = DecodingLimits()) throws(OutOfMemory) {
    let capacity = max(0, limits.payload)
    guard let reader = csimdjson_create(capacity, min(max(0, limits.nesting), capacity)) else {
      throw OutOfMemory(payload: limits.payload)
    }
    for key in StatusKey.allCases {
      let number = csimdjson_want(reader, key.name.utf8Start, key.name.utf8CodeUnitCount)
      precondition(number == key.rawValue, "the reader numbers keys as they are added")
    }
    self.limits = limits
    self.reader = reader
    fields = .allocate(capacity: StatusKey.allCases.count)
    fields.initialize(repeating: CSimdjsonField(), count: StatusKey.allCases.count)
  }

  deinit {
    fields.deallocate()
    csimdjson_destroy(reader)
  }

  /// The memory of the parser could not be allocated.
  public struct OutOfMemory: Error, Equatable, CustomStringConvertible {
    /// The payload limit, in bytes.
    public var payload: Int

    /// An error for a parser of payloads up to `payload` bytes.
    public init(payload: Int) { self.payload = payload }

    /// The sentence for the person who set the limit.
    public var description: String {
      "a JSON parser for payloads of \(payload) bytes cannot be allocated; lower limits.payload"
    }
  }

  /// Returns the reading in a payload received at `receivedAt` on a topic with names at `levels`.
  ///
  /// - Parameters:
  ///   - payload: the message's bytes.
  ///   - padded: whether ``padding`` bytes after the payload's end are readable, as in an arena with so many spare
  ///     bytes. If not, the payload is copied before it is parsed.
  ///   - topic: the topic that contains the levels.
  public mutating func decode(
    payload: UnsafeRawBufferPointer, padded: Bool = false, topic: UnsafeRawBufferPointer,
    levels: TopicLevels, receivedAt: Timestamp
  ) throws(Rejection) -> Reading {
    if payload.count > limits.payload { throw Rejection(.tooLarge) }
    faults = FieldFaults()
    try read(payload, padded: padded)
    try agree(.factory, with: levels.factory, of: topic)
    try agree(.workshop, with: levels.workshop, of: topic)
    try agree(.equipment, with: levels.equipment, of: topic)

    let time = try time(receivedAt)
    let state = try state()
    try limits.check(time, receivedAt: receivedAt)
    return Reading(
      time: time, received: receivedAt, state: state, mode: mode(), sequence: sequence(), boot: boot(),
      meters: Meters(energy: meter(.energy), good: meter(.good), total: meter(.total)), alarms: alarms())
  }

  /// Returns the alarms of a payload that was decoded before, ascending, without repetitions; empty if there are
  /// none.
  public mutating func alarms(in payload: UnsafeRawBufferPointer) -> [String] {
    guard (try? read(payload, padded: false)) != nil, self[.alarms].kind == CSIMDJSON_STRINGS,
      self[.alarms].length <= Self.mostAlarms
    else { return [] }
    var alarms: Set<String> = []
    let key = StatusKey.alarms.name
    withUnsafeMutablePointer(to: &alarms) { alarms in
      csimdjson_strings(reader, key.utf8Start, key.utf8CodeUnitCount, alarms) { context, text, length in
        let bytes = UnsafeBufferPointer(start: text, count: min(length, StatusDecoder.longestAlarm))
        context?.assumingMemoryBound(to: Set<String>.self).pointee.insert(
          String(decoding: bytes, as: UTF8.self))
        return true
      }
    }
    return alarms.sorted()
  }

  /// Maximum number of alarms in a message. A message with more counts without its alarms.
  public static let mostAlarms = 256
  /// Maximum number of bytes kept of an alarm code.
  public static let longestAlarm = 128

  // MARK: The document

  subscript(_ key: StatusKey) -> CSimdjsonField { fields[key.rawValue] }

  @inline(__always)
  mutating func read(_ payload: UnsafeRawBufferPointer, padded: Bool) throws(Rejection) {
    guard let bytes = payload.baseAddress else { throw Rejection(.malformed, "json", .empty) }
    let document = bytes.assumingMemoryBound(to: UInt8.self)
    let result = csimdjson_read(reader, document, payload.count, padded, fields)
    if result != CSIMDJSON_OK { try readAgain(payload, padded: padded, result) }
  }

  /// Parses a malformed payload again, without a byte order mark and NULs around the document.
  @inline(never)
  private mutating func readAgain(
    _ payload: UnsafeRawBufferPointer, padded: Bool, _ result: CSimdjsonResult
  ) throws(Rejection) {
    let document = payload.withoutMarks
    var result = result
    if result == CSIMDJSON_MALFORMED, document.count < payload.count, let bytes = document.baseAddress {
      result = csimdjson_read(
        reader, bytes.assumingMemoryBound(to: UInt8.self), document.count, padded, fields)
    }
    switch result {
    case CSIMDJSON_OK: return
    case CSIMDJSON_TOO_DEEP: throw Rejection(.malformed, "nesting")
    case CSIMDJSON_NOT_AN_OBJECT:
      throw Rejection(.malformed, "root", document.first == UInt8(ascii: "[") ? .array : .wrongType)
    case CSIMDJSON_TOO_LONG: throw Rejection(.tooLarge)
    case CSIMDJSON_DUPLICATE_KEY:
      guard let key = StatusKey(rawValue: Int(csimdjson_duplicate(reader))) else {
        throw Rejection(.malformed, "json")
      }
      throw key.rejection(.malformed, .duplicate)
    default: throw Rejection(.malformed, "json", DocumentFault.of(document))
    }
  }

  /// Refuses a payload that names another sender than the topic. A name that the topic lacks is not compared.
  @inline(__always)
  private func agree(
    _ key: StatusKey, with level: TopicRange, of topic: UnsafeRawBufferPointer
  ) throws(Rejection) {
    let field = self[key]
    if field.isMissing || level.isEmpty { return }
    if field.kind == CSIMDJSON_STRING, field.bytes.equals(level.bytes(in: topic)) { return }
    throw key.rejection(.identityMismatch, field.kind == CSIMDJSON_STRING ? .unspecified : field.fault)
  }

  // MARK: Required fields (inlined, so that each key is a constant: saves a tenth of the decoding time)

  /// `ts`: RFC 3339 with offset, or integer milliseconds UTC up to the year 9999.
  @inline(__always)
  private func time(_ receivedAt: Timestamp) throws(Rejection) -> Timestamp {
    let field = self[.time]
    if field.kind == CSIMDJSON_STRING, let time = Timestamp(rfc3339: field.bytes) { return time }
    if field.kind == CSIMDJSON_INTEGER, field.integer <= 253_402_300_799_999 {
      return Timestamp(milliseconds: Int64(field.integer))
    }
    throw timeRejection(field, receivedAt)
  }

  @inline(never)
  private func timeRejection(_ field: CSimdjsonField, _ receivedAt: Timestamp) -> Rejection {
    if field.isMissing {
      return StatusKey.time.rejection(.missingField, otherKey(for: field, among: TimeFault.otherKeys))
    }
    switch field.kind {
    case CSIMDJSON_STRING: return StatusKey.time.rejection(.invalidTimestamp, TimeFault.of(text: field.bytes))
    case CSIMDJSON_INTEGER:
      let number = Int64(bitPattern: field.integer)
      return StatusKey.time.rejection(
        .invalidTimestamp, number < 0 ? .negative : TimeUnit.of(number, near: receivedAt) ?? .outOfRange)
    case CSIMDJSON_DECIMAL:
      let unit = Double(String(decoding: field.bytes, as: UTF8.self)).flatMap { number in
        abs(number) < 9e18 ? TimeUnit.of(Int64(number), near: receivedAt) : nil
      }
      return StatusKey.time.rejection(.invalidTimestamp, unit ?? .fraction)
    default: return StatusKey.time.rejection(.invalidTimestamp, field.fault)
    }
  }

  /// Whether a missing field is present under another name. A field that is null counts as present.
  private func otherKey(for field: CSimdjsonField, among keys: [String]) -> Fault {
    field.kind != CSIMDJSON_NULL && hasKey(among: keys) ? .otherKey : .unspecified
  }

  @inline(__always)
  private func state() throws(Rejection) -> EquipmentState {
    let field = self[.state]
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
    return try stateOtherwise(field)
  }

  /// Reads a `state` written in another letter case.
  @inline(never)
  private func stateOtherwise(_ field: CSimdjsonField) throws(Rejection) -> EquipmentState {
    if field.isMissing {
      throw StatusKey.state.rejection(.missingField, otherKey(for: field, among: StateFault.otherKeys))
    }
    guard field.kind == CSIMDJSON_STRING else { throw StatusKey.state.rejection(.unknownState, field.fault) }
    let word = field.bytes.word
    if let state = EquipmentState.allCases.first(where: { $0.name == word }) { return state }
    throw StatusKey.state.rejection(.unknownState, word.isEmpty ? .empty : .unknownWord)
  }
}
