import Aggregation
import Storage
import Telemetry
import Testing
import TestSupport

/// Vouching by a session as stores tell it: a day alone, a day among others, and an instant agree (metrics.md, rule 7).
@Suite("Vouching by a session, from a store") struct SessionStoreTests {
  private typealias Event = SessionStore.Event
  private let always: [(minutes: Range<Int64>, isLost: Bool)] = [(-4000..<9000, false)]

  /// Milliseconds vouched for by readings on the second day, alone and as a part of both days, and whether a reading
  /// vouches at 12:00 of it, and at 00:30.
  private func secondDay(
    _ events: [Event], _ connections: [(minutes: Range<Int64>, isLost: Bool)], silences: [Silence] = []
  ) throws -> (alone: Int64, among: Int64, atNoon: Bool, early: Bool) {
    let store = try SessionStore(senders: 1)
    try store.add([events], connections: SessionStore.connections(connections), silences: silences)
    return (
      try store.figures(days: 1...1).sums[0].vouchedByReadings,
      try store.figures(days: 0...1, service: 1).sums[0].vouchedByReadings,
      try store.vouches(at: SessionStore.at(1440 + 720))[0],
      try store.vouches(at: SessionStore.at(1440 + 30))[0]
    )
  }

  private func minutes(_ count: Int64) -> Int64 { count * 60_000 }

  @Test("A reading of the day before holds through a session that stays open and heard") func held() throws {
    let found = try secondDay([Event(600, .online), Event(610, .reading(.running))], always)
    #expect(found == (minutes(1440), minutes(1440), true, true))
  }

  @Test("A loss of the collector's session between the reading and the period ends it") func lossBefore()
    throws
  {
    let found = try secondDay(
      [Event(600, .online), Event(610, .reading(.running)), Event(720, .online)],
      [(-4000..<700, false), (710..<9000, true)])
    #expect(found == (0, 0, false, false))
  }

  @Test("So does a break of hearing, by a connection that ended or by a silence") func breakBefore() throws {
    let events = [Event(600, .online), Event(610, .reading(.running))]
    let broken = try secondDay(events, [(-4000..<700, false), (710..<9000, false)])
    #expect(broken == (0, 0, false, false))
    let silent = try secondDay(
      events, always,
      silences: [Silence(since: SessionStore.at(700), until: SessionStore.at(710), stretch: 1)])
    #expect(silent == (0, 0, false, false))
  }

  @Test("At an instant a break of hearing ends it too, and the horizon is kept") func breakWithin() throws {
    // The reading of 00:20 vouches until 00:35 whatever is heard; hearing breaks at 00:25 and at 10:00.
    let early = try secondDay(
      [Event(600, .online), Event(1460, .reading(.running))], [(-4000..<1465, false), (1466..<9000, false)])
    #expect(early == (minutes(15), minutes(15), false, true))
    let later = try secondDay(
      [Event(600, .online), Event(1460, .reading(.running))], [(-4000..<2040, false), (2041..<9000, false)])
    #expect(later == (minutes(580), minutes(580), false, true))
  }

  @Test("Where messages are missing after the reading, an instant says so as well") func missing() throws {
    let found = try secondDay(
      [
        Event(600, .online), Event(1440, .reading(.running)),
        Event(2640, .reading(.idle, isMissing: true)),
      ], always)
    #expect(found == (minutes(15 + 240), minutes(15 + 240), false, false))
  }

  @Test("A second online leaves the session open, also before the period") func secondOnline() throws {
    let during = try secondDay(
      [Event(600, .online), Event(610, .reading(.running)), Event(1500, .online)], always)
    #expect(during == (minutes(1440), minutes(1440), true, true))
    let before = try secondDay(
      [
        Event(590, .online), Event(600, .online), Event(610, .reading(.running)), Event(620, .online),
        Event(630, .online),
      ], always)
    #expect(before == (minutes(1440), minutes(1440), true, true))
  }

  @Test("An online after an offline opens another session, which holds no reading from before it")
  func anotherSession() throws {
    let found = try secondDay(
      [Event(600, .online), Event(610, .reading(.running)), Event(620, .offline), Event(630, .online)],
      always)
    #expect(found == (0, 0, false, false))
    // The reading came after the offline, and before the online.
    let between = try secondDay(
      [Event(600, .online), Event(620, .offline), Event(625, .reading(.running)), Event(630, .online)],
      always)
    #expect(between == (0, 0, false, false))
  }

