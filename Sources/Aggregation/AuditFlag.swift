import Register
import Storage
import Telemetry

/// Something an auditor should look at before believing a figure, with the evidence to act on it.
public struct AuditFlag: Equatable, Sendable {
  /// What is conspicuous, in the order flags are listed.
  public enum Kind: Equatable, Sendable {
    /// Registered automatic or connectable, and no reading in the 30 days before the as-of.
    case claimWithoutEvidence(automatic: Bool, lastReading: Timestamp?)
    /// Registered automatic, and by its own readings run by hand for most of its running time.
    case manualOperation(manual: Span, running: Span)
    /// Another key has the same serial number.
    case sharedSerial(String, with: EquipmentKey)
    /// A restarted device came back after another had been heard: two senders under one key.
    case interleavedBoots(times: Int)
    /// Taken out of service within the 30 days before the as-of.
    case recentlyRetired(on: CalendarDay)
    /// A planned shutdown that was entered after it began: it changes no figure.
    case lateShutdown(range: Range<Timestamp>, enteredAt: Timestamp)
    /// Its clock differs from ours; positive when it is behind.
    case clockSkew(Span, cause: ClockCause)
    /// Several readings of one instant.
    case equalTimes(Int)
  }

  /// Why a clock may differ.
  public enum ClockCause: String, Sendable {
    /// Near a whole number of half hours: the time zone.
    case timeZone = "time_zone"
    /// More every day.
    case drifting
    /// Otherwise.
    case notSet = "not_set"
  }

  public var kind: Kind
  public var factory: String
  /// Empty for a flag that is a factory's.
  public var equipment: String
  /// The workshop, and line, of a factory's flag; else the equipment's.
  public var place: ProductionCalendar.Place

  /// The kind's key in JSON.
  public var key: String {
    switch kind {
    case .claimWithoutEvidence: "claim_without_evidence"
    case .manualOperation: "manual_operation"
    case .sharedSerial: "shared_serial"
    case .interleavedBoots: "interleaved_boots"
    case .recentlyRetired: "recently_retired"
    case .lateShutdown: "late_shutdown"
    case .clockSkew: "clock_skew"
    case .equalTimes: "equal_times"
    }
  }

  /// How far back a claim wants evidence and a removal is conspicuous.
  static let window = Span.days(30)
  /// From which difference on a clock is worth a look.
  static let noticeableSkew = Span.minutes(2)

  private var order: Int {
    switch kind {
    case .claimWithoutEvidence: 0
    case .manualOperation: 1
    case .sharedSerial: 2
    case .interleavedBoots: 3
    case .recentlyRetired: 4
    case .lateShutdown: 5
    case .clockSkew: 6
    case .equalTimes: 7
    }
  }

  static func < (a: AuditFlag, b: AuditFlag) -> Bool {
    (a.order, a.factory, a.equipment, a.place.workshop, a.place.line)
      < (b.order, b.factory, b.equipment, b.place.workshop, b.place.line)
  }
}

extension AuditFlag {
  /// What is conspicuous about one equipment. `refused` is how far off the clock was in messages that were
  /// refused for it.
  static func of(
    _ assessment: Assessment, asOf: Timestamp, calendar: LocalCalendar, over conduct: Conduct?, refused: Span?
  ) -> [AuditFlag] {
    guard let entry = assessment.entry, entry.equipment.isProduction else { return [] }
    let equipment = entry.equipment
    func flag(_ kind: Kind) -> AuditFlag {
      AuditFlag(
        kind: kind, factory: equipment.key.factory, equipment: equipment.key.equipment,
        place: .init(workshop: equipment.workshop, line: equipment.line))
    }
    var flags: [AuditFlag] = []
    if case .counted = assessment.standing {
      let isClaimed = equipment.automation == .automatic || (equipment.digital && equipment.connectable)
      let last = assessment.lastReading
      if isClaimed, last.map({ $0 <= asOf - window }) ?? true {
        flags.append(
          flag(.claimWithoutEvidence(automatic: equipment.automation == .automatic, lastReading: last)))
      }
    }
    if let out = equipment.decommissionedOn, assessment.standing == .retired,
      calendar.start(of: out) > asOf - window
    {
      flags.append(flag(.recentlyRetired(on: out)))
    }
    if let skew = conduct?.skew ?? refused {
      flags.append(flag(.clockSkew(skew, cause: conduct?.cause(of: skew) ?? Conduct([]).cause(of: skew))))
    }
    guard let conduct else { return flags }
    if equipment.automation == .automatic, conduct.manualRunning > conduct.automaticRunning {
      flags.append(
        flag(
          .manualOperation(
            manual: .milliseconds(conduct.manualRunning),
            running: .milliseconds(conduct.manualRunning + conduct.automaticRunning))))
    }
    if conduct.bootReturns > 0 { flags.append(flag(.interleavedBoots(times: conduct.bootReturns))) }
    if conduct.ties > 0 { flags.append(flag(.equalTimes(conduct.ties))) }
    return flags
  }

