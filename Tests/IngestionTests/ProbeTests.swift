import Decoding
import SQLiteStore
import Foundation
import Ingestion
import MQTT
import Storage
import Telemetry
import TestSupport
import Testing

/// Milliseconds UTC, `seconds` after `morning`.
private func at(_ seconds: Int64) -> Int64 { (morning + .seconds(seconds)).milliseconds }

/// A broker that takes a shard's probes: what a session would have published, and its access rules.
private final class ProbeBroker {
  enum Rule { case sendsBack, withholds, refuses(UInt8) }
  static let topic = "factory/_millwright/store-id/0/probe"

  let fixture: ShardFixture
  var rule = Rule.sendsBack
  /// The probes published, as seconds after `morning`, and their payloads.
  private(set) var published: [(second: Int64, payload: String)] = []
  private(set) var events: [String] = []
  private var second: Int64 = 0
  private var waiting: [(number: Int, payload: String)] = []

  init(judgesSilence: Bool = true) throws {
    fixture = try ShardFixture(inMemory: true, judgesSilence: judgesSilence)
    try restart()
  }

  var shard: Shard { fixture.shard }

  func restart() throws {
    fixture.probe = HearingProbe(below: "factory/#", place: "store-id/0", interval: .minutes(1)) {
      [unowned self] message in
      published.append((second, String(decoding: message.payload, as: UTF8.self)))
      waiting.append((published.count, published[published.count - 1].payload))
      #expect(message.topic == Self.topic && message.quality == .atLeastOnce && !message.retained)
      return published.count
    }
    fixture.notice = { [unowned self] event in
      switch event {
      case .heardNothing(let since, let isOverdue):
        events.append("\(second) deaf since \((since - morning).milliseconds / 1000) \(isOverdue)")
      case .hearsAgain: events.append("\(second) hears again")
      case .probeRefused(let refusal, let topic):
        #expect(topic == Self.topic)
        events.append("\(second) refused \(refusal)")
      default: break
      }
    }
    try fixture.restart()
  }

  func connect(_ second: Int64) throws {
    self.second = second
    try shard.connected(sessionPresent: true, at: at(second))
  }

  /// Lets time pass, a tick a second; a probe is answered within the second.
  func pass(until end: Int64) throws {
    while second < end {
      second += 1
      try shard.tick(now: at(second))
      for probe in waiting {
        switch rule {
        case .refuses(let code): shard.published(probe.number, .refused(code: code))
        case .withholds: shard.published(probe.number, .accepted)
        case .sendsBack:
          shard.published(probe.number, .accepted)
          try fixture.commit([echo(probe.payload)])
        }
      }
      waiting.removeAll()
    }
  }

  /// Lets time pass without a tick.
  func skip(to second: Int64) { self.second = second }

  func echo(_ payload: String, retained: Bool = false) -> Sent {
    Sent(topic: Self.topic, payload: payload, at: second * 1000, retained: retained)
  }

  /// What was observed, in seconds, the same after the views are built anew.
  func observed() throws -> [[Int64]] {
    func read() throws -> [[Int64]] {
      try shard.finish()
      return try ViewsReader(fixture.directory).snapshot { views in
        try views.observed(in: morning - .days(1)..<morning + .days(2)).map {
          [($0.from - morning).milliseconds / 1000, ($0.until - morning).milliseconds / 1000]
        }
      }
    }
    let live = try read()
    let silences = try fixture.stored.overview().silences
    fixture.store.release()
    for ending in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: fixture.directory.views + ending)
    }
    try restart()
    #expect(try read() == live)
    #expect(try fixture.stored.overview().silences == silences)
    return live
  }
}

