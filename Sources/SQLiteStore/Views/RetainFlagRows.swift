import GRDB
import Journal
import Storage
import Telemetry

/// The table `retain_flag`: numbers of messages flagged retained, by factory and day of receipt.
enum RetainFlagRows {
  /// Adds messages flagged retained.
  static func write(_ counts: [RetainFlagCount], into database: Database) throws {
    guard !counts.isEmpty else { return }
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO retain_flag VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET retained = retained + excluded.retained, live = live + excluded.live
        """)
    for count in counts {
      try statement.execute(arguments: [count.factory, count.day.number, count.retained, count.live])
    }
  }

  /// Messages flagged retained on `days`, of one factory or of all.
  static func read(
    of factory: String?, in days: ClosedRange<CalendarDay>, _ database: Database
  ) throws -> RetainFlags {
    let rows = try StatementReader(
      database,
      sql: """
        SELECT retained, live FROM retain_flag WHERE day BETWEEN \(days.lowerBound.number)
          AND \(days.upperBound.number) \(factory == nil ? "" : "AND factory = ?1")
        """)
    if let factory { rows.bind(factory) }
    var found = RetainFlags()
    while try rows.step() {
      let retained: Int = try rows.integer(0)
      let live: Int = try rows.integer(1)
      guard retained >= 0, live >= 0 else { throw StoreError(.corrupt, "retain_flag: a count is negative") }
      found.retained = found.retained.addingSaturated(retained)
      found.live = found.live.addingSaturated(live)
    }
    return found
  }
}
