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
    /// The order in which they are listed.
    public let order: RankingOrder
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
  /// Every machine and sender in the scope; of a district only on request, ascending by key.
  public let equipment: [Assessment]
  /// The gaps of this equipment.
  public let equipmentGaps: [Gap]
  /// Findings for an auditor; empty for a district.
  public let flags: [AuditFlag]
  /// Number of flags of each kind, for a district too.
  public let flagCounts: [FlagCount]
  /// Number of flags of each factory of a district by kind, factories ascending by id; empty for other scopes.
  public let factoryFlagCounts: [FactoryFlagCount]
  /// Verdicts of the requested policies.
  public let policies: [PolicyVerdict]
  /// The requested forms, filled in.
  public let forms: [FilledForm]
  /// Both ends of the retrofit; nil unless they were requested and the register dates a retrofit.
  public let retrofit: RetrofitComparison?
  /// A district's retrofits by the month of their completion; empty unless requested.
  public let batches: [RetrofitBatch]
  /// The period before, for the change of the headline figures; nil if it was not read.
  public let previous: PreviousPeriod?
  /// The course of the headline figures; nil if it was not read.
  public let trend: Trend?
  /// Next actions by the given rules; of a factory or a part of it.
  public let actions: [Action]
  /// The period step by step, of a factory or a workshop; nil unless it was read for exactly that scope.
  public let details: PeriodDetails?
  /// The period of the machine in scope day by day, with its states; nil unless it was read for exactly that machine.
  public let states: PeriodDetails?
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
  ///   - order: order of a district's factories.
  ///   - policies: requirements to check the figures against.
  ///   - forms: forms to fill in; a single machine has none.
  ///   - actionRules: rules for the next actions.
  ///   - retrofits: retrofits of the factory or its part, or of the district's factories.
  ///   - listsEquipment: whether the report of a district lists its equipment, which takes about 1 kB for each machine.
  ///   - previous: the period before, with the figures of the same scope.
  ///   - trend: the course of the figures of the same scope.
  /// - Throws: ``ReportError`` when the scope does not exist, or the metric cannot rank, or not over this period.
  public init(
    on scope: ReportScope, of assessment: DistrictAssessment, district: DistrictIdentity, version: String,
    rankedBy order: RankingOrder = .metric(.networkedTimeRatio), policies: [Policy] = [],
    forms: [Form] = [], actionRules: [ActionRule] = [], retrofits: [RetrofitComparison] = [],
    listsEquipment: Bool = false, previous: PreviousPeriod? = nil, trend: Trend? = nil
  ) throws(ReportError) {
    let findings = try Findings(scope, assessment, district, order, policies)
    self.scope = scope
    self.previous = previous
    self.trend = trend
    id = findings.id
    nameChinese = findings.nameChinese
    nameEnglish = findings.nameEnglish
    factory = scope.factory.flatMap { id in
      assessment.factories.first { $0.factory.id == id }?.factory
    }
    isRegistered = findings.isRegistered
    figures = findings.figures
    let shown = findings.figures.shown(in: assessment.observation.period)
    self.policies = policies.map { PolicyVerdict($0, of: shown) }
    contents = findings.contents
    details = scope.factory.flatMap { assessment.period.factories[$0]?.details }
      .flatMap { $0.scope == scope.details ? $0 : nil }
    if case .equipment(let key) = scope {
      states = assessment.period.factories[key.factory]?.details
        .flatMap { $0.scope == .equipment(key.equipment) ? $0 : nil }
      sharedMeter = assessment.period.factories[key.factory]?.sharedMeters[key.equipment]
    } else {
      states = nil
      sharedMeter = nil
    }
    retrofit = scope == .district ? nil : retrofits.first
    batches = scope == .district ? RetrofitBatch.batches(of: retrofits) : []
    actions = ActionPlan.actions(
      among: findings.equipment, figures: findings.figures,
      rules: assessment.observation.period.showsStates ? actionRules : actionRules.filter { !$0.isOfStates },
      policies: policies)
    // A status at the end of a period that is over says nothing about the period.
    let showsStates = assessment.observation.period.showsStates
    gaps = findings.gaps.filter { showsStates || !$0.kind.isState }
    if scope == .district {
      equipment = listsEquipment ? assessment.allEquipment : []
      equipmentGaps = Gap.ofDistrict(equipment, assessment.register)
        .filter { showsStates || !$0.kind.isState }
    } else {
      (equipment, equipmentGaps) = (findings.equipment, gaps)
    }
    flags = findings.flags(assessment, scope)
    let tally = scope == .district ? assessment.flagTally : nil
    flagCounts = tally?.byKind() ?? FlagCount.counts(flags)
    factoryFlagCounts = tally?.byFactory() ?? []
    self.forms = findings.filled(forms, assessment, flags, tally)
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
