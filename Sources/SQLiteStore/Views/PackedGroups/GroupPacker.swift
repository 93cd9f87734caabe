import GRDB
import Journal
import Telemetry

/// Packs a group of days from the rows of the same database.
struct GroupPacker {
  private let database: Database
  private let calendar: LocalCalendar
  private let groups: DayGroups

  init(_ database: Database, calendar: LocalCalendar, groups: DayGroups) {
    self.database = database
    self.calendar = calendar
    self.groups = groups
  }

  /// Packs a group anew, or removes it where nothing is left of it.
  func pack(_ equipment: EquipmentNumber, _ firstDay: CalendarDay) throws {
    let group = try group(of: equipment, firstDay)
    guard !group.isEmpty else { return try remove(equipment, from: firstDay, through: firstDay) }
    let (totals, stretches) = (group.packedTotals(calendar), group.packedStretches(calendar))
    var row = try RowWriter(database, sql: "INSERT OR REPLACE INTO packed_days VALUES (?,?,?,?,?)")
    row.bind(DayGroups.id(of: equipment, firstDay))
    row.bind(equipment)
    row.bind(firstDay.number)
    row.bind(totals)
    row.bind(stretches)
    try row.step()
  }

  /// Removes packed groups that begin on some days.
  func remove(_ equipment: EquipmentNumber, from first: CalendarDay, through last: CalendarDay) throws {
    try database.cachedStatement(sql: "DELETE FROM packed_days WHERE id BETWEEN ? AND ?").execute(
      arguments: [DayGroups.id(of: equipment, first), DayGroups.id(of: equipment, last)])
  }

  /// The first day of the packed group after another of a sender; nil when there is none.
  func next(of equipment: EquipmentNumber, after firstDay: CalendarDay) throws -> CalendarDay? {
    let statement = try StatementReader(
      database, sql: "SELECT id FROM packed_days WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT 1")
    statement.bind(
      DayGroups.id(of: equipment, firstDay), DayGroups.id(of: equipment, CalendarDay(number: .max)))
    return try statement.first { DayGroups.firstDay(in: try $0.integer(0)) }
  }

  /// Whether what a packed group says of the time before it is what the rows say.
  func isContinued(_ equipment: EquipmentNumber, _ firstDay: CalendarDay) throws -> Bool {
    guard let stored = try packed(equipment, firstDay) else { return true }
    var before = PackedGroup(firstDay: firstDay)
    try readBefore(calendar.start(of: firstDay), of: equipment, into: &before)
    return try before.precedes(totals: stored.totals, stretches: stored.stretches)
  }

  /// Whether a packed group is what its rows make.
  func isTrue(_ equipment: EquipmentNumber, _ firstDay: CalendarDay) throws -> Bool {
    let group = try group(of: equipment, firstDay)
    guard let stored = try packed(equipment, firstDay) else { return true }
    return !group.isEmpty && stored == (group.packedTotals(calendar), group.packedStretches(calendar))
  }

  // MARK: -

  private func packed(
    _ equipment: EquipmentNumber, _ firstDay: CalendarDay
  ) throws -> (totals: [UInt8], stretches: [UInt8])? {
    let statement = try StatementReader(
      database, sql: "SELECT totals, stretches FROM packed_days WHERE id = ?1")
    statement.bind(DayGroups.id(of: equipment, firstDay))
    return try statement.first { row in
      (
        try row.blob(0) { (bytes) throws(StoreError) in Array(bytes) },
        try row.blob(1) { (bytes) throws(StoreError) in Array(bytes) }
      )
    }
  }

  private func group(of equipment: EquipmentNumber, _ firstDay: CalendarDay) throws -> PackedGroup {
    let last = groups.end(of: firstDay) - 1
    let from = calendar.start(of: firstDay)
    let until = calendar.start(of: last + 1)
    var group = PackedGroup(firstDay: firstDay)
    try readBefore(from, of: equipment, into: &group)
    try readTotals(of: equipment, firstDay...last, into: &group)
    try readAlarms(of: equipment, from..<until, into: &group)
    try readStretches(of: equipment, from..<until, into: &group)
    return group
  }

  private func readTotals(
    of equipment: EquipmentNumber, _ days: ClosedRange<CalendarDay>, into group: inout PackedGroup
  ) throws {
    let rows = try StatementReader(
      database,
      sql: """
        SELECT day, \(FieldColumns.totals.list) FROM day_total
        WHERE equipment = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day
        """)
    rows.bind(Int64(equipment), Int64(days.lowerBound.number), Int64(days.upperBound.number))
    while try rows.step() {
      group.days.append((try rows.day(0), try rows.totals(from: 1)))
    }
    let closings = try StatementReader(
      database,
      sql: """
        SELECT energy_meter, good_meter, total_meter FROM closing
        WHERE equipment = ?1 AND day BETWEEN ?2 AND ?3 ORDER BY day DESC LIMIT 1
        """)
    closings.bind(Int64(equipment), Int64(days.lowerBound.number), Int64(days.upperBound.number))
    group.meters = try closings.first { try $0.meters(from: 0) } ?? Meters()
  }

  private func readAlarms(
    of equipment: EquipmentNumber, _ range: Range<Timestamp>, into group: inout PackedGroup
  ) throws {
    let rows = try StatementReader(
      database, sql: "SELECT at, codes FROM alarm WHERE equipment = ?1 AND at >= ?2 AND at < ?3 ORDER BY at")
    rows.bind(Int64(equipment), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    while try rows.step() { group.alarms.append((try rows.timestamp(0), try rows.text(1))) }
  }

  private func readStretches(
    of equipment: EquipmentNumber, _ range: Range<Timestamp>, into group: inout PackedGroup
  ) throws {
    let rows = try StatementReader(
      database,
      sql: """
        SELECT \(ViewsSchema.stretchColumns) FROM interval
        WHERE equipment = ?1 AND start >= ?2 AND start < ?3 ORDER BY start
        """)
    rows.bind(Int64(equipment), range.lowerBound.milliseconds, range.upperBound.milliseconds)
    while try rows.step() { group.stretches.append(try rows.stretch(of: equipment, from: 0)) }
  }

  /// The alarms and the stretch there were when a group began.
  private func readBefore(
    _ start: Timestamp, of equipment: EquipmentNumber, into group: inout PackedGroup
  ) throws {
    let alarm = try StatementReader(
      database, sql: "SELECT codes FROM alarm WHERE equipment = ?1 AND at < ?2 ORDER BY at DESC LIMIT 1")
    alarm.bind(Int64(equipment), start.milliseconds)
    group.alarmsBefore = try alarm.first { try $0.text(0) } ?? ""
    let stretch = try StatementReader(
      database,
      sql: """
        SELECT \(ViewsSchema.stretchColumns) FROM interval
        WHERE equipment = ?1 AND start < ?2 ORDER BY start DESC LIMIT 1
        """)
    stretch.bind(Int64(equipment), start.milliseconds)
    group.stretchBefore = try stretch.first { try $0.stretch(of: equipment, from: 0) }
  }
}
