import Decoding
import Foundation
import Ingestion
import Journal
import MQTT
import SQLiteStore
import Storage
import StoreGenerator
import Telemetry
import Testing
import TestSupport

@Suite("Generated store") struct GeneratedStoreTests {
  private let plan = GeneratorPlan(factories: 2, equipment: 14, days: 24, seed: 11)

  @Test("A generated store has the views that a collector makes of the messages it stands for")
  func likeCollected() throws {
    let folder = try TemporaryDirectory("generated")
    let generated = StoreDirectory(folder.path + "/generated")
    let generator = StoreGenerator(plan)
    try generator.write(to: generated, daysAtOnce: 5)
    let collected = StoreDirectory(folder.path + "/collected")
    let messages = generator.messages()
    #expect(messages.count > 100_000)
    try collect(messages, over: generator.observations, into: collected)

    var differences: [String] = []
    try ViewsComparison(stored: generated.views, computed: collected.views).forEachDifference {
      // The generated store has the observations themselves; a collector knows of them by its records. Where
      // refused messages lie in the journal is the collector's affair, how many there are is compared.
      if !$0.hasPrefix("observation"), !$0.hasPrefix("quarantine") { differences.append($0) }
    }
    #expect(differences == [])
  }

  @Test("The same plan makes the same store, and another seed another") func deterministic() throws {
    let folder = try TemporaryDirectory("generated")
    func make(_ name: String, _ plan: GeneratorPlan) throws -> StoreDirectory {
      let directory = StoreDirectory(folder.path + "/" + name)
      try StoreGenerator(plan).write(to: directory)
      return directory
    }
    func differ(_ a: StoreDirectory, _ b: StoreDirectory) throws -> Bool {
      var found = false
      try ViewsComparison(stored: a.views, computed: b.views).forEachDifference { _ in found = true }
      return found
    }
    var other = plan
    other.seed = 12
    let first = try make("first", plan)
    #expect(try !differ(first, make("again", plan)))
    #expect(try differ(first, make("other", other)))
  }

  @Test("Every day but the last is closed and kept, and the journal agrees with the roots")
  func closedDays() throws {
    let folder = try TemporaryDirectory("generated")
    let store = StoreDirectory(folder.path)
    let generator = StoreGenerator(plan)
    try generator.write(to: store, daysAtOnce: 5)

    let roots = try store.closedDays()
    #expect(roots.map(\.day) == (0..<23).map { plan.firstDay + $0 })
    #expect(try store.journalDays() == (0..<24).map { plan.firstDay + $0 })
    var last: Int64 = 0
    try store.verifyJournal { last = $0.number }
    // The last day has a block at its start and one at its end.
    #expect(roots.last?.lastBlock == last - 2)
    #expect(try store.verifyRegister(anchoredIn: roots) == roots.last?.register)
    #expect(roots.last?.register != nil)
    // A day is compacted once the next one is over too.
    for root in roots.dropLast() {
      #expect(try !DayCompaction(store, root.day).compact(expecting: root), "compacted already: \(root.day)")
    }

    // A second round changes nothing.
    try generator.closeDays(of: store)
    #expect(try store.closedDays() == roots)
  }

  @Test("A generated store without its roots is refused") func withoutRoots() throws {
    let folder = try TemporaryDirectory("generated")
    let store = StoreDirectory(folder.path)
    try StoreGenerator(GeneratorPlan(factories: 1, equipment: 8, days: 4, seed: 11)).write(to: store)
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: store.roots + ending)
    }
    let error = try #require(throws: StoreError.self) { try DayRootStore.requireRoots(of: store) }
    #expect(error.kind == .refused)
    #expect(error.description.contains("lacks the root that \(plan.firstDay + 2) was closed with"))
  }

  private func collect(
    _ messages: [(topic: String, payload: String, received: Int64)], over observations: [ObservedStretch],
    into directory: StoreDirectory
  ) throws {
    let store = SQLiteShardStore(
      directory: directory, calendar: plan.calendar, horizonMinimum: plan.horizonMinimum)
    defer { store.release() }
    let shard = try Shard(
      store: store,
      settings: ShardSettings(
        sources: [
          Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
          Source(
            .presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
        ], calendar: plan.calendar), register: { [] }, emit: { _ in })
    var rest = messages[...]
    for observation in observations {
      try shard.connected(sessionPresent: observation.resumed, at: observation.from.milliseconds)
      var received = rest.prefix { $0.received <= observation.through.milliseconds }
      rest = rest[received.endIndex...]
      while !received.isEmpty {
        try commit(received.prefix(500), shard)
        received = received.dropFirst(500)
      }
      if observation.ended {
        shard.disconnected(reason: .closed("test"), at: observation.through.milliseconds)
      }
    }
    // What is sent in the last moments arrives after the last day.
    if !rest.isEmpty { try commit(rest, shard) }
    try shard.finish()
  }

  private func commit(
    _ messages: ArraySlice<(topic: String, payload: String, received: Int64)>, _ shard: Shard
  ) throws {
    var window = Window()
    for message in messages {
      var topic = message.topic
      var payload = message.payload
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
            receivedAt: message.received, retained: false)
        }
      }
    }
    try shard.commit(&window)
  }
}
