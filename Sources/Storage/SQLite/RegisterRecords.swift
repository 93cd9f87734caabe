import GRDB
import Register
import Telemetry

/// How rows of `register.sqlite` become the register's values and back.
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
    let word: String = row[7]
    let key = EquipmentKey(factory: row[0], equipment: row[1])
    guard let automation = Automation(rawValue: word) else {
      throw StoreError(.corrupt, "register.sqlite: \(key) has the unknown automation '\(word)'")
    }
    let equipment = RegisteredEquipment(
      key: key, workshop: row[3], line: row[4], name: row[5], category: row[6], automation: automation,
      intelligent: row[8], digital: row[9], connectable: row[10],
      reportInterval: (row[11] as Int64?).map { Span(milliseconds: $0) }, commissionedOn: day(row[12]),
      decommissionedOn: day(row[13]), retrofittedOn: day(row[14]), serial: row[15], energyMeter: row[16],
      energyRollover: row[18], gateway: row[17])
    return (equipment, row[2])
  }

  /// The equipment `key` of a row that is read by itself.
  static func equipment(
    _ row: StatementReader, key: EquipmentKey
  ) throws(StoreError) -> RegisteredEquipment {
    func day(_ column: Int32) throws(StoreError) -> CalendarDay? {
      let number: Int32? = try row.optionalInteger(column)
      return number.map(CalendarDay.init(number:))
    }
    func flag(_ column: Int32) throws(StoreError) -> Bool { try row.integer(column) != 0 }
    let word = try row.text(7)
    guard let automation = Automation(rawValue: word) else {
      throw StoreError(.corrupt, "register.sqlite: \(key) has the unknown automation '\(word)'")
    }
    let interval: Int64? = try row.optionalInteger(11)
    return RegisteredEquipment(
      key: key, workshop: try row.text(3), line: try row.text(4), name: try row.text(5),
      category: try row.text(6), automation: automation, intelligent: try flag(8), digital: try flag(9),
      connectable: try flag(10), reportInterval: interval.map { Span(milliseconds: $0) },
      commissionedOn: try day(12), decommissionedOn: try day(13), retrofittedOn: try day(14),
      serial: try row.text(15), energyMeter: try row.text(16), energyRollover: try row.optionalInteger(18),
      gateway: try row.text(17))
  }

  /// What ``insertEquipment`` binds.
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
  static func factory(_ row: Row) -> RegisteredFactory {
    RegisteredFactory(
      id: row[0], nameChinese: row[2], nameEnglish: row[3], industry: row[4], district: row[5],
      retrofitCompletedOn: day(row[6]))
  }

  /// What ``insertFactory`` binds.
  static func arguments(_ one: RegisteredFactory, version: Int) -> StatementArguments {
    [
      one.id, version, one.nameChinese, one.nameEnglish, one.industry, one.district,
      one.retrofitCompletedOn?.number,
    ]
  }

  private static func day(_ number: Int32?) -> CalendarDay? { number.map(CalendarDay.init(number:)) }
}
