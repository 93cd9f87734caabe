import Decoding
import Ingestion
import SQLiteStore
import Storage
import Telemetry
import TestSupport
import Testing

@Suite("State of decoders that the journal cannot store") struct StateLossTests {
  /// A shard with sources whose decoder is not built in, and the losses that it reports.
  private final class Site {
    private let folder: TemporaryDirectory
    private let shard: Shard
    private let reported: Reported
    private final class Reported { var losses: [String] = [] }
    var losses: [String] { reported.losses }

    init() throws {
      folder = try TemporaryDirectory("state", inMemory: true)
      let directory = StoreDirectory(folder.path + "/store")
      var settings = ShardSettings(
        sources: [
          Source(
            .other(name: "long", settings: ""), template: try TopicTemplate("long/{factory}/{equipment}"))
        ], calendar: shanghai)
      settings.formats.add("long") { _, _ in LongDecoder() }
      let reported = Reported()
      self.reported = reported
      shard = try Shard(
        store: SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15)),
        settings: settings, repairsFrom: directory, register: { [] },
        emit: { event in
          guard case .stateLost(let factory, let loss) = event else { return }
          reported.losses.append("\(factory) \(loss.cause) \(loss.bytes)")
        })
    }

    /// Gives factories a state of a length, and has the state stored.
    func receive(_ bytes: Int, of factories: [String] = ["F001"], at seconds: Int64) throws {
      var window = ShardFixture.window(
        factories.map { Sent(topic: "long/\($0)/E1", payload: "\(bytes)", at: seconds * 1000) })
      try shard.commit(&window)
      try shard.reread(from: firstDay, at: morning + .seconds(seconds + 1))
    }
  }

  @Test("is reported with its factory, once until it can be stored") func tooLong() throws {
    let site = try Site()
    try site.receive(4 << 20, at: 10)
    #expect(site.losses == [])
    try site.receive(4 << 20 | 1, at: 20)
    try site.receive(4 << 20 | 2, at: 30)
    #expect(site.losses == ["F001 tooLong 4194305"])
    try site.receive(1, at: 40)
    try site.receive(4 << 20 | 3, at: 50)
    #expect(site.losses == ["F001 tooLong 4194305", "F001 tooLong 4194307"])
  }

  @Test("is that of the factories for which others leave no room") func allTooLong() throws {
    let site = try Site()
    let factories = (10...26).map { "F\($0)" }
    try site.receive(4 << 20, of: factories, at: 10)
    #expect(site.losses == ["F26 allTooLong 4194304"])
  }

  @Test("is told with its cause, and with lengths rounded up") func texts() {
    func text(_ cause: StateLoss.Cause, _ bytes: Int) -> String {
      StateLoss(cause: cause, bytes: bytes).description
    }
    #expect(text(.tooLong, 4 << 20 | 1) == "take 5 MiB, of which the journal stores at most 4 MiB")
    #expect(
      text(.allTooLong, 17)
        == "take 1 MiB, and those of all factories take more than the 64 MiB that the journal stores")
    #expect(
      text(.tooManyFactories, 17)
        == "cannot be stored, because there are more factories than the journal can name")
  }
}

/// A decoder whose state of a factory is as long as the factory's last message says.
private struct LongDecoder: StatefulDecoder {
  private var lengths: [String: Int] = [:]

  mutating func decode(
    _ message: borrowing ReceivedMessage, into events: inout EventBuffer
  ) throws(Rejection) {
    lengths[message.levels.factory.text(in: message.topic)] = Int(
      String(decoding: message.payload, as: UTF8.self))
  }

  func states() -> [DecoderState] {
    lengths.sorted { $0.key < $1.key }.map { factory, length in
      DecoderState(factory: factory, bytes: [UInt8](repeating: 0, count: length))
    }
  }

  mutating func restore(_ state: DecoderState) throws { lengths[state.factory] = state.bytes.count }
}
