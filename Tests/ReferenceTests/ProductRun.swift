import Aggregation
import Decoding
import Foundation
import Ingestion
import MQTT
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry
import TestSupport

/// Puts a scenario through the product: messages into a shard over a real store, repairs, then the report's
/// figures, in the reference's form.
struct ProductRun {
  let scenario: Scenario
  /// How many days are packed together: few, so that some of a short scenario's are.
  let daysPerGroup: Int32
  private let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc

  /// Whether days are packed as soon as they are over, or else none is.
  private var packs: Bool { scenario.seed % 4 != 3 }

  init(scenario: Scenario) {
    self.scenario = scenario
    daysPerGroup = Int32(1 + scenario.seed % 3)
  }

  /// Everything as it came, window by window, over connections that end and collectors that are killed.
  func figures() throws -> [String: String] {
    let site = try makeSite()
    try feed(site)
    try site.shard.repairAll()
    if packs { try site.store.store.packGroups() }
    var figures = text(try assessment(site))
    // Days that are packed say what their rows say.
    try ViewsComparison(stored: site.directory.views, computed: site.directory.views).forEachDifference {
      figures["packed", default: ""] += $0 + "\n"
    }
    return figures
  }

  /// The reports once everything came; then, after each way of being told again what was told, those that are
  /// another, by what they are about.
  func reportsFedAgain() throws -> (reports: [String: String], others: [String]) {
    // What is told again was not heard then: silence is not judged.
    let stretches = Listening(scenario.connections, horizon: .max).stretches
    let site = try makeSite(judgesSilence: false)
    var scenario = scenario
    // The last connection ends before anything is told again, which says nothing of when it stood.
    if let last = stretches.last {
      scenario.connections[scenario.connections.count - 1].ending = .lost(at: last.through)
    }
    try ProductRun(scenario: scenario).feed(site)
    let reports = try reports(of: site)
    var random = SeededGenerator(seed: scenario.seed)
    let told = try told(site)
    var others: [String] = []
    func compare(_ site: Site, _ how: String) throws {
      let again = try self.reports(of: site)
      for (path, report) in again where report != reports[path] {
        others.append("\(path), \(how): \(Self.difference(reports[path] ?? "", report))")
      }
    }
    try tell(told, to: site, &random)
    try compare(site, "told again in order")
    for _ in 0..<2 { try tell(told.shuffled(using: &random), to: site, &random) }
    try compare(site, "told again twice in any order")
    let other = try makeSite(judgesSilence: false)
    for stretch in stretches {
      try other.shard.connected(sessionPresent: stretch.resumed, at: Int64(stretch.from))
      other.shard.disconnected(reason: .stopped, at: Int64(stretch.through))
    }
    // The broker's count is kept where it changes, so that only what comes in order is all kept.
    try tell(told.filter(\.isOfBroker), to: other, &random)
    for _ in 0..<2 { try tell(told.filter { !$0.isOfBroker }.shuffled(using: &random), to: other, &random) }
    try compare(other, "told twice, in any order, to another store")
    return (reports, others)
  }

  /// Where two texts part, and how they go on.
  private static func difference(_ a: String, _ b: String) -> String {
    let common = zip(a, b).prefix { $0 == $1 }.count
    let before = String(a.dropFirst(max(0, common - 150)).prefix(min(common, 150)))
    return "…\(before) ⟨\(a.dropFirst(common).prefix(80))⟩ became ⟨\(b.dropFirst(common).prefix(80))⟩"
  }

  private func reports(of site: Site) throws -> [String: String] {
    try site.shard.repairAll()
    let assessment = try assessment(site)
    let scopes =
      [ReportScope.district, .factory("F1")]
      + ["E1", "E2", "E3", "E4", "E5", "M1", "X9"].map {
        .equipment(EquipmentKey(factory: "F1", equipment: $0))
      }
    var reports: [String: String] = [:]
    for scope in scopes {
      guard
        let report = try? Report(
          on: scope, of: assessment, district: DistrictIdentity(id: "park"), version: "0.1.0")
      else { continue }
      // Messages are told again without the retain flag, and those retained before a subscription are not.
      reports["\(scope)"] = JSONRenderer().render(report).components(separatedBy: "\"provenance\"")[0]
        .replacing(/"retain(ed|_flag_kept)":\s*\d+/, with: "")
    }
    return reports
  }

  /// A message as the journal has it.
  private struct Told {
    var topic: String
    var payload: String
    var received: Int
    var retained: Bool
    var isOfBroker: Bool { topic == BrokerDrops.topic }
  }

