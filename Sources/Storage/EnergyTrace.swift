import Telemetry

/// What one sender shows of an energy meter, in so few points that several senders' can be merged into one series
/// day by day: the first value ever, for each day the greatest value at its end, and where the meter was reset.
///
/// Between two points of a sender its meter only rises. Therefore the greatest of all senders' values at a day's end is
/// the same as if every reading had been merged.
public struct EnergyTrace: Equatable, Sendable {
  /// One point.
  public struct Point: Equatable, Sendable {
    /// What happened.
    public enum Kind: Equatable, Sendable {
      /// The meter showed a value.
      case level
      /// The meter began anew at a value, after its sender had seen it last at `lastAt`; `countsValue` says that it
      /// counted the value itself since then.
      case reset(lastAt: Timestamp, countsValue: Bool)
    }
    /// The day that the point is booked on: of a reset the one that confirms it.
    public var day: CalendarDay
    /// Event time of the reading that showed it.
    public var at: Timestamp
    /// Thousandths of a kWh.
    public var value: Int64
    public var kind: Kind

    /// A point.
    public init(day: CalendarDay, at: Timestamp, value: Int64, kind: Kind = .level) {
      self.day = day
      self.at = at
      self.value = value
      self.kind = kind
    }
  }

  /// Ascending by day. Of the time before the period there are only the last reset and the value at its end.
  public private(set) var points: [Point] = []

  /// No points.
  public init() {}

  /// Adds a reset, on a day that is not before any that was added.
  public mutating func add(_ reset: MeterReset, on day: CalendarDay) {
    let lastAt = reset.lastAt ?? reset.fellAt
    add(level: reset.last, at: lastAt, on: day)
    points.append(
      Point(
        day: day, at: reset.fellAt, value: reset.value,
        kind: .reset(lastAt: lastAt, countsValue: reset.countsValue)))
  }

  /// Adds a value that the meter showed, on a day that is not before any that was added. One that was added before is
  /// left out: a day at whose end the meter shows what an earlier day's reading did has nothing to say of it.
  public mutating func add(level: Int64, at: Timestamp, on day: CalendarDay) {
    if let last = points.last, at < last.at || (at == last.at && level == last.value) { return }
    points.append(Point(day: day, at: at, value: level))
  }

  /// Adds the day on which the sender showed the meter first.
  ///
  /// - Parameters:
  ///   - energy: what the day booked: with the resets it tells the value that the meter began at.
  ///   - level: its greatest value at the day's end, shown at `at`.
  ///   - firstAt: event time of the first reading that showed the meter.
  public mutating func addFirst(
    day: CalendarDay, energy: Int64, resets: [MeterReset], level: Int64, at: Timestamp, firstAt: Timestamp
  ) {
    // What rose after the first reset; the rest rose before it.
    var after: Int64 = 0
    for (index, reset) in resets.enumerated() {
      let next = index + 1 < resets.count ? resets[index + 1].last : level
      after.add(saturating: next.subtractingSaturated(reset.value))
      if reset.countsValue { after.add(saturating: reset.value) }
    }
    let before = (resets.first?.last ?? level).subtractingSaturated(energy.subtractingSaturated(after))
    add(level: max(0, before), at: firstAt, on: day)
    for reset in resets { add(reset, on: day) }
    add(level: level, at: at, on: day)
  }
}

/// Looks up the energy trace of one sender over the days of a period. It may be asked as long as the snapshot is there
/// that the evidence was read from.
public typealias EnergyTraceLookup = () throws -> EnergyTrace
