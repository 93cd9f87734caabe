import Register
import Storage
import Telemetry

/// What is read of some factories.
struct AssessmentPart: Sendable {
  /// As of the period's last day.
  var register: RegisterSnapshot?
  var equipment: [EquipmentEvidence] = []
  var sums = PeriodFigures()
}

/// Reads some factories: their register through the period, and beside it what their senders did.
struct PartReading: Sendable {
  let directory: StoreDirectory
  var period: Period
  var asOf: Timestamp
  /// Of imports that are known.
  let effectiveDays: [CalendarDay]
  let registerVersion: Int
  var calendars: ProductionCalendars
  let rules: PresenceRules
  let keeping: AssessmentReading.Keeping

  private var details: DetailsScope? { if case .details(let scope) = keeping { scope } else { nil } }

  func register(of scope: FactoryScope) throws -> RegisterPeriod {
    // A connection of its own, since parts are read at once.
    let register = try RegisterStore.open(directory: directory.path, readOnly: true)
    return try RegisterPeriod(
      days: period.firstDay...period.lastDay, effectiveDays: effectiveDays
    ) { (days: [CalendarDay]) in
      try register.snapshots(days: days, knownVersion: registerVersion, of: scope)
    }
  }

  func read(_ scope: FactoryScope, _ views: ViewsSnapshot) throws -> AssessmentPart {
    try read(try register(of: scope), views.senders(of: scope), views)
  }

  /// Reads what `senders` did beside the register through the period.
  func read(
    _ register: RegisterPeriod, _ senders: SenderRows, _ views: ViewsSnapshot
  ) throws -> AssessmentPart {
    let observed = try views.observed(in: period.from..<period.until)
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: observed), register: register,
      calendars: calendars, rules: rules, keepsEquipment: keeping != .sums,
      countsEquipmentAlarms: keeping == .equipment, details: details)
    var part = AssessmentPart(register: register.last)
    part.equipment = try views.forEachPeriod(
      of: senders, asOf: asOf, days: period.firstDay...period.lastDay, until: period.until,
      calendar: period.calendar,
      joins: DayJoins(areAlike: ledger.areAlike) { try ledger.takesDaysAsOne($0, firstReading: $1) }
    ) { try ledger.add($0, stretches: $1) }
    part.sums = try ledger.finish()
    return part
  }
}

extension RegisterPeriod {
  /// The register on the last of the days, which is the as-of's.
  var last: RegisterSnapshot? { segments.last?.snapshot }
}
