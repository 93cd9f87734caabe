import GRDB
import Storage
import Telemetry

/// Puts recomputed days in the place of what the views had for them.
struct RepairWriter {
  private let database: Database
  private let calendar: LocalCalendar

  init(_ database: Database, _ calendar: LocalCalendar) {
    self.database = database
    self.calendar = calendar
  }

  /// Notes that a day must be recomputed from what the journal holds up to `block`, or later.
  func mark(_ equipment: EquipmentNumber, _ day: CalendarDay, block: Int64) throws {
    try execute("INSERT OR REPLACE INTO repair VALUES (?, ?, ?)", [equipment, day.number, block])
  }

  /// Replaces one day. When the timeline leaves it otherwise than before, the next day that anything came
  /// on is marked, and so on until nothing changes any more.
  func write(_ repair: RepairedDay, _ update: ViewUpdate) throws {
    if repair.isOpen {
      try replaceOpenDay(repair)
    } else {
      try replaceClosedDay(repair, update)
    }
    try writeIntervals(repair.intervals, into: database)
    for stretch in repair.intervals {
      try recheck(stretch, writtenOn: repair.day, waiting: ...(repair.day - 1), block: update.cursor)
    }
    try writeAlarms(repair.alarmChanges, into: database)
    try writeResets(repair.meterResets, into: database)
    // A record that came after the pass began marked the day again, with a later block: that mark stays.
    try execute(
      "DELETE FROM repair WHERE equipment = ? AND day = ? AND block <= ?",
      [repair.equipment, repair.day.number, repair.block])
  }

  /// Marks the days from the one on which a stretch began to the one before it was written, if any of them
  /// waits for repair, or the day of writing itself: a timeline that is still to be repaired may end a stretch
  /// otherwise than those days have it by now, and they have the last word.
  func recheck(
    _ stretch: StateInterval, writtenOn day: CalendarDay, waiting: PartialRangeThrough<CalendarDay>,
    block: Int64
  ) throws {
    let first = calendar.day(at: stretch.from)
    guard first < day else { return }
    let waits = try Bool.fetchOne(
      database.cachedStatement(
        sql: "SELECT EXISTS (SELECT 1 FROM repair WHERE equipment = ? AND day BETWEEN ? AND ?)"),
      arguments: [stretch.equipment, first.number, waiting.upperBound.number])
    guard waits == true else { return }
    try mark(stretch.equipment, first, block: block)
    try execute(
      "INSERT OR REPLACE INTO repair SELECT equipment, day, ? FROM closing WHERE equipment = ? AND day > ? AND day < ?",
      [block, stretch.equipment, first.number, day.number])
  }

  // MARK: -

  /// The open day and whatever was folded since go: the live timeline begins where the repair ends.
  private func replaceOpenDay(_ repair: RepairedDay) throws {
    let number = repair.equipment
    let start = repair.bounds.lowerBound.milliseconds
    try execute(
      "DELETE FROM interval WHERE equipment = ? AND (start >= ? OR start = ?)",
      [number, start, repair.ending.stretchStart.milliseconds])
    try execute("DELETE FROM alarm WHERE equipment = ? AND at >= ?", [number, start])
    try execute("DELETE FROM meter_reset WHERE equipment = ? AND at >= ?", [number, start])
    try execute("DELETE FROM day_total WHERE equipment = ? AND day >= ?", [number, repair.day.number])
    try execute("DELETE FROM closing WHERE equipment = ? AND day >= ?", [number, repair.day.number])
  }

  private func replaceClosedDay(_ repair: RepairedDay, _ update: ViewUpdate) throws {
    let number = repair.equipment
    let day = repair.day.number
    let closings = try StatementReader(
      database,
      sql: """
        SELECT \(FieldColumns.timeline.list) FROM closing WHERE equipment = ?1 AND day <= ?2
        ORDER BY day DESC LIMIT 1
        """)
    closings.bind(Int64(number), Int64(day))
    let before = try closings.first { try $0.closing(from: 0) }
    let isSame = (before ?? Timeline()).continuesLike(repair.ending)
    let range: StatementArguments = [
      number, repair.bounds.lowerBound.milliseconds, repair.bounds.upperBound.milliseconds,
    ]
    // A stretch that is open at the day's end is written by the later day that closes it. Its row stays until that
    // day is recomputed, and for good if a day between ends as before.
    try execute(
      "DELETE FROM interval WHERE equipment = ? AND start >= ? AND start < ? AND start <> ?",
      range + [repair.ending.stretchStart.milliseconds])
    try execute("DELETE FROM alarm WHERE equipment = ? AND at >= ? AND at < ?", range)
    try execute("DELETE FROM meter_reset WHERE equipment = ? AND at >= ? AND at < ?", range)
    try execute("DELETE FROM day_total WHERE equipment = ? AND day = ?", [number, day])
    try execute("DELETE FROM closing WHERE equipment = ? AND day = ?", [number, day])
    if let totals = repair.totals {
      try writeDays(
        [
          ClosedDay(
            equipment: number, day: repair.day, totals: totals, closing: repair.closing,
            workshop: repair.workshop)
        ],
        into: database)
    }
    if !isSame { try markFollowing(repair, update) }
  }

  private func markFollowing(_ repair: RepairedDay, _ update: ViewUpdate) throws {
    let open = update.timelines[Int(repair.equipment)].day
    let stored = try Row.fetchOne(
      database.cachedStatement(sql: "SELECT min(day) AS day FROM closing WHERE equipment = ? AND day > ?"),
      arguments: [repair.equipment, repair.day.number])?.optionalDay("day")
    let next = min(stored ?? open, open)
    if next > repair.day { try mark(repair.equipment, next, block: update.cursor) }
    // The day after may hold what the last reading vouches for past midnight.
    if next > repair.day + 1 { try mark(repair.equipment, repair.day + 1, block: update.cursor) }
  }

  private func execute(_ sql: String, _ arguments: StatementArguments) throws {
    try database.cachedStatement(sql: sql).execute(arguments: arguments)
  }
}
