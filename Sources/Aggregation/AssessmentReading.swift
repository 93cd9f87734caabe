import Foundation
import Register
import Storage
import Telemetry

/// Reads from a store what an assessment rests on: the register through the period, as known at an instant,
/// and the views at one moment.
public struct AssessmentReading: Sendable {
  let store: any Store
  private let keptViews: (any StoreReader)?
  private let calendar: LocalCalendar
  let rules: PresenceRules
  private let knownAt: Timestamp?
  /// The present: it replaces a known-at of nil, and later days are clipped to it.
  let now: Timestamp
  let fold: CutDays.Fold?
  /// Whether the counts of a day that the as-of cuts are those before the as-of. If not, they are of all readings that the
  /// store has of the day, and nothing is folded again.
  public var recountsCutDay = true

  /// Detail kept of a period, beside its sums by line.
  public enum Keeping: Equatable, Sendable {
    case sums
    /// Each equipment's own figures, and how it behaved.
    case equipment
    /// These but their alarms, and of the factory or one workshop of it the period step by step, with what stood out;
    /// on request also the machines that were offline, for which more is read.
    case details(DetailsScope, offline: Bool = false)
  }

  /// The store was made with days of another time zone than those asked for, so that no day of it is one of
  /// theirs.
  public struct OtherTimeZone: Error, Equatable, CustomStringConvertible {
    public let asked: String
    public let stored: String

    public var description: String {
      "district.timezone is \(asked), but the store's days are those of \(stored): set it back"
    }
  }

  /// A reading of `store`.
  ///
  /// - Parameters:
  ///   - views: a reader of the store's views to use; nil opens one for each assessment.
  ///   - calendar: of the district's time zone.
  ///   - knownAt: the instant up to which the register is as known; nil for everything known.
  ///   - now: the present: it replaces a known-at of nil, and later days are clipped to it.
  ///   - fold: recomputes a day that the as-of cuts; nil leaves out its counts.
  public init(
    store: any Store, views: (any StoreReader)? = nil, calendar: LocalCalendar, rules: PresenceRules,
    knownAt: Timestamp?, now: Timestamp, fold: CutDays.Fold?
  ) {
    self.store = store
    keptViews = views
    self.calendar = calendar
    self.rules = rules
    self.knownAt = knownAt
    self.now = now
    self.fold = fold
  }

  /// The district judged at `asOf` with the sums over `period`; of one factory alone where `factory` names it,
  /// and nothing else is read then.
  ///
  /// - Parameter keeping: what is kept of a single factory; of a district sums are.
  /// - Throws: ``OtherTimeZone``, and ``StoreError``.
  public func assessment(
    of factory: String? = nil, asOf: Timestamp, over period: Period, keeping: Keeping = .equipment
  ) throws -> DistrictAssessment {
    let register = try store.registerReader()
    let imports = try register.imports().map(\.version)
    let version = knownAt.map { RegisterResolution.version(of: imports, knownAt: $0) }
    let known = imports.filter { one in version.map { one.version <= $0 } ?? true }
    let part = PartReading(
      store: store, period: period, asOf: asOf, effectiveDays: known.map(\.effectiveOn),
      imports: known,
      registerVersion: known.map(\.version).max() ?? 0, calendars: ProductionCalendars(), rules: rules,
      keeping: factory == nil ? .sums : keeping, fold: fold, recountsCutDay: recountsCutDay,
      judgesClocks: true)
    let scope = FactoryScope(factory)
    // A register without a collector yet is a report too: nothing was seen.
    guard try hasViews || part.registerVersion == 0 else {
      return assessment(
        [AssessmentPart(register: try part.registerPeriod(of: scope, in: register).last)],
        StoreEvidence(asOf: asOf), part)
    }
    let views = try views
    let zone = try views.timeZone()
    guard zone == calendar.identifier else { throw OtherTimeZone(asked: calendar.identifier, stored: zone) }
    var planned = part
    planned.calendars = try register.productionCalendars(knownAt: knownAt, factory: factory)
    return try assessment(of: factory, views, planned)
  }

  /// Whether there are views to read.
  var hasViews: Bool { get throws { try keptViews != nil || store.hasViews() } }

  /// The views to read.
  var views: any StoreReader { get throws { try keptViews ?? store.reader() } }

  private func assessment(
    of factory: String?, _ views: any StoreReader, _ part: PartReading
  ) throws -> DistrictAssessment {
    let range = part.period.from..<part.period.until
    if let factory {
      return try views.snapshot { views in
        let evidence = try views.overview(
          asOf: part.asOf, factory: factory, period: range)
        return assessment([try part.read(.one(factory), views)], evidence, part)
      }
    }
    let (evidence, parts) = try views.district {
      try $0.overview(asOf: part.asOf, factory: nil, period: range)
    } part: {
      try part.read($1, $0)
    }
    return assessment(parts, evidence, part)
  }

  /// Judges what was read of a period.
  func assessment(
    _ parts: consuming [AssessmentPart], _ evidence: StoreEvidence, _ part: PartReading
  ) -> DistrictAssessment {
    var register = RegisterSnapshot(version: part.registerVersion, day: part.period.lastDay)
    var evidence = evidence
    var sums = PeriodFigures()
    var registerFlags: [AuditFlag] = []
    var movedWorkshops: [EquipmentKey: [(days: ClosedRange<CalendarDay>, workshop: String)]] = [:]
    var earlierIntervals: [EquipmentKey: Span?] = [:]
    var leftOut = 0
    var fieldErrors: [FieldError]?
    for index in parts.indices {
      // The first is taken over, not copied.
      var part = AssessmentPart()
      swap(&part, &parts[index])
      if let more = part.register, index > 0 {
        register.factories += more.factories
        register.entries += more.entries
      } else if let first = part.register {
        part.register = nil
        register = first
      }
      if index > 0 { evidence.equipment += part.equipment } else { evidence.equipment = part.equipment }
      sums.factories.merge(part.sums.factories) { $1 }
      registerFlags += part.registerFlags
      movedWorkshops.merge(part.movedWorkshops) { $1 }
      earlierIntervals.merge(part.earlierIntervals) { $1 }
      leftOut += part.cut?.leftOut ?? 0
      if let errors = part.fieldErrors { fieldErrors = (fieldErrors ?? []) + errors }
    }
    if let fieldErrors { evidence.fieldErrors = fieldErrors.sorted(by: FieldError.comesFirst) }
    return DistrictAssessment(
      register: register, evidence: evidence, rules: rules, knownAt: knownAt ?? now, period: part.period,
      sums: sums, calendars: part.calendars, registerFlags: registerFlags, movedWorkshops: movedWorkshops,
      earlierIntervals: earlierIntervals, leftOut: leftOut)
  }
}
