import Telemetry

/// Generates one factory and its register rows.
struct FactoryPlan {
  private let number: Int
  private let size: Int
  private let today: CalendarDay
  private let retrofit: SimulatedFactory.Retrofit
  private let industry: Industry
  private let seed: UInt64

  /// The plan of factory `number`, counting from 1, in a district of a given number of factories.
  init(number: Int, of count: Int, size: Int, seed: UInt64, today: CalendarDay) {
    self.number = number
    self.size = size
    self.today = today
    self.seed = seed
    // A fixed sequence, so that a district of twelve factories also has every kind.
    let rota: [SimulatedFactory.Retrofit] = [
      .half, .full, .untouched, .quarter, .half, .full, .half, .quarter, .full, .half,
    ]
    retrofit = number == 1 ? .exemplary : number == count ? .empty : rota[(number - 2) % rota.count]
    industry = Industry.allCases[(number - 1) % Industry.allCases.count]
  }

  /// The factory with its equipment.
  func draw() -> SimulatedFactory {
    var draw = SplitMix(seed: seed, stream: UInt64(number))
    let padded = Self.padded(number, 3)
    var factory = SimulatedFactory(
      id: "F\(padded)", nameChinese: "模拟\(industry.chinese)厂 \(padded)",
      nameEnglish: "Synthetic \(industry.english) Plant \(padded)",
      industry: "\(industry.chinese) \(industry.english)", retrofit: retrofit)
    let completed = today - draw.within(60...400)
    switch retrofit {
    case .exemplary, .full: factory.retrofitCompletedOn = completed
    case .half where number % 2 == 0: factory.retrofitCompletedOn = completed
    default: break
    }
    let retired = retrofit == .exemplary || retrofit == .empty ? 0 : size / 40
    for position in 0..<(size + retired) {
      var one = machine(position, factory: factory.id, retrofitEnd: completed, &draw)
      if position >= size { retire(&one, &draw) }
      factory.equipment.append(one)
    }
    if size > 0 { factory.equipment += infrastructure(of: factory, &draw) }
    return factory
  }

  private func machine(
    _ position: Int, factory: String, retrofitEnd: CalendarDay, _ draw: inout SplitMix
  ) -> SimulatedEquipment {
    let kind = industry.machines[draw.below(industry.machines.count)]
    let id = "E\(Self.padded(position + 1, 3))"
    let commissioned = retrofitEnd - draw.within(200...4500)
    let workshop = position / 25 + 1
    var one = SimulatedEquipment(
      key: EquipmentKey(factory: factory, equipment: id), workshop: "W\(Self.padded(workshop, 2))",
      line: "L\(position % 25 / 10 + 1)", name: "模拟\(kind.name) \(Self.padded(position + 1, 3))",
      category: kind.category, automation: "manual", commissionedOn: commissioned,
      serial: "SIM-\(factory)-\(id)-\(draw.within(1000...9999))")
    one.watts = kind.watts
    one.cycle = kind.cycle
    one.countersReset = draw.chance(10)
    one.worksNights = draw.chance(retrofit == .exemplary ? 60 : 25)
    if draw.chance(retrofittedPercent) {
      one.retrofittedOn = retrofitEnd - draw.below(120)
      automate(&one, &draw)
      one.gateway = "GW01"
    } else {
      let words = ["manual", "manual", "manual", "semi_automatic", "semi_automatic", "unclassified"]
      one.automation = words[draw.below(words.count)]
      one.digital = draw.chance(12)
    }
    return one
  }

  private var retrofittedPercent: Int {
    switch retrofit {
    case .exemplary, .full: 100
    case .half: 50
    case .quarter: 25
    case .untouched, .empty: 0
    }
  }

  /// Applies a retrofit to a machine, with its result.
  private func automate(_ one: inout SimulatedEquipment, _ draw: inout SplitMix) {
    one.digital = true
    if retrofit == .exemplary {
      one.automation = "automatic"
      one.intelligent = draw.chance(40)
      one.connectable = true
      one.behaviour = .reports
      return
    }
    one.automation = draw.chance(70) ? "automatic" : "semi_automatic"
    one.intelligent = draw.chance(20)
    one.connectable = draw.chance(96)
    guard one.connectable else { return }
    let fate = draw.below(100)
    one.behaviour = fate < 7 ? .neverSends : fate < 9 ? .mute : .reports
    one.powersDown = draw.chance(35)
    one.runByHand = one.automation == "automatic" && draw.chance(3)
  }

  /// Makes a machine that left service some time ago.
  private func retire(_ one: inout SimulatedEquipment, _ draw: inout SplitMix) {
    one.decommissionedOn = today - draw.within(10...55)
    one.behaviour = .neverSends
  }

  /// Gateways and meters: in the register, not production equipment, without messages of their own.
  private func infrastructure(of factory: SimulatedFactory, _ draw: inout SplitMix) -> [SimulatedEquipment] {
    let networked = factory.equipment.contains { $0.connectable }
    let rows = [("M01", "模拟总电表", "meter")] + (networked ? [("GW01", "模拟网关", "gateway")] : [])
    return rows.map { id, name, category in
      SimulatedEquipment(
        key: EquipmentKey(factory: factory.id, equipment: id), workshop: "W01", line: "", name: name,
        category: category, automation: "unclassified", digital: true,
        commissionedOn: today - draw.within(500...900), serial: "SIM-\(factory.id)-\(id)")
    }
  }

  static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
