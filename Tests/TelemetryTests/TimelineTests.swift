import Telemetry
import TestSupport
import Testing

private let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
/// 2026-11-22T08:00:00+08:00.
private let morning = Timestamp(milliseconds: 1_795_305_600_000)

/// Folds records as a shard does: window by window, each in order of event time.
private struct Folded {
  var timeline = Timeline()
  var changes = TimelineChanges()
  var fold = TimelineFold(horizonMinimum: .minutes(15), calendar: shanghai)

  mutating func window(_ records: [Record]) {
    let order = records.sorted { a, b in
      if a.time != b.time { return a.time < b.time }
      if rank(a) != rank(b) { return rank(a) < rank(b) }
      return (a.payload, a.received.milliseconds) < (b.payload, b.received.milliseconds)
    }
    var index = 0
    while index < order.count {
      switch order[index].content {
      case .presence(let presence):
        fold.fold(
          presence, at: order[index].time, received: order[index].received, of: 0, into: &timeline,
          changes: &changes)
        index += 1
      case .reading(let first):
        var tied: [Record] = []
        while index < order.count, case .reading = order[index].content, order[index].time == first.time {
          if tied.last?.payload != order[index].payload { tied.append(order[index]) }
          index += 1
        }
        let readings = tied.compactMap { if case .reading(let r) = $0.content { r } else { nil } }
        switch fold.order(of: first.time, in: timeline) {
        case .next: fold.fold(tied: readings, of: 0, into: &timeline, changes: &changes)
        case .tied, .late: changes.lateRecords.append(LateRecord(equipment: 0, at: first.time))
        }
      }
    }
  }

  private func rank(_ record: Record) -> Int {
    switch record.content {
    case .presence(.online): 0
    case .reading: 1
    case .presence(.offline): 2
    }
  }

  var intervals: [StateInterval] {
    Array(changes.intervals) + [timeline.openInterval(of: 0)].compactMap { $0 }
  }

  /// Day totals with what the newest reading vouches for up to `asOf` added, as a report reads them.
  func days(asOf: Timestamp) -> [CalendarDay: DayTotals] {
    var copy = self
    let today = shanghai.day(at: asOf)
    if today > timeline.day {
      copy.fold.enterDay(today, of: 0, in: &copy.timeline, changes: &copy.changes)
    }
    copy.timeline.totals = copy.fold.credited(copy.timeline, until: asOf)
    var days: [CalendarDay: DayTotals] = [:]
    for closed in copy.changes.closedDays where !closed.totals.isEmpty { days[closed.day] = closed.totals }
    if !copy.timeline.totals.isEmpty { days[copy.timeline.day] = copy.timeline.totals }
    return days
  }
}

private func reading(
  _ seconds: Int64, _ state: EquipmentState, mode: OperatingMode = .unstated, received: Int64? = nil,
  payload: Int = 0, sequence: UInt64? = nil, boot: UInt64? = nil, energy: Int64? = nil,
  good: Int64? = nil, total: Int64? = nil, vouching: Vouching = .horizon
) -> Record {
  let time = morning + .seconds(seconds)
  let receipt = morning + .seconds(received ?? seconds)
  return Record(
    content: .reading(
      Reading(
        time: time, received: receipt, state: state, mode: mode, sequence: sequence, boot: boot,
        meters: Meters(energy: energy, good: good, total: total), vouching: vouching)),
    time: time, received: receipt, payload: payload)
}

private func presence(_ seconds: Int64, _ presence: Presence) -> Record {
  Record(
    content: .presence(presence), time: morning + .seconds(seconds), received: morning + .seconds(seconds),
    payload: presence == .online ? -1 : -2)
}

/// The days that differ, as both have them.
private func difference(_ a: [CalendarDay: DayTotals], _ b: [CalendarDay: DayTotals]) -> String {
  Set(a.keys).union(b.keys).sorted().filter { a[$0] != b[$0] }
    .map { "\($0): \(String(describing: a[$0])) / \(String(describing: b[$0]))" }.joined(separator: "; ")
}

@Suite("Timeline") struct TimelineTests {
  @Test("A million timelines take 304 MB") func size() { #expect(MemoryLayout<Timeline>.stride == 304) }

  @Test("Heartbeats extend one stretch; a change of state closes it") func stretches() {
    var folded = Folded()
    folded.window([reading(0, .running), reading(30, .running), reading(60, .running), reading(90, .idle)])
    #expect(
      folded.intervals == [
        StateInterval(
          equipment: 0, from: morning, last: morning + .seconds(60), state: .running, mode: .unstated),
        StateInterval(
          equipment: 0, from: morning + .seconds(90), last: morning + .seconds(90), state: .idle,
          mode: .unstated),
      ])
    #expect(folded.timeline.totals.states[.running] == 90_000)
  }

