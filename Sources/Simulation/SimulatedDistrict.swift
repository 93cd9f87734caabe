import Telemetry

/// A district of factories generated from a seed. Its register and its messages come from the same plan, so they
/// always agree.
///
/// The same seed, sizes, interval and start give the same register and the same messages, byte for byte.
public struct SimulatedDistrict: Sendable {
  /// Parameters of a district.
  public struct Settings: Equatable, Sendable {
    public var seed: UInt64
    /// Number of factories, at least 1. The first is the model plant; of two or more, the last has no equipment.
    public var factories: Int
    /// Average number of production machines in service per factory.
    public var equipment: Int
    /// Time between two status messages of one equipment.
    public var interval: Span
    /// Beginning of the simulated time.
    public var start: Timestamp

    /// Settings for a district. Sizes below 1 count as 1, and intervals below a millisecond as a millisecond.
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
  /// The registered factories in the order of their numbers, and then the unregistered ones.
  public private(set) var factories: [SimulatedFactory] = []

  /// Generates the district.
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

  /// Number of production machines of each factory: between half and one and a half times the average, with the sum
  /// `factories` × `equipment` (unless no factory has equipment).
  private static func sizes(_ settings: Settings, _ draw: inout SplitMix) -> [Int] {
    let weights = (1...settings.factories).map { number in
      number == settings.factories && number > 1 ? 0 : draw.within(50...150)
    }
    let sum = weights.reduce(0, +)
    let total = settings.factories * settings.equipment
    var before = 0
    return weights.map { weight in
      defer { before += weight }
      // Rounded up, so that the first factory, the model plant, is never empty.
      return (total * (before + weight) + sum - 1) / sum - (total * before + sum - 1) / sum
    }
  }

  // MARK: Troubles

  /// Position of an equipment: indices of its factory and within it.
  private typealias Place = (factory: Int, equipment: Int)

  /// Gives a few senders wrong clocks, malformed payloads and duplicates, and a few factories an unreliable line. The
  /// model plant has none of them.
  private mutating func addTroubles() {
    let troubled = factories.indices.dropFirst().filter { index in
      factories[index].equipment.contains { $0.behaviour == .reports }
    }
    // One factory loses its connection so often that a demonstration of ten minutes shows it.
    let dropOffs = [
      SimulatedFactory.DropOff(first: 4 * 60_000, length: 3 * 60_000, period: 20 * 60_000),
      SimulatedFactory.DropOff(first: 40 * 60_000, length: 25 * 60_000, period: 3 * 3_600_000),
      SimulatedFactory.DropOff(first: 5 * 3_600_000, length: 9 * 3_600_000, period: 36 * 3_600_000),
    ]
    for (index, dropOff) in zip(Self.spread(troubled, 3), dropOffs) {
      factories[index].dropOff = dropOff
      // These devices keep their power: without it they would keep no messages.
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
      // This device works at night too, so that a demonstration shows it at any hour.
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

  /// Up to `count` elements, evenly spaced in a collection.
  private static func spread<Element>(_ elements: [Element], _ count: Int) -> [Element] {
    let count = min(count, elements.count)
    return (0..<count).map { elements[$0 * elements.count / count] }
  }

  /// Senders that are unknown to the register: three in registered factories, two in an unregistered factory.
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
