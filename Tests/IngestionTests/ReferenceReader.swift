import SQLiteStore
import Journal
import Decoding
import Ingestion
import MQTT
import Storage
import StoreReading
import Telemetry
import TestSupport
import Testing

/// Reads a journal's messages from its first to its last, by sources that it is told, and makes the figures of their
/// events with nothing but native messages in the order of their times.
struct ReferenceReader: ~Copyable {
  private typealias Configuration = DecoderSite.Configuration
  private var status: StatusDecoder
  private let routers: [Configuration: Router]
  private var aliases = AliasDecoder()
  private var present: Configuration?
  /// What the alias decoder remembers where earlier messages are read anew, and by which decision.
  private var anew: (at: Int64, aliases: AliasDecoder)?
  private var counts: [String: Int] = [:]
  private var records: [Key: Record] = [:]

  /// What makes two records one.
  private struct Key: Hashable {
    var equipment: EquipmentKey
    var time: Timestamp
    var content: [UInt8]
    var ordinal: Int
  }
  private struct Record {
    var reading: Reading
    var workshop: String
  }

  init() throws {
    let status = try StatusDecoder()
    var routers: [Configuration: Router] = [:]
    for configuration in Configuration.allCases {
      routers[configuration] = Router(try configuration.settings().sources)
    }
    self.routers = routers
    self.status = status
  }

  /// A decision to read refused messages by other sources.
  struct Retry {
    /// The block of the decision.
    var at: Int64
    var configuration: DecoderSite.Configuration
    var selection: RefusedSelection

    func selects(_ record: JournalRecord, _ refusal: Rejection) -> Bool {
      selection.received.contains(record.received) && (selection.reason ?? refusal.reason) == refusal.reason
        && (selection.topic.map { TopicFilter($0).matches(record.topic) } ?? true)
    }
  }
  /// What the alias decoder of each such decision remembers, by the decision's block.
  private var retried: [Int64: AliasDecoder] = [:]

  /// Takes a record into account that came while `present` was in effect; `anew` is the decision to read it anew, if
  /// there is one, by its block and sources, and `retries` are the later ones to read it if it is refused.
  mutating func read(
    _ record: JournalRecord, _ present: DecoderSite.Configuration,
    _ anew: (at: Int64, DecoderSite.Configuration)?, _ retries: [Retry] = []
  ) throws {
    guard record.kind == .message else { return }
    if present != self.present {
      if present == .withoutAliases { aliases = AliasDecoder() }
      self.present = present
    }
    if anew?.at != self.anew?.at {
      self.anew = anew.map { decision in
        let goesOn = present != .withoutAliases && decision.1 != .withoutAliases
        return (decision.at, goesOn ? aliases : AliasDecoder())
      }
    }
    for retry in retries where retried[retry.at] == nil {
      let goesOn = present != .withoutAliases && retry.configuration != .withoutAliases
      retried[retry.at] = goesOn ? aliases : AliasDecoder()
    }
    guard record.flags.isDisjoint(with: .uncounted), !record.payload.isEmpty else { return }
    let refusal: Rejection?
    if let anew {
      var then = self.anew?.aliases ?? aliases
      refusal = try take(record, anew.1, &then)
      self.anew?.aliases = then
      // What is remembered at the decision is what was remembered then.
      var events = EventBuffer()
      if case .success(let route) = route(record, present), isAlias(route, present) {
        try? aliases.decode(message(record, route), into: &events)
      }
    } else {
      var now = aliases
      refusal = try take(record, present, &now)
      aliases = now
    }
    guard try !read(record, refusal, by: retries), let refusal else { return }
    counts["\(refusal.reason) '\(refusal.detail)'", default: 0] += 1
  }

  /// Reads a refused record by decisions until one accepts it; returns whether one did. Their decoders see it also if
  /// it was accepted.
  private mutating func read(
    _ record: JournalRecord, _ refusal: Rejection?, by retries: [Retry]
  ) throws -> Bool {
    var isOpen = refusal != nil
    for retry in retries {
      var then = retried[retry.at] ?? AliasDecoder()
      if isOpen, let refusal, retry.selects(record, refusal) {
        isOpen = try take(record, retry.configuration, &then) != nil
      } else if case .success(let route) = route(record, retry.configuration),
        isAlias(route, retry.configuration)
      {
        var events = EventBuffer()
        try? then.decode(message(record, route), into: &events)
      }
      retried[retry.at] = then
    }
    return refusal != nil && !isOpen
  }

