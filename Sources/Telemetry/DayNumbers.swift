/// Sums of one equipment on one local day that are plain numbers.
///
/// ``code(with:)`` is the only list of them: what is written, read, named or added up of a day follows it. A field that
/// is declared and not listed there fails a test, which compares the list with the stored properties.
///
/// Times are milliseconds vouched for by readings with the horizon minimum; a longer declared horizon, and vouching by a
/// session, are applied by whoever reads, from the gaps that the stretches keep.
public struct DayNumbers: Equatable, Sendable {
  /// Milliseconds by state.
  public var states = InlineStates()
  /// Milliseconds running in automatic and in manual mode.
  public var automaticRunning: Int32 = 0
  public var manualRunning: Int32 = 0
  /// Meter deltas in thousandths.
  public var energy: Int64 = 0
  public var good: Int64 = 0
  public var total: Int64 = 0
  /// Distinct readings.
  public var readings: Int32 = 0
  /// Messages that sequence numbers show to be missing.
  public var missing: Int32 = 0
  /// Meters that fell, stayed below and were given a new baseline.
  public var meterResets: Int32 = 0
  /// Readings beyond the first at one event time.
  public var ties: Int32 = 0
  /// Times a boot came back after another had been heard: two senders under one key.
  public var bootReturns: Int32 = 0
  /// Live readings: received at the pace at which they were made. The clock is judged by them.
  public var live: Int32 = 0
  /// Readings received more than an hour late.
  public var late: Int32 = 0
  /// Steps of sequence numbers over 1 that are no loss, since the counter is not the sender's own.
  public var sequenceJumps: Int32 = 0
  private var skewValue = Self.noSkew

  /// The least difference receipt − event time of the live readings, in milliseconds. Delays only add to it, so it is
  /// the best estimate of how far the sender's clock is behind. nil without a live reading.
  public var skew: Int64? {
    get { skewValue == Self.noSkew ? nil : skewValue }
    set { skewValue = newValue ?? Self.noSkew }
  }
  /// No two instants are as far apart.
  private static let noSkew = Int64.min

  /// Nothing yet.
  public init() {}

  /// Hands every number to `coder`, in the order in which they are kept, each with its name.
  @inlinable @inline(__always)
  public mutating func code<Coder: FieldCoder>(with coder: inout Coder) throws(Coder.Failure) {
    try coder.amount("running", &states[.running])
    try coder.amount("idle", &states[.idle])
    try coder.amount("setup", &states[.setup])
    try coder.amount("stopped", &states[.stopped])
    try coder.amount("fault", &states[.fault])
    try coder.amount("maintenance", &states[.maintenance])
    try coder.amount("off", &states[.off])
    try coder.amount("automatic_running", &automaticRunning)
    try coder.amount("manual_running", &manualRunning)
    try coder.amount("energy", &energy)
    try coder.amount("good", &good)
    try coder.amount("total", &total)
    try coder.amount("readings", &readings)
    try coder.amount("missing", &missing)
    try coder.amount("meter_resets", &meterResets)
    try coder.amount("ties", &ties)
    try coder.amount("boot_returns", &bootReturns)
    try coder.integer("skew", &skew)
    try coder.amount("live_readings", &live)
    try coder.amount("late_readings", &late)
    try coder.amount("sequence_jumps", &sequenceJumps)
  }
}

extension MeterOddities {
  /// Hands every number to `coder`, in the order in which they are kept, each with its name.
  @inlinable @inline(__always)
  public mutating func code<Coder: FieldCoder>(with coder: inout Coder) throws(Coder.Failure) {
    try coder.amount("glitches", &glitches)
    try coder.amount("good_above_total", &goodAboveTotal)
    try coder.amount("open_falls", &openFalls)
    try coder.integer("unpaired_good", &unpairedGood)
    try coder.integer("unpaired_total", &unpairedTotal)
  }
}
