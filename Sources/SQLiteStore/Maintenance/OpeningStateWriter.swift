import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Makes the state of one factory the base of a store, whose blocks are counted from 1: `base.sqlite`.
struct OpeningStateWriter {
  private let database: Database
  private let factory: String

  /// Writes the base of the store in `directory`, which has none.
  static func write(
    _ state: OpeningState, of factory: String, to directory: StoreDirectory, _ options: ShardOptions
  ) throws {
    // Makes the file with its settings.
    try ViewsWriter(
      path: directory.base, calendar: options.calendar, horizonMinimum: options.horizonMinimum
    ).close()
    let queue = try SQLiteConnection.openWriter(
      path: directory.base, label: "base", durable: false, schema: ViewsSchema.migrator)
    try queue.write { database in
      let writer = OpeningStateWriter(database: database, factory: factory)
      try writer.writeSenders(state)
      try writer.writeEvents(state)
      try writer.writeRefusals(state)
      try writer.writeConnection(state)
      if let day = state.finalThrough {
        try database.execute(
          sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)",
          arguments: [ViewsBase.finalDayName, "\(day.number)"])
      }
      try database.execute(sql: "INSERT OR REPLACE INTO cursor VALUES (0, 0)")
    }
    try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    try queue.close()
  }

  private func writeSenders(_ state: OpeningState) throws {
    for (number, sender) in state.senders.enumerated() {
      try database.execute(
        sql: "INSERT INTO equipment VALUES (?, ?, ?, ?, ?)",
        arguments: [number, factory, sender.equipment, sender.workshop, sender.hasMoved])
    }
    var pages = try LivePageWriter(database)
    for start in stride(from: 0, to: state.senders.count, by: LivePage.senders) {
      let page = state.senders[start...].prefix(LivePage.senders).map { $0.timeline ?? Timeline() }
      try pages.write(LivePage.number(of: EquipmentNumber(clamping: start)), page[...])
    }
    var closings = try RowWriter(database, sql: RowWriter.insertClosing)
    var days = try RowWriter(database, sql: RowWriter.insertDay)
    for (position, sender) in state.senders.enumerated() {
      let number = EquipmentNumber(clamping: position)
      if let last = sender.lastDay {
        try closings.writeClosing(number, last.timeline, workshop: last.workshop)
      }
      for day in sender.days { try days.writeDay(number, day.day, day.totals) }
    }
  }

  private func writeEvents(_ state: OpeningState) throws {
    var sessions = try RowWriter(database, sql: "INSERT OR IGNORE INTO session_event VALUES (?,?,?)")
    for event in state.senders.flatMap(\.presence) {
      sessions.bind(event.equipment)
      sessions.bind(event.at)
      sessions.bind(event.presence.rawValue)
      try sessions.step()
    }
    try writeAlarms(ContiguousArray(state.senders.compactMap(\.alarms)), into: database)
    try writeResets(ContiguousArray(state.senders.flatMap(\.meterResets)), into: database)
  }

  private func writeRefusals(_ state: OpeningState) throws {
    let row = try database.cachedStatement(
      sql: "INSERT OR REPLACE INTO rejection VALUES (\(RowWriter.placeholders(11)))")
    for refused in state.refusals {
      let refusal = refused.refusal
      try row.execute(arguments: [
        factory, refused.equipment, refused.day.number, refusal.reason.rawValue, refusal.detail,
        refusal.fault.rawValue, refusal.messages, refusal.newest.milliseconds, refusal.excerpt,
        refusal.place?.block ?? 0, refusal.place?.record ?? 0,
      ])
    }
    try RefusalRows.write(state.senders.flatMap(\.fieldErrors), into: database)
    try RetainFlagRows.write(state.retainFlags, into: database)
  }

  private func writeConnection(_ state: OpeningState) throws {
    for observation in state.observations {
      try database.execute(
        sql: "INSERT OR REPLACE INTO observation VALUES (?, 0, ?, ?, ?, ?)",
        arguments: [
          observation.number, observation.from.milliseconds, observation.through.milliseconds,
          observation.resumed, observation.ended,
        ])
    }
    if let silence = state.silence {
      try database.execute(
        sql: "INSERT INTO silence VALUES (?, ?, ?)",
        arguments: [silence.since.milliseconds, silence.until.milliseconds, silence.stretch])
    }
    if let drops = state.brokerDrops {
      try database.execute(
        sql: "INSERT INTO broker_drop VALUES (?, ?)", arguments: [drops.at.milliseconds, drops.total])
    }
  }
}
