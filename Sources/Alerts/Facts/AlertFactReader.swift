import Aggregation
import Configuration
import Daemon
import Foundation
import Reporting
import Storage
import Telemetry

/// Reads the facts that rules need from a store, its collector's status and certificates. What cannot be read is unknown,
/// so that no alert is raised or resolved for it.
public struct AlertFactReader: Sendable {
  private let settings: Settings
  private let service: ReportService
  private let store: any Store
  private var rules = AlertRules(rules: [], receivers: [])
  private var figures: ReadFigures?
  /// The newest reading at which the collector was connected and deaf: what was sent then may never arrive.
  private var deafAt: Timestamp?

  /// Figures of whole districts take a second: they are read again after this time.
  static let figuresAge = Span.minutes(5)
  /// Number of local days from which the rest of a month is projected.
  static let recentDays = 7

  private struct ReadFigures: Sendable {
    var at: Timestamp
    var periods: [Int: AlertFacts.Period]
    var month: AlertFacts.Month?
    /// Names by factory.
    var names: [String: (chinese: String, english: String)]
  }

  /// A reader of a store.
  public init(_ settings: Settings, service: ReportService, store: any Store) {
    self.settings = settings
    self.service = service
    self.store = store
  }

  /// The facts that rules need at a moment, and what could not be read.
  public mutating func read(
    for rules: AlertRules, at now: Timestamp
  ) -> (facts: AlertFacts, failures: [String]) {
    if rules != self.rules {
      self.rules = rules
      // Other rules may need other periods.
      figures = nil
    }
    var facts = AlertFacts(at: now)
    var failures: [String] = []
    func noting(_ read: () throws -> Void) {
      do { try read() } catch { failures.append("\(error)") }
    }
    noting {
      let judgement = try StatusJudgement(of: try store.statusPlace(of: .embedded), now: now)
      facts.collector = AlertFacts.Collector(judgement, at: now)
      if judgement.status?.hearing?.deafSince != nil { deafAt = now }
    }
    if let deafAt, let since = facts.collector?.observedSince, deafAt <= now {
      facts.collector?.observedSince = max(since, deafAt)
    }
    noting { try readSenders(into: &facts) }
    noting { try refreshFigures(at: now) }
    facts.periods = figures?.periods ?? [:]
    facts.month = figures?.month
    if let names = figures?.names {
      for (id, name) in names {
        facts.factories?[id, default: AlertFacts.Factory()].nameChinese = name.chinese
        facts.factories?[id]?.nameEnglish = name.english
      }
    }
    for file in certificates() {
      if let end = CertificateEnd.read(file) {
        facts.certificates[file] = end
      } else {
        failures.append("\(file): is not a readable PEM file with certificates")
      }
    }
    return (facts, failures)
  }

  // MARK: -

  private func readSenders(into facts: inout AlertFacts) throws {
    let now = facts.at
    guard try store.hasViews() else {
      (facts.factories, facts.machines) = ([:], [:])
      return
    }
    let evidence = try store.reader().evidence(asOf: now, period: (now - .minutes(1))..<now)
    var factories: [String: AlertFacts.Factory] = [:]
    var machines: [EquipmentKey: AlertFacts.Machine] = [:]
    for one in evidence.equipment {
      let heard = [one.readings?.last, one.lastOnline].compactMap { $0 }.max()
      var factory = factories[one.key.factory] ?? AlertFacts.Factory()
      factory.lastHeard = [factory.lastHeard, heard].compactMap { $0 }.max()
      factories[one.key.factory] = factory
      guard let readings = one.readings else { continue }
      let isKnown = one.vouchedByReading(at: now, horizon: settings.presence.horizonMinimum)
      machines[one.key] = isKnown ? readings.state == .fault ? .fault : .other : .unknown
    }
    (facts.factories, facts.machines) = (factories, machines)
  }

  /// Numbers of days over which rules ask for figures.
  private var days: Set<Int> {
    Set(
      rules.rules.compactMap { rule in
        if case .ratioBelow(_, let days, _, _, _) = rule.kind { days } else { nil }
      })
  }

  private var needsMonth: Bool {
    rules.rules.contains { if case .policyAtRisk = $0.kind { true } else { false } }
  }

  private mutating func refreshFigures(at now: Timestamp) throws {
    if let figures, figures.at <= now, now - figures.at < Self.figuresAge { return }
    // Figures that cannot be read again are not held on to.
    figures = nil
    let calendar = settings.district.calendar
    var read = ReadFigures(at: now, periods: [:], month: nil, names: [:])
    func report(over period: Aggregation.Period) throws -> AlertFacts.Period {
      var request = ReportRequest(
        on: .district, over: period, asOf: min(now, period.asOf), now: now, readsRetrofits: false,
        readsPrevious: false)
      request.recountsCutDay = false
      let report = try service.report(for: request)
      var factories: [String: Figures] = [:]
      if case .district(let ranking) = report.contents {
        for one in ranking.factories {
          read.names[one.factory.id] = (one.factory.nameChinese, one.factory.nameEnglish)
          if one.isRegistered { factories[one.factory.id] = one.figures }
        }
      }
      return AlertFacts.Period(district: report.figures, factories: factories)
    }
    for days in needsMonth ? days.union([Self.recentDays]) : days.union([1]) {
      read.periods[days] = try report(over: Period(days: days, endingAt: now, calendar: calendar))
    }
    if needsMonth, let recent = read.periods[Self.recentDays] {
      let today = calendar.day(at: now)
      let (first, next) = Self.month(of: today)
      let month = Period(from: first, to: next - 1, calendar: calendar, now: now)
      read.month = AlertFacts.Month(
        firstDay: first, today: today, end: calendar.start(of: next), until: now,
        soFar: try report(over: month), recent: recent,
        recentFrom: calendar.start(of: today - (Self.recentDays - 1)))
    }
    figures = read
  }

  /// The first day of a day's month and that of the next month.
  static func month(of day: CalendarDay) -> (first: CalendarDay, next: CalendarDay) {
    let civil = day.civil
    let first = day - (civil.day - 1)
    return (first, first + CalendarDay.length(ofMonth: civil.month, year: civil.year))
  }

  private func certificates() -> [String] {
    var files: Set<String> = []
    for rule in rules.rules {
      guard case .certificateExpiring(_, let named) = rule.kind else { continue }
      let tls = settings.mqtt.tls
      files.formUnion(named.isEmpty ? [tls?.caFile, tls?.certificateFile].compactMap { $0 } : named)
    }
    return files.sorted()
  }
}
