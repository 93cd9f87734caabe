import TestSupport

/// Makes scenarios up: a register that changes, calendars, and records that come late, twice, out of order,
/// from fast clocks, over connections that break and collectors that are killed.
struct RandomScenario {
  private var random: SeededGenerator
  private var scenario = Scenario()
  private var counter = 0
  /// Equipment whose messages are numbered.
  private var sequenced: Set<String> = []
  /// 2026-11-16, a Monday.
  private let firstDay = 20_773

  static func make(seed: UInt64) -> Scenario {
    var maker = RandomScenario(random: SeededGenerator(seed: seed))
    maker.fill()
    return maker.scenario
  }

  private init(random: SeededGenerator) { self.random = random }

  private mutating func below(_ bound: Int) -> Int { Int(random.next(UInt64(bound))) }
  private mutating func one(in chances: Int) -> Bool { below(chances) == 0 }
  private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  private mutating func fill() {
    let length = 2 + below(3)
    scenario.days = firstDay...firstDay + length - 1
    let end = Scenario.start(of: firstDay + length)
    scenario.now = one(in: 2) ? end + 3_600_000 : end - (1 + below(20)) * 1_800_000
    makeRegister(length)
    if one(in: 2) { makeCalendar() }
    makeConnections()
    for id in ["E1", "E2", "E3", "E4", "E5"] where one(in: 2) { sequenced.insert(id) }
    makeRecords()
  }

  private mutating func makeRegister(_ length: Int) {
    var rows: [Scenario.Row] = []
    for number in 1...4 {
      var row = Scenario.Row(id: "E\(number)")
      row.workshop = "W\(1 + below(2))"
      row.line = pick(["", "L1"])
      row.interval = pick([nil, 60, 300, 90, 1200])
      row.energyMeter = pick(["", "", "M1", "E1"])
      if one(in: 5) { row.decommissionedOn = firstDay + 1 + below(length) }
      if one(in: 5) { row.commissionedOn = firstDay + below(length) }
      if one(in: 4) { row.rollover = 200_000 }
      if one(in: 6) { row.digital = false }
      rows.append(row)
    }
    var meter = Scenario.Row(id: "M1", category: "meter")
    meter.workshop = "W1"
    rows.append(meter)
    scenario.imports = [.init(effectiveOn: firstDay - 5, rows: rows)]
    guard one(in: 2) else { return }
    var changed = rows[below(4)]
    changed.workshop = "W\(1 + below(3))"
    changed.interval = pick([nil, 60, 1200, 2400])
    changed.energyMeter = pick(["", "M1"])
    var added = Scenario.Row(id: "E5")
    added.interval = pick([nil, 300])
    scenario.imports.append(.init(effectiveOn: firstDay + 1 + below(length - 1), rows: [changed, added]))
  }

  private mutating func makeCalendar() {
    scenario.shifts.append(
      .init(
        days: firstDay - 1...firstDay + 9, weekdays: [1, 2, 3, 4, 5], start: 480,
        end: pick([1200, 1440, 1800])))
    if one(in: 2) {
      scenario.shifts.append(
        .init(workshop: "W1", line: "L1", days: firstDay...firstDay + 9, start: 0, end: 1440))
    }
    if one(in: 3) { scenario.holidays = [firstDay + 1] }
    for _ in 0..<below(3) {
      let from = Scenario.start(of: firstDay) + below(70) * 3_600_000
      scenario.shutdowns.append(
        .init(
          workshop: pick(["", "W1"]), from: from, until: from + (1 + below(30)) * 1_800_000,
          enteredAt: from + (below(3) - 1) * 3_600_000))
    }
  }

  private mutating func makeConnections() {
    var at = Scenario.start(of: firstDay) + pick([-7_200_000, 0, 30_000_000])
    var resumed = false
    while at < scenario.now {
      let through = min(at + (1 + below(60)) * 1_800_000, scenario.now - 1)
      scenario.connections.append(
        .init(from: at, through: through, resumed: resumed, closed: one(in: 2) || through == scenario.now - 1)
      )
      at = through + 1000 + below(8) * 1_200_000
      resumed = !one(in: 3)
    }
  }

