import Aggregation
import Foundation
import Register
import SQLiteStore
import Storage
import Telemetry
import TestSupport

/// A store whose views hold what senders of factory F1 did, beside the connections of the collector; minutes count from
/// the beginning of `day`.
final class SessionStore {
  enum Record: Equatable {
    /// `isMissing`: messages before it are missing, as its sequence number shows.
    case reading(EquipmentState, isMissing: Bool = false)
    case online
    case offline
  }

  struct Event: Equatable {
    var minute: Int64
    var record: Record

    init(_ minute: Int64, _ record: Record) {
      self.minute = minute
      self.record = record
    }
  }

  static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  static let day = CalendarDay(number: 20_780)
  static let horizon = Span.minutes(15)
  static func at(_ minute: Int64) -> Timestamp { calendar.start(of: day) + .minutes(minute) }

  let directory: StoreDirectory
  private let folder: TemporaryDirectory
  private let shard: SQLiteShardStore
  private var senders: [Sender]
  private var timelines: ContiguousArray<Timeline>
  private var sequences: [UInt64]

  /// A store with `count` senders; their sequence numbers have proved to be their own two days before `day`.
  init(senders count: Int) throws {
    folder = try TemporaryDirectory("sessions", inMemory: true)
    directory = StoreDirectory(folder.path + "/store")
    shard = Self.shard(directory)
    _ = try shard.claim()
    senders = (0..<count).map { Sender(key: Self.key($0), workshop: "W01") }
    timelines = ContiguousArray(repeating: Timeline(), count: count)
    sequences = Array(repeating: 0, count: count)
    var changes = ViewChanges()
    changes.newSenders = senders[...]
    let proof = (0..<9).map { Event(-2880 + $0, .reading(.off)) }
    try write(Array(repeating: proof, count: count), changes)
  }

  /// A store that begins with `opening`, the state in which `other` is.
  init(opening: OpeningState, like other: SessionStore) throws {
    (folder, directory) = try Self.restored(opening)
    shard = Self.shard(directory)
    let state = try shard.claim()
    (senders, timelines, sequences) = (state.senders, state.timelines, other.sequences)
  }

  private static func restored(_ opening: OpeningState) throws -> (TemporaryDirectory, StoreDirectory) {
    let folder = try TemporaryDirectory("sessions", inMemory: true)
    let directory = StoreDirectory(folder.path + "/store")
    let past = FactoryPast(
      factory: "F1", register: RegisterContents(), chain: RegisterProof(links: []), opening: opening, days: []
    )
    try directory.restore(past, ShardOptions(calendar: calendar, horizonMinimum: horizon))
    return (folder, directory)
  }

  private static func shard(_ directory: StoreDirectory) -> SQLiteShardStore {
    let shard = SQLiteShardStore(directory: directory, calendar: calendar, horizonMinimum: horizon)
    shard.daysPerGroup = 1
    shard.keepsDaysWhenIdle = false
    return shard
  }

  /// The state in which it is, as packs of evidence state it: read from a store that has all of it.
  func opening(
    after streams: [[Event]], connections: [ObservedStretch], silence: Silence?, through day: CalendarDay
  ) throws -> OpeningState {
    var state = OpeningState()
    state.finalThrough = day
    for (number, sender) in senders.enumerated() {
      var one = OpeningState.Sender(
        equipment: sender.key.equipment, workshop: sender.workshop, hasMoved: sender.hasMoved)
      one.timeline = timelines[number]
      one.presence = streams[number].compactMap { event in
        if case .reading = event.record { return nil }
        return SessionEvent(
          equipment: EquipmentNumber(clamping: number), at: Self.at(event.minute),
          presence: event.record == .online ? .online : .offline)
      }
      state.senders.append(one)
    }
    (state.observations, state.silence) = (connections, silence)
    let (folder, directory) = try Self.restored(state)
    return try withExtendedLifetime(folder) { try directory.openingState(of: "F1") ?? OpeningState() }
  }

