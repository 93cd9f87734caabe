/// Writes, reads or lists the fields of a timeline with its open day one after another.
public protocol TimelineCoder: FieldCoder {
  /// Event time of the newest reading, the first field: the instant that all others lie near.
  mutating func newest(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) throws(Failure)
  /// Another instant; `none` where there is none.
  mutating func instant(_ name: StaticString, _ instant: inout Timestamp, none: Timestamp) throws(Failure)
  /// Eight bytes that follow no rule; 0 for none.
  mutating func digest(_ name: StaticString, _ value: inout UInt64) throws(Failure)
  /// Those that may not be there.
  mutating func digest(_ name: StaticString, _ value: inout UInt64?) throws(Failure)
  /// A count up to 2⁶⁴ − 1 that may not be there.
  mutating func sequence(_ name: StaticString, _ value: inout UInt64?) throws(Failure)
  /// The fields `state`, `mode` and `vouching`.
  mutating func standing(_ standing: inout Timeline.Standing) throws(Failure)
  /// The local day of the totals; the least of all where there is none.
  mutating func day(_ name: StaticString, _ day: inout CalendarDay) throws(Failure)
  /// Unsettled state of the meters, which is rare.
  mutating func doubts(_ name: StaticString, of timeline: inout Timeline) throws(Failure)
  /// Rare events of the meters on the day: the fields of ``MeterOddities``.
  mutating func odd(of totals: inout DayTotals) throws(Failure)
  /// Minutes of the day with a reading.
  mutating func minutes(_ name: StaticString, _ minutes: inout MinuteSet) throws(Failure)
}

extension DayTotals {
  /// Hands every field to `coder`, in the order in which they are kept.
  @inlinable @inline(__always)
  public mutating func code<Coder: TimelineCoder>(with coder: inout Coder) throws(Coder.Failure) {
    try numbers.code(with: &coder)
    try coder.odd(of: &self)
    try coder.minutes("minutes", &minutes)
  }
}

extension Timeline {
  /// State and mode for which the newest reading vouches, and how it vouches.
  public struct Standing: Equatable, Sendable {
    public var state: EquipmentState
    public var mode: OperatingMode
    public var vouching: Vouching.Past

    /// A standing.
    @inlinable public init(state: EquipmentState, mode: OperatingMode, vouching: Vouching.Past) {
      self.state = state
      self.mode = mode
      self.vouching = vouching
    }
  }

  /// Hands every field to `coder`, in the order in which they are kept: those of the open day last.
  @inlinable @inline(__always)
  public mutating func code<Coder: TimelineCoder>(with coder: inout Coder) throws(Coder.Failure) {
    try codeWithoutDay(with: &coder)
    try totals.code(with: &coder)
  }

  /// The same without the totals of the open day.
  @inlinable @inline(__always)
  public mutating func codeWithoutDay<Coder: TimelineCoder>(
    with coder: inout Coder
  ) throws(Coder.Failure) {
    try coder.newest("newest", &newest, none: .distantPast)
    try coder.instant("stretch_start", &stretchStart, none: .distantPast)
    try coder.instant("cut", &cut, none: .distantFuture)
    var standing = Standing(state: state, mode: mode, vouching: vouching)
    try coder.standing(&standing)
    (state, mode, vouching) = (standing.state, standing.mode, standing.vouching)
    try coder.sequence("sequence", &sequence)
    try coder.digest("boot", &boot)
    try coder.digest("previous_boot", &previousBoot)
    try coder.digest("alarms", &alarms)
    try coder.instant("last_offline", &lastOffline, none: .distantPast)
    try coder.instant("last_offline_received", &lastOfflineReceived, none: .distantPast)
    try coder.amount("offlines", &offlinesSinceNewest)
    try coder.instant("last_online", &lastOnline, none: .distantPast)
    try coder.instant("first_heard", &firstHeard, none: .distantFuture)
    try coder.instant("first_reading", &firstReading, none: .distantFuture)
    try coder.instant("newest_received", &newestReceived, none: .distantPast)
    try coder.integer("clock", &clock)
    try coder.amount("boot_steps", &sequenceSteps)
    try coder.amount("boot_leaps", &sequenceLeaps)
    try coder.integer("energy_meter", &meters.energy)
    try coder.integer("good_meter", &meters.good)
    try coder.integer("total_meter", &meters.total)
    try coder.instant("energy_at", &energyAt, none: .distantPast)
    // `doubtful` is not kept: it follows from the doubts.
    var marks = meterMarks.subtracting(.doubtful).rawValue
    try coder.amount("meter_marks", &marks)
    meterMarks = MeterMarks(rawValue: marks).intersection(.all).union(meterMarks.intersection(.doubtful))
    try coder.doubts("meter_doubts", of: &self)
    try coder.day("day", &day)
  }
}