@Suite("The probe of a shard's own hearing") struct ProbeTests {
  @Test("It is sent when connected and each minute, and its echo is nobody's message") func sent() throws {
    let broker = try ProbeBroker()
    try broker.connect(0)
    try broker.pass(until: 200)
    #expect(broker.published.map(\.second) == [1, 61, 121, 181])
    #expect(Set(broker.published.map(\.payload)).count == 4)
    #expect(broker.events == [])
    #expect(broker.shard.counters.messages == 0 && broker.shard.counters.rejected == 0)
    #expect(broker.shard.senders == 0)
    #expect(try broker.fixture.journaled() == [])
    let stored = try broker.fixture.stored
    #expect(try stored.senders().isEmpty)
    #expect(try stored.quarantined().isEmpty)
    #expect(try stored.refusals().isEmpty)
  }

  @Test("A night in which no machine speaks is observed, also over a restart") func night() throws {
    let broker = try ProbeBroker()
    try broker.connect(0)
    try broker.fixture.commit([.status("E1", 0)])
    try broker.pass(until: 3 * 3600)
    try broker.restart()
    try broker.connect(3 * 3600 + 5)
    try broker.pass(until: 6 * 3600)
    #expect(broker.events == [])
    #expect(try broker.observed() == [[0, 10_791], [10_805, 21_596]])
  }

  @Test("A broker that withholds messages is noticed within two minutes, and until when it did")
  func withheld() throws {
    let broker = try ProbeBroker()
    try broker.connect(0)
    try broker.fixture.commit([.status("E1", 0)])
    // Right behind an echo, which is the longest until the next.
    try broker.pass(until: 600)
    try broker.pass(until: 601)
    broker.rule = .withholds
    try broker.pass(until: 601 + 120)
    #expect(broker.events == ["701 deaf since 601 true"])
    #expect(broker.shard.deafSince == morning + .seconds(601))
    try broker.pass(until: 1799)
    broker.rule = .sendsBack
    try broker.pass(until: 1900)
    #expect(broker.events == ["701 deaf since 601 true", "1801 hears again"])
    #expect(broker.shard.deafSince == nil)
    #expect(try broker.observed() == [[0, 601], [1801, 1891]])
  }

  @Test("After a restart it is known that the probe used to come back") func withheldOverRestart() throws {
    let broker = try ProbeBroker()
    try broker.connect(0)
    try broker.pass(until: 100)
    broker.rule = .withholds
    try broker.restart()
    try broker.connect(110)
    try broker.pass(until: 230)
    #expect(broker.events == ["180 deaf since 61 true"])
    #expect(try broker.observed() == [[0, 61]])
  }

  @Test("A message proves hearing as well as an echo") func messages() throws {
    let broker = try ProbeBroker()
    try broker.connect(0)
    try broker.pass(until: 61)
    broker.rule = .withholds
    for minute in 1...10 {
      try broker.pass(until: Int64(minute) * 60 + 30)
      try broker.fixture.commit([.status("E1", Int64(minute) * 60 + 30)])
    }
    #expect(broker.events == [])
    #expect(try broker.observed() == [[0, 630]])
  }

  @Test(
    "A refusal is said once, with its reason; silence is judged as without a probe", arguments: [true, false])
  func refused(hadWorked: Bool) throws {
    let broker = try ProbeBroker()
    try broker.connect(0)
    try broker.fixture.commit([.status("E1", 0)])
    if hadWorked { try broker.pass(until: 30) }
    broker.rule = .refuses(0x87)
    try broker.pass(until: 899)
    let refusal = hadWorked ? "61 refused code(135)" : "1 refused code(135)"
    #expect(broker.events == [refusal])
    try broker.pass(until: 930)
    #expect(broker.events == [refusal, hadWorked ? "911 deaf since 1 false" : "910 deaf since 0 false"])
    // It is tried again each day, and its refusal is not said again.
    broker.skip(to: 86_400)
    try broker.pass(until: 86_470)
    #expect(broker.published.map(\.second) == (hadWorked ? [1, 61, 86_461] : [1, 86_401]))
    #expect(broker.events.filter { $0.contains("refused") }.count == 1)
    broker.rule = .sendsBack
    broker.skip(to: 172_900)
    try broker.pass(until: 173_000)
    #expect(broker.shard.deafSince == nil)
    #expect(broker.published.map(\.second).suffix(2) == [172_901, 172_961])
  }

