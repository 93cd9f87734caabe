import GRDB
import Journal
import Storage
import Telemetry

/// Reads rows of one sender's days, by statements prepared once.
struct PeriodRows {
  private let dayTotals: StatementReader
  private let resets: StatementReader
  private let alarmChanges: StatementReader
  private let intervals: StatementReader
  private let pages: LivePageReader
  private let closings: StatementReader
  /// nil when nobody's messages are missing.
  private let sequenceGaps: StatementReader?

  init(_ database: Database) throws {
    dayTotals = try StatementReader(
      database,
      sql: """
        SELECT day, \(FieldColumns.totals.list) FROM day_total
        WHERE equipment = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day
        """)
    resets = try StatementReader(
      database,
      sql:
        "SELECT * FROM meter_reset WHERE equipment = ?1 AND at >= ?2 AND at < ?3 ORDER BY at, meter, last, value"
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
        SELECT \(ViewsSchema.stretchColumns) FROM interval WHERE equipment = ?1 AND start < ?3
          AND start >= coalesce((SELECT max(start) FROM interval WHERE equipment = ?1 AND start < ?2), ?2)
        ORDER BY start
        """)
    pages = try LivePageReader(database)
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
          WHERE equipment = ?1 AND lost >= ?2 AND lost < ?3 ORDER BY lost
          """) : nil
  }

  /// The timeline of a sender, with its open day.
  func live(_ number: EquipmentNumber) throws -> Timeline? {
    try pages.timeline(of: number)
  }

  /// Values of the meters after the last day with records, up to `day`.
  func meters(of number: EquipmentNumber, through day: CalendarDay) throws -> Meters {
    closings.bind(Int64(number), Int64(day.number))
    return try closings.first { try $0.meters(from: 0) } ?? Meters()
  }

  /// Adds the totals of days that are over.
  func readDays(
    of number: EquipmentNumber, in days: ClosedRange<CalendarDay>, into evidence: inout PeriodEvidence
  ) throws {
    dayTotals.bind(Int64(number), Int64(days.lowerBound.number), Int64(days.upperBound.number))
    while try dayTotals.step() {
      let totals = try dayTotals.sums(from: 1)
      let day = try dayTotals.day(0)
      try dayTotals.blob(FieldColumns.totals.count) { (row) throws(StoreError) in
        try evidence.append(totals, of: day, row: row)
      }
    }
  }

  /// Adds where meters fell.
  func readMeterResets(
    of number: EquipmentNumber, in range: Range<Timestamp>, into evidence: inout PeriodEvidence
  ) throws {
    resets.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    while try resets.step() {
      guard let meter = MeterReset.Meter(rawValue: try resets.integer(2)) else { throw resets.misfit(2) }
      let countsValue: Int64 = try resets.integer(7)
      evidence.meterResets.append(
        MeterReset(
          equipment: number, at: try resets.timestamp(1), meter: meter, last: try resets.integer(3),
          lastAt: try resets.optionalTimestamp(5), value: try resets.integer(4),
          fellAt: try resets.timestamp(6), countsValue: countsValue != 0))
    }
  }

  /// Adds alarms raised in a range.
  func readAlarms(
    of number: EquipmentNumber, in range: Range<Timestamp>, into evidence: inout PeriodEvidence
  ) throws {
    alarmChanges.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    var raised = RaisedAlarms(in: range, codes: evidence.codes)
    while try alarmChanges.step() {
      let at = try alarmChanges.timestamp(0)
      try alarmChanges.bytes(ofText: 1) { raised.change(to: $0, at: at, into: &evidence.alarms) }
    }
  }

  /// Adds where messages are missing before a reading in a range: at its end only what came before it counts.
  /// One that ends as the period begins, at `start`, is none of it.
  func readGaps(
    of number: EquipmentNumber, in range: Range<Timestamp>, after start: Timestamp,
    into evidence: inout PeriodEvidence
  ) throws {
    guard let sequenceGaps else { return }
    sequenceGaps.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    while try sequenceGaps.step() {
      let gap = PeriodEvidence.SequenceGap(
        last: try sequenceGaps.timestamp(0), cut: try sequenceGaps.optionalTimestamp(1),
        until: try sequenceGaps.timestamp(2))
      if gap.until > start { evidence.gaps.append(gap) }
    }
  }

  /// Appends the last stretch that begins before a range, unless it is there, and all that begin in it.
  func readStretches(
    of number: EquipmentNumber, in range: Range<Timestamp>, to stretches: inout [StateInterval]
  ) throws {
    intervals.bind(Int64(number), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    let after = stretches.last?.from ?? .distantPast
    while try intervals.step() {
      let stretch = try intervals.stretch(of: number, from: 0)
      if stretch.from > after { stretches.append(stretch) }
    }
  }
}
