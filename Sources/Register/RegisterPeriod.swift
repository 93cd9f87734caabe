import Telemetry

/// The register through a period: stretches of days in which no import becomes effective.
public struct RegisterPeriod: Sendable {
  /// Days on which the same rows speak.
  public struct Segment: Sendable {
    public var days: ClosedRange<CalendarDay>
    /// As of the last of the days.
    public var snapshot: RegisterSnapshot

    /// The days of the segment on which an equipment is in service; nil when there are none.
    public func service(of entry: RegisterSnapshot.Entry) -> ClosedRange<CalendarDay>? {
      // Imports that become effective part segments: a row that holds later holds on none of the days, and
      // one that reaches back does so to its commissioning date, or not at all.
      guard !entry.registeredLater, !entry.assumed || entry.equipment.commissionedOn != nil else {
        return nil
      }
      var first = days.lowerBound
      var last = days.upperBound
      switch entry.service {
      case .notYet: return nil
      case .inService: break
      case .retired:
        guard let out = entry.equipment.decommissionedOn else { return nil }
        last = min(last, out - 1)
      }
      if let begins = entry.equipment.commissionedOn { first = max(first, begins) }
      return first <= last ? first...last : nil
    }
  }

  /// Ascending, without a gap, over all days of the period.
  public let segments: [Segment]
  /// The register on the day before the period, where the first day's is another: by it readings vouch that came
  /// before the period and reach into it. nil where the first segment's rows spoke then too.
  public let before: RegisterSnapshot?
  /// Histories of the energy meters of equipment whose meter changes on any day, also before the period.
  public var meters: [EquipmentKey: MeterHistory] = [:]

  /// The register over `days`.
  ///
  /// - Parameters:
  ///   - effectiveDays: from which imports that are known hold, in any order.
  ///   - snapshot: the register on a day; asked once for each segment.
  public init(
    days: ClosedRange<CalendarDay>, effectiveDays: some Sequence<CalendarDay>,
    snapshot: (CalendarDay) throws -> RegisterSnapshot
  ) rethrows {
    try self.init(days: days, effectiveDays: effectiveDays) { days in try days.map(snapshot) }
  }

  /// The register over `days`, where `snapshots` gives it for several days at once, in their order.
  public init(
    days: ClosedRange<CalendarDay>, effectiveDays: some Sequence<CalendarDay>,
    snapshots: ([CalendarDay]) throws -> [RegisterSnapshot]
  ) rethrows {
    let parts = Self.parts(of: days, effectiveDays)
    self.init(parts, try snapshots(parts.asked)[...])
  }

  /// The register over each of two stretches of days, where `snapshots` gives it for all days of both at once.
  public static func pair(
    _ first: ClosedRange<CalendarDay>, _ second: ClosedRange<CalendarDay>,
    effectiveDays: some Sequence<CalendarDay>, snapshots: ([CalendarDay]) throws -> [RegisterSnapshot]
  ) rethrows -> (first: RegisterPeriod, second: RegisterPeriod) {
    let (ones, others) = (parts(of: first, effectiveDays), parts(of: second, effectiveDays))
    let found = try snapshots(ones.asked + others.asked)
    let count = ones.asked.count
    return (RegisterPeriod(ones, found.prefix(count)), RegisterPeriod(others, found.dropFirst(count)))
  }

  private init(_ parts: Parts, _ snapshots: ArraySlice<RegisterSnapshot>) {
    var rest = snapshots
    before = parts.before == nil ? nil : rest.popFirst()
    segments = zip(parts.days, rest).map { Segment(days: $0, snapshot: $1) }
  }

  /// Parts of a stretch of days in which no import becomes effective but on the first.
  private struct Parts {
    /// The day before them, where an import becomes effective on the first of them.
    var before: CalendarDay?
    var days: [ClosedRange<CalendarDay>]
    /// The days on which the register is asked for.
    var asked: [CalendarDay] { [before].compactMap(\.self) + days.map(\.upperBound) }
  }

  private static func parts(
    of days: ClosedRange<CalendarDay>, _ effectiveDays: some Sequence<CalendarDay>
  ) -> Parts {
    let effective = Set(effectiveDays)
    let starts = effective.filter { $0 > days.lowerBound && $0 <= days.upperBound }.sorted()
    return Parts(
      before: effective.contains(days.lowerBound) ? days.lowerBound - 1 : nil,
      days: zip([days.lowerBound] + starts, starts.map { $0 - 1 } + [days.upperBound]).map { $0...$1 })
  }
}
