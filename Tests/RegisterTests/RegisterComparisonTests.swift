import Register
import Telemetry
import Testing

private typealias Attribute = RegisterDiff.Attribute

@Suite("What differs between two states of the register")
struct RegisterComparisonTests {
  private func key(_ id: String, _ factory: String = "F1") -> EquipmentKey {
    EquipmentKey(factory: factory, equipment: id)
  }

  @Test("between two days: added, retired, moved to another workshop, changed, unchanged")
  func days() {
    var history = RegisterHistory()
    var moving = machine("E3", name: "saw")
    moving.workshop = "W1"
    history.append(
      [
        machine("E1", name: "lathe", from: 0), machine("E2", name: "drill", from: 0, until: 15), moving,
        machine("E5", name: "press"), machine("E6", name: "planned", from: 12),
      ], effective: 5)
    moving.workshop = "W2"
    moving.digital = true
    history.append(
      [machine("E1", name: "lathe 1", from: 0), moving, machine("E4", name: "robot")], effective: 20)
    let comparison = RegisterComparison(
      before: history.snapshot(day: day(10)), after: history.snapshot(day: day(20)))

    #expect(comparison.added.map(\.equipment.key) == [key("E4"), key("E6")])
    #expect(comparison.retired.map(\.equipment.key) == [key("E2")])
    #expect(comparison.removed == [])
    #expect(comparison.moved.map(\.after.key) == [key("E3")])
    #expect(
      comparison.moved.first?.attributes == [
        Attribute(name: "workshop", chinese: "车间", old: "W1", new: "W2"),
        Attribute(name: "digital", chinese: "数字化", old: "no", new: "yes"),
      ])
    #expect(
      comparison.changed == [
        .init(
          id: key("E1"),
          attributes: [Attribute(name: "name", chinese: "设备名称", old: "lathe", new: "lathe 1")])
      ])
    #expect(comparison.unchanged == 1)
    #expect(!comparison.isEmpty)
  }

  @Test("between two states of knowledge: factories too, and what was learned to be otherwise is removed")
  func knowledge() {
    var history = RegisterHistory()
    history.append([machine("E1"), machine("E2", from: 0)], effective: 5)
    history.append(
      RegisterRows(
        factories: [RegisteredFactory(id: "F1", industry: "forging"), RegisteredFactory(id: "F2")],
        equipment: [machine("E1", from: 90), machine("E3", from: 0), machine("E1", factory: "F2", from: 0)]),
      effectiveOn: day(5), importedAt: Timestamp(milliseconds: 9000))
    let (old, new) = (
      history.snapshot(day: day(10), knownVersion: 1), history.snapshot(day: day(10), knownVersion: 2)
    )
    let comparison = RegisterComparison(before: old, after: new)
    #expect(comparison.addedFactories == [RegisteredFactory(id: "F2")])
    #expect(
      comparison.changedFactories == [
        .init(
          id: "F1", attributes: [Attribute(name: "industry", chinese: "行业", old: "", new: "forging")])
      ])
    #expect(comparison.removed == [.init(equipment: machine("E1"), service: .inService)])
    #expect(comparison.added.map(\.equipment.key) == [key("E3"), key("E1", "F2")])
    #expect(comparison.unchanged == 1)

    let back = RegisterComparison(before: new, after: old)
    #expect(back.removedFactories == [RegisteredFactory(id: "F2")])
    #expect(back.removed.map(\.equipment.key) == [key("E3"), key("E1", "F2")])
    #expect(back.added.map(\.equipment.key) == [key("E1")])

    let second = RegisterComparison(before: old, after: new, factory: "F2")
    #expect(second.addedFactories == [RegisteredFactory(id: "F2")])
    #expect(second.changedFactories == [])
    #expect(second.added.map(\.equipment.key) == [key("E1", "F2")])
    #expect(second.removed == [])
    #expect(second.unchanged == 0)
  }

  @Test("what is registered from a later day on is in neither of two days before it") func registeredLater() {
    var history = RegisterHistory()
    history.append([machine("E1", from: 0)], effective: 5)
    history.append([machine("E2", from: 0)], effective: 20)
    func compare(_ a: Int, _ b: Int, known: Int = 2) -> RegisterComparison {
      RegisterComparison(
        before: history.snapshot(day: day(a), knownVersion: known), after: history.snapshot(day: day(b)))
    }
    #expect(compare(6, 7).isEmpty && compare(6, 7).unchanged == 1)
    #expect(compare(19, 20).added.map(\.equipment) == [machine("E2", from: 0)])
    // Learned of day 7 by the second import: nothing.
    #expect(compare(7, 7, known: 1).isEmpty)
  }

  @Test("a serial number that left one factory and came into service in another is a move, seen by both")
  func betweenFactories() {
    let (before, after) = transfer(serials: ["S1"])
    for factory in [nil, "F1", "F2"] {
      let comparison = RegisterComparison(before: before, after: after, factory: factory)
      #expect(comparison.moved.map(\.before.key) == [key("A0")])
      #expect(comparison.moved.map(\.after.key) == [key("B0", "F2")])
      #expect(comparison.moved.first?.isBetweenFactories == true)
      #expect(
        comparison.moved.first?.attributes == [
          Attribute(name: "equipment_id", chinese: "资产编号", old: "A0", new: "B0"),
          Attribute(name: "factory_id", chinese: "企业编号", old: "F1", new: "F2"),
          Attribute(name: "commissioned_on", chinese: "投用日期", old: "2026-01-01", new: "2026-01-21"),
        ])
      #expect(comparison.added == [])
      #expect(comparison.retired == [])
    }
    let elsewhere = RegisterComparison(before: before, after: after, factory: "F3")
    #expect(elsewhere.isEmpty)
  }

  @Test(
    "without a serial number, or with one that several have, nothing is taken for a move",
    arguments: [
      [""], ["S1", "S1"],
    ])
  func noMove(_ serials: [String]) {
    let (before, after) = transfer(serials: serials)
    let comparison = RegisterComparison(before: before, after: after)
    #expect(comparison.moved == [])
    #expect(comparison.retired.count == serials.count)
    #expect(comparison.added.count == serials.count)
  }

  @Test("the same state twice differs in nothing")
  func same() {
    var history = RegisterHistory()
    history.append([machine("E1"), machine("E2", from: 50)], effective: 5)
    let snapshot = history.snapshot(day: day(9))
    let comparison = RegisterComparison(before: snapshot, after: snapshot)
    #expect(comparison.isEmpty)
    #expect(comparison.unchanged == 2)
  }

  /// Days 10 and 30 of machines that factory F1 retires on day 20 and F2 commissions then.
  private func transfer(serials: [String]) -> (RegisterSnapshot, RegisterSnapshot) {
    func machines(_ prefix: String, _ factory: String, from: Int, until: Int? = nil) -> [RegisteredEquipment]
    {
      serials.enumerated().map { index, serial in
        var one = machine("\(prefix)\(index)", factory: factory, from: from, until: until)
        one.serial = serial
        return one
      }
    }
    let factories = ["F1", "F2", "F3"].map { RegisteredFactory(id: $0) }
    var history = RegisterHistory()
    history.append(
      RegisterRows(factories: factories, equipment: machines("A", "F1", from: 0)), effectiveOn: day(0),
      importedAt: Timestamp(milliseconds: 1))
    history.append(
      RegisterRows(
        equipment: machines("A", "F1", from: 0, until: 20) + machines("B", "F2", from: 20)),
      effectiveOn: day(20), importedAt: Timestamp(milliseconds: 2))
    return (history.snapshot(day: day(10)), history.snapshot(day: day(30)))
  }
}

