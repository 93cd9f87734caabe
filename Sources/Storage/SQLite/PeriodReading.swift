import GRDB
import Telemetry

extension ViewsSnapshot {
  /// Lends what every sender did in a period, ascending by key.
  ///
  /// - Parameters:
  ///   - factory: only this factory's senders; nil for all.
  ///   - days: the period's local days.
  ///   - until: the period's end, excluded: up to it the open day is credited.
  ///   - calendar: the store's.
  public func forEachPeriod(
    factory: String? = nil, days: ClosedRange<CalendarDay>, until: Timestamp, calendar: LocalCalendar,
    _ body: (PeriodEvidence, StretchLookup) throws -> Void
  ) throws {
    var reader = try PeriodReader(database, days: days, until: until, calendar: calendar)
    let senders = try StatementReader(
      database,
      sql: """
        SELECT equipment.factory, equipment.equipment, live.equipment, live.day, live.first_reading,
          live.energy_meter IS NOT NULL, live.good_meter IS NOT NULL, live.total_meter IS NOT NULL,
          live.newest, live.stretch_start, live.cut, live.state, live.mode
        FROM equipment JOIN live ON live.equipment = equipment.number
        \(factory == nil ? "" : "WHERE equipment.factory = ?1")
        ORDER BY equipment.factory, equipment.equipment
        """)
    if let factory { senders.bind(factory) }
    while try senders.step() {
      let live = try OpenStretch(senders, from: 2)
      try reader.read(live, key: EquipmentKey(factory: try senders.text(0), equipment: try senders.text(1)))
      try body(reader.evidence) { try reader.statements.stretches(of: live, in: $0) }
    }
  }
}

/// What the live row says of a sender beside its open day.
private struct OpenStretch {
  let number: EquipmentNumber
  /// The day its timeline is in; before all days when it has never been in one.
  let day: CalendarDay
  /// Event time of the first reading ever.
  let firstReading: Timestamp?
  let hasEnergy: Bool
  let hasGood: Bool
  let hasTotal: Bool
  /// The stretch that has not ended.
  let stretch: StateInterval?

  init(_ row: StatementReader, from first: Int32) throws(StoreError) {
    number = try row.integer(first)
    day = CalendarDay(number: try row.optionalInteger(first + 1) ?? .min)
    firstReading = try row.optionalTimestamp(first + 2)
    hasEnergy = try row.integer(first + 3) != 0
    hasGood = try row.integer(first + 4) != 0
    hasTotal = try row.integer(first + 5) != 0
    guard let newest = try row.optionalTimestamp(first + 6), let start = try row.optionalTimestamp(first + 7)
    else {
      stretch = nil
      return
    }
    stretch = StateInterval(
      equipment: number, from: start, last: newest, cut: try row.optionalTimestamp(first + 8),
      state: try row.state(first + 9), mode: try row.mode(first + 10))
  }
}

/// Reads sender after sender into one value, so that nothing is allocated for each.
private struct PeriodReader {
  let statements: PeriodStatements
  private(set) var evidence = PeriodEvidence(key: EquipmentKey(factory: "", equipment: ""))
  private let days: ClosedRange<CalendarDay>
  private let until: Timestamp
  private let range: Range<Timestamp>
  private let calendar: LocalCalendar
  private var fold: TimelineFold

  init(
    _ database: Database, days: ClosedRange<CalendarDay>, until: Timestamp, calendar: LocalCalendar
  ) throws {
    let minimum = try Int64.fetchOne(
      database, sql: "SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'horizon_minimum_ms'")
    fold = TimelineFold(horizonMinimum: .milliseconds(minimum ?? 0), calendar: calendar)
    statements = try PeriodStatements(database)
    self.days = days
    self.until = until
    self.calendar = calendar
    range = calendar.start(of: days.lowerBound)..<until
  }

