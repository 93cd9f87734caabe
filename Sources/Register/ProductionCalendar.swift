import Telemetry

/// Planned production time of one factory, as known at some version: shifts, holidays and planned shutdowns.
public struct ProductionCalendar: Equatable, Sendable {
  /// Place of an entry: a line, a workshop, or with both empty the whole factory.
  public struct Place: Hashable, Sendable {
    public var workshop: String
    public var line: String

    /// A line of a workshop; empty for all of them.
    public init(workshop: String = "", line: String = "") {
      self.workshop = workshop
      self.line = line
    }

    /// Whether what holds here holds for `place`.
    public func covers(_ place: Place) -> Bool {
      (workshop.isEmpty || workshop == place.workshop) && (line.isEmpty || line == place.line)
    }
  }

  /// Production planned on the same hours of several days.
  public struct Shift: Equatable, Sendable {
    public var place: Place
    public var days: ClosedRange<CalendarDay>
    /// ISO weekdays, Monday is 1.
    public var weekdays: Set<Int>
    /// Minutes of local time from midnight; the end may lie past the next one.
    public var start: Int
    public var end: Int

    /// A shift of `place` from `start` to `end` on the `weekdays` among `days`.
    public init(place: Place, days: ClosedRange<CalendarDay>, weekdays: Set<Int>, start: Int, end: Int) {
      self.place = place
      self.days = days
      self.weekdays = weekdays
      self.start = start
      self.end = end
    }
  }

  /// Days on which no shift begins.
  public struct Holiday: Equatable, Sendable {
    public var place: Place
    public var days: ClosedRange<CalendarDay>

    /// Holidays of `place`.
    public init(place: Place, days: ClosedRange<CalendarDay>) {
      self.place = place
      self.days = days
    }
  }

  /// A stretch in which equipment is off on purpose.
  public struct Shutdown: Equatable, Sendable {
    public var place: Place
    public var range: Range<Timestamp>
    public var note: String
    /// Time since which the register has had it without interruption.
    public var enteredAt: Timestamp

    /// A shutdown of `place` entered at `enteredAt`.
    public init(place: Place, range: Range<Timestamp>, note: String = "", enteredAt: Timestamp) {
      self.place = place
      self.range = range
      self.note = note
      self.enteredAt = enteredAt
    }

    /// Entered after it began: it changes no figure, and is flagged.
    public var isLate: Bool { enteredAt > range.lowerBound }
  }

  public var shifts: [Shift]
  public var holidays: [Holiday]
  public var shutdowns: [Shutdown]

  /// A calendar; empty plans nothing and says nothing.
  public init(shifts: [Shift] = [], holidays: [Holiday] = [], shutdowns: [Shutdown] = []) {
    self.shifts = shifts
    self.holidays = holidays
    self.shutdowns = shutdowns
  }

  /// The calendar that entries make, imported at `enteredAt`. A shutdown that was known before keeps the time
  /// at which it was entered.
  public init(_ entries: [CalendarEntry], enteredAt: Timestamp, known: [Shutdown]) {
    self.init()
    for entry in entries {
      switch entry.kind {
      case .shift(let days, let weekdays, let start, let end):
        shifts.append(Shift(place: entry.place, days: days, weekdays: weekdays, start: start, end: end))
      case .holiday(let days): holidays.append(Holiday(place: entry.place, days: days))
      case .shutdown(let range):
        let earlier = known.first { $0.place == entry.place && $0.range == range }
        shutdowns.append(
          Shutdown(
            place: entry.place, range: range, note: entry.note, enteredAt: earlier?.enteredAt ?? enteredAt))
      }
    }
  }

  /// Planned production time of `place` on `days`, with shutdowns still included; nil if nothing is planned. The
  /// nearest shifts speak: the line's, else the workshop's, else the factory's.
  public func planned(
    _ place: Place, days: ClosedRange<CalendarDay>, calendar: LocalCalendar
  ) -> TimeRanges? {
    let levels = [place, Place(workshop: place.workshop), Place()]
    guard let level = levels.first(where: { level in shifts.contains { $0.place == level } }) else {
      return nil
    }
    let closed = holidays.filter { $0.place.covers(place) }
    var ranges: [Range<Timestamp>] = []
    for shift in shifts where shift.place == level {
      // A shift that began the day before may run past midnight.
      var day = max(shift.days.lowerBound, days.lowerBound - 1)
      while day <= min(shift.days.upperBound, days.upperBound) {
        if shift.weekdays.contains(day.weekday), !closed.contains(where: { $0.days.contains(day) }) {
          let from = calendar.instant(on: day, minute: shift.start)
          let until = calendar.instant(on: day, minute: shift.end)
          if from < until { ranges.append(from..<until) }
        }
        day = day + 1
      }
    }
    let all = calendar.start(of: days.lowerBound)..<calendar.start(of: days.upperBound + 1)
    return TimeRanges(merging: ranges).intersection(TimeRanges(merging: [all]))
  }

  /// Planned shutdowns of `place`, by entries made before they began.
  public func effectiveShutdowns(_ place: Place) -> TimeRanges {
    TimeRanges(merging: shutdowns.filter { !$0.isLate && $0.place.covers(place) }.map(\.range))
  }
}

/// The calendars of a district's factories as known at one version.
public struct ProductionCalendars: Equatable, Sendable {
  /// The newest import known; 0 when there is none.
  public var version: Int
  /// By factory id.
  public var factories: [String: ProductionCalendar]

  /// Calendars at `version`.
  public init(version: Int = 0, factories: [String: ProductionCalendar] = [:]) {
    self.version = version
    self.factories = factories
  }
}
