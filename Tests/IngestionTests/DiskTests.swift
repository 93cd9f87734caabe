import Storage
import Foundation
import GRDB
import Ingestion
import MQTT
import SQLiteStore
import Telemetry
import Testing
import TestSupport

/// What a day of heartbeats takes on the disk, every file of the store counted.
@Suite("Disk") struct DiskTests {
  private static let machines = 100
  private static let interval: Int64 = 5

  @Test("A heartbeat takes at most 25 bytes on its day and 8 once the day is compacted, every file counted")
  func bytesPerMessage() throws {
    let fixture = try ShardFixture(
      journal: JournalSettings(compactAfterDays: 0, pause: .zero), inMemory: true, daysPerGroup: 1)
    var random = SeededGenerator(seed: 1)
    var machines = (0..<Self.machines).map { _ in Heartbeats(&random) }
    // From morning until shortly before midnight.
    let end: Int64 = 15 * 3600 + 1800
    var messages = 0
    var json = 0
    try fixture.shard.connected(sessionPresent: false, at: morning.milliseconds)
    for second in stride(from: 0, to: end, by: 1) as StrideTo<Int64> {
      var window: [Sent] = []
      for index in machines.indices where Int64(index) % Self.interval == second % Self.interval {
        window.append(machines[index].next("M\(1000 + index)", at: second, &random))
      }
      // Some twenty messages a second, in windows of two or three as a quiet connection brings them.
      window.sort { $0.at < $1.at }
      for start in stride(from: 0, to: window.count, by: 3) {
        try fixture.commit(Array(window[start..<min(start + 3, window.count)]))
      }
      messages += window.count
      json += window.reduce(0) { $0 + $1.topic.utf8.count + $1.payload.utf8.count }
      if second % 30 == 0 { try fixture.shard.tick(now: (morning + .seconds(second)).milliseconds) }
    }
    try fixture.shard.finish()
    let live = Double(try bytes(of: fixture)) / Double(messages)
    // The day is over for all of them, and packed beside its rows. Only SQLite's tables show that it is packed, and
    // the figure would be too good without it.
    try fixture.commit(machines.indices.map { .status("M\(1000 + $0)", 17 * 3600) })
    try fixture.keepDays(at: 17 * 3600 + 60)
    try fixture.store.packGroups()
    let packed = try DatabaseQueue(path: fixture.directory.views).read {
      try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM packed_days")
    }
    #expect(packed == Self.machines)
    let compacted = Double(try bytes(of: fixture)) / Double(messages)
    print(
      "\(messages) heartbeats of \(json / messages) bytes with their topics: on the day \(tenths(live)) bytes each, compacted \(tenths(compacted))"
    )
    #expect(json / messages > 150)
    #expect(live <= 25)
    #expect(compacted <= 8)
    var read = 0
    try JournalReader(fixture.directory).forEachVerifiedBlock { block in
      try block.forEachRecord { if $0.kind == .message { read += 1 } }
    }
    #expect(read == messages + Self.machines)
  }

  private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  private func bytes(of fixture: ShardFixture) throws -> Int {
    let files = FileManager.default.enumerator(atPath: fixture.directory.path)
    var sum = 0
    while let file = files?.nextObject() as? String {
      var status = stat()
      if stat(fixture.directory.path + "/" + file, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
        sum += Int(status.st_size)
      }
    }
    return sum
  }
}

/// The status messages of one machine: a clock that trembles, meters that rise by a little more or less.
private struct Heartbeats {
  private let boot: String
  private let phase: Int64
  private var sequence: Int64
  private var energy: Int64
  private var good: Int64
  private var total: Int64
  private var isRunning = true

  init(_ random: inout SeededGenerator) {
    boot = String(random.next(1 << 32), radix: 16)
    phase = Int64(random.next(1000))
    sequence = Int64(random.next(100_000))
    energy = Int64(random.next(50_000_000))
    good = Int64(random.next(100_000))
    total = good + Int64(random.next(1000))
  }

  mutating func next(_ equipment: String, at second: Int64, _ random: inout SeededGenerator) -> Sent {
    if random.next(400) == 0 { isRunning.toggle() }
    sequence += 1
    if isRunning {
      energy += 12 + Int64(random.next(6))
      if random.next(4) == 0 {
        total += 1
        if random.next(50) > 0 { good += 1 }
      }
    }
    let sent = (morning + .seconds(second)).milliseconds + phase + Int64(random.next(15))
    let local = sent + 8 * 3_600_000
    let ofDay = local % 86_400_000
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let milliseconds = String(1000 + ofDay % 1000).dropFirst()
    let time =
      "\(CalendarDay(number: Int32(local / 86_400_000)))T\(two(ofDay / 3_600_000)):\(two(ofDay / 60_000 % 60)):\(two(ofDay / 1000 % 60)).\(milliseconds)+08:00"
    let kilowattHours = "\(energy / 1000).\(String(1000 + energy % 1000).dropFirst())"
    let received = sent + 1 + Int64(random.next(10)) - morning.milliseconds
    return Sent(
      topic: "factory/F001/W01/\(equipment)/status",
      payload:
        "{\"ts\":\"\(time)\",\"state\":\"\(isRunning ? "running" : "idle")\",\"mode\":\"automatic\",\"seq\":\(sequence),\"boot\":\"\(boot)\",\"energy_kwh\":\(kilowattHours),\"good\":\(good),\"total\":\(total)}",
      at: received)
  }
}
