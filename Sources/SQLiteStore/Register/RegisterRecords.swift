import GRDB
import Journal
import Register
import Telemetry

/// Converts between rows of `register.sqlite` and the register's values.
enum RegisterRecords {
  /// The columns of `equipment_row`, in the order ``equipment(_:)`` reads them.
  private static let firstColumns = """
    factory, equipment, version, workshop, line, name, category, automation, intelligent, digital, \
    connectable, report_interval_ms, commissioned_on, decommissioned_on, retrofitted_on, serial, \
    energy_meter, gateway, energy_rollover
    """
  private static let formColumns = [
    "cnc", "process", "key_process", "ideal_cycle_ms", "asset_value", "meter_kind", "counts_output",
  ]
  static let insertEquipment = """
    INSERT INTO equipment_row (\(firstColumns), \(formColumns.joined(separator: ", ")))
    VALUES (\(Array(repeating: "?", count: 26).joined(separator: ", ")))
    """

  /// The columns of `equipment_row` in a database. Those that an older Millwright did not make are empty.
  static func equipmentColumns(_ database: Database) throws -> String {
    try readSchemaAnew(database)
    let present = try String.fetchSet(database, sql: "SELECT name FROM pragma_table_info('equipment_row')")
    return firstColumns + formColumns.map { present.contains($0) ? ", \($0)" : ", NULL AS \($0)" }.joined()
  }

  /// Makes a connection notice that another one upgraded the register: SQLite compares the schema's version when it
  /// reads a table. Columns are asked of SQLite each time, because GRDB keeps those it has been told.
  static func readSchemaAnew(_ database: Database) throws {
    _ = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master")
  }

  /// The columns of `factory_row`, in the order ``factory(_:)`` reads them.
  static let factoryColumns = "factory, version, name_zh, name_en, industry, district, retrofit_completed_on"
  static let insertFactory = "INSERT INTO factory_row (\(factoryColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)"

  /// The equipment of a row and the version of its import.
  static func equipment(_ row: Row) throws -> (RegisteredEquipment, version: Int) {
    func flag(_ column: String) throws -> Bool { try row.integer(column) as Int64 != 0 }
    let word = try row.text("automation")
    let key = EquipmentKey(factory: try row.text("factory"), equipment: try row.text("equipment"))
    guard let automation = Automation(rawValue: word) else {
      throw StoreError(.corrupt, "register.sqlite: \(key) has the unknown automation '\(word)'")
    }
    let equipment = RegisteredEquipment(
      key: key, workshop: try row.text("workshop"), line: try row.text("line"), name: try row.text("name"),
      category: try row.text("category"), automation: automation, intelligent: try flag("intelligent"),
      digital: try flag("digital"), connectable: try flag("connectable"),
      reportInterval: try interval(row.optionalInteger("report_interval_ms"), key),
      commissionedOn: try row.optionalDay("commissioned_on"),
      decommissionedOn: try row.optionalDay("decommissioned_on"),
      retrofittedOn: try row.optionalDay("retrofitted_on"), serial: try row.text("serial"),
      energyMeter: try row.text("energy_meter"),
      energyRollover: try rollover(row.optionalInteger("energy_rollover"), key),
      gateway: try row.text("gateway"))
    let form = FormColumns(
      cnc: try row.optionalInteger("cnc"), process: try row.optionalText("process"),
      keyProcess: try row.optionalInteger("key_process"), cycle: try row.optionalInteger("ideal_cycle_ms"),
      value: try row.optionalInteger("asset_value"), meterKind: try row.optionalText("meter_kind"),
      countsOutput: try row.optionalInteger("counts_output"))
    return (try form.added(to: equipment), try row.integer("version"))
  }

  /// Attributes for forms as they are stored.
  private struct FormColumns {
    var cnc: Int64?
    var process: String?
    var keyProcess: Int64?
    var cycle: Int64?
    var value: Int64?
    var meterKind: String?
    var countsOutput: Int64?

