import Aggregation
import Register
import Reporting
import Storage
import Telemetry

/// A small district in which every bucket, flag and edge occurs once or more, worked by hand.
enum SampleDistrict {
  static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  /// 2026-11-22 22:10:30 +08:00.
  static let asOf = Timestamp(milliseconds: 1_795_356_630_000)
  static let identity = DistrictIdentity(
    id: "cqsc", nameChinese: "西部（重庆）科学城", nameEnglish: "Western (Chongqing) Science City")

  static func assessment(
    observedFrom: Timestamp? = nil, until: Timestamp = asOf + .milliseconds(1), brokerDrops: Int? = nil,
    silences: [Silence] = [],
    sums: PeriodFigures? = nil, flags: [AuditFlag] = [], hasForms: Bool = false
  ) -> DistrictAssessment {
    let period = Period(days: 30, endingAt: asOf, calendar: calendar)
    let day = calendar.day(at: asOf)
    var evidence = StoreEvidence(
      asOf: asOf, equipment: evidence, observed: [(observedFrom ?? period.from, until)],
      rejections: [(.malformed, 1204), (.future, 20)], repairsPending: 2,
      journalHead: "9f2c4b7a61d8e3f05a9b", newestReceipt: asOf)
    evidence.brokerDrops = brokerDrops
    evidence.silences = silences
    evidence.refusals = refused
    evidence.fieldErrors = [
      FieldError(
        key: EquipmentKey(factory: "F001", equipment: "E01"), field: .mode, fault: .unknownWord,
        messages: 1440,
        excerpt: #""auto""#),
      FieldError(
        key: EquipmentKey(factory: "F001", equipment: "E01"), field: .energy, fault: .textNumber, messages: 7,
        excerpt: #""12.5""#),
    ]
    return DistrictAssessment(
      register: RegisterSnapshot(
        version: 3, day: day, factories: factories, entries: hasForms ? statingForms : entries),
      evidence: evidence, knownAt: asOf - .hours(1), period: period,
      sums: sums ?? (hasForms ? effectiveMonth : month(isObserved: observedFrom == nil)),
      registerFlags: flags)
  }

  /// Thirty days of every machine in service: one that was ever heard is on for twenty of them, for eighteen by
  /// readings, and runs for fifteen; the rest is off, or unobserved.
  static func month(isObserved: Bool) -> PeriodFigures {
    let day: Int64 = 86_400_000
    let heard = Set(evidence.filter { $0.readings != nil }.map(\.key))
    var sums = PeriodFigures()
    for entry in entries where entry.service == .inService && entry.equipment.isProduction {
      let equipment = entry.equipment
      var time = TimeFigures()
      (time.machines, time.machinesUndeclared) = (1, equipment.reportInterval == nil ? 1 : 0)
      time.slotsExpected = equipment.reportInterval == nil ? 8640 : 4320
      if heard.contains(equipment.key) {
        (time.machinesHeard, time.machinesHeardHalf) = (1, 1)
        (time.connectivity.on, time.connectivity.off) = (20 * day, 10 * day)
        (time.reporting.on, time.reporting.off) = (18 * day, 12 * day)
        time.slotsReceived = time.slotsExpected / 2
        (time.inService, time.running) = (30 * day, 15 * day)
      } else {
        time.neverHeard.off = 30 * day
      }
      if !isObserved {
        (time.connectivity.off, time.connectivity.unobserved) = (0, time.connectivity.off)
        (time.reporting.off, time.reporting.unobserved) = (0, time.reporting.off)
        (time.neverHeard.off, time.neverHeard.unobserved) = (0, time.neverHeard.off)
        time.stateUnobserved = time.reporting.unobserved
        (time.slotsExpected, time.slotsReceived) = (time.slotsExpected / 1440, time.slotsReceived / 1440)
      }
      time.roundTheClock = time.connectivity
      (time.slotsExpectedRoundTheClock, time.slotsReceivedRoundTheClock) = (
        time.slotsExpected, time.slotsReceived
      )
      let place = ProductionCalendar.Place(workshop: equipment.workshop, line: equipment.line)
      sums.factories[equipment.key.factory, default: .init()].places[place, default: TimeFigures()] += time
      sums.factories[equipment.key.factory]?.equipment[equipment.key.equipment] = time
      sums.factories[equipment.key.factory]?.total += time
    }
    return sums
  }

  /// A month of F001: its workshops day by day, a machine of W01 that was hardly on, and a gateway's death there.
  ///
  /// - Parameter scope: of which the details are.
  static func sums(detailsOf scope: DetailsScope = .factory) -> PeriodFigures {
    let period = Period(days: 30, endingAt: asOf, calendar: calendar)
    var details = PeriodDetails(
      of: scope, steps: PeriodSteps(period), window: asOf - .days(7)..<asOf)
    var factory = PeriodFigures.Factory()
    for (workshop, line, share) in [("W01", "L1", 90), ("W01", "L2", 60), ("W02", "", 30)]
      as [(String, String, Int64)]
    {
      let place = ProductionCalendar.Place(workshop: workshop, line: line)
      details.places[place] = details.steps.days.indices.map { index in
        var step = StepFigures()
        // One day is unobserved, and the last is all off.
        let on = index == 29 ? 0 : 864_000 * (share + Int64(index % 10))
        if index == 4 {
          step.connectivity.unobserved = 86_400_000
        } else {
          (step.connectivity.on, step.connectivity.off) = (on, 86_400_000 - on)
          step.energy = on / 100
        }
        return step
      }
      var sum = (details.places[place] ?? []).reduce(into: StepFigures()) { $0 += $1 }
      var time = TimeFigures()
      (time.connectivity, time.roundTheClock) = (sum.connectivity, sum.connectivity)
      (time.machines, time.machinesHeard, time.machinesHeardHalf, time.machinesWithEnergy) = (3, 2, 2, 1)
      (time.energy, time.hasEnergy, time.good) = (sum.energy, true, sum.energy / 2)
      (time.readings, time.alarms) = (1000, ["E1": 3, "=E2": 1])
      factory.places[place] = time
      factory.total += time
      sum = StepFigures()
    }
    var connectivity = TimeFigures.Connectivity()
    (connectivity.on, connectivity.off, connectivity.unobserved) = (
      3_600_000 * 100, 3_600_000 * 200, 3_600_000
    )
    details.worst = [
      EquipmentStates(
        equipment: "E04", workshop: "W01", line: "L2", connectivity: connectivity,
        parts: [
          .init(from: asOf - .days(7), until: asOf - .days(5), kind: .state(.running)),
          .init(from: asOf - .days(5), until: asOf - .days(4), kind: .off),
          .init(from: asOf - .days(4), until: asOf - .days(3), kind: .unobserved),
          .init(from: asOf - .days(3), until: asOf, kind: .state(.fault)),
        ])
    ]
    details.incidents = [
      GatewayIncident(
        gateway: "GW1", from: asOf - .days(9), until: asOf - .days(9) + .minutes(95),
        equipment: ["E01", "E02"]),
      GatewayIncident(gateway: "GW1", from: asOf - .hours(2), until: nil, equipment: ["E01", "E02", "E03"]),
    ]
    if case .workshop(let id) = scope {
      details.places = details.places.filter { $0.key.workshop == id }
    }
    factory.details = details
    var sums = PeriodFigures()
    sums.factories["F001"] = factory
    return sums
  }

  /// Of the first one rule is met and the other has no figure; of the second both are missed, and the steps
  /// of one metric have a level and those of another no figure.
  static let policies = [
    Policy(
      name: "workshop", titleChinese: "数字化车间", titleEnglish: "Digital workshop",
      issuingBodyChinese: "经济和信息化委员会", issuingBodyEnglish: "Commission of Economy and Information Technology",
      date: CalendarDay(number: 20_779),
      origin: .init(source: "notice 2026/12", sourceChinese: "2026 年第 12 号通知"),
      noteChinese: "以通知原文为准。",
      noteEnglish: "The notice decides.",
      rules: [
        .init(metric: .digitalizationRatio, atLeast: 50_000), .init(metric: .availability, atLeast: 90_500),
      ], bands: []),
    Policy(
      name: "coverage", titleChinese: "\u{202E}全覆盖", titleEnglish: "Full\u{1B}[31m coverage",
      issuingBodyChinese: "企业自述", issuingBodyEnglish: "the plant's own claim",
      date: CalendarDay(number: 20_780), origin: .init(source: "public statements"), noteChinese: "非政策门槛。",
      noteEnglish: "No authority's threshold.",
      rules: [
        .init(metric: .automationRatio, atLeast: 100_000), .init(metric: .networkedRatio, atLeast: 44_445),
      ],
      bands: [
        .init(metric: .networkedRatio, name: "3", above: 20_000, upTo: 40_000),
        .init(metric: .networkedRatio, name: "4", above: 40_000, upTo: 60_000),
        .init(metric: .qualityRatio, name: "A", above: 0, upTo: 100_000),
        .init(metric: .digitalizationRatio, name: "1", above: 0, upTo: 88_888),
      ]),
  ]

  /// The same equipment with attributes for forms: of F001 alone, whose gateway is a required meter too.
  private static var statingForms: [RegisterSnapshot.Entry] {
    entries.map { entry in
      var entry = entry
      guard entry.equipment.key.factory == "F001" else { return entry }
      switch entry.equipment.key.equipment {
      case "E01":
        (entry.equipment.cnc, entry.equipment.process, entry.equipment.keyProcess) = (true, "精车", true)
        (entry.equipment.idealCycle, entry.equipment.assetValue) = (.seconds(30), 123_456_789)
        entry.equipment.countsOutput = true
      case "E02": (entry.equipment.cnc, entry.equipment.process, entry.equipment.assetValue) = (true, "精车", 5)
      case "E04": (entry.equipment.cnc, entry.equipment.assetValue) = (true, 100_000_000)
      case "E05":
        (entry.equipment.cnc, entry.equipment.process, entry.equipment.keyProcess) = (false, "冲压", true)
      case "GW1": entry.equipment.meterKind = .electricity
      default: break
      }
      return entry
    }
  }

  /// A month in which E01 has all factors of overall equipment effectiveness, and a day of it was not observed.
  private static var effectiveMonth: PeriodFigures {
    var sums = month(isObserved: true)
    var effectiveness = Effectiveness()
    (effectiveness.declared, effectiveness.measured, effectiveness.limited) = (1, 1, 1)
    (effectiveness.planned, effectiveness.plannedUnobserved) = (29 * 86_400_000, 86_400_000)
    (effectiveness.running, effectiveness.ideal) = (15 * 86_400_000, 10 * 86_400_000)
    effectiveness.productive = 9 * 86_400_000
    let place = ProductionCalendar.Place(workshop: "W01", line: "L1")
    sums.factories["F001"]?.places[place]?.effectiveness = effectiveness
    sums.factories["F001"]?.total.effectiveness = effectiveness
    sums.factories["F001"]?.delivered.counters = ["E01"]
    return sums
  }

  /// Asks for figures that forms need, outside of the days on which it is in force.
  static let formPolicies = [
    Policy(
      name: "forms", titleChinese: "填报要求", titleEnglish: "Form conditions", issuingBodyChinese: "经济和信息化委员会",
      issuingBodyEnglish: "Commission of Economy and Information Technology",
      date: CalendarDay(number: 20_779),
      origin: .init(source: "notice 2023/7", sourceChinese: "2023 年第 7 号通知", certainty: .restated),
      noteChinese: "以通知原文为准。", noteEnglish: "The notice decides.", validFrom: CalendarDay(number: 19_358),
      validUntil: CalendarDay(number: 19_722),
      rules: [
        .init(metric: .cncRatio, atLeast: 60_000),
        .init(
          metric: .keyProcessCNCRatio, atLeast: 70_000,
          origin: .init(source: "a letter", sourceChinese: "来函", certainty: .memory)),
      ],
      bands: [
        .init(
          metric: .networkedRatio, name: "1", lower: 0, includesLower: true, upper: 44_000,
          includesUpper: true,
          points: 0),
        .init(metric: .networkedRatio, name: "2", above: 44_000, upTo: 100_000, points: 1500),
      ])
  ]

  static let factories = [
    RegisteredFactory(id: "F001", nameChinese: "蓝海齿轮厂", nameEnglish: "Lanhai Gearbox Works"),
    RegisteredFactory(id: "F002", nameChinese: "青山轴承", nameEnglish: "Qingshan Bearings"),
    RegisteredFactory(id: "F003", nameChinese: "空置厂房"),
    RegisteredFactory(
      id: "F004", nameChinese: "\u{202E}反转\u{202C}", nameEnglish: "Evil\u{1B}[31mRed\nLine"),
  ]

  static let entries: [RegisterSnapshot.Entry] = [
    entry("F001", "E01", "W01", "L1", "数控车床", .automatic, interval: .minutes(10)),
    entry("F001", "E02", "W01", "L1", "五轴加工中心", .automatic, intelligent: true),
    entry("F001", "E03", "W01", "L2", "Welding robot", .automatic, intelligent: true),
    entry("F001", "E04", "W01", "L2", "滚齿机", .semiAutomatic),
    entry("F001", "E05", "W02", "", "Press", .manual, digital: false, connectable: false),
    entry("F001", "E06", "W02", "", "磨床", .automatic, connectable: false),
    entry("F001", "E07", "W02", "L3", "清洗机", .unclassified),
    entry("F001", "E08", "W02", "L3", "A lathe with a name far longer than any table could hold", .manual),
    entry("F001", "E09", "", "", "检测台", .automatic),
    entry("F001", "E10", "W01", "L1", "旧铣床", .manual, service: .retired),
    entry("F001", "GW1", "W01", "L1", "Gateway", .unclassified, category: "gateway"),
    entry("F002", "B1", "W01", "L1", "轴承磨床", .automatic),
    entry("F002", "B2", "W01", "L1", "轴承装配", .automatic),
    entry("F004", "X1", "W01", "L1", "=cmd|' /C calc'!A0", .automatic),
  ]

  /// E08 sends only this; a machine registered as E01 is named ｅ０１ in its topic.
  static let refused: [SenderRefusal] = [
    SenderRefusal(
      key: EquipmentKey(factory: "F001", equipment: "E08"),
      refusal: Refusal(
        .missingField, "ts", .otherKey, messages: 7, newest: asOf - .hours(2), excerpt: "timestamp")),
    SenderRefusal(
      key: EquipmentKey(factory: "F001", equipment: "ｅ０１"),
      refusal: Refusal(
        .unmatchedTopic, "equipment", .notAnID, messages: 3, newest: asOf - .hours(1),
        excerpt: "factory/F001/W01/e01/status")),
  ]

  private static func refusedOnly(_ refusal: SenderRefusal) -> EquipmentEvidence {
    var evidence = EquipmentEvidence(key: refusal.key, rejections: refusal.refusal.messages)
    evidence.refusals = [refusal.refusal]
    return evidence
  }

  static let evidence: [EquipmentEvidence] = [
    reading("F001", "E01", "W01", ago: .minutes(29), .running),
    reading("F001", "E02", "W02", ago: .zero, .idle, rejections: 4),
    EquipmentEvidence(
      key: EquipmentKey(factory: "F001", equipment: "E03"), topicWorkshop: "W01",
      readings: .init(last: asOf - .hours(5), state: .fault, mode: .manual), lastOnline: asOf - .hours(6),
      sessionOpen: true, firstHeard: asOf - .days(9)),
    EquipmentEvidence(
      key: EquipmentKey(factory: "F001", equipment: "E04"), topicWorkshop: "W01",
      readings: .init(last: asOf - .minutes(4), cut: asOf - .minutes(3), state: .running),
      lastOnline: asOf - .hours(6), firstHeard: asOf - .days(9)),
    reading("F001", "E07", "W02", ago: .days(31), .off),
    refusedOnly(refused[0]),
    reading("F001", "E10", "W01", ago: .minutes(1), .running),
    reading("F001", "X99", "W07", ago: .minutes(2), .running),
    refusedOnly(refused[1]),
    reading("F002", "B1", "W01", ago: .minutes(1), .running),
    reading("F002", "B2", "W01", ago: .minutes(1), .running),
    reading("F900", "Z1", "W01", ago: .minutes(1), .running),
  ]

  private static func entry(
    _ factory: String, _ id: String, _ workshop: String, _ line: String, _ name: String,
    _ automation: Automation, intelligent: Bool = false, digital: Bool = true, connectable: Bool = true,
    interval: Span? = nil, category: String = "machine", service: RegisterSnapshot.Entry.Service = .inService
  ) -> RegisterSnapshot.Entry {
    RegisterSnapshot.Entry(
      equipment: RegisteredEquipment(
        key: EquipmentKey(factory: factory, equipment: id), workshop: workshop, line: line, name: name,
        category: category, automation: automation, intelligent: intelligent, digital: digital,
        connectable: connectable, reportInterval: interval,
        commissionedOn: CalendarDay(year: 2020, month: 1, day: 6),
        decommissionedOn: service == .retired ? CalendarDay(year: 2026, month: 11, day: 1) : nil),
      service: service)
  }

  private static func reading(
    _ factory: String, _ id: String, _ workshop: String, ago: Span, _ state: EquipmentState,
    rejections: Int = 0
  ) -> EquipmentEvidence {
    EquipmentEvidence(
      key: EquipmentKey(factory: factory, equipment: id), topicWorkshop: workshop,
      readings: .init(last: asOf - ago, state: state, mode: .automatic), rejections: rejections,
      firstHeard: asOf - .days(12))
  }

  static let actionRules = [
    rule(
      "connect", .networkedRatio, "接入{place}的设备（{count} 台）：{equipment}",
      "Connect {count} in {place}: {equipment}"
    ) {
      $0.buckets = [.neverSeen]
    },
    rule("automate", .automationRatio, "改造{place}的设备：{equipment}", "Automate in {place}: {equipment}") {
      $0.automation = [.manual, .semiAutomatic]
    },
  ]

  private static func rule(
    _ name: String, _ metric: Metric, _ chinese: String, _ english: String,
    _ change: (inout ActionRule.Condition) -> Void
  ) -> ActionRule {
    var condition = ActionRule.Condition()
    change(&condition)
    return ActionRule(
      name: name, metric: metric, equipment: condition, textChinese: chinese, textEnglish: english)
  }

  /// Two retrofits: one completed in August that raised every ratio and saved energy, measured before it by rows
  /// that are carried back; and one under way.
  static func retrofits() -> [RetrofitComparison] {
    func side(_ last: String, energy: Int64, good: Int64, automated: Int, networked: Int, assumed: Bool)
      -> RetrofitComparison.Side
    {
      let day = CalendarDay(last) ?? CalendarDay(number: 0)
      let period = Period(from: day - 29, to: day, calendar: calendar, now: asOf)
      var figures = Figures()
      (figures.equipment, figures.automated, figures.intelligent) = (9, automated, automated / 2)
      (figures.digital, figures.connectable) = (automated + 1, automated)
      (figures.networked, figures.networkedDigital) = (networked, networked)
      (figures.online, figures.reporting) = (networked, networked / 2)
      (figures.time.energy, figures.time.hasEnergy, figures.time.good) = (energy, energy > 0, good)
      return RetrofitComparison.Side(
        observation: Observation(period: period, stretches: [(period.from, period.until)]), figures: figures,
        isAssumed: assumed)
    }
    func dates(_ begun: String, _ completed: String?) -> RetrofitDates? {
      let entry = RegisterSnapshot.Entry(
        equipment: RegisteredEquipment(
          key: EquipmentKey(factory: "F001", equipment: "E01"), retrofittedOn: CalendarDay(begun)),
        service: .inService)
      return RetrofitDates(
        RegisteredFactory(id: "F001", retrofitCompletedOn: completed.flatMap { CalendarDay($0) }), [entry],
        by: calendar.day(at: asOf))
    }
    guard let done = dates("2026-07-01", "2026-08-31"), let going = dates("2026-10-05", nil) else {
      return []
    }
    return [
      RetrofitComparison(
        dates: done,
        before: side("2026-06-30", energy: 0, good: 0, automated: 2, networked: 0, assumed: true),
        after: side(
          "2026-09-29", energy: 412_500_000, good: 100_000_000, automated: 5, networked: 4, assumed: false)),
      RetrofitComparison(
        dates: going,
        before: side(
          "2026-10-04", energy: 500_000_000, good: 100_000_000, automated: 3, networked: 4, assumed: false),
        after: side(
          "2026-11-22", energy: 400_000_000, good: 100_000_000, automated: 8, networked: 8, assumed: false)),
    ]
  }
}
