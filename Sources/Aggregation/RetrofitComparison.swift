import Register
import Telemetry

/// A factory before and after its retrofit: the ratios at both ends, and what a good piece took of energy.
public struct RetrofitComparison: Sendable {
  /// One end: thirty days, and the figures at their end.
  public struct Side: Sendable {
    public let observation: Observation
    public let figures: Figures
    /// Whether the register's rows are carried back from a later import, so that they say how things became, not
    /// how they were.
    public let isAssumed: Bool

    /// One end of a retrofit.
    public init(observation: Observation, figures: Figures, isAssumed: Bool) {
      self.observation = observation
      self.figures = figures
      self.isAssumed = isAssumed
    }

    /// Whether its figures can be relied on: listened to long enough, by rows entered for the time.
    public var isSufficient: Bool { observation.isSufficient && !isAssumed }
  }

  public let dates: RetrofitDates
  public let before: Side
  public let after: Side

  /// The two ends of a retrofit.
  public init(dates: RetrofitDates, before: Side, after: Side) {
    self.dates = dates
    self.before = before
    self.after = after
  }

  /// Change of energy per good piece, in tenths of a percent of the earlier value, floored; nil if either
  /// side has none.
  public var intensityChange: Int? {
    let (a, b) = (before.figures.time, after.figures.time)
    guard a.hasEnergy, b.hasEnergy, a.energy > 0, a.output > 0, b.output > 0 else { return nil }
    var (now, then) = (Int128(b.energy) * Int128(a.output), Int128(a.energy) * Int128(b.output))
    // Scale down the greatest sums, so that the multiplication by 1000 does not overflow.
    if max(now, then) > .max / 2000 { (now, then) = (now / 4096, max(1, then / 4096)) }
    let change = (now - then) * 1000
    return Int(clamping: change >= 0 ? change / then : -((-change + then - 1) / then))
  }
}

/// Dates of a factory's retrofit, from the register.
public struct RetrofitDates: Equatable, Sendable {
  /// Number of days over which each end is measured.
  public static let days = 30

  /// The first date on which any of its equipment was retrofitted, or else that of its completion.
  public let begunOn: CalendarDay
  /// nil while it is under way.
  public let completedOn: CalendarDay?
  /// Equipment with a date of its own.
  public let equipment: Int

  /// The dates of a factory; nil when the register has none by `day`.
  public init?(
    _ factory: RegisteredFactory?, _ entries: some Sequence<RegisterSnapshot.Entry>, by day: CalendarDay
  ) {
    let dates = entries.compactMap { $0.equipment.isProduction ? $0.equipment.retrofittedOn : nil }
      .filter { $0 <= day }
    let completed = factory?.retrofitCompletedOn.flatMap { $0 <= day ? $0 : nil }
    guard let begun = (dates + (completed.map { [$0] } ?? [])).min() else { return nil }
    begunOn = begun
    completedOn = completed
    equipment = dates.count
  }

  /// The days before it, and those after it by `day`: from its completion on, or the last ones while it is under
  /// way.
  public func ends(by day: CalendarDay) -> (before: ClosedRange<CalendarDay>, after: ClosedRange<CalendarDay>)
  {
    let before = (begunOn - Self.days)...(begunOn - 1)
    if let completedOn {
      return (before, completedOn...max(completedOn, min(completedOn + (Self.days - 1), day)))
    }
    return (before, max(begunOn, day - (Self.days - 1))...max(begunOn, day))
  }
}

/// The factories whose retrofit was completed in one month, before and after: Σ / Σ.
public struct RetrofitBatch: Sendable {
  /// The first day of the month; nil for those under way.
  public let month: CalendarDay?
  public let factories: Int
  /// Number of those with reliable figures at both ends.
  public let sufficient: Int
  public let before: Figures
  public let after: Figures

  /// The batches of comparisons, the earliest first, those under way last.
  public static func batches(of comparisons: [RetrofitComparison]) -> [RetrofitBatch] {
    let groups = Dictionary(grouping: comparisons) { comparison in
      comparison.dates.completedOn.map { day in
        let (year, month, _) = day.civil
        return CalendarDay(year: year, month: month, day: 1) ?? day
      }
    }
    let months = groups.keys.sorted { a, b in
      guard let a, let b else { return a != nil && b == nil }
      return a < b
    }
    return months.map { month in
      let members = groups[month] ?? []
      return RetrofitBatch(
        month: month, factories: members.count,
        sufficient: members.count { $0.before.isSufficient && $0.after.isSufficient },
        before: members.reduce(into: Figures()) { $0 += $1.before.figures },
        after: members.reduce(into: Figures()) { $0 += $1.after.figures })
    }
  }
}
