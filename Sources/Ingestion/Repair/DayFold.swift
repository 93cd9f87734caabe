import Decoding
import Storage
import Telemetry

/// All records of one equipment's day in the journal.
struct DayRecords {
  struct Record {
    var kind: Event.Kind
    var time: Timestamp
    var received: Timestamp
    /// Hash of topic and payload.
    var digest: UInt64
    /// Place in the content of its message.
    var place: RecordPlace
    var reading: Reading
    /// Position of the payload in the arena.
    var payload: Range<Int>
    /// Workshop in its topic.
    var workshop: String
    /// Optional fields that were left out of it; kept only by folds that count them.
    var fieldErrors: [FieldErrorCount] = []
  }
  /// The workshop in the topic of the last record; of several at one instant, the last in order of names. nil without
  /// records.
  fileprivate var workshop: String?
  fileprivate var records: [Record] = []
  fileprivate var arena: [UInt8] = []
  /// Alarm codes by their digest, of messages other than native ones.
  fileprivate var alarmCodes: [UInt64: [String]] = [:]

  /// Keeps an event heard in `workshop`; returns the number of bytes it takes.
  mutating func append(
    _ event: RecordEvent, _ errors: [FieldErrorCount] = [], in workshop: String
  ) -> Int {
    let start = arena.count
    arena.append(contentsOf: event.payload)
    if let codes = event.alarmCodes { alarmCodes[event.reading.alarms] = codes }
    records.append(
      Record(
        kind: event.kind, time: event.time, received: event.received, digest: event.digest,
        place: event.place, reading: event.reading, payload: start..<arena.count, workshop: workshop,
        fieldErrors: errors))
    return MemoryLayout<Record>.stride + event.payload.count
  }

  /// The distinct records in rank order: by event time; at one instant online, readings, offline; readings at one
  /// instant by payload and place in their message. Of a repeated record the first receipt is kept.
  fileprivate mutating func rank() {
    arena.withUnsafeBytes { arena in
      func payload(_ record: Record) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: arena[record.payload])
      }
      records.sort { a, b in
        if a.time != b.time { return a.time < b.time }
        if a.kind.rank != b.kind.rank { return a.kind.rank < b.kind.rank }
        if a.digest == b.digest {
          return a.place != b.place ? a.place < b.place : a.received < b.received
        }
        let (x, y) = (payload(a), payload(b))
        return x.elementsEqual(y) ? a.digest < b.digest : x.lexicographicallyPrecedes(y)
      }
    }
    let last = records.last?.time
    workshop = records.reversed().prefix { $0.time == last }.map(\.workshop).max()
    var distinct: [Record] = []
    distinct.reserveCapacity(records.count)
    for record in records {
      if let last = distinct.last, last.time == record.time, last.kind == record.kind,
        last.digest == record.digest && last.place == record.place || record.kind.isPresence
      {
        continue
      }
      distinct.append(record)
    }
    records = distinct
  }
}

/// Folds one day of one equipment from all its records.
struct DayFold {
  private var fold: TimelineFold
  private let calendar: LocalCalendar

  init(settings: ShardSettings) {
    fold = TimelineFold(horizonMinimum: settings.horizonMinimum, calendar: settings.calendar)
    calendar = settings.calendar
  }

