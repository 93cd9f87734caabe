import Journal
import Register
import Storage
import Telemetry

/// Evidence and register of some factories, as read.
struct AssessmentPart: Sendable {
  /// As of the period's last day.
  var register: RegisterSnapshot?
  var equipment: [EquipmentEvidence] = []
  var sums = PeriodFigures()
  /// Flags for changes of the register that make figures look better.
  var registerFlags: [AuditFlag] = []
  /// Workshops by days, for equipment that changes its workshop within the period.
  var movedWorkshops: [EquipmentKey: [(days: ClosedRange<CalendarDay>, workshop: String)]] = [:]
  /// Declared report interval on the day before the as-of's; only equipment whose interval differs on the as-of's day.
  var earlierIntervals: [EquipmentKey: Span?] = [:]
  /// The day that the end cuts, of senders that went on after it.
  var cut: CutDays?
  /// Fields left out in the period, where its end cuts a day; nil else, as then the stored counts are right.
  var fieldErrors: [FieldError]?
}

/// Reads some factories: their register through the period, and beside it what their senders did.
struct PartReading: Sendable {
  let store: any Store
  var period: Period
  var asOf: Timestamp
  /// Of imports that are known.
  let effectiveDays: [CalendarDay]
  /// The same imports, ascending by version; empty where changes are not looked for.
  var imports: [RegisterImport] = []
  let registerVersion: Int
  var calendars: ProductionCalendars
  let rules: PresenceRules
  let keeping: AssessmentReading.Keeping
  /// Folds the day again that the period's end cuts; nil where nobody can.
  let fold: CutDays.Fold?
  /// Whether that day is counted up to the end only.
  let recountsCutDay: Bool
  /// Whether flags of clocks are wanted: of a short period, earlier days are read for them too.
  var judgesClocks = false

  private var details: DetailsScope? { if case .details(let scope, _) = keeping { scope } else { nil } }
  private var keepsOffline: Bool { if case .details(_, let offline) = keeping { offline } else { false } }

  /// The register of some factories through the period.
  func registerPeriod(of scope: FactoryScope, in register: any RegisterReading) throws -> RegisterPeriod {
    var through = try RegisterPeriod(
      days: period.firstDay...period.lastDay, effectiveDays: effectiveDays
    ) { (days: [CalendarDay]) in
      try register.snapshots(days: days, knownVersion: registerVersion, of: scope)
    }
    through.meters = try register.meterHistories(of: scope, knownVersion: registerVersion)
    return through
  }

  func read(_ scope: FactoryScope, _ views: any StoreSnapshot) throws -> AssessmentPart {
    // A connection of its own, since parts are read at once.
    let register = try store.registerReader()
    let rows = try registerPeriod(of: scope, in: register)
    var part = try read(rows, views.senders(of: scope), views)
    part.registerFlags = try registerFlags(rows, scope, register)
    if period.until < period.calendar.start(of: period.lastDay + 1) {
      part.fieldErrors = try views.fieldErrors(
        of: scope, in: period.firstDay...period.lastDay, cut: part.cut ?? CutDays(day: period.lastDay))
    }
    return part
  }

  /// Flags for changes by imports, compared with the register known when the period began and when it ended.
  private func registerFlags(
    _ period: RegisterPeriod, _ scope: FactoryScope, _ register: any RegisterReading
  ) throws -> [AuditFlag] {
    guard let first = period.segments.first?.snapshot, let now = period.last, !imports.isEmpty else {
      return []
    }
    let begun = RegisterResolution.version(of: imports, knownAt: self.period.from)
    let filed = RegisterResolution.version(of: imports, knownAt: self.period.until)
    guard period.segments.count > 1 || begun != registerVersion || now.entries.contains(where: leaves) else {
      return []
    }
    func snapshot(_ version: Int) throws -> RegisterSnapshot? {
      guard version > 0, version != registerVersion else { return nil }
      return try register.snapshots(days: [self.period.lastDay], knownVersion: version, of: scope).first
    }
    let speaking = RegisterResolution(imports: imports, day: self.period.lastDay, version: registerVersion)
      .preferred
    // The first snapshot is of the last of its days. Equipment that left on one of them is recognised by its date.
    var start = first
    for index in start.entries.indices where leaves(start.entries[index]) {
      start.entries[index].service = .inService
    }
    return try RegisterFlags.flags(
      .init(first: start, begun: try snapshot(begun), filed: try snapshot(filed), now: now)
    ) { key in
      let versions = try register.versions(of: key)
      return speaking.first { versions.contains($0.version) }?.importedAt
    }
  }

  /// Whether a retired piece of equipment was in service when the period began, by the date on which it left.
  private func leaves(_ entry: RegisterSnapshot.Entry) -> Bool {
    guard entry.service == .retired, let out = entry.equipment.decommissionedOn else { return false }
    return out > period.firstDay && entry.equipment.commissionedOn.map { $0 <= period.firstDay } ?? true
  }

  /// Reads what `senders` did beside the register through the period.
  func read(
    _ register: RegisterPeriod, _ senders: StoredSenders, _ views: any StoreSnapshot
  ) throws -> AssessmentPart {
    let observed = try views.observed(in: period.from..<period.until)
    var ledger = PeriodLedger(
      observation: Observation(period: period, stretches: observed), register: register,
      calendars: calendars, rules: rules, keepsEquipment: keeping != .sums,
      countsEquipmentAlarms: keeping == .equipment, details: details, keepsOffline: keepsOffline)
    var part = AssessmentPart(register: register.last)
    part.movedWorkshops = register.movedWorkshops
    part.earlierIntervals = register.earlierIntervals
    let cut =
      recountsCutDay
      ? try views.cutDays(of: senders, until: period.until, calendar: period.calendar, fold: fold) : nil
    part.cut = cut
    let request = PeriodRequest(
      asOf: asOf, days: period.firstDay...period.lastDay, until: period.until, calendar: period.calendar,
      cut: cut, seeksNewest: keeping != .sums,
      clocksOn: judgesClocks ? Conduct.days(before: period) : nil)
    part.equipment = try views.forEachPeriod(of: senders, request) { try ledger.add($0, stretches: $1) }
    part.sums = try ledger.finish()
    return part
  }
}

extension RegisterPeriod {
  /// The register on the last of the days, which is the as-of's.
  var last: RegisterSnapshot? { segments.last?.snapshot }

  /// Declared report interval on the day before the last; only equipment whose interval differs on the last day.
  /// Readings of the day before may still be valid by it.
  public var earlierIntervals: [EquipmentKey: Span?] {
    guard let last = segments.last, last.days.lowerBound == last.days.upperBound,
      let earlier = segments.count > 1 ? segments[segments.count - 2].snapshot : before
    else { return [:] }
    var found: [EquipmentKey: Span?] = [:]
    var next = 0
    for entry in last.snapshot.entries {
      let key = entry.equipment.key
      while next < earlier.entries.count, earlier.entries[next].equipment.key < key { next += 1 }
      var interval: Span?
      if next < earlier.entries.count, earlier.entries[next].equipment.key == key,
        !earlier.entries[next].registeredLater
      {
        interval = earlier.entries[next].equipment.reportInterval
      }
      if interval != entry.equipment.reportInterval { found[key] = .some(interval) }
    }
    return found
  }
}
