import GRDB
import Storage
import Telemetry

/// Keeps packed groups true to the rows they are made of: in the transaction that changes rows, whatever is
/// packed of them is removed and noted to be packed again, later and a few at a time.
struct PackedGroupsKeeper {
  private let packer: GroupPacker
  private let database: Database
  private let calendar: LocalCalendar
  private let groups: DayGroups

  private struct Group: Hashable, Comparable {
    var equipment: EquipmentNumber
    var firstDay: CalendarDay

    static func < (a: Group, b: Group) -> Bool {
      (a.equipment, a.firstDay) < (b.equipment, b.firstDay)
    }
  }

  init(_ database: Database, calendar: LocalCalendar, groups: DayGroups) {
    self.database = database
    self.calendar = calendar
    self.groups = groups
    packer = GroupPacker(database, calendar: calendar, groups: groups)
  }

  /// To be called once every row of an update is written; whether anything waits to be packed because of it.
  func follow(_ update: ViewUpdate) throws -> Bool {
    var touched: Set<Group> = []
    for repair in update.changes.repairs { try follow(repair, &touched) }
    func touch(_ equipment: EquipmentNumber, _ day: CalendarDay) {
      // Nothing is packed of the group that the sender is in.
      guard day < groups.firstDay(of: update.timelines[Int(equipment)].day) else { return }
      touched.insert(Group(equipment: equipment, firstDay: groups.firstDay(of: day)))
    }
    let changes = update.changes.timelineChanges
    for closed in changes.closedDays { touch(closed.equipment, closed.day) }
    // A stretch that ends now may have begun in a group that is over.
    for interval in changes.intervals { touch(interval.equipment, calendar.day(at: interval.from)) }
    for alarm in changes.alarmChanges { touch(alarm.equipment, calendar.day(at: alarm.at)) }
    for group in touched.sorted() {
      try settle(group, isOver: groups.end(of: group.firstDay) <= update.timelines[Int(group.equipment)].day)
    }
    return !touched.isEmpty
  }

  private func follow(_ repair: RepairedDay, _ touched: inout Set<Group>) throws {
    func touch(_ day: CalendarDay) {
      touched.insert(Group(equipment: repair.equipment, firstDay: groups.firstDay(of: day)))
    }
    touch(repair.day)
    // The stretch that was open when the day ended is no row any more, or is another.
    if repair.ending.hasReadings { touch(calendar.day(at: repair.ending.stretchStart)) }
    for interval in repair.intervals { touch(calendar.day(at: interval.from)) }
    for alarm in repair.alarmChanges { touch(calendar.day(at: alarm.at)) }
    // Days after an open one that is repaired are folded anew, and close again.
    guard repair.isOpen else { return }
    let firstDay = groups.firstDay(of: repair.day)
    try packer.remove(repair.equipment, from: firstDay, through: CalendarDay(number: .max))
    try database.cachedStatement(sql: "DELETE FROM unpacked_days WHERE equipment = ? AND first_day >= ?")
      .execute(arguments: [repair.equipment, firstDay.number])
  }

  /// Has a group packed anew once its sender has moved past it, and those after it that hold what it ended
  /// with.
  private func settle(_ group: Group, isOver: Bool) throws {
    try packer.remove(group.equipment, from: group.firstDay, through: group.firstDay)
    guard isOver else { return }
    try note(group)
    var firstDay = group.firstDay
    while let next = try packer.next(of: group.equipment, after: firstDay),
      try !packer.isContinued(group.equipment, next)
    {
      try packer.remove(group.equipment, from: next, through: next)
      try note(Group(equipment: group.equipment, firstDay: next))
      firstDay = next
    }
  }

  private func note(_ group: Group) throws {
    try database.cachedStatement(sql: "INSERT OR IGNORE INTO unpacked_days VALUES (?, ?)")
      .execute(arguments: [group.equipment, group.firstDay.number])
  }
}

/// Groups of days that wait to be packed. They are packed for a while at a time.
struct WaitingGroups {
  private let calendar: LocalCalendar
  private let groups: DayGroups
  /// Name of the setting with the next sender whose whole past is to be packed: of views that have none of it packed, such
  /// as those restored from the base.
  private static let progress = "packed_senders"

  init(calendar: LocalCalendar, groups: DayGroups) {
    self.calendar = calendar
    self.groups = groups
  }

  /// Notes that the whole past is to be packed, if nothing of it is packed or waits.
  func begin(_ database: Database) throws {
    let isDue = try Bool.fetchOne(
      database,
      sql: """
        SELECT EXISTS (SELECT 1 FROM day_total) AND NOT EXISTS (SELECT 1 FROM packed_days)
          AND NOT EXISTS (SELECT 1 FROM unpacked_days)
        """)
    guard isDue == true else { return }
    try database.execute(
      sql: "INSERT OR REPLACE INTO setting VALUES (?, '0')", arguments: [Self.progress])
  }

  /// Packs for a while, one group at least; false when there is nothing more to do.
  func advance(_ database: Database, for time: Duration) throws -> Bool {
    let packer = GroupPacker(database, calendar: calendar, groups: groups)
    let end = ContinuousClock.now + time
    repeat {
      guard let (sender, firstDay) = try nextWaiting(database) else {
        return try advancePast(database, packer, until: end)
      }
      try packer.pack(sender, firstDay)
      try database.cachedStatement(sql: "DELETE FROM unpacked_days WHERE equipment = ? AND first_day = ?")
        .execute(arguments: [sender, firstDay.number])
    } while ContinuousClock.now < end
    return true
  }

  // MARK: -

  private func nextWaiting(_ database: Database) throws -> (EquipmentNumber, CalendarDay)? {
    let statement = try StatementReader(
      database, sql: "SELECT equipment, first_day FROM unpacked_days ORDER BY equipment, first_day LIMIT 1")
    return try statement.first { row in (try row.integer(0), try row.day(1)) }
  }

  private func advancePast(
    _ database: Database, _ packer: GroupPacker, until end: ContinuousClock.Instant
  ) throws -> Bool {
    guard
      var sender = try EquipmentNumber.fetchOne(
        database, sql: "SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?", arguments: [Self.progress]
      )
    else { return false }
    let pages = try LivePageReader(database)
    let newest = try EquipmentNumber.fetchOne(database, sql: "SELECT MAX(number) FROM equipment") ?? -1
    repeat {
      guard sender <= newest else {
        try database.execute(sql: "DELETE FROM setting WHERE name = ?", arguments: [Self.progress])
        return false
      }
      if let live = try pages.timeline(of: sender, withoutMinutes: true) {
        try pack(sender, before: live.day, packer, database)
      }
      sender += 1
    } while ContinuousClock.now < end
    try database.execute(
      sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)", arguments: [Self.progress, "\(sender)"])
    return true
  }

  /// Packs every group of a sender that is over before `day`.
  private func pack(
    _ sender: EquipmentNumber, before day: CalendarDay, _ packer: GroupPacker, _ database: Database
  ) throws {
    let days = try Row.fetchAll(
      database.cachedStatement(sql: "SELECT day FROM day_total WHERE equipment = ? ORDER BY day"),
      arguments: [sender]
    ).map { try $0.day("day") }
    let firstDays = Set(days.map { groups.firstDay(of: $0) })
    for firstDay in firstDays.sorted() where groups.end(of: firstDay) <= day {
      try packer.pack(sender, firstDay)
    }
  }
}
