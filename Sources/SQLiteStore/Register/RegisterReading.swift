import GRDB
import Journal
import Register
import Storage
import Telemetry

extension RegisterStore {
  /// Histories of the energy meters of equipment whose meter changes, as known at a version.
  ///
  /// Reads every row once, in the order of the table's key.
  public func meterHistories(
    of scope: FactoryScope, knownVersion: Int
  ) throws(StoreError) -> [EquipmentKey: MeterHistory] {
    let known = Dictionary(
      uniqueKeysWithValues: try imports().map(\.version).filter { $0.version <= knownVersion }
        .map { ($0.version, $0) })
    // One import names one meter for each.
    guard known.count > 1 else { return [:] }
    return try read(orElse: [:]) { database in
      let rows = try StatementReader(
        database,
        sql: """
          SELECT factory, equipment, version, energy_meter FROM equipment_row
          \(scope.clause("factory")) ORDER BY factory, equipment, version
          """)
      if let argument = scope.argument { rows.bind(argument) }
      var histories: [EquipmentKey: MeterHistory] = [:]
      var key = EquipmentKey(factory: "", equipment: "")
      var meters: [(import: RegisterImport, meter: String)] = []
      var differ = false
      func settle() {
        guard differ else { return }
        let history = MeterHistory(meters)
        if history.changes { histories[key] = history }
      }
      while try rows.step() {
        if try !(rows.isText(1, key.equipment) && rows.isText(0, key.factory)) {
          settle()
          key = EquipmentKey(factory: try rows.text(0), equipment: try rows.text(1))
          meters.removeAll(keepingCapacity: true)
          differ = false
        }
        guard let origin = known[try rows.integer(2)] else { continue }
        let named = try rows.text(3)
        let meter = named.isEmpty ? key.equipment : named
        if let first = meters.first, first.meter != meter { differ = true }
        meters.append((origin, meter))
      }
      settle()
      return histories
    }
  }

  /// Versions of the imports that have a row of a piece of equipment.
  public func versions(of key: EquipmentKey) throws(StoreError) -> Set<Int> {
    try read(orElse: []) { database in
      try Set(
        Int.fetchAll(
          database, sql: "SELECT version FROM equipment_row WHERE factory = ? AND equipment = ?",
          arguments: [key.factory, key.equipment]))
    }
  }

  /// Imports are only added, so what was resolved before this transaction holds in it too.
  public func snapshots(
    _ resolutions: [RegisterResolution], of scope: FactoryScope
  ) throws(StoreError) -> [RegisterSnapshot] {
    let empty = resolutions.map { RegisterSnapshot(version: $0.version, day: $0.day) }
    guard resolutions.contains(where: { $0.version > 0 }) else { return empty }
    return try read(orElse: empty) { database in
      var snapshots = empty
      let factories = try FactoryRows(database, scope)
      let equipment = try EquipmentRows(database, scope)
      for index in snapshots.indices { snapshots[index].factories = factories.speaking(resolutions[index]) }
      for (index, entries) in try equipment.speaking(resolutions).enumerated() {
        snapshots[index].entries = entries
      }
      return snapshots
    }
  }
}

/// Every row of factories.
private struct FactoryRows {
  /// By factory, by version.
  private let rows: [String: [Int: RegisteredFactory]]

  init(_ database: Database, _ scope: FactoryScope) throws {
    let found = try Row.fetchAll(
      database,
      sql: "SELECT \(RegisterRecords.factoryColumns) FROM factory_row \(scope.clause("factory"))",
      arguments: scope.argument.map { [$0] } ?? [])
    rows = try found.reduce(into: [:]) { rows, row in
      rows[try row.text("factory"), default: [:]][try row.integer("version")] = try RegisterRecords.factory(
        row)
    }
  }

  /// The speaking row of each factory, ascending by id.
  func speaking(_ resolution: RegisterResolution) -> [RegisteredFactory] {
    rows.values.compactMap { versions in
      resolution.preferred.lazy.compactMap { versions[$0.version] }.first
    }.sorted { $0.id < $1.id }
  }
}

/// Reads the rows of equipment once for any number of days. A register has tens of thousands of machines with
/// a row for each import, of which only those that speak are made values.
private struct EquipmentRows {
  private let database: Database
  private let scope: FactoryScope
  /// The version of each factory's first import, which no later one changes.
  private let firstVersions: [String: Int]
  /// One row, by its key.
  private let single: StatementReader

