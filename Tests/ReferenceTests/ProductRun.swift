import Aggregation
import Decoding
import Foundation
import Ingestion
import MQTT
import Register
import Reporting
import Storage
import Telemetry
import TestSupport

/// Puts a scenario through the product: messages into a shard over a real store, repairs, then the report's
/// figures, in the reference's form.
struct ProductRun {
  let scenario: Scenario
  private let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc

  /// How records reach the shard.
  enum Feeding {
    /// As received, over the scenario's connections.
    case received
    /// The connections first, then all records in any order, some of them twice.
    case shuffled(SeededGenerator)
    /// As received, and then all once more with the receipts they had.
    case twice
  }

  /// What the product makes of a scenario.
  struct Found {
    /// In the reference's form.
    var figures: [String: String]
    /// JSON reports by what they are about, up to their provenance.
    var reports: [String: String]
  }

  func figures(_ feeding: Feeding = .received) throws -> Found {
    let folder = try TemporaryDirectory("reference", inMemory: true)
    let directory = StoreDirectory(folder.path + "/store")
    let store = SQLiteShardStore(directory: directory, calendar: calendar, horizonMinimum: .minutes(15))
    let shard = try Shard(
      store: store, settings: try settings(), directory: directory, register: { [] }, report: { _ in })
    switch feeding {
    case .received: try feed(shard)
    case .shuffled(var random): try feedShuffled(shard, &random)
    case .twice:
      try feed(shard)
      // The connection ends first: what is fed again says nothing of when it stood.
      if let last = scenario.connections.last {
        shard.disconnected(reason: .stopped, at: Int64(last.through))
      }
      for record in scenario.records { try commit([record], shard) }
    }
    try shard.repairAll()
    defer { store.release() }
    return try report(directory)
  }

  private func settings() throws -> ShardSettings {
    ShardSettings(
      sources: [
        Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
        Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
      ], calendar: calendar)
  }

  // MARK: Feeding

  private func feed(_ shard: Shard) throws {
    var rest = scenario.records[...]
    for connection in scenario.connections {
      try shard.connected(sessionPresent: connection.resumed, at: Int64(connection.from))
      while let next = rest.first, next.received <= connection.through {
        let count = rest.prefix(7).prefix { $0.received <= connection.through }.count
        try commit(rest.prefix(count), shard)
        rest = rest.dropFirst(count)
      }
      if connection.closed { shard.disconnected(reason: .closed("test"), at: Int64(connection.through)) }
    }
  }

  private func feedShuffled(_ shard: Shard, _ random: inout SeededGenerator) throws {
    for connection in scenario.connections {
      try shard.connected(sessionPresent: connection.resumed, at: Int64(connection.from))
      shard.disconnected(reason: .stopped, at: Int64(connection.through))
    }
    var records = scenario.records.shuffled(using: &random)
    records += records.filter { _ in random.next(3) == 0 }.shuffled(using: &random)
    var rest = records[...]
    while !rest.isEmpty {
      let count = 1 + Int(random.next(9))
      try commit(rest.prefix(count), shard)
      rest = rest.dropFirst(count)
    }
  }

  private func commit(_ records: some Sequence<Scenario.Record>, _ shard: Shard) throws {
    var window = Window()
    for record in records {
      let isConnection = record.kind == .online || record.kind == .offline
      var topic =
        "factory/F1/\(record.workshop)/\(record.equipment)/\(isConnection ? "connection" : "status")"
      var payload = record.payload
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
            receivedAt: Int64(record.received), retained: record.retained)
        }
      }
    }
    try shard.commit(&window)
  }

  // MARK: Reporting

  private func report(_ directory: StoreDirectory) throws -> Found {
    let now = Timestamp(milliseconds: Int64(scenario.now))
    let period = Period(
      from: day(scenario.days.lowerBound), to: day(scenario.days.upperBound), calendar: calendar, now: now)
    let history = register()
    let through = RegisterPeriod(
      days: period.firstDay...period.lastDay, effectiveDays: scenario.imports.map { day($0.effectiveOn) }
    ) { history.snapshot(day: $0) }
    let rules = PresenceRules()
    return try ViewsReader(directory).snapshot { views in
      let evidence = try views.evidence(
        asOf: period.asOf, factory: "F1", period: period.from..<period.until)
      var ledger = PeriodLedger(
        observation: Observation(period: period, stretches: evidence.observed), register: through,
        calendars: ProductionCalendars(version: 1, factories: ["F1": productionCalendar()]), rules: rules,
        keepsEquipment: true)
      try views.forEachPeriod(
        factory: "F1", days: period.firstDay...period.lastDay, until: period.until, calendar: calendar
      ) { try ledger.add($0, stretches: $1) }
      let assessment = DistrictAssessment(
        register: through.segments[through.segments.count - 1].snapshot, evidence: evidence, rules: rules,
        knownAt: now, period: period, sums: try ledger.finish())
      return Found(figures: text(assessment), reports: try reports(assessment))
    }
  }

  private func reports(_ assessment: DistrictAssessment) throws -> [String: String] {
    let scopes =
      [ReportScope.factory("F1")]
      + assessment.register.entries.map { ReportScope.equipment($0.equipment.key) }
    var reports: [String: String] = [:]
    for scope in scopes {
      let report = try Report(
        on: scope, of: assessment, district: DistrictIdentity(id: "park"), version: "0.1.0")
      reports[scope.path] =
        JSONRenderer().render(report).components(separatedBy: "\"provenance\"")[0]
    }
    return reports
  }

  private func text(_ assessment: DistrictAssessment) -> [String: String] {
    var figures: [String: String] = [:]
    guard let factory = assessment.period.factories["F1"] else { return [:] }
    write(factory.total, "factory", &figures)
    for (place, sums) in factory.places { write(sums, "line/\(place.workshop)/\(place.line)", &figures) }
    for (id, sums) in factory.equipment { write(sums, "equipment/\(id)", &figures) }
    for bucket in Bucket.allCases {
      let count = assessment.figures.buckets[bucket]
      if count > 0 { figures["factory/buckets/\(bucket.key)"] = "\(count)" }
    }
    return figures
  }

  private func write(_ sums: TimeFigures, _ path: String, _ figures: inout [String: String]) {
    for metric in Metric.timeRatios {
      guard let bounded = sums.ratio(of: metric) else { continue }
      figures["\(path)/\(metric.key)"] = [bounded.value, bounded.lower, bounded.upper].compactMap { $0 }
        .map { "\($0.numerator)/\($0.denominator)" }.joined(separator: " ")
    }
    figures["\(path)/energy"] = sums.hasEnergy ? "\(sums.energy)" : "none"
    figures["\(path)/good"] = "\(sums.good)"
    figures["\(path)/readings"] = "\(sums.readings)"
    figures["\(path)/missing"] = "\(sums.missing)"
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
