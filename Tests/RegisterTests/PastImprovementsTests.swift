import Register
import Telemetry
import Testing

@Suite("An import that improves figures of past days says so before it is stored")
struct PastImprovementsTests {
  private static let today = CalendarDay(number: 20_000)

  private static func machine(
    _ id: String, _ factory: String = "F001", _ change: (inout RegisteredEquipment) -> Void = { _ in }
  ) -> RegisteredEquipment {
    var one = RegisteredEquipment(
      key: EquipmentKey(factory: factory, equipment: id), category: "lathe", automation: .manual,
      reportInterval: .seconds(60), commissionedOn: today - 1000)
    change(&one)
    return one
  }

  private static func findings(
    _ before: [RegisteredEquipment], _ after: [RegisteredEquipment], effective: CalendarDay = today - 10
  ) -> [PastImprovements.Finding] {
    let snapshot = RegisterSnapshot(
      version: 1, day: effective, entries: before.map { .init(equipment: $0, service: .inService) })
    return PastImprovements(
      before: snapshot, rows: RegisterRows(equipment: after), effectiveOn: effective, today: today
    ).findings
  }

  private static func finding(
    _ kind: PastImprovements.Kind, _ example: String, equipment: Int = 1, factories: Int = 1,
    _ before: String = "", _ after: String = "", since: CalendarDay = today - 10
  ) -> PastImprovements.Finding {
    PastImprovements.Finding(
      kind: kind, equipment: equipment, factories: factories,
      example: EquipmentKey(factory: "F001", equipment: example), before: before, after: after, since: since)
  }

  @Test("claims that are raised: one finding for each kind, with an example and counts") func raised() {
    let before = [Self.machine("E1"), Self.machine("E2"), Self.machine("E1", "F002")]
    let after = before.map { one in
      var one = one
      one.automation = .automatic
      if one.key.equipment == "E2" { (one.intelligent, one.digital, one.connectable) = (true, true, true) }
      return one
    }
    #expect(
      Self.findings(before, after) == [
        Self.finding(.automation, "E1", equipment: 3, factories: 2, "manual", "automatic"),
        Self.finding(.intelligent, "E2", "no", "yes"), Self.finding(.digital, "E2", "no", "yes"),
        Self.finding(.connectable, "E2", "no", "yes"),
      ])
  }

  @Test("attributes for forms that become better") func forms() {
    let before = Self.machine("E1") {
      ($0.process, $0.keyProcess, $0.idealCycle, $0.meterKind) = ("turning", true, .seconds(10), .electricity)
    }
    let after = Self.machine("E1") {
      ($0.process, $0.keyProcess, $0.idealCycle, $0.meterKind) = (
        "turning", false, .seconds(12), MeterKind.none
      )
    }
    #expect(
      Self.findings([before], [after]) == [
        Self.finding(.keyProcess, "E1", "yes", "no"), Self.finding(.idealCycle, "E1", "10", "12"),
        Self.finding(.meterKind, "E1", "electricity", "none"),
      ])
    let controlled = Self.machine("E1") { $0.cnc = true }
    #expect(Self.findings([Self.machine("E1")], [controlled]) == [Self.finding(.cnc, "E1", "", "yes")])
    #expect(Self.findings([controlled], [Self.machine("E1")]) == [])
  }

  @Test("nothing is said of an import that holds from today on, or of one that lowers figures")
  func harmless() {
    let better = Self.machine("E1") { $0.automation = .automatic }
    #expect(Self.findings([Self.machine("E1")], [better], effective: Self.today) == [])
    #expect(Self.findings([better], [Self.machine("E1")]) == [])
    let shorter = Self.machine("E1") { $0.reportInterval = .seconds(30) }
    #expect(Self.findings([Self.machine("E1")], [shorter]) == [])
    let retired = Self.machine("E1") { $0.decommissionedOn = Self.today }
    #expect(Self.findings([Self.machine("E1")], [retired]) == [])
  }

  @Test("a longer interval, and equipment that leaves the base set") func removed() {
    let longer = Self.machine("E1") { $0.reportInterval = .seconds(3600) }
    #expect(
      Self.findings([Self.machine("E1")], [longer]) == [Self.finding(.reportInterval, "E1", "60", "3600")])
    let retired = Self.machine("E1") { $0.decommissionedOn = Self.today - 5 }
    #expect(
      Self.findings([Self.machine("E1")], [retired]) == [
        Self.finding(.removed, "E1", "", (Self.today - 5).description, since: Self.today - 5)
      ])
    let sensor = Self.machine("E1") { $0.category = "sensor" }
    #expect(
      Self.findings([Self.machine("E1")], [sensor]) == [Self.finding(.removed, "E1", "lathe", "sensor")])
    let later = Self.machine("E1") { $0.commissionedOn = Self.today - 2 }
    #expect(
      Self.findings([Self.machine("E1")], [later]) == [
        Self.finding(.removed, "E1", (Self.today - 1000).description, (Self.today - 2).description)
      ])
  }

  @Test("rows in any order have the same findings: the example is the least key, the day the earliest")
  func order() {
    let rows = [("E3", 3000), ("E1", 1000), ("E2", 2000)].map { id, days in
      Self.machine(id, "F009") { $0.commissionedOn = Self.today - days }
    }
    let snapshot = RegisterSnapshot(version: 1, day: Self.today - 10, entries: [])
    var search = PastImprovementSearch(before: snapshot, effectiveOn: Self.today - 10, today: Self.today)
    #expect(search.improvements.findings == [])
    for one in rows { search.add(one) }
    #expect(
      search.improvements.findings == [
        PastImprovements.Finding(
          kind: .assumed, equipment: 3, factories: 1, example: EquipmentKey(factory: "F009", equipment: "E1"),
          before: "", after: (Self.today - 1000).description, since: Self.today - 3000)
      ])
  }

  @Test("good equipment added for past days, and the first import of a factory") func added() {
    let good = Self.machine("E2") { $0.digital = true }
    let early = Self.machine("E9", "F009")
    #expect(
      Self.findings([Self.machine("E1")], [good, Self.machine("E3"), early]) == [
        Self.finding(.added, "E2"),
        PastImprovements.Finding(
          kind: .assumed, equipment: 1, factories: 1, example: early.key, before: "",
          after: (Self.today - 1000).description, since: Self.today - 1000),
      ])
    // From today on, only the commissioning dates of a first import reach back.
    #expect(
      Self.findings([Self.machine("E1")], [good, early], effective: Self.today).map(\.kind) == [.assumed])
  }
}