  init(_ database: Database, _ scope: FactoryScope) throws {
    self.database = database
    self.scope = scope
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT factory, min(version) FROM import_factory \(scope.clause("factory")) GROUP BY factory
        """, arguments: scope.argument.map { [$0] } ?? [])
    firstVersions = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    single = try StatementReader(
      database,
      sql: """
        SELECT \(try RegisterRecords.equipmentColumns(database)) FROM equipment_row
        WHERE factory = ?1 AND equipment = ?2 AND version = ?3
        """)
  }

  /// Entries there is room for from the start where there may be many: they are wide, and copied as they grow.
  private static let many = 1 << 16

  /// The row that speaks so far for one equipment on one day.
  private struct Speaker {
    var position = Int.max
    var version = 0
    /// Its place among the rows read of the equipment; nil until it is clear that the row speaks.
    var place: Int?
  }

  /// For each resolution the entries of its day, ascending by key.
  func speaking(_ resolutions: [RegisterResolution]) throws -> [[RegisterSnapshot.Entry]] {
    let ranks = resolutions.map(VersionRanks.init)
    var entries = [[RegisterSnapshot.Entry]](repeating: [], count: resolutions.count)
    if scope.isWide {
      for index in entries.indices { entries[index].reserveCapacity(Self.many) }
    }
    var speakers = [Speaker](repeating: Speaker(), count: resolutions.count)
    // Backwards, as the table's key goes: the newest row of an equipment comes first, and mostly speaks.
    let rows = try StatementReader(
      database,
      sql: """
        SELECT \(try RegisterRecords.equipmentColumns(database)) FROM equipment_row
        \(scope.clause("factory")) ORDER BY factory DESC, equipment DESC, version DESC
        """)
    if let argument = scope.argument { rows.bind(argument) }
    var key = EquipmentKey(factory: "", equipment: "")
    var read: [RegisteredEquipment] = []
    while try rows.step() {
      // Rows of one equipment follow one another.
      if try !(rows.isText(1, key.equipment) && rows.isText(0, key.factory)) {
        try settle(key, read, &speakers, resolutions, &entries)
        read.removeAll(keepingCapacity: true)
        key = EquipmentKey(factory: try rows.text(0), equipment: try rows.text(1))
      }
      let version: Int = try rows.integer(2)
      var place: Int?
      for index in speakers.indices {
        guard let position = ranks[index].position(of: version), position < speakers[index].position else {
          continue
        }
        // A row of a later day speaks only where there is no other: it is read again then.
        let holds = ranks[index].holds(position)
        if holds, place == nil {
          place = read.count
          read.append(try RegisterRecords.equipment(rows, key: key))
        }
        speakers[index] = Speaker(position: position, version: version, place: holds ? place : nil)
      }
    }
    try settle(key, read, &speakers, resolutions, &entries)
    for index in entries.indices { entries[index].reverse() }
    return entries
  }

  /// Adds the entries that the rows which speak for `key` make.
  private func settle(
    _ key: EquipmentKey, _ read: [RegisteredEquipment], _ speakers: inout [Speaker],
    _ resolutions: [RegisterResolution],
    _ entries: inout [[RegisterSnapshot.Entry]]
  ) throws {
    for index in speakers.indices where speakers[index].version > 0 {
      let version = speakers[index].version
      let equipment = try speakers[index].place.map { read[$0] } ?? self.equipment(key, version)
      entries[index].append(
        resolutions[index].entry(
          equipment, from: version, firstVersion: firstVersions[key.factory] ?? version))
      speakers[index] = Speaker()
    }
  }

  private func equipment(_ key: EquipmentKey, _ version: Int) throws -> RegisteredEquipment {
    single.bind(key.factory, key.equipment, Int64(version))
    guard let row = try single.first({ try RegisterRecords.equipment($0, key: key) }) else {
      throw StoreError(.corrupt, "register.sqlite: \(key) lost a row while it was read")
    }
    return row
  }
}

/// The order of precedence of versions, by number.
private struct VersionRanks {
  /// Position of each version. A dictionary, since a damaged file may contain any number.
  private let positions: [Int: Int]
  /// Number of imports that hold on the day; they come first.
  private let holding: Int

  init(_ resolution: RegisterResolution) {
    holding = resolution.preferred.count { $0.effectiveOn <= resolution.day }
    var positions: [Int: Int] = [:]
    for (position, one) in resolution.preferred.enumerated() { positions[one.version] = position }
    self.positions = positions
  }

  func holds(_ position: Int) -> Bool { position < holding }

  func position(of version: Int) -> Int? { positions[version] }
}
