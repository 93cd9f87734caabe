import Aggregation
import Storage
import Telemetry
import Testing

private let midnight = Timestamp(milliseconds: 1_795_219_200_000)
private let first = CalendarDay(number: 20_778)

private func at(_ hours: Int64) -> Timestamp { midnight + .hours(hours) }
private func day(_ hours: Int64) -> CalendarDay { first + Int(hours / 24) }

/// A value shown by a sender at an hour, on the day of that hour.
private func level(_ value: Int64, _ hours: Int64) -> EnergyTrace.Point {
  .init(day: day(hours), at: at(hours), value: value)
}

/// A reset seen at an hour; the meter was last seen before it at another hour.
private func reset(_ value: Int64, _ hours: Int64, after last: Int64, counts: Bool = false)
  -> EnergyTrace.Point
{
  .init(
    day: day(hours), at: at(hours), value: value, kind: .reset(lastAt: at(last), countsValue: counts))
}

private func energy(
  _ senders: [EnergyTrace.Point]..., days: Int = 1, from: Int = 0, modulus: Int64? = nil
) -> [Int64] {
  let always = first - 10...first + 10
  return MergedMeter(members: senders.map { .init(days: always, points: $0) }, modulus: modulus)
    .energy(on: first + from...first + from + days - 1)
}

@Suite("Meters that several read") struct MergedMeterTests {
  @Test("One series, whichever sender comes first") func order() {
    let a = [level(1000, 8)]
    let b = [level(1000, 9), level(1500, 20)]
    #expect(energy(a, b) == [500])
    #expect(energy(b, a) == [500])
    #expect(energy(b) == [500])
    #expect(energy(a) == [0])
  }

  @Test("Periods add up, and begin where the one before ended") func periods() {
    let a = [level(1000, 8), level(1500, 32), level(1650, 44)]
    let b = [level(1000, 9), level(1410, 20), level(1490, 34)]
    #expect(energy(a, b) == [410])
    #expect(energy(a, b, from: 1) == [240])
    #expect(energy(a, b, days: 2) == [410, 240])
  }

  @Test("Periods add up also where a reset is told a day after it came") func lateReset() {
    // B fell at 23:00 and confirms it the next day; A goes on at the old value, so that they read two meters.
    let a = [level(1000, 8), level(1500, 23), level(1530, 60)]
    let b = [
      level(1000, 9), level(1400, 20),
      .init(day: first + 1, at: at(22), value: 0, kind: .reset(lastAt: at(20), countsValue: false)),
      level(900, 30),
    ]
    #expect(energy(a, b, days: 3) == [500, 900, 30])
    #expect(energy(a, b) == [500])
    #expect(energy(a, b, from: 1) == [900])
    #expect(energy(a, b, from: 2) == [30])
  }

  @Test("The lower of two senders that both begin is only the baseline when it came first") func baseline() {
    #expect(energy([level(100, 8), level(300, 20)], [level(150, 9)]) == [200])
    #expect(energy([level(100, 10), level(300, 20)], [level(150, 9)]) == [150])
  }

  @Test("Values of one sender at one instant stay in the order in which it showed them") func oneInstant() {
    // The meter fell from 900 to 100 and rose to 160 at once: sorted by value, 160 would be read before the fall.
    let a = [level(800, 8), level(900, 10), reset(100, 10, after: 10), level(160, 10)]
    let b = [level(850, 9)]
    #expect(energy(a, b) == [160])
    #expect(energy(b, a) == [160])
  }

  @Test("A value of an earlier day is not read again on the day whose reset follows it")
  func resetAfterAnEarlierDay() {
    var a = EnergyTrace()
    a.add(level: 1900, at: at(8), on: day(8))
    a.add(
      MeterReset(
        equipment: 0, at: at(27), meter: .energy, last: 1900, lastAt: at(8), value: 80, fellAt: at(26),
        countsValue: false), on: day(26))
    a.add(level: 100, at: at(40), on: day(40))
    #expect(a.points == [level(1900, 8), reset(80, 26, after: 8), level(100, 40)])
    // The clock of a second sender is two hours behind: it saw the reset before the first saw 1900.
    let b = [
      level(1800, 6),
      .init(day: day(25), at: at(7), value: 0, kind: .reset(lastAt: at(6), countsValue: false)),
    ]
    #expect(energy(a.points, b, days: 2) == [100, 20])
  }

