import Aggregation
import Register
import Storage
import Telemetry
import Testing

@Suite("Flags") struct AuditFlagTests {
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private let today = CalendarDay(number: 20_780)
  private var asOf: Timestamp { shanghai.start(of: today + 1) - .milliseconds(1) }

  private func key(_ id: String) -> EquipmentKey { EquipmentKey(factory: "F1", equipment: id) }

  /// The flags of a factory with these rows, evidence and days.
  private func flags(
    _ rows: [RegisteredEquipment], _ evidence: [EquipmentEvidence] = [], days: [PeriodEvidence] = [],
    refused: [EquipmentKey: RefusedClock] = [:],
    calendar: ProductionCalendar = ProductionCalendar()
  ) throws -> [AuditFlag] {
    var history = RegisterHistory()
    history.append(
      RegisterRows(equipment: rows), effectiveOn: today - 300, importedAt: .init(milliseconds: 0))
    let period = Period(from: today - 6, to: today, calendar: shanghai, now: asOf + .days(9))
    let through = RegisterPeriod(days: period.firstDay...period.lastDay, effectiveDays: []) {
      history.snapshot(day: $0)
    }
    var found = StoreEvidence(asOf: asOf, equipment: evidence, observed: [(period.from, period.until)])
    found.refusedClocks = refused
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: found.observed), register: through,
      calendars: ProductionCalendars(version: 1, factories: ["F1": calendar]), rules: PresenceRules(),
      keepsEquipment: true)
    for one in days { try ledger.add(one) { _ in [] } }
    let district = DistrictAssessment(
      register: through.segments[0].snapshot, evidence: found, rules: PresenceRules(), knownAt: asOf,
      period: period, sums: try ledger.finish())
    let factory = try #require(district.factory("F1"))
    return district.flags(of: factory, among: factory.equipment, calendar: calendar)
  }

  /// Milliseconds and causes of the clocks flagged.
  private func clocks(_ flags: [AuditFlag]) -> [(Int64, String)] {
    flags.compactMap { flag in
      guard flag.kind == .clockSkew, case .span(let behind)? = flag["behind_ms"],
        case .text(let cause)? = flag["cause"]
      else { return nil }
      return (behind.milliseconds, cause)
    }
  }

  private func days(_ id: String, _ change: (Int, inout DayTotals) -> Void) -> PeriodEvidence {
    PeriodEvidence(
      key: key(id), firstReading: asOf - .days(20),
      days: (0..<7).map { index in
        var totals = DayTotals()
        totals.skew = 1000
        totals.live = 10
        totals.readings = 10
        change(index, &totals)
        return (today - 6 + index, totals)
      })
  }

  private func heard(_ id: String, _ ago: Span) -> EquipmentEvidence {
    EquipmentEvidence(key: key(id), readings: .init(last: asOf - ago, state: .running))
  }

  @Test("A claim without a reading in thirty days is flagged; at thirty days less a moment it is not")
  func claims() throws {
    let found = try flags(
      [
        RegisteredEquipment(key: key("E1"), automation: .automatic),
        RegisteredEquipment(key: key("E2"), digital: true, connectable: true),
        RegisteredEquipment(key: key("E3"), automation: .automatic),
        RegisteredEquipment(key: key("E4"), digital: true),
      ], [heard("E1", .days(30)), heard("E3", .milliseconds(30 * 86_400_000 - 1))])
    #expect(found.map(\.equipment) == ["E1", "E2"])
    #expect(found.map(\.kind) == [.claimWithoutEvidence, .claimWithoutEvidence])
    #expect(found.map { $0["automatic"] } == [.truth(true), .truth(false)])
    #expect(found.map { $0["last_reading"] } == [.instant(asOf - .days(30)), .missing])
  }

  @Test("Registered automatic and mostly run by hand is flagged with both times") func manual() throws {
    let rows = ["E1", "E2"].map { RegisteredEquipment(key: key($0), automation: .automatic) }
    let found = try flags(
      rows, [heard("E1", .hours(1)), heard("E2", .hours(1))],
      days: [
        days("E1") {
          $1.manualRunning = 2_000; $1.automaticRunning = 1_999; $1.states[.running] = 3_999
        },
        days("E2") {
          $1.manualRunning = 2_000; $1.automaticRunning = 2_000; $1.states[.running] = 4_000
        },
      ])
    #expect(found.map(\.equipment) == ["E1"])
    #expect(found.map(\.kind) == [.manualOperation])
    #expect(found[0]["manual_ms"] == .span(.milliseconds(14_000)))
    #expect(found[0]["running_ms"] == .span(.milliseconds(27_993)))
  }

  @Test(
    "A clock's difference is the median of days, and its cause is told from its size and course",
    arguments: [
      ([0, 1, 2, 3, 119_999, 0, 0], nil),
      (
        [28_800_500, 28_801_000, 28_790_000, 0, 28_800_000, 28_800_000, 28_800_000], (28_800_000, "time_zone")
      ),
      (
        [-12_600_000, -12_600_000, -12_600_000, -12_600_000, -12_600_000, -12_600_000, -12_600_000],
        (-12_600_000, "time_zone")
      ),
      ([600_000, 601_000, 602_000, 603_000, 604_000, 605_000, 606_000], (603_000, "drifting")),
      ([600_000, 500_000, 602_000, 603_000, 604_000, 605_000, 606_000], (603_000, "not_set")),
      // No zone is 24 hours away, nor more than 14.
      (Array(repeating: 86_400_000, count: 7), (86_400_000, "not_set")),
      (Array(repeating: 50_400_000, count: 7), (50_400_000, "time_zone")),
      (Array(repeating: 52_200_000, count: 7), (52_200_000, "not_set")),
    ] as [([Int64], (Int64, String)?)])
  func clocks(skews: [Int64], expected: (Int64, String)?) throws {
    let found = try flags(
      [RegisteredEquipment(key: key("E1"))], [heard("E1", .hours(1))],
      days: [days("E1") { $1.skew = skews[$0] }])
    let seen = clocks(found)
    #expect(seen.first?.0 == expected?.0)
    #expect(seen.first?.1 == expected?.1)
    #expect(seen.count == (expected == nil ? 0 : 1))
  }

  @Test("Days on which everything came late say nothing, where the days before show a clock that is right")
  func keptBack() throws {
    func clock(_ before: [Int64]) throws -> [(Int64, String)] {
      var late = days("E1") { $1.skew = 36_000_000 + Int64($0) }
      late.earlierClocks = { before.map { ClockDay(skew: $0, live: 10) } }
      return clocks(
        try flags([RegisteredEquipment(key: key("E1"))], [heard("E1", .hours(1))], days: [late]))
    }
    #expect(try clock(Array(repeating: 500, count: 7)).isEmpty)
    let found = try clock(Array(repeating: 500, count: 6))
    #expect(found.map(\.0) == [36_000_000])
    #expect(found.map(\.1) == ["time_zone"])
  }

  @Test("A clock is judged by thirty days at least, and by a longer period as a whole") func window() {
    func days(_ length: Int) -> Int {
      let period = Period(from: today - (length - 1), to: today, calendar: shanghai, now: asOf)
      let before = Conduct.days(before: period)
      #expect(before.upperBound == today - (length - 1))
      return Int(before.upperBound.number - before.lowerBound.number)
    }
    #expect([1, 7, 29, 30, 31, 365].map(days) == [29, 23, 1, 0, 0, 0])
  }

  @Test("A clock so far ahead that every message is refused is flagged too") func refused() throws {
    let found = try flags(
      [RegisteredEquipment(key: key("E1"))],
      refused: [key("E1"): RefusedClock(skew: .milliseconds(-28_800_123), received: asOf)])
    #expect(clocks(found).map(\.0) == [-28_800_123])
    #expect(clocks(found).map(\.1) == ["time_zone"])
  }

  @Test(
    "Sequence numbers are not the sender's own from three jumps on that are a quarter of its readings",
    arguments: [(70, 17, true), (70, 16, false), (8, 3, true), (8, 2, false), (3, 3, true), (0, 0, false)]
      as [(Int32, Int32, Bool)])
  func foreignCounter(readings: Int32, jumps: Int32, isFlagged: Bool) throws {
    let found = try flags(
      [RegisteredEquipment(key: key("E1"))], [heard("E1", .hours(1))],
      days: [
        days("E1") {
          ($1.readings, $1.sequenceJumps) = $0 == 2 ? (readings, jumps) : (0, 0)
        }
      ])
    #expect(found.map(\.kind) == (isFlagged ? [.foreignCounter] : []))
    #expect(
      found.map { $0.evidence.map(\.fact) }
        == (isFlagged ? [[.number(Int(jumps)), .number(Int(readings))]] : []))
  }

  @Test("Serials twice, boots that come back, removals, late shutdowns and equal times have their evidence")
  func others() throws {
    let shutdown = asOf - .hours(5)..<asOf - .hours(1)
    let found = try flags(
      [
        RegisteredEquipment(key: key("E1"), serial: "S-1"),
        RegisteredEquipment(key: key("E2"), serial: "S-1"),
        RegisteredEquipment(key: key("E3"), decommissionedOn: today - 29),
        RegisteredEquipment(key: key("E4"), decommissionedOn: today - 31),
      ], [heard("E1", .hours(1))],
      days: [
        days("E1") {
          $1.bootReturns = $0 == 3 ? 2 : 0; $1.ties = $0 == 4 ? 5 : 0
        }
      ],
      calendar: ProductionCalendar(
        shutdowns: [.init(place: .init(), range: shutdown, enteredAt: asOf - .hours(4))]))
    #expect(
      found.map(\.kind) == [.sharedSerial, .interleavedBoots, .recentlyRetired, .lateShutdown, .equalTimes])
    #expect(
      found.map { $0.evidence.map(\.fact) } == [
        [.text("S-1"), .text("F1/E1")], [.number(2)], [.day(today - 29)],
        [
          .instant(shutdown.lowerBound), .instant(shutdown.upperBound), .instant(asOf - .hours(4)),
        ], [.number(5)],
      ])
    #expect(FlagCount.counts(found).map(\.flags) == [1, 1, 1, 1, 1])
    #expect(found.map(\.equipment) == ["E2", "E1", "E3", "", "E1"])
  }
}
