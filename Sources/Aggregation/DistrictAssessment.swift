import Register
import Storage
import Telemetry

/// Every equipment of a district judged at one instant: the register as denominator, the store's evidence as
/// numerator. A pure function of the two; nothing is read or remembered.
public struct DistrictAssessment: Sendable {
  public let register: RegisterSnapshot
  public let evidence: StoreEvidence
  public let rules: PresenceRules
  /// The instant up to which the register is as known.
  public let knownAt: Timestamp
  public let observation: Observation
  /// Every factory the register lists or a sender names, ascending by id.
  public let factories: [FactorySummary]
  /// All of them added up.
  public let figures: Figures
  /// The sums over the period; empty where they were not asked for.
  public let period: PeriodFigures
  /// As known at the register's known-at.
  public let calendars: ProductionCalendars
  /// Flags for changes of the register that make figures look better.
  let registerFlags: [AuditFlag]
  /// Workshops by days, for equipment that changes its workshop within the period.
  private let movedWorkshops: [EquipmentKey: [(days: ClosedRange<CalendarDay>, workshop: String)]]
  /// Senders whose counts of the day that the end cuts are left out: the journal no longer has their messages.
  public let leftOut: Int
  /// Declared report interval on the day before the as-of's; only equipment whose interval differs on the as-of's day.
  private let earlierIntervals: [EquipmentKey: Span?]
  /// One for each entry of the register and each unregistered sender that was heard, ascending by key.
  let verdicts: [Verdict]

  /// Judges `register` by `evidence`, both ascending by key, at `evidence.asOf`.
  ///
  /// The register's snapshot must be that of the as-of's local day. A merge of two sorted lists: linear, and
  /// without a look-up per equipment.
  public init(
    register: RegisterSnapshot, evidence: StoreEvidence, rules: PresenceRules = PresenceRules(),
    knownAt: Timestamp, period: Period, sums: PeriodFigures = PeriodFigures(),
    calendars: ProductionCalendars = ProductionCalendars(), registerFlags: [AuditFlag] = [],
    movedWorkshops: [EquipmentKey: [(days: ClosedRange<CalendarDay>, workshop: String)]] = [:],
    earlierIntervals: [EquipmentKey: Span?] = [:], leftOut: Int = 0
  ) {
    self.registerFlags = registerFlags
    self.movedWorkshops = movedWorkshops
    self.register = register
    self.evidence = evidence
    let rules = rules.covering(period)
    self.rules = rules
    self.knownAt = knownAt
    var period = period
    // Views lag a little behind a collector that listens.
    period.endsUnobserved = !evidence.observed.contains { $0.until >= period.until - .minutes(1) }
    observation = Observation(period: period, stretches: evidence.observed)
    self.earlierIntervals = earlierIntervals
    self.leftOut = leftOut
    let horizon = Self.horizon(rules, earlierIntervals, period)
    verdicts = Self.judge(register.entries, evidence, rules, horizon)
    self.period = sums
    self.calendars = calendars
    factories = Self.summarise(verdicts, register, evidence, sums, isUnobserved: observation.isNothing)
    figures = factories.reduce(into: Figures()) { $0 += $1.figures }
  }

  /// The instant t the figures hold for.
  public var asOf: Timestamp { evidence.asOf }
  /// Whether telemetry was received after the register's known-at, so that a later report may differ.
  public var telemetryAfterKnownAt: Bool { evidence.newestReceipt.map { $0 > knownAt } ?? false }

  /// One factory down to its equipment; nil when neither the register nor a sender names it.
  public func factory(_ id: String) -> FactoryAssessment? {
    guard let summary = factories.first(where: { $0.factory.id == id }) else { return nil }
    return FactoryAssessment(
      factory: summary.factory, isRegistered: summary.isRegistered, figures: summary.figures,
      workshops: Grouping.workshops(
        verdicts[summary.verdicts], of: self, sums: period.factories[id] ?? PeriodFigures.Factory()))
  }

