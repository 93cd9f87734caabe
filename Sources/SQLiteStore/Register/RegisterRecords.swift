import GRDB
import Journal
import Register
import Telemetry

/// Converts between rows of `register.sqlite` and the register's values.
enum RegisterRecords {
  /// The columns of `equipment_row`, in the order ``equipment(_:)`` reads them.
  static let equipmentColumns = """
    factory, equipment, version, workshop, line, name, category, automation, intelligent, digital, \
    connectable, report_interval_ms, commissioned_on, decommissioned_on, retrofitted_on, serial, \
    energy_meter, gateway, energy_rollover
    """
  static let insertEquipment = """
    INSERT INTO equipment_row (\(equipmentColumns))
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """
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
    return (equipment, try row.integer("version"))
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
    return RegisteredEquipment(
      key: key, workshop: try row.text(3), line: try row.text(4), name: try row.text(5),
      category: try row.text(6), automation: automation, intelligent: try flag(8), digital: try flag(9),
      connectable: try flag(10), reportInterval: try interval(row.optionalInteger(11), key),
      commissionedOn: try day(12), decommissionedOn: try day(13), retrofittedOn: try day(14),
      serial: try row.text(15), energyMeter: try row.text(16),
      energyRollover: try rollover(row.optionalInteger(18), key),
      gateway: try row.text(17))
  }

  /// Arguments of ``insertEquipment``.
  static func arguments(_ one: RegisteredEquipment, version: Int) -> StatementArguments {
    [
      one.key.factory, one.key.equipment, version, one.workshop, one.line, one.name, one.category,
      one.automation.rawValue, one.intelligent, one.digital, one.connectable,
      one.reportInterval?.milliseconds, one.commissionedOn?.number, one.decommissionedOn?.number,
      one.retrofittedOn?.number, one.serial, one.energyMeter, one.gateway,
      one.energyRollover,
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
