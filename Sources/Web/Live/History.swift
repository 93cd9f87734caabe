import Aggregation
import Dispatch
import Foundation
import Reporting
import Synchronization
import Telemetry

/// Figures of the past that the district's page compares with. They are read on a thread of their own, one after the
/// other with rests between, so that no page waits for them and the collector keeps its processor.
package final class History: Sendable {
  /// Figures of the past of a moment, as far as they were read.
  package struct Past: Sendable {
    /// Figures 30 days before; nil if they are not known, or were not observed enough.
    package var monthAgo: Figures?
    /// Number of machines that were reporting 24 hours before, by factory; nil if not known.
    package var dayAgo: [String: Int]?
    /// The share of networked time on each of the last 30 days that were observed enough, ascending.
    package var trend: [(day: CalendarDay, count: Count)] = []

    /// Nothing known.
    package init() {}
  }

  /// A step of reading, and when its result is replaced.
  private enum Step {
    case monthAgo(CalendarDay)
    case dayAgo(hour: Int64)
    case day(CalendarDay)
  }

  private struct State {
    var wanted: Timestamp?
    var isStopped = false
    var monthAgo: (day: CalendarDay, figures: Figures?)?
    var dayAgo: (hour: Int64, reporting: [String: Int]?)?
    /// nil for a day without a figure.
    var days: [CalendarDay: Count?] = [:]
  }

  /// Number of days of the comparison.
  static let length = 30
  /// A rest is this many times as long as the reading before.
  private static let rest = 8.0

  private let calendar: LocalCalendar
  private let report: @Sendable (Period, Timestamp) throws -> Report
  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)
  private let stopping = DispatchSemaphore(value: 0)

  /// A history, whose thread ends with ``stop()``.
  ///
  /// - Parameter report: the district's report over a period, as of its end.
  package init(
    _ calendar: LocalCalendar,
    report: @escaping @Sendable (_ period: Period, _ now: Timestamp) throws -> Report
  ) {
    self.calendar = calendar
    self.report = report
  }

  /// Begins to read what is asked for.
  func start() {
    let thread = Thread { [self] in run() }
    thread.name = "history"
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// Ends the thread, which completes what it reads.
  func stop() {
    state.withLock { $0.isStopped = true }
    stopping.signal()
    wake.signal()
  }

  /// The figures of the past of an instant that were read already. The others are read later.
  package func past(of instant: Timestamp) -> Past {
    let today = calendar.day(at: instant)
    let days = TrendSteps.lastDays(through: today - 1)
    let past = state.withLock { state in
      state.wanted = instant
      var past = Past()
      past.monthAgo = state.monthAgo?.figures
      past.dayAgo = state.dayAgo?.reporting
      past.trend = state.days.compactMap { day, count in
        guard days.contains(day), let count else { return nil }
        return (day, count)
      }
      return past
    }
    wake.signal()
    var sorted = past
    sorted.trend.sort { $0.day < $1.day }
    return sorted
  }

  private func run() {
    while !state.withLock({ $0.isStopped }) {
      let start = ContinuousClock.now
      guard step() else {
        wake.wait()
        continue
      }
      let cost = ContinuousClock.now - start
      let rest = Double(cost.components.seconds) + Double(cost.components.attoseconds) / 1e18
      _ = stopping.wait(timeout: .now() + min(60, rest * Self.rest))
    }
  }

  /// Reads the next thing that is missing; false if nothing is. A failure leaves a thing unknown until it is due again.
  package func step() -> Bool {
    guard let (step, instant) = next() else { return false }
    switch step {
    case .dayAgo(let hour):
      let found = try? report(Period(endingAt: instant - .days(1), calendar: calendar, now: instant), instant)
      state.withLock { $0.dayAgo = (hour, found.flatMap(Self.reporting)) }
    case .monthAgo(let day):
      let period = Period(endingAt: instant - .days(Int64(Self.length)), calendar: calendar, now: instant)
      let found = try? report(period, instant)
      let isKnown = found?.observation.isSufficient ?? false
      state.withLock { $0.monthAgo = (day, isKnown ? found?.figures : nil) }
    case .day(let day):
      let found = try? report(Period(from: day, to: day, calendar: calendar, now: instant), instant)
      let count = found.flatMap { TrendStep($0.observation, $0.figures).count(of: .networkedTimeRatio) }
      state.withLock { $0.days[day] = .some(count) }
    }
    return true
  }

  private func next() -> (Step, Timestamp)? {
    state.withLock { state in
      guard !state.isStopped, let instant = state.wanted else { return nil }
      let today = calendar.day(at: instant)
      let hour = instant.milliseconds / 3_600_000
      if state.dayAgo?.hour != hour { return (.dayAgo(hour: hour), instant) }
      if state.monthAgo?.day != today { return (.monthAgo(today), instant) }
      let days = TrendSteps.lastDays(through: today - 1)
      state.days = state.days.filter { days.contains($0.key) }
      for day in days.reversed() where state.days[day] == nil { return (.day(day), instant) }
      return nil
    }
  }

  /// Numbers of machines that were reporting; nil if the time was not observed.
  private static func reporting(_ report: Report) -> [String: Int]? {
    guard report.observation.period.showsStates, case .district(let ranking) = report.contents else {
      return nil
    }
    return Dictionary(
      ranking.factories.map { ($0.factory.id, $0.figures.buckets.reporting) },
      uniquingKeysWith: { first, _ in first })
  }
}