  /// Every message of a store's journal but those that only came again, and what the broker had kept before a new
  /// subscription: that comes with another new subscription only.
  private func told(_ site: Site) throws -> [Told] {
    var told: [Told] = []
    try JournalReader(site.directory).forEachVerifiedBlock { block in
      try block.forEachRecord { record in
        guard record.kind.isReceived, !record.flags.contains(.redelivered) else { return }
        // What the broker had kept is retained only within a minute of a new subscription.
        let topic = String(decoding: record.topic, as: UTF8.self)
        guard topic == BrokerDrops.topic || !record.flags.contains(.retained) else { return }
        told.append(
          Told(
            topic: topic, payload: String(decoding: record.payload, as: UTF8.self),
            received: Int(record.received.milliseconds), retained: record.flags.contains(.retained)))
      }
    }
    return told
  }

  private func tell(_ told: [Told], to site: Site, _ random: inout SeededGenerator) throws {
    var rest = told[...]
    while !rest.isEmpty {
      var window = Self.window()
      for one in rest.prefix(1 + Int(random.next(9))) {
        add(one.topic, one.payload, one.received, one.retained, to: &window)
      }
      rest = rest.dropFirst(window.count)
      try site.shard.commit(&window)
      if random.next(40) == 0 { try site.kill() }
    }
  }

  // MARK: Feeding

  /// A store, and the shard that has claimed it.
  private final class Site {
    let folder: TemporaryDirectory
    let directory: StoreDirectory
    let store: UnreliableStore
    private(set) var shard: Shard
    let settings: ShardSettings
    private let horizon: () -> Span

    init(calendar: LocalCalendar, daysPerGroup: Int32, horizon: Span) throws {
      self.horizon = { horizon }
      folder = try TemporaryDirectory("reference", inMemory: true)
      directory = StoreDirectory(folder.path + "/store")
      settings = ShardSettings(
        sources: [
          Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
          Source(
            .presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
        ], calendar: calendar)
      let whole = SQLiteShardStore(
        directory: directory, calendar: calendar, horizonMinimum: .minutes(15))
      whole.daysPerGroup = daysPerGroup
      store = UnreliableStore(whole)
      shard = try Shard(
        store: store, settings: settings, repairsFrom: directory, horizon: { horizon }, register: { [] },
        emit: { _ in })
    }

    /// Loses everything in memory and claims the store again.
    func kill() throws {
      store.store.release()
      store.isBroken = false
      shard = try Shard(
        store: store, settings: settings, repairsFrom: directory, horizon: horizon, register: { [] },
        emit: { _ in })
    }
  }

  private func makeSite(judgesSilence: Bool = true) throws -> Site {
    try Site(
      calendar: calendar, daysPerGroup: daysPerGroup,
      horizon: judgesSilence ? .milliseconds(Int64(scenario.longestHorizon)) : .days(36_500))
  }

  private func feed(_ site: Site) throws {
    var random = SeededGenerator(seed: scenario.seed)
    var packing = SeededGenerator(seed: scenario.seed &+ 1)
    for connection in scenario.connections {
      try site.shard.connected(sessionPresent: connection.resumed, at: Int64(connection.from))
      var rest = connection.events[...]
      var isFirst = connection.resumed
      var newest = connection.from
      while let next = rest.first {
        // Views that cannot be written for a while are behind the journal when the collector is killed.
        if random.next(6) == 0 { site.store.isBroken.toggle() }
        if case .quiet(let at) = next {
          try site.shard.tick(now: Int64(at))
          newest = at
          rest.removeFirst()
          continue
        }
        let wanted = 1 + Int(random.next(9))
        // A window is a tenth of a second: one in which the clock is found set back holds little else.
        let count = next.at < newest - 60_000 ? 1 : windowSize(rest, wanted, untilReading: isFirst)
        // Alone in its window, the broker's count may not be noted at all.
        newest =
          rest.prefix(count).compactMap { if case .message(let record) = $0 { record.received } else { nil } }
          .max() ?? newest
        try commit(rest.prefix(count), site.shard)
        rest = rest.dropFirst(count)
        isFirst = false
        if packs, packing.next(6) == 0 { try site.store.store.packGroups() }
        if random.next(30) == 0 {
          site.store.isBroken = false
          try site.shard.repairAll()
        }
      }
      switch connection.ending {
      case .stopped(let at):
        site.shard.disconnected(reason: .stopped, at: Int64(at))
        site.store.isBroken = false
        if random.next(4) == 0 {
          try site.shard.finish()
          try site.kill()
        }
      case .lost(let at): site.shard.disconnected(reason: .closed("test"), at: Int64(at))
      case .killed: try site.kill()
      }
    }
    site.store.isBroken = false
  }