  mutating func read(_ live: OpenStretch, key: EquipmentKey) throws {
    evidence.begin(key, firstReading: live.firstReading.flatMap { $0 < until ? $0 : nil })
    try statements.readDays(of: live.number, in: days, into: &evidence)
    if live.day <= days.upperBound { try readOpenDays(of: live.number) }
    try readMeters(of: live)
    try statements.readAlarms(of: live.number, in: range, into: &evidence)
    try statements.readGaps(of: live.number, in: range, into: &evidence)
  }

  /// Which meters the sender has, and where they fell.
  private mutating func readMeters(of live: OpenStretch) throws {
    (evidence.hasEnergy, evidence.hasGood, evidence.hasTotal) = (live.hasEnergy, live.hasGood, live.hasTotal)
    var counted = (energy: false, good: false, total: false)
    var falls = false
    for day in evidence.days {
      counted.energy = counted.energy || day.totals.energy != 0
      counted.good = counted.good || day.totals.good != 0
      counted.total = counted.total || day.totals.total != 0
      falls = falls || day.totals.meterResets != 0
    }
    if falls { try statements.readMeterResets(of: live.number, in: range, into: &evidence) }
    // A meter that has counted was there; one that is there now may have come after the period.
    guard live.day > days.upperBound,
      (live.hasEnergy && !counted.energy) || (live.hasGood && !counted.good)
        || (live.hasTotal && !counted.total)
    else { return }
    let then = try statements.meters(of: live.number, through: days.upperBound)
    evidence.hasEnergy = counted.energy || then.energy != nil
    evidence.hasGood = counted.good || then.good != nil
    evidence.hasTotal = counted.total || then.total != nil
  }

  /// The open day as far as it has come, and the one its newest reading reaches into.
  private mutating func readOpenDays(of number: EquipmentNumber) throws {
    guard var open = try statements.live(number) else { return }
    var changes = TimelineChanges()
    let last = min(days.upperBound, calendar.day(at: until - .milliseconds(1)))
    if open.day < last { fold.enterDay(last, of: number, in: &open, changes: &changes) }
    for closed in changes.closedDays where days.contains(closed.day) && !closed.totals.isEmpty {
      evidence.append(closed.totals, of: closed.day)
    }
    let totals = fold.credited(open, until: until)
    if days.contains(open.day), !totals.isEmpty { evidence.append(totals, of: open.day) }
  }
}

/// The statements by which a period is read, prepared once.
private struct PeriodStatements {
  private let dayTotals: StatementReader
  private let resets: StatementReader
  private let alarmChanges: StatementReader
  private let intervals: StatementReader
  private let lives: StatementReader
  private let closings: StatementReader
  /// nil when nobody's messages are missing.
  private let sequenceGaps: StatementReader?

  init(_ database: Database) throws {
    dayTotals = try StatementReader(
      database, sql: "SELECT * FROM day_total WHERE equipment = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day")
    resets = try StatementReader(
      database,
      sql: "SELECT * FROM meter_reset WHERE equipment = ?1 AND at >= ?2 AND at < ?3 ORDER BY at, meter, value"
    )
    alarmChanges = try StatementReader(
      database,
      sql: """
        SELECT at, codes FROM alarm WHERE equipment = ?1 AND at < ?3
          AND at >= coalesce((SELECT max(at) FROM alarm WHERE equipment = ?1 AND at < ?2), ?2) ORDER BY at
        """)
    intervals = try StatementReader(
      database,
      sql: """
        SELECT start, last, cut, state, mode FROM interval WHERE equipment = ?1 AND start < ?3
          AND start >= coalesce((SELECT max(start) FROM interval WHERE equipment = ?1 AND start < ?2), ?2)
        ORDER BY start
        """)
    lives = try StatementReader(database, sql: "SELECT * FROM live WHERE equipment = ?1")
    closings = try StatementReader(
      database,
      sql: """
        SELECT energy_meter, good_meter, total_meter FROM closing WHERE equipment = ?1 AND day <= ?2
        ORDER BY day DESC LIMIT 1
        """)
    let hasGaps = try Bool.fetchOne(
      database, sql: "SELECT EXISTS (SELECT 1 FROM interval INDEXED BY interval_lost WHERE lost IS NOT NULL)")
    sequenceGaps =
      hasGaps == true
      ? try StatementReader(
        database,
        sql: """
          SELECT last, cut, lost FROM interval INDEXED BY interval_lost
          WHERE equipment = ?1 AND lost > ?2 AND lost < ?3 ORDER BY lost
          """) : nil
  }

