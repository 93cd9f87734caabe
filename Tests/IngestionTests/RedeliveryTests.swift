import Ingestion
import MQTT
import Telemetry
import Testing
import TestSupport

/// Milliseconds UTC, `seconds` after `morning`.
private func at(_ seconds: Int64) -> Int64 { (morning + .seconds(seconds)).milliseconds }

/// The same messages, delivered again.
private func again(_ messages: [Sent], at seconds: Int64) -> [Sent] {
  messages.map {
    Sent(
      topic: $0.topic, payload: $0.payload, at: seconds * 1000, retained: $0.retained, packetID: $0.packetID)
  }
}

/// The same messages with packet identifiers as a broker gives them, from `first` on.
private func numbered(_ messages: [Sent], from first: UInt16) -> [Sent] {
  messages.enumerated().map { place, message in
    var message = message
    message.packetID = first + UInt16(place)
    return message
  }
}

@Suite("Redelivery") struct RedeliveryTests {
  /// A shard that was connected, took `windows`, lost its connection and resumed the session a minute on.
  private func resumed(after windows: [[Sent]], reason: DisconnectReason = .closed("test")) throws
    -> ShardFixture
  {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    for window in windows { try fixture.commit(window) }
    fixture.shard.disconnected(reason: reason, at: at(50))
    try fixture.shard.connected(sessionPresent: true, at: at(60))
    return fixture
  }

  @Test("A device that connects again says what it said before, and is heard") func newOnline() throws {
    let fixture = try resumed(after: [
      [.connection("E1", "online", at: 1)], [.connection("E1", "offline", at: 10), .status("E2", 11)],
    ])
    try fixture.commit([.connection("E1", "online", at: 61)])
    #expect(try fixture.evidence(at: 70).equipment[0].sessionOpen)
  }

  @Test("A device that goes again is cut, though it went before") func newOffline() throws {
    let fixture = try resumed(after: [
      [.connection("E1", "offline", at: 1), .connection("E1", "online", at: 2), .status("E1", 3)]
    ])
    try fixture.commit([.connection("E1", "offline", at: 61)])
    let evidence = try fixture.evidence(at: 70).equipment[0]
    #expect(evidence.sessionOpen == false)
    #expect(evidence.readings?.cut == morning + .seconds(61))
  }

