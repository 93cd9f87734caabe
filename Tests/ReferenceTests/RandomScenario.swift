import TestSupport

/// Makes scenarios up: a register that changes, calendars, and records that come late, twice, out of order,
/// from fast clocks, over connections that break and collectors that are killed.
struct RandomScenario {
  private var random: SeededGenerator
  /// Random numbers for meters.
  private var metered: SeededGenerator
  private var scenario = Scenario()
  private var counter = 0
  private var links: [Link] = []
  /// From when on our clock is off by how much.
  private var clock: [(at: Int, offset: Int)] = []
  private var receipts: Set<String> = []
  /// Whether energy changes at random, as no shared meter does.
  private var isChaotic = false
  /// Times at which the energy meter restarted, ascending.
  private var resets: [Int] = []
  /// Whether it also rolls over at 200 kWh.
  private var rollsOver = false
  /// Number of times each piece of equipment sent 0 instead.
  private var glitches: [String: Int] = [:]
  /// Equipment whose messages are numbered.
  private var sequenced: Set<String> = []
  /// Random numbers for sequence numbers.
  private var counted: SeededGenerator
  /// Readings without their sequence number yet, and the times they are sent.
  private var waiting: [(record: Scenario.Record, sent: Int)] = []
  /// 2026-11-16, a Monday.
  private let firstDay = 20_773

  static func make(seed: UInt64) -> Scenario {
    var maker = RandomScenario(
      random: SeededGenerator(seed: seed), metered: SeededGenerator(seed: seed &+ 7_777),
      counted: SeededGenerator(seed: seed &+ 8_888))
    maker.scenario.seed = seed
    maker.fill()
    return maker.scenario
  }

  private init(random: SeededGenerator, metered: SeededGenerator, counted: SeededGenerator) {
    self.random = random
    self.metered = metered
    self.counted = counted
  }

  private mutating func below(_ bound: Int) -> Int { Int(random.next(UInt64(bound))) }
  private mutating func one(in chances: Int) -> Bool { below(chances) == 0 }
  private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  private mutating func fill() {
    let length = pick([2, 2, 3, 4])
    scenario.days = firstDay...firstDay + length - 1
    let end = Scenario.start(of: firstDay + length)
    scenario.now = end + pick([3_600_000, below(Scenario.day), -(1 + below(20)) * 1_800_000, -3_600_000])
    scenario.end = min(end, scenario.now)
    scenario.asOf = scenario.end - 1
    if one(in: 4) {
      // As of an instant of the last day, rather than over whole days.
      scenario.end = min(scenario.now, end - 1 - below(Scenario.day - 1))
      scenario.asOf = scenario.end - 1
      scenario.isCut = true
    }
    makeMeter(length)
    makeRegister(length)
    if one(in: 2) { makeCalendar() }
    for id in ["E1", "E2", "E3", "E4", "E5"] where one(in: 2) || counted.next(2) == 0 {
      sequenced.insert(id)
    }
    if one(in: 3) { makeClock() }
    makeConnections()
  }

  private mutating func makeMeter(_ length: Int) {
    isChaotic = metered.next(3) == 0
    rollsOver = metered.next(3) == 0
    for _ in 0..<metered.next(3) {
      resets.append(Scenario.start(of: firstDay) + Int(metered.next(UInt64(length * Scenario.day))))
    }
    resets.sort()
  }