    /// The equipment with these attributes, checked.
    func added(to equipment: RegisteredEquipment) throws(StoreError) -> RegisteredEquipment {
      var equipment = equipment
      let key = equipment.key
      equipment.cnc = cnc.map { $0 != 0 }
      equipment.process = process ?? ""
      equipment.keyProcess = keyProcess.map { $0 != 0 }
      if let cycle {
        guard (1...RegisteredEquipment.longestCycle.milliseconds).contains(cycle) else {
          throw StoreError(.corrupt, "register.sqlite: \(key) has an impossible ideal cycle, \(cycle) ms")
        }
        equipment.idealCycle = .milliseconds(cycle)
      }
      if let value, !(0...Money.largest).contains(value) {
        throw StoreError(.corrupt, "register.sqlite: \(key) has an impossible asset value, \(value)")
      }
      equipment.assetValue = value
      if let meterKind {
        guard let kind = MeterKind(rawValue: meterKind) else {
          throw StoreError(.corrupt, "register.sqlite: \(key) has the unknown kind of meter '\(meterKind)'")
        }
        equipment.meterKind = kind
      }
      equipment.countsOutput = countsOutput.map { $0 != 0 }
      return equipment
    }
  }

  /// Checks a report interval: above 0 and at most 31 days.
  private static func interval(_ stored: Int64?, _ key: EquipmentKey) throws(StoreError) -> Span? {
    guard let stored else { return nil }
    guard stored > 0, stored <= Span.days(31).milliseconds else {
      throw StoreError(.corrupt, "register.sqlite: \(key) has an impossible report interval, \(stored) ms")
    }
    return Span(milliseconds: stored)
  }

  /// Checks a value at which a meter rolls over, in thousandths: above 0 and at most 2⁶⁰.
  private static func rollover(_ stored: Int64?, _ key: EquipmentKey) throws(StoreError) -> Int64? {
    guard let stored else { return nil }
    guard stored > 0, stored <= 1 << 60 else {
      throw StoreError(.corrupt, "register.sqlite: \(key) has an impossible energy rollover, \(stored)")
    }
    return stored
  }

  /// The equipment `key` of a row that is read by itself.
  static func equipment(
    _ row: StatementReader, key: EquipmentKey
  ) throws(StoreError) -> RegisteredEquipment {
    func day(_ column: Int32) throws(StoreError) -> CalendarDay? { try row.optionalDay(column) }
    func flag(_ column: Int32) throws(StoreError) -> Bool { try row.integer(column) != 0 }
    let word = try row.text(7)
    guard let automation = Automation(rawValue: word) else {
      throw StoreError(.corrupt, "register.sqlite: \(key) has the unknown automation '\(word)'")
    }
    let equipment = RegisteredEquipment(
      key: key, workshop: try row.text(3), line: try row.text(4), name: try row.text(5),
      category: try row.text(6), automation: automation, intelligent: try flag(8), digital: try flag(9),
      connectable: try flag(10), reportInterval: try interval(row.optionalInteger(11), key),
      commissionedOn: try day(12), decommissionedOn: try day(13), retrofittedOn: try day(14),
      serial: try row.text(15), energyMeter: try row.text(16),
      energyRollover: try rollover(row.optionalInteger(18), key),
      gateway: try row.text(17))
    let form = FormColumns(
      cnc: try row.optionalInteger(19), process: try row.optionalText(20),
      keyProcess: try row.optionalInteger(21), cycle: try row.optionalInteger(22),
      value: try row.optionalInteger(23), meterKind: try row.optionalText(24),
      countsOutput: try row.optionalInteger(25))
    return try form.added(to: equipment)
  }

  /// Arguments of ``insertEquipment``.
  static func arguments(_ one: RegisteredEquipment, version: Int) -> StatementArguments {
    [
      one.key.factory, one.key.equipment, version, one.workshop, one.line, one.name, one.category,
      one.automation.rawValue, one.intelligent, one.digital, one.connectable,
      one.reportInterval?.milliseconds, one.commissionedOn?.number, one.decommissionedOn?.number,
      one.retrofittedOn?.number, one.serial, one.energyMeter, one.gateway,
      one.energyRollover, one.cnc, one.process.isEmpty ? nil : one.process, one.keyProcess,
      one.idealCycle?.milliseconds, one.assetValue, one.meterKind?.rawValue, one.countsOutput,
    ]
  }

  /// The factory of a row.
  static func factory(_ row: Row) throws(StoreError) -> RegisteredFactory {
    RegisteredFactory(
      id: try row.text("factory"), nameChinese: try row.text("name_zh"), nameEnglish: try row.text("name_en"),
      industry: try row.text("industry"), district: try row.text("district"),
      retrofitCompletedOn: try row.optionalDay("retrofit_completed_on"))
  }

  /// Arguments of ``insertFactory``.
  static func arguments(_ one: RegisteredFactory, version: Int) -> StatementArguments {
    [
      one.id, version, one.nameChinese, one.nameEnglish, one.industry, one.district,
      one.retrofitCompletedOn?.number,
    ]
  }
}
