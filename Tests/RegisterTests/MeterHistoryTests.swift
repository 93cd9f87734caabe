import Register
import Telemetry
import Testing

@Suite("Energy meters by day") struct MeterHistoryTests {
  private let first = CalendarDay(number: 20_700)

  private func row(_ version: Int, from day: Int, _ meter: String) -> (import: RegisterImport, meter: String)
  {
    (
      RegisterImport(
        version: version, effectiveOn: first + day, importedAt: Timestamp(milliseconds: Int64(version))),
      meter
    )
  }

  @Test("The meter is the one its row names, from the row's day on and before the first") func days() {
    let history = MeterHistory([row(3, from: 20, "E1"), row(1, from: 0, "E1"), row(2, from: 10, "M1")])
    #expect(
      [-5, 0, 9, 10, 19, 20, 40].map { history.meter(on: first + $0) } == [
        "E1", "E1", "E1", "M1", "M1", "E1", "E1",
      ])
    #expect(history.changes)
    #expect(
      [9, 10, 15, 25].map { history.change(until: first + $0) } == [nil, first + 10, first + 10, first + 20])
  }

  @Test("A later import of the same day replaces the earlier one") func replaced() {
    let rows = [row(1, from: 0, "E1"), row(2, from: 10, "M1"), row(3, from: 10, "E1")]
    #expect(!MeterHistory(rows).changes)
    #expect(MeterHistory(rows.dropLast()).meter(on: first + 10) == "M1")
    #expect(MeterHistory(rows.prefix(1)).meter(on: first + 10) == "E1")
    #expect(MeterHistory([]).meter(on: first) == "")
  }

  @Test("A register has the histories of equipment whose meter changes, as known at a version")
  func register() {
    func rows(_ meters: [String: String]) -> RegisterRows {
      RegisterRows(
        factories: [],
        equipment: meters.sorted { $0.key < $1.key }.map {
          RegisteredEquipment(key: EquipmentKey(factory: "F1", equipment: $0.key), energyMeter: $0.value)
        })
    }
    var history = RegisterHistory()
    history.append(
      rows(["E1": "", "E2": "M1", "E3": ""]), effectiveOn: first, importedAt: Timestamp(milliseconds: 1))
    history.append(
      rows(["E1": "M1", "E2": "M1", "E3": "E3"]), effectiveOn: first + 5,
      importedAt: Timestamp(milliseconds: 2))
    let e1 = EquipmentKey(factory: "F1", equipment: "E1")
    #expect(history.meterHistories().keys.sorted() == [e1])
    #expect(history.meterHistories()[e1] == MeterHistory([row(1, from: 0, "E1"), row(2, from: 5, "M1")]))
    #expect(history.meterHistories(knownVersion: 1).isEmpty)
  }
}
