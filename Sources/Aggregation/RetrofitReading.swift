import Foundation
import Register
import Storage
import Telemetry

extension AssessmentReading {
  /// Both ends of the retrofits of an assessed district, or of one factory of it, by factory: of those for which
  /// the register has a date of one by the assessment's day.
  ///
  /// - Parameters:
  ///   - assessment: of this reading; whose register says when the retrofits were.
  ///   - figures: what is compared, of the assessment of one factory at one end: the factory's or those of a part
  ///     of it; nil for none.
  public func retrofits(
    of factory: String? = nil, in assessment: DistrictAssessment,
    figures: @escaping @Sendable (DistrictAssessment) -> Figures? = { $0.figures }
  ) throws -> [String: RetrofitComparison] {
    let retrofits = dated(factory, assessment)
    guard !retrofits.isEmpty else { return [:] }
    let register = try store.registerReader()
    let known = try register.imports().map(\.version).filter { $0.version <= assessment.register.version }
    let reading = RetrofitReading(
      part: PartReading(
        store: store, period: assessment.observation.period, asOf: assessment.asOf,
        effectiveDays: known.map(\.effectiveOn), registerVersion: assessment.register.version,
        calendars: assessment.calendars, rules: rules, keeping: .sums, fold: fold,
        recountsCutDay: recountsCutDay),
      figures: figures, assessment: self.assessment)
    guard try hasViews else {
      return try reading.comparisons(of: retrofits, nil, FactoryScope(factory))
    }
    let views = try views
    if let factory { return try views.snapshot { try reading.comparisons(of: retrofits, $0, .one(factory)) } }
    let (_, parts) = try views.district { _ in
    } part: { views, scope in
      try reading.comparisons(of: retrofits.filter { scope.contains($0.factory) }, views, scope)
    }
    return parts.reduce(into: [:]) { $0.merge($1) { $1 } }
  }

  /// The retrofits that the register dates, ascending by factory.
  private func dated(_ factory: String?, _ assessment: DistrictAssessment) -> [Retrofit] {
    let calendar = assessment.observation.period.calendar
    let today = calendar.day(at: assessment.asOf)
    // Both are ascending by factory.
    var rest = assessment.register.entries[...]
    return assessment.factories.compactMap { summary in
      let id = summary.factory.id
      rest = rest.drop { $0.equipment.key.factory < id }
      let entries = rest.prefix { $0.equipment.key.factory == id }
      guard factory.map({ $0 == id }) ?? summary.isRegistered,
        let dates = RetrofitDates(summary.factory, entries, by: today)
      else { return nil }
      let ends = dates.ends(by: today)
      func period(_ days: ClosedRange<CalendarDay>) -> Period {
        Period(from: days.lowerBound, to: days.upperBound, calendar: calendar, now: now)
      }
      return Retrofit(factory: id, dates: dates, before: period(ends.before), after: period(ends.after))
    }
  }
}

/// A factory's retrofit, whose ends are to be read.
private struct Retrofit: Sendable {
  var factory: String
  var dates: RetrofitDates
  var before: Period
  var after: Period
}

/// Reads both ends of retrofits, factory by factory, by one connection each to the register and the views.
private struct RetrofitReading: Sendable {
  /// Properties that all ends share; its period belongs to none of them.
  let part: PartReading
  let figures: @Sendable (DistrictAssessment) -> Figures?
  let assessment: @Sendable ([AssessmentPart], StoreEvidence, PartReading) -> DistrictAssessment

  /// Compares the ends of retrofits of factories in `scope`; nobody was heard where there are no views.
  func comparisons(
    of retrofits: [Retrofit], _ views: (any StoreSnapshot)?, _ scope: FactoryScope
  ) throws -> [String: RetrofitComparison] {
    let register = try part.store.registerReader()
    let senders = try views?.senders(of: scope).byFactory() ?? [:]
    var comparisons: [String: RetrofitComparison] = [:]
    for retrofit in retrofits {
      var (before, after) = try RegisterPeriod.pair(
        retrofit.before.days, retrofit.after.days, effectiveDays: part.effectiveDays
      ) { days in
        try register.snapshots(days: days, knownVersion: part.registerVersion, of: .one(retrofit.factory))
      }
      before.meters = try register.meterHistories(
        of: .one(retrofit.factory), knownVersion: part.registerVersion)
      after.meters = before.meters
      let heard = senders[retrofit.factory] ?? .none
      comparisons[retrofit.factory] = RetrofitComparison(
        dates: retrofit.dates, before: try side(retrofit.before, before, heard, views),
        after: try side(retrofit.after, after, heard, views))
    }
    return comparisons
  }

  private func side(
    _ period: Period, _ register: RegisterPeriod, _ senders: StoredSenders, _ views: (any StoreSnapshot)?
  ) throws -> RetrofitComparison.Side {
    var part = part
    part.period = period
    part.asOf = period.asOf
    var evidence = StoreEvidence(asOf: period.asOf)
    var found = AssessmentPart(register: register.last)
    if let views {
      evidence.observed = try views.observed(in: period.from..<period.until)
      found = try part.read(register, senders, views)
    }
    let end = assessment([found], evidence, part)
    return RetrofitComparison.Side(
      observation: end.observation, figures: figures(end) ?? Figures(isUnobserved: end.observation.isNothing),
      isAssumed: end.register.entries.contains {
        $0.assumed && $0.equipment.isProduction && $0.service == .inService
      })
  }
}
