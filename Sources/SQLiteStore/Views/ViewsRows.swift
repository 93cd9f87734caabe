import GRDB
import GRDBSQLite
import Journal
import Telemetry

/// Binds a row's columns one after another to a prepared statement and steps it. Going to SQLite directly
/// costs a third of what an array of arguments does, and rows are written by the thousand.
struct RowWriter {
  private let handle: SQLiteStatement
  private let database: Database
  private var column: Int32 = 1

  init(_ database: Database, sql: String) throws {
    self.database = database
    handle = try database.cachedStatement(sql: sql).sqliteStatement
  }

  mutating func bind(_ value: Int64) {
    sqlite3_bind_int64(handle, column, value)
    column += 1
  }
  mutating func bind(_ value: Int64?) {
    guard let value else {
      sqlite3_bind_null(handle, column)
      column += 1
      return
    }
    bind(value)
  }
  mutating func bind(_ value: Int32) { bind(Int64(value)) }
  mutating func bind(_ value: UInt8) { bind(Int64(value)) }
  /// Sentinels of "none yet" become NULL.
  mutating func bind(_ value: Timestamp) {
    bind(value == .distantPast || value == .distantFuture ? nil : value.milliseconds)
  }

  mutating func bind(_ totals: DayTotals) {
    for state in EquipmentState.allCases { bind(totals.states[state]) }
    bind(totals.automaticRunning)
    bind(totals.manualRunning)
    bind(totals.energy)
    bind(totals.good)
    bind(totals.total)
    bind(totals.readings)
    bind(totals.missing)
    bind(totals.meterResets)
    bind(totals.ties)
    bind(totals.bootReturns)
    let odd = totals.odd
    bind(odd.glitches)
    bind(odd.goodAboveTotal)
    bind(odd.openFalls)
    bind(odd.unpairedGood)
    bind(odd.unpairedTotal)
    bind(totals.skew)
    totals.minutes.withEncoded { bind($0) }
    bind(totals.live)
    bind(totals.late)
    bind(totals.sequenceJumps)
  }

  mutating func bind(_ bytes: [UInt8]) { bytes.withUnsafeBytes { bind($0) } }
  mutating func bind(_ bytes: UnsafeRawBufferPointer) {
    // SQLITE_TRANSIENT: SQLite keeps a copy.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    _ =
      bytes.isEmpty
      ? sqlite3_bind_zeroblob(handle, column, 0)
      : sqlite3_bind_blob(handle, column, bytes.baseAddress, Int32(bytes.count), transient)
    column += 1
  }
  mutating func bind(_ text: String) {
    var text = text
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    text.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(handle, column, $0.baseAddress, Int32($0.count), transient)
      }
    }
    column += 1
  }

  mutating func step() throws {
    column = 1
    let code = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard code == SQLITE_DONE else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code),
        message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
    }
  }
}

extension DayTotals {
  /// Totals from a row that has the totals' columns.
  init(row: Row) throws(StoreError) {
    self.init()
    for state in EquipmentState.allCases { states[state] = try row.amount(state.name) }
    automaticRunning = try row.amount("automatic_running")
    manualRunning = try row.amount("manual_running")
    energy = try row.amount("energy")
    good = try row.amount("good")
    total = try row.amount("total")
    readings = try row.amount("readings")
    missing = try row.amount("missing")
    meterResets = try row.amount("meter_resets")
    ties = try row.amount("ties")
    bootReturns = try row.amount("boot_returns")
    var odd = MeterOddities()
    odd.glitches = try row.amount("glitches")
    odd.goodAboveTotal = try row.amount("good_above_total")
    odd.openFalls = try row.amount("open_falls")
    odd.unpairedGood = try row.integer("unpaired_good")
    odd.unpairedTotal = try row.integer("unpaired_total")
    self.odd = odd
    skew = try row.optionalInteger("skew")
    live = try row.amount("live_readings")
    late = try row.amount("late_readings")
    sequenceJumps = try row.amount("sequence_jumps")
    guard let minutes = MinuteSet(encoded: try row.bytes("minutes")) else { throw row.misfit("minutes") }
    self.minutes = minutes
  }
}

