import Telemetry
import Testing

private let start = Timestamp(milliseconds: 1_795_305_600_000)

/// A timeline of readings a minute apart.
private struct Metered {
  var timeline = Timeline()
  var changes = TimelineChanges()
  var fold = TimelineFold(horizonMinimum: .minutes(15), calendar: .utc)

  /// Values in thousandths; one boot for each reading, or none.
  init(
    energy: [Int64?] = [], good: [Int64?] = [], total: [Int64?] = [], boots: [UInt64?] = []
  ) {
    for index in 0..<max(energy.count, good.count, total.count) {
      let time = start + .minutes(Int64(index))
      func at(_ values: [Int64?]) -> Int64? { index < values.count ? values[index] : nil }
      fold.fold(
        Reading(
          time: time, received: time, state: .running, boot: index < boots.count ? boots[index] : nil,
          meters: Meters(energy: at(energy), good: at(good), total: at(total))),
        of: 0, into: &timeline, changes: &changes)
    }
  }

  var totals: DayTotals {
    var copy = fold
    return copy.credited(timeline, until: .distantFuture)
  }
  /// Good and all pieces of the steps that count for quality.
  var pairs: [Int64] {
    [totals.good - totals.odd.unpairedGood, totals.total - totals.odd.unpairedTotal]
  }
}

