import Aggregation
import Reporting
import Synchronization
import Telemetry
import Testing
import Web

/// The periods that were asked for.
private final class Asked: Sendable {
  private let periods = Mutex<[String]>([])
  var all: [String] { periods.withLock { $0 } }
  func add(_ period: String) { periods.withLock { $0.append(period) } }
}

@Suite("Figures of the past") struct HistoryTests {
  @Test("Each is read once, the nearest first, and anew when it is due") func steps() throws {
    let calendar = try #require(LocalCalendar(identifier: "Asia/Shanghai"))
    // 2026-11-22T08:00:00+08:00.
    let morning = Timestamp(milliseconds: 1_795_305_600_000)
    let asked = Asked()
    struct Unknown: Error {}
    let history = History(calendar) { period, _ in
      asked.add("\(period.firstDay)–\(period.lastDay)")
      throw Unknown()
    }
    #expect(!history.step())
    #expect(history.past(of: morning).trend.isEmpty)
    while history.step() {}
    let periods = asked.all
    #expect(periods.count == 32)
    #expect(
      Array(periods.prefix(4)) == [
        "2026-10-23–2026-11-21", "2026-09-24–2026-10-23", "2026-11-21–2026-11-21", "2026-11-20–2026-11-20",
      ])
    #expect(periods.last == "2026-10-23–2026-10-23")
    // An hour later only the day before is due, and a day later another day too.
    _ = history.past(of: morning + .hours(1))
    while history.step() {}
    #expect(asked.all.count == 33)
    _ = history.past(of: morning + .days(1))
    while history.step() {}
    #expect(
      Array(asked.all.dropFirst(33)) == [
        "2026-10-24–2026-11-22", "2026-09-25–2026-10-24", "2026-11-22–2026-11-22",
      ])
  }
}
