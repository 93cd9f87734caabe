import Decoding
import Storage
import Telemetry

/// Folds the beginning of a day from the journal, for senders with later records: the counts of a report whose as-of
/// is within the day.
///
/// Records that arrive in order of time are folded as they are read, and not kept. Records of the other senders are
/// collected in further passes over the journal, for as many senders at once as fit into memory.
public struct CutDayFold {
  private let settings: ShardSettings
  private let records: any RecordSource

  /// Maximum memory for records, in bytes. The records of a single sender may exceed it.
  private static let memoryLimit = 64 << 20

  /// A fold of the journal of `store`, which decodes messages by `settings`.
  public init(settings: ShardSettings, _ store: any Store) {
    self.settings = settings
    records = store.records()
  }

  /// Folds `day` of `senders` from their records before `until`, in blocks up to `last`.
  public func fold(
    _ senders: [CutDays.Candidate], on day: CalendarDay, until: Timestamp, through last: Int64
  ) throws -> [EquipmentNumber: CutDays.Sender] {
    let range = settings.calendar.start(of: day)..<until
    var running = Running(senders, settings)
    try forEach(of: senders, in: range, through: last) { event, errors, workshop in
      running.take(event, errors, in: workshop)
      return true
    }
    var folded = running.folded(until: until)
    var rest = senders.filter { running.isLate($0.number) }[...]
    let dayFold = DayFold(settings: settings)
    var count = rest.count
    while !rest.isEmpty {
      let some = rest.prefix(count)
      guard let records = try collect(some, in: range, through: last) else {
        count = max(1, count / 2)
        continue
      }
      for sender in some {
        folded[sender.number] = dayFold.fold(
          records[sender.number] ?? DayRecords(), onto: sender.opening, of: sender.number, until: until)
      }
      rest = rest.dropFirst(some.count)
    }
    return folded
  }

  // MARK: -

  /// Collects every record of some senders; returns nil if they do not fit into memory.
  private func collect(
    _ senders: ArraySlice<CutDays.Candidate>, in range: Range<Timestamp>, through last: Int64
  ) throws -> [EquipmentNumber: DayRecords]? {
    var collected: [EquipmentNumber: DayRecords] = [:]
    var used = 0
    try forEach(of: Array(senders), in: range, through: last) { event, errors, workshop in
      used += collected[event.equipment, default: DayRecords()].append(event, errors, in: workshop)
      return used <= Self.memoryLimit || senders.count == 1
    }
    return used <= Self.memoryLimit || senders.count == 1 ? collected : nil
  }

  /// Lends every event of some senders whose time is in a range, with the fields left out of it and its workshop.
  /// `body` returns false to stop.
  private func forEach(
    of senders: [CutDays.Candidate], in range: Range<Timestamp>, through last: Int64,
    _ body: (RecordEvent, [FieldErrorCount], String) throws -> Bool
  ) throws {
    let numbers = Dictionary(senders.map { ($0.key, $0.number) }, uniquingKeysWith: { $1 })
    // A device's clock may be ahead, so a record may have arrived on the day before.
    let day = settings.calendar.day(at: range.lowerBound) - 1
    guard
      let history = try RulesHistory(records, fromDay: day, through: last, configured: settings.rules)
    else { return }
    var decoder = try RecordDecoder(settings: settings, history, numbers: numbers)
    try records.forEachRecord(
      ofFactories: history.factories(Set(senders.map(\.key.factory))), after: history.begin, through: last
    ) { record, block in
      let earliest = range.lowerBound - decoder.largestLimits.futureSkew
      for place in try decoder.decode(record, of: block, from: earliest) {
        guard let event = decoder.event(at: place), range.contains(event.time) else { continue }
        let errors = decoder.fieldErrors(of: event, on: day + 1)
        let workshop = decoder.workshop(of: event)
        guard try body(event, errors, workshop) else { return false }
      }
      return true
    }
  }

  /// Timelines of the senders whose records arrive in order of time.
  private struct Running {
    private struct Sender {
      var timeline: Timeline
      /// Event time of the newest record.
      var newest = Timestamp.distantPast
      var meterResets: [MeterReset] = []
      /// Workshop in the topic of that record; nil before the first.
      var workshop: String?
      var fieldErrors: [FieldErrorCount] = []
      var isLate = false
    }
    private var senders: [EquipmentNumber: Sender]
    private var fold: TimelineFold
    private var changes = TimelineChanges()

    init(_ candidates: [CutDays.Candidate], _ settings: ShardSettings) {
      senders = Dictionary(
        candidates.map { ($0.number, Sender(timeline: $0.opening)) }, uniquingKeysWith: { $1 })
      fold = TimelineFold(horizonMinimum: settings.horizonMinimum, calendar: settings.calendar)
    }

    mutating func take(_ event: RecordEvent, _ errors: [FieldErrorCount], in workshop: String) {
      guard let place = senders.index(forKey: event.equipment), !senders.values[place].isLate else { return }
      guard event.time > senders.values[place].newest else {
        senders.values[place].isLate = true
        return
      }
      senders.values[place].newest = event.time
      senders.values[place].workshop = workshop
      senders.values[place].fieldErrors.add(errors)
      switch event.kind {
      case .reading:
        fold.fold(
          event.reading, of: event.equipment, into: &senders.values[place].timeline, changes: &changes)
      case .online, .offline:
        fold.fold(
          event.kind == .online ? .online : .offline, at: event.time, received: event.received,
          of: event.equipment, into: &senders.values[place].timeline, changes: &changes)
      }
      senders.values[place].meterResets += changes.meterResets
      if !changes.lateRecords.isEmpty { senders.values[place].isLate = true }
      changes.removeAll()
    }

    func isLate(_ number: EquipmentNumber) -> Bool { senders[number]?.isLate ?? false }

    mutating func folded(until: Timestamp) -> [EquipmentNumber: CutDays.Sender] {
      var folded: [EquipmentNumber: CutDays.Sender] = [:]
      for (number, sender) in senders where !sender.isLate {
        folded[number] = CutDays.Sender(
          totals: fold.credited(sender.timeline, until: until), meterResets: sender.meterResets,
          timeline: sender.timeline, workshop: sender.workshop, fieldErrors: sender.fieldErrors)
      }
      return folded
    }
  }
}

extension [FieldErrorCount] {
  /// Adds counts of one sender and day to those with the same field and fault.
  mutating func add(_ errors: some Sequence<FieldErrorCount>) {
    for error in errors {
      guard let place = firstIndex(where: { $0.field == error.field && $0.fault == error.fault }) else {
        append(error)
        continue
      }
      self[place].messages += error.messages
      self[place].excerpt = Swift.min(self[place].excerpt, error.excerpt)
    }
  }
}
