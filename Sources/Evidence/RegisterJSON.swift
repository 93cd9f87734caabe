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

  struct Factory: Codable {
    var name_zh: String
    var name_en: String
    var industry: String
    var district: String
    var retrofit_completed_on: String?
  }

  struct Equipment: Codable {
    var equipment: String
    var workshop: String
    var line: String
    var name: String
    var category: String
    var automation: String
    var intelligent: Bool
    var digital: Bool
    var connectable: Bool
    var report_interval_ms: Int64?
    var commissioned_on: String?
    var decommissioned_on: String?
    var retrofitted_on: String?
    var serial: String
    var energy_meter: String
    var energy_rollover_wh: Int64?
    var gateway: String
  }

  struct Import: Codable {
    var number: Int
    var effective_on: String
    var imported_at_ms: Int64
    var equipment_file: File
    var factories_file: File?
    /// Number of factories in the whole import.
    var factory_rows: Int
    var factory: Factory?
    var equipment: [Equipment]?
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
          factory: one.factory.map { Factory($0) }, equipment: one.equipment.map { Equipment($0) }.unlessEmpty
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
      let row = try one.value(of: factory, check)
      let follows = rows.last.map {
        $0.key.equipment.utf8.lexicographicallyPrecedes(row.key.equipment.utf8)
      }
      try check.require(follows ?? true, "equipment")
      rows.append(row)
    }
    return RegisterContents.EquipmentImport(
      version: RegisterImport(
        version: number, effectiveOn: try check.day(effective_on, "effective_on"),
        importedAt: try check.instant(imported_at_ms, "imported_at_ms")),
      equipmentFile: try equipment_file.value(check, "equipment_file"),
      factoriesFile: try factories_file.map { file throws(EvidenceError) in
        try file.value(check, "factories_file")
      },
      factoryRows: try check.number(factory_rows, 0...Int(Int32.max), "factory_rows"),
      factory: try self.factory.map { row throws(EvidenceError) in try row.value(of: factory, check) },
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

extension RegisterJSON.Factory {
  fileprivate init(_ one: RegisteredFactory) {
    self.init(
      name_zh: one.nameChinese, name_en: one.nameEnglish, industry: one.industry, district: one.district,
      retrofit_completed_on: one.retrofitCompletedOn?.description)
  }

  fileprivate func value(
    of factory: String, _ check: PackCheck
  ) throws(EvidenceError) -> RegisteredFactory {
    RegisteredFactory(
      id: factory, nameChinese: try check.text(name_zh, "name_zh"),
      nameEnglish: try check.text(name_en, "name_en"), industry: try check.text(industry, "industry"),
      district: try check.text(district, "district"),
      retrofitCompletedOn: try check.day(retrofit_completed_on, "retrofit_completed_on"))
  }
}

extension RegisterJSON.Equipment {
  fileprivate init(_ one: RegisteredEquipment) {
    self.init(
      equipment: one.key.equipment, workshop: one.workshop, line: one.line, name: one.name,
      category: one.category, automation: one.automation.rawValue, intelligent: one.intelligent,
      digital: one.digital, connectable: one.connectable,
      report_interval_ms: one.reportInterval?.milliseconds,
      commissioned_on: one.commissionedOn?.description, decommissioned_on: one.decommissionedOn?.description,
      retrofitted_on: one.retrofittedOn?.description, serial: one.serial, energy_meter: one.energyMeter,
      energy_rollover_wh: one.energyRollover, gateway: one.gateway)
  }

  fileprivate func value(
    of factory: String, _ check: PackCheck
  ) throws(EvidenceError) -> RegisteredEquipment {
    guard let automation = Automation(rawValue: automation) else { throw check.misfit("automation") }
    let interval = report_interval_ms ?? 1
    try check.require((1...Span.days(31).milliseconds).contains(interval), "report_interval_ms")
    try check.require((1...1 << 60).contains(energy_rollover_wh ?? 1), "energy_rollover_wh")
    return RegisteredEquipment(
      key: EquipmentKey(factory: factory, equipment: try check.id(equipment, "equipment")),
      workshop: try check.text(workshop, "workshop"), line: try check.text(line, "line"),
      name: try check.text(name, "name"), category: try check.text(category, "category"),
      automation: automation, intelligent: intelligent, digital: digital, connectable: connectable,
      reportInterval: report_interval_ms.map { .milliseconds($0) },
      commissionedOn: try check.day(commissioned_on, "commissioned_on"),
      decommissionedOn: try check.day(decommissioned_on, "decommissioned_on"),
      retrofittedOn: try check.day(retrofitted_on, "retrofitted_on"),
      serial: try check.text(serial, "serial"), energyMeter: try check.text(energy_meter, "energy_meter"),
      energyRollover: energy_rollover_wh, gateway: try check.text(gateway, "gateway"))
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
