import Telemetry

/// A sender's values of an energy meter, reduced to the few points needed for merging several senders into one series
/// day by day: the first value ever, the greatest value at the end of each day, and the resets.
///
/// Between two points of a sender its meter only rises. Therefore the greatest value of all senders at the end of a
/// day is the same as if every reading had been merged.
public struct EnergyTrace: Equatable, Sendable {
  /// One point.
  public struct Point: Equatable, Sendable {
    /// Kinds of points.
    public enum Kind: Equatable, Sendable {
      /// The meter showed a value.
      case level
      /// The meter restarted at a value; its sender had last seen it before at `lastAt`. `countsValue` means that the
      /// value itself was counted since the restart.
      case reset(lastAt: Timestamp, countsValue: Bool)
    }
    /// The day to which the point's energy belongs: for a reset, the day that confirms it.
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

  /// Ascending by day. From the time before the first day asked for, only the last reset and the last value are
  /// included.
  public private(set) var points: [Point] = []
  /// The day on which the sender began to read this meter: its one point counts from the next day on. nil where all
  /// points are of one meter.
  public private(set) var begins: CalendarDay?

  /// No points.
  public init() {}

  /// Adds a reset, on a day not before any added so far.
  public mutating func add(_ reset: MeterReset, on day: CalendarDay) {
    let lastAt = reset.lastAt ?? reset.fellAt
    add(level: reset.last, at: lastAt, on: day)
    points.append(
      Point(
        day: day, at: reset.fellAt, value: reset.value,
        kind: .reset(lastAt: lastAt, countsValue: reset.countsValue)))
  }

  /// Adds a value of the meter, on a day not before any added so far. A value older than the last point, or equal to
  /// it in time and value, is skipped: then the day showed nothing new.
  public mutating func add(level: Int64, at: Timestamp, on day: CalendarDay) {
    if let last = points.last, at < last.at || (at == last.at && level == last.value) { return }
    points.append(Point(day: day, at: at, value: level))
  }

  /// Adds the day of the sender's first value of the meter.
  ///
  /// - Parameters:
  ///   - energy: the day's energy, from which, together with the resets, the initial value of the meter follows.
  ///   - level: greatest value at the end of the day, shown at `at`.
  ///   - firstAt: event time of the first reading that showed the meter.
  public mutating func addFirst(
    day: CalendarDay, energy: Int64, resets: [MeterReset], level: Int64, at: Timestamp, firstAt: Timestamp
  ) {
    // Energy after the first reset; the rest was counted before it.
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

extension EnergyTrace {
  /// The points of the meter that the sender began to read on a day: of the day itself the value at its end, as a
  /// baseline, since the step from the other meter cannot be told from what was used.
  public func beginning(on day: CalendarDay) -> EnergyTrace {
    var trace = EnergyTrace()
    trace.begins = day
    if let last = points.last(where: { $0.day == day }) {
      trace.points.append(Point(day: day, at: last.at, value: last.value))
    }
    trace.points += points.drop { $0.day <= day }
    return trace
  }
}

/// Looks up the energy trace of one sender from a day on, through a period; nil for the period's first. Valid as long
/// as the snapshot from which the evidence was read.
public typealias EnergyTraceLookup = (_ first: CalendarDay?) throws -> EnergyTrace
