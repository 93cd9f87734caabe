import Aggregation
import Register
import Storage
import Telemetry
import Testing

/// A machine for each kind of flag, or several, in two factories.
@Suite("Flags of every kind in a district") struct DistrictFlagCountTests {
  private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private let today = CalendarDay(number: 20_780)
  private let hour: Int32 = 3_600_000
  private var period: Period {
    Period(from: today - 9, to: today, calendar: shanghai, now: shanghai.start(of: today) + .days(9))
  }

  /// A piece of equipment and what it did in the period.
  private struct Machine {
    var row: RegisteredEquipment
    var evidence: PeriodEvidence
    var isHeard = true
  }

  /// A machine that did nothing.
  private func machine(
    _ id: String, in factory: String = "F1", change: (inout Machine) -> Void = { _ in }
  ) -> Machine {
    machine(id, in: factory, { _, _ in }, change: change)
  }

  /// A machine of which each day is made by `day`, given its place among the ten of the period.
  private func machine(
    _ id: String, in factory: String = "F1", _ day: (Int, inout DayTotals) -> Void,
    change: (inout Machine) -> Void = { _ in }
  ) -> Machine {
    let key = EquipmentKey(factory: factory, equipment: id)
    let days = (0..<10).map { index in
      var totals = DayTotals()
      day(index, &totals)
      return (day: today - 9 + index, totals: totals)
    }
    var machine = Machine(
      row: RegisteredEquipment(key: key),
      evidence: PeriodEvidence(key: key, firstReading: period.from - .days(50), days: days))
    change(&machine)
    return machine
  }

  /// Flags of the machine itself and of its register row.
  private var ofClaims: [Machine] {
    [
      machine("A01") {
        $0.row.automation = .automatic
        $0.isHeard = false
      },
      machine(
        "A02",
        {
          $1.states[.running] = hour; $1.manualRunning = hour
        }
      ) { $0.row.automation = .automatic },
      machine("A03", { $1.states[.running] = hour }) { $0.row.automation = .automatic },
      machine("A04") { $0.row.serial = "S" },
      machine("A05") { $0.row.serial = "S" },
      machine("A06") { $0.row.decommissionedOn = today - 3 },
      machine("A07") { $0.row.workshop = "W3" },
      machine("A01", in: "F2", { $1.ties = 1 }) { $0.row.serial = "S" },
    ]
  }

  private var ofFigures: [Machine] {
    func metered(_ machine: inout Machine) {
      (machine.evidence.hasEnergy, machine.evidence.hasGood) = (true, true)
    }
    return [
      machine("B01") { $0.evidence.firstReading = period.from + .days(3) },
      machine(
        "B02",
        {
          $1.states[.idle] = 10 * hour; $1.readings = 600
        }
      ) { $0.row.reportInterval = .minutes(5) },
      machine(
        "B03",
        {
          $1.readings = 100; $1.late = 6
        }),
      machine("B04") { $0.row.workshop = "W2" },
      machine(
        "B05",
        {
          $1.energy = 1000 + Int64($0); $1.good = 5000
        }, change: metered),
      machine(
        "B06",
        {
          $1.energy = 1000 + Int64($0); $1.good = 5000
        }, change: metered),
      machine("B07", { $1.states[.running] = 24 * hour }),
      machine(
        "B08",
        {
          $1.energy = 12_000; $1.good = 3000
        }, change: metered),
      machine(
        "B09",
        {
          $1.states[.running] = hour; $1.energy = 101 + Int64($0)
        }, change: metered),
      machine(
        "B10",
        {
          $1.states[.running] = hour; $1.good = 1000 + Int64($0)
        }, change: metered),
    ]
  }

  private var ofConduct: [Machine] {
    func earlier(_ skew: Int64) -> (inout Machine) -> Void {
      { $0.evidence.earlierClocks = { Array(repeating: ClockDay(skew: skew, live: 10), count: 7) } }
    }
    func reset(_ meter: MeterReset.Meter) -> MeterReset {
      MeterReset(
        equipment: 0, at: period.from + .hours(2), meter: meter, last: 900, value: 5,
        fellAt: period.from + .hours(1), countsValue: false)
    }
    return [
      machine("C01", { $1.bootReturns = $0 == 4 ? 1 : 0 }),
      machine(
        "C02",
        {
          $1.skew = 600_000; $1.live = 10
        }),
      // Right on most days before the period; off on most of them; refused on all.
      machine(
        "C03",
        {
          $1.skew = 600_000; $1.live = 1
        }, change: earlier(0)),
      machine(
        "C04",
        {
          $1.skew = 0; $1.live = 1
        }, change: earlier(-600_000)),
      machine("C05"),
      machine(
        "C06",
        {
          $1.readings = 12; $1.sequenceJumps = 4
        }),
      machine("C07", { $1.ties = $0 == 2 ? 1 : 0 }),
      machine("C08"), machine("C09"),
      machine("C10") { $0.evidence.meterResets = [reset(.energy), reset(.energy), reset(.good)] },
      machine("C11", { $1.odd.goodAboveTotal = 1 }),
      machine("C12", { $1.total = TimeFigures.saturation - Int64($0) }),
    ]
  }

