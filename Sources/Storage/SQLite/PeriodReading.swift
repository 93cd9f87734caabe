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
    let minimum = try Int64.fetchOne(
      database, sql: "SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'horizon_minimum_ms'")
    var fold = TimelineFold(horizonMinimum: .milliseconds(minimum ?? 0), calendar: calendar)
    let statements = try PeriodStatements(database)
    let range = calendar.start(of: days.lowerBound)..<until
    let senders = try Row.fetchCursor(
      database,
      sql: """
        SELECT equipment.factory, equipment.equipment AS code, live.*
        FROM equipment JOIN live ON live.equipment = equipment.number
        WHERE ?1 IS NULL OR equipment.factory = ?1
        ORDER BY equipment.factory, equipment.equipment
        """, arguments: [factory])
    while let row = try senders.next() {
      let number: EquipmentNumber = try row.integer("equipment")
      let live = try Timeline(row: row)
      let then =
        live.day > days.upperBound ? try statements.closing(of: number, through: days.upperBound) : live
      var evidence = PeriodEvidence(
        key: EquipmentKey(factory: try row.text("factory"), equipment: try row.text("code")),
        firstReading: live.firstReading < until ? live.firstReading : nil,
        hasEnergy: then?.meters.energy != nil, hasGood: then?.meters.good != nil,
        hasTotal: then?.meters.total != nil)
      evidence.days = try statements.days(of: number, in: days)
      if live.day <= days.upperBound {
        evidence.days += openDays(of: live, number, in: days, until: until, calendar, &fold)
      }
      evidence.meterResets = try statements.meterResets(of: number, in: range)
      evidence.alarms = try statements.alarms(of: number, in: range)
      evidence.gaps = try statements.gaps(of: number, in: range)
      try body(evidence) { try statements.stretches(of: number, live, in: $0) }
    }
  }

  /// The open day as far as it has come, and the one its newest reading reaches into.
  private func openDays(
    of live: Timeline, _ number: EquipmentNumber, in days: ClosedRange<CalendarDay>, until: Timestamp,
    _ calendar: LocalCalendar, _ fold: inout TimelineFold
  ) -> [PeriodEvidence.Day] {
    var open = live
    var changes = TimelineChanges()
    let last = min(days.upperBound, calendar.day(at: until - .milliseconds(1)))
    if open.day < last { fold.enterDay(last, of: number, in: &open, changes: &changes) }
    var found = changes.closedDays.map { PeriodEvidence.Day(day: $0.day, totals: $0.totals) }
    let totals = fold.credited(open, until: until)
    if !totals.isEmpty { found.append(PeriodEvidence.Day(day: open.day, totals: totals)) }
    return found.filter { days.contains($0.day) && !$0.totals.isEmpty }
  }
}

/// The statements by which a period is read, prepared once.
private struct PeriodStatements {
  private let dayTotals: StatementReader
  private let resets: StatementReader
  private let alarmChanges: StatementReader
  private let intervals: StatementReader
  /// nil when nobody's messages are missing.
  private let sequenceGaps: StatementReader?
  private let database: Database

  init(_ database: Database) throws {
    self.database = database
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

  func closing(of number: EquipmentNumber, through day: CalendarDay) throws -> Timeline? {
    try Row.fetchOne(
      database.cachedStatement(
        sql: "SELECT * FROM closing WHERE equipment = ? AND day <= ? ORDER BY day DESC LIMIT 1"),
      arguments: [number, day.number]
    ).map { try Timeline(closing: $0) }
  }

  func days(of number: EquipmentNumber, in days: ClosedRange<CalendarDay>) throws -> [PeriodEvidence.Day] {
    dayTotals.bind(Int64(number), Int64(days.lowerBound.number), Int64(days.upperBound.number))
    var found: [PeriodEvidence.Day] = []
    found.reserveCapacity(32)
    while try dayTotals.step() {
      found.append(
        PeriodEvidence.Day(
          day: CalendarDay(number: try dayTotals.integer(1)), totals: try dayTotals.totals(from: 2)))
    }
    return found
  }

  func meterResets(of number: EquipmentNumber, in range: Range<Timestamp>) throws -> [MeterReset] {
    resets.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var found: [MeterReset] = []
    while try resets.step() {
      guard let meter = MeterReset.Meter(rawValue: try resets.integer(2)) else { throw resets.misfit(2) }
      let rebooted: Int64 = try resets.integer(5)
      found.append(
        MeterReset(
          equipment: number, at: try resets.timestamp(1), meter: meter, last: try resets.integer(3),
          value: try resets.integer(4), rebooted: rebooted != 0))
    }
    return found
  }

  /// Alarms raised in a range: carried when the change before it did not carry them.
  func alarms(
    of number: EquipmentNumber, in range: Range<Timestamp>
  ) throws -> [(code: String, at: Timestamp)] {
    alarmChanges.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var raised: [(code: String, at: Timestamp)] = []
    var active: Set<String> = []
    while try alarmChanges.step() {
      let codes = Set(AlarmCodes.codes(try alarmChanges.text(1)))
      let at = try alarmChanges.timestamp(0)
      if at >= range.lowerBound { raised += codes.subtracting(active).sorted().map { ($0, at) } }
      active = codes
    }
    return raised
  }

  /// Where messages are missing before a reading in a range: at its end only what came before it counts.
  func gaps(
    of number: EquipmentNumber, in range: Range<Timestamp>
  ) throws -> [PeriodEvidence.SequenceGap] {
    guard let sequenceGaps else { return [] }
    sequenceGaps.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var found: [PeriodEvidence.SequenceGap] = []
    while try sequenceGaps.step() {
      let cut: Int64? = try sequenceGaps.optionalInteger(1)
      found.append(
        PeriodEvidence.SequenceGap(
          last: try sequenceGaps.timestamp(0), cut: cut.map { Timestamp(milliseconds: $0) },
          until: try sequenceGaps.timestamp(2)))
    }
    return found
  }

  func stretches(
    of number: EquipmentNumber, _ live: Timeline, in range: Range<Timestamp>
  ) throws -> [StateInterval] {
    intervals.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var found: [StateInterval] = []
    while try intervals.step() {
      let cut: Int64? = try intervals.optionalInteger(2)
      guard let state = EquipmentState(rawValue: try intervals.integer(3)) else { throw intervals.misfit(3) }
      guard let mode = OperatingMode(rawValue: try intervals.integer(4)) else { throw intervals.misfit(4) }
      found.append(
        StateInterval(
          equipment: number, from: try intervals.timestamp(0), last: try intervals.timestamp(1),
          cut: cut.map { Timestamp(milliseconds: $0) }, state: state, mode: mode))
    }
    if live.hasReadings, live.stretchStart < range.upperBound {
      found.append(
        StateInterval(
          equipment: number, from: live.stretchStart, last: live.newest,
          cut: live.cut == .distantFuture ? nil : live.cut, state: live.state, mode: live.mode))
    }
    return found
  }
}
