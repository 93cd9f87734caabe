import Aggregation
import Register
import Telemetry

/// One report: the complete content that every renderer prints, so that renderers compute nothing.
public struct Report: Sendable {
  /// Figures of the level below the scope, or of the equipment itself.
  public enum Contents: Sendable {
    case district(Ranking)
    case factory([WorkshopAssessment])
    case workshop([LineAssessment])
    case line([Assessment])
    case equipment(Assessment)
  }

  /// A district's factories in ranking order.
  public struct Ranking: Sendable {
    /// The metric by which they are ranked.
    public let metric: Metric
    public let factories: [FactorySummary]
    /// Mean and median over the factories that have the figure.
    public let spreads: [Metric: Spread]
    /// Distributions of the registered factories' ratios.
    public let distributions: [(metric: Metric, distribution: Distribution)]
    public let industries: [IndustryFigures]
    /// Number of factories that meet each requested policy.
    public let attainments: [PolicyAttainment]
  }

  /// The store that a report comes from.
  public struct Provenance: Sendable {
    /// Hash (hex) of the newest journal block behind the figures; nil for an empty journal.
    public let journalHead: String?
    /// Root (hex) of the newest closed day of the journal, and that day. It binds a filed report to the journal.
    public let dayRoot: String?
    public let dayRootOf: CalendarDay?
    /// The register bound by that day's root: the number of its imports, of equipment and of calendars, and the hash
    /// (hex) of their chain; nil if the day was closed without one.
    public let register: (imports: Int64, hash: String)?
    public let telemetryAfterKnownAt: Bool
    /// Millwright's version.
    public let version: String
  }

  public let scope: ReportScope
  /// The scope's id as JSON prints it: the ids from the factory down, or the district's id.
  public let id: String
  public let nameChinese: String
  public let nameEnglish: String
  /// The factory the scope is or lies in; nil for the district.
  public let factory: RegisteredFactory?
  /// False for a factory or an equipment that only its messages name.
  public let isRegistered: Bool
  public let asOf: Timestamp
  public let knownAt: Timestamp
  public let registerVersion: Int
  public let repairsPending: Int
  public let observation: Observation
  public let rules: PresenceRules
  public let figures: Figures
  public let contents: Contents
  public let gaps: [Gap]
  /// Findings for an auditor; empty for a district.
  public let flags: [AuditFlag]
  /// Number of flags of each kind, for a district too.
  public let flagCounts: [FlagCount]
  /// Verdicts of the requested policies.
  public let policies: [PolicyVerdict]
  /// Both ends of the retrofit; nil unless they were requested and the register dates a retrofit.
  public let retrofit: RetrofitComparison?
  /// A district's retrofits by the month of their completion; empty unless requested.
  public let batches: [RetrofitBatch]
  /// Next actions by the given rules; of a factory or a part of it.
  public let actions: [Action]
  /// The period step by step, of a factory or a workshop; nil unless it was read for exactly that scope.
  public let details: PeriodDetails?
  /// The energy meter of the machine in scope, if other machines read it as well; nil otherwise.
  public let sharedMeter: SharedMeter?
  /// Version of the newest import of production calendars known at `knownAt`; 0 when there is none.
  public let calendarVersion: Int
  /// Number of messages of the period that the broker reports as dropped; nil when it never published its count.
  public let brokerDrops: Int?
  /// Number of retained messages of the period: the broker had kept them from before a subscription. They are not
  /// counted. nil below a factory.
  public let retained: Int?
  /// Number of live messages of the period with the retain flag; they are counted. nil below a factory.
  public let retainFlagKept: Int?
  /// Times when the connection stood and senders had been active but nothing was received, ascending.
  public let silences: [Range<Timestamp>]
  /// Rejected messages of the period in the scope, by reason.
  public let rejections: [(reason: RejectionReason, messages: Int)]
  /// The same messages by sender and fault, the most frequent first; empty for a district.
  public let refusals: [SenderRefusal]
  /// Optional fields of the period that could not be read, the most frequent first; for a district, summed over its
  /// senders.
  public let fieldErrors: [FieldError]
  public let provenance: Provenance
  /// Number of senders whose counts of the last, partial day are left out because the journal no longer has their
  /// messages.
  public let leftOut: Int
  /// Equipment in service that declares no report interval, ascending by id; none for the district.
  public let undeclaredIntervals: [String]

  /// The store's time zone.
  public var calendar: LocalCalendar { observation.period.calendar }

