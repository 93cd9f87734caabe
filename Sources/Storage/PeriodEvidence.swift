import Telemetry

/// What one sender did in a period: everything that figures over time are made of.
///
/// It knows no register. Vouching is credited with the horizon minimum; a longer declared horizon, service,
/// calendars and observation are applied by the reader, from the stretches.
public struct PeriodEvidence: Sendable {
  /// Totals of one local day.
  public struct Day: Equatable, Sendable {
    public var day: CalendarDay
    public var totals: DayTotals

    /// `totals` of `day`.
    public init(day: CalendarDay, totals: DayTotals) {
      self.day = day
      self.totals = totals
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

    /// What it leaves unknown: the time that `last` does not vouch for under horizon T. Empty when `last`
    /// vouches up to the next reading.
    public func unvouched(horizon: Span) -> Range<Timestamp> {
      min(last + horizon, cut ?? .distantFuture, until)..<until
    }
  }

  public var key: EquipmentKey
  /// Event time of its first reading ever; nil when it never sent one.
  public var firstReading: Timestamp?
  /// Days of the period that have anything, ascending. The open day is credited up to the evidence's end.
  public var days: [Day]
  /// Falls of its meters within the period, ascending.
  public var meterResets: [MeterReset]
  /// Alarms raised within the period, ascending by time: at readings that carry them when the reading before
  /// did not.
  public var alarms: [(code: String, at: Timestamp)]
  /// Where messages are missing, as readings up to the period's end show; ascending. Those that end before
  /// the period are left out.
  public var gaps: [SequenceGap]
  /// Whether it ever sent energy, good pieces, all pieces up to the period's end.
  public var hasEnergy: Bool
  public var hasGood: Bool
  public var hasTotal: Bool

  /// Evidence of one sender.
  public init(
    key: EquipmentKey, firstReading: Timestamp? = nil, days: [Day] = [], meterResets: [MeterReset] = [],
    alarms: [(code: String, at: Timestamp)] = [], gaps: [SequenceGap] = [], hasEnergy: Bool = false,
    hasGood: Bool = false,
    hasTotal: Bool = false
  ) {
    self.key = key
    self.firstReading = firstReading
    self.days = days
    self.meterResets = meterResets
    self.alarms = alarms
    self.gaps = gaps
    self.hasEnergy = hasEnergy
    self.hasGood = hasGood
    self.hasTotal = hasTotal
  }
}

/// Looks up the stretches of readings of the sender just lent that may vouch for an instant of a range: the
/// last that begins before it and all that begin in it, ascending, the open one included. No interval's
/// successor is left out, so that each stretch ends at the latest where the next begins.
public typealias StretchLookup = (Range<Timestamp>) throws -> [StateInterval]
