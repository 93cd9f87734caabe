import Aggregation
import Register
import Storage
import Telemetry
import TestSupport

/// A district made by chance: registered and unregistered senders, every standing, instants on the edges.
struct RandomDistrict {
  let register: RegisterSnapshot
  let evidence: StoreEvidence
  let period: Period

  static let asOf = Timestamp(milliseconds: 1_795_356_630_000)

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let t = Self.asOf
    let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
    var entries: [RegisterSnapshot.Entry] = []
    var heard: [EquipmentEvidence] = []
    let factories = (0..<Int.random(in: 0...4, using: &random)).map { "F\($0)" }
    for factory in factories {
      for number in 0..<Int.random(in: 0...12, using: &random) {
        let key = EquipmentKey(factory: factory, equipment: "E\(number)")
        let fate = Int.random(in: 0..<10, using: &random)
        let entry = Self.entry(key, &random)
        if fate > 0 { entries.append(entry) }
        if fate < 7 { heard.append(Self.evidence(key, entry.equipment, t, &random)) }
      }
    }
    entries.sort { $0.equipment.key < $1.equipment.key }
    heard.sort { $0.key < $1.key }
    let listed = factories.filter { _ in Bool.random(using: &random) }.map { RegisteredFactory(id: $0) }
    register = RegisterSnapshot(version: 1, day: calendar.day(at: t), factories: listed, entries: entries)
    period = Period(endingAt: t, calendar: calendar)
    evidence = StoreEvidence(asOf: t, equipment: heard, observed: [(period.from, period.until)])
  }

  private static func entry(
    _ key: EquipmentKey, _ random: inout SeededGenerator
  ) -> RegisterSnapshot.Entry {
    let services: [RegisterSnapshot.Entry.Service] = [.inService, .inService, .inService, .retired, .notYet]
    return RegisterSnapshot.Entry(
      equipment: RegisteredEquipment(
        key: key, workshop: ["", "W1", "W2"].randomElement(using: &random) ?? "",
        line: ["", "L1", "L2"].randomElement(using: &random) ?? "",
        category: ["machine", "machine", "machine", "gateway"].randomElement(using: &random) ?? "",
        automation: Automation.allCases.randomElement(using: &random) ?? .manual,
        intelligent: Bool.random(using: &random), digital: Bool.random(using: &random),
        connectable: Bool.random(using: &random),
        reportInterval: [nil, .minutes(1), .hours(1), .days(11)].randomElement(using: &random) ?? nil),
      service: services.randomElement(using: &random) ?? .inService)
  }

  /// Instants within a millisecond of every edge there is: t, the horizon, the networked window.
  private static func evidence(
    _ key: EquipmentKey, _ equipment: RegisteredEquipment, _ t: Timestamp, _ random: inout SeededGenerator
  ) -> EquipmentEvidence {
    func instant() -> Timestamp {
      let edges: [Span] = [.zero, .minutes(15), .hours(3), .hours(24), .days(30), .days(33)]
      let edge = edges.randomElement(using: &random) ?? .zero
      return t - edge + .milliseconds(Int64.random(in: -1...1, using: &random))
    }
    var evidence = EquipmentEvidence(
      key: key, topicWorkshop: ["", "W1", "W9"].randomElement(using: &random) ?? "",
      rejections: Int.random(in: 0...2, using: &random))
    if Int.random(in: 0..<3, using: &random) > 0 {
      let last = instant()
      let isCut = Int.random(in: 0..<4, using: &random) == 0
      evidence.readings = .init(last: last, cut: isCut ? last + .milliseconds(1) : nil, state: .running)
    }
    if Bool.random(using: &random) { evidence.lastOnline = instant() }
    evidence.sessionOpen = evidence.lastOnline != nil && Int.random(in: 0..<3, using: &random) == 0
    return evidence
  }
}