  /// A report on `scope` of an assessed district. It prints the rejections in the district's evidence: for a scope
  /// below the district, read the evidence of that factory only.
  ///
  /// - Parameters:
  ///   - version: Millwright's version, for the provenance.
  ///   - metric: metric that ranks a district's factories.
  ///   - policies: requirements to check the figures against.
  ///   - actionRules: rules for the next actions.
  ///   - retrofits: retrofits of the factory or its part, or of the district's factories.
  /// - Throws: ``ReportError`` when the scope does not exist or the metric cannot rank.
  public init(
    on scope: ReportScope, of assessment: DistrictAssessment, district: DistrictIdentity, version: String,
    rankedBy metric: Metric = .networkedTimeRatio, policies: [Policy] = [],
    actionRules: [ActionRule] = [], retrofits: [RetrofitComparison] = []
  ) throws(ReportError) {
    let findings = try Findings(scope, assessment, district, metric, policies)
    self.scope = scope
    id = findings.id
    nameChinese = findings.nameChinese
    nameEnglish = findings.nameEnglish
    factory = scope.factory.flatMap { id in
      assessment.factories.first { $0.factory.id == id }?.factory
    }
    isRegistered = findings.isRegistered
    figures = findings.figures
    self.policies = policies.map { PolicyVerdict($0, of: findings.figures) }
    contents = findings.contents
    details = scope.factory.flatMap { assessment.period.factories[$0]?.details }
      .flatMap { $0.scope == scope.details ? $0 : nil }
    if case .equipment(let key) = scope {
      sharedMeter = assessment.period.factories[key.factory]?.sharedMeters[key.equipment]
    } else {
      sharedMeter = nil
    }
    retrofit = scope == .district ? nil : retrofits.first
    batches = scope == .district ? RetrofitBatch.batches(of: retrofits) : []
    actions = ActionPlan.actions(
      among: findings.equipment, figures: findings.figures,
      rules: assessment.observation.period.showsStates ? actionRules : actionRules.filter { !$0.isOfStates },
      policies: policies)
    // A status at the end of a period that is over says nothing about the period.
    gaps = findings.gaps.filter {
      assessment.observation.period.showsStates || ($0.kind != .offline && $0.kind != .silent)
    }
    flags = findings.flags(assessment, scope)
    flagCounts = scope == .district ? assessment.flagCounts : FlagCount.counts(flags)
    calendarVersion = assessment.calendars.version
    asOf = assessment.asOf
    knownAt = assessment.knownAt
    registerVersion = assessment.register.version
    repairsPending = assessment.evidence.repairsPending
    observation = assessment.observation
    rules = assessment.rules
    leftOut = assessment.leftOut
    undeclaredIntervals = findings.equipment.filter { one in
      one.bucket != nil && one.entry?.equipment.reportInterval == nil
    }.map(\.key.equipment).sorted()
    brokerDrops = assessment.evidence.brokerDrops
    switch scope {
    case .district, .factory:
      retained = assessment.evidence.retainFlags.retained
      retainFlagKept = assessment.evidence.retainFlags.live
    case .workshop, .line, .equipment: (retained, retainFlagKept) = (nil, nil)
    }
    silences = assessment.evidence.silences.filter { $0.since < $0.until }.map { $0.since..<$0.until }
    (rejections, refusals, fieldErrors) = findings.messages(assessment, scope)
    provenance = Provenance(
      journalHead: assessment.evidence.journalHead,
      dayRoot: assessment.evidence.dayRoot?.root.description, dayRootOf: assessment.evidence.dayRoot?.day,
      register: assessment.evidence.dayRoot?.register.map { ($0.entries, $0.hash.description) },
      telemetryAfterKnownAt: assessment.telemetryAfterKnownAt, version: version)
  }
}

/// Content of one scope of an assessed district.
private struct Findings {
  var id: String
  var nameChinese = ""
  var nameEnglish = ""
  var isRegistered = true
  var figures: Figures
  var contents: Report.Contents
  var gaps: [Gap]

  /// Equipment whose gaps and flags are listed; none for the district.
  var equipment: [Assessment] {
    switch contents {
    case .district: []
    case .factory(let workshops): workshops.flatMap(\.equipment)
    case .workshop(let lines): lines.flatMap(\.equipment)
    case .line(let equipment): equipment
    case .equipment(let equipment): [equipment]
    }
  }

  /// Flags of the listed equipment.
  func flags(_ assessment: DistrictAssessment, _ scope: ReportScope) -> [AuditFlag] {
    guard let id = scope.factory, let factory = assessment.factory(id) else { return [] }
    return assessment.flags(of: factory, among: equipment, calendar: assessment.calendars.factories[id])
  }

