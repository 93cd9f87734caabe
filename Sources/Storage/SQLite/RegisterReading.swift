import GRDB
import Register
import Telemetry

extension RegisterStore {
  /// The register on a day, as known at an instant.
  ///
  /// - Parameters:
  ///   - day: a local date of the store's time zone.
  ///   - knownAt: nil for everything known, which is not the same as now where a clock was ever ahead.
  ///   - factory: only this factory and its equipment.
  public func snapshot(
    day: CalendarDay, knownAt: Timestamp? = nil, factory: String? = nil
  ) throws(StoreError) -> RegisterSnapshot {
    let imports = try imports().map(\.version)
    let version = knownAt.map { RegisterResolution.version(of: imports, knownAt: $0) }
    return try snapshot(
      RegisterResolution(imports: imports, day: day, version: version), factory: factory)
  }

  /// The register on a day, as known at a version.
  public func snapshot(
    day: CalendarDay, knownVersion: Int, factory: String? = nil
  ) throws(StoreError) -> RegisterSnapshot {
    let imports = try imports().map(\.version)
    return try snapshot(
      RegisterResolution(imports: imports, day: day, version: knownVersion), factory: factory)
  }

  /// Imports only ever come to be, so what was resolved before this transaction holds in it too.
  private func snapshot(
    _ resolution: RegisterResolution, factory: String?
  ) throws(StoreError) -> RegisterSnapshot {
    var snapshot = RegisterSnapshot(version: resolution.version, day: resolution.day)
    guard resolution.version > 0 else { return snapshot }
    let query = SnapshotQuery(resolution, factory: factory)
    return try read(orElse: snapshot) { database in
      snapshot.factories = try query.factories(database)
      snapshot.entries = try query.entries(database)
      return snapshot
    }
  }
}

/// The two statements of a snapshot. SQLite takes the other columns of a group from the row that has the
/// group's minimum ("bare columns"), so that only rows which speak are ever decoded.
private struct SnapshotQuery {
  private let resolution: RegisterResolution
  private let preference: String
  private let condition: String
  private let arguments: StatementArguments

  init(_ resolution: RegisterResolution, factory: String?) {
    self.resolution = resolution
    let positions = resolution.preferred.enumerated().map { "(\($0.element.version), \($0.offset))" }
    preference = "WITH preference (version, position) AS (VALUES \(positions.joined(separator: ", ")))"
    condition = factory == nil ? "" : "WHERE factory = ?"
    arguments = factory.map { [$0] } ?? []
  }

  func factories(_ database: Database) throws -> [RegisteredFactory] {
    try Row.fetchAll(
      database,
      sql: """
        \(preference)
        SELECT \(RegisterRecords.factoryColumns), min(position)
        FROM factory_row CROSS JOIN preference USING (version) \(condition)
        GROUP BY factory ORDER BY factory
        """, arguments: arguments
    ).map(RegisterRecords.factory)
  }

  func entries(_ database: Database) throws -> [RegisterSnapshot.Entry] {
    let firstVersions = try firstVersions(database)
    let rows = try Row.fetchCursor(
      database,
      sql: """
        \(preference)
        SELECT \(RegisterRecords.equipmentColumns), min(position)
        FROM equipment_row CROSS JOIN preference USING (version) \(condition)
        GROUP BY factory, equipment ORDER BY factory, equipment
        """, arguments: arguments)
    var entries: [RegisterSnapshot.Entry] = []
    while let row = try rows.next() {
      let (equipment, version) = try RegisterRecords.equipment(row)
      let first = firstVersions[equipment.key.factory] ?? version
      entries.append(resolution.entry(equipment, from: version, firstVersion: first))
    }
    return entries
  }

  /// The version of each factory's first import, which no later one changes.
  private func firstVersions(_ database: Database) throws -> [String: Int] {
    let rows = try Row.fetchAll(
      database, sql: "SELECT factory, min(version) FROM import_factory \(condition) GROUP BY factory",
      arguments: arguments)
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
  }
}
