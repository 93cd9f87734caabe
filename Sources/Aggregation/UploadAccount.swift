import Storage
import Telemetry

/// Counts the report intervals of one equipment in which data was due and in which it came, over rows of the register
/// that follow one another with the same interval.
///
/// Due is time in which the equipment was in service, observed and, but for the round-the-clock figure, not shut down,
/// divided by the interval. What came is counted from the minutes with a reading, which is what is kept of a day: an
/// interval counts where a minute of it that was due has a reading, on each day as many as there are readings at most,
/// and never more than are due. Intervals are counted from local midnight where a day has a whole number of them, else
/// from the first of the days.
struct UploadAccount {
  private struct Sums: Equatable {
    /// Milliseconds in which data was due.
    var due: Int64 = 0
    /// Intervals in which it came.
    var touched = 0
    /// The newest of them by number.
    var last = Int64.min
    /// Numbers already added to figures.
    var expected = 0
    var received = 0

    /// Returns the numbers that were not yet added to figures, and marks them as added.
    mutating func take(_ interval: Int64) -> (expected: Int, received: Int) {
      let all = Int(due / interval)
      let came = min(touched, all)
      defer { (expected, received) = (all, came) }
      return (all - expected, came - received)
    }
  }

  private var interval: Int64 = 0
  /// 00:00 of the first of the days.
  private var origin = Timestamp.distantPast
  /// The day after the newest.
  private var following: CalendarDay?
  /// Without planned shutdowns.
  private var open = Sums()
  private var roundTheClock = Sums()

  private static let day: Int64 = 86_400_000
  private static let minute: Int64 = 60_000

  /// Adds the service days of a row of the register to `figures`. Of equipment without evidence nothing came.
  ///
  /// - Parameter span: the interval, more than nothing.
  mutating func add(
    _ evidence: PeriodEvidence?, interval span: Span, service: ClosedRange<CalendarDay>,
    _ account: TimeAccount, to figures: inout TimeFigures
  ) throws {
    let instants = account.instants(of: service)
    if interval != span.milliseconds || following != service.lowerBound {
      self = UploadAccount()
      interval = span.milliseconds
      origin = instants.lowerBound
    }
    following = service.upperBound + 1
    let place = account.place
    let isShut = place.shutdowns.intersects(from: instants.lowerBound, until: instants.upperBound)
    let isSame = !isShut && open == roundTheClock
    try count(evidence, service, account, due: Self.due(place.observedOpen, account.lost?.open), \.open)
    if isSame {
      roundTheClock = open
    } else {
      let due = Self.due(place.observed, account.lost?.lost)
      try count(evidence, service, account, due: due, \.roundTheClock)
    }
    let (expected, received) = open.take(interval)
    figures.slotsExpected += expected
    figures.slotsReceived += received
    let around = roundTheClock.take(interval)
    figures.slotsExpectedRoundTheClock += around.expected
    figures.slotsReceivedRoundTheClock += around.received
  }

  // MARK: -

  private static func due(_ line: TimeRanges, _ lost: TimeRanges?) -> TimeRanges {
    lost.map { line.subtracting($0) } ?? line
  }

  private mutating func count(
    _ evidence: PeriodEvidence?, _ service: ClosedRange<CalendarDay>, _ account: TimeAccount, due: TimeRanges,
    _ sums: WritableKeyPath<Self, Sums>
  ) throws {
    let instants = account.instants(of: service)
    self[keyPath: sums].due += due.milliseconds(from: instants.lowerBound, until: instants.upperBound)
    guard let evidence else { return }
    for index in evidence.days.indices where service.contains(evidence.days[index].day) {
      guard evidence.days[index].totals.readings > 0 else { continue }
      let place = Int(evidence.days[index].day.number - account.period.firstDay.number)
      let day = account.place.days[place]
      let dueHere = due.milliseconds(from: day.start, until: day.end)
      guard dueHere > 0 else { continue }
      if Self.day % interval == 0, interval % Self.minute == 0, dueHere == (day.end - day.start).milliseconds
      {
        let slots = ((day.end - day.start).milliseconds + interval - 1) / interval
        self[keyPath: sums].touched += try evidence.received(
          slots: Int(interval / Self.minute), among: [0..<Int(slots)], isWhole: true, on: index)
      } else {
        try touch(evidence, index, day, due, sums)
      }
    }
  }

  /// Counts the intervals of one day by its minutes, where not all of the day was due, or intervals are no minutes.
  private mutating func touch(
    _ evidence: PeriodEvidence, _ index: Int, _ day: PeriodPlace.Day, _ due: TimeRanges,
    _ sums: WritableKeyPath<Self, Sums>
  ) throws {
    var minutes: [ClosedRange<Int64>] = []
    due.forEach(from: day.start, until: day.end) { range in
      let first = (range.lowerBound - day.start).milliseconds / Self.minute
      minutes.append(first...((range.upperBound - day.start).milliseconds - 1) / Self.minute)
    }
    let isAligned = Self.day % interval == 0
    let base = isAligned ? 0 : (day.start - origin).milliseconds
    var last = isAligned ? .min : self[keyPath: sums].last
    var touched = 0
    var next = 0
    try evidence.forEachRun(on: index) { first, through in
      let run = Int64(first)...Int64(through)
      while next < minutes.count, minutes[next].upperBound < run.lowerBound { next += 1 }
      var place = next
      while place < minutes.count, minutes[place].lowerBound <= run.upperBound {
        let both = minutes[place].clamped(to: run)
        let from = max((base + both.lowerBound * Self.minute) / interval, last == .min ? .min : last + 1)
        let until = (base + (both.upperBound + 1) * Self.minute - 1) / interval
        if from <= until {
          touched += Int(until - from + 1)
          last = until
        }
        place += 1
      }
    }
    self[keyPath: sums].last = last
    self[keyPath: sums].touched += min(touched, Int(evidence.days[index].totals.readings))
  }
}