  @Test("A gap of exactly the horizon minimum stays inside a stretch, one second more does not")
  func gaps() {
    var folded = Folded()
    folded.window([reading(0, .running), reading(900, .running), reading(1801, .running)])
    #expect(folded.intervals.map(\.from) == [morning, morning + .seconds(1801)])
    #expect(folded.intervals[0].last == morning + .seconds(900))
    #expect(folded.timeline.totals.states[.running] == 1_800_000)
  }

  @Test("A stretch ends where readings vouch by a session instead of the horizon, and back") func vouching() {
    var folded = Folded()
    folded.window([
      reading(0, .running), reading(30, .running, vouching: .session), reading(60, .running),
      reading(90, .idle),
    ])
    #expect(folded.intervals.map(\.vouching) == [.horizon, .session, .horizon, .horizon])
    #expect(folded.intervals.map(\.from) == [0, 30, 60, 90].map { morning + .seconds($0) })
    #expect(folded.timeline.vouching == .everBySession)
    // What a day credits is the same: up to the horizon minimum.
    #expect(folded.timeline.totals.states[.running] == 90_000)
  }

  @Test("An offline cuts the reading before it; a later reading starts anew") func offline() {
    var folded = Folded()
    folded.window([reading(0, .running), presence(20, .offline), reading(40, .running)])
    #expect(folded.intervals.map(\.cut) == [morning + .seconds(20), nil])
    #expect(folded.timeline.totals.states[.running] == 20_000)
  }

  @Test("A backlog sent before an offline was received does not vouch past it") func fastClock() {
    var folded = Folded()
    folded.window([presence(10, .offline), reading(60, .running, received: 0)])
    #expect(folded.timeline.cut == morning + .seconds(60))
    folded.window([reading(70, .running, received: 10)])
    #expect(folded.timeline.cut == morning + .seconds(70))
    folded.window([reading(80, .running, received: 30)])
    #expect(folded.timeline.cut == .distantFuture)
    #expect(folded.changes.lateRecords.isEmpty)
  }

  @Test("An offline before the newest reading waits for its day to be recomputed") func lateOffline() {
    var folded = Folded()
    folded.window([reading(60, .running, received: 0)])
    let before = folded.timeline
    folded.window([presence(10, .offline)])
    #expect(folded.timeline == before)
    #expect(folded.changes.lateRecords == [LateRecord(equipment: 0, at: morning + .seconds(10))])
  }

  @Test("Local midnight splits a stretch's time between two days") func midnight() {
    var folded = Folded()
    let untilMidnight: Int64 = 16 * 3600
    folded.window([reading(untilMidnight - 100, .running), reading(untilMidnight + 50, .off)])
    #expect(folded.changes.closedDays.map(\.totals.vouched) == [100_000])
    #expect(folded.changes.closedDays.map(\.day.description) == ["2026-11-22"])
    #expect(folded.timeline.totals.vouched == 50_000)
    #expect(folded.timeline.day.description == "2026-11-23")
  }

  @Test("At equal event times the highest sequence of one boot wins, else the greatest payload")
  func equalTimes() {
    var folded = Folded()
    folded.window([
      reading(0, .fault, payload: 9, sequence: 1, boot: 7),
      reading(0, .idle, payload: 1, sequence: 2, boot: 7),
    ])
    #expect(folded.timeline.state == .idle)
    folded.window([reading(5, .fault, payload: 9), reading(5, .idle, payload: 1)])
    #expect(folded.timeline.state == .fault)
    #expect(folded.timeline.totals.readings == 4)
  }

  @Test("A record older than the newest is handed out as late and changes nothing") func late() {
    var folded = Folded()
    folded.window([reading(100, .running)])
    let before = folded.timeline
    folded.window([reading(50, .idle)])
    #expect(folded.timeline == before)
    #expect(folded.changes.lateRecords == [LateRecord(equipment: 0, at: morning + .seconds(50))])
  }

