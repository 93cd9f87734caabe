import Telemetry

/// The local days a report covers, clipped to what has happened.
public struct Period: Hashable, Sendable {
  public let firstDay: CalendarDay
  /// The last day, included.
  public let lastDay: CalendarDay
  /// 00:00 of the first day.
  public let from: Timestamp
  /// The end, excluded: 00:00 after the last day, or the millisecond after the as-of.
  public let until: Timestamp
  /// The store's time zone.
  public let calendar: LocalCalendar
  /// Whether the end is now, before the last day is over.
  public let isClippedToNow: Bool

  /// The last day asked for, where the period is clipped because it is still to come; else nil.
  public let askedLastDay: CalendarDay?
  /// The as-of asked for, where it is still to come and now stands for it; else nil.
  public let askedAsOf: Timestamp?
  /// Whether it ends with an as-of: now, or an instant that was asked for. Otherwise its days were asked for.
  public let isOfInstant: Bool

  /// The days `first` to `last` (both included), clipped to `now`; `first` is not after it.
  public init(from first: CalendarDay, to last: CalendarDay, calendar: LocalCalendar, now: Timestamp) {
    self.init(from: first, to: last, end: now, calendar: calendar, now: now, isOfInstant: false)
  }

  /// The `days` local days that end with the day of `t`, up to `t` and with it; no later than `now`.
  public init(days: Int = 30, endingAt t: Timestamp, calendar: LocalCalendar, now: Timestamp? = nil) {
    let asOf = min(t, now ?? t)
    let last = calendar.day(at: asOf)
    self.init(
      from: last - (days - 1), to: last, end: asOf + .milliseconds(1), calendar: calendar, now: now ?? t,
      isOfInstant: true, askedAsOf: asOf < t ? t : nil)
  }

  private init(
    from first: CalendarDay, to last: CalendarDay, end: Timestamp, calendar: LocalCalendar, now: Timestamp,
    isOfInstant: Bool, askedAsOf: Timestamp? = nil
  ) {
    self.isOfInstant = isOfInstant
    self.askedAsOf = askedAsOf
    firstDay = first
    lastDay = max(first, min(last, calendar.day(at: now)))
    askedLastDay = lastDay < last ? last : nil
    from = calendar.start(of: first)
    until = max(from, min(calendar.start(of: lastDay + 1), end))
    isClippedToNow = until >= now
    self.calendar = calendar
  }

  /// Whether the collector did not listen at its end, or heard nothing although machines had been sending: then nobody
  /// knows how things stand.
  public internal(set) var endsUnobserved = false

  /// Whether a report on it says how things stand at its end: if that is now or an as-of that was asked for, and was
  /// observed. Of days that are over it says what held over them.
  public var showsStates: Bool { (isOfInstant || isClippedToNow) && !endsUnobserved }

  /// Its local days.
  public var days: ClosedRange<CalendarDay> { firstDay...lastDay }

  /// The instant a report of the whole period stands for: its last millisecond.
  public var asOf: Timestamp { max(from, until - .milliseconds(1)) }
}

/// Observed share of a period: the time in which the collector listened.
public struct Observation: Sendable {
  /// A half-open stretch of time.
  public struct Stretch: Equatable, Sendable {
    public var from: Timestamp
    public var until: Timestamp

    /// The stretch [from, until).
    public init(from: Timestamp, until: Timestamp) {
      self.from = from
      self.until = until
    }

    /// Its length.
    public var length: Span { until - from }
  }

  /// Below this percent of the period a report is marked as resting on insufficient data.
  public static let sufficientPercent = 95

  public let period: Period
  /// Time in which it listened: ascending, disjoint, within the period.
  public let observed: [Stretch]
  /// Time in which it did not: the rest of the period, ascending.
  public let unobserved: [Stretch]
  /// Observed milliseconds of the period's milliseconds.
  public let coverage: Count
  /// Whether nobody listened at any time of the period.
  public var isNothing: Bool { coverage.numerator == 0 }

  /// Clips `stretches` (ascending, disjoint) to `period`.
  public init(period: Period, stretches: [(from: Timestamp, until: Timestamp)]) {
    self.period = period
    var observed: [Stretch] = []
    var unobserved: [Stretch] = []
    var reached = period.from
    for stretch in stretches {
      let from = max(stretch.from, reached)
      let until = min(stretch.until, period.until)
      guard from < until else { continue }
      if reached < from { unobserved.append(Stretch(from: reached, until: from)) }
      observed.append(Stretch(from: from, until: until))
      reached = until
    }
    if reached < period.until { unobserved.append(Stretch(from: reached, until: period.until)) }
    self.observed = observed
    self.unobserved = unobserved
    coverage = Count(
      Int(observed.reduce(0) { $0 + $1.length.milliseconds }),
      of: Int((period.until - period.from).milliseconds))
  }

  /// Whether enough of the period was observed; a period without length never is.
  public var isSufficient: Bool {
    coverage.denominator > 0
      && coverage.numerator * 100 >= coverage.denominator * Self.sufficientPercent
  }
}
