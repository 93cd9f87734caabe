import Aggregation
import Register
import Reporting
import Storage
import Telemetry

/// Reads what a report rests on: the register through the period, as known at an instant, and the views.
public struct ReportReading {
  var directory: StoreDirectory
  var calendar: LocalCalendar
  var rules: PresenceRules
  /// nil: everything known.
  var knownAt: Timestamp?
  var now: Timestamp

  /// A reading of the store in `directory`, whose days are those of `calendar`.
  ///
  /// - Parameters:
  ///   - knownAt: up to when the register is read; nil: everything known.
  ///   - now: what the report states as known-at where none was asked for.
  public init(
    directory: StoreDirectory, calendar: LocalCalendar, rules: PresenceRules, knownAt: Timestamp?,
    now: Timestamp
  ) {
    self.directory = directory
    self.calendar = calendar
    self.rules = rules
    self.knownAt = knownAt
    self.now = now
  }

  /// Everything about a scope, judged; nothing but its factory is read.
  public func assessment(of scope: ReportScope, asOf: Timestamp, over period: Period) throws
    -> DistrictAssessment
  {
    let factory = scope.factory
    let register = try RegisterStore.open(directory: directory.path, readOnly: true)
    let through = try registerPeriod(register, period, factory)
    // The last segment ends with the period's last day, which is the as-of's.
    let snapshot = through.segments[through.segments.count - 1].snapshot
    let known = knownAt ?? now
    // A register without a collector yet is a report too: nothing was seen.
    guard directory.exists || snapshot.version == 0 else {
      return DistrictAssessment(
        register: snapshot, evidence: StoreEvidence(asOf: asOf), rules: rules, knownAt: known, period: period)
    }
    let views = try ViewsReader(directory)
    try check(views)
    let calendars = try register.productionCalendars(knownAt: knownAt, factory: factory)
    return try views.snapshot { views in
      let evidence = try views.evidence(
        asOf: asOf, factory: factory, period: period.from..<period.until,
        skewsOn: Conduct.days(before: period))
      var ledger = PeriodLedger(
        observation: Observation(period: period, stretches: evidence.observed), register: through,
        calendars: calendars, rules: rules, keepsEquipment: factory != nil)
      try views.forEachPeriod(
        factory: factory, days: period.firstDay...period.lastDay, until: period.until, calendar: calendar
      ) { try ledger.add($0, stretches: $1) }
      return DistrictAssessment(
        register: snapshot, evidence: evidence, rules: rules, knownAt: known, period: period,
        sums: try ledger.finish(), calendars: calendars)
    }
  }

  private func registerPeriod(
    _ register: RegisterStore, _ period: Period, _ factory: String?
  ) throws -> RegisterPeriod {
    let imports = try register.imports().map(\.version)
    let version = knownAt.map { RegisterResolution.version(of: imports, knownAt: $0) }
    let known = imports.filter { one in version.map { one.version <= $0 } ?? true }
    return try RegisterPeriod(
      days: period.firstDay...period.lastDay, effectiveDays: known.map(\.effectiveOn)
    ) { day in
      try register.snapshot(day: day, knownVersion: version ?? known.last?.version ?? 0, factory: factory)
    }
  }

  /// Refuses to report in another time zone than the one the store's days were cut in.
  private func check(_ views: ViewsReader) throws {
    let zone = try views.timeZone()
    guard zone == calendar.identifier else {
      throw CommandFailure(
        .configuration,
        "district.timezone is \(calendar.identifier), but the store's days are those of \(zone): set it back")
    }
  }
}
