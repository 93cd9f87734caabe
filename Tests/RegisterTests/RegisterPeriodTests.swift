import Register
import Telemetry
import TestSupport
import Testing

@Suite("The register through a period") struct RegisterPeriodTests {
  private func period(
    _ history: RegisterHistory, _ days: ClosedRange<Int>, known: Int? = nil
  ) -> RegisterPeriod {
    let imports = history.imports.map(\.0).filter { one in known.map { one.version <= $0 } ?? true }
    return RegisterPeriod(
      days: day(days.lowerBound)...day(days.upperBound), effectiveDays: imports.map(\.effectiveOn)
    ) { history.snapshot(day: $0, knownVersion: known) }
  }

  @Test("a machine that is retired and comes back is in service on both sides of the gap") func returning() {
    var history = RegisterHistory()
    history.append([machine("E1", from: 0)], effective: 0)
    history.append([machine("E1", from: 0, until: 12)], effective: 11)
    history.append([machine("E1", from: 0)], effective: 15)
    let segments = period(history, 10...19).segments
    #expect(segments.map(\.days) == [day(10)...day(10), day(11)...day(14), day(15)...day(19)])
    #expect(
      segments.map { $0.service(of: $0.snapshot.entries[0]) } == [
        day(10)...day(10), day(11)...day(11), day(15)...day(19),
      ])
  }

  @Test("a row that holds from a later day on counts on no day before it, though it says when it ended")
  func registeredLater() {
    var history = RegisterHistory()
    history.append([machine("E1", from: 0)], effective: 0)
    // Entered on day 20 for the record: in service from 2 to 17.
    history.append([machine("E2", from: 2, until: 17)], effective: 20)
    #expect(history.lines(16) == ["E1  inService", "E2  notYet"])
    for segment in period(history, 10...29).segments {
      #expect(segment.service(of: segment.snapshot.entries[1]) == nil)
    }
  }

  @Test("a row that reaches back without a commissioning date counts on no day before its own")
  func withoutCommissioning() {
    var history = RegisterHistory()
    history.append([machine("E1", until: 15), machine("E2", from: 12, until: 15)], effective: 20)
    let segments = period(history, 10...29).segments
    #expect(segments.map { $0.service(of: $0.snapshot.entries[0]) } == [nil, nil])
    #expect(segments.map { $0.service(of: $0.snapshot.entries[1]) } == [day(12)...day(14), nil])
  }

  @Test("in a random register, service over a period is that of each of its days") func dayByDay() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let history = RegisterHistory.random(using: &random)
      let known = Int.random(in: 0...history.imports.count, using: &random)
      let first = Int.random(in: -2...30, using: &random)
      let days = first...first + Int.random(in: 0...14, using: &random)
      var expected: [EquipmentKey: Set<CalendarDay>] = [:]
      for number in days {
        for entry in history.snapshot(day: day(number), knownVersion: known).entries
        where entry.service == .inService { expected[entry.equipment.key, default: []].insert(day(number)) }
      }
      var found: [EquipmentKey: Set<CalendarDay>] = [:]
      for segment in period(history, days, known: known).segments {
        for entry in segment.snapshot.entries {
          guard let service = segment.service(of: entry) else { continue }
          let numbers = service.lowerBound.number...service.upperBound.number
          found[entry.equipment.key, default: []].formUnion(numbers.map { CalendarDay(number: $0) })
        }
      }
      try #require(found == expected, "seed \(seed), days \(days), version \(known)")
    }
  }
}
