import Foundation
import GRDB
import Journal
import Register
import Storage
import Telemetry

extension RegisterStore {
  public func contents(of factory: String) throws(StoreError) -> RegisterContents {
    try read(orElse: RegisterContents()) { database in
      var contents = RegisterContents()
      contents.imports = try Self.imports(database, factory)
      contents.calendars = try Self.calendars(database, factory)
      return contents
    }
  }

  /// Stores a factory's rows and their chain in a register that holds nothing.
  func restore(_ contents: RegisterContents, _ chain: RegisterProof, of factory: String) throws(StoreError) {
    try write { database in
      for one in contents.imports { try Self.insert(one, of: factory, into: database) }
      for one in contents.calendars { try Self.insert(one, of: factory, into: database) }
      var row = try RowWriter(database, sql: "INSERT INTO chain VALUES (?, ?, ?, ?)")
      for (index, link) in chain.links.enumerated() {
        row.bind(Int64(index) + 1)
        row.bind(link.kind.rawValue)
        row.bind(link.version)
        row.bind(link.hash.bytes)
        try row.step()
      }
    }
  }

  // MARK: Reading

  private static func imports(
    _ database: Database, _ factory: String
  ) throws -> [RegisterContents.EquipmentImport] {
    var equipment: [Int: [RegisteredEquipment]] = [:]
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT \(try RegisterRecords.equipmentColumns(database)) FROM equipment_row WHERE factory = ?
        ORDER BY version, equipment
        """, arguments: [factory])
    while let row = try rows.next() {
      let (one, version) = try RegisterRecords.equipment(row)
      equipment[version, default: []].append(one)
    }
    var factories: [Int: RegisteredFactory] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT \(RegisterRecords.factoryColumns) FROM factory_row WHERE factory = ?",
      arguments: [factory])
    {
      factories[try row.integer("version")] = try RegisterRecords.factory(row)
    }
    return try Row.fetchAll(database, sql: "SELECT * FROM import ORDER BY version").map { row in
      let record = try RegisterImportRecord(row: row)
      return RegisterContents.EquipmentImport(
        version: record.version, equipmentFile: record.equipment, factoriesFile: record.factories,
        factoryRows: try row.integer("factory_rows"), factory: factories[record.version.version],
        equipment: equipment[record.version.version] ?? [])
    }
  }

  private static func calendars(
    _ database: Database, _ factory: String
  ) throws -> [RegisterContents.CalendarVersion] {
    let named = Set(
      try Int.fetchAll(
        database, sql: "SELECT version FROM calendar_factory WHERE factory = ?", arguments: [factory]))
    var entries: [Int: [RegisterContents.PlacedEntry]] = [:]
    for row in try Row.fetchAll(
      database, sql: "SELECT * FROM calendar_entry WHERE factory = ? ORDER BY version, position",
      arguments: [factory])
    {
      let place = ProductionCalendar.Place(workshop: try row.text("workshop"), line: try row.text("line"))
      entries[try row.integer("version"), default: []].append(
        RegisterContents.PlacedEntry(
          position: try row.integer("position"),
          entry: CalendarEntry(
            factory: factory, place: place, kind: try kind(of: row), note: try row.text("note"))))
    }
    return try Row.fetchAll(database, sql: "SELECT * FROM calendar_import ORDER BY version").map { row in
      let version: Int = try row.integer("version")
      return RegisterContents.CalendarVersion(
        version: version, importedAt: try row.instant("imported_at"), file: try row.text("file"),
        sha256: try row.text("sha256"), entries: named.contains(version) ? entries[version] ?? [] : nil)
    }
  }

  // MARK: Writing

  private static func insert(
    _ one: RegisterContents.EquipmentImport, of factory: String, into database: Database
  ) throws {
    let version = one.version.version
    try database.execute(
      sql: "INSERT INTO import VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        version, one.version.effectiveOn.number, one.version.importedAt.milliseconds, one.equipmentFile.name,
        one.equipmentFile.sha256, one.equipmentFile.rows, one.factoriesFile?.name, one.factoriesFile?.sha256,
        one.factoryRows,
      ])
    if let row = one.factory {
      try database.execute(
        sql: RegisterRecords.insertFactory, arguments: RegisterRecords.arguments(row, version: version))
    }
    guard !one.equipment.isEmpty else { return }
    let insert = try database.cachedStatement(sql: RegisterRecords.insertEquipment)
    for row in one.equipment {
      try insert.execute(arguments: RegisterRecords.arguments(row, version: version))
    }
    try database.execute(
      sql: "INSERT INTO import_factory (factory, version, equipment_rows) VALUES (?, ?, ?)",
      arguments: [factory, version, one.equipment.count])
  }

  private static func insert(
    _ one: RegisterContents.CalendarVersion, of factory: String, into database: Database
  ) throws {
    try database.execute(
      sql: "INSERT INTO calendar_import VALUES (?, ?, ?, ?)",
      arguments: [one.version, one.importedAt.milliseconds, one.file, one.sha256])
    guard let entries = one.entries else { return }
    try database.execute(
      sql: "INSERT INTO calendar_factory VALUES (?, ?)", arguments: [factory, one.version])
    for placed in entries {
      try database.execute(
        sql: insertCalendarEntry, arguments: arguments(placed.entry, one.version, placed.position))
    }
  }
}
