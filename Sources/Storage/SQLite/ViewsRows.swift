import GRDB
import GRDBSQLite
import Telemetry

/// Binds a row's columns one after another to a prepared statement and steps it. Going to SQLite directly
/// costs a third of what an array of arguments does, and live rows are written by the thousand.
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
    if let value { bind(value) } else {
      sqlite3_bind_null(handle, column)
      column += 1
    }
  }
  mutating func bind(_ value: Int32) { bind(Int64(value)) }
  mutating func bind(_ value: UInt8) { bind(Int64(value)) }
  /// Sentinels of "none yet" become NULL.
  mutating func bind(_ value: Timestamp) {
    bind(value == .distantPast || value == .distantFuture ? nil : value.milliseconds)
  }

  mutating func bind(_ totals: DayTotals) {
    for state in EquipmentState.allCases { bind(totals.states[state]) }
    bind(totals.automatic)
    bind(totals.manual)
    bind(totals.energy)
    bind(totals.good)
    bind(totals.total)
    bind(totals.readings)
    bind(totals.missing)
    bind(totals.meterResets)
  }

  mutating func step() throws {
    column = 1
    let code = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard code == SQLITE_DONE else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
    }
  }
}

extension Row {
  func timestamp(_ name: String) -> Timestamp? {
    (self[name] as Int64?).map { Timestamp(milliseconds: $0) }
  }
}

extension DayTotals {
  /// Totals from a row that has the totals' columns.
  init(row: Row) {
    self.init()
    for state in EquipmentState.allCases { states[state] = row[state.name] }
    automatic = row["automatic"]
    manual = row["manual"]
    energy = row["energy"]
    good = row["good"]
    total = row["total"]
    readings = row["readings"]
    missing = row["missing"]
    meterResets = row["meter_resets"]
  }
}

extension Timeline {
  /// The timeline of a row of `live`.
  init(row: Row) throws(StoreError) {
    self.init()
    let stateNumber: UInt8 = row["state"]
    let modeNumber: UInt8 = row["mode"]
    guard let state = EquipmentState(rawValue: stateNumber), let mode = OperatingMode(rawValue: modeNumber)
    else { throw StoreError(.corrupt, "views.sqlite: live row of equipment \(row["equipment"] as Int64): unknown state") }
    self.state = state
    self.mode = mode
    newest = row.timestamp("newest") ?? .distantPast
    stretchStart = row.timestamp("stretch_start") ?? .distantPast
    cut = row.timestamp("cut") ?? .distantFuture
    sequence = (row["sequence"] as Int64?).map { UInt64(bitPattern: $0) }
    boot = (row["boot"] as Int64?).map { UInt64(bitPattern: $0) }
    lastOffline = row.timestamp("last_offline") ?? .distantPast
    lastOfflineReceived = row.timestamp("last_offline_received") ?? .distantPast
    offlinesSinceNewest = row["offlines"]
    lastOnline = row.timestamp("last_online") ?? .distantPast
    firstHeard = row.timestamp("first_heard") ?? .distantFuture
    meters = Meters(energy: row["energy_meter"], good: row["good_meter"], total: row["total_meter"])
    day = CalendarDay(number: row["day"] ?? .min)
    totals = DayTotals(row: row)
  }
}

extension RowWriter {
  static let insertLive = "INSERT OR REPLACE INTO live VALUES (\(placeholders(32)))"

  static func placeholders(_ count: Int) -> String {
    repeatElement("?", count: count).joined(separator: ",")
  }

  /// Writes a row of `live`.
  mutating func writeLive(_ number: EquipmentNumber, _ timeline: Timeline) throws {
    bind(number)
    bind(timeline.newest)
    bind(timeline.stretchStart)
    bind(timeline.cut)
    bind(timeline.state.rawValue)
    bind(timeline.mode.rawValue)
    bind(timeline.sequence.map { Int64(bitPattern: $0) })
    bind(timeline.boot.map { Int64(bitPattern: $0) })
    bind(timeline.lastOffline)
    bind(timeline.lastOfflineReceived)
    bind(timeline.offlinesSinceNewest)
    bind(timeline.lastOnline)
    bind(timeline.firstHeard)
    bind(timeline.meters.energy)
    bind(timeline.meters.good)
    bind(timeline.meters.total)
    bind(timeline.day.number == .min ? nil : Int64(timeline.day.number))
    bind(timeline.totals)
    try step()
  }
}
