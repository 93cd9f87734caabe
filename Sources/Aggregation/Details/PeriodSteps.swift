import Storage
import Telemetry

/// A period in steps that are looked at one by one: days, or months where there are too many days to look at.
public struct PeriodSteps: Equatable, Sendable {
  /// The most days that are looked at one by one.
  public static let mostDays = 62

  /// Ascending, without a gap, over all days of the period.
  public let days: [ClosedRange<CalendarDay>]

  /// Whether each is one day; else each is a calendar month or the part of one that lies in the period.
  public var isDaily: Bool { days.allSatisfy { $0.lowerBound == $0.upperBound } }

  /// The steps of a period.
  public init(_ period: Period) {
    let count = Int(period.lastDay.number - period.firstDay.number) + 1
    if count <= Self.mostDays {
      days = (0..<count).map { (period.firstDay + $0)...(period.firstDay + $0) }
      return
    }
    var days: [ClosedRange<CalendarDay>] = []
    var first = period.firstDay
    while first <= period.lastDay {
      let (year, month, _) = first.civil
      let end = CalendarDay(year: year, month: month, day: CalendarDay.length(ofMonth: month, year: year))
      let last = min(end ?? period.lastDay, period.lastDay)
      days.append(first...last)
      first = last + 1
    }
    self.days = days
  }
}

/// Sums of the equipment of one line in one step.
public struct StepFigures: Equatable, Sendable {
  /// Round the clock.
  public var connectivity = TimeFigures.Connectivity()
  /// Thousandths of a kWh, each meter once.
  public var energy: Int64 = 0

  /// Nothing yet.
  public init() {}

  /// Adds those of another line or step.
  public static func += (a: inout StepFigures, b: StepFigures) {
    a.connectivity += b.connectivity
    a.energy.add(saturating: b.energy)
  }
}

/// Sums of the messages of one machine in one step.
public struct StepCounters: Equatable, Sendable {
  /// Distinct readings.
  public var readings = 0
  /// Messages that sequence numbers show to be missing.
  public var missing = 0
  /// Thousandths of good pieces, and of all pieces.
  public var good: Int64 = 0
  public var total: Int64 = 0

  /// Nothing yet.
  public init() {}

  /// Adds those of a day.
  mutating func add(_ totals: DaySums) {
    readings = readings.addingSaturated(Int(totals.readings))
    missing = missing.addingSaturated(Int(totals.missing))
    good.add(saturating: totals.good)
    total.add(saturating: totals.total)
  }
}
