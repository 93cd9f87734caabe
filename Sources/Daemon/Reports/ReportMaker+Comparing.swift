import Aggregation
import Reporting

/// Other periods than the report's: the one before it, and those of the trend.
extension ReportMaker {
  /// Another period with the figures of the district and of its factories.
  struct ComparedDistrict {
    var district: PreviousPeriod
    /// By id.
    var factories: [String: PreviousPeriod]
  }

  /// A period with the figures of a scope.
  static func compared(_ found: AssessmentReading.ComparedPeriod, _ scope: ReportScope) -> PreviousPeriod {
    PreviousPeriod(
      found.period,
      found.outcome.map { (figures: figures(of: scope, in: $0), isCarriedBack: $0.carriedBack.all) })
  }

  /// A period with the figures of the district and of some factories.
  static func compared(
    _ found: AssessmentReading.ComparedPeriod, factories ids: [String]
  ) -> ComparedDistrict {
    let (period, outcome) = found
    let figures = outcome.map { assessment in
      assessment.factories.reduce(into: [String: Figures]()) { $0[$1.factory.id] = $1.figures }
    }
    let carriedBack = (try? outcome.get())?.carriedBack ?? (all: false, factories: [])
    var byFactory: [String: PreviousPeriod] = [:]
    for id in ids {
      byFactory[id] = PreviousPeriod(
        period, figures.map { (figures: $0[id], isCarriedBack: carriedBack.factories.contains(id)) })
    }
    return ComparedDistrict(
      district: PreviousPeriod(
        period, outcome.map { (figures: $0.figures, isCarriedBack: carriedBack.all) }),
      factories: byFactory)
  }

  /// The trend of a report; nil if none is wanted.
  func trend(
    _ request: ReportRequest, _ reading: AssessmentReading, of assessment: DistrictAssessment,
    _ previous: AssessmentReading.ComparedPeriod?
  ) throws -> Trend? {
    if case .equipment = request.scope { return nil }
    let found = try reading.trend(
      of: request.scope.factory, upTo: assessment, previous: previous, reach: request.trend
    ) { TrendStep(Self.compared($0, request.scope)) }
    return found.map { Trend(unit: $0.unit, steps: $0.steps, leftOut: $0.leftOut) }
  }

  /// The trends of a district and of its factories, which are read at once; nil if none is wanted.
  func trends(
    _ request: ReportRequest, _ reading: AssessmentReading, of assessment: DistrictAssessment,
    _ previous: AssessmentReading.ComparedPeriod?
  ) throws -> (district: Trend, factories: [String: Trend])? {
    let ids = assessment.factories.map(\.factory.id)
    let found = try reading.trend(upTo: assessment, previous: previous, reach: request.trend) {
      Self.compared($0, factories: ids)
    }
    guard let (unit, steps, leftOut) = found else { return nil }
    let factories = ids.map { id in
      let own = steps.compactMap { $0.factories[id].map(TrendStep.init) }
      return (id, Trend(unit: unit, steps: own, leftOut: leftOut))
    }
    return (
      Trend(unit: unit, steps: steps.map { TrendStep($0.district) }, leftOut: leftOut),
      Dictionary(factories, uniquingKeysWith: { first, _ in first })
    )
  }
}

extension PreviousPeriod {
  /// A period as it was found, with the figures of a scope if it has the scope.
  init(_ period: Period, _ found: Result<(figures: Figures?, isCarriedBack: Bool), PreviousUnknown>) {
    switch found {
    case .failure(let unknown): self.init(period, without: unknown.absence)
    case .success((_, true)): self.init(period, without: .registerAssumed)
    case .success((let figures?, false)): self.init(period, figures: figures)
    case .success((nil, false)): self.init(period, without: .noEquipment)
    }
  }
}