@Suite("Meters") struct MeterTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var values: [Int64?]
    var boots: [UInt64?] = []
    var booked: Int64
    var resets: Int32 = 0
    var glitches: Int32 = 0
    var open: Int32 = 0
  }

  static let cases: [Case] = [
    Case(testDescription: "rises", values: [1000, 1500, nil, 1700], booked: 700),
    Case(
      testDescription: "answers 0 once", values: [13_423_700, 13_423_800, 0, 13_424_000, 13_424_100],
      booked: 400, glitches: 1),
    Case(
      testDescription: "answers 0 twice", values: [13_423_700, 13_423_800, 0, 0, 13_424_000], booked: 300,
      glitches: 1),
    Case(
      testDescription: "answers 0, then just below what it had", values: [1_000_000, 0, 999_500, 1_000_500],
      booked: 500, glitches: 1),
    Case(
      testDescription: "a restart with a slightly lower value", values: [13_423_800, 13_423_500, 13_424_000],
      boots: [1, 2, 2], booked: 200),
    Case(
      testDescription: "a restart with a slightly lower value that stays",
      values: [13_423_800, 13_423_500, 13_423_500, 13_423_500], boots: [1, 2, 2, 2], booked: 0),
    Case(testDescription: "the last digit jitters", values: [5600, 5700, 5600, 5700], booked: 100),
    Case(
      testDescription: "a fall of exactly a thousandth", values: [1_000_000, 999_000, 1_001_000], booked: 1000
    ),
    Case(
      testDescription: "a thousandth more is a fall, and came back", values: [1_000_000, 998_999, 1_001_000],
      booked: 1000, glitches: 1),
    Case(testDescription: "fell last", values: [1000, 2000, 0], booked: 1000, open: 1),
    Case(
      testDescription: "fell, and one further reading", values: [1000, 2000, 0, 5], booked: 1000, open: 1),
    Case(
      testDescription: "a reset without a restart", values: [1000, 2000, 100, 130, 190], booked: 1090,
      resets: 1),
    Case(
      testDescription: "a reset by a restart", values: [1_000_000, 50_000, 60_000, 80_000],
      boots: [1, 2, 2, 2], booked: 80_000, resets: 1),
    Case(
      testDescription: "a restart below a tenth", values: [1000, 99, 99, 99], boots: [1, 2, 2, 2],
      booked: 99, resets: 1),
    Case(
      testDescription: "a restart at a tenth", values: [1000, 100, 100, 100], boots: [1, 2, 2, 2], booked: 0,
      resets: 1),
    Case(
      testDescription: "a counter restored from a checkpoint",
      values: [1_000_000, 900_000, 900_100, 900_400],
      boots: [1, 2, 2, 2], booked: 400, resets: 1),
    Case(
      testDescription: "the first value after a restart comes with the second message",
      values: [1_000_000, nil, 500, 600, 700], boots: [1, 2, 2, 2, 2], booked: 700, resets: 1),
    Case(
      testDescription: "a restart, later a fall within the boot", values: [1000, 1100, 2, 3, 4],
      boots: [1, 2, 2, 2, 2], booked: 102, resets: 1),
    Case(
      testDescription: "what fell first was a glitch, too", values: [1_000_000, 900_000, 0, 1000, 2000],
      booked: 2000, resets: 2),
    Case(
      testDescription: "two resets", values: [5000, 0, 1000, 2000, 0, 500, 700], booked: 2700, resets: 2),
    Case(
      testDescription: "at the greatest numbers there are", values: [0, .max, 0, .max, 0, 1, 2],
      booked: .max, resets: 1, glitches: 1),
  ]

  @Test("A fall is provisional until two further readings stay below", arguments: cases)
  func energy(_ one: Case) {
    let metered = Metered(energy: one.values, boots: one.boots)
    #expect(metered.totals.energy == one.booked)
    #expect(metered.totals.meterResets == one.resets)
    #expect(metered.changes.meterResets.count == Int(one.resets))
    #expect(metered.totals.odd.glitches == one.glitches)
    #expect(metered.totals.odd.openFalls == one.open)
  }

  @Test("All three meters follow the same rule", arguments: cases)
  func alike(_ one: Case) {
    let metered = Metered(energy: one.values, good: one.values, total: one.values, boots: one.boots)
    #expect(metered.totals.good == one.booked)
    #expect(metered.totals.total == one.booked)
    #expect(metered.totals.meterResets == 3 * one.resets)
    #expect(metered.totals.odd.glitches == 3 * one.glitches)
    #expect(metered.pairs == [one.booked, one.booked])
  }

  @Test("A reset says when which meter fell from what, and is booked where it is confirmed") func reset() {
    let metered = Metered(energy: [700, 800, 3, 4, 5], boots: [1, 1, 2, 2, 2])
    #expect(
      metered.changes.meterResets == [
        MeterReset(
          equipment: 0, at: start + .minutes(4), meter: .energy, last: 800, lastAt: start + .minutes(1),
          value: 3, fellAt: start + .minutes(2), countsValue: true)
      ])
    #expect(metered.timeline.energyAt == start + .minutes(4))
  }

  @Test("Before it is confirmed, a fall books nothing; the day that confirms it has it") func pastMidnight() {
    var metered = Metered(energy: [1000, 2000, 0])
    let next = start + .days(1)
    for minute in 0..<2 as Range<Int64> {
      metered.fold.fold(
        Reading(
          time: next + .minutes(minute), received: next, state: .running, meters: Meters(energy: 10 + minute)),
        of: 0, into: &metered.timeline, changes: &metered.changes)
    }
    #expect(metered.changes.closedDays.map(\.totals.energy) == [1000])
    #expect(metered.changes.closedDays.map(\.totals.odd.openFalls) == [1])
    #expect(metered.totals.energy == 11)
    #expect(metered.totals.odd.openFalls == 0)
    #expect(metered.totals.meterResets == 1)
  }

  @Test("Quality takes steps between readings that carry both; good above all pieces is left out and counted")
  func quality() {
    let above = Metered(good: [10, 30, 40], total: [10, 20, 40])
    #expect(above.pairs == [10, 20])
    #expect(above.totals.odd.goodAboveTotal == 1)
    #expect(above.totals.good == 30)
    let alone = Metered(good: [10, 20])
    #expect(alone.pairs == [0, 0])
    #expect(alone.totals.good == 10)
    // An increase of good alone belongs to the step that ends with both.
    let between = Metered(good: [10, 15, 20], total: [10, nil, 20])
    #expect(between.pairs == [10, 10])
    // A step does not end while one of the two is falling.
    let falling = Metered(good: [5010, 0, 5020], total: [5010, 5015, 5020])
    #expect(falling.pairs == [10, 10])
    #expect(falling.totals.odd.goodAboveTotal == 0)
    let apart = Metered(good: [10, nil, 20], total: [nil, 10, nil])
    #expect(apart.pairs == [0, 0])
  }
}
