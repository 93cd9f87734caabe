import Aggregation
import Register
import Storage
import Telemetry
import Testing

/// Figures of the district that ``DistrictAssessmentTests`` assess, with attributes for forms.
@Suite("Figures for forms") struct FormFigureTests {
  private typealias Sample = DistrictAssessmentTests

  private func entry(
    _ id: String, _ factory: String = "F1", workshop: String = "W1",
    service: RegisterSnapshot.Entry.Service = .inService, _ change: (inout RegisteredEquipment) -> Void
  ) -> RegisterSnapshot.Entry {
    var entry = Sample.entry(factory, id, service: service)
    entry.equipment.workshop = workshop
    change(&entry.equipment)
    return entry
  }

  @Test("A register that states none of the attributes has none of the figures, and each says why")
  func none() {
    let figures = Sample.assess([Sample.entry("F1", "1")], [Sample.reading("F1", "1")]).figures
    for metric in Metric.formRatios {
      #expect(figures.count(of: metric) == nil && figures.bounded(metric) == nil)
      #expect(figures.absence(of: metric) == .notStated, "\(metric)")
      #expect(figures.confirmed(of: metric) == nil && figures.leftOut(of: metric) == nil)
    }
    #expect(Figures().absence(of: .cncRatio) == .noEquipment)
  }

  @Test(
    "Numerically controlled of all in service: what states nothing stays in the base, what is silent is declared only"
  )
  func cnc() {
    let district = Sample.assess(
      [
        entry("1") { $0.cnc = true }, entry("2") { $0.cnc = true }, entry("3") { $0.cnc = false },
        entry("4") { _ in }, entry("5", service: .retired) { $0.cnc = true },
        entry("6") { ($0.cnc, $0.category) = (true, "sensor") },
      ], [Sample.reading("F1", "1"), Sample.reading("F1", "3")])
    #expect(district.figures.count(of: .cncRatio) == Count(2, of: 4))
    #expect(district.figures.confirmed(of: .cncRatio) == 1)
    #expect(district.figures.absence(of: .cncRatio) == nil)
  }

  @Test("A step is of its factory, whatever the workshop, and key if any of its machines says so")
  func steps() throws {
    let district = Sample.assess(
      [
        entry("1") { ($0.process, $0.keyProcess, $0.cnc) = ("Turning", true, true) },
        // The same step in another workshop, which states neither.
        entry("2", workshop: "W2") { ($0.process, $0.cnc) = ("Turning", true) },
        entry("3") { ($0.process, $0.keyProcess, $0.cnc) = ("Milling", true, true) },
        entry("4", workshop: "W2") { $0.process = "Milling" },
        entry("5") { ($0.process, $0.keyProcess) = ("Grinding", true) },
        entry("6") { ($0.process, $0.keyProcess, $0.cnc) = ("Packing", false, true) },
        // A step of that name elsewhere is another step.
        entry("1", "F2") { ($0.process, $0.keyProcess, $0.cnc) = ("Milling", true, true) },
      ], [Sample.reading("F1", "1"), Sample.reading("F1", "3")])
    func counts(_ figures: Figures) -> [Count?] {
      [figures.count(of: .keyProcessCNCRatio), figures.count(of: .keyProcessCNCAnyRatio)]
    }
    let (first, second) = (district.factories[0].figures, district.factories[1].figures)
    // All: turning. Any: turning and milling.
    #expect(counts(first) == [Count(1, of: 3), Count(2, of: 3)])
    #expect(counts(second) == [Count(1, of: 1), Count(1, of: 1)])
    #expect(counts(district.figures) == [Count(2, of: 4), Count(3, of: 4)])
    // One of the turning machines never spoke; of each step in the other figure one did.
    #expect(first.confirmed(of: .keyProcessCNCRatio) == 0)
    #expect(first.confirmed(of: .keyProcessCNCAnyRatio) == 2)
    // A workshop has the machines of a step that stand in it. W2 knows of no key step.
    let factory = try #require(district.factory("F1"))
    #expect(counts(factory.workshops[0].figures) == [Count(2, of: 3), Count(2, of: 3)])
    #expect(counts(factory.workshops[1].figures) == [nil, nil])
    #expect(factory.workshops[1].figures.absence(of: .keyProcessCNCRatio) == .notStated)
  }

  @Test("By asset value only equipment with a value counts, and how many have none is known")
  func value() {
    let district = Sample.assess(
      [
        entry("1") { $0.assetValue = 100_05 },
        entry("2") { ($0.assetValue, $0.automation, $0.intelligent) = (200_00, .manual, true) },
        entry("3") { ($0.assetValue, $0.automation, $0.digital) = (700_00, .manual, false) },
        entry("4") { _ in }, entry("5") { $0.assetValue = 0 },
      ], [Sample.reading("F1", "3"), Sample.reading("F1", "4")])
    let figures = district.figures
    #expect(figures.count(of: .automationRatioByValue) == Count(300_05, of: 1000_05))
    #expect(figures.count(of: .digitalizationRatioByValue) == Count(300_05, of: 1000_05))
    #expect(figures.count(of: .networkedRatioByValue) == Count(700_00, of: 1000_05))
    #expect(figures.leftOut(of: .networkedRatioByValue) == 1)
    let worthless = Sample.assess([entry("1") { $0.assetValue = 0 }], []).figures
    #expect(worthless.count(of: .automationRatioByValue) == Count(0, of: 0))
    #expect(worthless.absence(of: .automationRatioByValue) == .noValue)
  }

