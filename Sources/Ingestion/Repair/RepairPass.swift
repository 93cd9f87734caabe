import Decoding
import Storage
import Telemetry

/// Days to recompute together, from the journal as it was when the pass was asked for.
struct RepairJob: Sendable {
  struct Day: Sendable {
    var repair: PendingRepair
    var key: EquipmentKey
    /// Whether the equipment's timeline is in this day.
    var isOpen: Bool
  }
  /// Records up to this block are taken into account.
  var block: Int64
  /// Ascending by day.
  var days: [Day]
}

/// Recomputes days: reads all their records from the journal, sorts them as the design's metrics page
/// ("Timeline, exactly") ranks them, and folds them onto the timeline that the day before ended with.
struct RepairPass: ~Copyable {
  private let settings: ShardSettings
  private let journal: JournalReader
  private let views: ViewsReader

  /// The most memory for records, in bytes; a single day may take more.
  private static let memoryLimit = 64 << 20

  init(settings: ShardSettings, journal: JournalReader, views: ViewsReader) {
    self.settings = settings
    self.journal = journal
    self.views = views
  }

  /// Recomputes the days of a job, or as many of the first as fit into memory.
  func run(_ job: RepairJob, isCancelled: () -> Bool) throws -> [RepairedDay] {
    var job = job
    while true {
      if let records = try collect(job, isCancelled) { return try fold(job, records) }
      job.days.removeLast(job.days.count / 2)
    }
  }

  /// Why a pass ended early.
  struct Cancelled: Error {}

  // MARK: -

  /// The records of every day, by its place in the job; nil when they do not fit.
  private func collect(_ job: RepairJob, _ isCancelled: () -> Bool) throws -> [DayRecords]? {
    guard let first = job.days.first else { return [] }
    var places: [PendingRepair: Int] = [:]
    var numbers: [EquipmentKey: EquipmentNumber] = [:]
    for (place, day) in job.days.enumerated() {
      places[day.repair] = place
      numbers[day.key] = day.repair.equipment
    }
    var collected = [DayRecords](repeating: DayRecords(), count: job.days.count)
    var decoder = try RecordDecoder(settings: settings, numbers: numbers)
    var used = 0
    var isTooMuch = false
    // A device's clock may be ahead: a record may have come the day before.
    try journal.forEachRecord(
      ofFactories: Set(job.days.map(\.key.factory)), fromDay: first.repair.day - 1, through: job.block
    ) { record, _ in
      guard !isTooMuch else { return false }
      guard let item = decoder.decode(record) else { return true }
      let repair = PendingRepair(equipment: item.sender, day: settings.calendar.day(at: item.time))
      guard let place = places[repair] else { return true }
      if isCancelled() { throw Cancelled() }
      used += collected[place].append(item)
      isTooMuch = used > Self.memoryLimit && job.days.count > 1
      return true
    }
    return isTooMuch ? nil : collected
  }

  private func fold(_ job: RepairJob, _ records: [DayRecords]) throws -> [RepairedDay] {
    var decoder = try RecordDecoder(settings: settings, numbers: [:])
    var repaired: [RepairedDay] = []
    /// Where the latest day of an equipment in this job left it.
    var endings: [EquipmentNumber: (day: CalendarDay, closing: Timeline)] = [:]
    for (place, day) in job.days.enumerated() {
      let number = day.repair.equipment
      var opening = try views.closing(of: number, before: day.repair.day)
      if let earlier = endings[number], earlier.day >= opening?.day ?? earlier.day {
        opening = earlier.closing
      }
      let result = DayFold(settings: settings).fold(
        records[place], onto: opening ?? Timeline(), day, block: job.block, alarms: { decoder.alarms(in: $0) }
      )
      if let closing = result.closing { endings[number] = (day.repair.day, closing) }
      repaired.append(result)
    }
    return repaired
  }
}

/// Decodes journal records again, as they were decoded when they came.
private struct RecordDecoder: ~Copyable {
  private var messages: MessageDecoder
  private let wanted: [EquipmentNumber?]

  /// A decoder that gives the equipment of `numbers` their numbers, and ignores everyone else.
  init(settings: ShardSettings, numbers: [EquipmentKey: EquipmentNumber]) throws {
    let keys = numbers.keys.sorted()
    wanted = keys.map { numbers[$0] }
    messages = try MessageDecoder(
      router: Router(settings.sources), limits: settings.limits,
      senders: Senders(keys.map { Sender(key: $0, workshop: "") }, limit: .max, registered: []),
      timelines: ContiguousArray(repeating: Timeline(), count: keys.count))
  }

  /// The counted item that a record is, of one of the equipment wanted; else nil.
  mutating func decode(_ record: JournalRecord) -> BatchItem? {
    guard record.kind == .message, record.flags.isDisjoint(with: [.retained, .redelivered]) else {
      return nil
    }
    _ = messages.trimTopics()
    var item = messages.decode(
      topic: record.topic, payload: record.payload, received: record.received,
      hash: ContentHash.of(record.topic, record.payload), recorded: record.flags)
    guard item.kind == .reading || item.kind.isPresence, Int(item.sender) < wanted.count,
      let number = wanted[Int(item.sender)]
    else { return nil }
    if item.kind.isPresence { messages.timePresence(&item) }
    guard item.kind != .uncounted else { return nil }
    item.sender = number
    return item
  }

  mutating func alarms(in payload: UnsafeRawBufferPointer) -> [String] { messages.alarms(in: payload) }
}