  static func key(_ sender: Int) -> EquipmentKey {
    EquipmentKey(factory: "F1", equipment: "E\(sender + 100)")
  }

  /// Folds what each sender sends, in order of time, and keeps it with all connections and silences there are.
  func add(
    _ streams: [[Event]], connections: [ObservedStretch], silences: [Silence] = [], isPacked: Bool = true
  ) throws {
    var changes = ViewChanges()
    changes.observations = connections
    changes.silences = silences
    try write(streams, changes)
    if isPacked { try shard.packGroups() }
  }

  private func write(_ streams: [[Event]], _ changes: ViewChanges) throws {
    var changes = changes
    var fold = TimelineFold(horizonMinimum: Self.horizon, calendar: Self.calendar)
    for (number, events) in streams.enumerated() {
      let equipment = EquipmentNumber(clamping: number)
      for event in events {
        let time = Self.at(event.minute)
        switch event.record {
        case .reading(let state, let isMissing):
          sequences[number] += isMissing ? 3 : 1
          fold.fold(
            Reading(
              time: time, received: time, state: state, sequence: sequences[number], vouching: .session),
            of: equipment, into: &timelines[number], changes: &changes.timelineChanges)
        case .online, .offline:
          fold.fold(
            event.record == .online ? .online : .offline, at: time, received: time, of: equipment,
            into: &timelines[number], changes: &changes.timelineChanges)
        }
      }
      changes.changedEquipment.append(equipment)
    }
    try shard.update(ViewUpdate(changes: changes, senders: senders, timelines: timelines, cursor: 0))
  }

  /// The figures of each sender over days counted from `day`, of which only those from `service` on count; as they stand
  /// at `now`, in minutes. With evidence at the period's end.
  func figures(
    days: ClosedRange<Int>, service: Int? = nil, now: Timestamp? = nil
  ) throws -> (sums: [TimeFigures], atEnd: [EquipmentEvidence]) {
    let first = Self.day + days.lowerBound
    var history = RegisterHistory()
    history.append(
      RegisterRows(
        equipment: senders.map {
          RegisteredEquipment(key: $0.key, commissionedOn: Self.day + (service ?? days.lowerBound))
        }), effectiveOn: Self.day - 300, importedAt: .init(milliseconds: 0))
    let period = Period(
      from: first, to: Self.day + days.upperBound, calendar: Self.calendar, now: now ?? Self.at(100_000))
    return try directory.reader().snapshot { views in
      var ledger = PeriodLedger(
        observation: Observation(
          period: period, stretches: try views.observed(in: period.from..<period.until)),
        register: RegisterPeriod(days: period.days, effectiveDays: []) { history.snapshot(day: $0) },
        calendars: ProductionCalendars(), rules: PresenceRules(), keepsEquipment: true)
      let request = PeriodRequest(
        asOf: period.asOf, days: period.days, until: period.until, calendar: Self.calendar)
      let atEnd = try views.forEachPeriod(of: try views.senders(of: .all), request) {
        try ledger.add($0, stretches: $1)
      }
      let found = try ledger.finish().factories["F1"]?.equipment ?? [:]
      return (senders.map { found[$0.key.equipment] ?? TimeFigures() }, atEnd)
    }
  }

  /// Whether a reading of each sender vouches at an instant.
  func vouches(at instant: Timestamp) throws -> [Bool] {
    try directory.reader().evidence(asOf: instant, period: instant..<instant + .milliseconds(1)).equipment.map
    {
      PresenceRules().presence(of: $0, at: instant, horizon: Self.horizon).vouchedByReading
    }
  }

  /// Connections from minute to minute; `isLost` if the broker had lost the collector's session before it.
  static func connections(_ stretches: [(minutes: Range<Int64>, isLost: Bool)]) -> [ObservedStretch] {
    stretches.enumerated().map { index, one in
      ObservedStretch(
        number: Int64(index + 1), from: at(one.minutes.lowerBound), through: at(one.minutes.upperBound),
        resumed: !one.isLost, ended: true)
    }
  }
}
