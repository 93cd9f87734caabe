import Aggregation
import Decoding
import Ingestion
import MQTT
import Register
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

/// A district whose machines behave badly by chance, collected into a real store.
@Suite("Flags of a district by kind") struct DistrictFlagTests {
  private static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private static let first = CalendarDay(number: 20_000)
  private static let days = 34
  private static let factories = ["F1", "F2", "F3"]

  @Test("Their numbers are the sums over the reports of its factories, for a day as for a month")
  func sums() throws {
    var seen: Set<AuditFlag.Kind> = []
    var seenOfDays: Set<AuditFlag.Kind> = []
    for seed in 0..<6 as Range<UInt64> {
      let folder = try TemporaryDirectory("flags", inMemory: true)
      let directory = StoreDirectory(folder.path + "/store")
      try collect(into: directory, seed: seed)
      let now = Self.calendar.start(of: Self.first + Self.days)
      let reading = AssessmentReading(
        store: directory, calendar: Self.calendar, rules: PresenceRules(), knownAt: now, now: now, fold: nil)
      for days in [33...33, 20...20, 5...5, 0...0, 27...33, 10...30, 4...33, 0...33] {
        let period = Period(
          from: Self.first + days.lowerBound, to: Self.first + days.upperBound, calendar: Self.calendar,
          now: now)
        let district = try reading.assessment(asOf: period.asOf, over: period)
        var lists: [AuditFlag] = []
        for summary in district.factories {
          let id = summary.factory.id
          let one = try reading.assessment(of: id, asOf: period.asOf, over: period)
          let factory = try #require(one.factory(id))
          lists += one.flags(of: factory, among: factory.equipment, calendar: one.calendars.factories[id])
        }
        #expect(district.flagCounts == FlagCount.counts(lists), "seed \(seed), days \(days)")
        #expect(district.period.factories.values.allSatisfy { $0.equipment.isEmpty && $0.flags.isEmpty })
        seen.formUnion(lists.map(\.kind))
        if days.count == 1 { seenOfDays.formUnion(lists.map(\.kind)) }
      }
    }
    #expect(seen.isSuperset(of: [.clockSkew, .equalTimes, .meterReset, .refusedMessages, .sharedSerial]))
    #expect(seenOfDays.isSuperset(of: [.clockSkew, .refusedMessages]))
  }

  // MARK: -

  /// Ways to misbehave.
  private enum Habit: CaseIterable {
    case none, clockBehind, clockAhead, clockSometimes, meterFalls, goodAboveTotal, twoBoots, equalTimes
    case foreignCounter, saturated
  }

  private struct Message {
    var received: Int64
    var topic: String
    var payload: String
  }

  private func collect(into directory: StoreDirectory, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var messages: [Message] = []
    var rows: [RegisteredEquipment] = []
    for factory in Self.factories {
      for number in 0..<7 {
        let key = EquipmentKey(factory: factory, equipment: "E\(number)")
        rows.append(
          RegisteredEquipment(
            key: key, workshop: "W1", automation: .automatic,
            // Serial numbers that factories share are in no factory's list.
            serial: ["", "\(factory)-1", "\(factory)-2", "\(factory)-3"].randomElement(using: &random) ?? "",
            energyRollover: number == 3 ? 1_000_000 : nil))
        // The first two machines of a district have clocks that are off.
        let habit =
          factory == "F1" && number < 2
          ? [.clockBehind, .clockAhead][number] : Habit.allCases.randomElement(using: &random) ?? .none
        messages += self.messages(of: key, habit, days: 0..<Self.days, &random)
      }
      // Nobody knows it, and it is refused for longer than a month before the end.
      messages += self.messages(
        of: EquipmentKey(factory: factory, equipment: "X1"), .clockAhead, days: 0..<1, &random)
    }
    let register = try RegisterStore.open(directory: directory.path, readOnly: false)
    try register.importSnapshot(
      RegisterRows(factories: Self.factories.map { RegisteredFactory(id: $0) }, equipment: rows),
      effectiveOn: Self.first - 100, importedAt: Self.calendar.start(of: Self.first - 1),
      equipmentFile: RegisterFile(name: "equipment.csv", bytes: []),
      factoriesFile: RegisterFile(name: "factories.csv", bytes: []))
    try feed(messages.sorted { $0.received < $1.received }, into: directory, seed: seed)
  }

  private func messages(
    of key: EquipmentKey, _ habit: Habit, days: Range<Int>, _ random: inout SeededGenerator
  ) -> [Message] {
    var messages: [Message] = []
    var (energy, good, total, sequence): (Int64, Int64, Int64, UInt64) = (500, 500, 500, 1)
    for day in days {
      let noon = (Self.calendar.start(of: Self.first + day) + .hours(12)).milliseconds
      let isOff = habit == .clockBehind || (habit == .clockSometimes && random.next(2) == 0)
      if habit == .meterFalls, random.next(4) == 0 { energy = 0 }
      if habit == .saturated, random.next(8) == 0 { energy += 20_000_000_000 }
      for minute in 0..<6 as Range<Int64> {
        let received = noon + minute * 60_000 + Int64(random.next(1000))
        var time = received - 100
        if isOff { time -= 240_000 }
        if habit == .clockAhead { time += 86_400_000 }
        energy += Int64(random.next(4))
        good += habit == .goodAboveTotal && random.next(5) == 0 ? 9 : 1
        total += 1
        sequence += habit == .foreignCounter ? random.next(900) + 2 : 1
        let boot = habit == .twoBoots && minute % 2 == 1 && random.next(3) == 0 ? "b" : "a"
        func add(_ state: String) {
          messages.append(
            Message(
              received: received, topic: "factory/\(key.factory)/W1/\(key.equipment)/status",
              payload: """
                {"ts":\(time),"state":"\(state)","seq":\(sequence),"boot":"\(boot)","energy_kwh":\(energy),\
                "good":\(good),"total":\(total)}
                """))
        }
        add("running")
        if habit == .equalTimes, random.next(3) == 0 { add("idle") }
      }
    }
    return messages
  }

  private func feed(_ messages: [Message], into directory: StoreDirectory, seed: UInt64) throws {
    let store = SQLiteShardStore(
      directory: directory, calendar: Self.calendar, horizonMinimum: .minutes(15))
    defer { store.release() }
    store.daysPerGroup = Int32(1 + seed % 7)
    let shard = try Shard(
      store: store,
      settings: ShardSettings(
        sources: [
          Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status"))
        ], calendar: Self.calendar), repairsFrom: directory, register: { [] }, emit: { _ in })
    try shard.connected(sessionPresent: false, at: Self.calendar.start(of: Self.first).milliseconds)
    var rest = messages[...]
    while !rest.isEmpty {
      var window = Window()
      for message in rest.prefix(200) {
        var (topic, payload) = (message.topic, message.payload)
        topic.withUTF8 { topic in
          payload.withUTF8 { payload in
            window.append(
              topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
              receivedAt: message.received, retained: false)
          }
        }
      }
      rest = rest.dropFirst(200)
      try shard.commit(&window)
    }
    try shard.repairAll()
    try shard.finish()
    // Some stores have their days packed, others as rows.
    if seed % 3 != 2 { try store.packGroups() }
  }
}
