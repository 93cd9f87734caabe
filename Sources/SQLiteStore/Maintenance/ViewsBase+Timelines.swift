import GRDB
import Journal
import Telemetry

/// Copies the timelines of senders.
extension ViewsBase {
  /// Each timeline as it was at the end of the days: the live one when nothing has come since, else the one
  /// its last day ended with.
  func copyTimelines(_ days: BaseDays, _ database: Database) throws {
    let before = try LivePageReader(database, schema: "main")
    let live = try LivePageReader(database, schema: "views")
    var pages = try LivePageWriter(database, schema: "main")
    var page: ContiguousArray<Timeline> = []
    let senders = try StatementReader(
      database,
      sql: """
        SELECT e.number, s.number FROM main.equipment e LEFT JOIN temp.sender s ON s.base = e.number
        ORDER BY e.number
        """)
    var count: EquipmentNumber = 0
    while try senders.step() {
      let base: EquipmentNumber = try senders.integer(0)
      guard base == count else {
        throw StoreError(.corrupt, "\(directory.base): equipment \(count) is missing")
      }
      count += 1
      var timeline: Timeline?
      if let number: EquipmentNumber = try senders.optionalInteger(1), let now = try live.timeline(of: number)
      {
        if now.day.number <= days.lastDay {
          timeline = now
          try database.cachedStatement(
            sql: """
              UPDATE main.equipment SET workshop = (SELECT workshop FROM views.equipment WHERE number = ?)
              WHERE number = ?
              """
          ).execute(arguments: [number, base])
        } else {
          timeline = try ending(of: number, base, days, database)
        }
      }
      let kept = try timeline ?? before.timeline(of: base) ?? Timeline()
      if kept.hasReadings { try forgetStretch(from: kept.stretchStart, of: base, database) }
      page.append(kept)
      if page.count == LivePage.senders {
        try pages.write(LivePage.number(of: base), page[...])
        page.removeAll(keepingCapacity: true)
      }
    }
    if !page.isEmpty { try pages.write(LivePage.number(of: count - 1), page[...]) }
  }

  /// The timeline of a sender of the views after the last of the days that anything came on; nil when there is none.
  /// The sender's workshop is made that of the same day.
  private func ending(
    of number: EquipmentNumber, _ base: EquipmentNumber, _ days: BaseDays, _ database: Database
  ) throws -> Timeline? {
    let columns =
      FieldColumns.timeline.names.map { "c.\($0)" } + FieldColumns.totals.names.map { "d.\($0)" }
    let rows = try StatementReader(
      database,
      sql: """
        SELECT c.workshop, \(columns.joined(separator: ", ")) FROM views.closing c
        JOIN views.day_total d ON d.equipment = c.equipment AND d.day = c.day
        WHERE c.equipment = ?1 AND c.day BETWEEN ?2 AND ?3 ORDER BY c.day DESC LIMIT 1
        """)
    rows.bind(Int64(number), Int64(days.firstDay), Int64(days.lastDay))
    guard let (workshop, closed) = try rows.first({ (try $0.text(0), try $0.timeline(from: 1)) }) else {
      return nil
    }
    try database.cachedStatement(sql: "UPDATE main.equipment SET workshop = ? WHERE number = ?")
      .execute(arguments: [workshop, base])
    var timeline = closed
    var fold = TimelineFold(horizonMinimum: horizonMinimum, calendar: calendar)
    timeline.totals = fold.uncredited(closed.totals, of: timeline)
    return timeline
  }

  /// Removes a stretch from those that ended: it is open again.
  private func forgetStretch(
    from start: Timestamp, of base: EquipmentNumber, _ database: Database
  ) throws {
    try database.cachedStatement(sql: "DELETE FROM main.interval WHERE equipment = ? AND start = ?")
      .execute(arguments: [base, start.milliseconds])
  }
}
