import Aggregation
import Register
import Storage
import Telemetry
import Testing

private let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
/// 2026-11-02T00:00:00+08:00.
private let start = Timestamp(milliseconds: 1_793_548_800_000)

/// What stands out in a period, of machines behind a gateway whose readings are given hour by hour.
@Suite("A period step by step") struct DetailsTests {
  private let period = Period(
    from: calendar.day(at: start), to: calendar.day(at: start) + 1, calendar: calendar,
    now: start + .days(10))

  private func entry(
    _ id: String, workshop: String, gateway: String, category: String = "machine"
  ) -> RegisterSnapshot.Entry {
    RegisterSnapshot.Entry(
      equipment: RegisteredEquipment(
        key: EquipmentKey(factory: "F1", equipment: id), workshop: workshop, line: "L1", category: category,
        connectable: true,
        // A horizon of its own: then everything is read from stretches, not from totals of days.
        reportInterval: .minutes(10), commissionedOn: CalendarDay(year: 2020, month: 1, day: 1),
        gateway: gateway),
      service: .inService)
  }

  /// The details of machines that were on in the hours given, from the period's start, each stretch cut by an
  /// offline at its end. They are in workshop W1, or those of `second` in W2, behind one gateway each, GW1 and GW2. GW1
  /// is itself in the register if it has sessions.
  private func details(
    _ machines: [(id: String, on: [Range<Double>])], second: Set<String> = [],
    unobserved: [Range<Double>] = [], hasGateway: Bool = true, sessions: [Range<Double>] = [],
    alarms: [String: [(code: String, hour: Double)]] = [:],
    in period: Period? = nil,
    of scope: DetailsScope = .factory
  ) throws -> PeriodDetails {
    let period = period ?? self.period
    func at(_ hours: Double) -> Timestamp { start + .milliseconds(Int64(hours * 3_600_000)) }
    var observed: [(from: Timestamp, until: Timestamp)] = []
    var reached = period.from
    for blind in unobserved {
      observed.append((reached, at(blind.lowerBound)))
      reached = at(blind.upperBound)
    }
    observed.append((reached, period.until))
    let snapshot = RegisterSnapshot(
      version: 1, day: period.lastDay, factories: [],
      entries: machines.map { machine in
        let number = second.contains(machine.id) ? "2" : "1"
        return entry(machine.id, workshop: "W" + number, gateway: hasGateway ? "GW" + number : "")
      } + (sessions.isEmpty ? [] : [entry("GW1", workshop: "W1", gateway: "", category: "gateway")]))
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: observed),
      register: RegisterPeriod(days: period.firstDay...period.lastDay, effectiveDays: []) { _ in snapshot },
      calendars: ProductionCalendars(), rules: PresenceRules(), keepsEquipment: true, details: scope)
    let codes = AlarmBook()
    for (number, machine) in machines.enumerated() {
      let stretches = machine.on.map { range in
        StateInterval(
          equipment: EquipmentNumber(number), from: at(range.lowerBound), last: at(range.upperBound),
          cut: at(range.upperBound), state: .running, mode: .automatic)
      }
      let evidence = PeriodEvidence(
        key: EquipmentKey(factory: "F1", equipment: machine.id), firstReading: period.from,
        alarms: (alarms[machine.id] ?? []).map {
          PeriodEvidence.Alarm(code: codes.number(of: $0.code), at: at($0.hour))
        }, codes: codes)
      try ledger.add(evidence) { _ in stretches }
    }
    if !sessions.isEmpty {
      let key = EquipmentKey(factory: "F1", equipment: "GW1")
      let ranges = sessions.map { at($0.lowerBound)..<at($0.upperBound) }
      try ledger.add(PeriodEvidence(key: key, firstReading: nil, sessions: ranges)) { _ in [] }
    }
    return try #require(try ledger.finish().factories["F1"]?.details)
  }

  @Test("Each alarm has the number of its machines and the one that raised it most often") func alarms()
    throws
  {
    // The last is raised after the period's 48 hours.
    let raised: [String: [(code: String, hour: Double)]] = [
      "A": [("E1", 1), ("E1", 2), ("E2", 60)], "B": [("E1", 3), ("E1", 4), ("E2", 5)], "C": [("E1", 6)],
    ]
    func found(_ scope: DetailsScope) throws -> [String: [String]] {
      let machines: [(id: String, on: [Range<Double>])] = ["A", "B", "C"].map { ($0, [0..<24]) }
      return try details(machines, second: ["C"], alarms: raised, of: scope).alarms.mapValues {
        ["\($0.machines)", $0.most, "\($0.raised)"]
      }
    }
    #expect(try found(.factory) == ["E1": ["3", "A", "2"], "E2": ["1", "B", "1"]])
    #expect(try found(.workshop("W2")) == ["E1": ["1", "C", "1"]])
  }

  @Test("A short period is looked at by days, a long one by calendar months") func steps() throws {
    let first = try #require(CalendarDay("2026-01-15"))
    func steps(_ days: Int) -> PeriodSteps {
      PeriodSteps(Period(from: first, to: first + (days - 1), calendar: calendar, now: start + .days(400)))
    }
    #expect(steps(62).days.count == 62)
    #expect(steps(62).isDaily)
    #expect(
      steps(63).days.map { "\($0.lowerBound) \($0.upperBound)" } == [
        "2026-01-15 2026-01-31", "2026-02-01 2026-02-28", "2026-03-01 2026-03-18",
      ])
    #expect(!steps(63).isDaily)
  }

  @Test("Machines that go dark within minutes are the gateway's incident, until one is heard again")
  func incident() throws {
    let found = try details([
      ("A", [0..<10, 13..<48]), ("B", [0..<10.1, 14..<48]), ("C", [0..<5, 15..<48]),
    ]).incidents
    #expect(
      found == [
        GatewayIncident(
          gateway: "GW1", from: start + .minutes(606), until: start + .hours(13), equipment: ["A", "B"])
      ])
  }

  @Test(
    "One machine alone, hours apart, a short time, or a time in which nobody listened is none",
    arguments: [
      // Only one was on.
      [("A", [0..<10, 13..<48]), ("B", [0..<5, 14..<48])],
      // One went half an hour before the other.
      [("A", [0..<10, 13..<48]), ("B", [0..<9.5, 14..<48])],
      // Ten minutes.
      [("A", [0..<10, 10.2..<48]), ("B", [0..<10, 10.2..<48])],
    ] as [[(String, [Range<Double>])]])
  func noIncident(machines: [(String, [Range<Double>])]) throws {
    #expect(try details(machines.map { (id: $0.0, on: $0.1) }).incidents == [])
  }

  @Test("What nobody observed is no incident, and neither is what has no gateway") func unobserved() throws {
    let machines: [(id: String, on: [Range<Double>])] = [
      ("A", [0..<10, 13..<48]), ("B", [0..<10, 13..<48]),
    ]
    #expect(try details(machines).incidents?.count == 1)
    #expect(try details(machines, unobserved: [10..<12]).incidents == [])
    #expect(try details(machines, hasGateway: false).incidents == [])
  }

  @Test("The end of a gateway's own session is one incident with the machines that were on behind it")
  func death() throws {
    // The machines' readings vouch for them for a while after the gateway's death; C was off before.
    let found = try details(
      [("A", [0..<10.2, 13..<48]), ("B", [0..<10.1, 13..<48]), ("C", [0..<5, 15..<48])],
      sessions: [0..<10, 12.9..<48]
    ).incidents
    #expect(
      found == [
        GatewayIncident(
          gateway: "GW1", from: start + .hours(10), until: start + .minutes(774), equipment: ["A", "B"])
      ])
  }

  @Test("A short death counts, with one machine too; another darkness is listed beside it")
  func shortDeath() throws {
    let machines: [(id: String, on: [Range<Double>])] = [
      ("A", [0..<30, 31..<48]), ("B", [0..<30, 31..<48]),
    ]
    #expect(
      try details(machines, sessions: [0..<20, 20.1..<48]).incidents == [
        GatewayIncident(
          gateway: "GW1", from: start + .hours(20), until: start + .minutes(1206), equipment: ["A", "B"]),
        GatewayIncident(
          gateway: "GW1", from: start + .hours(30), until: start + .hours(31), equipment: ["A", "B"]),
      ])
    #expect(
      try details([("A", [0..<48])], sessions: [0..<20]).incidents == [
        GatewayIncident(gateway: "GW1", from: start + .hours(20), until: nil, equipment: ["A"])
      ])
  }

  @Test("A reconnection, the loss of our own connection, or a gateway without machines is no incident")
  func noDeath() throws {
    let machines: [(id: String, on: [Range<Double>])] = [("A", [0..<48]), ("B", [0..<48])]
    #expect(try details(machines, sessions: [0..<20, 20.01..<48]).incidents == [])
    #expect(try details(machines, unobserved: [20..<21], sessions: [0..<20, 21..<48]).incidents == [])
    #expect(try details(machines, hasGateway: false, sessions: [0..<20]).incidents == [])
    #expect(try details([("A", [0..<10])], sessions: [0..<20, 21..<48]).incidents == [])
  }

  @Test("At the end of the period an incident is open") func open() throws {
    let found = try details([("A", [0..<40]), ("B", [0..<40])]).incidents
    #expect(
      found == [GatewayIncident(gateway: "GW1", from: start + .hours(40), until: nil, equipment: ["A", "B"])])
  }

  @Test("Of many the eight worst are kept, of those alike the first") func eightWorst() throws {
    let machines = (10..<40).map { number -> (id: String, on: [Range<Double>]) in
      let hours = number % 10 < 3 ? 20 : 30 + number % 10
      return (id: "M\(number)", on: [0..<Double(hours)])
    }
    let found = try details(machines, hasGateway: false).worst
    #expect(found.map(\.equipment) == ["M10", "M11", "M12", "M20", "M21", "M22", "M30", "M31"])
    #expect(found.allSatisfy { $0.connectivity.on == 20 * 3_600_000 && $0.parts.count == 2 })
  }

  @Test("Of a workshop its own eight worst are kept, its lines, and what took its machines") func workshop()
    throws
  {
    // All of W1 were on for less than any of W2, and went dark at once.
    let first = (10..<22).map { (id: "A\($0)", on: [0..<20.0]) }
    let second = (10..<20).map { (id: "B\($0)", on: [0..<Double($0 + 20)]) }
    func found(_ scope: DetailsScope) throws -> PeriodDetails {
      try details(first + second, second: Set(second.map(\.id)), of: scope)
    }
    let (factory, w1, w2) = (
      try found(.factory), try found(.workshop("W1")), try found(.workshop("W2"))
    )
    let eight = (10..<18).map { "A\($0)" }
    #expect(factory.worst.map(\.equipment) == eight)
    #expect(w1.worst.map(\.equipment) == eight)
    #expect(w2.worst.map(\.equipment) == (10..<18).map { "B\($0)" })
    let hour: Int64 = 3_600_000
    #expect(w2.worst.map(\.connectivity.on) == (30..<38).map { $0 * hour })
    #expect(w2.worst.map(\.connectivity.off) == (30..<38).map { (48 - $0) * hour })
    #expect(w2.worst.allSatisfy { $0.workshop == "W2" && $0.parts.count == 2 })

    // 12 of W1 for 20 hours, 10 of W2 for 30 to 39.
    #expect(w1.steps().map(\.connectivity.on) == [240 * hour, 0])
    #expect(w2.steps().map(\.connectivity.on) == [240 * hour, 105 * hour])
    #expect(factory.steps().map(\.connectivity.on) == [480 * hour, 105 * hour])
    #expect(factory.steps(by: \.workshop)["W2"] == w2.steps())

    let incident = GatewayIncident(
      gateway: "GW1", from: start + .hours(20), until: nil, equipment: first.map(\.id))
    #expect(factory.incidents == [incident])
    #expect(w1.incidents == [incident])
    #expect(w2.incidents == [])
    #expect(try found(.workshop("W3")).worst.isEmpty)
  }

  @Test("In a long period gateways are not watched, and states are those of its last week")
  func longPeriod() throws {
    let days = 70
    let period = Period(
      from: calendar.day(at: start), to: calendar.day(at: start) + (days - 1), calendar: calendar,
      now: start + .days(100))
    let found = try details(
      [("A", [0..<10, 1650..<1660]), ("B", [0..<1670])], unobserved: [1600..<1601, 1665..<1666], in: period)
    #expect(found.incidents == nil)
    #expect(found.window == period.until - .days(7)..<period.until)
    #expect(found.worst.map(\.equipment) == ["A", "B"])
    let hour: Int64 = 3_600_000
    #expect(
      found.worst.map { one in
        one.parts.map {
          "\(($0.from - start).milliseconds / hour)–\(($0.until - start).milliseconds / hour) \($0.kind)"
        }
      } == [
        [
          "1512–1600 off", "1600–1601 unobserved", "1601–1650 off",
          "1650–1660 state(Telemetry.EquipmentState.running)", "1660–1665 off", "1665–1666 unobserved",
          "1666–1680 off",
        ], ["1512–1670 state(Telemetry.EquipmentState.running)", "1670–1680 off"],
      ])
    #expect(found.steps().map(\.connectivity.on) == [706 * hour, 744 * hour, 240 * hour])
  }

  @Test("The worst come first, with their states, what was off and what nobody observed") func worst() throws
  {
    let found = try details(
      [("A", [0..<10, 20..<48]), ("B", [0..<40]), ("C", [0..<48])], unobserved: [12..<14])
    #expect(found.worst.map(\.equipment) == ["A", "B"])
    let hour: Int64 = 3_600_000
    #expect(found.worst[0].connectivity.on == 38 * hour)
    #expect(found.worst[0].connectivity.off == 8 * hour)
    #expect(found.worst[0].connectivity.unobserved == 2 * hour)
    #expect(
      found.worst[0].parts.map {
        "\(($0.from - start).milliseconds / hour)–\(($0.until - start).milliseconds / hour) \($0.kind)"
      }
        == [
          "0–10 state(Telemetry.EquipmentState.running)", "10–12 off", "12–14 unobserved", "14–20 off",
          "20–48 state(Telemetry.EquipmentState.running)",
        ])
    let steps = found.steps()
    #expect(steps.map(\.connectivity.on) == [(14 + 24 + 24) * hour, (24 + 16 + 24) * hour])
    #expect(found.steps(by: \.workshop).keys.sorted() == ["W1"])
  }
}

extension PeriodDetails {
  /// Those of all lines added up.
  fileprivate func steps() -> [StepFigures] { steps { _ in true }[true] ?? [] }
}
