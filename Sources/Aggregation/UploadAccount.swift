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
  fileprivate struct Sums: Equatable {
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

  /// Intervals, in milliseconds, and 00:00 of the first of the days.
  fileprivate struct Grid {
    var interval: Int64 = 0
    var origin = Timestamp.distantPast
    /// Whether a day has a whole number of them.
    var isAligned: Bool { day % interval == 0 }
  }

  /// Time in which data was due from one piece of equipment.
  fileprivate struct Due {
    let ranges: TimeRanges
    private let lost: TimeRanges?
    private let withShutdowns: Bool

    init(_ account: TimeAccount, withShutdowns: Bool) {
      let line = withShutdowns ? account.place.observed : account.place.observedOpen
      lost = withShutdowns ? account.lost?.lost : account.lost?.open
      ranges = lost.map { line.subtracting($0) } ?? line
      self.withShutdowns = withShutdowns
    }

    /// Milliseconds of a day: the line's, unless some of it is lost.
    func milliseconds(of day: PeriodPlace.Day) -> Int64 {
      guard let lost, lost.intersects(from: day.start, until: day.end) else {
        return withShutdowns ? day.observed : day.observedOpen
      }
      return ranges.milliseconds(from: day.start, until: day.end)
    }
  }

  private var grid = Grid()
  /// The day after the newest.
  private var following: CalendarDay?
  /// Without planned shutdowns.
  private var open = Sums()
  private var roundTheClock = Sums()

  fileprivate static let day: Int64 = 86_400_000
  fileprivate static let minute: Int64 = 60_000

  /// Adds the service days of a row of the register to `figures`. Of equipment without evidence nothing came.
  ///
  /// - Parameter span: the interval, more than nothing.
  mutating func add(
    _ evidence: PeriodEvidence?, interval span: Span, service: ClosedRange<CalendarDay>,
    _ account: TimeAccount, to figures: inout TimeFigures
  ) throws {
    let instants = account.instants(of: service)
    if grid.interval != span.milliseconds || following != service.lowerBound {
      self = UploadAccount()
      grid = Grid(interval: span.milliseconds, origin: instants.lowerBound)
    }
    following = service.upperBound + 1
    let isShut = account.place.shutdowns.intersects(from: instants.lowerBound, until: instants.upperBound)
    let isSame = !isShut && open == roundTheClock
    try open.count(
      evidence, service, account, Due(account, withShutdowns: false), grid)
    if isSame {
      roundTheClock = open
    } else {
      try roundTheClock.count(
        evidence, service, account, Due(account, withShutdowns: true), grid)
    }
    let (expected, received) = open.take(grid.interval)
    figures.slotsExpected += expected
    figures.slotsReceived += received
    let around = roundTheClock.take(grid.interval)
    figures.slotsExpectedRoundTheClock += around.expected
    figures.slotsReceivedRoundTheClock += around.received
  }
}

extension UploadAccount.Sums {
  /// Adds service days.
  fileprivate mutating func count(
    _ evidence: PeriodEvidence?, _ service: ClosedRange<CalendarDay>, _ account: TimeAccount,
    _ due: UploadAccount.Due, _ grid: UploadAccount.Grid
  ) throws {
    let instants = account.instants(of: service)
    self.due += due.ranges.milliseconds(from: instants.lowerBound, until: instants.upperBound)
    guard let evidence else { return }
    for index in evidence.places(of: service) {
      guard evidence.days[index].totals.readings > 0 else { continue }
      let place = Int(evidence.days[index].day.number - account.period.firstDay.number)
      let day = account.place.days[place]
      let dueHere = due.milliseconds(of: day)
      guard dueHere > 0 else { continue }
      let length = (day.end - day.start).milliseconds
      if grid.isAligned, grid.interval % UploadAccount.minute == 0, dueHere == length {
        let slots = (length + grid.interval - 1) / grid.interval
        touched += try evidence.received(
          slots: Int(grid.interval / UploadAccount.minute), among: [0..<Int(slots)], isWhole: true, on: index)
      } else {
        try touch(evidence, index, day, due.ranges, grid)
      }
    }
  }

  /// Counts the intervals of one day by its minutes, where not all of the day was due, or intervals are no minutes.
  private mutating func touch(
    _ evidence: PeriodEvidence, _ index: Int, _ day: PeriodPlace.Day, _ due: TimeRanges,
    _ grid: UploadAccount.Grid
  ) throws {
    let (minute, interval) = (UploadAccount.minute, grid.interval)
    var minutes: [ClosedRange<Int64>] = []
    due.forEach(from: day.start, until: day.end) { range in
      let first = (range.lowerBound - day.start).milliseconds / minute
      minutes.append(first...((range.upperBound - day.start).milliseconds - 1) / minute)
    }
    let base = grid.isAligned ? 0 : (day.start - grid.origin).milliseconds
    var last = grid.isAligned ? .min : self.last
    var touched = 0
    var next = 0
    try evidence.forEachRun(on: index) { first, through in
      let run = Int64(first)...Int64(through)
      while next < minutes.count, minutes[next].upperBound < run.lowerBound { next += 1 }
      var place = next
      while place < minutes.count, minutes[place].lowerBound <= run.upperBound {
        let both = minutes[place].clamped(to: run)
        let from = max((base + both.lowerBound * minute) / interval, last == .min ? .min : last + 1)
        let until = (base + (both.upperBound + 1) * minute - 1) / interval
        if from <= until {
          touched += Int(until - from + 1)
          last = until
        }
        place += 1
      }
    }
    self.last = last
    self.touched += min(touched, Int(evidence.days[index].totals.readings))
  }
}
