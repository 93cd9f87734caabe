import SQLiteStore
import Journal
import Decoding
import Foundation
import Ingestion
import MQTT
import Storage
import StoreReading
import Telemetry
import TestSupport
import Testing

/// A shard whose sources change, over a store that fails now and then.
final class DecoderSite {
  /// Sources and their order.
  enum Configuration: CaseIterable {
    case first, turned, withoutAliases

    func settings() throws -> ShardSettings {
      func source(_ format: Format, _ topic: String) throws -> Source {
        Source(format, template: try TopicTemplate("\(topic)/{factory}/{workshop}/{equipment}"))
      }
      let silent = try source(.other(name: "silent", settings: ""), "s")
      let aliases = try source(.other(name: "alias", settings: "a\tb\\"), "a")
      let status = try source(.status, "n")
      let sources: [Source] =
        switch self {
        case .first: [try source(.other(name: "triple", settings: "/rows"), "t"), silent, aliases, status]
        case .turned:
          [aliases, try source(.other(name: "triple", settings: "/turned"), "t"), status]
            + [try source(.other(name: "triple", settings: "/rows"), "s")]
        case .withoutAliases: [status, try source(.other(name: "triple", settings: "/rows"), "t"), silent]
        }
      return ShardSettings(
        sources: sources, limits: DecodingLimits(), calendar: shanghai, formats: TestFormats.catalog)
    }
  }

  let folder: TemporaryDirectory
  let directory: StoreDirectory
  private var store: FragileStore
  private(set) var shard: Shard
  private var configuration = Configuration.first
  /// By block: what its messages were decoded by when they came.
  private var configurations: [(through: Int64, Configuration)] = []
  /// Decisions to read anew: from the first block of a day, at a block.
  private var rereadings: [(from: CalendarDay, at: Int64, Configuration)] = []
  /// Decisions to read refused messages again, from the first block of a day.
  private var retries: [(from: CalendarDay, ReferenceReader.Retry)] = []
  private var seconds: Int64 = 0
  /// Ten seconds each that no message is about yet; and the next.
  private var unused: [Int64] = []
  private var next: Int64 = 0
  private var packetID: UInt16 = 0
  private var committed: [Sent] = []

  init(_ random: inout SeededGenerator) throws {
    folder = try TemporaryDirectory("decoders", inMemory: true)
    directory = StoreDirectory(folder.path + "/store")
    (store, shard) = try Self.open(directory, configuration)
    try connect(resumed: false)
  }