  @Test("Values beyond all numbers stop at the greatest, and nothing traps") func saturation() {
    let entries = (0..<100_000).map { number in
      entry(String(1_000_000 + number)) { $0.assetValue = Money.largest }
    }
    #expect(Sample.assess(entries, []).figures.count(of: .automationRatioByValue) == Count(.max, of: .max))
  }

  @Test(
    "Meters and counters that delivered, of those registered; what GB 17167 does not require is no key meter")
  func points() {
    func meter(_ id: String, _ kind: MeterKind) -> RegisterSnapshot.Entry {
      entry(id) { ($0.meterKind, $0.category) = (kind, "meter") }
    }
    let entries = [
      meter("EM1", .electricity), meter("EM2", .electricity), meter("EM3", .water), meter("EM4", .none),
      entry("E1") { $0.countsOutput = true }, entry("E2") { $0.countsOutput = true },
      entry("E3") { $0.countsOutput = false },
    ]
    var sums = PeriodFigures()
    var factory = PeriodFigures.Factory()
    // A machine that names EM2 sent energy. E2 sends, but never pieces.
    factory.delivered.meters = ["EM2"]
    factory.delivered.counters = ["E1"]
    sums.factories["F1"] = factory
    var online = EquipmentEvidence(key: EquipmentKey(factory: "F1", equipment: "EM3"))
    online.lastOnline = Sample.t
    let heard = [
      Sample.reading("F1", "E1"), Sample.reading("F1", "E2"), Sample.reading("F1", "EM1", ago: .days(29)),
      online,
      Sample.reading("F1", "EM4", ago: .days(31)),
    ]
    func figures(observed: Bool) -> Figures {
      DistrictAssessment(
        register: RegisterSnapshot(
          version: 1, day: Sample.calendar.day(at: Sample.t),
          entries: entries.sorted {
            $0.equipment.key < $1.equipment.key
          }),
        evidence: StoreEvidence(
          asOf: Sample.t, equipment: observed ? heard.sorted { $0.key < $1.key } : [],
          observed: observed ? [(Sample.period.from, Sample.period.until)] : []), knownAt: Sample.t,
        period: Sample.period, sums: observed ? sums : PeriodFigures()
      ).figures
    }
    let seen = figures(observed: true)
    // Of EM1, EM2, EM3: an online of EM3 is no value. Of the points also EM4, whose reading is too old, E1 and E2.
    #expect(seen.count(of: .keyEnergyAutomaticRatio) == Count(2, of: 3))
    #expect(seen.count(of: .pointsRatio) == Count(3, of: 6))
    // Meters are no production equipment: three machines are.
    #expect(seen.count(of: .automationRatio) == Count(3, of: 3))
    let blind = figures(observed: false)
    #expect(blind.count(of: .pointsRatio) == Count(0, of: 0))
    #expect(blind.absence(of: .pointsRatio) == .notObserved)
    #expect(blind.absence(of: .keyEnergyAutomaticRatio) == .notObserved)
  }

  @Test("Equipment that is declared numerically controlled and never sends is flagged") func claim() throws {
    let district = Sample.assess(
      [
        entry("1") { ($0.cnc, $0.automation, $0.digital) = (true, .manual, false) },
        entry("2") { ($0.cnc, $0.automation, $0.digital) = (false, .manual, false) },
        entry("3") { $0.cnc = true },
      ], [])
    let factory = try #require(district.factory("F1"))
    let flags = district.flags(of: factory, among: factory.equipment, calendar: nil)
      .filter { $0.kind == .claimWithoutEvidence }
    #expect(flags.map(\.equipment) == ["1", "3"])
    #expect(flags[0].evidence.map(\.key) == ["automatic", "last_reading", "cnc"])
    #expect(flags[0]["cnc"] == .truth(true))
    // The other is automatic too, which is told first.
    #expect(flags[1].evidence.map(\.key) == ["automatic", "last_reading"])
  }

