import Register
import Telemetry

/// A factory's row of `register.json`, without its id: a pack is of one factory.
extension RegisteredFactory: PackFields {
  static var blank: RegisteredFactory { RegisteredFactory(id: "") }

  mutating func code<Coder: PackFieldCoder>(with coder: inout Coder) throws {
    try coder.text("name_zh", &nameChinese)
    try coder.text("name_en", &nameEnglish)
    try coder.text("industry", &industry)
    try coder.text("district", &district)
    try coder.day("retrofit_completed_on", &retrofitCompletedOn)
  }
}

/// An equipment's row of `register.json`, without the factory's id.
extension RegisteredEquipment: PackFields {
  static var blank: RegisteredEquipment {
    RegisteredEquipment(
      key: EquipmentKey(factory: "", equipment: ""), workshop: "", name: "", category: "",
      automation: .unclassified)
  }

  mutating func code<Coder: PackFieldCoder>(with coder: inout Coder) throws {
    var id = key.equipment
    try coder.text("equipment", &id)
    try coder.require(EquipmentKey.isID(id.utf8), "equipment")
    key = EquipmentKey(factory: key.factory, equipment: id)
    try coder.text("workshop", &workshop)
    try coder.text("line", &line)
    try coder.text("name", &name)
    try coder.text("category", &category)
    try coder.word("automation", &automation, Automation.allCases.map { ($0.rawValue, $0) })
    try coder.flag("intelligent", &intelligent)
    try coder.flag("digital", &digital)
    try coder.flag("connectable", &connectable)
    var interval = reportInterval?.milliseconds
    try coder.number("report_interval_ms", &interval, 1...Span.days(31).milliseconds)
    reportInterval = interval.map { .milliseconds($0) }
    try coder.day("commissioned_on", &commissionedOn)
    try coder.day("decommissioned_on", &decommissionedOn)
    try coder.day("retrofitted_on", &retrofittedOn)
    try coder.text("serial", &serial)
    try coder.text("energy_meter", &energyMeter)
    try coder.number("energy_rollover_wh", &energyRollover, 1...1 << 60)
    try coder.text("gateway", &gateway)
    try coder.flag("cnc", &cnc)
    try coder.textIfAny("process", &process)
    try coder.flag("key_process", &keyProcess)
    var cycle = idealCycle?.milliseconds
    try coder.number("ideal_cycle_ms", &cycle, 1...Self.longestCycle.milliseconds)
    idealCycle = cycle.map { .milliseconds($0) }
    try coder.number("asset_value_fen", &assetValue, 0...Money.largest)
    try coder.word("meter_kind", &meterKind, MeterKind.allCases.map { ($0.rawValue, $0) })
    try coder.flag("counts_output", &countsOutput)
  }
}
