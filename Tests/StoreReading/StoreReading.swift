import Journal
import Storage
import Telemetry

/// Reads a store through its contract, as reports do, for tests of code that fills it.
///
/// Every call opens the store anew and reads everything written by then.
public struct StoreReading {
  public let store: any Store
  public let calendar: LocalCalendar

  /// A reading of `store`, whose days are those of `calendar`.
  public init(_ store: any Store, calendar: LocalCalendar) {
    self.store = store
    self.calendar = calendar
  }

  /// A stretch of time in which every message of a test lies: 1970 to 2099.
  public static let always = Timestamp(milliseconds: 0)..<Timestamp(milliseconds: 4_102_444_800_000)

  // MARK: Of the whole store

  /// Evidence of the whole store in a period, or of one factory's senders.
  public func overview(
    factory: String? = nil, in period: Range<Timestamp> = Self.always
  ) throws -> StoreEvidence {
    try store.reader().snapshot {
      try $0.overview(asOf: period.upperBound, factory: factory, period: period)
    }
  }

  /// Evidence of every sender with all that is stored, also of those whose messages were all refused.
  public func evidence() throws -> [EquipmentEvidence] {
    try store.reader().evidence(asOf: Self.always.upperBound, period: Self.always).equipment
  }

  /// Keys of the senders of which anything was accepted, ascending.
  public func senders() throws -> [String] {
    try store.reader().snapshot { try $0.senders(of: .all).senders.map(\.key.description) }
  }

  /// Refused messages by sender and fault.
  public func refusals() throws -> [SenderRefusal] {
    try store.quarantine().groups(factory: nil, equipment: nil, reason: nil)
  }

  /// Every refused message in the list, the newest first.
  public func quarantined() throws -> [Quarantined] {
    try store.quarantine().newest(.max, factory: nil, equipment: nil, reason: nil)
  }

  /// Payloads of the messages in the journal, in order, each block checked against the chain.
  public func payloads() throws -> [String] {
    var payloads: [String] = []
    try store.verifyJournal { block in
      try block.forEachRecord {
        if $0.kind == .message { payloads.append(String(decoding: $0.payload, as: UTF8.self)) }
      }
    }
    return payloads
  }

  /// Result of claiming the shard. Nobody may hold the shard; the claim is released again.
  public func claimed(_ options: ShardOptions) throws -> ShardState {
    let shard = try store.shard(.embedded, options)
    defer { shard.release() }
    return try shard.claim(remembering: 0)
  }

  // MARK: Of one sender

  /// Totals of a sender on a day, credited up to its end; nil if there are none.
  public func totals(of key: EquipmentKey, on day: CalendarDay) throws -> DaySums? {
    var found: DaySums?
    _ = try forEachPeriod(day...day, of: .one(key.factory)) { sender, _ in
      if sender.key == key { found = sender.days.first?.totals }
    }
    return found
  }

  /// Number of a sender's readings on all days.
  public func readings(of key: EquipmentKey) throws -> Int {
    guard let days = try days() else { return 0 }
    var count = 0
    _ = try forEachPeriod(days, of: .one(key.factory)) { sender, _ in
      if sender.key == key { count = sender.days.reduce(0) { $0 + Int($1.totals.readings) } }
    }
    return count
  }

  /// All stretches of a sender's readings, ascending, the open one last.
  public func stretches(of key: EquipmentKey) throws -> [StateInterval] {
    guard let days = try days() else { return [] }
    var found: [StateInterval] = []
    _ = try forEachPeriod(days, of: .one(key.factory)) { sender, stretches in
      if sender.key == key { found = try stretches(instants(of: days)) }
    }
    return found
  }

  /// Newest value of a sender's energy meter, in thousandths of a kWh; nil if it never sent one.
  public func energyMeter(of key: EquipmentKey) throws -> Int64? {
    guard let days = try days() else { return nil }
    var found: Int64?
    _ = try forEachPeriod(days, of: .one(key.factory)) { sender, _ in
      if sender.key == key { found = try sender.energyTrace?(nil).points.last?.value }
    }
    return found
  }

  /// The timelines of a sender at the end of every day that it has left, ascending.
  public func closings(of key: EquipmentKey) throws -> [(day: CalendarDay, timeline: Timeline)] {
    let senders = try store.reader().snapshot { try $0.senders(of: .one(key.factory)).senders }
    guard let number = senders.first(where: { $0.key == key })?.number else { return [] }
    let source = try store.repairSource()
    var found: [(day: CalendarDay, timeline: Timeline)] = []
    var last = CalendarDay.written.lowerBound
    while let day = try source.firstClosing(of: number, after: last) {
      if let timeline = try source.closing(of: number, before: day + 1) { found.append((day, timeline)) }
      last = day
    }
    return found
  }

  // MARK: Days

  /// The days on which any sender was heard, from the first to the last; nil if there are none.
  public func days() throws -> ClosedRange<CalendarDay>? {
    let senders = try store.reader().snapshot { try $0.senders(of: .all).senders }
    let source = try store.repairSource()
    var days: [CalendarDay] = []
    for sender in senders {
      if sender.day >= CalendarDay.written.lowerBound { days.append(sender.day) }
      if let first = try source.firstClosing(of: sender.number, after: CalendarDay.written.lowerBound) {
        days.append(first)
      }
    }
    guard let first = days.min(), let last = days.max() else { return nil }
    return first...last
  }

  /// Instants of some days.
  public func instants(of days: ClosedRange<CalendarDay>) -> Range<Timestamp> {
    calendar.start(of: days.lowerBound)..<calendar.start(of: days.upperBound + 1)
  }

  /// Lends the evidence of every sender of a scope on some days; returns their evidence at the end.
  func forEachPeriod(
    _ days: ClosedRange<CalendarDay>, of scope: FactoryScope = .all,
    _ body: (PeriodEvidence, StretchLookup) throws -> Void
  ) throws -> [EquipmentEvidence] {
    let until = instants(of: days).upperBound
    return try store.reader().snapshot { views in
      let request = PeriodRequest(asOf: until, days: days, until: until, calendar: calendar)
      return try views.forEachPeriod(of: views.senders(of: scope), request, body)
    }
  }
}
