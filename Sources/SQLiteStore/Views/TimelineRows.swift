import GRDB
import Storage
import Telemetry

/// Writes closed stretches.
func writeIntervals(_ intervals: ContiguousArray<StateInterval>, into database: Database) throws {
  var rows = try RowWriter(
    database,
    sql: """
      INSERT OR REPLACE INTO interval (equipment, \(ViewsSchema.stretchColumns)) VALUES (?,?,?,?,?,?,?,?)
      """)
  for interval in intervals {
    rows.bind(interval.equipment)
    rows.bind(interval.from)
    rows.bind(interval.last)
    rows.bind(interval.cut?.milliseconds)
    rows.bind(interval.state.rawValue)
    rows.bind(interval.mode.rawValue)
    rows.bind(interval.lostUntil?.milliseconds)
    rows.bind(interval.vouching.rawValue)
    try rows.step()
  }
}

/// Writes days that their equipment has moved past.
func writeDays(_ days: ContiguousArray<ClosedDay>, into database: Database) throws {
  var rows = try RowWriter(database, sql: RowWriter.insertDay)
  var closings = try RowWriter(database, sql: RowWriter.insertClosing)
  for closed in days {
    try rows.writeDay(closed.equipment, closed.day, closed.totals)
    if let closing = closed.closing {
      try closings.writeClosing(closed.equipment, closing, workshop: closed.workshop)
    }
  }
}

/// Writes changes of alarms.
func writeAlarms(_ changes: ContiguousArray<AlarmChange>, into database: Database) throws {
  var rows = try RowWriter(database, sql: "INSERT OR REPLACE INTO alarm VALUES (?,?,?)")
  for change in changes {
    rows.bind(change.equipment)
    rows.bind(change.at)
    rows.bind(AlarmCodes.text(change.codes))
    try rows.step()
  }
}

/// Writes falls of meters.
func writeResets(_ resets: ContiguousArray<MeterReset>, into database: Database) throws {
  var rows = try RowWriter(database, sql: "INSERT OR REPLACE INTO meter_reset VALUES (?,?,?,?,?,?,?,?)")
  for reset in resets {
    rows.bind(reset.equipment)
    rows.bind(reset.at)
    rows.bind(reset.meter.rawValue)
    rows.bind(reset.last)
    rows.bind(reset.value)
    rows.bind(reset.lastAt?.milliseconds)
    rows.bind(reset.fellAt)
    rows.bind(UInt8(reset.countsValue ? 1 : 0))
    try rows.step()
  }
}