  /// Equipment in service that share a serial number: every key but the first is flagged with the first.
  static func sharedSerials(_ entries: [RegisterSnapshot.Entry]) -> [AuditFlag] {
    var first: [String: EquipmentKey] = [:]
    var flags: [AuditFlag] = []
    for entry in entries where !entry.equipment.serial.isEmpty && entry.service == .inService {
      let equipment = entry.equipment
      guard let other = first[equipment.serial] else {
        first[equipment.serial] = equipment.key
        continue
      }
      flags.append(
        AuditFlag(
          kind: .sharedSerial(equipment.serial, with: other), factory: equipment.key.factory,
          equipment: equipment.key.equipment,
          place: .init(workshop: equipment.workshop, line: equipment.line)))
    }
    return flags
  }

  /// Shutdowns of a factory that were entered after they began and reach into the period.
  static func lateShutdowns(of factory: String, _ calendar: ProductionCalendar, _ period: Period)
    -> [AuditFlag]
  {
    calendar.shutdowns.filter {
      $0.isLate && $0.range.lowerBound < period.until && $0.range.upperBound > period.from
    }.map {
      AuditFlag(
        kind: .lateShutdown(range: $0.range, enteredAt: $0.enteredAt), factory: factory, equipment: "",
        place: $0.place)
    }
  }
}

/// How one sender behaved over a period, beyond what figures are made of.
public struct Conduct: Equatable, Sendable {
  /// Milliseconds running in each mode.
  public var automaticRunning: Int64 = 0
  public var manualRunning: Int64 = 0
  public var bootReturns = 0
  public var ties = 0
  /// By day, the least receipt − event time in milliseconds.
  private var skews: [Int64] = []

  /// The days before a period that are looked at too, to judge a clock by thirty days at least: a day whose
  /// messages were all kept back, or queued while nobody listened, says nothing about it.
  public static func days(before period: Period) -> Range<CalendarDay> {
    min(period.lastDay - 29, period.firstDay)..<period.firstDay
  }

  /// The same with what clocks were off on days before the period.
  func after(_ earlier: [Int64]) -> Conduct {
    var conduct = self
    conduct.skews = earlier + skews
    return conduct
  }

  /// The conduct that a period's days show.
  init(_ days: [PeriodEvidence.Day]) {
    for day in days {
      automaticRunning += Int64(day.totals.automaticRunning)
      manualRunning += Int64(day.totals.manualRunning)
      bootReturns += Int(day.totals.bootReturns)
      ties += Int(day.totals.ties)
      if let skew = day.totals.skew { skews.append(skew) }
    }
  }

  /// How far the clock is off: the median over days; nil below what is noticeable.
  ///
  /// Of each day the least is taken, because delays on the way only add to the difference.
  var skew: Span? {
    guard !skews.isEmpty else { return nil }
    let median = skews.sorted()[(skews.count - 1) / 2]
    return abs(median) >= AuditFlag.noticeableSkew.milliseconds ? .milliseconds(median) : nil
  }

  /// The likely cause of a difference.
  func cause(of skew: Span) -> AuditFlag.ClockCause {
    let half = Span.minutes(30).milliseconds
    let rest = abs(skew.milliseconds) % half
    if abs(skew.milliseconds) >= half - 300_000, min(rest, half - rest) <= 300_000 { return .timeZone }
    let steps = zip(skews, skews.dropFirst()).map { abs($1) - abs($0) }
    if steps.count >= 3, steps.allSatisfy({ $0 > 0 }) { return .drifting }
    return .notSet
  }
}
