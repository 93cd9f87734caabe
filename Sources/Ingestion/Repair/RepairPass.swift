import Decoding
import Journal
import Storage
import Telemetry

/// Days to recompute together, from the journal as it was when the pass was asked for.
struct RepairJob: Sendable {
  struct Day: Sendable {
    var repair: PendingRepair
    var key: EquipmentKey
    /// The day that the equipment's timeline is in.
    var openDay: CalendarDay
    var isOpen: Bool { repair.day == openDay }

    /// Another day of the same equipment.
    func on(_ day: CalendarDay) -> Day {
      Day(
        repair: PendingRepair(equipment: repair.equipment, day: day), key: key, openDay: openDay)
    }
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
  private let source: any RepairSource

  /// The most memory for records, in bytes; a single day may take more.
  private static let memoryLimit = 64 << 20

  init(settings: ShardSettings, source: any RepairSource) {
    self.settings = settings
    self.source = source
  }

  /// Recomputes the days of a job, or as many of the first as fit into memory, and with few days also those
  /// after them that turn out to begin otherwise: reading the journal costs more than they do.
  func run(_ job: RepairJob, isCancelled: () -> Bool) throws -> [RepairedDay] {
    if job.days.count <= Self.fewDays, let records = try collect(job, withFollowing: true, isCancelled) {
      return try fold(job, records, withFollowing: true)
    }
    var job = job
    while true {
      if let records = try collect(job, withFollowing: false, isCancelled) {
        return try fold(job, records, withFollowing: false)
      }
      job.days.removeLast(job.days.count / 2)
    }
  }

  private static let fewDays = 200

  /// Why a pass ended early.
  struct Cancelled: Error {}

  // MARK: -

  /// The records of every day, also of those that follow an equipment's first; nil when they do not fit.
  private func collect(
    _ job: RepairJob, withFollowing: Bool, _ isCancelled: () -> Bool
  ) throws -> [PendingRepair: DayRecords]? {
    guard let first = job.days.first else { return [:] }
    var collected: [PendingRepair: DayRecords] = [:]
    var numbers: [EquipmentKey: EquipmentNumber] = [:]
    var firsts: [EquipmentNumber: CalendarDay] = [:]
    for day in job.days {
      collected[day.repair] = DayRecords()
      numbers[day.key] = day.repair.equipment
      firsts[day.repair.equipment] = min(day.repair.day, firsts[day.repair.equipment] ?? day.repair.day)
    }
    var decoder = try RecordDecoder(settings: settings, numbers: numbers)
    var used = 0
    var isTooMuch = false
    // A device's clock may be ahead: a record may have come the day before.
    try source.forEachRecord(
      ofFactories: Set(job.days.map(\.key.factory)), fromDay: first.repair.day - 1, through: job.block
    ) { record, _ in
      guard !isTooMuch else { return false }
      guard let item = decoder.decode(record) else { return true }
      let repair = PendingRepair(equipment: item.sender, day: settings.calendar.day(at: item.time))
      if collected[repair] == nil {
        guard withFollowing, let first = firsts[item.sender], repair.day > first else { return true }
      }
      if isCancelled() { throw Cancelled() }
      used += collected[repair, default: DayRecords()].append(item, in: decoder.workshop(of: item))
      isTooMuch = used > Self.memoryLimit && (job.days.count > 1 || withFollowing)
      return true
    }
    return isTooMuch ? nil : collected
  }

  private func fold(
    _ job: RepairJob, _ records: [PendingRepair: DayRecords], withFollowing: Bool
  ) throws -> [RepairedDay] {
    var decoder = try RecordDecoder(settings: settings, numbers: [:])
    let dayFold = DayFold(settings: settings)
    var repaired: [RepairedDay] = []
    /// Where the latest day of an equipment in this job left it.
    var endings: [EquipmentNumber: (day: CalendarDay, closing: Timeline)] = [:]
    /// Ascending by day.
    var days = job.days
    var next = 0
    while next < days.count {
      let day = days[next]
      next += 1
      let number = day.repair.equipment
      let before = try ending(of: number, before: day.repair.day, endings[number])
      let result = dayFold.fold(
        records[day.repair] ?? DayRecords(), onto: before ?? Timeline(), day, block: job.block,
        alarms: { decoder.alarms(in: $0) })
      if withFollowing, !day.isOpen {
        let stored = try ending(of: number, before: day.repair.day + 1, endings[number])
        if !(stored ?? Timeline()).continuesLike(result.ending) {
          for following in try daysFollowing(day) { Self.insert(following, into: &days, from: next) }
        }
      }
      if let closing = result.closing { endings[number] = (day.repair.day, closing) }
      repaired.append(result)
    }
    return repaired
  }

