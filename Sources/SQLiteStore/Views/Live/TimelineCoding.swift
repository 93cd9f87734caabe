import Journal
import Storage
import Telemetry

/// A timeline as bytes: six bytes with a bit for each field that is present, from the lowest on; then those fields, in
/// the order of ``Telemetry/Timeline/code(with:)``.
/// Integers are in base 128, signed ones zigzag; instants are milliseconds since the newest reading, which itself is
/// since 1970. Minutes are runs or bits, usually the shorter of the two, so that a page never outgrows one of
/// SQLite's: a sender that reports every five minutes has 288 runs. They are preceded by twice their length, plus one
/// for bits.
struct TimelineEncoder: TimelineCoder {
  private(set) var next: UnsafeMutableRawPointer
  private var present: UInt64 = 0
  private var part: UInt64 = 1
  private var base: Int64 = 0

  /// Bytes of `present`, of which 46 bits are used.
  static let presentBytes = 6

  /// Maximum size of a timeline: each part as the longest integer, rare parts with their length, and the minutes.
  static func maximumBytes(_ timeline: borrowing Timeline) -> Int {
    presentBytes + 46 * 10 + MeterCoding.maximumBytes + timeline.totals.minutes.maximumEncodedBytes
  }

  /// Writes `timeline` from `start` on, where as many bytes are free as it takes at most; returns where it ends.
  @inline(__always)
  static func encode(
    _ timeline: borrowing Timeline, at start: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var encoder = TimelineEncoder(next: start + presentBytes)
    var timeline = copy timeline
    timeline.code(with: &encoder)
    start.storeBytes(of: UInt32(truncatingIfNeeded: encoder.present).littleEndian, as: UInt32.self)
    (start + 4).storeBytes(
      of: UInt16(truncatingIfNeeded: encoder.present >> 32).littleEndian, as: UInt16.self)
    return encoder.next
  }

  private init(next: UnsafeMutableRawPointer) { self.next = next }

  @inline(__always)
  private mutating func note(_ isPresent: Bool) -> Bool {
    if isPresent { present |= part }
    part <<= 1
    return isPresent
  }

  @inline(__always)
  private mutating func append(_ value: Int64) {
    append(unsigned: UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63))
  }

  @inline(__always)
  private mutating func append(unsigned value: UInt64) {
    var rest = value
    while rest > 0x7F {
      append(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(byte: UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  private mutating func append(byte: UInt8) {
    next.storeBytes(of: byte, as: UInt8.self)
    next += 1
  }

  @inline(__always)
  mutating func newest(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) {
    guard note(instant != none) else { return }
    base = instant.milliseconds
    append(base)
  }

  @inline(__always)
  mutating func instant(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) {
    if note(instant != none) { append(instant.milliseconds &- base) }
  }

  @inline(__always)
  mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    integer(name, &value)
  }

  @inline(__always)
  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    if note(value != 0) { append(Int64(truncatingIfNeeded: value)) }
  }

  @inline(__always)
  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    if note(value != nil), let value { append(Int64(truncatingIfNeeded: value)) }
  }

  @inline(__always)
  mutating func sequence(_ name: StaticString, _ value: inout UInt64?) { integer(name, &value) }

  @inline(__always)
  mutating func digest(_ name: StaticString, _ value: inout UInt64) {
    if note(value != 0) { append(digest: value) }
  }

  @inline(__always)
  mutating func digest(_ name: StaticString, _ value: inout UInt64?) {
    if note(value != nil), let value { append(digest: value) }
  }

  @inline(__always)
  private mutating func append(digest: UInt64) {
    next.storeBytes(of: digest.littleEndian, as: UInt64.self)
    next += 8
  }

  @inline(__always)
  mutating func standing(_ standing: inout Timeline.Standing) {
    append(byte: standing.state.rawValue | standing.mode.rawValue << 4 | standing.vouching.rawValue << 6)
  }

  @inline(__always)
  mutating func day(_ name: StaticString, _ day: inout CalendarDay) {
    append(Int64(day.number))
  }

  @inline(__always)
  mutating func doubts(_ name: StaticString, of timeline: inout Timeline) {
    if note(timeline.meterMarks.contains(.doubtful)) {
      append(framed: MeterCoding.bytes(of: timeline.doubts))
    }
  }

  @inline(__always)
  mutating func odd(of totals: inout DayTotals) {
    if note(totals.isOdd) { append(framed: MeterCoding.bytes(of: totals.odd)) }
  }

  private mutating func append(framed bytes: [UInt8]) {
    append(unsigned: UInt64(bytes.count))
    for byte in bytes { append(byte: byte) }
  }

  @inline(__always)
  mutating func minutes(_ name: StaticString, _ minutes: inout MinuteSet) {
    guard note(!minutes.isEmpty) else { return }
    let bits = minutes.bitBytes
    guard bits >= minutes.runCount * 2 else {
      append(unsigned: UInt64(bits) << 1 | 1)
      minutes.writeBits(to: UnsafeMutableRawBufferPointer(start: next, count: bits))
      next += bits
      return
    }
    minutes.withEncoded { bytes in
      append(unsigned: UInt64(bytes.count) << 1)
      UnsafeMutableRawBufferPointer(start: next, count: bytes.count).copyMemory(from: bytes)
      next += bytes.count
    }
  }
}

