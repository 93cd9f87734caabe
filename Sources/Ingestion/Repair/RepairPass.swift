import Decoding
import Journal
import Storage
import Telemetry

/// Days to recompute together, from the journal at the time of the request.
struct RepairJob: Sendable {
  struct Day: Sendable {
    var repair: PendingRepair
    var key: EquipmentKey
    /// The day of the equipment's timeline.
    var openDay: CalendarDay
    var isOpen: Bool { repair.day == openDay }

    /// The same equipment on another day.
    func on(_ day: CalendarDay) -> Day {
      Day(
        repair: PendingRepair(equipment: repair.equipment, day: day), key: key, openDay: openDay)
    }
  }
  /// Number of the last block whose records are used.
  var block: Int64
  /// Ascending by day.
  var days: [Day]
}

/// Recomputes days: reads all their records from the journal, sorts them by the ranks of the design's metrics page
/// ("Timeline, exactly"), and folds them onto the timeline at the end of the previous day.
struct RepairPass: ~Copyable {
  private let settings: ShardSettings
  private let source: any RepairSource

  /// Maximum memory for records, in bytes. A single day may exceed it.
  private static let memoryLimit = 64 << 20

  init(settings: ShardSettings, source: any RepairSource) {
    self.settings = settings
    self.source = source
  }

  /// Recomputes the days of a job, or as many of the first as fit into memory. If they are few, it also recomputes
  /// following days whose beginning changed, because reading the journal costs more than folding them.
  func run(_ job: RepairJob, isCancelled: () -> Bool) throws -> [RepairedDay] {
    if job.days.count <= Self.fewDays, let collected = try collect(job, withFollowing: true, isCancelled) {
      return try fold(job, collected, withFollowing: true)
    }
    var job = job
    while true {
      if let collected = try collect(job, withFollowing: false, isCancelled) {
        return try fold(job, collected, withFollowing: false)
      }
      job.days.removeLast(job.days.count / 2)
    }
  }

  private static let fewDays = 200

  /// Reasons for an early end of a pass.
  struct Cancelled: Error {}

  // MARK: -

  /// Collects the records of the days, and the largest limits of the rules for their messages.
  private struct Collected {
    var records: [PendingRepair: DayRecords]
    var limits: DecodingLimits
  }

  /// Collects the records of every day, including those after an equipment's first; returns nil if they do not fit.
  private func collect(
    _ job: RepairJob, withFollowing: Bool, _ isCancelled: () -> Bool
  ) throws -> Collected? {
    var collected: [PendingRepair: DayRecords] = [:]
    var numbers: [EquipmentKey: EquipmentNumber] = [:]
    var firsts: [EquipmentNumber: CalendarDay] = [:]
    for day in job.days {
      collected[day.repair] = DayRecords()
      numbers[day.key] = day.repair.equipment
      firsts[day.repair.equipment] = min(day.repair.day, firsts[day.repair.equipment] ?? day.repair.day)
    }
    // A device's clock may be ahead, so a record may have arrived on the day before.
    guard let first = job.days.first,
      let history = try RulesHistory(
        source.records, fromDay: first.repair.day - 1, through: job.block, configured: settings.rules)
    else { return Collected(records: collected, limits: settings.limits) }
    var used = 0
    var isTooMuch = false
    var decoder = try RecordDecoder(settings: settings, history, numbers: numbers)
    try source.records.forEachRecord(
      ofFactories: history.factories(Set(job.days.map(\.key.factory))), after: history.begin,
      through: job.block
    ) { record, block in
      guard !isTooMuch else { return false }
      for place in try decoder.decode(record, of: block) {
        guard let event = decoder.event(at: place) else { continue }
        let repair = PendingRepair(equipment: event.equipment, day: settings.calendar.day(at: event.time))
        if collected[repair] == nil {
          guard withFollowing, let first = firsts[event.equipment], repair.day > first else { continue }
        }
        if isCancelled() { throw Cancelled() }
        used += collected[repair, default: DayRecords()].append(event, in: decoder.workshop(of: event))
      }
      isTooMuch = used > Self.memoryLimit && (job.days.count > 1 || withFollowing)
      return true
    }
    return isTooMuch ? nil : Collected(records: collected, limits: decoder.largestLimits)
  }

  private func fold(_ job: RepairJob, _ collected: Collected, withFollowing: Bool) throws -> [RepairedDay] {
    var decoder = try StatusDecoder(limits: collected.limits)
    let dayFold = DayFold(settings: settings)
    var repaired: [RepairedDay] = []
    /// State at the end of an equipment's latest day in this job.
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
        collected.records[day.repair] ?? DayRecords(), onto: before ?? Timeline(), day, block: job.block,
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

  /// The timeline at the end of an equipment's last day before `day`, from the views or from this pass.
  private func ending(
    of number: EquipmentNumber, before day: CalendarDay, _ here: (day: CalendarDay, closing: Timeline)?
  ) throws -> Timeline? {
    let stored = try source.closing(of: number, before: day)
    guard let here, here.day < day, here.day >= stored?.day ?? here.day else { return stored }
    return here.closing
  }

  /// The days whose beginning changes with the end of a day: the next day with a record, and the day after, into
  /// which the validity of the last reading may extend past midnight.
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
