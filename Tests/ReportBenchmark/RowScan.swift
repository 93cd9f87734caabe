import Foundation
import GRDB
import Telemetry

/// The peer: SQLite adding the same rows of day totals up by itself, without register, calendars, horizons,
/// observation or alarms.
struct RowScan {
  private let store: MeasuredStore

  init(_ store: MeasuredStore) { self.store = store }

  /// Sums of a report's rows by factory, as many columns as the figures need.
  func totals(_ subject: Subject) throws -> [String: [Int64]] {
    let queue = try open()
    return try queue.read { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT e.factory, SUM(d.running), SUM(d.idle), SUM(d.setup), SUM(d.stopped), SUM(d.fault),
            SUM(d.maintenance), SUM(d.off), SUM(d.energy), SUM(d.good), SUM(d.total), SUM(d.readings),
            SUM(d.missing), SUM(d.meter_resets), SUM(d.ties), SUM(length(d.minutes))
          FROM equipment e CROSS JOIN day_total d ON d.equipment = e.number AND d.day BETWEEN ?1 AND ?2
          WHERE ?3 IS NULL OR e.factory = ?3 GROUP BY e.factory
          """, arguments: [subject.days.lowerBound.number, subject.days.upperBound.number, subject.factory])
      var found: [String: [Int64]] = [:]
      while let row = try rows.next() { found[row[0]] = (1...15).map { row[$0] } }
      return found
    }
  }

  /// Readings, missing messages and good pieces of production equipment in service, by a statement of its own
  /// over the register's and the views' tables.
  func counted(_ subject: Subject) throws -> (readings: Int, missing: Int, good: Int64) {
    let queue = try open()
    return try queue.writeWithoutTransaction { database in
      try database.execute(sql: "ATTACH ? AS register", arguments: [store.directory + "/register.sqlite"])
      try database.execute(sql: "ATTACH ? AS live_rows", arguments: [store.directory + "/live.sqlite"])
      let row = try Row.fetchOne(
        database,
        sql: """
          WITH counted AS (
            SELECT equipment, day, readings, missing, good FROM day_total
            UNION ALL SELECT equipment, day, readings, missing, good FROM live)
          SELECT SUM(d.readings), SUM(d.missing), SUM(d.good)
          FROM equipment e CROSS JOIN counted d ON d.equipment = e.number AND d.day BETWEEN ?1 AND ?2
          JOIN register.equipment_row r ON r.factory = e.factory AND r.equipment = e.equipment
            AND r.version = (
              SELECT x.version FROM register.equipment_row x JOIN register.import i USING (version)
              WHERE x.factory = e.factory AND x.equipment = e.equipment AND i.effective_on <= d.day
              ORDER BY i.effective_on DESC, i.version DESC LIMIT 1)
          WHERE (?3 IS NULL OR e.factory = ?3) AND r.category NOT IN ('gateway', 'meter')
            AND coalesce(r.commissioned_on <= d.day, 1) AND coalesce(r.decommissioned_on > d.day, 1)
          """, arguments: [subject.days.lowerBound.number, subject.days.upperBound.number, subject.factory])
      return (row?[0] ?? 0, row?[1] ?? 0, row?[2] ?? 0)
    }
  }

  private func open() throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    return try DatabaseQueue(path: store.directory + "/views.sqlite", configuration: configuration)
  }
}