/// Reads what a ``TimelineEncoder`` writes. Damaged bytes are input: what does not fit is `corrupt`.
struct TimelineDecoder: TimelineCoder {
  private var cursor: VarintCursor
  private var present: UInt64
  private var base: Int64 = 0
  private var isSound = true
  private let skipsMinutes: Bool

  /// The timeline in `range` of `bytes`, of which as many as ``VarintCursor/padding`` follow it.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, withoutMinutes: Bool
  ) throws(StoreError) -> Timeline {
    var decoder = try TimelineDecoder(bytes, range, skipsMinutes: withoutMinutes)
    var timeline = Timeline()
    timeline.code(with: &decoder)
    try decoder.cursor.check()
    guard decoder.isSound, decoder.cursor.isAtEnd, decoder.present == 0 else { throw VarintCursor.damage }
    return timeline
  }

  private init(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, skipsMinutes: Bool
  ) throws(StoreError) {
    self.skipsMinutes = skipsMinutes
    cursor = try VarintCursor(bytes, range)
    present = 0
    for byte in 0..<TimelineEncoder.presentBytes { present |= UInt64(cursor.byte()) << (8 * UInt64(byte)) }
    try cursor.check()
  }

  @inline(__always)
  private mutating func isPresent() -> Bool {
    defer { present >>= 1 }
    return present & 1 != 0
  }

  /// The next integer as a `Value`; one that does not fit is damage.
  @inline(__always)
  private mutating func value<Value: FixedWidthInteger>() -> Value {
    let stored = cursor.signed()
    let value = Value(truncatingIfNeeded: stored)
    if Int64(truncatingIfNeeded: value) != stored { isSound = false }
    return value
  }

  @inline(__always)
  mutating func newest(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) {
    guard isPresent() else { return }
    base = cursor.signed()
    instant = Timestamp(milliseconds: base)
  }

  @inline(__always)
  mutating func instant(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) {
    if isPresent() { instant = Timestamp(milliseconds: base &+ cursor.signed()) }
  }

  @inline(__always)
  mutating func amount<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    integer(name, &value)
  }

  @inline(__always)
  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value) {
    if isPresent() { value = self.value() }
  }

  @inline(__always)
  mutating func integer<Value: FixedWidthInteger>(_ name: StaticString, _ value: inout Value?) {
    if isPresent() { value = self.value() }
  }

  @inline(__always)
  mutating func sequence(_ name: StaticString, _ value: inout UInt64?) { integer(name, &value) }

  @inline(__always)
  mutating func digest(_ name: StaticString, _ value: inout UInt64) {
    if isPresent() { value = cursor.word() }
  }

  @inline(__always)
  mutating func digest(_ name: StaticString, _ value: inout UInt64?) {
    if isPresent() { value = cursor.word() }
  }

  @inline(__always)
  mutating func standing(_ standing: inout Timeline.Standing) {
    let byte = cursor.byte()
    if let state = EquipmentState(rawValue: byte & 15), let mode = OperatingMode(rawValue: byte >> 4 & 3) {
      standing = Timeline.Standing(
        state: state, mode: mode, vouching: Vouching.Past(rawValue: byte >> 6))
    } else {
      isSound = false
    }
  }

  @inline(__always)
  mutating func day(_ name: StaticString, _ day: inout CalendarDay) {
    day = CalendarDay(number: value())
  }

  mutating func doubts(_ name: StaticString, of timeline: inout Timeline) {
    guard isPresent() else { return }
    guard let bytes = try? cursor.framed(), let doubts = try? MeterCoding.doubts(Array(bytes)) else {
      isSound = false
      return
    }
    timeline.doubts = doubts
  }

  mutating func odd(of totals: inout DayTotals) {
    guard isPresent() else { return }
    guard let bytes = try? cursor.framed(), let odd = try? MeterCoding.oddities(Array(bytes)) else {
      isSound = false
      return
    }
    totals.odd = odd
  }

  mutating func minutes(_ name: StaticString, _ minutes: inout MinuteSet) {
    guard isPresent() else { return }
    let length = cursor.unsigned()
    guard let bytes = try? cursor.bytes(Int(clamping: length >> 1)) else {
      isSound = false
      return
    }
    guard !skipsMinutes else { return }
    guard let set = length & 1 == 0 ? MinuteSet(encoded: bytes) : MinuteSet(bits: bytes) else {
      isSound = false
      return
    }
    minutes = set
  }
}