  /// The timeline as an equipment's last day before `day` leaves it: in the views, or in this pass.
  private func ending(
    of number: EquipmentNumber, before day: CalendarDay, _ here: (day: CalendarDay, closing: Timeline)?
  ) throws -> Timeline? {
    let stored = try source.closing(of: number, before: day)
    guard let here, here.day < day, here.day >= stored?.day ?? here.day else { return stored }
    return here.closing
  }

  /// The days that a day which ends otherwise than before makes begin otherwise: the next that anything came
  /// on, and the next, which may hold what the last reading vouches for past midnight.
  private func daysFollowing(_ day: RepairJob.Day) throws -> [RepairJob.Day] {
    let stored = try source.firstClosing(of: day.repair.equipment, after: day.repair.day)
    let next = min(stored ?? day.openDay, day.openDay)
    return Set([next, day.repair.day + 1]).filter { $0 > day.repair.day && $0 <= next }.map(day.on)
  }

  private static func insert(_ day: RepairJob.Day, into days: inout [RepairJob.Day], from first: Int) {
    var place = first
    while place < days.count, days[place].repair.day <= day.repair.day {
      if days[place].repair == day.repair { return }
      place += 1
    }
    days.insert(day, at: place)
  }
}

/// Decodes journal records again, as they were decoded when they came.
struct RecordDecoder: ~Copyable {
  private var messages: MessageDecoder
  private let wanted: [EquipmentNumber?]

  /// A decoder that gives the equipment of `numbers` their numbers, and ignores everyone else.
  init(settings: ShardSettings, numbers: [EquipmentKey: EquipmentNumber]) throws {
    let keys = numbers.keys.sorted()
    wanted = keys.map { numbers[$0] }
    messages = try MessageDecoder(
      router: Router(settings.sources), limits: settings.limits,
      senders: Senders(keys.map { Sender(key: $0, workshop: "") }, limit: .max, registered: []))
  }

  /// The counted item that a record is, of one of the equipment wanted; else nil.
  mutating func decode(_ record: JournalRecord) -> BatchItem? {
    guard record.kind == .message, record.flags.isDisjoint(with: .uncounted) else {
      return nil
    }
    _ = messages.trimTopics()
    // Most records are of others: their payloads are not read.
    if let sender = messages.knownSender(of: record.topic),
      Int(sender) >= wanted.count || wanted[Int(sender)] == nil
    {
      return nil
    }
    var item = messages.decode(
      topic: record.topic, payload: record.payload, received: record.received,
      hash: ContentHash.of(record.topic, record.payload), recorded: record.flags)
    guard item.kind == .reading || item.kind.isPresence, Int(item.sender) < wanted.count,
      let number = wanted[Int(item.sender)]
    else { return nil }
    item.sender = number
    return item
  }

  /// The fields that were left out of the item decoded last, with the day of its event time.
  mutating func fieldErrors(of item: BatchItem, on day: CalendarDay) -> [FieldErrorCount] {
    guard !item.faults.isEmpty else { return [] }
    return OptionalField.allCases.compactMap { field in
      guard let fault = item.faults[field] else { return nil }
      return FieldErrorCount(
        equipment: item.sender, day: day, field: field, fault: fault, messages: 1,
        excerpt: messages.excerpt(of: field, fault, in: item.payload))
    }
  }

  /// The workshop in the topic of the item decoded last; empty if it names none.
  func workshop(of item: BatchItem) -> String { messages.topics.workshop(at: Int(item.topicPlace)) }

  mutating func alarms(in payload: UnsafeRawBufferPointer) -> [String] { messages.alarms(in: payload) }
}