  private mutating func makeRecords() {
    var records: [Scenario.Record] = []
    var energy = 150_000
    for _ in 0..<20 + below(120) {
      let id = pick(["E1", "E2", "E3", "E4", "E5", "M1", "E1", "E2"])
      let time = Scenario.start(of: firstDay) + below(scenario.days.count * 1440) * 60_000 - 3_600_000
      let delay = one(in: 4) ? below(2 * Scenario.day) : one(in: 8) ? -below(240_000) : below(3) * 1000
      guard let received = receipt(time + delay), received < scenario.now, time <= received + 300_000 else {
        continue
      }
      counter += 1
      if one(in: 9) {
        let kind: Scenario.Kind = one(in: 2) ? .online : .offline
        records.append(
          .init(
            equipment: id, workshop: "W1", received: received + counter, time: received + counter, kind: kind,
            retained: one(in: 6), payload: kind == .online ? "online" : "offline"))
        continue
      }
      energy += below(9000) - 1000
      if one(in: 20) { energy -= 60_000 }
      records.append(reading(id, time, received, energy: max(0, energy)))
      if one(in: 10), let last = records.last {
        var again = last
        again.received = receipt(last.received + below(3) * 40_000_000) ?? last.received
        if again.received < scenario.now { records.append(again) }
      }
      if one(in: 12) { records.append(reading(id, time, received, energy: max(0, energy - 500))) }
      if one(in: 25) {
        records.append(
          .init(
            equipment: id, workshop: "W1", received: received, time: received, kind: .malformed,
            payload: "{\"n\":\(counter)"))
      }
    }
    scenario.records = records.enumerated().sorted {
      ($0.element.received, $0.offset) < ($1.element.received, $1.offset)
    }.map(\.element)
    // A killed collector is known to have listened up to the last record it stored.
    for index in scenario.connections.indices where !scenario.connections[index].closed {
      let connection = scenario.connections[index]
      scenario.connections[index].through =
        scenario.records.last { $0.received >= connection.from && $0.received <= connection.through }?
        .received
        ?? connection.from
    }
  }

  private mutating func reading(_ id: String, _ time: Int, _ received: Int, energy: Int) -> Scenario.Record {
    counter += 1
    var status = Scenario.Status(
      state: pick(["running", "running", "idle", "setup", "fault", "off", "maintenance"]))
    if one(in: 3) { status.mode = pick(["automatic", "manual"]) }
    if one(in: 2) { status.energy = energy }
    if one(in: 2) { status.good = counter * 2 - below(30) }
    if one(in: 3) { status.total = counter * 2 + below(3) }
    // A device that counts its messages is at one of these every few hours: some gaps miss messages, some
    // do not, and now and then a number makes no sense.
    if sequenced.contains(id), !one(in: 8) { status.seq = time / (id == "E3" ? 14_400_000 : 7_200_000) }
    if one(in: 12) { status.seq = counter }
    if one(in: 3) { status.boot = sequenced.contains(id) && !one(in: 6) ? "a" : pick(["a", "b", "c"]) }
    if one(in: 6) { status.alarms = pick([["A1"], ["A1", "A2"], ["A2"]]) }
    var fields = ["\"ts\":\(time)", "\"state\":\"\(status.state)\"", "\"n\":\(counter)"]
    if let mode = status.mode { fields.append("\"mode\":\"\(mode)\"") }
    if let energy = status.energy {
      let fraction = String(1000 + energy % 1000).dropFirst()
      fields.append("\"energy_kwh\":\(energy / 1000).\(fraction)")
    }
    if let good = status.good.map({ max(0, $0) }) {
      status.good = good
      fields.append("\"good\":\(good)")
    }
    if let total = status.total { fields.append("\"total\":\(total)") }
    if let seq = status.seq { fields.append("\"seq\":\(seq)") }
    if let boot = status.boot { fields.append("\"boot\":\"\(boot)\"") }
    if !status.alarms.isEmpty {
      fields.append("\"alarms\":[\(status.alarms.map { "\"\($0)\"" }.joined(separator: ","))]")
    }
    return .init(
      equipment: id, workshop: "W1", received: received, time: time, kind: .reading(status),
      payload: "{\(fields.joined(separator: ","))}")
  }

  /// When a message sent at `time` is received: at once, or once someone listens again; nil when never.
  private func receipt(_ time: Int) -> Int? {
    for connection in scenario.connections where time <= connection.through {
      return max(time, connection.from + 1)
    }
    return nil
  }
}
