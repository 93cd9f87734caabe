import Telemetry

/// A district of factories drawn from a seed: the register and the messages both come from it, so they
/// always fit together.
///
/// The same seed, sizes, interval and start give the same register and the same messages, byte for byte.
public struct SimulatedDistrict: Sendable {
  /// What a district is drawn from.
  public struct Settings: Equatable, Sendable {
    public var seed: UInt64
    /// At least 1. The first is the exemplary plant; the last, from two on, has no equipment.
    public var factories: Int
    /// Production equipment in service per factory, on average over all of them.
    public var equipment: Int
    /// Between two status messages of one equipment.
    public var interval: Span
    /// When the simulation's time begins.
    public var start: Timestamp

    /// Settings for a district; sizes below 1 and intervals below a millisecond count as those.
    public init(
      seed: UInt64 = 1, factories: Int = 179, equipment: Int = 50, interval: Span = .seconds(30),
      start: Timestamp
    ) {
      self.seed = seed
      self.factories = max(1, factories)
      self.equipment = max(1, equipment)
      self.interval = max(.milliseconds(1), interval)
      self.start = start
    }
  }

  public let settings: Settings
  /// Registered factories in order of their numbers, then those that are not registered.
  public private(set) var factories: [SimulatedFactory] = []

  /// Draws the district.
  public init(_ settings: Settings) {
    self.settings = settings
    var draw = SplitMix(seed: settings.seed, stream: 0)
    let today = LocalTime(settings.start).day
    let sizes = Self.sizes(settings, &draw)
    for number in 1...settings.factories {
      let plan = FactoryPlan(
        number: number, of: settings.factories, size: sizes[number - 1], seed: settings.seed, today: today)
      factories.append(plan.draw())
    }
    addTroubles()
    addUnregistered(today: today)
  }

  /// Production equipment of each factory: between half and one and a half times the average, adding up to
  /// exactly `factories` × `equipment` (while any factory has equipment at all).
  private static func sizes(_ settings: Settings, _ draw: inout SplitMix) -> [Int] {
    let weights = (1...settings.factories).map { number in
      number == settings.factories && number > 1 ? 0 : draw.within(50...150)
    }
    let sum = weights.reduce(0, +)
    let total = settings.factories * settings.equipment
    var before = 0
    return weights.map { weight in
      defer { before += weight }
      // Rounded up, so that the first, the exemplary plant, never comes out empty.
      return (total * (before + weight) + sum - 1) / sum - (total * before + sum - 1) / sum
    }
  }

  // MARK: Troubles

  /// Where an equipment stands: indices of its factory and within it.
  private typealias Place = (factory: Int, equipment: Int)

  /// Gives a few senders wrong clocks, broken payloads and duplicates, and a few factories a bad line. The
  /// exemplary plant has none of them.
  private mutating func addTroubles() {
    let troubled = factories.indices.dropFirst().filter { index in
      factories[index].equipment.contains { $0.behaviour == .reports }
    }
    // One drops off so often that a demonstration of ten minutes shows it.
    let dropOffs = [
      SimulatedFactory.DropOff(first: 4 * 60_000, length: 3 * 60_000, period: 20 * 60_000),
      SimulatedFactory.DropOff(first: 40 * 60_000, length: 25 * 60_000, period: 3 * 3_600_000),
      SimulatedFactory.DropOff(first: 5 * 3_600_000, length: 9 * 3_600_000, period: 36 * 3_600_000),
    ]
    for (index, dropOff) in zip(Self.spread(troubled, 3), dropOffs) {
      factories[index].dropOff = dropOff
      // What has no power keeps no messages.
      for equipment in factories[index].equipment.indices {
        factories[index].equipment[equipment].powersDown = false
      }
    }

    let senders: [Place] = troubled.filter { !factories[$0].dropsOff }.flatMap { factory in
      factories[factory].equipment.indices.compactMap { equipment in
        factories[factory].equipment[equipment].behaviour == .reports ? (factory, equipment) : nil
      }
    }
    let chosen = Self.spread(senders, 5)
    for (number, place) in chosen.enumerated() {
      // By night too, so that a demonstration shows them at any hour.
      factories[place.factory].equipment[place.equipment].powersDown = false
      switch number {
      case 0: factories[place.factory].equipment[place.equipment].clockError = .hours(8)
      case 1: factories[place.factory].equipment[place.equipment].clockError = .minutes(-3)
      default: factories[place.factory].equipment[place.equipment].brokenPercent = 10
      }
    }
    for (number, place) in senders.enumerated() where number % 20 == 7 {
      factories[place.factory].equipment[place.equipment].duplicatedPercent = 2
    }
  }

  /// Up to `count` elements, evenly over a collection.
  private static func spread<Element>(_ elements: [Element], _ count: Int) -> [Element] {
    let count = min(count, elements.count)
    return (0..<count).map { elements[$0 * elements.count / count] }
  }

  /// Senders that the register does not know: three in registered factories, two in a factory of their own.
  private mutating func addUnregistered(today: CalendarDay) {
    func sender(_ factory: String, _ equipment: String) -> SimulatedEquipment {
      var sender = SimulatedEquipment(
        key: EquipmentKey(factory: factory, equipment: equipment), workshop: "W01", line: "L1",
        name: "模拟未登记设备", category: "unknown", automation: "unclassified", commissionedOn: today, serial: "")
      sender.isRegistered = false
      sender.behaviour = .reports
      sender.watts = 1000
      return sender
    }
    let hosts = Self.spread(
      factories.indices.dropFirst().filter { factories[$0].retrofit != .empty && !factories[$0].dropsOff }, 3)
    for (number, index) in hosts.enumerated() {
      factories[index].equipment.append(sender(factories[index].id, "X90\(number + 1)"))
    }
    var stranger = SimulatedFactory(
      id: "X001", nameChinese: "模拟未登记工厂", nameEnglish: "Synthetic Unregistered Plant", industry: "",
      retrofit: .quarter)
    stranger.isRegistered = false
    stranger.equipment = ["E001", "E002"].map { sender(stranger.id, $0) }
    factories.append(stranger)
  }
}