  @Test("A claim without evidence concerns the figures that count the claim, and no others")
  func concerned() throws {
    func metrics(_ change: (inout RegisteredEquipment) -> Void) throws -> [Metric] {
      let district = Sample.assess(
        [
          entry("1") {
            ($0.automation, $0.digital, $0.connectable) = (.manual, false, false)
            change(&$0)
          }
        ], [])
      let factory = try #require(district.factory("F1"))
      let flags = district.flags(of: factory, among: factory.equipment, calendar: nil)
      let flag = try #require(flags.first { $0.kind == .claimWithoutEvidence })
      let concerned = Metric.allCases.filter { flag.concerns(.ratio($0)) }
      // A district knows of a flag only by its count.
      for metric in Metric.allCases {
        let counts = FlagTally([flag]).byKind(concerning: [.ratio(metric)])
        #expect(counts.isEmpty == !concerned.contains(metric), "\(metric)")
      }
      return concerned
    }
    #expect(
      try metrics { ($0.digital, $0.connectable) = (true, true) } == [
        .digitalizationRatio, .connectableRatio, .digitalizationRatioByValue,
      ])
    #expect(try metrics { $0.automation = .automatic } == [.automationRatio, .automationRatioByValue])
    #expect(
      try metrics { ($0.automation, $0.digital) = (.automatic, true) } == [
        .automationRatio, .digitalizationRatio, .automationRatioByValue, .digitalizationRatioByValue,
      ])
    #expect(
      try metrics { $0.cnc = true } == [.cncRatio, .keyProcessCNCRatio, .keyProcessCNCAnyRatio])
    // It is told as automatic, and counts as numerically controlled as well.
    #expect(
      try metrics { ($0.automation, $0.cnc) = (.automatic, true) } == [
        .automationRatio, .cncRatio, .keyProcessCNCRatio, .keyProcessCNCAnyRatio, .automationRatioByValue,
      ])
  }

  @Test(
    "A later import that improves a figure for forms of a period already past is flagged with its columns")
  func improved() {
    func snapshot(_ entries: [RegisterSnapshot.Entry]) -> RegisterSnapshot {
      RegisterSnapshot(version: 1, day: CalendarDay(number: 20_000), entries: entries)
    }
    func flags(
      _ then: (inout RegisteredEquipment) -> Void, _ now: (inout RegisteredEquipment) -> Void
    ) -> [AuditFlag.Fact?] {
      let before = snapshot([entry("1") { then(&$0) }])
      return RegisterFlags.flags(
        .init(first: before, begun: before, filed: before, now: snapshot([entry("1") { now(&$0) }]))
      ) { _ in nil }.map { $0["change"] }
    }
    #expect(flags({ _ in }, { $0.cnc = true }) == [.text("cnc")])
    #expect(flags({ $0.cnc = true }, { $0.cnc = false }) == [])
    #expect(
      flags({ $0.idealCycle = .seconds(1) }, { $0.idealCycle = .seconds(2) }) == [.text("ideal_cycle_s")])
    #expect(flags({ $0.idealCycle = .seconds(2) }, { $0.idealCycle = .seconds(1) }) == [])
    #expect(flags({ $0.keyProcess = true }, { $0.keyProcess = false }) == [.text("key_process")])
    // The step leaves the base although this machine meets it: another machine may not.
    #expect(
      flags({ ($0.keyProcess, $0.cnc) = (true, true) }, { ($0.keyProcess, $0.cnc) = (false, true) })
        == [.text("key_process")])
    #expect(flags({ $0.process = "turning" }, { $0.process = "milling" }) == [.text("process")])
    #expect(flags({ $0.assetValue = 100 }, { $0.assetValue = 900_000 }) == [.text("asset_value")])
    #expect(flags({ $0.countsOutput = true }, { $0.countsOutput = nil }) == [.text("counts_output")])
    #expect(
      flags({ $0.reportInterval = nil }, { $0.reportInterval = .hours(1) }) == [.text("report_interval")])
    // A meter is outside the base of equipment, and in that of key meters.
    func meter(_ kind: MeterKind?) -> (inout RegisteredEquipment) -> Void {
      { ($0.category, $0.meterKind) = ("meter", kind) }
    }
    #expect(flags(meter(.water), meter(.some(.none))) == [.text("meter_kind")])
    #expect(flags(meter(.water), meter(nil)) == [.text("meter_kind")])
    #expect(flags(meter(.some(.none)), meter(.water)) == [])
  }

  @Test("A meter that leaves the registered ones is flagged as machines are") func removedMeter() {
    func flags(_ kind: MeterKind?, _ service: RegisterSnapshot.Entry.Service) -> [AuditFlag] {
      func snapshot(_ service: RegisterSnapshot.Entry.Service) -> RegisterSnapshot {
        RegisterSnapshot(
          version: 1, day: CalendarDay(number: 20_000),
          entries: [entry("1", service: service) { ($0.category, $0.meterKind) = ("meter", kind) }])
      }
      return RegisterFlags.flags(
        .init(first: snapshot(.inService), begun: nil, filed: nil, now: snapshot(service))
      ) { _ in nil }
    }
    #expect(flags(.gas, .retired).map(\.kind) == [.removedFromBase])
    #expect(flags(.gas, .retired).map { $0["change"] } == [.text("meter_decommissioned_on")])
    #expect(flags(.gas, .notYet).map { $0["change"] } == [.text("meter_commissioned_on")])
    #expect(flags(nil, .retired).isEmpty)
    #expect(flags(.gas, .inService).isEmpty)
  }
}