  /// How many of the events make the next window, which ends before the clock is set back. What a resumed session delivers again is known for sure only with a reading among it.
  private func windowSize(
    _ events: ArraySlice<Scenario.Connection.Event>, _ wanted: Int, untilReading: Bool
  ) -> Int {
    var count = 0
    var hasReading = !untilReading
    var newest = 0
    for event in events {
      if case .quiet = event { break }
      if event.at < newest - 60_000 || count >= wanted && hasReading { break }
      newest = max(newest, event.at)
      count += 1
      if case .message(let record) = event, case .reading = record.kind, record.isAccepted {
        hasReading = true
      }
    }
    return count
  }

  private func commit(_ events: some Sequence<Scenario.Connection.Event>, _ shard: Shard) throws {
    var window = Self.window()
    for event in events {
      switch event {
      case .message(let record):
        let isConnection = record.kind == .online || record.kind == .offline
        add(
          "factory/F1/\(record.workshop)/\(record.equipment)/\(isConnection ? "connection" : "status")",
          record.payload, record.received, record.retained, to: &window)
      case .drops(let total, let at, let retained):
        add(BrokerDrops.topic, "\(total)", at, retained, to: &window)
      case .quiet: break
      }
    }
    try shard.commit(&window)
  }

  /// One that costs little to make.
  private static func window() -> Window { Window(limits: WindowLimits(messages: 64, bytes: 16_384)) }

  private func add(
    _ topic: String, _ payload: String, _ received: Int, _ retained: Bool, to window: inout Window
  ) {
    var (topic, payload) = (topic, payload)
    topic.withUTF8 { topic in
      payload.withUTF8 { payload in
        window.append(
          topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
          receivedAt: Int64(received), retained: retained)
      }
    }
  }

  // MARK: Reporting

  private func period() -> Period {
    let now = Timestamp(milliseconds: Int64(scenario.now))
    let asOf = Timestamp(milliseconds: Int64(scenario.asOf))
    return scenario.isCut
      ? Period(days: scenario.days.count, endingAt: asOf, calendar: calendar, now: now)
      : Period(
        from: day(scenario.days.lowerBound), to: day(scenario.days.upperBound), calendar: calendar, now: now)
  }

  private func registerPeriod(_ period: Period) -> RegisterPeriod {
    let history = register()
    var through = RegisterPeriod(
      days: period.firstDay...period.lastDay, effectiveDays: scenario.imports.map { day($0.effectiveOn) }
    ) { history.snapshot(day: $0) }
    through.meters = history.meterHistories()
    return through
  }

  private func assessment(_ site: Site) throws -> DistrictAssessment {
    let (settings, directory) = (site.settings, site.directory)
    let now = Timestamp(milliseconds: Int64(scenario.now))
    let asOf = Timestamp(milliseconds: Int64(scenario.asOf))
    let period = period()
    let through = registerPeriod(period)
    let rules = PresenceRules()
    return try ViewsReader(directory).snapshot { views in
      var evidence = try views.overview(
        asOf: asOf, factory: "F1", period: period.from..<period.until)
      var ledger = PeriodLedger(
        observation: Observation(period: period, stretches: evidence.observed), register: through,
        calendars: ProductionCalendars(version: 1, factories: ["F1": productionCalendar()]), rules: rules,
        keepsEquipment: true, details: .factory)
      let senders = try views.senders(of: .one("F1"))
      let cut = try views.cutDays(of: senders, until: period.until, calendar: calendar) {
        try CutDayFold(settings: settings, directory).fold($0, on: $1, until: $2, through: $3)
      }
      let request = PeriodRequest(
        asOf: asOf, days: period.firstDay...period.lastDay, until: period.until, calendar: calendar, cut: cut)
      evidence.equipment = try views.forEachPeriod(of: senders, request) { try ledger.add($0, stretches: $1) }
      return DistrictAssessment(
        register: through.segments[through.segments.count - 1].snapshot, evidence: evidence, rules: rules,
        knownAt: now, period: period, sums: try ledger.finish(),
        earlierIntervals: through.earlierIntervals)
    }
  }

