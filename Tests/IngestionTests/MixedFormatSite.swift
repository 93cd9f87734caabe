import Decoding
import Ingestion
import Journal
import MQTT
import SQLiteStore
import StoreReading
import Telemetry
import TestSupport
import Testing

/// A shard that receives messages of eight formats, one of a machine each, and the Sparkplug host application beside it.
/// It knows how many readings of each machine count, since no two messages are about the same instant.
final class MixedFormatSite {
  /// Two configurations that read the same topics. Only the second knows the state `2`, and its order is another.
  enum Configuration: CaseIterable {
    case first, second

    func settings() throws -> ShardSettings {
      var states: SettingsTree = ["1": "running", "0": "idle"]
      if self == .second { states = ["1": "running", "0": "idle", "2": "setup"] }
      let trees: [SettingsTree] = [
        ["format": "sparkplug"],
        [
          "format": "json", "topic": "json/{factory}/{workshop}/{equipment}",
          "timestamp": ["at": "/time", "unit": "ms"], "state": ["at": "/run", "map": states],
          "counters": ["good": "/good"],
        ],
        [
          "format": "json", "preset": "neuron", "topic": "neuron/{factory}/{workshop}",
          "state": ["map": states],
        ],
        [
          "format": "pubsub", "topic": "opcua/{factory}/#", "equipment": "DataSetWriterName",
          "state": ["at": "State", "map": states],
        ],
        [
          "format": "values", "topic": "plant/{factory}/{equipment}/{field}",
          "state": ["at": "state", "map": states], "counters": ["good": "good"],
        ],
        [
          "format": "line_protocol", "topic": "telegraf/{factory}/#", "equipment": "machine",
          "state": ["at": "state", "map": states],
        ],
        [
          "format": "csv", "topic": "csv/{factory}/{workshop}", "columns": ["time", "machine", "state"],
          "equipment": "machine", "timestamp": ["at": "time", "unit": "ms"],
          "state": ["at": "state", "map": states],
        ],
      ]
      var problems: [SettingsProblem] = []
      var sources = trees.compactMap { SourceFormats.source($0, name: "source", &problems) }
      try #require(problems.isEmpty && sources.count == trees.count, "\(problems)")
      sources += [
        Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
        Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
      ]
      if self == .second { sources.reverse() }
      return ShardSettings(sources: sources, calendar: shanghai)
    }
  }

  let folder: TemporaryDirectory
  let directory: StoreDirectory
  private var store: FragileStore
  private(set) var shard: Shard
  private var host: SparkplugHost
  private let outbox = Outbox()
  private var configuration = Configuration.first
  private var milliseconds: Int64 = 0
  private var packetID: UInt16 = 0
  private var committed: [Sent] = []
  /// The next sequence number of the edge node; nil before its birth.
  private var sequence: UInt8?
  /// Instants of the past that no message is about.
  private var unused: [Int64] = []
  /// What has to be stored: readings by machine, and refused messages.
  private(set) var readings: [String: Int] = [:]
  private(set) var refused = 0
  private var refusedPayloads: Set<String> = []

  /// Topics that the host application has handed to its session.
  private final class Outbox {
    var topics: [String] = []
  }

  init() throws {
    folder = try TemporaryDirectory("mixed", inMemory: true)
    directory = StoreDirectory(folder.path + "/store")
    (store, shard, host) = try Self.open(directory, configuration, outbox)
    try connect()
  }