  /// Sums errors with the same field and fault over all senders.
  private static func sums(_ errors: [FieldError]) -> [FieldError] {
    var sums: [FieldError] = []
    for error in errors {
      if let place = sums.firstIndex(where: { $0.field == error.field && $0.fault == error.fault }) {
        sums[place].messages += error.messages
        sums[place].excerpt = min(sums[place].excerpt, error.excerpt)
      } else {
        var sum = error
        sum.key = EquipmentKey(factory: "", equipment: "")
        sums.append(sum)
      }
    }
    return sums.sorted { a, b in
      a.messages != b.messages
        ? a.messages > b.messages
        : (a.field.rawValue, a.fault.rawValue) < (b.field.rawValue, b.fault.rawValue)
    }
  }

  /// Rejections, refusals and field errors of the scope. A factory has all of its own; a part of a factory has those
  /// of its equipment. A district has rejections by reason, and field errors summed over senders.
  func messages(
    _ assessment: DistrictAssessment, _ scope: ReportScope
  ) -> ([(reason: RejectionReason, messages: Int)], [SenderRefusal], [FieldError]) {
    let evidence = assessment.evidence
    switch scope {
    case .factory: return (evidence.rejections, evidence.refusals, evidence.fieldErrors)
    case .district: return (evidence.rejections, [], Self.sums(evidence.fieldErrors))
    case .workshop, .line, .equipment:
      let keys = Set(equipment.map(\.key))
      let refusals = evidence.refusals.filter { keys.contains($0.key) }
      let rejections = RejectionReason.allCases.compactMap { reason in
        let messages = refusals.reduce(0) { $0 + ($1.refusal.reason == reason ? $1.refusal.messages : 0) }
        return messages > 0 ? (reason: reason, messages: messages) : nil
      }
      return (rejections, refusals, evidence.fieldErrors.filter { keys.contains($0.key) })
    }
  }

  init(
    _ scope: ReportScope, _ assessment: DistrictAssessment, _ district: DistrictIdentity, _ metric: Metric,
    _ policies: [Policy]
  ) throws(ReportError) {
    id = scope.path
    let twins = NearTwins(
      assessment.register.entries.lazy.map(\.equipment.key).filter { $0.factory == scope.factory }
        .map(\.equipment))
    switch scope {
    case .district:
      guard let ranked = assessment.ranked(by: metric) else { throw .notRankable(metric.key) }
      id = district.id
      nameChinese = district.nameChinese
      nameEnglish = district.nameEnglish
      figures = assessment.figures
      let spreads = Metric.ranked.compactMap { m in assessment.spread(of: m).map { (m, $0) } }
      contents = .district(
        Report.Ranking(
          metric: metric, factories: ranked, spreads: Dictionary(uniqueKeysWithValues: spreads),
          distributions: [Metric.automationRatio, .networkedRatio].map {
            ($0, assessment.distribution(of: $0))
          },
          industries: assessment.industries,
          attainments: policies.map { PolicyAttainment($0, of: assessment.registeredFactories) }))
      gaps = Gap.among(assessment.factories)
    case .factory(let factoryID):
      guard let factory = assessment.factory(factoryID) else { throw .unknown(scope) }
      nameChinese = factory.factory.nameChinese
      nameEnglish = factory.factory.nameEnglish
      isRegistered = factory.isRegistered
      figures = factory.figures
      contents = .factory(factory.workshops)
      gaps = Gap.among(factory.equipment, twins: twins)
    case .workshop(let factory, let workshopID):
      guard let workshop = assessment.workshop(factory: factory, workshopID) else { throw .unknown(scope) }
      figures = workshop.figures
      contents = .workshop(workshop.lines)
      gaps = Gap.among(workshop.equipment, twins: twins)
    case .line(let factory, let workshop, let lineID):
      guard let line = assessment.line(factory: factory, workshop: workshop, lineID) else {
        throw .unknown(scope)
      }
      figures = line.figures
      contents = .line(line.equipment)
      gaps = Gap.among(line.equipment, twins: twins)
    case .equipment(let key):
      guard let equipment = assessment.equipment(key) else { throw .unknown(scope) }
      nameChinese = equipment.name
      nameEnglish = equipment.name
      isRegistered = equipment.entry != nil
      figures = Figures(
        of: equipment, over: assessment.period, isUnobserved: assessment.observation.isNothing)
      contents = .equipment(equipment)
      gaps = Gap.among([equipment], twins: twins)
    }
  }
}