  @Test("No echo at all is a refusal, said once after two minutes") func noEcho() throws {
    let broker = try ProbeBroker(judgesSilence: false)
    try broker.connect(0)
    broker.rule = .withholds
    try broker.pass(until: 3600)
    #expect(broker.events == ["121 refused noEcho"])
    #expect(broker.shard.deafSince == nil)
    #expect(try broker.observed() == [[0, 3600]])
  }

  @Test("A broker that closes the connection on the probe twice refuses it") func closed() throws {
    let broker = try ProbeBroker()
    broker.rule = .withholds
    for second in [0, 100] as [Int64] {
      try broker.connect(second)
      try broker.shard.tick(now: at(second + 1))
      broker.shard.published(broker.published.count, .unanswered)
      broker.shard.disconnected(reason: .closed("test"), at: at(second + 2))
    }
    #expect(broker.events.map { $0.drop { $0 != "r" } } == ["refused closed"])
    try broker.connect(200)
    try broker.pass(until: 500)
    #expect(broker.published.count == 2)
  }

  @Test("Old echoes, other stores' probes and forged ones prove nothing and are nobody's") func others()
    throws
  {
    let broker = try ProbeBroker()
    try broker.connect(0)
    try broker.pass(until: 10)
    let old = broker.published[0].payload
    try broker.connect(20)
    broker.rule = .withholds
    let before = try broker.fixture.blocks()
    var sent = [old, "", "1 1", " ", "heard"].map { broker.echo($0) }
    sent.append(Sent(topic: "factory/_millwright/another/0/probe", payload: old, at: 21_000))
    sent.append(broker.echo(old, retained: true))
    try broker.fixture.commit(sent)
    #expect(try broker.fixture.blocks() == before)
    #expect(broker.shard.counters.messages == 0)
    // What only looks like one is refused as any message is.
    try broker.fixture.commit([
      Sent(topic: "factory/_millwright/x/y", payload: "z", at: 22_000),
      Sent(topic: "factory/_millwrights/a/0/probe", payload: "z", at: 22_000),
    ])
    #expect(broker.shard.counters.rejected == 2)
  }

  @Test("Own topics are told from others, also where the first source begins with a placeholder")
  func ownTopics() throws {
    let settings = ShardSettings(
      sources: [Source(.status, template: try TopicTemplate("{factory}/{workshop}/{equipment}/status"))],
      calendar: shanghai)
    let folder = try TemporaryDirectory("probe")
    let directory = StoreDirectory(folder.path + "/store")
    let store = SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15))
    let shard = try Shard(
      store: store, settings: settings, repairsFrom: directory, register: { [] }, emit: { _ in })
    var window = ShardFixture.window(
      ["_millwright/another/0/status", "_millwrights/W1/E1/status", "F1/_millwright/E1/status"].map {
        Sent(topic: $0, payload: "{\"ts\":\(morning.milliseconds),\"state\":\"idle\"}", at: 0)
      })
    try shard.commit(&window)
    #expect(shard.counters.messages == 2)
  }

  @Test("The probe's topic is within the subscription, whatever wildcards that has") func topics() {
    func topic(_ filter: String, _ interval: Span = .minutes(1)) -> String? {
      HearingProbe(below: filter, place: "s/0", interval: interval) { _ in nil }?.topic
    }
    #expect(topic("factory/#") == "factory/_millwright/s/0/probe")
    #expect(topic("a/b/#") == "a/b/_millwright/s/0/probe")
    #expect(topic("#") == "_millwright/s/0/probe")
    #expect(topic("+/+/+/status") == "_millwright/s/0/status")
    #expect(topic("+/+/+/+/+") == "_millwright/s/0/probe/probe")
    #expect(topic("a/+/state") == "a/_millwright/state")
    #expect(topic("a/+/x/#") == "a/_millwright/x/s/0/probe")
    #expect(topic("a/b") == nil)
    #expect(topic("factory/#", .zero) == nil)
  }
}