  private static func open(
    _ directory: StoreDirectory, _ configuration: Configuration
  ) throws -> (FragileStore, Shard) {
    let store = FragileStore(
      SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15)))
    let shard = try Shard(
      store: store, settings: try configuration.settings(), repairsFrom: directory, register: { [] },
      emit: { _ in })
    return (store, shard)
  }

  // MARK: What happens

  func run(_ random: inout SeededGenerator) throws {
    for _ in 0..<30 {
      // Mostly minutes pass, sometimes most of a day.
      seconds += random.next(8) == 0 ? 40_000 : 1 + Int64(random.next(300))
      let window = (0...random.next(7)).map { _ in message(&random) }
      if random.next(6) == 0 { _ = shard.awaitsMore(ShardFixture.window(window)) }
      try commit(window)
      switch random.next(8) {
      case 0: try restart(&random)
      case 1:
        shard.disconnected(reason: .closed("test"), at: now)
        try connect(resumed: true)
        if random.next(3) > 0 { try deliverAgain(&random) }
      case 2: try shard.repairAll()
      case 3: try failToCommit(&random)
      default: break
      }
    }
  }

  private var now: Int64 { (morning + .seconds(seconds)).milliseconds }

  private func connect(resumed: Bool) throws {
    seconds += 2
    try shard.connected(sessionPresent: resumed, at: now)
    noteConfiguration()
  }

  private func noteConfiguration() {
    let head = (try? JournalReader(directory).head()) ?? 0
    configurations.append((head, configuration))
  }

  private func commit(_ window: [Sent]) throws {
    var window = ShardFixture.window(window)
    try shard.commit(&window)
    noteConfiguration()
  }

  /// Receives a window of messages, the last of which comes at its end.
  func receive(_ window: [Sent]) throws {
    seconds = (window.last?.at ?? 0) / 1000
    try commit(window)
  }

  /// A window whose block cannot be stored comes again, perhaps with others before it.
  private func failToCommit(_ random: inout SeededGenerator) throws {
    let lost = (0...random.next(4)).map { _ in message(&random) }
    var window = ShardFixture.window(lost)
    store.failures = 1
    #expect(throws: StoreError.self) { try shard.commit(&window) }
    store.failures = 0
    shard.disconnected(reason: .closed("test"), at: now)
    try connect(resumed: true)
    if random.next(2) == 0 { try commit([message(&random)]) }
    try commit(lost)
  }

  private func deliverAgain(_ random: inout SeededGenerator) throws {
    let again = committed.suffix(1 + Int(random.next(9))).map { message in
      var message = message
      message.at = receipt()
      return message
    }
    let cut = Int(random.next(UInt64(again.count + 1)))
    for part in [again[..<cut], again[cut...]] where !part.isEmpty {
      var window = ShardFixture.window(Array(part))
      try shard.commit(&window)
      noteConfiguration()
    }
  }

  /// Loses everything in memory, and starts again: by another configuration perhaps.
  private func restart(_ random: inout SeededGenerator) throws {
    if random.next(2) == 0 { configuration = Configuration.allCases[Int(random.next(3))] }
    try restart(without: random.next(4) == 0)
    try connect(resumed: random.next(3) > 0)
    if random.next(2) == 0 { try deliverAgain(&random) }
  }

  /// - Parameter views: whether the views are lost too.
  func restart(without views: Bool) throws {
    store.store.release()
    if views {
      for ending in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: directory.views + ending)
      }
    }
    (store, shard) = try Self.open(directory, configuration)
  }

  func reread(_ random: inout SeededGenerator) throws {
    let days = try JournalReader(directory).dayNames()
    let day = try #require(days.randomElement(using: &random))
    seconds += 1
    let block = try shard.reread(from: day, at: Timestamp(milliseconds: now))
    rereadings.append((day, block, configuration))
    noteConfiguration()
  }

  /// Decides to read refused messages by the present sources: all, those of one kind or those of some time.
  func retry(_ random: inout SeededGenerator) throws {
    let days = try JournalReader(directory).dayNames()
    let day = try #require(days.randomElement(using: &random))
    seconds += 1
    var selection = RefusedSelection(received: .distantPast ..< .distantFuture)
    switch random.next(5) {
    case 0: selection.reason = .malformed
    case 1: selection.topic = "+/F1/#"
    case 2: selection.received = Timestamp.distantPast..<(morning + .seconds(seconds / 2))
    default: break
    }
    let block = try shard.reread(
      RereadingScope(day: day, refused: selection), at: Timestamp(milliseconds: now))
    retries.append(
      (day, ReferenceReader.Retry(at: block, configuration: configuration, selection: selection)))
    noteConfiguration()
  }

  private var receipts: Int64 = 0

  /// A receipt that no other message has.
  private func receipt() -> Int64 {
    receipts += 1
    return seconds * 1000 + receipts % 900
  }

  /// Seconds that no other message is about: mostly later than all before, sometimes earlier.
  private func slot(_ random: inout SeededGenerator) -> Int64 {
    next = max(next + 1, seconds / 10 - 6)
    if random.next(2) == 0 {
      unused.append(next)
      next += 1
    }
    guard random.next(5) == 0, !unused.isEmpty else { return next * 10 }
    return unused.remove(at: Int(random.next(UInt64(unused.count)))) * 10
  }

  private func message(_ random: inout SeededGenerator) -> Sent {
    packetID = packetID == .max ? 1 : packetID + 1
    let slot = slot(&random)
    let topic = "F\(1 + random.next(2))/W\(random.next(2))/E\(random.next(3))"
    let state = random.next(2) == 0 ? "running" : "idle"
    var sent = Sent(topic: "", payload: "", at: receipt(), packetID: packetID)
    switch random.next(12) {
    case 0...2: (sent.topic, sent.payload) = ("t/\(topic)", "\(slot) \(state)")
    case 3: (sent.topic, sent.payload) = ("s/\(topic)", random.next(3) == 0 ? "bad" : "\(slot) \(state)")
    case 4, 5: (sent.topic, sent.payload) = ("a/\(topic)", "B \(random.next(3)) A\(random.next(3))")
    case 6...8: (sent.topic, sent.payload) = ("a/\(topic)", "D \(random.next(3)) \(slot) \(state)")
    case 9:
      let time = (morning + .seconds(slot)).milliseconds
      (sent.topic, sent.payload) = ("n/\(topic)", "{\"ts\":\(time),\"state\":\"\(state)\"}")
    case 10: (sent.topic, sent.payload) = ("t/\(topic)", random.next(2) == 0 ? "nonsense" : "")
    default:
      let earlier = committed.randomElement(using: &random) ?? sent
      (sent.topic, sent.payload) = (earlier.topic.isEmpty ? "t/\(topic)" : earlier.topic, earlier.payload)
    }
    committed.append(sent)
    return sent
  }

  // MARK: What is to be

  struct Figures: Equatable {
    var figures: [String]
    var refusals: [String]

    init(figures: [String], refusals: [String]) {
      self.figures = figures
      self.refusals = refusals
    }

    init(_ stored: StoreReading) throws {
      figures = try stored.figures()
      refusals = try stored.refusalCounts()
    }
  }

  /// Figures and refusals of the journal's messages, each decoded by what the test knows to have been in effect.
  func expectation() throws -> Figures {
    var reader = try ReferenceReader()
    try JournalReader(directory).forEachVerifiedBlock { block in
      let present = configurations.first { $0.through >= block.number }?.1 ?? .first
      let anew = try rereadings.last { rereading in
        guard block.number < rereading.at else { return false }
        let first = try #require(try JournalReader(directory).firstBlock(from: rereading.from))
        return block.number >= first
      }
      let again = try retries.filter { from, retry in
        guard block.number < retry.at, anew.map({ $0.at < retry.at }) ?? true else { return false }
        return block.number >= (try #require(try JournalReader(directory).firstBlock(from: from)))
      }
      try block.forEachRecord { try reader.read($0, present, anew.map { ($0.at, $0.2) }, again.map(\.1)) }
    }
    return Figures(figures: try reader.figures(), refusals: reader.refusals)
  }

  /// Figures and refusals of views built anew by a configuration.
  func rebuilt(by configuration: Configuration) throws -> Figures {
    let views = folder.path + "/rebuilt.sqlite"
    for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: views + ending) }
    return try Figures(rebuiltViews(of: directory, at: views, by: configuration.settings()))
  }

  /// Figures and refusals as they are stored.
  func stored() throws -> Figures {
    try shard.finish()
    return try Figures(StoreReading(directory, calendar: shanghai))
  }
}

/// A store that refuses to commit as often as it is told.
final class FragileStore: ShardStore {
  let store: SQLiteShardStore
  var failures = 0

  init(_ store: SQLiteShardStore) { self.store = store }

  func claim(remembering: Int) throws -> ShardState { try store.claim(remembering: remembering) }
  func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    guard failures == 0 else {
      failures -= 1
      builder.reset()
      throw StoreError(.io, "the disk is full")
    }
    return try store.append(&builder, factoryID: factoryID)
  }
  func update(_ update: ViewUpdate) throws { try store.update(update) }
  func release() { store.release() }
  func pendingRepairs(limit: Int) throws -> [PendingRepair] { try store.pendingRepairs(limit: limit) }
  func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    try store.forEachBlock(after: number, body)
  }
  func beginsDay(at received: Timestamp) -> Bool { store.beginsDay(at: received) }
  func outline(reaching number: Int64) throws -> JournalOutline { try store.outline(reaching: number) }
  func block(_ number: Int64) throws -> JournalBlock? { try store.block(number) }
}
