import Decoding
import Ingestion
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
