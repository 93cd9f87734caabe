import Register
import Telemetry
import TestSupport

/// One factory: the register's rows as they first were, and the machines behind them.
struct GeneratedFactory {
  /// A sender and what it is like.
  struct Member {
    var key: EquipmentKey
    /// The workshop in its topic.
    var workshop: String
    var traits: MachineTraits
    /// The days, counted from the plan's first, on which it sends.
    var days: Range<Int>
  }

  let factory: RegisteredFactory
  /// Ascending by key.
  private(set) var rows: [RegisteredEquipment] = []
  /// Those who send, the register's and strangers.
  private(set) var members: [Member] = []

  private let plan: GeneratorPlan
  private var draw: SeededGenerator

  /// Factory `number`, counting from 1.
  init(_ number: Int, of plan: GeneratorPlan) {
    self.plan = plan
    draw = plan.draw(number, of: 2)
    let id = plan.factoryIDs[number - 1]
    factory = RegisteredFactory(
      id: id, nameChinese: "模拟工厂 \(id)", nameEnglish: "Synthetic Plant \(id)", industry: "machinery",
      district: "synthetic", retrofitCompletedOn: plan.firstDay - draw.within(100...600))
    let meters = min(3, plan.equipment / 4)
    for position in 1...max(1, plan.equipment - meters - 1) { addMachine(position, meters: meters) }
    for meter in 1..<(meters + 1) { addMeter(meter) }
    rows.append(row("GW01", workshop: "W01", line: "", category: "gateway", automation: .unclassified))
    rows.sort { $0.key < $1.key }
    if number % 3 == 0 {
      members.append(
        Member(
          key: EquipmentKey(factory: id, equipment: "X01"), workshop: "W01", traits: MachineTraits(),
          days: 0..<plan.days))
    }
  }

  private func row(
    _ id: String, workshop: String, line: String, category: String, automation: Automation
  ) -> RegisteredEquipment {
    RegisteredEquipment(
      key: EquipmentKey(factory: factory.id, equipment: id), workshop: workshop, line: line,
      name: "模拟\(category) \(id)", category: category, automation: automation, digital: true,
      connectable: true, commissionedOn: plan.firstDay - 700, serial: "SIM-\(factory.id)-\(id)",
      gateway: category == "gateway" ? "" : "GW01")
  }

  private mutating func addMeter(_ number: Int) {
    let id = "M" + GeneratorPlan.padded(number)
    var meter = row(id, workshop: "W01", line: "", category: "meter", automation: .unclassified)
    meter.energyRollover = number == 1 ? 100_000_000_000 : nil
    rows.append(meter)
    var traits = MachineTraits()
    traits.isMeter = true
    traits.interval = 300_000
    traits.delay = Int64(draw.within(50...900))
    traits.watts = 400_000
    traits.hasPieces = false
    traits.hasMode = false
    members.append(Member(key: meter.key, workshop: "W01", traits: traits, days: 0..<plan.days))
  }

  private mutating func addMachine(_ position: Int, meters: Int) {
    let id = "E" + GeneratorPlan.padded(position)
    let kinds: [Automation] = [.automatic, .automatic, .semiAutomatic, .manual, .unclassified]
    var one = row(
      id, workshop: "W" + GeneratorPlan.padded(position / 50 + 1).suffix(2),
      line: "L\(position % 50 / 10 + 1)", category: "machining centre",
      automation: kinds[draw.within(0...4)])
    one.intelligent = draw.happens(200)
    one.digital = draw.happens(970)
    one.connectable = draw.happens(960)
    one.retrofittedOn = plan.firstDay - draw.within(30...600)
    if meters > 0, draw.happens(400) { one.energyMeter = "M" + GeneratorPlan.padded(draw.within(1...meters)) }
    let intervals: [Int64?] = [
      60, 60, 60, 60, 60, 60, 60, 30, 300, 300, nil, nil, 600, 60, 60, 60, 60, 60, 60, 3600,
    ]
    one.reportInterval = intervals[draw.within(0...19)].map { Span.seconds($0) }
    if draw.happens(20) { one.commissionedOn = plan.firstDay + draw.within(0...plan.days - 1) }
    rows.append(one)
    let fate = draw.within(0...99)
    guard fate >= 4 else { return }
    let from = max(0, Int(((one.commissionedOn ?? plan.firstDay).number - plan.firstDay.number)))
    members.append(
      Member(key: one.key, workshop: one.workshop, traits: traits(of: one, fate), days: from..<plan.days))
  }

  private mutating func traits(of one: RegisteredEquipment, _ fate: Int) -> MachineTraits {
    var traits = MachineTraits()
    traits.interval = one.reportInterval?.milliseconds ?? 60_000
    traits.delay = Int64(draw.within(50...900))
    switch draw.within(0...99) {
    case ..<60: traits.hours = .shift(start: 8 * 60, end: 20 * 60)
    case ..<85: traits.hours = .shift(start: 7 * 60 + 30, end: 23 * 60 + 30)
    default: traits.hours = .roundTheClock
    }
    traits.worksSaturdays = draw.happens(600)
    if traits.hours != .roundTheClock { traits.powersDown = draw.happens(350) }
    traits.countersReset = draw.happens(100)
    traits.flaps = fate < 6
    // A clock eight hours behind, and some a little: without sessions, whose times are the receiver's.
    let behind: Int64 = draw.happens(5) ? 8 * 3_600_000 : draw.happens(10) ? 240_000 : 0
    if behind > 0 {
      traits.delay += behind
      (traits.powersDown, traits.flaps) = (false, false)
    }
    traits.hasMode = draw.happens(800)
    traits.worksByHand = draw.happens(one.automation == .automatic ? 30 : 400)
    traits.hasEnergy = one.energyMeter.isEmpty && draw.happens(700)
    traits.hasPieces = draw.happens(750)
    traits.watts = Int64(draw.within(1000...40_000))
    traits.cycle = Int64(draw.within(2...240)) * 1000
    traits.scrap = Int64(draw.within(2...20))
    return traits
  }
}
