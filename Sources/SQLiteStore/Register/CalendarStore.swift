import GRDB
import Journal
import Register
import Storage
import Telemetry

extension RegisterStore {
  /// Every import of calendars, ascending by version.
  public func calendarImports() throws(StoreError) -> [CalendarImport] {
    try read(orElse: []) { database in
      try Row.fetchAll(
        database, sql: "SELECT version, imported_at, file, sha256 FROM calendar_import ORDER BY 1"
      )
      .map { row in
        let version: Int = try row.integer("version")
        return CalendarImport(
          version: version, importedAt: try row.instant("imported_at"), file: try row.text("file"),
          sha256: try row.text("sha256"),
          factories: try String.fetchAll(
            database, sql: "SELECT factory FROM calendar_factory WHERE version = ? ORDER BY 1",
            arguments: [version]),
          entries: try Int.fetchOne(
            database, sql: "SELECT COUNT(*) FROM calendar_entry WHERE version = ?", arguments: [version]) ?? 0
        )
      }
    }
  }

  /// The calendars as known at an instant (nil: everything known), of all factories or of one.
  public func productionCalendars(
    knownAt instant: Timestamp? = nil, factory: String? = nil
  ) throws(StoreError) -> ProductionCalendars {
    let imports = try calendarImports().filter { one in instant.map { one.importedAt <= $0 } ?? true }
    var calendars = ProductionCalendars(version: imports.last?.version ?? 0)
    guard calendars.version > 0 else { return calendars }
    let entries = try read(orElse: [:]) { try Self.entries(of: factory, in: $0) }
    for one in imports {
      for id in one.factories where factory.map({ $0 == id }) ?? true {
        let known = calendars.factories[id]?.shutdowns ?? []
        calendars.factories[id] = ProductionCalendar(
          entries[VersionedFactory(factory: id, version: one.version)] ?? [], enteredAt: one.importedAt,
          known: known)
      }
    }
    return calendars
  }

  /// Stores a calendar for every factory the entries name, all of it or nothing; returns its version.
  @discardableResult
  public func importCalendar(
    _ entries: [CalendarEntry], from file: RegisterFile, at importedAt: Timestamp
  ) throws(StoreError) -> Int {
    try write { database in
      let last = try Row.fetchOne(
        database, sql: "SELECT version, imported_at FROM calendar_import ORDER BY version DESC LIMIT 1")
      let version: Int = (last?[0] ?? 0) + 1
      // Never known before the one preceding it, whatever the clock does.
      let known = max(importedAt.milliseconds, last?[1] ?? .min)
      let digest = file.bytes.withUnsafeBytes { SHA256Digest(hashing: $0).description }
      try database.execute(
        sql: "INSERT INTO calendar_import VALUES (?, ?, ?, ?)",
        arguments: [version, known, file.name, digest])
      for factory in Set(entries.map(\.factory)).sorted() {
        try database.execute(
          sql: "INSERT INTO calendar_factory VALUES (?, ?)", arguments: [factory, version])
      }
      for (position, entry) in entries.enumerated() {
        try database.execute(
          sql: Self.insertCalendarEntry, arguments: Self.arguments(entry, version, position))
      }
      try RegisterChain.append(.calendars, version: Int64(version), database)
      return version
    }
  }

  // MARK: -

  private struct VersionedFactory: Hashable {
    var factory: String
    var version: Int
  }

  private static func entries(
    of factory: String?, in database: Database
  ) throws -> [VersionedFactory: [CalendarEntry]] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT factory, version, workshop, line, kind, first, last, weekdays, start_minute, end_minute, note
        FROM calendar_entry WHERE ?1 IS NULL OR factory = ?1 ORDER BY factory, version, position
        """, arguments: [factory])
    var found: [VersionedFactory: [CalendarEntry]] = [:]
    for row in rows {
      let entry = CalendarEntry(
        factory: row[0], place: .init(workshop: row[2], line: row[3]), kind: try kind(of: row), note: row[10])
      found[VersionedFactory(factory: row[0], version: row[1]), default: []].append(entry)
    }
    return found
  }

  static func kind(of row: Row) throws -> CalendarEntry.Kind {
    let (first, last): (Int64, Int64) = (try row.integer("first"), try row.integer("last"))
    guard first <= last else {
      throw StoreError(.corrupt, "register.sqlite: a calendar entry ends before it begins")
    }
    let word = try row.text("kind")
    switch word {
    case "shift":
      let (bits, start, end): (Int, Int, Int) = (
        try row.integer("weekdays"), try row.integer("start_minute"), try row.integer("end_minute")
      )
      // Minutes of the end may exceed a day: a shift may end on the next.
      guard (0..<128).contains(bits), (0...1440).contains(start), (0...2880).contains(end) else {
        throw StoreError(.corrupt, "register.sqlite: a shift's minutes or weekdays are not what they can be")
      }
      return .shift(
        days: try row.day("first")...row.day("last"),
        weekdays: Set((1...7).filter { bits & (1 << ($0 - 1)) != 0 }), start: start, end: end)
    case "holiday": return .holiday(days: try row.day("first")...row.day("last"))
    case "shutdown": return .shutdown(try row.instant("first")..<row.instant("last"))
    default: throw StoreError(.corrupt, "register.sqlite: a calendar entry is of the unknown kind '\(word)'")
    }
  }

  static let insertCalendarEntry =
    "INSERT INTO calendar_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

  /// Arguments of ``insertCalendarEntry``.
  static func arguments(_ entry: CalendarEntry, _ version: Int, _ position: Int) -> StatementArguments {
    let fields = CalendarEntryFields(entry)
    return [
      entry.factory, version, position, entry.place.workshop, entry.place.line, fields.kind, fields.first,
      fields.last, fields.weekdays, fields.start, fields.end, entry.note,
    ]
  }
}