  func live(_ number: EquipmentNumber) throws -> Timeline? {
    lives.bind(Int64(number))
    return try lives.first { try $0.timeline(from: 1) }
  }

  /// What the meters showed after the last day up to `day` that anything came on.
  func meters(of number: EquipmentNumber, through day: CalendarDay) throws -> Meters {
    closings.bind(Int64(number), Int64(day.number))
    return try closings.first { row in
      Meters(
        energy: try row.optionalInteger(0), good: try row.optionalInteger(1),
        total: try row.optionalInteger(2))
    } ?? Meters()
  }

  func readDays(
    of number: EquipmentNumber, in days: ClosedRange<CalendarDay>, into evidence: inout PeriodEvidence
  ) throws {
    dayTotals.bind(Int64(number), Int64(days.lowerBound.number), Int64(days.upperBound.number))
    while try dayTotals.step() {
      let totals = try dayTotals.sums(from: 2)
      try evidence.append(totals, of: CalendarDay(number: try dayTotals.integer(1))) {
        (bytes) throws(StoreError) in
        try dayTotals.blob(2 + 18) { (row) throws(StoreError) in try MinuteRuns.append(row: row, to: &bytes) }
      }
    }
  }

  func readMeterResets(
    of number: EquipmentNumber, in range: Range<Timestamp>, into evidence: inout PeriodEvidence
  ) throws {
    resets.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    while try resets.step() {
      guard let meter = MeterReset.Meter(rawValue: try resets.integer(2)) else { throw resets.misfit(2) }
      let rebooted: Int64 = try resets.integer(5)
      evidence.meterResets.append(
        MeterReset(
          equipment: number, at: try resets.timestamp(1), meter: meter, last: try resets.integer(3),
          value: try resets.integer(4), rebooted: rebooted != 0))
    }
  }

  /// Alarms raised in a range: carried when the change before it did not carry them.
  func readAlarms(
    of number: EquipmentNumber, in range: Range<Timestamp>, into evidence: inout PeriodEvidence
  ) throws {
    alarmChanges.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var active: [Int] = []
    while try alarmChanges.step() {
      let codes = try alarmChanges.bytes(ofText: 1) { evidence.codes.numbers(in: $0) }
      let at = try alarmChanges.timestamp(0)
      if at >= range.lowerBound {
        for code in codes where !active.contains(code) {
          evidence.alarms.append(PeriodEvidence.Alarm(code: code, at: at))
        }
      }
      active = codes
    }
  }

  /// Where messages are missing before a reading in a range: at its end only what came before it counts.
  func readGaps(
    of number: EquipmentNumber, in range: Range<Timestamp>, into evidence: inout PeriodEvidence
  ) throws {
    guard let sequenceGaps else { return }
    sequenceGaps.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    while try sequenceGaps.step() {
      evidence.gaps.append(
        PeriodEvidence.SequenceGap(
          last: try sequenceGaps.timestamp(0), cut: try sequenceGaps.optionalTimestamp(1),
          until: try sequenceGaps.timestamp(2)))
    }
  }

  func stretches(of live: OpenStretch, in range: Range<Timestamp>) throws -> [StateInterval] {
    intervals.bind(Int64(live.number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var found: [StateInterval] = []
    while try intervals.step() {
      found.append(
        StateInterval(
          equipment: live.number, from: try intervals.timestamp(0), last: try intervals.timestamp(1),
          cut: try intervals.optionalTimestamp(2), state: try intervals.state(3),
          mode: try intervals.mode(4)))
    }
    if let open = live.stretch, open.from < range.upperBound { found.append(open) }
    return found
  }
}