  @Test("A reset that two senders tell is one") func resets() {
    let a = [level(1000, 8), reset(0, 10, after: 8), level(50, 20)]
    let b = [level(1010, 9), reset(5, 11, after: 9), level(48, 19)]
    #expect(energy(a, b) == [60])
    #expect(energy(b, a) == [60])
    // A sender that was silent since before the reset does not affect the value after it.
    #expect(energy(a, [level(1010, 9)]) == [60])
    #expect(energy(a, [level(1010, 9)], days: 2) == [60, 0])
  }

  @Test("What a restarted counter counted itself is booked; a declared rollover counts over its end")
  func counted() {
    #expect(
      energy([level(1000, 8), reset(7, 10, after: 8, counts: true), level(9, 12)], [level(990, 7)]) == [19])
    let rolls = [level(9500, 8), reset(20, 10, after: 8), level(30, 12)]
    #expect(energy(rolls, modulus: 10_000) == [530])
    #expect(energy(rolls, modulus: 100_000) == [10])
    #expect(energy([level(8000, 8), reset(20, 10, after: 8), level(30, 12)], modulus: 10_000) == [10])
  }

  @Test("A sender counts on the days on which it reads the meter") func membership() {
    let a = [level(1000, 8), level(1100, 30), level(1200, 50)]
    let b = [level(1000, 9), level(1040, 33), level(1240, 57)]
    let merged = MergedMeter(
      members: [.init(days: first...first + 1, points: a), .init(days: first...first + 2, points: b)],
      modulus: nil)
    #expect(merged.energy(on: first...first + 2) == [0, 100, 200])
    let later = MergedMeter(members: [.init(days: first...first + 2, points: b)], modulus: nil)
    #expect(later.energy(on: first + 2...first + 2) == [200])
  }

  @Test("A sender that joins counts from the day after, also if its old counter was far above the meter")
  func joining() {
    let neighbour = [level(70_000, 8), level(70_040, 30), level(70_060, 55)]
    // Its last value on the day of the change is still its own counter's: the fall to 70,058 is told the next day.
    let joins = [
      level(900_003, 26),
      .init(day: first + 2, at: at(47), value: 70_050, kind: .reset(lastAt: at(26), countsValue: false)),
      level(70_058, 54),
    ]
    let merged = MergedMeter(
      members: [
        .init(days: first...first + 2, points: neighbour),
        .init(days: first + 1...first + 2, points: joins, begins: first + 1),
      ], modulus: nil)
    // On the second day the neighbour alone; on the third 70,050, 70,058 and 70,060.
    #expect(merged.energy(on: first...first + 2) == [0, 40, 10])
    #expect(merged.energy(on: first + 2...first + 2) == [10])
  }

  @Test("The greatest numbers there are end nothing") func saturation() {
    #expect(energy([level(0, 8), level(.max, 9)], [level(1, 7), level(.max, 10)]) == [.max - 1])
    #expect(
      energy([level(0, 8), level(.max, 9), reset(5, 10, after: 9), level(.max, 11)], modulus: .max)
        == [.max])
  }

  @Test("A first day is taken apart into where the meter began, and where it was reset") func firstDay() {
    func fall(_ hours: Int64, from last: Int64, to value: Int64, counts: Bool) -> MeterReset {
      MeterReset(
        equipment: 0, at: at(hours + 1), meter: .energy, last: last, lastAt: at(hours - 1), value: value,
        fellAt: at(hours), countsValue: counts)
    }
    var trace = EnergyTrace()
    // 100 → 130, 3 → 20, 1 → 8: the first 3 counts, the 1 does not.
    trace.addFirst(
      day: first, energy: 30 + 3 + 17 + 7,
      resets: [fall(10, from: 130, to: 3, counts: true), fall(15, from: 20, to: 1, counts: false)],
      level: 8, at: at(20), firstAt: at(2))
    #expect(
      trace.points == [
        .init(day: first, at: at(2), value: 100), .init(day: first, at: at(9), value: 130),
        .init(day: first, at: at(10), value: 3, kind: .reset(lastAt: at(9), countsValue: true)),
        .init(day: first, at: at(14), value: 20),
        .init(day: first, at: at(15), value: 1, kind: .reset(lastAt: at(14), countsValue: false)),
        .init(day: first, at: at(20), value: 8),
      ])
    #expect(energy(trace.points) == [57])
  }
}
