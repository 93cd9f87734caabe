import GRDB
import Journal
import Storage
import Telemetry

/// Live timelines as rows of a table `live` with a column for each part: what is compared, and what a
/// person can look at.
package enum LiveRows {
  /// The table, empty, in a schema.
  static func create(_ database: Database, schema: String) throws {
    try database.execute(
      sql: """
        DROP TABLE IF EXISTS \(schema).live;
        CREATE TABLE \(schema).live (
          equipment INTEGER PRIMARY KEY, \(ViewsSchema.timelineColumns), \(ViewsSchema.totalsColumns))
        """)
  }

  /// Makes `temp.live` of the pages of a database, which may be open for reading only.
  static func unpack(_ database: Database) throws {
    try allowingTemporaries(database) {
      try create(database, schema: "temp")
      try unpack(database, from: "main", into: "temp")
    }
  }

  /// Makes a file that holds `live` of the views at `views`.
  package static func export(_ views: String, to path: String) throws(StoreError) {
    do {
      let queue = try DatabaseQueue(path: path)
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "ATTACH DATABASE ? AS views", arguments: [views])
        try database.inTransaction(.deferred) {
          try create(database, schema: "main")
          try unpack(database, from: "views", into: "main")
          return .commit
        }
      }
      try queue.close()
    } catch {
      throw StoreError(path: views, error)
    }
  }

  /// Lets `body` change live timelines as rows of `temp.live`.
  package static func change(_ database: Database, _ body: (Database) throws -> Void) throws {
    try unpack(database)
    try body(database)
    try database.execute(sql: "DELETE FROM main.live_page")
    try pack(database, from: "temp.live")
    try database.execute(sql: "DROP TABLE temp.live")
  }

  /// Makes the pages of a database of the rows of a table `live`.
  static func pack(_ database: Database, from table: String) throws {
    let senders = try Int64.fetchOne(database, sql: "SELECT COALESCE(MAX(number) + 1, 0) FROM equipment") ?? 0
    let rows = try StatementReader(
      database,
      sql: """
        SELECT equipment, \(FieldColumns.timeline.list), \(FieldColumns.totals.list) FROM \(table)
        ORDER BY equipment
        """)
    var pages = try LivePageWriter(database)
    var page = ContiguousArray<Timeline>()
    var first: EquipmentNumber = 0
    func close() throws {
      if !page.isEmpty { try pages.write(LivePage.number(of: first), page[...]) }
    }
    while try rows.step() {
      let sender: EquipmentNumber = try rows.integer(0)
      guard sender >= 0, sender < senders else {
        throw StoreError(.corrupt, "live row of unknown equipment \(sender)")
      }
      if page.isEmpty || LivePage.number(of: sender) != LivePage.number(of: first) {
        try close()
        page.removeAll(keepingCapacity: true)
        first = LivePage.first(of: LivePage.number(of: sender))
      }
      while page.count < Int(sender - first) { page.append(Timeline()) }
      page.append(try rows.timeline(from: 1))
    }
    try close()
  }

  // MARK: -

  private static func unpack(_ database: Database, from schema: String, into target: String) throws {
    let senders = try StatementReader(
      database, sql: "SELECT number FROM \(schema).equipment ORDER BY number")
    let pages = try LivePageReader(database, schema: schema)
    var rows = try RowWriter(database, sql: RowWriter.insertLive(into: target))
    while try senders.step() {
      let sender: EquipmentNumber = try senders.integer(0)
      if let timeline = try pages.timeline(of: sender) { try rows.writeLive(sender, timeline) }
    }
  }

  /// A connection that only reads is closed even to its own temporary tables.
  private static func allowingTemporaries(_ database: Database, _ body: () throws -> Void) throws {
    let isClosed = try Bool.fetchOne(database, sql: "PRAGMA query_only") ?? false
    try database.execute(sql: "PRAGMA query_only = 0")
    defer { if isClosed { try? database.execute(sql: "PRAGMA query_only = 1") } }
    try body()
  }
}