  private static func open(
    _ directory: StoreDirectory, _ configuration: Configuration, _ outbox: Outbox
  ) throws -> (FragileStore, Shard, SparkplugHost) {
    let store = FragileStore(
      SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15)))
    let shard = try Shard(
      store: store, settings: try configuration.settings(), repairsFrom: directory, register: { [] },
      emit: { _ in })
    let host = SparkplugHost(
      SparkplugSession.Settings(hostID: "millwright"), shard: shard,
      publish: {
        outbox.topics.append($0.topic)
        return outbox.topics.count
      })
    return (store, shard, host)
  }

  // MARK: What happens

  func run(_ random: inout SeededGenerator) throws {
    for _ in 0..<40 {
      milliseconds += random.next(10) == 0 ? 30_000_000 : 1000 + Int64(random.next(120_000))
      try host.tick(now: now)
      if random.next(3) == 0 { try edgeNode() } else { try commit(messages(&random)) }
      switch random.next(8) {
      case 0: try restart(&random)
      case 1: try reload()
      case 2:
        shard.disconnected(reason: .closed("test"), at: now)
        try shard.connected(sessionPresent: true, at: now + 1)
        try deliverAgain(&random)
      case 3: try failToCommit(&random)
      case 4: try shard.repairAll()
      default: break
      }
    }
  }

  private var now: Int64 { morning.milliseconds + milliseconds }

  private func connect() throws {
    milliseconds += 10
    try shard.connected(sessionPresent: true, at: now)
    _ = host.will(connecting: now)
    try host.connected(sessionPresent: false, at: now)
  }

  private func messages(_ random: inout SeededGenerator) -> [Sent] {
    (0...random.next(6)).map { _ in message(&random) }
  }

  private func commit(_ messages: [Sent]) throws {
    var window = ShardFixture.window(messages)
    try shard.commit(&window)
    for message in messages { count(message) }
    committed += messages
  }

  private func count(_ message: Sent) {
    let word = message.topic.split(separator: "/")[0]
    let isKnown = configuration == .second || !message.payload.contains("?")
    if isKnown {
      readings[String(word), default: 0] += 1
    } else {
      refused += 1
      refusedPayloads.insert(message.payload)
    }
  }

  /// A process that is killed loses what is in memory. The broker delivers again what it has no acknowledgement of.
  private func restart(_ random: inout SeededGenerator) throws {
    store.store.release()
    if random.next(2) == 0 { configuration = configuration == .first ? .second : .first }
    (store, shard, host) = try Self.open(directory, configuration, outbox)
    try connect()
    try deliverAgain(&random)
  }

  private func reload() throws {
    configuration = configuration == .first ? .second : .first
    try shard.use(try configuration.settings(), probe: nil, at: Timestamp(milliseconds: now))
  }

  private func deliverAgain(_ random: inout SeededGenerator) throws {
    let again = committed.suffix(Int(random.next(8))).map { message in
      var message = message
      message.at = receipt()
      return message
    }
    guard !again.isEmpty else { return }
    // A message that was refused, and has a time, is read when it comes again and can be.
    for message in again where configuration == .second && refusedPayloads.remove(message.payload) != nil {
      readings["json", default: 0] += 1
    }
    var window = ShardFixture.window(again)
    try shard.commit(&window)
  }

  private func failToCommit(_ random: inout SeededGenerator) throws {
    let lost = messages(&random)
    var window = ShardFixture.window(lost)
    store.failures = 1
    #expect(throws: StoreError.self) { try shard.commit(&window) }
    store.failures = 0
    shard.disconnected(reason: .closed("test"), at: now)
    try shard.connected(sessionPresent: true, at: now + 1)
    try commit(lost)
  }

  /// The edge node sends its births when it is asked, and at first; otherwise data by alias.
  private func edgeNode() throws {
    defer { outbox.topics = [] }
    let isAsked = outbox.topics.contains("spBv1.0/F001/NCMD/E1")
    var messages: [(topic: String, payload: [UInt8])] = []
    if isAsked || sequence == nil {
      let device = [SparkplugMessage.text("Status/State", alias: 1, "running")]
      messages = [
        ("NBIRTH/E1", SparkplugMessage.payload(at: now, seq: 0, [SparkplugMessage.session(4)])),
        ("DBIRTH/E1/sparkplug", SparkplugMessage.payload(at: now, seq: 1, device)),
      ]
      sequence = 1
    } else {
      let next = (sequence ?? 0) &+ 1
      let data = [SparkplugMessage.text(nil, alias: 1, next % 2 == 0 ? "idle" : "running")]
      messages = [("DDATA/E1/sparkplug", SparkplugMessage.payload(at: now, seq: next, data))]
      sequence = next
    }
    readings["sparkplug", default: 0] += 1
    var window = Window()
    for message in messages {
      var topic = "spBv1.0/F001/" + message.topic
      topic.withUTF8 { topic in
        message.payload.withUnsafeBytes { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: payload, receivedAt: now, retained: false)
        }
      }
    }
    try host.commit(&window)
  }

  /// A receipt that no other message has.
  private func receipt() -> Int64 {
    milliseconds += 1
    return milliseconds
  }

  /// An instant that no other message is about, now or in the past.
  private func instant(_ at: Int64, _ random: inout SeededGenerator) -> Int64 {
    unused.append(at - 500)
    guard random.next(4) == 0 else { return morning.milliseconds + at }
    return morning.milliseconds + unused.remove(at: Int(random.next(UInt64(unused.count))))
  }

  private func message(_ random: inout SeededGenerator) -> Sent {
    packetID = packetID == .max ? 1 : packetID + 1
    milliseconds += 1000
    let at = receipt()
    let time = instant(at, &random)
    let state = Int(random.next(2))
    let word = state == 0 ? "idle" : "running"
    var sent = Sent(topic: "", payload: "", at: at, packetID: packetID)
    switch random.next(7) {
    case 0:
      sent.topic = "factory/F001/W01/factory/status"
      sent.payload = "{\"ts\":\(time),\"state\":\"\(word)\"}"
    case 1:
      sent.topic = "json/F001/W01/json"
      let isNew = random.next(3) == 0
      // The question mark tells messages of the state that only the second configuration knows.
      sent.payload =
        "{\"time\":\(time),\"run\":\(isNew ? 2 : state),\"good\":\(packetID)\(isNew ? ",\"n\":\"?\"" : "")}"
    case 2:
      sent.topic = "neuron/F001/W01"
      sent.payload =
        "{\"timestamp\":\(time),\"node\":\"neuron\",\"group\":\"g\",\"values\":{\"state\":\(state)},\"errors\":{}}"
    case 3:
      sent.topic = "opcua/F001/g"
      sent.payload =
        "{\"DataSetWriterName\":\"opcua\",\"Timestamp\":\"\(Timestamp(milliseconds: time).rfc3339)\",\"Payload\":{\"State\":\(state)}}"
    case 4: (sent.topic, sent.payload) = ("plant/F001/plant/state", "\(state)")
    case 5:
      (sent.topic, sent.payload) = (
        "telegraf/F001/host", "plc,machine=telegraf state=\(state)i \(time)000000"
      )
    default: (sent.topic, sent.payload) = ("csv/F001/W01", "\(time),csv,\(state)")
    }
    return sent
  }

  // MARK: What is stored

  /// Readings of the machines of all formats, refused messages, and everything else that reports read.
  struct Contents: Equatable {
    var readings: [String: Int]
    var refused: Int
    var lines: [String]

    init(_ stored: StoreReading) throws {
      readings = [:]
      for machine in ["factory", "json", "neuron", "opcua", "plant", "telegraf", "csv", "sparkplug"] {
        let count = try stored.readings(of: key(machine))
        if count > 0 { readings[machine] = count }
      }
      refused = try stored.refusals().reduce(0) { $0 + $1.refusal.messages }
      lines = try stored.everything()
    }
  }

  func stored() throws -> Contents {
    try shard.repairAll()
    try shard.finish()
    return try Contents(StoreReading(directory, calendar: shanghai))
  }

  /// Contents of views that are built anew by a configuration.
  func rebuilt(by configuration: Configuration) throws -> Contents {
    let views = folder.path + "/rebuilt-\(configuration).sqlite"
    return try Contents(rebuiltViews(of: directory, at: views, by: configuration.settings()))
  }
}