  /// The day that follows from `opening` and the records. `alarms` returns the alarm codes of a payload.
  func fold(
    _ records: DayRecords, onto opening: Timeline, _ day: RepairJob.Day, block: Int64,
    alarms: (UnsafeRawBufferPointer) -> [String]
  ) -> RepairedDay {
    var fold = fold
    var ranked = records
    ranked.rank()
    var timeline = opening.opening(day.repair.day)
    var changes = TimelineChanges()
    apply(ranked, day.repair.equipment, &fold, &timeline, &changes)
    lookUpAlarms(&changes, ranked, alarms)
    var repaired = RepairedDay(
      day.repair, bounds: calendar.start(of: day.repair.day)..<calendar.start(of: day.repair.day + 1),
      isOpen: day.isOpen, block: block, ending: timeline)
    if !day.isOpen {
      let totals = fold.credited(timeline, until: .distantFuture)
      if !ranked.records.isEmpty { repaired.closing = timeline }
      if !ranked.records.isEmpty || !totals.isEmpty { repaired.totals = totals }
      if ranked.records.isEmpty { repaired.ending.day = opening.day }
    }
    repaired.workshop = ranked.workshop ?? ""
    repaired.intervals = changes.intervals
    repaired.alarmChanges = changes.alarmChanges
    repaired.meterResets = changes.meterResets
    return repaired
  }

  /// Folds the beginning of a day from all its records.
  func fold(
    _ records: DayRecords, onto opening: Timeline, of equipment: EquipmentNumber, until: Timestamp
  ) -> CutDays.Sender {
    var fold = fold
    var ranked = records
    ranked.rank()
    var timeline = opening
    var changes = TimelineChanges()
    apply(ranked, equipment, &fold, &timeline, &changes)
    var errors: [FieldErrorCount] = []
    for record in ranked.records { errors.add(record.fieldErrors) }
    return CutDays.Sender(
      totals: fold.credited(timeline, until: until), meterResets: Array(changes.meterResets),
      timeline: timeline, workshop: ranked.workshop, fieldErrors: errors)
  }

  private func apply(
    _ ranked: DayRecords, _ equipment: EquipmentNumber, _ fold: inout TimelineFold,
    _ timeline: inout Timeline,
    _ changes: inout TimelineChanges
  ) {
    var position = 0
    while position < ranked.records.count {
      let end = Self.endOfTie(ranked.records, from: position)
      apply(ranked.records[position..<end], equipment, &fold, &timeline, &changes)
      position = end
    }
  }

  private static func endOfTie(_ records: [DayRecords.Record], from position: Int) -> Int {
    var end = position + 1
    while end < records.count, records[position].kind == .reading, records[end].kind == .reading,
      records[end].time == records[position].time
    {
      end += 1
    }
    return end
  }

  private func apply(
    _ tie: ArraySlice<DayRecords.Record>, _ equipment: EquipmentNumber, _ fold: inout TimelineFold,
    _ timeline: inout Timeline, _ changes: inout TimelineChanges
  ) {
    guard let first = tie.first else { return }
    switch first.kind {
    case .online, .offline:
      fold.fold(
        first.kind == .online ? .online : .offline, at: first.time, received: first.received, of: equipment,
        into: &timeline, changes: &changes)
    case .reading:
      if tie.count == 1 {
        fold.fold(first.reading, of: equipment, into: &timeline, changes: &changes)
      } else {
        fold.fold(tied: tie.map(\.reading), of: equipment, into: &timeline, changes: &changes)
      }
    }
  }

  private func lookUpAlarms(
    _ changes: inout TimelineChanges, _ records: DayRecords, _ alarms: (UnsafeRawBufferPointer) -> [String]
  ) {
    for index in changes.alarmChanges.indices where changes.alarmChanges[index].digest != 0 {
      let change = changes.alarmChanges[index]
      // Records are ascending by time, so those at the instant of the change are found by binary search.
      var low = 0
      var high = records.records.count
      while low < high {
        let middle = (low + high) / 2
        if records.records[middle].time < change.at { low = middle + 1 } else { high = middle }
      }
      while low < records.records.count, records.records[low].reading.alarms != change.digest { low += 1 }
      guard low < records.records.count else { continue }
      if let codes = records.alarmCodes[change.digest] {
        changes.alarmChanges[index].codes = codes
        continue
      }
      changes.alarmChanges[index].codes = records.arena.withUnsafeBytes {
        alarms(UnsafeRawBufferPointer(rebasing: $0[records.records[low].payload]))
      }
    }
  }
}
