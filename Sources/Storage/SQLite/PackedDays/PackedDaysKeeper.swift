import GRDB
import Telemetry

/// Keeps packed groups true to the rows they are made of, in the transaction that changes the rows.
struct PackedDaysKeeper {
  private let packer: DayPacker
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
    packer = DayPacker(database, calendar: calendar, groups: groups)
  }

  /// To be called once every row of an update is written.
  func follow(_ update: ViewUpdate) throws {
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
    try packer.remove(
      repair.equipment, from: groups.firstDay(of: repair.day), through: CalendarDay(number: .max))
  }

  /// Packs a group when its sender has moved past it, and those after it that hold what it ended with.
  private func settle(_ group: Group, isOver: Bool) throws {
    guard isOver else {
      try packer.remove(group.equipment, from: group.firstDay, through: group.firstDay)
      return
    }
    var firstDay = group.firstDay
    var isChanged = try packer.pack(group.equipment, firstDay)
    while isChanged, let next = try packer.next(of: group.equipment, after: firstDay) {
      isChanged = try packer.pack(group.equipment, next)
      firstDay = next
    }
  }
}

/// Packs what was over before groups were packed: views made by an earlier version, or put back from what was
/// kept aside.
struct PackingOfPast {
  private let calendar: LocalCalendar
  private let groups: DayGroups
  private static let progress = "packed_senders"

  init(calendar: LocalCalendar, groups: DayGroups) {
    self.calendar = calendar
    self.groups = groups
  }

  /// Notes that there is a past to pack, when nothing of one is.
  func begin(_ database: Database) throws {
    let isDue = try Bool.fetchOne(
      database,
      sql: """
        SELECT EXISTS (SELECT 1 FROM day_total) AND NOT EXISTS (SELECT 1 FROM packed_days)
        """)
    guard isDue == true else { return }
    try database.execute(
      sql: "INSERT OR REPLACE INTO setting VALUES (?, '0')", arguments: [Self.progress])
  }

  /// Packs for a while; false when there is nothing more to do.
  func advance(_ database: Database, for time: Duration) throws -> Bool {
    guard
      var sender = try EquipmentNumber.fetchOne(
        database, sql: "SELECT CAST(value AS INTEGER) FROM setting WHERE name = ?", arguments: [Self.progress]
      )
    else { return false }
    let packer = DayPacker(database, calendar: calendar, groups: groups)
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end {
      guard
        let day = try Int32?.fetchOne(
          database.cachedStatement(sql: "SELECT day FROM live WHERE equipment = ?"), arguments: [sender])
      else {
        try database.execute(sql: "DELETE FROM setting WHERE name = ?", arguments: [Self.progress])
        return false
      }
      if let day { try pack(sender, before: CalendarDay(number: day), packer, database) }
      sender += 1
    }
    try database.execute(
      sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)", arguments: [Self.progress, "\(sender)"])
    return true
  }

  /// Packs every group of a sender that is over before `day`.
  private func pack(
    _ sender: EquipmentNumber, before day: CalendarDay, _ packer: DayPacker, _ database: Database
  ) throws {
    let days = try Int32.fetchAll(
      database.cachedStatement(sql: "SELECT day FROM day_total WHERE equipment = ? ORDER BY day"),
      arguments: [sender])
    let firstDays = Set(days.map { groups.firstDay(of: CalendarDay(number: $0)) })
    for firstDay in firstDays.sorted() where groups.end(of: firstDay) <= day {
      try packer.pack(sender, firstDay)
    }
  }
}