@Suite("The versions of an equipment")
struct EquipmentHistoryTests {
  private func row(
    _ version: Int, effective: Int, _ name: String
  ) -> (import: RegisterImport, equipment: RegisteredEquipment) {
    let at = Timestamp(milliseconds: Int64(version))
    return (
      RegisterImport(version: version, effectiveOn: day(effective), importedAt: at), machine("E1", name: name)
    )
  }

  @Test("each version changes the row that spoke on its day, and holds until the next effective date")
  func versions() {
    let history = EquipmentHistory([
      row(1, effective: 10, "a"), row(3, effective: 30, "b"), row(4, effective: 20, "c"),
      row(7, effective: 30, "d"),
    ])
    func name(_ old: String, _ new: String) -> [Attribute] {
      [Attribute(name: "name", chinese: "设备名称", old: old, new: new)]
    }
    #expect(history.versions.map(\.origin.version) == [1, 3, 4, 7])
    #expect(history.versions.map(\.replaces) == [nil, 1, 1, 3])
    #expect(history.versions.map(\.changes) == [[], name("a", "b"), name("a", "c"), name("b", "d")])
    #expect(
      history.versions.map(\.end) == [
        .until(day: day(20), version: 4), .replaced(version: 7), .until(day: day(30), version: 7), .open,
      ])
  }

  @Test("a row that says the same changes nothing; an equipment without rows has no versions")
  func nothing() {
    let history = EquipmentHistory([row(1, effective: 10, "a"), row(2, effective: 20, "a")])
    #expect(history.versions.map(\.changes) == [[], []])
    #expect(history.versions.map(\.replaces) == [nil, 1])
    #expect(EquipmentHistory([]).versions == [])
  }
}
