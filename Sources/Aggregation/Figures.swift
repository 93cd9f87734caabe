import Register
import Telemetry

/// The counts of one group of equipment. Roll-ups add them; ratios are drawn from the sums.
///
/// Every numerator is already intersected with its denominator.
public struct Figures: Equatable, Sendable {
  /// |R|: production equipment in service.
  public var equipment = 0
  /// Automatic or intelligent.
  public var automated = 0
  public var intelligent = 0
  public var digital = 0
  /// Digital and connectable.
  public var connectable = 0
  /// N: heard within the networked window.
  public var networked = 0
  /// N ∩ digital.
  public var networkedDigital = 0
  /// N ∩ digital and connectable.
  public var networkedConnectable = 0
  /// Of N, vouched for at t by a reading or a session.
  public var online = 0
  /// Of N, vouched for at t by a reading.
  public var reporting = 0
  public var buckets = BucketCounts()
  /// Counts for the figures that forms ask for.
  public var forms = FormFigures()
  /// The sums over the period.
  public var time = TimeFigures()
  /// Whether nobody listened at any time of the period: then that nothing was heard says nothing.
  public private(set) var isUnobserved: Bool

  /// Whether the metrics that are states at one instant have no value, see ``shown(in:)``.
  public private(set) var omitsStates = false

  /// Nothing counted yet.
  public init(isUnobserved: Bool = false) { self.isUnobserved = isUnobserved }

  /// Numerator and denominator of a metric; nil for ``Metric/observationCoverage``, which is not of a group, and for a
  /// figure of forms whose attributes the register does not state.
  public func count(of metric: Metric) -> Count? { bounded(metric)?.value }

  /// A metric with its bounds, where what was not observed leaves it open; nil as for ``count(of:)``.
  public func bounded(_ metric: Metric) -> TimeFigures.Bounded? {
    if omitsStates, metric.isState { return TimeFigures.Bounded(value: Count(0, of: 0)) }
    return equipmentCount(of: metric).map { TimeFigures.Bounded(value: $0) } ?? time.ratio(of: metric)
  }

  private func equipmentCount(of metric: Metric) -> Count? {
    switch metric {
    case .automationRatio: Count(automated, of: equipment)
    case .intelligentRatio: Count(intelligent, of: equipment)
    case .digitalizationRatio: Count(digital, of: equipment)
    case .connectableRatio: Count(connectable, of: equipment)
    case .networkedRatio: Count(networked, of: isMeasured ? equipment : 0)
    case .networkedOfDigitalRatio: Count(networkedDigital, of: isMeasured ? digital : 0)
    case .onlineRatio: Count(online, of: networked)
    case .reportingRatio: Count(reporting, of: networked)
    default: formCount(of: metric)
    }
  }

  /// The figures as a report on a period shows them: of days that are over without the metrics that are states at one
  /// instant, because the last instant of the days says nothing about them.
  public func shown(in period: Period) -> Figures {
    var figures = self
    figures.omitsStates = !period.showsStates
    return figures
  }

  /// Whether networked equipment was counted: an unobserved period without any has no count.
  var isMeasured: Bool { !isUnobserved || networked > 0 }

  /// Adds the counts of another group.
  public static func += (a: inout Figures, b: Figures) {
    if a.equipment == 0 {
      a.isUnobserved = b.isUnobserved
    } else if b.equipment > 0 {
      a.isUnobserved = a.isUnobserved && b.isUnobserved
    }
    a.omitsStates = a.omitsStates || b.omitsStates
    a.equipment += b.equipment
    a.automated += b.automated
    a.intelligent += b.intelligent
    a.digital += b.digital
    a.connectable += b.connectable
    a.networked += b.networked
    a.networkedDigital += b.networkedDigital
    a.networkedConnectable += b.networkedConnectable
    a.online += b.online
    a.reporting += b.reporting
    a.buckets += b.buckets
    a.forms += b.forms
    a.time += b.time
  }

  /// The counts of one equipment alone: every denominator 1 or 0.
  public init(
    of assessment: Assessment, over period: PeriodFigures = PeriodFigures(), isUnobserved: Bool = false
  ) {
    self.isUnobserved = isUnobserved
    let sums = period.factories[assessment.key.factory]
    time = sums?.equipment[assessment.key.equipment] ?? TimeFigures()
    // A sender that was never heard is looked at, but counted nowhere.
    if assessment.standing == .unregistered && !assessment.presence.speaks { return }
    add(
      Verdict(entry: nil, evidence: nil, standing: assessment.standing, presence: assessment.presence),
      assessment.entry, sums?.delivered ?? DeliveredPoints())
  }

  /// Counts one equipment or sender.
  mutating func add(
    _ verdict: Verdict, _ entry: RegisterSnapshot.Entry?, _ delivered: DeliveredPoints
  ) {
    let registered = entry?.equipment
    if let registered, entry?.service == .inService, entry?.registeredLater == false {
      forms.addPoints(registered, verdict.presence, delivered)
    }
    switch verdict.standing {
    case .counted(let bucket):
      guard let registered else { return }
      buckets[bucket] += 1
      addCounted(registered, verdict.presence)
    case .retired: buckets.retired += 1
    case .notYetInService: buckets.notYetInService += 1
    case .auxiliary: buckets.auxiliary += 1
    case .unregistered: buckets.unregistered += 1
    }
  }

  private mutating func addCounted(_ registered: RegisteredEquipment, _ presence: PresenceRules.Presence) {
    equipment += 1
    if registered.automation == .automatic || registered.intelligent { automated += 1 }
    if registered.intelligent { intelligent += 1 }
    if registered.digital { digital += 1 }
    if registered.digital && registered.connectable { connectable += 1 }
    forms.addProduction(registered, isNetworked: presence.networked)
    guard presence.networked else { return }
    networked += 1
    if registered.digital { networkedDigital += 1 }
    if registered.digital && registered.connectable { networkedConnectable += 1 }
    if presence.online { online += 1 }
    if presence.vouchedByReading { reporting += 1 }
  }
}
