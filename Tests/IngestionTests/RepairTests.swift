import Foundation
import Ingestion
import MQTT
import StoreReading
import Telemetry
import Testing
import TestSupport

@Suite("Repair") struct RepairTests {
  @Test("After repair the views are the same in whatever order records came, and however often")
  func shuffled()
    throws
  {
    for seed in 0..<40 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let messages = randomMessages(&random)
      let ordered = try repaired(windows(messages.sorted { $0.at < $1.at }, &random))
      let shuffled = messages.shuffled(using: &random)
      let inAnyOrder = try repaired(windows(shuffled, &random))
      #expect(inAnyOrder.difference(from: ordered).isEmpty, "seed \(seed), shuffled")
      let twice = shuffled + messages.shuffled(using: &random)
      let again = try repaired(windows(twice, &random))
      #expect(again.difference(from: ordered).isEmpty, "seed \(seed), twice")
    }
  }

  @Test("A reading of yesterday, late, changes yesterday and what today begins with") func yesterday() throws
  {
    let fixture = try ShardFixture()
    let day: Int64 = 86_400
    func status(_ seconds: Int64, _ kilowattHours: Int, received: Int64? = nil) -> Sent {
      .status("E1", seconds, received: received, extra: ",\"energy_kwh\":\(kilowattHours)")
    }
    try fixture.commit([status(0, 10)])
    try fixture.commit([status(day, 30)])
    try fixture.commit([status(60, 14, received: day + 5)])
    #expect(try fixture.evidence(at: day + 10).repairsPending == 1)
    try fixture.shard.repairAll()
    #expect(try fixture.evidence(at: day + 10).repairsPending == 0)
    // 60 s up to the late reading, then 15 min; 4 kWh on the first day, 16 on the second.
    let totals = try #require(try fixture.stored.totals(of: key("E1"), on: firstDay))
    #expect(totals.states[.running] == 960_000)
    #expect(totals.energy == 4000)
    #expect(totals.readings == 2)
    #expect(try fixture.stored.totals(of: key("E1"), on: firstDay + 1)?.energy == 16_000)
  }

  @Test("A day repaired from what its predecessor no longer is has no say on how that one's stretch ended")
  func stretchBegunBefore() throws {
    let fixture = try ShardFixture()
    let day: Int64 = 86_400
    func status(_ seconds: Int64, _ state: String, _ sequence: Int, received: Int64? = nil) -> Sent {
      .status("E1", seconds, state, received: received, extra: ",\"seq\":\(sequence)")
    }
    try fixture.commit((0..<4).map { status($0, "running", Int($0) + 1) })
    try fixture.commit([.connection("E1", "online", at: day)])
    try fixture.commit([status(2 * day, "idle", 12), status(2 * day + 100, "idle", 14)])
    // Late on the first day and on the third; the second, in between, is only found to differ.
    let now = 2 * day + 101
    try fixture.commit([
      status(5000, "fault", 5, received: now), status(2 * day + 50, "idle", 13, received: now),
    ])
    try fixture.shard.repairAll()
    // Messages are missing after the late reading, not after the first.
    let stretches = try fixture.stored.stretches(of: key("E1"))
    #expect(stretches.map(\.from) == [0, 5000, 172_800].map { morning + .seconds($0) })
    #expect(stretches.map(\.lostUntil) == [nil, morning + .seconds(172_800), nil])
  }

  @Test("A stretch that a later day closed stays when the days between end as before") func stretchOverDays()
    throws
  {
    let fixture = try ShardFixture()
    let day: Int64 = 86_400
    try fixture.commit([.status("E1", 0, "idle"), .status("E1", 1000)])
    try fixture.commit([.connection("E1", "offline", at: day)])
    try fixture.commit([.status("E1", 2 * day, "idle")])
    // The first day ends with another newest offline; the second, with its own, as before.
    fixture.shard.disconnected(reason: .closed("test"), at: (morning + .seconds(2 * day + 1)).milliseconds)
    try fixture.shard.connected(sessionPresent: true, at: (morning + .seconds(400)).milliseconds)
    try fixture.commit([.connection("E1", "offline", at: 500)])
    try fixture.shard.repairAll()
    let stretches = try fixture.stored.stretches(of: key("E1"))
    #expect(stretches.map(\.from) == [0, 1000, 2 * day].map { morning + .seconds($0) })
    #expect(stretches.map(\.cut) == [morning + .seconds(500), morning + .seconds(86_400), nil])
  }

  @Test("The journal is read once for a day and all that it changes after it") func onePass() throws {
    let fixture = try ShardFixture()
    let day: Int64 = 86_400
    for number in 1...5 as ClosedRange<Int64> { try fixture.commit([.status("E1", number * day)]) }
    // Before the first of all, which every later day knows of.
    try fixture.commit([.status("E1", 0, received: 5 * day + 1)])
    var passes = 0
    try fixture.shard.repairAll { _ in passes += 1 }
    #expect(passes == 1)
    let stored = try fixture.stored
    #expect(try stored.totals(of: key("E1"), on: firstDay + 5)?.readings == 1)
    #expect(
      try stored.closings(of: key("E1")).map(\.timeline.firstReading) == Array(repeating: morning, count: 5))
    #expect(try stored.overview().repairsPending == 0)
    #expect(try fixture.claimed().timelines.map(\.firstReading) == [morning])
  }

  @Test("A store claimed with days that wait is repaired before anything else comes") func afterClaim() throws
  {
    let fixture = try ShardFixture()
    try fixture.commit([.status("E1", 0), .status("E1", 120)])
    try fixture.commit([.status("E1", 60, "idle", received: 121)])
    try fixture.restart()
    try fixture.shard.repairAll()
    #expect(try fixture.stored.totals(of: key("E1"), on: firstDay)?.readings == 3)
    #expect(try fixture.stored.overview().repairsPending == 0)
  }

  @Test("Repairs go on beside the messages, in the background") func background() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    try fixture.commit([.status("E1", 0), .status("E1", 120), .status("E2", 1)])
    try fixture.commit([.status("E1", 60, "idle", received: 121)])
    var second: Int64 = 130
    let isRepaired = try waitUntil {
      second += 1
      try fixture.commit([.status("E1", second), .status("E2", second, "idle")])
      try fixture.shard.tick(now: (morning + .seconds(second)).milliseconds)
      return try fixture.written.overview().repairsPending == 0
    }
    #expect(isRepaired)
    let stretches = try fixture.stored.stretches(of: key("E1"))
    #expect(stretches.map(\.from) == [0, 60, 120].map { morning + .seconds($0) })
    #expect(stretches.map(\.state) == [.running, .idle, .running])
  }

  // MARK: -

  private func repaired(_ windows: [[Sent]]) throws -> [String] {
    let fixture = try ShardFixture()
    for window in windows { try fixture.commit(window) }
    try fixture.shard.repairAll()
    let stored = try fixture.stored
    let days = try #require(try stored.days())
    var lines = try stored.figures(days) + stored.closingLines() + stored.refusalLines()
    lines += try stored.sessionChanges(until: stored.instants(of: days).upperBound).map { "session \($0)" }
    lines.append("waiting \(try stored.overview().repairsPending)")
    // Their order depends on who was heard first.
    return try lines + fixture.claimed().lines.sorted()
  }

  private func windows(_ messages: [Sent], _ random: inout SeededGenerator) -> [[Sent]] {
    var windows: [[Sent]] = []
    var rest = messages[...]
    while !rest.isEmpty {
      let count = 1 + Int(random.next(9))
      windows.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return windows
  }

  /// Three machines over four days: heartbeats, gaps, late and fast clocks, reboots, falling meters, alarms.
  private func randomMessages(_ random: inout SeededGenerator) -> [Sent] {
    var messages: [Sent] = []
    var energy: Int64 = 100
    for _ in 0..<120 {
      let equipment = "E\(random.next(3))"
      let seconds = Int64(random.next(4 * 1440)) * 60
      let delay = random.next(3) > 0 ? 0 : Int64(random.next(2 * 86_400))
      let received = (seconds + delay) * 1000 + Int64(random.next(900))
      if random.next(8) == 0 {
        messages.append(
          Sent(
            topic: "factory/F001/W01/\(equipment)/connection",
            payload: random.next(2) == 0 ? "online" : "offline",
            at: seconds * 1000 + Int64(random.next(1000))))
        continue
      }
      if random.next(30) == 0 {
        messages.append(Sent(topic: "factory/F001/W01/\(equipment)/status", payload: "{]", at: received))
        continue
      }
      energy += Int64(random.next(5)) - 1
      let alarms = ["", ",\"alarms\":[\"A1\"]", ",\"alarms\":[\"A2\",\"A1\"]"][Int(random.next(3))]
      let boot = random.next(2) == 0 ? "" : ",\"boot\":\"b\(random.next(3))\",\"seq\":\(random.next(50))"
      var message = Sent.status(
        equipment, seconds, ["running", "idle", "fault"][Int(random.next(3))],
        extra: ",\"energy_kwh\":\(energy)\(boot)\(alarms)")
      message.at = received
      message.topic = "factory/F001/W0\(random.next(2))/\(equipment)/status"
      messages.append(message)
    }
    return messages
  }
}