  @Test("While the newest connection stands, hearing reaches to the present as sessions do")
  func present() throws {
    let store = try SessionStore(senders: 1)
    var connections = SessionStore.connections([(-4000..<2160, false)])
    connections[0].ended = false
    try store.add(
      [[Event(600, .online), Event(610, .reading(.running))]], connections: connections, isPacked: false)
    let noted = SessionStore.at(2160)
    #expect(try store.vouches(at: noted + .minutes(1)) == [true])
    #expect(try store.vouches(at: noted + .minutes(1) + .milliseconds(1)) == [false])
    let now = try store.figures(days: 1...1, now: noted + .seconds(30))
    #expect(now.sums[0].vouchedByReadings == minutes(720) + 30_000)
    connections[0].ended = true
    try store.add([[]], connections: connections, isPacked: false)
    #expect(try store.vouches(at: noted - .milliseconds(1)) == [true])
    #expect(try store.vouches(at: noted) == [false])
  }

  // MARK: Random streams

  @Test(
    "A day alone is the same as among others, an instant as the period that ends with it, and both as the rule says",
    arguments: 1...12 as ClosedRange<UInt64>)
  func property(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let collector = RandomCollector(&random)
    let streams = (0..<24).map { _ in RandomCollector.stream(&random) }
    let store = try SessionStore(senders: streams.count)
    try store.add(
      streams, connections: collector.connections, silences: collector.silences, isPacked: seed % 2 == 0)
    let expected = streams.map { collector.vouched($0) }
    for day in 1...3 {
      let alone = try store.figures(days: day...day).sums
      let among = try store.figures(days: 0...day, service: day).sums
      let all = try store.figures(days: 0...3).sums
      for number in streams.indices {
        let span = day * 1440..<(day + 1) * 1440
        let sum = expected[number][span].count { $0 }
        #expect(alone[number].vouchedByReadings == minutes(Int64(sum)), "\(number), day \(day)")
        let whole = expected[number].count { $0 }
        #expect(all[number].vouchedByReadings == minutes(Int64(whole)), "\(number), all days")
        #expect(among[number].vouchedByReadings == alone[number].vouchedByReadings, "\(number), day \(day)")
        #expect(among[number].running == alone[number].running, "\(number), day \(day)")
        #expect(among[number].reporting == alone[number].reporting, "\(number), day \(day)")
        #expect(among[number].connectivity == alone[number].connectivity, "\(number), day \(day)")
        #expect(among[number].stateUnobserved == alone[number].stateUnobserved, "\(number), day \(day)")
      }
    }
    for _ in 0..<16 {
      let day = Int(random.next(4))
      let minute = Int64(day * 1440) + 1 + Int64(random.next(1439))
      let instant = SessionStore.at(minute)
      let found = try store.vouches(at: instant)
      #expect(found == expected.map { $0[Int(minute)] }, "minute \(minute)")
      let before = try store.figures(days: day...day, now: instant).sums
      let with = try store.figures(days: day...day, now: instant + .milliseconds(1))
      for number in streams.indices {
        let isOn = with.sums[number].vouchedByReadings - before[number].vouchedByReadings == 1
        #expect(isOn == found[number], "\(number), minute \(minute)")
        let atEnd = PresenceRules().presence(
          of: with.atEnd[number], at: instant, horizon: SessionStore.horizon)
        #expect(atEnd.vouchedByReading == found[number], "\(number), minute \(minute)")
      }
    }
  }
}

/// What the state before a journal's first day keeps of sessions and hearing (``OpeningState``).
@Suite("Vouching by a session, from a pack's opening state") struct SessionOpeningTests {
  private typealias Event = SessionStore.Event

  @Test("It keeps the online of the newest reading's session and the newest break, and nothing that is older")
  func kept() throws {
    let streams = [
      [
        Event(100, .offline), Event(110, .online), Event(120, .online), Event(130, .reading(.running)),
        Event(140, .online), Event(150, .online),
      ]
    ]
    let store = try SessionStore(senders: 1)
    let connections = SessionStore.connections(
      [-4000..<10, 20..<30, 40..<50, 50..<1440].map { ($0, false) })
    try store.add(streams, connections: connections)
    let state = try store.opening(
      after: streams, connections: connections, silence: nil, through: SessionStore.day)
    #expect(state.senders[0].presence.map(\.at) == [100, 120, 150].map(SessionStore.at))
    #expect(state.senders[0].presence.map(\.presence) == [.offline, .online, .online])
    #expect(state.observations == Array(connections[1...]))
  }

  @Test("Later days are the same in a store that begins with it", arguments: 1...8 as ClosedRange<UInt64>)
  func property(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed &+ 1000)
    let collector = RandomCollector(&random)
    let streams = (0..<24).map { _ in RandomCollector.stream(&random) }
    let midnight: Int64 = 2 * 1440
    let whole = try SessionStore(senders: streams.count)
    try whole.add(streams, connections: collector.connections, silences: collector.silences)