  private func text(_ assessment: DistrictAssessment) -> [String: String] {
    var figures: [String: String] = [:]
    guard let factory = assessment.period.factories["F1"] else { return [:] }
    write(factory.total, "factory", &figures)
    // A period step by step adds up to the period.
    let steps = (factory.details?.places ?? [:]).values.joined()
      .reduce(into: StepFigures()) { $0 += $1 }
    if factory.details == nil || steps.connectivity != factory.total.roundTheClock
      || steps.energy != factory.total.energy
    {
      figures["details"] = "\(steps) is not \(factory.total.roundTheClock), \(factory.total.energy)"
    }
    for (place, sums) in factory.places { write(sums, "line/\(place.workshop)/\(place.line)", &figures) }
    for (id, sums) in factory.equipment { write(sums, "equipment/\(id)", &figures) }
    for bucket in Bucket.allCases {
      let count = assessment.figures.buckets[bucket]
      if count > 0 { figures["factory/buckets/\(bucket.key)"] = "\(count)" }
    }
    let coverage = assessment.observation.coverage
    figures["factory/observation_coverage"] = "\(coverage.numerator)/\(coverage.denominator)"
    figures["factory/broker_drops"] = assessment.evidence.brokerDrops.map(String.init) ?? "unknown"
    return figures
  }

  private func write(_ sums: TimeFigures, _ path: String, _ figures: inout [String: String]) {
    for metric in Metric.timeRatios {
      guard let bounded = sums.ratio(of: metric) else { continue }
      figures["\(path)/\(metric.key)"] = [bounded.value, bounded.lower, bounded.upper].compactMap { $0 }
        .map { "\($0.numerator)/\($0.denominator)" }.joined(separator: " ")
    }
    figures["\(path)/shutdown"] = "\(sums.shutdown)"
    let machines = (sums.machinesHeard, sums.machinesHeardHalf, sums.machinesUndeclared)
    figures["\(path)/machines"] =
      sums.machines == 0 ? "0" : "\(machines.0) \(machines.1) \(machines.2) of \(sums.machines)"
    figures["\(path)/energy"] = sums.hasEnergy ? "\(sums.energy)" : "none"
    figures["\(path)/good"] = "\(sums.good)"
    figures["\(path)/readings"] = "\(sums.readings)"
    figures["\(path)/missing"] = "\(sums.missing)"
    figures["\(path)/equal_times"] = "\(sums.ties)"
    figures["\(path)/meter_resets"] = "\(sums.meterResets)"
    figures["\(path)/meter_glitches"] = "\(sums.meterGlitches)"
    figures["\(path)/good_above_total"] = "\(sums.goodAboveTotal)"
    figures["\(path)/alarms"] = sums.alarms.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  // MARK: Register and calendar

  private func day(_ number: Int) -> CalendarDay { CalendarDay(number: Int32(number)) }

  private func register() -> RegisterHistory {
    var history = RegisterHistory()
    for (index, one) in scenario.imports.enumerated() {
      let rows = one.rows.map { row in
        RegisteredEquipment(
          key: EquipmentKey(factory: "F1", equipment: row.id), workshop: row.workshop, line: row.line,
          category: row.category, automation: Automation(rawValue: row.automation) ?? .unclassified,
          intelligent: row.intelligent, digital: row.digital, connectable: row.connectable,
          reportInterval: row.interval.map { .seconds(Int64($0)) },
          commissionedOn: row.commissionedOn.map(day), decommissionedOn: row.decommissionedOn.map(day),
          energyMeter: row.energyMeter, energyRollover: row.rollover.map(Int64.init))
      }
      history.append(
        RegisterRows(equipment: rows), effectiveOn: day(one.effectiveOn),
        importedAt: Timestamp(milliseconds: Int64(index)))
    }
    return history
  }

  private func productionCalendar() -> ProductionCalendar {
    ProductionCalendar(
      shifts: scenario.shifts.map { shift in
        .init(
          place: .init(workshop: shift.workshop, line: shift.line),
          days: day(shift.days.lowerBound)...day(shift.days.upperBound), weekdays: shift.weekdays,
          start: shift.start, end: shift.end)
      },
      holidays: scenario.holidays.map { .init(place: .init(), days: day($0)...day($0)) },
      shutdowns: scenario.shutdowns.map { shutdown in
        .init(
          place: .init(workshop: shutdown.workshop, line: shutdown.line),
          range: Timestamp(
            milliseconds: Int64(shutdown.from))..<Timestamp(milliseconds: Int64(shutdown.until)),
          enteredAt: Timestamp(milliseconds: Int64(shutdown.enteredAt)))
      })
  }
}