  private func route(_ record: JournalRecord, _ configuration: Configuration) -> Result<Route, Rejection> {
    do throws(Rejection) {
      guard let router = routers[configuration] else { throw Rejection(.unmatchedTopic) }
      return .success(try router.route(record.topic))
    } catch { return .failure(error) }
  }

  private func isAlias(_ route: Route, _ configuration: Configuration) -> Bool {
    routers[configuration]?.sources[Int(route.source)].format.name == "alias"
  }

  private func message(_ record: JournalRecord, _ route: Route) -> ReceivedMessage {
    ReceivedMessage(
      topic: record.topic, levels: route.levels, payload: record.payload, received: record.received)
  }

  /// Keeps the events of a record, or returns why it is refused.
  private mutating func take(
    _ record: JournalRecord, _ configuration: Configuration, _ aliases: inout AliasDecoder
  ) throws -> Rejection? {
    var events = EventBuffer()
    _ = events.begin(message: 0)
    do throws(Rejection) {
      let route = try route(record, configuration).get()
      let message = message(record, route)
      switch routers[configuration]?.sources[Int(route.source)].format {
      case .status: try status.decode(message, into: &events)
      case .other("triple", let path):
        try TripleDecoder(path: path).decode(message, into: &events)
      case .other("silent", _): try SilentDecoder().decode(message, into: &events)
      case .other("alias", _): try aliases.decode(message, into: &events)
      default: Issue.record("no such source")
      }
      for event in events.events { try DecodingLimits().check(event.time, receivedAt: record.received) }
      keep(events, of: record, route.levels)
      return nil
    } catch {
      return error
    }
  }

  private mutating func keep(_ events: EventBuffer, of record: JournalRecord, _ levels: TopicLevels) {
    let own = levels.key(in: record.topic)
    for (ordinal, event) in events.events.enumerated() {
      let name = event.sender < 0 ? nil : events.names[Int(event.sender)]
      let workshop = name.flatMap { $0.workshop.isEmpty ? nil : $0.workshop }
      let key = Key(
        equipment: EquipmentKey(factory: own.factory, equipment: name?.equipment ?? own.equipment),
        time: event.time, content: Array(record.topic) + [0] + Array(record.payload), ordinal: ordinal)
      if let known = records[key], known.reading.received <= record.received { continue }
      records[key] = Record(
        reading: event.reading, workshop: workshop ?? levels.workshop.text(in: record.topic))
    }
  }

  /// Refusals by reason and detail, as ``StoreReading/refusalCounts()`` lists them.
  var refusals: [String] { counts.map { "\($0.key) \($0.value)" }.sorted() }

  /// The figures that native messages make, in the order of their times.
  func figures() throws -> [String] {
    let folder = try TemporaryDirectory("reference", inMemory: true)
    let directory = StoreDirectory(folder.path + "/store")
    let store = SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15))
    let settings = ShardSettings(
      sources: [
        Source(.status, template: try TopicTemplate("n/{factory}/{workshop}/{equipment}"))
      ], calendar: shanghai)
    let shard = try Shard(
      store: store, settings: settings, repairsFrom: directory, register: { [] }, emit: { _ in })
    for (key, record) in records.sorted(by: {
      ($0.key.time, $0.key.equipment) < ($1.key.time, $1.key.equipment)
    }
    ) {
      let reading = record.reading
      let good = reading.meters.good.map { ",\"good\":\($0 / 1000)" } ?? ""
      var window = ShardFixture.window([
        Sent(
          topic: "n/\(key.equipment.factory)/\(record.workshop)/\(key.equipment.equipment)",
          payload: "{\"ts\":\(key.time.milliseconds),\"state\":\"\(reading.state.name)\"\(good)}",
          at: (reading.received - morning).milliseconds)
      ])
      try shard.commit(&window)
    }
    try shard.repairAll()
    try shard.finish()
    return try StoreReading(directory, calendar: shanghai).figures()
  }
}

extension StoreReading {
  /// Figures of all days, and the timelines that they end in.
  func figures() throws -> [String] {
    guard let days = try days() else { return [] }
    return try figures(days) + closingLines()
  }

  /// Refusals by reason and detail.
  func refusalCounts() throws -> [String] {
    var counts: [String: Int] = [:]
    for refusal in try refusals().map(\.refusal) {
      counts["\(refusal.reason) '\(refusal.detail)'", default: 0] += refusal.messages
    }
    return counts.map { "\($0.key) \($0.value)" }.sorted()
  }
}