  /// One workshop of a factory; id "" is the group without one.
  public func workshop(factory: String, _ id: String) -> WorkshopAssessment? {
    self.factory(factory)?.workshops.first { $0.id == id }
  }

  /// One line of a workshop; id "" is the group without one.
  public func line(factory: String, workshop: String, _ id: String) -> LineAssessment? {
    self.workshop(factory: factory, workshop)?.lines.first { $0.id == id }
  }

  /// Calls `body` with each entry of the register and each unregistered sender that was heard, ascending by key.
  public func forEachEquipment(_ body: (Assessment) throws -> Void) rethrows {
    for verdict in verdicts { try body(assessment(verdict)) }
  }

  /// One equipment, or nil when neither the register nor the store has met it.
  ///
  /// A sender whose every message was rejected is found here, although it counts nowhere.
  public func equipment(_ key: EquipmentKey) -> Assessment? {
    if let verdict = verdict(of: key) { return assessment(verdict) }
    guard let index = lowerBound(evidence.equipment.count, { evidence.equipment[$0].key < key }),
      evidence.equipment[index].key == key
    else { return nil }
    return assessment(
      Verdict(entry: nil, evidence: index, standing: .unregistered, presence: PresenceRules.Presence()))
  }

  /// The verdict on an equipment or sender that counts; nil if there is none.
  func verdict(of key: EquipmentKey) -> Verdict? {
    guard let index = lowerBound(verdicts.count, { self.key(of: verdicts[$0]) < key }),
      self.key(of: verdicts[index]) == key
    else { return nil }
    return verdicts[index]
  }

  /// A verdict with everything it rests on.
  func assessment(_ verdict: Verdict) -> Assessment {
    let entry = verdict.entry.map { register.entries[$0] }
    let heard = verdict.evidence.map { evidence.equipment[$0] }
    let horizon =
      entry.map { Self.horizon(rules, earlierIntervals, observation.period)($0, heard) }
      ?? rules.horizonMinimum
    var found = Assessment(
      key: key(of: verdict), entry: entry, evidence: heard, standing: verdict.standing,
      presence: verdict.presence, horizon: horizon,
      reason: .of(verdict.standing, entry: entry, evidence: heard, horizon: horizon, at: asOf),
      sendsOutOfService: sendsOutOfService(verdict, entry, heard))
    found.workshopWhenHeard = workshopWhenHeard(entry, heard)
    return found
  }

  /// The workshop that the register names on the day when the equipment was last heard; nil if that is before the
  /// period.
  private func workshopWhenHeard(_ entry: RegisterSnapshot.Entry?, _ heard: EquipmentEvidence?) -> String? {
    let period = observation.period
    guard let entry, let last = heard?.lastHeard ?? heard?.lastOffline, last >= period.from else {
      return nil
    }
    guard let parts = movedWorkshops[entry.equipment.key] else { return entry.equipment.workshop }
    let day = period.calendar.day(at: last)
    return (parts.last { $0.days.lowerBound <= day } ?? parts.first)?.workshop
  }

  private func sendsOutOfService(
    _ verdict: Verdict, _ entry: RegisterSnapshot.Entry?, _ heard: EquipmentEvidence?
  ) -> Bool {
    switch verdict.standing {
    case .notYetInService: return verdict.presence.heard
    case .retired:
      guard let out = entry?.equipment.decommissionedOn else { return verdict.presence.online }
      guard verdict.presence.heard, let last = heard?.lastHeard else { return false }
      return last >= observation.period.calendar.start(of: out)
    case .counted, .auxiliary, .unregistered: return false
    }
  }

  private func key(of verdict: Verdict) -> EquipmentKey {
    Self.key(of: verdict, register, evidence)
  }
}

/// The first index in 0 ..< count that is not before what is looked for; nil when all are.
private func lowerBound(_ count: Int, _ isBefore: (Int) -> Bool) -> Int? {
  var low = 0
  var high = count
  while low < high {
    let middle = (low + high) / 2
    if isBefore(middle) { low = middle + 1 } else { high = middle }
  }
  return low < count ? low : nil
}