  private mutating func makeRegister(_ length: Int) {
    var rows: [Scenario.Row] = []
    for number in 1...4 {
      var row = Scenario.Row(id: "E\(number)")
      row.workshop = "W\(1 + below(2))"
      row.line = pick(["", "L1"])
      row.interval = pick([nil, 60, 300, 90, 10, 1200, 36_000, 2_678_400])
      row.energyMeter = pick(["", "", "M1", "E1"])
      if isChaotic { row.energyMeter = "" }
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
    changed.interval = pick([nil, 60, 1200, 2400, 36_000])
    changed.energyMeter = pick(["", "M1"])
    if isChaotic { changed.energyMeter = "" }
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

  // MARK: The collector

  /// A clock that is wrong from some instant on, for good or until somebody sets it right.
  private mutating func makeClock() {
    let at = Scenario.start(of: firstDay) + below(scenario.days.count * Scenario.day)
    let leap = pick([20_000, 7_200_000, Scenario.day, 730 * Scenario.day])
    clock = [(at, one(in: 2) ? leap : -leap)]
    if !one(in: 3) { clock.append((at + 1 + below(Scenario.day), 0)) }
  }

  /// What our clock shows at an instant.
  private func shown(_ instant: Int) -> Int { instant + (clock.last { $0.at <= instant }?.offset ?? 0) }

  /// A connection as it really was.
  private struct Link {
    var from: Int
    var through: Int
    var resumed: Bool
    /// What arrived when, really.
    var arrivals: [(at: Int, event: Scenario.Connection.Event)] = []
  }

  private mutating func makeConnections() {
    var at = Scenario.start(of: firstDay) + pick([-7_200_000, -7_200_000, -Scenario.day, 0, 30_000_000])
    var resumed = false
    while at < scenario.now {
      let through = min(at + (1 + below(80)) * 1_800_000, scenario.now - 1)
      links.append(Link(from: at, through: through, resumed: resumed))
      at = through + 1000 + below(8) * 1_200_000
      resumed = !one(in: 3)
    }
    makeRecords()
    makeBrokerDrops()
    var history: [Scenario.Record] = []
    var endedWell = false
    for link in links {
      var connection = Scenario.Connection(from: shown(link.from), resumed: link.resumed)
      if link.resumed, !endedWell, one(in: 2) {
        // What was on its way and not acknowledged comes again, before everything else.
        for (place, record) in history.suffix(below(7)).enumerated() {
          var again = record
          again.received = shown(link.from + 1 + place)
          connection.events.append(.message(again))
        }
      }
      connection.events += link.arrivals.sorted { $0.at < $1.at }.map(\.event)
      addQuiet(&connection, link)
      let ending = shown(link.through)
      connection.ending = pick([.stopped(at: ending), .lost(at: ending), .killed])
      scenario.connections.append(connection)
      history += link.arrivals.sorted { $0.at < $1.at }.compactMap {
        if case .message(let record) = $0.event { record } else { nil }
      }
      if case .stopped = connection.ending { endedWell = true } else { endedWell = false }
    }
  }

  /// Notes of a quiet connection, which come ten seconds after anything else, or when the clock was set back.
  private mutating func addQuiet(_ connection: inout Scenario.Connection, _ link: Link) {
    guard one(in: 2) else { return }
    var events: [Scenario.Connection.Event] = []
    var last = connection.from
    for event in connection.events {
      let quiet = last + 10_000 + below(3_600_000)
      if one(in: 5), quiet < event.at { events += notes(from: quiet, before: event.at) }
      events.append(event)
      last = event.at
    }
    let quiet = last + 10_000 + below(3_600_000)
    if one(in: 2), quiet < shown(link.through) { events.append(.quiet(quiet)) }
    connection.events = events
  }

  /// One note of a quiet connection, or some until shortly before the next event, as if messages were withheld.
  private mutating func notes(from quiet: Int, before end: Int) -> [Scenario.Connection.Event] {
    var notes: [Scenario.Connection.Event] = [.quiet(quiet)]
    guard counted.next(3) == 0 else { return notes }
    var at = quiet + 10_000 + Int(counted.next(7_200_000))
    while at < end - 10_000, notes.count < 4 {
      notes.append(.quiet(at))
      at += 10_000 + Int(counted.next(7_200_000))
    }
    return notes
  }

  private mutating func makeBrokerDrops() {
    guard one(in: 2) else { return }
    var total = below(50)
    for index in links.indices {
      for isFirst in [true, false, false] where isFirst || one(in: 2) {
        if one(in: 2) { total = one(in: 6) ? below(20) : total + below(30) }
        let at =
          isFirst
          ? links[index].from + 20 : links[index].from + below(links[index].through - links[index].from)
        links[index].arrivals.append((at, .drops(total, at: shown(at), retained: isFirst)))
      }
    }
  }

  /// Where and when a message sent at an instant arrives: at once, or once someone listens again; nil when
  /// never.
  private func arrival(_ sent: Int) -> (link: Int, at: Int)? {
    links.firstIndex { sent <= $0.through }.map { ($0, max(sent, links[$0].from + 40)) }
  }

  // MARK: Messages

  private mutating func makeRecords() {
    var chaos = 150_000
    let begin = Scenario.start(of: firstDay) - pick([3_600_000, 3_600_000, Scenario.day])
    let minutes = max(1, (min(scenario.now, Scenario.start(of: firstDay + 6)) - begin) / 60_000)
    for _ in 0..<20 + below(120) {
      counter += 1
      let id = pick(["E1", "E2", "E3", "E4", "E5", "M1", "E1", "E2", "X9"])
      let time = begin + below(minutes) * 60_000
      if one(in: 9) {
        send(time, id, one(in: 2) ? .online : .offline, isRetained: one(in: 6))
        continue
      }
      if one(in: 20) {
        flap(time, id)
        continue
      }
      chaos += below(9000) - 1000
      if one(in: 20) { chaos -= 60_000 }
      let energy = isChaotic ? chaos : energy(of: id, at: time)
      // Late, from a clock that is ahead, or as it should be.
      let delay = one(in: 4) ? below(2 * Scenario.day) : one(in: 8) ? -below(360_000) : below(3) * 1000
      let record = reading(id, time, energy: max(0, energy))
      waiting.append((record, time + delay))
      // The same again, and another of the same instant.
      if one(in: 10) { waiting.append((record, time + delay + below(3) * 40_000_000)) }
      if one(in: 12) { waiting.append((reading(id, time, energy: max(0, energy - 500)), time + delay)) }
      if one(in: 25) {
        var malformed = record
        malformed.kind = .malformed
        malformed.payload = "{\"n\":\(counter)"
        send(malformed, at: time)
      }
    }
    numberMessages()
    for (record, sent) in waiting { send(record, at: sent) }
  }

  /// Numbers the messages of machines with sequence numbers, in the order made: some are lost now and then, or all
  /// the time where machines share a counter. For E3 the number is a time.
  private mutating func numberMessages() {
    for id in sequenced.sorted() where id != "E3" {
      let isShared = counted.next(8) == 0
      let readings = waiting.map(\.record).filter {
        $0.equipment == id && $0.payload.contains(Self.ownNumber)
      }
      let messages = Set(readings.map { Numbered(time: $0.time, payload: $0.payload) })
      var number = 1000
      // A jump means a loss only once the counter has proved to be the machine's own.
      var steps = 0
      var numbers: [String: Int] = [:]
      for one in messages.sorted(by: { ($0.time, $0.payload) < ($1.time, $1.payload) }) {
        let isLost = steps > 3 ? counted.next(2) == 0 : counted.next(12) == 0
        number += isShared || isLost ? 2 + Int(counted.next(4)) : 1
        steps += 1
        numbers[one.payload] = number
      }
      for index in waiting.indices where waiting[index].record.equipment == id {
        guard let number = numbers[waiting[index].record.payload] else { continue }
        waiting[index].record.number(number, insteadOf: Self.ownNumber)
      }
    }
  }

  private struct Numbered: Hashable {
    var time: Int
    var payload: String
  }
  /// Placeholder in a payload for a sequence number that is not known yet.
  private static let ownNumber = "\"seq\":-1"

  /// Value of the one energy meter in a piece of equipment's reading at an instant, in thousandths: a tenth of a kWh
  /// for each 100 s since it restarted. Now and then a digit jitters, or the value is 0.
  private mutating func energy(of id: String, at time: Int) -> Int {
    var energy = (time - Scenario.start(of: firstDay)) / 1000 + 150_000
    if let reset = resets.last(where: { $0 <= time }) { energy = (time - reset) / 1000 }
    if rollsOver { energy %= 200_000 }
    if metered.next(12) == 0, glitches[id, default: 0] < 2 {
      glitches[id, default: 0] += 1
      return metered.next(2) == 0 ? 0 : energy / 2
    }
    return metered.next(8) == 0 ? energy - 1 - Int(metered.next(UInt64(max(1, energy / 2000)))) : energy
  }

  /// Hands a message to the broker at an instant.
  private mutating func send(_ record: Scenario.Record, at sent: Int) {
    guard let (link, first) = arrival(sent) else { return }
    var at = first
    // The same message is never received twice in a millisecond: refused ones are told apart by that.
    while !receipts.insert("\(record.workshop) \(record.payload) \(shown(at))").inserted { at += 1 }
    guard at <= links[link].through else { return }
    var record = record
    record.received = shown(at)
    if record.kind == .malformed { record.time = record.received }
    links[link].arrivals.append((at, .message(record)))
  }

  /// A connection that opens and closes within a few milliseconds, or within one, reported once or twice.
  private mutating func flap(_ sent: Int, _ id: String) {
    guard let (link, first) = arrival(sent) else { return }
    let workshop = workshop()
    let isOnline = one(in: 2)
    let step = below(2)
    for place in 0..<(2 + below(3)) * (1 + below(2)) {
      let at = first + counter + place * step
      guard at <= links[link].through else { return }
      let kind: Scenario.Kind = (place % 2 == 0) == isOnline ? .online : .offline
      let record = Scenario.Record(
        equipment: id, workshop: workshop, received: shown(at), time: shown(at), kind: kind,
        payload: kind == .online ? "online" : "offline")
      links[link].arrivals.append((at, .message(record)))
    }
  }

  /// A connection message; two of one equipment never share a receipt.
  private mutating func send(_ sent: Int, _ id: String, _ kind: Scenario.Kind, isRetained: Bool) {
    guard let (link, first) = arrival(sent) else { return }
    var at = first + counter
    while !receipts.insert("\(id) \(shown(at))").inserted { at += 1 }
    guard at <= links[link].through else { return }
    links[link].arrivals.append(
      (
        at,
        .message(
          .init(
            equipment: id, workshop: workshop(), received: shown(at), time: shown(at), kind: kind,
            retained: isRetained, payload: kind == .online ? "online" : "offline"))
      ))
  }

  /// Now and then a topic names another workshop.
  private mutating func workshop() -> String { one(in: 8) ? "W2" : "W1" }

  private mutating func reading(_ id: String, _ time: Int, energy: Int) -> Scenario.Record {
    counter += 1
    var status = Scenario.Status(
      state: pick(["running", "running", "idle", "setup", "fault", "off", "maintenance"]))
    if one(in: 3) { status.mode = pick(["automatic", "manual"]) }
    if one(in: 2) { status.energy = energy }
    if one(in: 2) { status.good = counter * 2 - below(30) }
    if one(in: 3) { status.total = counter * 2 + below(3) }
    // A device numbers its messages; now and then a number makes no sense.
    if sequenced.contains(id), !one(in: 8) { status.seq = id == "E3" ? time / 60_000 : -1 }
    if one(in: 30) { status.seq = counter }
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
    fields += oddFields(beside: status)
    return .init(
      equipment: id, workshop: workshop(), received: time, time: time, kind: .reading(status),
      payload: "{\(fields.joined(separator: ","))}")
  }

  /// Optional fields that cannot be read; they count as missing.
  private mutating func oddFields(beside status: Scenario.Status) -> [String] {
    guard one(in: 6) else { return [] }
    var odd: [String] = []
    if status.mode == nil { odd.append(pick(["\"mode\":\"auto\"", "\"mode\":1"])) }
    if status.energy == nil {
      odd.append(pick(["\"energy_kwh\":\"12.5\"", "\"energy_kwh\":-1", "\"energy_kwh\":1e999"]))
    }
    if status.good == nil { odd.append("\"good\":true") }
    if status.total == nil { odd.append("\"total\":\"7\"") }
    if status.seq == nil { odd.append(pick(["\"seq\":\"5\"", "\"seq\":5.0"])) }
    if status.boot == nil { odd.append("\"boot\":7") }
    if status.alarms.isEmpty { odd.append(pick(["\"alarms\":[201]", "\"alarms\":\"E1\""])) }
    return odd.isEmpty ? [] : [pick(odd)]
  }
}

extension Scenario.Record {
  /// Gives a reading its number.
  fileprivate mutating func number(_ number: Int, insteadOf text: String) {
    guard case .reading(var status) = kind else { return }
    status.seq = number
    kind = .reading(status)
    payload = payload.replacing(text, with: "\"seq\":\(number)")
  }
}