    let before = try SessionStore(senders: streams.count)
    let earlier = streams.map { $0.filter { $0.minute < midnight } }
    try before.add(earlier, connections: [])
    let connections = collector.connections.filter { $0.from < SessionStore.at(midnight) }.map { one in
      var one = one
      one.through = min(one.through, SessionStore.at(midnight))
      return one
    }
    let opening = try before.opening(
      after: earlier, connections: connections,
      silence: collector.silences.last { $0.since < SessionStore.at(midnight) },
      through: SessionStore.day + 1)
    let later = try SessionStore(opening: opening, like: before)
    try later.add(
      streams.map { $0.filter { $0.minute >= midnight } },
      connections: collector.connections.filter { $0.through > SessionStore.at(midnight) },
      silences: collector.silences.filter { $0.until > SessionStore.at(midnight) })
    for days in [2...2, 3...3, 2...3] {
      let (a, b) = (try later.figures(days: days).sums, try whole.figures(days: days).sums)
      for number in streams.indices {
        #expect(a[number].reporting == b[number].reporting, "\(number), \(days)")
        #expect(a[number].running == b[number].running, "\(number), \(days)")
        #expect(a[number].connectivity == b[number].connectivity, "\(number), \(days)")
      }
    }
    for _ in 0..<16 {
      let instant = SessionStore.at(midnight + Int64(random.next(2 * 1440)))
      #expect(try later.vouches(at: instant) == whole.vouches(at: instant))
    }
  }
}

/// A collector with breaks of hearing and losses of its session over four days, and the rule in plain words: it asks of
/// every minute since a reading whether a session was open and heard. Everything happens at whole minutes.
private struct RandomCollector {
  private(set) var stretches: [(minutes: Range<Int64>, isLost: Bool)] = []
  private(set) var silent: [Range<Int64>] = []
  var connections: [ObservedStretch] { SessionStore.connections(stretches) }
  private(set) var silences: [Silence] = []

  init(_ random: inout SeededGenerator) {
    var from: Int64 = -4000
    for start in Self.instants(Int(random.next(5)), &random) {
      guard start > from else { continue }
      stretches.append((from..<start, random.next(2) == 0))
      from = start + 1 + Int64(random.next(90))
    }
    stretches.append((from..<9000, random.next(2) == 0))
    for since in Self.instants(Int(random.next(3)), &random) {
      guard let number = stretches.firstIndex(where: { $0.minutes.contains(since) }) else { continue }
      let until = min(since + 1 + Int64(random.next(60)), stretches[number].minutes.upperBound)
      silent.append(since..<until)
      silences.append(
        Silence(since: SessionStore.at(since), until: SessionStore.at(until), stretch: Int64(number + 1)))
    }
  }

  /// Different minutes of four days, ascending.
  private static func instants(_ count: Int, _ random: inout SeededGenerator) -> [Int64] {
    Set((0..<count).map { _ in Int64(random.next(4 * 1440)) }).sorted()
  }

  /// Few readings, as a publisher by exception sends them, onlines and offlines.
  static func stream(_ random: inout SeededGenerator) -> [SessionStore.Event] {
    var missing = 0
    var events: [SessionStore.Event] = []
    for minute in instants(4 + Int(random.next(16)), &random) {
      switch random.next(10) {
      case 0..<6:
        let isMissing = missing < 3 && random.next(5) == 0
        missing += isMissing ? 1 : 0
        events.append(
          .init(minute, .reading(random.next(2) == 0 ? .running : .idle, isMissing: isMissing)))
      case 6..<9: events.append(.init(minute, .online))
      default: events.append(.init(minute, .offline))
      }
    }
    return events
  }

  /// For each minute of four days, whether a reading vouches for it.
  func vouched(_ events: [SessionStore.Event]) -> [Bool] {
    var reading: (minute: Int64, isLost: Bool)?
    var isHeld = false
    var isCut = false
    return (0..<4 * 1440 as Range<Int64>).map { minute in
      for (place, event) in events.enumerated() where event.minute == minute {
        switch event.record {
        case .reading:
          var isLost = false
          let next = events[(place + 1)...].first { if case .reading = $0.record { true } else { false } }
          if case .reading(_, true) = next?.record { isLost = true }
          reading = (minute, isLost)
          (isHeld, isCut) = (!isLost, false)
        case .offline: isCut = true
        case .online: break
        }
      }
      guard let reading else { return false }
      isHeld = isHeld && isOpen(events, at: minute) && isHeard(minute)
      return !isCut && (isHeld || minute < reading.minute + 15)
    }
  }

  private func isHeard(_ minute: Int64) -> Bool {
    stretches.contains { $0.minutes.contains(minute) } && !silent.contains { $0.contains(minute) }
  }

  /// Whether a session of the sender is open: the newest of online and offline is an online, and the collector's own
  /// session was not lost since.
  private func isOpen(_ events: [SessionStore.Event], at minute: Int64) -> Bool {
    let newest = events.last { event in
      if case .reading = event.record { return false }
      return event.minute <= minute
    }
    guard let newest, newest.record == .online else { return false }
    return !zip(stretches, stretches.dropFirst()).contains { before, after in
      after.isLost && newest.minute < after.minutes.lowerBound && before.minutes.upperBound <= minute
    }
  }
}