  private var calendars: ProductionCalendars {
    let range = period.from + .hours(1)..<period.from + .hours(4)
    func shutdown(_ workshop: String, enteredAt: Timestamp) -> ProductionCalendar.Shutdown {
      .init(place: .init(workshop: workshop, line: ""), range: range, enteredAt: enteredAt)
    }
    let late = range.lowerBound + .hours(1)
    // No equipment is in W4.
    return ProductionCalendars(
      version: 1,
      factories: [
        "F1": ProductionCalendar(shutdowns: [
          shutdown("W2", enteredAt: period.from - .days(1)), shutdown("W3", enteredAt: late),
          shutdown("W4", enteredAt: late),
        ])
      ])
  }

  private func assessment(keepsEquipment: Bool) throws -> DistrictAssessment {
    let machines = (ofClaims + ofFigures + ofConduct).sorted { $0.row.key < $1.row.key }
    var history = RegisterHistory()
    history.append(
      RegisterRows(equipment: machines.map(\.row)), effectiveOn: today - 300,
      importedAt: .init(milliseconds: 0))
    let period = period
    let register = RegisterPeriod(days: period.days, effectiveDays: []) { history.snapshot(day: $0) }
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: [(period.from, period.until)]), register: register,
      calendars: calendars, rules: PresenceRules(), keepsEquipment: keepsEquipment)
    for machine in machines { try ledger.add(machine.evidence) { _ in [] } }
    func key(_ id: String) -> EquipmentKey { EquipmentKey(factory: "F1", equipment: id) }
    let asOf = period.asOf
    var heard = machines.filter(\.isHeard).map {
      EquipmentEvidence(key: $0.row.key, readings: .init(last: asOf, state: .idle))
    }
    // A stranger that was refused too long ago to be listed.
    heard.append(EquipmentEvidence(key: key("X1")))
    heard.sort { $0.key < $1.key }
    var evidence = StoreEvidence(asOf: asOf, equipment: heard, observed: [(period.from, period.until)])
    evidence.refusedClocks = [key("C05"): RefusedClock(skew: .hours(-8), received: asOf)]
    evidence.refusals = ["C08", "X1"].map {
      SenderRefusal(key: key($0), refusal: Refusal(.missingField, "ts", messages: 2, newest: asOf - .days(1)))
    }
    evidence.fieldErrors = [
      FieldError(key: key("C09"), field: .mode, fault: .unspecified, messages: 3, excerpt: "x")
    ]
    return DistrictAssessment(
      register: register.segments[0].snapshot, evidence: evidence, knownAt: asOf, period: period,
      sums: try ledger.finish(), calendars: calendars,
      registerFlags: [
        AuditFlag(.removedFromBase, of: RegisteredEquipment(key: key("A06")), [:]),
        AuditFlag(.registerImproved, of: RegisteredEquipment(key: key("A02")), [:]),
      ])
  }

  @Test("A district that keeps no equipment counts what the lists of its factories hold") func everyKind()
    throws
  {
    let whole = try assessment(keepsEquipment: false)
    let listed = try assessment(keepsEquipment: true)
    let lists = try ["F1", "F2"].map { id in
      let factory = try #require(listed.factory(id))
      return listed.flags(
        of: factory, among: factory.equipment, calendar: listed.calendars.factories[id])
    }
    #expect(whole.flagCounts == FlagCount.counts(lists.flatMap { $0 }))
    let several: [AuditFlag.Kind: Int] = [.clockSkew: 3, .meterReset: 2, .equalTimes: 2, .sharedSerial: 2]
    // A change of meter is found by the meter's trace, which these machines have not.
    let kinds = AuditFlag.Kind.allCases.filter { $0 != .meterChanged }
    #expect(whole.flagCounts.map(\.kind) == kinds)
    #expect(whole.flagCounts.map(\.flags) == kinds.map { several[$0] ?? 1 })
    #expect(
      whole.flagCounts.map(\.factories) == kinds.map { $0 == .equalTimes || $0 == .sharedSerial ? 2 : 1 })
  }

  @Test("It keeps the conduct of conspicuous machines only") func conduct() throws {
    func kept(_ keepsEquipment: Bool) throws -> [String] {
      try assessment(keepsEquipment: keepsEquipment).period.factories["F1"]?.conduct.keys.sorted() ?? []
    }
    #expect(try kept(false) == ["C01", "C02", "C04", "C06", "C07", "C10", "C11", "C12"])
    #expect(try kept(true).count == 29)
  }
}
