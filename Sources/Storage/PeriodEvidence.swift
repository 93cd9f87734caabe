import Journal
import Telemetry

/// Evidence of one sender in a period, from which figures over time are computed.
///
/// It knows no register. Vouching is credited with the horizon minimum; a longer declared horizon, service,
/// calendars and observation are applied by the reader, from the stretches.
public struct PeriodEvidence {
  /// Totals of one local day.
  public struct Day: Equatable, Sendable {
    public var day: CalendarDay
    public var totals: DaySums
    /// Range of the day's minutes in the evidence; see ``PeriodEvidence/received(slots:among:isWhole:on:)``.
    var minutes: Range<Int>
    /// Slots counted before; nil where none were.
    var slots: SlotCounts?
  }

  /// An alarm that a reading carried when the one before it did not.
  public struct Alarm: Equatable, Sendable {
    /// Its code's number in ``PeriodEvidence/codes``.
    public var code: Int
    public var at: Timestamp

    @inlinable package init(code: Int, at: Timestamp) {
      self.code = code
      self.at = at
    }
  }

  /// A stretch of readings after which sequence numbers show messages to be missing.
  public struct SequenceGap: Equatable, Sendable {
    /// Event time of the last reading before it.
    public var last: Timestamp
    /// The offline that ends the vouching of `last`; nil when none does.
    public var cut: Timestamp?
    /// Event time of the reading that shows it.
    public var until: Timestamp

    /// A gap between the readings at `last` and `until`.
    public init(last: Timestamp, cut: Timestamp? = nil, until: Timestamp) {
      self.last = last
      self.cut = cut
      self.until = until
    }

    /// The unknown time: that for which `last` does not vouch under horizon T. Empty if `last`
    /// vouches up to the next reading.
    public func unvouched(horizon: Span) -> Range<Timestamp> {
      min(last + horizon, cut ?? .distantFuture, until)..<until
    }
  }

  public var key: EquipmentKey
  /// Event time of its first reading ever; nil when it never sent one.
  public var firstReading: Timestamp?
  /// Open sessions: ascending, disjoint, within the period.
  public var sessions: [Range<Timestamp>]
  /// When those sessions were heard, each from its beginning on; empty unless ``everVouchedBySession``.
  public var held = HeldTime()
  /// Days of the period on which a live online of it came; ascending.
  public var onlineDays: [CalendarDay]
  /// Whether a live online of it ever came up to the period's end.
  public var wasOnline: Bool
  /// Days of the period that have anything, ascending. The open day is credited up to the evidence's end.
  public private(set) var days: [Day] = []
  /// Minutes with a reading of all days, one after another, as ``MinuteRuns``.
  package private(set) var minutes: [UInt8] = []
  /// Resets of its meters that were confirmed within the period, ascending.
  public var meterResets: [MeterReset]
  /// Alarms raised within the period, ascending by time.
  public var alarms: [Alarm]
  /// Codes behind the alarms' numbers; the same for all evidence of one reading.
  public let codes: AlarmBook
  /// Gaps in the sequence numbers, as shown by readings up to the period's end; ascending. Gaps that end before the
  /// period are left out.
  public var gaps: [SequenceGap]
  /// Whether it ever sent energy, good pieces, all pieces up to the period's end.
  public var hasEnergy: Bool
  public var hasGood: Bool
  public var hasTotal: Bool
  /// Whether any of its readings ever vouched by a session: then days are known by their stretches only.
  public var everVouchedBySession = false
  /// Days whose energy is left out.
  public private(set) var daysLeftOut: [CalendarDay] = []
  /// Reads its values of the energy meter, for merging with those of other senders.
  public var energyTrace: EnergyTraceLookup?
  /// Reads the evidence of its clock before the period; nil if none was requested.
  public var earlierClocks: ClockLookup?

