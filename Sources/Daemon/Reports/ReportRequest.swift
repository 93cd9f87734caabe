import Aggregation
import Reporting
import Telemetry

/// Parameters of a report. Equal requests of a store in one state have the same report.
public struct ReportRequest: Equatable, Sendable {
  public var scope: ReportScope
  public var period: Period
  /// The instant the figures hold for.
  public var asOf: Timestamp
  /// The instant up to which the register is as known; nil for everything known.
  public var knownAt: Timestamp?
  /// The present. Reports of one page or one file share it; one that is rounded lets later requests share reports too.
  public var now: Timestamp
  /// The order of a district's factories.
  public var order: RankingOrder
  /// Those that the figures are held against.
  public var policies: [Policy]
  /// The forms to fill in.
  public var forms: [Form]
  /// The rules by which the report says what to do next.
  public var actionRules: [ActionRule]
  /// Whether both ends of retrofits are read: of a district that takes nearly as long as all the rest.
  public var readsRetrofits: Bool
  /// Whether the report of a district lists all equipment.
  public var listsEquipment = false
  /// Whether the counts of the day that the as-of cuts are those before the as-of, for which the day may be read again
  /// from the journal. If not, they are of all that came on the day: enough for a page about the present, where that
  /// differs by what came since, and by clocks that are ahead.
  public var recountsCutDay = true
  /// Whether the report of one machine has its states and its days, and that of a factory the machines that were
  /// offline. Only pages show them.
  public var readsStates = false
  /// Whether the period before is read, for the change of the headline figures; of a district only for days that were
  /// asked for, not for a report of an instant, because it takes nearly as long as all the rest. CSV does not show
  /// the change.
  public var readsPrevious: Bool
  /// How much is read for the trend of the headline figures; of one machine there is none.
  public var trend = TrendReach.none

  /// A request for the report on `scope` over `period`.
  public init(
    on scope: ReportScope, over period: Period, asOf: Timestamp, knownAt: Timestamp? = nil, now: Timestamp,
    order: RankingOrder = .metric(.networkedTimeRatio), policies: [Policy] = [], forms: [Form] = [],
    actionRules: [ActionRule] = [], readsRetrofits: Bool = true,
    readsPrevious: Bool = true
  ) {
    self.scope = scope
    self.period = period
    self.asOf = asOf
    self.knownAt = knownAt
    self.now = now
    self.order = order
    self.policies = policies
    self.forms = forms
    self.actionRules = actionRules
    self.readsRetrofits = readsRetrofits
    self.readsPrevious = readsPrevious
  }
}
