import Register
import Telemetry
import Testing

@Suite("What an import changes")
struct RegisterDiffTests {
  @Test("new, changed by attribute, unchanged, and absent within the factories named")
  func kinds() {
    var history = RegisterHistory()
    history.append(
      RegisterRows(
        factories: [RegisteredFactory(id: "F1", nameEnglish: "Old Works"), RegisteredFactory(id: "F2")],
        equipment: [
          machine("E1", name: "lathe", from: 0), machine("E2", name: "drill"), machine("E3", name: "saw"),
          machine("E4", name: "scrap", from: 0, until: 3), machine("E1", factory: "F2"),
        ]), effectiveOn: day(5), importedAt: Timestamp(milliseconds: 0))
    var changed = machine("E1", name: "lathe 1", from: 0)
    changed.automation = .automatic
    changed.reportInterval = .seconds(60)
    (changed.cnc, changed.assetValue, changed.meterKind) = (false, 1_000_005, .heat)
    let rows = RegisterRows(
      factories: [RegisteredFactory(id: "F1", nameEnglish: "New Works"), RegisteredFactory(id: "F3")],
      equipment: [changed, machine("E2", name: "drill"), machine("E9", name: "robot")])
    let diff = RegisterDiff(before: history.snapshot(day: day(9)), rows: rows)

    typealias Attribute = RegisterDiff.Attribute
    #expect(diff.addedFactories == [RegisteredFactory(id: "F3")])
    #expect(
      diff.changedFactories == [
        RegisterDiff.Change(
          id: "F1",
          attributes: [Attribute(name: "name_en", chinese: "英文名称", old: "Old Works", new: "New Works")])
      ])
    #expect(diff.added == [machine("E9", name: "robot")])
    #expect(
      diff.changed == [
        RegisterDiff.Change(
          id: EquipmentKey(factory: "F1", equipment: "E1"),
          attributes: [
            Attribute(name: "name", chinese: "设备名称", old: "lathe", new: "lathe 1"),
            Attribute(name: "automation", chinese: "自动化程度", old: "unclassified", new: "automatic"),
            Attribute(name: "report_interval_s", chinese: "上报周期秒", old: "", new: "60"),
            Attribute(name: "cnc", chinese: "数控化", old: "", new: "no"),
            Attribute(name: "asset_value", chinese: "资产净值", old: "", new: "10000.05"),
            Attribute(name: "meter_kind", chinese: "计量器具类型", old: "", new: "heat"),
          ])
      ])
    #expect(diff.absent == [machine("E3", name: "saw")])
    #expect(diff.unchanged == 1)
    #expect(!diff.isEmpty)
  }

  @Test("the same rows again change nothing")
  func same() {
    var history = RegisterHistory()
    let rows = RegisterRows(factories: [RegisteredFactory(id: "F1")], equipment: [machine("E1")])
    history.append(rows, effectiveOn: day(5), importedAt: Timestamp(milliseconds: 0))
    let diff = RegisterDiff(before: history.snapshot(day: day(9)), rows: rows)
    #expect(diff.isEmpty)
    #expect(diff.unchanged == 1)
  }

  @Test("what is registered from a later day on is neither absent nor changed on this one, but new")
  func registeredLater() {
    var history = RegisterHistory()
    history.append([machine("E1", from: 0)], effective: 5)
    history.append([machine("E2", from: 0)], effective: 20)
    func diff(_ rows: [RegisteredEquipment], _ number: Int) -> RegisterDiff {
      RegisterDiff(before: history.snapshot(day: day(number)), rows: RegisterRows(equipment: rows))
    }
    #expect(diff([machine("E1", from: 0)], 10).absent == [])
    #expect(diff([machine("E1", from: 0)], 20).absent == [machine("E2", from: 0)])
    let earlier = diff([machine("E2", from: 0)], 10)
    #expect(earlier.added == [machine("E2", from: 0)] && earlier.unchanged == 0)
    #expect(earlier.absent == [machine("E1", from: 0)])
  }

  @Test("absent equipment can be retired on the effective day")
  func retiring() {
    let rows = RegisterRows(equipment: [machine("E2")]).retiring([machine("E1", from: 0)], on: day(7))
    #expect(rows.equipment == [machine("E1", from: 0, until: 7), machine("E2")])
    // One that would have come into service later never does, and its row stays one that can be read.
    let later = RegisterRows(equipment: []).retiring([machine("E3", from: 9)], on: day(7)).equipment[0]
    #expect(later.commissionedOn == nil)
    #expect(later.decommissionedOn == day(7))
  }

  @Test(
    "gateways, meters and sensors are not production equipment",
    arguments: [
      ("gateway", false), ("Gateway", false), ("METER", false), ("sensor", false), ("网关", false),
      ("电表", false), ("仪表", false), ("计量表", false), ("传感器", false), ("", true), ("CNC lathe", true),
      ("inspection machine", true), ("检测设备", true), ("MeteR", false), ("meters", true), ("电机", true),
      ("传感器2", true), ("Ｇateway", true),
    ])
  func production(_ category: String, _ expected: Bool) {
    var equipment = machine("E1")
    equipment.category = category
    #expect(equipment.isProduction == expected)
  }
}
