import Register
import Storage
import Telemetry

/// `register.json`: every import of the register, with its rows of the pack's factory. Days are `YYYY-MM-DD`; `_ms`
/// are milliseconds, instants since 1970 UTC. What has no value is left out.
struct RegisterJSON: Codable {
  struct File: Codable {
    var name: String
    var sha256: String
    /// Number of rows taken from it; left out for a calendar's file.
    var rows: Int?
  }

  struct Import: Codable {
    var number: Int
    var effective_on: String
    var imported_at_ms: Int64
    var equipment_file: File
    var factories_file: File?
    /// Number of factories in the whole import.
    var factory_rows: Int
    var factory: FieldsJSON<RegisteredFactory>?
    var equipment: [FieldsJSON<RegisteredEquipment>]?
  }

  struct Calendar: Codable {
    var number: Int
    var imported_at_ms: Int64
    var file: File
    /// Whether the import replaces the factory's calendar.
    var replaces: Bool
    var entries: [CalendarEntryJSON]?
  }

  var imports: [Import]?
  var calendars: [Calendar]?
}

extension RegisterJSON {
  init(_ contents: RegisterContents) {
    imports =
      contents.imports.map { one in
        Import(
          number: one.version.version, effective_on: "\(one.version.effectiveOn)",
          imported_at_ms: one.version.importedAt.milliseconds, equipment_file: File(one.equipmentFile),
          factories_file: one.factoriesFile.map { File($0) }, factory_rows: one.factoryRows,
          factory: one.factory.map { FieldsJSON($0) },
          equipment: one.equipment.map { FieldsJSON($0) }.unlessEmpty
        )
      }.unlessEmpty
    calendars =
      contents.calendars.map { one in
        Calendar(
          number: one.version, imported_at_ms: one.importedAt.milliseconds,
          file: File(name: one.file, sha256: one.sha256, rows: nil), replaces: one.entries != nil,
          entries: one.entries?.map { CalendarEntryJSON($0) }.unlessEmpty)
      }.unlessEmpty
  }

  /// The contents, every number and text within its bounds.
  func contents(of factory: String, _ check: PackCheck) throws(EvidenceError) -> RegisterContents {
    var contents = RegisterContents()
    for one in try check.list(imports, most: PackBounds.imports, "imports") {
      let check = check.at("import \(one.number)")
      let number = try check.number(one.number, 1...Int(Int32.max), "number")
      try check.require(contents.imports.last.map { $0.version.version < number } ?? true, "number")
      contents.imports.append(try one.value(of: factory, check))
    }
    for one in try check.list(calendars, most: PackBounds.imports, "calendars") {
      let check = check.at("calendar import \(one.number)")
      let number = try check.number(one.number, 1...Int(Int32.max), "number")
      try check.require(contents.calendars.last.map { $0.version < number } ?? true, "number")
      contents.calendars.append(try one.value(of: factory, check))
    }
    return contents
  }
}

extension RegisterJSON.Import {
  fileprivate func value(
    of factory: String, _ check: PackCheck
  ) throws(EvidenceError) -> RegisterContents.EquipmentImport {
    var rows: [RegisteredEquipment] = []
    for one in try check.list(equipment, most: PackBounds.rows, "equipment") {
      var row = try one.value(check)
      row.key = EquipmentKey(factory: factory, equipment: row.key.equipment)
      let follows = rows.last.map {
        $0.key.equipment.utf8.lexicographicallyPrecedes(row.key.equipment.utf8)
      }
      try check.require(follows ?? true, "equipment")
      rows.append(row)
    }
    var row = try self.factory?.value(check)
    row?.id = factory
    return RegisterContents.EquipmentImport(
      version: RegisterImport(
        version: number, effectiveOn: try check.day(effective_on, "effective_on"),
        importedAt: try check.instant(imported_at_ms, "imported_at_ms")),
      equipmentFile: try equipment_file.value(check, "equipment_file"),
      factoriesFile: try factories_file.map { file throws(EvidenceError) in
        try file.value(check, "factories_file")
      },
      factoryRows: try check.number(factory_rows, 0...Int(Int32.max), "factory_rows"),
      factory: row,
      equipment: rows)
  }
}

extension RegisterJSON.File {
  fileprivate init(_ file: RegisterImportRecord.File) {
    self.init(name: file.name, sha256: file.sha256, rows: file.rows)
  }

  fileprivate func value(
    _ check: PackCheck, _ field: String
  ) throws(EvidenceError) -> RegisterImportRecord.File {
    guard let rows, (0...Int(Int32.max)).contains(rows) else { throw check.misfit(field) }
    return RegisterImportRecord.File(
      name: try check.text(name, field), sha256: try check.digest(sha256, field).description, rows: rows)
  }
}

extension RegisterJSON.Calendar {
  fileprivate func value(
    of factory: String, _ check: PackCheck
  ) throws(EvidenceError) -> RegisterContents.CalendarVersion {
    var placed: [RegisterContents.PlacedEntry] = []
    for one in try check.list(entries, most: PackBounds.rows, "entries") {
      let entry = try one.value(of: factory, check)
      try check.require(placed.last.map { $0.position < entry.position } ?? true, "position")
      placed.append(entry)
    }
    try check.require(replaces || placed.isEmpty, "replaces")
    try check.require(file.rows == nil, "file")
    return RegisterContents.CalendarVersion(
      version: number, importedAt: try check.instant(imported_at_ms, "imported_at_ms"),
      file: try check.text(file.name, "file"), sha256: try check.digest(file.sha256, "file").description,
      entries: replaces ? placed : nil)
  }
}