extension Timeline {
  /// The timeline of a row of `closing`, without totals.
  init(closing row: Row) throws(StoreError) {
    self.init()
    state = try row.state()
    mode = try row.mode()
    newest = try row.timestamp("newest") ?? .distantPast
    stretchStart = try row.timestamp("stretch_start") ?? .distantPast
    cut = try row.timestamp("cut") ?? .distantFuture
    let sequenceBits: Int64? = try row.optionalInteger("sequence")
    sequence = sequenceBits.map { UInt64(bitPattern: $0) }
    let bootBits: Int64? = try row.optionalInteger("boot")
    boot = bootBits.map { UInt64(bitPattern: $0) }
    let previousBits: Int64? = try row.optionalInteger("previous_boot")
    previousBoot = previousBits.map { UInt64(bitPattern: $0) }
    let alarmBits: Int64 = try row.integer("alarms")
    alarms = UInt64(bitPattern: alarmBits)
    lastOffline = try row.timestamp("last_offline") ?? .distantPast
    lastOfflineReceived = try row.timestamp("last_offline_received") ?? .distantPast
    offlinesSinceNewest = try row.integer("offlines")
    lastOnline = try row.timestamp("last_online") ?? .distantPast
    firstHeard = try row.timestamp("first_heard") ?? .distantFuture
    firstReading = try row.timestamp("first_reading") ?? .distantFuture
    meters = Meters(
      energy: try row.optionalInteger("energy_meter"), good: try row.optionalInteger("good_meter"),
      total: try row.optionalInteger("total_meter"))
    energyAt = try row.timestamp("energy_at") ?? .distantPast
    meterMarks = MeterMarks(rawValue: try row.integer("meter_marks")).intersection(.all)
    doubts =
      try row.optionalBytes("meter_doubts").map { (bytes) throws(StoreError) in
        try MeterCoding.doubts(bytes)
      } ?? MeterDoubts()
    day = try row.optionalDay("day") ?? CalendarDay(number: .min)
    newestReceived = try row.timestamp("newest_received") ?? .distantPast
    clock = try row.integer("clock")
    sequenceSteps = try row.integer("boot_steps")
    sequenceLeaps = try row.integer("boot_leaps")
  }
}

extension RowWriter {
  static func insertLive(into schema: String) -> String {
    "INSERT INTO \(schema).live VALUES (\(placeholders(1 + ViewsSchema.timelineColumnCount + ViewsSchema.totalsColumnCount)))"
  }
  static let insertClosing =
    "INSERT OR REPLACE INTO closing VALUES (\(placeholders(2 + ViewsSchema.timelineColumnCount)))"
  static let insertDay =
    "INSERT OR REPLACE INTO day_total VALUES (\(placeholders(2 + ViewsSchema.totalsColumnCount)))"

  static func placeholders(_ count: Int) -> String {
    repeatElement("?", count: count).joined(separator: ",")
  }

  /// Writes a row of `live`.
  mutating func writeLive(_ number: EquipmentNumber, _ timeline: Timeline) throws {
    bind(number)
    bind(timeline)
    bind(timeline.totals)
    try step()
  }

  /// Writes a row of `closing`.
  mutating func writeClosing(_ number: EquipmentNumber, _ timeline: Timeline, workshop: String) throws {
    bind(number)
    bind(timeline)
    bind(workshop)
    try step()
  }

  /// Writes a row of `day_total`.
  mutating func writeDay(_ number: EquipmentNumber, _ day: CalendarDay, _ totals: DayTotals) throws {
    bind(number)
    bind(day.number)
    bind(totals)
    try step()
  }

  private mutating func bind(_ timeline: Timeline) {
    bind(timeline.newest)
    bind(timeline.stretchStart)
    bind(timeline.cut)
    bind(timeline.state.rawValue)
    bind(timeline.mode.rawValue)
    bind(timeline.sequence.map { Int64(bitPattern: $0) })
    bind(timeline.boot.map { Int64(bitPattern: $0) })
    bind(timeline.previousBoot.map { Int64(bitPattern: $0) })
    bind(Int64(bitPattern: timeline.alarms))
    bind(timeline.lastOffline)
    bind(timeline.lastOfflineReceived)
    bind(timeline.offlinesSinceNewest)
    bind(timeline.lastOnline)
    bind(timeline.firstHeard)
    bind(timeline.firstReading)
    bind(timeline.meters.energy)
    bind(timeline.meters.good)
    bind(timeline.meters.total)
    bind(timeline.energyAt)
    bind(timeline.meterMarks.subtracting(.doubtful).rawValue)
    if timeline.meterMarks.contains(.doubtful) {
      bind(MeterCoding.bytes(of: timeline.doubts))
    } else {
      bind(Int64?.none)
    }
    bind(timeline.day.number == .min ? nil : Int64(timeline.day.number))
    bind(timeline.newestReceived)
    bind(timeline.clock)
    bind(Int64(timeline.sequenceSteps))
    bind(Int64(timeline.sequenceLeaps))
  }
}
