import Aggregation
import Register
import Storage
import Telemetry
import TestSupport
import Testing

struct DistrictAssessmentTests {
  static let t = Timestamp(milliseconds: 1_795_356_630_000)
  static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  static let period = Period(endingAt: t, calendar: calendar)

  static func assess(
    _ entries: [RegisterSnapshot.Entry], _ heard: [EquipmentEvidence],
    factories: [RegisteredFactory] = [], newestReceipt: Timestamp? = nil
  ) -> DistrictAssessment {
    DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: calendar.day(at: t), factories: factories, entries: entries),
      evidence: StoreEvidence(
        asOf: t, equipment: heard, observed: [(period.from, period.until)], newestReceipt: newestReceipt),
      knownAt: t, period: period)
  }

  static func entry(
    _ factory: String, _ id: String, _ automation: Automation = .automatic, intelligent: Bool = false,
    digital: Bool = true, connectable: Bool = true, interval: Span? = nil,
    service: RegisterSnapshot.Entry.Service = .inService, out: CalendarDay? = nil
  ) -> RegisterSnapshot.Entry {
    RegisterSnapshot.Entry(
      equipment: RegisteredEquipment(
        key: EquipmentKey(factory: factory, equipment: id), workshop: "W1", line: "L1",
        category: "machine", automation: automation, intelligent: intelligent, digital: digital,
        connectable: connectable, reportInterval: interval, decommissionedOn: out),
      service: service)
  }

  static func reading(_ factory: String, _ id: String, ago: Span = .zero) -> EquipmentEvidence {
    EquipmentEvidence(
      key: EquipmentKey(factory: factory, equipment: id), topicWorkshop: "W1",
      readings: .init(last: t - ago, state: .running))
  }

  @Test func `a fully retrofitted plant is exactly 100 of 100 percent`() {
    let ids = (100..<160).map(String.init)
    let district = Self.assess(ids.map { Self.entry("F1", $0) }, ids.map { Self.reading("F1", $0) })
    for metric in Metric.equipmentRatios where metric != .intelligentRatio {
      #expect(district.figures.count(of: metric) == Count(60, of: 60))
      #expect(district.figures.count(of: metric)?.percent == "100.0")
    }
    #expect(district.figures.count(of: .intelligentRatio)?.percent == "0.0")
  }

  @Test func `automatic or intelligent counts once, semi-automatic and unclassified not at all`() {
    let district = Self.assess(
      [
        Self.entry("F1", "1", .automatic, intelligent: true),
        Self.entry("F1", "2", .manual, intelligent: true),
        Self.entry("F1", "3", .semiAutomatic), Self.entry("F1", "4", .unclassified),
        Self.entry("F1", "5", .automatic),
      ], [])
    #expect(district.figures.count(of: .automationRatio) == Count(3, of: 5))
    #expect(district.figures.count(of: .intelligentRatio) == Count(2, of: 5))
  }

  @Test func `an interval of days vouches for a day, and the window reaches back over the whole period`() {
    // Declared every 11 days, it vouches for 24 hours, not for 33 days.
    let district = Self.assess(
      [Self.entry("F1", "1", interval: .days(11)), Self.entry("F1", "2", interval: .days(11))],
      [Self.reading("F1", "1", ago: .hours(24)), Self.reading("F1", "2", ago: .hours(23))])
    #expect(district.figures.buckets.reporting == 1)
    #expect(district.figures.buckets.offline == 1)
    #expect(district.figures.count(of: .networkedRatio) == Count(2, of: 2))
    #expect(district.figures.count(of: .reportingRatio) == Count(1, of: 2))
  }

  @Test func `a factory that is listed without equipment has no ratio`() {
    let district = Self.assess([], [], factories: [RegisteredFactory(id: "F1")])
    #expect(district.factories.map(\.factory.id) == ["F1"])
    #expect(district.factories[0].isRegistered)
    #expect(district.factory("F1")?.figures == Figures())
    for metric in Metric.equipmentRatios {
      #expect(district.figures.count(of: metric) == Count(0, of: 0))
      #expect(district.figures.count(of: metric)?.percent == nil)
    }
  }

  @Test func `a factory that only sends is a report without ratios, not an error`() throws {
    let district = Self.assess(
      [Self.entry("F1", "1")],
      [Self.reading("F0", "1"), Self.reading("F1", "2"), Self.reading("F2", "1")])
    #expect(district.factories.map(\.factory.id) == ["F0", "F1", "F2"])
    #expect(district.factories.map(\.isRegistered) == [false, true, false])
    #expect(district.factories.map(\.figures.buckets.unregistered) == [1, 1, 1])
    let factory = try #require(district.factory("F2"))
    #expect(factory.figures.count(of: .networkedRatio)?.percent == nil)
    #expect(factory.equipment.map(\.key.description) == ["F2/1"])
    #expect(factory.equipment[0].reason == .unregistered)
  }

  @Test func `senders whose messages were all rejected are found, and counted nowhere`() throws {
    let key = EquipmentKey(factory: "F9", equipment: "1")
    let district = Self.assess([], [EquipmentEvidence(key: key, rejections: 3)])
    #expect(district.factories.isEmpty)
    let equipment = try #require(district.equipment(key))
    #expect(equipment.evidence?.rejections == 3)
    #expect(Figures(of: equipment) == Figures())
    #expect(district.equipment(EquipmentKey(factory: "F9", equipment: "2")) == nil)
    #expect(district.equipment(EquipmentKey(factory: "F8", equipment: "1")) == nil)
    #expect(district.factory("F9") == nil)
  }

  @Test func `senders whose messages are refused now are unregistered senders`() throws {
    func evidence(_ id: String, ago: Span) -> EquipmentEvidence {
      var evidence = EquipmentEvidence(key: EquipmentKey(factory: "F9", equipment: id), rejections: 3)
      evidence.refusals = [Refusal(.malformed, "json", messages: 3, newest: Self.t - ago)]
      return evidence
    }
    let district = Self.assess(
      [],
      [evidence("1", ago: .minutes(1)), evidence("2", ago: .days(30)), evidence("CNC/01", ago: .days(29))])
    #expect(district.figures.buckets.unregistered == 2)
    #expect(district.figures.equipment == 0)
    #expect(district.factory("F9")?.equipment.map(\.key.equipment) == ["1", "CNC/01"])
  }

  @Test func `equipment that speaks and is always refused has a bucket of its own`() throws {
    let t = Self.t
    func refused(_ id: String, ago: Span, online: Span? = nil) -> EquipmentEvidence {
      var evidence = EquipmentEvidence(
        key: EquipmentKey(factory: "F1", equipment: id), lastOnline: online.map { t - $0 }, rejections: 4)
      evidence.refusals = [
        Refusal(.missingField, "ts", .otherKey, messages: 4, newest: t - ago, excerpt: "timestamp")
      ]
      return evidence
    }
    let district = Self.assess(
      ["1", "2", "3", "4"].map { Self.entry("F1", $0, connectable: $0 != "2") },
      [
        refused("1", ago: .zero), refused("2", ago: .days(29)), refused("3", ago: .days(30)),
        refused("4", ago: .zero, online: .days(40)),
      ])
    let equipment = try #require(district.line(factory: "F1", workshop: "W1", "L1")).equipment
    #expect(equipment.map(\.bucket) == [.refused, .refused, .neverSeen, .offline])
    #expect(district.figures.buckets.refused == 2)
    #expect(district.figures.buckets.total == 4)
    #expect(equipment[0].reason == .onlyRejections(4, most: equipment[0].evidence?.refusals.first))
  }

  @Test func `retired equipment leaves the base, and is flagged when it sends after its last day`() throws {
    let out = try #require(CalendarDay(year: 2026, month: 11, day: 1))
    let midnight = Self.t - Self.calendar.start(of: out)
    let district = Self.assess(
      ["1", "2"].map { Self.entry("F1", $0, service: .retired, out: out) },
      [
        Self.reading("F1", "1", ago: midnight),
        Self.reading("F1", "2", ago: midnight + .milliseconds(1)),
      ])
    #expect(district.figures.equipment == 0)
    #expect(district.figures.buckets.retired == 2)
    #expect(district.figures.buckets.unregistered == 0)
    let equipment = try #require(district.factory("F1")).equipment
    #expect(equipment.map(\.sendsOutOfService) == [true, false])
    #expect(equipment[0].reason == .retired(on: out))
    #expect(equipment.map(\.bucket) == [nil, nil])
  }

  @Test func `each bucket has its reason`() throws {
    let ids = ["1", "2", "3", "4", "5", "6", "7"]
    let t = Self.t
    func key(_ id: String) -> EquipmentKey { EquipmentKey(factory: "F1", equipment: id) }
    let district = Self.assess(
      ids.map { Self.entry("F1", $0, connectable: $0 != "6") },
      [
        Self.reading("F1", "1", ago: .minutes(1)),
        EquipmentEvidence(key: key("2"), lastOnline: t - .hours(2), sessionOpen: true),
        Self.reading("F1", "3", ago: .minutes(15)),
        EquipmentEvidence(
          key: key("4"), readings: .init(last: t - .minutes(3), cut: t - .minutes(2), state: .idle)),
        EquipmentEvidence(key: key("5"), lastOnline: t - .days(40)),
        EquipmentEvidence(key: key("7"), rejections: 9),
      ])
    let equipment = try #require(district.line(factory: "F1", workshop: "W1", "L1")).equipment
    #expect(
      equipment.map(\.bucket) == [
        .reporting, .silent, .offline, .offline, .offline, .notConnectable, .neverSeen,
      ])
    #expect(
      equipment.map(\.reason) == [
        .readingVouches(last: t - .minutes(1), until: t + .minutes(14)),
        .sessionWithoutReading(lastReading: nil, since: t - .hours(2)),
        .readingTooOld(last: t - .minutes(15), until: t),
        .wentOffline(last: t - .minutes(3), at: t - .minutes(2)),
        .sessionEnded(lastOnline: t - .days(40)),
        .declaredNotConnectable(digital: true, connectable: false),
        .onlyRejections(9, most: nil),
      ])
    #expect(equipment.map(\.isOnline) == [true, true, false, false, false, false, false])
  }

  @Test func `a state that its session holds past the horizon vouches without an end`() throws {
    let t = Self.t
    func evidence(_ id: String, since: Span) -> EquipmentEvidence {
      var evidence = Self.reading("F1", id, ago: .hours(3))
      evidence.readings?.vouching = .session
      (evidence.lastOnline, evidence.sessionOpen) = (t - since, true)
      evidence.held = HeldTime(
        of: [t - since..<t + .milliseconds(1)], heard: TimeRanges(merging: [t - .days(9)..<t + .days(1)]),
        in: t..<t + .milliseconds(1))
      return evidence
    }
    let district = Self.assess(
      [Self.entry("F1", "1"), Self.entry("F1", "2")],
      [evidence("1", since: .hours(4)), evidence("2", since: .hours(2))])
    let equipment = try #require(district.factory("F1")).equipment
    #expect(equipment.map(\.bucket) == [.reporting, .silent])
    #expect(
      equipment.map(\.reason) == [
        .readingVouches(last: t - .hours(3), until: nil),
        .sessionWithoutReading(lastReading: t - .hours(3), since: t - .hours(2)),
      ])
  }

  @Test func `the workshop of the topic is flagged only where the register names another`() throws {
    let district = Self.assess(
      [Self.entry("F1", "1")],
      [
        EquipmentEvidence(
          key: EquipmentKey(factory: "F1", equipment: "1"), topicWorkshop: "W2",
          readings: .init(last: Self.t, state: .running))
      ])
    let equipment = try #require(district.equipment(EquipmentKey(factory: "F1", equipment: "1")))
    #expect(equipment.mismatchedTopicWorkshop == "W2")
    #expect(equipment.workshop == "W1")
    #expect(district.factory("F1")?.workshops.map(\.id) == ["W1"])
  }

  @Test func `telemetry received after known-at is noticed, at known-at it is not`() {
    let after = Self.assess([], [], newestReceipt: Self.t + .milliseconds(1))
    #expect(after.telemetryAfterKnownAt)
    #expect(!Self.assess([], [], newestReceipt: Self.t).telemetryAfterKnownAt)
    #expect(!Self.assess([], []).telemetryAfterKnownAt)
  }

  @Test func `a district of 53,700 equipment is assessed in time that follows its size`() {
    // Ten times the equipment takes ten times as long; a hundred times where time grows with the square.
    #expect(Self.assessmentTime(factories: 179) < 40 * Self.assessmentTime(factories: 18))
  }

  /// Processor time in seconds of assessing the equipment of that many factories, 300 each.
  private static func assessmentTime(factories: Int) -> Double {
    let keys = (0..<factories).flatMap { factory in
      (0..<300).map { (factory: "F\(1000 + factory)", id: "EQ-2026-\(100_000 + $0)") }
    }
    let entries = keys.map { Self.entry($0.factory, $0.id) }
    let heard = keys.map { Self.reading($0.factory, $0.id) }
    let took = leastProcessorTime { #expect(Self.assess(entries, heard).figures.reporting == keys.count) }
    print("\(keys.count) equipment assessed in \(took) s")
    return took
  }
}