  /// Evidence of one sender.
  public init(
    key: EquipmentKey, firstReading: Timestamp? = nil, sessions: [Range<Timestamp>] = [],
    onlineDays: [CalendarDay] = [], days: [(day: CalendarDay, totals: DayTotals)] = [],
    meterResets: [MeterReset] = [],
    alarms: [Alarm] = [], codes: AlarmBook = AlarmBook(), gaps: [SequenceGap] = [], hasEnergy: Bool = false,
    hasGood: Bool = false, hasTotal: Bool = false
  ) {
    self.key = key
    self.firstReading = firstReading
    self.sessions = sessions
    self.onlineDays = onlineDays
    wasOnline = !sessions.isEmpty || !onlineDays.isEmpty
    self.meterResets = meterResets
    self.alarms = alarms
    self.codes = codes
    self.gaps = gaps
    self.hasEnergy = hasEnergy
    self.hasGood = hasGood
    self.hasTotal = hasTotal
    for day in days { append(day.totals, of: day.day) }
    finish()
  }

  /// Places in ``days`` of the days in `range`.
  public func places(of range: ClosedRange<CalendarDay>) -> Range<Int> {
    let first = place(of: range.lowerBound)
    return first..<max(first, place(of: range.upperBound + 1))
  }

  /// The place in ``days`` of the first that is not before `day`.
  private func place(of day: CalendarDay) -> Int {
    var (low, high) = (0, days.count)
    while low < high {
      let middle = (low + high) / 2
      if days[middle].day < day { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Of the slots `due` (ascending, disjoint) of `length` minutes from local midnight, how many have a reading
  /// in them on the day at place `index`. `isWhole` says that all slots of the day are due.
  public func received(
    slots length: Int, among due: @autoclosure () -> [Range<Int>], isWhole: Bool, on index: Int
  ) throws -> Int {
    if isWhole, let known = days[index].slots?.count(of: length) { return known }
    let range = days[index].minutes
    return try minutes.withUnsafeBytes { try MinuteRuns.count(slots: length, among: due(), in: $0, range) }
  }

  /// Calls `body` with the first and the last of neighbouring minutes with a reading, from local midnight, of the
  /// day at place `index`; ascending.
  public func forEachRun(on index: Int, _ body: (_ first: Int, _ last: Int) -> Void) throws {
    let range = days[index].minutes
    try minutes.withUnsafeBytes { try MinuteRuns.forEach(in: $0, range, body) }
  }

  /// Usual time from one reading to the next, from the minutes with a reading: the median of the times between
  /// them, to the minute. Up to two minutes it is computed from averages, without the times that are less than half
  /// or more than double the median; several readings a minute share the minute. Nil for fewer than ten such times.
  ///
  /// A horizon does not limit it, as it limits time that readings vouch for, and a machine that is switched off every
  /// night has it as on its working day.
  public func usualInterval(_ calendar: LocalCalendar) throws -> Span? {
    var counts: [Int: Int] = [:]
    var touched = 0
    var readings = 0
    var newest: Int?
    for index in days.indices where days[index].totals.readings > 0 {
      let midnight = Int(calendar.start(of: days[index].day).milliseconds / 60_000)
      readings += Int(days[index].totals.readings)
      try forEachRun(on: index) { first, last in
        if let newest { counts[midnight + first - newest, default: 0] += 1 }
        if last > first { counts[1, default: 0] += last - first }
        touched += last - first + 1
        newest = midnight + last
      }
    }
    let gaps = counts.values.reduce(0, +)
    guard gaps >= 10 else { return nil }
    var below = 0
    var median = 1
    for (minutes, count) in counts.sorted(by: { $0.key < $1.key }) where below * 2 < gaps {
      median = minutes
      below += count
    }
    guard median <= 2 else { return .minutes(Int64(median)) }
    if median == 1, readings > touched { return .milliseconds(Int64(touched) * 60_000 / Int64(readings)) }
    let usual = counts.filter { $0.key * 2 >= median && $0.key <= median * 2 }
    let minutes = usual.reduce(Int64(0)) { $0 + Int64($1.key * $1.value) }
    return .milliseconds(minutes * 60_000 / Int64(usual.values.reduce(0, +)))
  }

  /// Whether anything of it counts: a reading, or a live online.
  public var isHeard: Bool { firstReading != nil || wasOnline }

  /// On how many days of `days` a reading or a live online came.
  public func heardDays(in range: ClosedRange<CalendarDay>) -> Int {
    var count = 0
    var online = onlineDays[...]
    for day in days where range.contains(day.day) && day.totals.readings > 0 {
      count += 1
      while let first = online.first, first < day.day {
        if range.contains(first) { count += 1 }
        online.removeFirst()
      }
      if online.first == day.day { online.removeFirst() }
    }
    return count + online.count { range.contains($0) }
  }

  /// Leaves out the energy of a day. A fall that began before the day and is settled on it is no reset.
  public mutating func leaveOutEnergy(of day: CalendarDay, _ calendar: LocalCalendar) {
    guard let index = days.firstIndex(where: { $0.day == day }) else { return }
    daysLeftOut.append(day)
    days[index].totals.energy = 0
    let count = meterResets.count
    meterResets.removeAll {
      $0.meter == .energy && calendar.day(at: $0.at) == day && calendar.day(at: $0.lastAt ?? $0.fellAt) < day
    }
    days[index].totals.meterResets = max(
      0, days[index].totals.meterResets - Int32(clamping: count - meterResets.count))
  }

  // MARK: Filling

  /// Forgets everything, and keeps the memory for another sender.
  package mutating func begin(_ key: EquipmentKey, firstReading: Timestamp?) {
    self.key = key
    self.firstReading = firstReading
    sessions.removeAll(keepingCapacity: true)
    held.removeAll()
    onlineDays.removeAll(keepingCapacity: true)
    wasOnline = false
    days.removeAll(keepingCapacity: true)
    minutes.removeAll(keepingCapacity: true)
    meterResets.removeAll(keepingCapacity: true)
    alarms.removeAll(keepingCapacity: true)
    gaps.removeAll(keepingCapacity: true)
    (hasEnergy, hasGood, hasTotal) = (false, false, false)
    daysLeftOut.removeAll(keepingCapacity: true)
    everVouchedBySession = false
  }

  /// Adds a day after all there are.
  package mutating func append(_ totals: DayTotals, of day: CalendarDay) {
    let start = minutes.count
    MinuteRuns.append(totals.minutes, to: &minutes)
    append(DaySums(totals), of: day, minutes: start..<minutes.count)
  }

  /// Puts other totals in the place of the last day, where that is `day`; nil takes it away.
  package mutating func replace(_ day: CalendarDay, by totals: DayTotals?) {
    if days.last?.day == day { days.removeLast() }
    if let totals, !totals.isEmpty { append(totals, of: day) }
  }

  /// Adds a day after all there are, whose minutes are a row's.
  package mutating func append(
    _ totals: DaySums, of day: CalendarDay, row: UnsafeRawBufferPointer
  ) throws(StoreError) {
    let start = minutes.count
    try MinuteRuns.append(row: row, to: &minutes)
    append(totals, of: day, minutes: start..<minutes.count)
  }

  /// Adds a day after all there are, with its minutes as runs and some slots counted.
  @inline(__always)
  package mutating func append(
    _ totals: DaySums, of day: CalendarDay, runs: UnsafeRawBufferPointer, slots: SlotCounts
  ) {
    let start = minutes.count
    minutes.append(contentsOf: runs)
    append(totals, of: day, minutes: start..<minutes.count, slots: slots)
  }

  @inline(__always)
  private mutating func append(
    _ totals: DaySums, of day: CalendarDay, minutes: Range<Int>, slots: SlotCounts? = nil
  ) {
    days.append(Day(day: day, totals: totals, minutes: minutes, slots: slots))
  }

  /// To be called once every day was added.
  package mutating func finish() { minutes.appendPadding() }
}

/// Looks up the stretches of readings of the sender just lent that may vouch for an instant of a range: the
/// last that begins before it and all that begin in it, ascending, the open one included. No interval's
/// successor is left out, so that each stretch ends at the latest where the next begins.
public typealias StretchLookup = (Range<Timestamp>) throws -> [StateInterval]
