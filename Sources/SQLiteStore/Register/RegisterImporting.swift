import GRDB
import Journal
import Register
import Storage
import Telemetry

extension RegisterImportRecord {
  init(row: Row) throws(StoreError) {
    var factories: File?
    if let name = try row.optionalText("factories_file"),
      let digest = try row.optionalText("factories_sha256")
    {
      factories = File(name: name, sha256: digest, rows: try row.integer("factory_rows"))
    }
    self.init(
      version: RegisterImport(
        version: try row.integer("version"), effectiveOn: try row.day("effective_on"),
        importedAt: try row.instant("imported_at")),
      equipment: File(
        name: try row.text("equipment_file"), sha256: try row.text("equipment_sha256"),
        rows: try row.integer("equipment_rows")),
      factories: factories)
  }
}

extension RegisterStore: RegisterWriting {
  /// Stores an import, all of it or nothing, and returns its version once it is safe on the disk.
  ///
  /// - Parameters:
  ///   - rows: what was read from the files, with at least every factory its equipment names that the
  ///     register does not have yet.
  ///   - importedAt: now. An import is never recorded as known before the one preceding it: with a clock
  ///     that was set back, it gets that one's time.
  @discardableResult
  public func importSnapshot(
    _ rows: RegisterRows, effectiveOn: CalendarDay, importedAt: Timestamp, equipmentFile: RegisterFile,
    factoriesFile: RegisterFile? = nil
  ) throws(StoreError) -> Int {
    try write { database in
      let last = try Row.fetchOne(
        database, sql: "SELECT version, imported_at FROM import ORDER BY version DESC LIMIT 1")
      let version = (last?[0] ?? 0) + 1
      let known = max(importedAt.milliseconds, last?[1] ?? .min)
      try database.execute(
        sql: "INSERT INTO import VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          version, effectiveOn.number, known, equipmentFile.name, Self.digest(equipmentFile),
          rows.equipment.count, factoriesFile?.name, factoriesFile.map(Self.digest), rows.factories.count,
        ])
      try Self.insert(rows, version: version, into: database)
      try RegisterChain.append(.equipment, version: Int64(version), database)
      return version
    }
  }

  private static func insert(_ rows: RegisterRows, version: Int, into database: Database) throws {
    let insertFactory = try database.cachedStatement(sql: RegisterRecords.insertFactory)
    for factory in rows.factories {
      try insertFactory.execute(arguments: RegisterRecords.arguments(factory, version: version))
    }
    let known = try String.fetchSet(database, sql: "SELECT DISTINCT factory FROM factory_row")
    let insertEquipment = try database.cachedStatement(sql: RegisterRecords.insertEquipment)
    var counts: [String: Int] = [:]
    for equipment in rows.equipment {
      guard known.contains(equipment.key.factory) else {
        throw StoreError(.refused, "\(equipment.key): the register has no factory \(equipment.key.factory)")
      }
      try insertEquipment.execute(arguments: RegisterRecords.arguments(equipment, version: version))
      counts[equipment.key.factory, default: 0] += 1
    }
    for (factory, count) in counts.sorted(by: { $0.key < $1.key }) {
      try database.execute(
        sql: "INSERT INTO import_factory (factory, version, equipment_rows) VALUES (?, ?, ?)",
        arguments: [factory, version, count])
    }
  }

  private static func digest(_ file: RegisterFile) -> String {
    file.bytes.withUnsafeBytes { SHA256Digest(hashing: $0).description }
  }
}
