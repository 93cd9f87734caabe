import Storage
import Telemetry

/// How much is read for a trend.
public enum TrendReach: Equatable, Sendable {
  /// No trend.
  case none
  /// All periods if they are at most so many equipment-days, else only those that the report reads anyway.
  case upTo(equipmentDays: Int)
  /// All periods.
  case complete

  /// Periods that are read in about a second.
  public static let limited = upTo(equipmentDays: 2_000_000)
  /// A period costs as much as this number of further days, for the register and the state of each sender at its end.
  static let daysBeside = 10

  /// Whether so many days of so many machines are read.
  package func reads(periods: Int, days: Int, equipment: Int) -> Bool {
    guard case .upTo(let most) = self else { return self == .complete }
    let cost = periods.multipliedSaturated(by: Self.daysBeside).addingSaturated(days)
    return equipment.multipliedSaturated(by: cost) <= most
  }
}

extension Int {
  fileprivate func multipliedSaturated(by other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}

extension AssessmentReading {
  /// A period and its assessment, or the reason why it cannot be compared.
  public typealias ComparedPeriod = (period: Period, outcome: Result<DistrictAssessment, PreviousUnknown>)

  /// The trend of an assessment. One query for each period tells whether it was observed; the register and the days are
  /// read only if it was. The assessment's own period and the one before it are not read again.
  ///
  /// - Parameters:
  ///   - factory: the one factory of the assessment; nil for the district.
  ///   - assessment: one of this reading.
  ///   - previous: the period before that of the assessment, if it was read.
  ///   - reach: how much is read.
  ///   - step: takes what is wanted of a period. The assessment is not kept.
  /// - Returns: the unit of the steps, the steps ascending, and the number of earlier observed periods that were not
  ///   read; nil if no trend is wanted.
  public func trend<Step>(
    of factory: String? = nil, upTo assessment: DistrictAssessment, previous: ComparedPeriod?,
    reach: TrendReach, _ step: (ComparedPeriod) throws -> Step
  ) throws -> (unit: TrendSteps.Unit, steps: [Step], leftOut: Int)? {
    guard reach != .none else { return nil }
    let wanted = TrendSteps(upTo: assessment.observation.period, now: now)
    let known = [own(assessment), previous.flatMap { Self.wasRead($0) ? $0 : nil }].compactMap(\.self)
    let observed = try wanted.periods.map { period in
      known.contains { $0.period.days == period.days } ? nil : try self.observed(in: period)
    }
    let observations = zip(wanted.periods, observed).map { period, stretches in
      stretches.map { Observation(period: period, stretches: $0) }
    }
    let toRead = observations.compactMap(\.self).filter(\.isSufficient).map(\.period)
    let isRead = reach.reads(
      periods: toRead.count,
      days: toRead.reduce(0) { $0 + Int($1.lastDay.number) - Int($1.firstDay.number) + 1 },
      equipment: max(assessment.register.entries.count, assessment.evidence.equipment.count))
    // Facts that are read for every rule come last.
    let first = isRead ? 0 : observed.lastIndex { $0 != nil }.map { $0 + 1 } ?? 0
    let steps = try wanted.periods.indices.dropFirst(first).map { place in
      let period = wanted.periods[place]
      if let stretches = observed[place] {
        return try step(
          (period, try outcome(of: factory, over: period, observed: stretches, beside: assessment)))
      }
      guard let found = known.first(where: { $0.period.days == period.days }) else {
        return try step((period, .failure(PreviousUnknown(absence: .notObserved))))
      }
      return try step(found)
    }
    return (wanted.unit, steps, observations.prefix(first).count { $0.map { !$0.isNothing } ?? false })
  }

  /// Whether the period before was looked at: it is not if the assessment's own data are insufficient.
  private static func wasRead(_ previous: ComparedPeriod) -> Bool {
    guard case .failure(let unknown) = previous.outcome else { return true }
    return unknown.absence != .insufficientNow
  }

  /// The assessment's own period, as one of a trend; nil if it ends within a day, so that it is no step.
  private func own(_ assessment: DistrictAssessment) -> ComparedPeriod? {
    let observation = assessment.observation
    let period = observation.period
    guard period.until == period.calendar.start(of: period.lastDay + 1) else { return nil }
    return (
      period, observation.insufficiency.map { .failure(PreviousUnknown(absence: $0)) } ?? .success(assessment)
    )
  }
}
