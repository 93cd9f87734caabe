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

  @Test("a meter of its own, which is no production equipment, is compared in its own base") func meters() {
    func meter(_ change: (inout RegisteredEquipment) -> Void = { _ in }) -> RegisteredEquipment {
      Self.machine("M1") {
        ($0.category, $0.meterKind) = ("meter", .gas)
        change(&$0)
      }
    }
    #expect(
      Self.findings([meter()], [meter { $0.meterKind = MeterKind.none }]) == [
        Self.finding(.meterKind, "M1", "gas", "none")
      ])
    #expect(
      Self.findings([meter()], [meter { $0.meterKind = nil }]) == [Self.finding(.meterKind, "M1", "gas", "")])
    #expect(
      Self.findings([meter()], [meter { $0.decommissionedOn = Self.today - 3 }]) == [
        Self.finding(.meterRemoved, "M1", "", (Self.today - 3).description, since: Self.today - 3)
      ])
    #expect(Self.findings([meter { $0.meterKind = nil }], [meter()]) == [])
    // What is said of machines does not count for a meter.
    #expect(Self.findings([meter()], [meter { ($0.digital, $0.cnc) = (true, true) }]) == [])
    #expect(Self.findings([meter()], [meter()]) == [])
  }

  @Test("each row counts on its own days: equipment that begins after the effective day") func laterService()
  {
    func later(_ change: (inout RegisteredEquipment) -> Void = { _ in }) -> RegisteredEquipment {
      Self.machine("E4") {
        ($0.commissionedOn, $0.automation) = (Self.today - 4, .automatic)
        change(&$0)
      }
    }
    func findings(_ after: RegisteredEquipment) -> [PastImprovements.Finding] {
      let entry = RegisterSnapshot.Entry(equipment: later(), service: .notYet)
      return PastImprovements(
        before: RegisterSnapshot(version: 1, day: Self.today - 10, entries: [entry]),
        rows: RegisterRows(equipment: [after]), effectiveOn: Self.today - 10, today: Self.today
      ).findings
    }
    #expect(findings(later()) == [])
    #expect(
      findings(later { $0.digital = true }) == [
        Self.finding(.digital, "E4", "no", "yes", since: Self.today - 4)
      ])
    #expect(
      findings(later { $0.decommissionedOn = Self.today - 2 }) == [
        Self.finding(.removed, "E4", "", (Self.today - 2).description, since: Self.today - 2)
      ])
    #expect(
      findings(later { $0.commissionedOn = Self.today - 6 }) == [
        Self.finding(.added, "E4", since: Self.today - 6)
      ])
    // Retired before the effective day, and now for some days of the past again.
    let gone = Self.machine("E5") { ($0.cnc, $0.decommissionedOn) = (true, Self.today - 20) }
    let entry = RegisterSnapshot.Entry(equipment: gone, service: .retired)
    var again = gone
    again.decommissionedOn = Self.today - 8
    #expect(
      PastImprovements(
        before: RegisterSnapshot(version: 1, day: Self.today - 10, entries: [entry]),
        rows: RegisterRows(equipment: [again]), effectiveOn: Self.today - 10, today: Self.today
      ).findings == [Self.finding(.added, "E5")])
  }

  /// A change of one column: the values before and after, and whether a figure can become better by it.
  private typealias Change = (
    before: (inout RegisteredEquipment) -> Void, after: (inout RegisteredEquipment) -> Void, isBetter: Bool
  )

  /// Changes of a column in either direction; none for a column that no figure rests on.
  private static func changes(_ column: EquipmentColumn) -> [Change] {
    func of<Value>(
      _ path: WritableKeyPath<RegisteredEquipment, Value>, _ changes: [(Value, Value, Bool)]
    ) -> [Change] {
      changes.map { before, after, isBetter in
        ({ $0[keyPath: path] = before }, { $0[keyPath: path] = after }, isBetter)
      }
    }
    let flag = [(false, true, true), (true, false, false)]
    switch column {
    case .automation:
      return of(
        \.automation,
        [
          (.manual, .automatic, true), (.unclassified, .automatic, true), (.manual, .semiAutomatic, false),
          (.automatic, .manual, false),
        ])
    case .intelligent: return of(\.intelligent, flag)
    case .connectable: return of(\.connectable, flag)
    // Either way: it is the numerator of one ratio and the denominator of another.
    case .digital: return of(\.digital, [(false, true, true), (true, false, true)])
    case .cnc:
      return of(\.cnc, [(nil, true, true), (false, true, true), (nil, false, false), (true, nil, false)])
    case .process:
      return of(\.process, [("turning", "milling", true), ("turning", "", true), ("", "turning", false)])
    case .keyProcess: return of(\.keyProcess, [(true, false, true), (nil, true, true), (nil, false, false)])
    case .idealCycle:
      return of(
        \.idealCycle,
        [
          (.seconds(10), .seconds(12), true), (.seconds(10), nil, true), (.seconds(10), .seconds(8), false),
          (nil, .seconds(8), false),
        ])
    case .assetValue:
      return of(
        \.assetValue, [(100, 900_000, true), (900_000, 100, true), (100, nil, true), (nil, 100, false)])
    case .meterKind:
      return of(
        \.meterKind,
        [
          (.gas, MeterKind.none, true), (.gas, nil, true), (MeterKind.none, nil, true), (.gas, .water, false),
          (nil, .gas, false),
        ])
    case .countsOutput:
      return of(
        \.countsOutput,
        [(true, nil, true), (true, false, true), (false, true, true), (nil, true, true), (nil, false, false)])
    case .reportInterval:
      return of(
        \.reportInterval,
        [
          (.seconds(60), .seconds(3600), true), (nil, .seconds(3600), true), (.seconds(60), nil, true),
          (.seconds(60), .seconds(30), false),
        ])
    default: return []
    }
  }

  @Test(
    "every column of the register: changes that can make a figure better, and changes that cannot",
    arguments: EquipmentColumn.allCases)
  func columns(_ column: EquipmentColumn) {
    let withoutFigures: Set<EquipmentColumn> = [
      .equipmentID, .factoryID, .workshop, .line, .name, .category, .commissionedOn, .decommissionedOn,
      .retrofittedOn, .serial, .energyMeter, .energyRollover, .gateway,
    ]
    let changes = Self.changes(column)
    #expect(changes.isEmpty == withoutFigures.contains(column))
    for (place, change) in changes.enumerated() {
      let (before, after) = (
        Self.machine("E1", "F001", change.before), Self.machine("E1", "F001", change.after)
      )
      let found = Self.findings([before], [after])
      #expect(found.count == (change.isBetter ? 1 : 0), "\(column) \(place): \(found)")
      #expect(found.allSatisfy { $0.kind.isFlagged && $0.before == column.text(of: before) })
      let columns = after.improvements(over: before)
      #expect(
        columns == (change.isBetter && column != .reportInterval ? [column] : []), "\(column) \(place)")
    }
  }

  @Test("columns that only matter together: the value of a chosen machine, a step of a controlled one")
  func together() {
    let chosen = Self.machine("E1") { $0.digital = true }
    var valued = chosen
    valued.assetValue = 100
    #expect(Self.findings([chosen], [valued]) == [Self.finding(.assetValue, "E1", "", "1")])
    let controlled = Self.machine("E1") { $0.cnc = true }
    var placed = controlled
    placed.process = "turning"
    #expect(Self.findings([controlled], [placed]) == [Self.finding(.process, "E1", "", "turning")])
    // A machine that is only numerically controlled, or only connectable, raises a ratio too.
    for change: (inout RegisteredEquipment) -> Void in [{ $0.cnc = true }, { $0.connectable = true }] {
      #expect(Self.findings([chosen], [Self.machine("E2", "F001", change)]) == [Self.finding(.added, "E2")])
    }
  }
}
