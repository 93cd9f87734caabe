import Register
import Telemetry
import Testing

@Suite("Energy meters by day") struct MeterHistoryTests {
  private let first = CalendarDay(number: 20_700)

  private func row(_ version: Int, from day: Int, _ meter: String) -> (
    import: RegisterImport, equipment: RegisteredEquipment
  ) {
    var equipment = RegisteredEquipment(key: EquipmentKey(factory: "F1", equipment: "E1"))
    equipment.energyMeter = meter
    return (
      RegisterImport(
        version: version, effectiveOn: first + day, importedAt: Timestamp(milliseconds: Int64(version))),
      equipment
    )
  }

  @Test("The meter is the one its row names, else its own, from the row's day on and before the first")
  func days() {
    let history = MeterHistory(
      [row(1, from: 0, ""), row(2, from: 10, "M1"), row(3, from: 20, "")], knownVersion: 3)
    #expect(
      [-5, 0, 9, 10, 19, 20, 40].map { history.meter(on: first + $0) } == [
        "E1", "E1", "E1", "M1", "M1", "E1", "E1",
      ])
    #expect(history.changes)
    #expect(
      [9, 10, 15, 25].map { history.change(until: first + $0) } == [nil, first + 10, first + 10, first + 20])
  }

  @Test("A later import of the same day replaces the earlier one; unknown ones say nothing") func replaced() {
    let rows = [row(1, from: 0, ""), row(2, from: 10, "M1"), row(3, from: 10, "E1")]
    #expect(!MeterHistory(rows, knownVersion: 3).changes)
    #expect(MeterHistory(rows, knownVersion: 2).meter(on: first + 10) == "M1")
    #expect(MeterHistory(rows, knownVersion: 1).meter(on: first + 10) == "E1")
    #expect(MeterHistory([], knownVersion: 3).meter(on: first) == "")
  }
}