  @Test("A flapping device's messages, delivered again, change nothing") func flapping() throws {
    let window: [Sent] = [
      .connection("E1", "online", at: 20), .connection("E1", "offline", at: 21),
      .connection("E1", "online", at: 22), .status("E1", 30),
    ]
    let fixture = try resumed(after: [
      [
        .connection("E1", "online", at: 1), .connection("E2", "online", at: 2),
        .connection("E1", "offline", at: 3),
      ],
      window,
    ])
    try fixture.commit(again(window, at: 61))
    #expect(
      try fixture.sessionChanges(until: 100) == [
        "E1 online 1", "E1 offline 3", "E1 online 20", "E1 offline 21", "E1 online 22", "E2 online 2",
      ])
    #expect(try fixture.evidence(at: 70).equipment[0].readings?.cut == nil)
  }

  @Test("A retained or repeated message in flight does not end the run", arguments: [false, true])
  func inBetween(isRetained: Bool) throws {
    var retained = Sent.status("E9", 0)
    retained.retained = true
    let window: [Sent] = [
      .connection("E2", "online", at: 2), isRetained ? retained : .status("E3", 1),
      .connection("E1", "offline", at: 3), .connection("E1", "online", at: 4), .status("E1", 5),
    ]
    let fixture = try resumed(after: [[.status("E3", 1)], window])
    try fixture.commit(again(window, at: 61))
    // The offline at 3 s ended no session, and is not among them.
    #expect(try fixture.sessionChanges(until: 100) == ["E1 online 4", "E2 online 2"])
    #expect(try fixture.evidence(at: 70).equipment.first { $0.key.equipment == "E1" }?.readings?.cut == nil)
    let offlines = try fixture.claimed()
    #expect(
      zip(offlines.senders, offlines.timelines).filter { $1.lastOffline != .distantPast }.map {
        "\($0.key.equipment) \(($1.lastOffline - morning).milliseconds / 1000)"
      } == ["E1 3"])
  }

  @Test("What comes again may be cut into other windows than before") func otherWindows() throws {
    let first: [Sent] = [
      .connection("E1", "online", at: 1), .status("E1", 2), .connection("E1", "offline", at: 3),
    ]
    let second: [Sent] = [.connection("E1", "online", at: 4), .connection("E2", "online", at: 5)]
    let fixture = try resumed(after: [first, second])
    try fixture.commit(again(Array(first.prefix(2)), at: 61))
    try fixture.commit(again([first[2], second[0]], at: 62))
    try fixture.commit(again([second[1]], at: 63) + [.connection("E2", "offline", at: 64)])
    #expect(
      try fixture.sessionChanges(until: 100) == [
        "E1 online 1", "E1 offline 3", "E1 online 4", "E2 online 5", "E2 offline 64",
      ])
    #expect(try fixture.evidence(at: 70).equipment.map(\.sessionOpen) == [true, false])
  }

  @Test("A repetition may begin with a message that was sent before, and be cut behind it")
  func repeatedFirst()
    throws
  {
    let repeated = Sent.status("E1", 1)
    let window: [Sent] = [
      .status("E1", 1, received: 10), .connection("E2", "online", at: 11),
      .connection("E2", "offline", at: 12),
      .status("E3", 13),
    ]
    let fixture = try resumed(after: [[repeated, .status("E3", 2)], window])
    try fixture.commit(again(Array(window.prefix(1)), at: 61))
    try fixture.commit(again(Array(window.dropFirst()), at: 62))
    #expect(try fixture.sessionChanges(until: 100) == ["E2 online 11", "E2 offline 12"])
  }

  @Test("A repetition goes on behind a reading that counts only now") func countsAmongThem() throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    // Our clock is an hour and more behind: what it calls the future is refused.
    let window: [Sent] = [
      .status("E1", 8000, "idle", received: 3000), .connection("E2", "online", at: 3000),
      .connection("E2", "offline", at: 3001), .status("E3", 3001),
    ]
    try fixture.commit(window)
    fixture.shard.disconnected(reason: .closed("test"), at: at(3002))
    try fixture.shard.connected(sessionPresent: true, at: at(9001))
    try fixture.commit(again(Array(window.prefix(1)), at: 9002))
    try fixture.commit(again(Array(window.dropFirst()), at: 9003))
    #expect(try fixture.sessionChanges(until: 9010) == ["E2 online 3000", "E2 offline 3001"])
    #expect(try fixture.evidence(at: 9010).equipment.map(\.key.equipment) == ["E1", "E2", "E3"])
  }

  @Test("A window that may begin a repetition is kept open until it is known to be one or not")
  func undecided() throws {
    let window: [Sent] = [
      .connection("E1", "online", at: 1), .connection("E1", "offline", at: 2), .status("E1", 3),
      .connection("E1", "online", at: 4),
    ]
    let fixture = try resumed(after: [window])
    // The first may be the whole repetition, or its beginning.
    #expect(fixture.awaitsMore(again(Array(window.prefix(1)), at: 61)))
    #expect(fixture.awaitsMore(again(Array(window.prefix(2)), at: 61)))
    #expect(!fixture.awaitsMore(again(Array(window.prefix(3)), at: 61)))
    try fixture.commit(again(Array(window.prefix(3)), at: 61))
    #expect(!fixture.awaitsMore(again(Array(window.suffix(1)), at: 62)))
    try fixture.commit(again(Array(window.suffix(1)), at: 62))
    let sent = ["E1 online 1", "E1 offline 2", "E1 online 4"]
    #expect(try fixture.sessionChanges(until: 100) == sent)

    let other = try resumed(after: [window])
    let new: [Sent] = [.connection("E1", "offline", at: 61), .connection("E2", "online", at: 61)]
    #expect(other.awaitsMore(Array(new.prefix(1))))
    #expect(!other.awaitsMore(new))
    try other.commit(new)
    #expect(try other.sessionChanges(until: 100) == sent + ["E1 offline 61", "E2 online 61"])
    #expect(!other.awaitsMore(Array(new.prefix(1))))
  }

  @Test(
    "Packet identifiers tell a repetition from a device that says the same again", arguments: [false, true])
  func packetIdentifiers(isKilled: Bool) throws {
    let flaps = numbered(
      (0..<6).map { .connection("E1", $0 % 2 == 0 ? "online" : "offline", at: $0) }, from: 65_533 - 5)
    // Nothing but connection messages, twice the same, and all of them without a time of their own.
    for isRepetition in [true, false] {
      let fixture = try resumed(after: [flaps])
      if isKilled {
        try fixture.restart()
        try fixture.shard.connected(sessionPresent: true, at: at(60))
      }
      let next = isRepetition ? Array(flaps.suffix(4)) : numbered(Array(flaps.suffix(4)), from: 7)
      #expect(!fixture.awaitsMore(again(Array(next.prefix(1)), at: 61)))
      try fixture.commit(again(Array(next.prefix(1)), at: 61))
      try fixture.commit(again(Array(next.dropFirst()), at: 61))
      // Repetitions at one instant are one online and one offline.
      let sent = (0..<6).map { "E1 \($0 % 2 == 0 ? "online" : "offline") \($0)" }
      #expect(
        try fixture.sessionChanges(until: 100)
          == (isRepetition ? sent : sent + ["E1 online 61", "E1 offline 61"]))
    }
  }

  @Test("After a clean stop everything is new, even in the same order") func cleanStop() throws {
    let window: [Sent] = [.connection("E1", "online", at: 1), .connection("E1", "offline", at: 2)]
    let fixture = try resumed(after: [window], reason: .stopped)
    try fixture.commit(again(window, at: 61))
    let sent = ["E1 online 1", "E1 offline 2"]
    #expect(try fixture.sessionChanges(until: 100) == sent + ["E1 online 61", "E1 offline 61"])
    let restarted = try resumed(after: [window], reason: .stopped)
    restarted.shard.disconnected(reason: .stopped, at: at(65))
    try restarted.restart()
    try restarted.shard.connected(sessionPresent: true, at: at(70))
    try restarted.commit(again(window, at: 71))
    #expect(try restarted.sessionChanges(until: 100) == sent + ["E1 online 71", "E1 offline 71"])
  }

  @Test("A reading that a wrong clock of ours refused counts when it comes again", arguments: [false, true])
  func refusedFirst(isKilled: Bool) throws {
    let fixture = try ShardFixture()
    try fixture.shard.connected(sessionPresent: false, at: at(0))
    try fixture.commit([.status("E1", 7000), .status("E1", 9000, received: 9000)])
    // Our clock is an hour and more behind: what it calls the future is refused.
    try fixture.commit([.status("E1", 8000, "idle", received: 3000)])
    fixture.shard.disconnected(reason: .closed("test"), at: at(3001))
    if isKilled { try fixture.restart() }
    try fixture.shard.connected(sessionPresent: true, at: at(9001))
    try fixture.commit([.status("E1", 8000, "idle", received: 9002)])
    try fixture.shard.repairAll()
    #expect(try fixture.stored.readings(of: key("E1")) == 3)
    #expect(try fixture.evidence(at: 9010).rejections.map(\.messages) == [1])
  }

  @Test(
    "Of a message told twice the first receipt counts, whichever is told first", arguments: [false, true])
  func earlierReceiptLater(isReversed: Bool) throws {
    let fixture = try ShardFixture()
    // An offline received in between cuts what was received before it, and nothing received later.
    let early = Sent.status("E1", 10, received: 10)
    let late = Sent.status("E1", 10, received: 30)
    let offline = Sent.connection("E1", "offline", at: 5)
    for message in isReversed ? [offline, late, early] : [offline, early, late] {
      try fixture.commit([message])
    }
    try fixture.shard.repairAll()
    #expect(try fixture.stored.totals(of: key("E1"), on: firstDay)?.readings == 1)
    let timeline = try #require(try fixture.claimed().timelines.first)
    #expect(timeline.newestReceived - timeline.newest == .zero)
  }

  @Test("Identical payloads cost no more than distinct ones: the memory of them holds one place each")
  func identicalPayloads() throws {
    let fixture = try ShardFixture()
    // Enough to go round the memory of recent messages; a cost that grows with each would not end here.
    for window in 0..<30 as Range<Int64> {
      try fixture.commit(
        (0..<5000).map { _ in Sent(topic: "factory/F001/W01/E1/status", payload: "nul", at: window) })
    }
    #expect(try fixture.evidence(at: 1).rejections.map(\.messages) == [30])
  }
}