  @Test("Sequence numbers show what is missing within a boot") func sequenceGaps() {
    var folded = Folded()
    folded.window([
      reading(0, .running, sequence: 1, boot: 1), reading(1, .running, sequence: 2, boot: 1),
      reading(2, .running, sequence: 3, boot: 1), reading(3, .running, sequence: 4, boot: 1),
      reading(4, .running, sequence: 7, boot: 1),
      reading(5, .running, sequence: 1, boot: 2), reading(6, .running, sequence: 2, boot: 2),
    ])
    #expect(folded.timeline.totals.missing == 2)
    #expect(folded.timeline.totals.sequenceJumps == 0)
  }

  @Test(
    "A counter that machines share, one with a stride and one that is a time show no losses",
    arguments: [
      [1, 11, 21, 31, 41], [1, 3, 4, 8, 9, 12, 14, 15, 19],
      [1_795_356_630_000, 1_795_356_690_000, 1_795_356_750_000],
      [1_795_356_630, 1_795_356_690, 1_795_356_750],
    ] as [[UInt64]])
  func counters(sequence: [UInt64]) {
    var folded = Folded()
    // Nothing vouches for the time between: if messages were missing, it would be lost.
    for (index, number) in sequence.enumerated() {
      folded.window([reading(Int64(index) * 2000, .running, sequence: number, boot: 1)])
    }
    #expect(folded.timeline.totals.missing == 0)
    #expect(
      Int(folded.timeline.totals.sequenceJumps) == zip(sequence, sequence.dropFirst()).count { $1 - $0 > 1 })
    #expect(folded.intervals.allSatisfy { $0.lostUntil == nil })
  }

  @Test("A clock is judged by what came as it was made: a heap, whatever its age, says nothing")
  func arrivals() {
    func totals(_ times: [(made: Int64, came: Int64)]) -> DayTotals {
      var folded = Folded()
      for (made, came) in times { folded.window([reading(made, .running, received: came)]) }
      return folded.timeline.totals
    }
    // Eight hours behind, every minute: the first reading cannot be compared with one before.
    let behind = totals((0..<5).map { (made: $0 * 60, came: $0 * 60 + 28_801) })
    #expect(behind.skew == 28_801_000)
    #expect(behind.live == 4)
    #expect(behind.late == 1)
    // Ten readings of an earlier hour in one burst after two live ones.
    let heap = totals(
      [(made: 0, came: 1), (made: 60, came: 61)] + (1...10).map { (made: 100 + $0 * 10, came: 7300) })
    #expect(heap.skew == 1000)
    #expect(heap.live == 1)
    #expect(heap.late == 10)
    // A single late one.
    let single = totals([(made: 0, came: 36_000)])
    #expect(single.skew == nil)
    #expect(single.late == 1)
  }

  @Test("Where messages are missing, a stretch that does not vouch up to the next reading says until when")
  func lost() {
    var folded = Folded()
    folded.window([
      reading(-3, .running, sequence: 1), reading(-2, .running, sequence: 2),
      reading(-1, .running, sequence: 3), reading(0, .running, sequence: 4),
      // Vouched for up to here, so nothing is lost.
      reading(900, .idle, sequence: 8),
      reading(2000, .running, sequence: 12),
      // Nothing is missing: it was silent.
      reading(4000, .running, sequence: 13),
      // Another boot says nothing of what came before.
      reading(6000, .running, sequence: 20, boot: 2), reading(8000, .running, sequence: 21, boot: 3),
      reading(8001, .running, sequence: 22, boot: 3), reading(8002, .running, sequence: 23, boot: 3),
      reading(8003, .running, sequence: 24, boot: 3),
      // Cut by an offline well within the horizon minimum; one of two readings at an instant shows it.
      presence(8100, .offline), reading(8500, .fault, payload: 1),
      reading(8500, .idle, payload: 2, sequence: 30),
    ])
    let lost = folded.intervals.map { $0.lostUntil.map { ($0 - morning).milliseconds / 1000 } }
    #expect(lost == [nil, 2000, nil, 6000, nil, 8500, nil])
  }

  @Test("Equals the naive reference on random records in order, duplicated and reordered in a window")
  func againstReference() {
    for seed in 0..<3000 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let records = randomRecords(&random)
      var folded = Folded()
      // Windows cut at random; what is inside one arrives in any order and more than once.
      var rest = records[...]
      while !rest.isEmpty {
        let size = min(rest.count, Int(random.next(8)) + 1)
        var window = Array(rest.prefix(size))
        rest = rest.dropFirst(size)
        // Records of one instant always share a window here; across windows they are late.
        while let next = rest.first, next.time == window.last?.time {
          window.append(next)
          rest = rest.dropFirst()
        }
        window += window.filter { _ in random.next(4) == 0 }
        window.shuffle(using: &random)
        folded.window(window)
      }
      let asOf = records[records.count - 1].time + .hours(1)
      let naive = NaiveTimeline(
        records: records, horizon: .minutes(15), calendar: shanghai, asOf: asOf)
      let days = folded.days(asOf: asOf)
      guard folded.changes.lateRecords.isEmpty, folded.intervals == naive.intervals, days == naive.days
      else {
        Issue.record("seed \(seed) differs from the reference: \(difference(days, naive.days))")
        return
      }
    }
  }

  @Test("What no record was late for equals the reference, with delays and fast clocks too")
  func arrivalOrder() {
    var compared = 0
    for seed in 0..<10_000 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      let records = delayedRecords(&random)
      var folded = Folded()
      for record in records { folded.window([record]) }
      guard folded.changes.lateRecords.isEmpty else { continue }
      compared += 1
      let naive = NaiveTimeline(
        records: records, horizon: .minutes(15), calendar: shanghai,
        asOf: records[records.count - 1].received + .hours(1))
      guard folded.intervals == naive.intervals else {
        Issue.record("seed \(seed) differs from the reference")
        return
      }
    }
    #expect(compared > 5000)
  }

  /// Records as they arrive: readings delayed, with a clock that may be ahead, and connection messages
  /// timed by their receipt.
  private func delayedRecords(_ random: inout SeededGenerator) -> [Record] {
    let ahead = [0, 0, 3, 60][Int(random.next(4))] as Int64
    let delay = [0, 5, 40][Int(random.next(3))] as Int64
    var records: [Record] = []
    var seconds: Int64 = 0
    var newest: Int64 = -1000
    for index in 0..<(4 + Int(random.next(12))) {
      seconds += [1, 2, 7, 30, 300, 1000][Int(random.next(6))]
      if random.next(3) == 0 {
        var message = presence(seconds, random.next(2) == 0 ? .online : .offline)
        message.payload = -index - 1
        records.append(message)
      } else {
        newest = max(newest + 1, seconds + ahead - (delay > 0 ? Int64(random.next(UInt64(delay))) : 0))
        records.append(
          reading(newest, random.next(2) == 0 ? .running : .idle, received: seconds, payload: index))
      }
    }
    return records
  }

  private func randomRecords(_ random: inout SeededGenerator) -> [Record] {
    var records: [Record] = []
    var seconds = Int64(random.next(86_400))
    var energy: Int64 = 1_000_000
    var pieces: Int64 = 100_000
    var sequence: UInt64 = 0
    var boot: UInt64 = 1
    for index in 0..<(5 + Int(random.next(40))) {
      let steps: [Int64] = [0, 1, 30, 300, 899, 900, 901, 5000, 40_000]
      seconds += steps[Int(random.next(9))]
      if random.next(6) == 0 {
        // A connection message never shares its instant with another one: receipts differ.
        seconds += 1
        records.append(presence(seconds, random.next(2) == 0 ? .online : .offline))
        seconds += 1
        continue
      }
      if random.next(10) == 0 { boot += 1 }
      sequence += 1 + (random.next(5) == 0 ? random.next(3) : 0)
      energy = max(0, energy + [500, 0, -400, -5000, 12_345, -energy, -900_000][Int(random.next(7))])
      pieces = max(0, pieces + [1000, 2000, 0, -1000, -pieces, 5000][Int(random.next(6))])
      // Now and then a meter shows 0; readings carry both counts, one or none.
      let shown = random.next(8) == 0 ? 0 : energy
      let good = random.next(4) == 0 ? nil : max(0, pieces - Int64(random.next(2)) * 1000)
      let total = random.next(4) == 0 ? nil : pieces
      let state = EquipmentState.allCases[Int(random.next(3))]
      let mode = OperatingMode.allCases[Int(random.next(3))]
      records.append(
        reading(
          seconds, state, mode: mode, payload: Int(random.next(1000)) * 100 + index, sequence: sequence,
          boot: boot,
          energy: shown, good: good, total: total))
    }
    return records
  }
}

extension Timeline {
  /// The open stretch as an interval, or nil before the first reading.
  fileprivate func openInterval(of equipment: EquipmentNumber) -> StateInterval? {
    guard hasReadings else { return nil }
    return StateInterval(
      equipment: equipment, from: stretchStart, last: newest, cut: cut == .distantFuture ? nil : cut,
      state: state, mode: mode)
  }
}
