import Register
import Storage
import Telemetry

/// Reads from a store what an assessment rests on: the register through the period, as known at an instant,
/// and the views at one moment.
public struct AssessmentReading {
  private let directory: StoreDirectory
  private let calendar: LocalCalendar
  private let rules: PresenceRules
  private let knownAt: Timestamp?
  private let now: Timestamp

  /// The store was made with days of another time zone than those asked for, so that no day of it is one of
  /// theirs.
  public struct OtherTimeZone: Error, Equatable, CustomStringConvertible {
    public let asked: String
    public let stored: String

    public var description: String {
      "district.timezone is \(asked), but the store's days are those of \(stored): set it back"
    }
  }

  /// A reading of the store in `directory`.
  ///
  /// - Parameters:
  ///   - calendar: of the district's time zone.
  ///   - knownAt: the instant up to which the register is as known; nil for everything known.
  ///   - now: what stands for the known-at where it is nil.
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

  /// The district judged at `asOf` with the sums over `period`; of one factory alone where `factory` names it,
  /// and nothing else is read then.
  /// - Throws: ``OtherTimeZone``, and ``StoreError``.
  public func assessment(
    of factory: String? = nil, asOf: Timestamp, over period: Period
  ) throws -> DistrictAssessment {
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
    let zone = try views.timeZone()
    guard zone == calendar.identifier else { throw OtherTimeZone(asked: calendar.identifier, stored: zone) }
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
}
