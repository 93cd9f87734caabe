import Aggregation
import Configuration
import Ingestion
import Reporting
import Storage
import Telemetry

/// Computes reports as they are asked for at one moment.
struct ReportMaker: Sendable {
  let settings: Settings
  let store: any Store
  /// The program's version.
  let version: String

  /// The report of a request.
  ///
  /// - Parameter views: what is read; nil opens the store's views.
  func report(for request: ReportRequest, from views: (any StoreReader)?) throws -> Report {
    let reading = reading(request, views)
    let assessment = try reading.assessment(
      of: request.scope.factory, asOf: request.asOf, over: request.period,
      keeping: request.details.map { .details($0, offline: request.readsStates) } ?? .equipment)
    let retrofits = try retrofits(request, reading, in: assessment)
    let previous = try previous(request, reading, before: assessment)
    return try report(
      request, on: request.scope, of: assessment, Array(retrofits.values),
      previous.map { Self.compared($0, request.scope) },
      try trend(request, reading, of: assessment, previous))
  }

  /// The district's report and what makes those of its factories: of all that the register or a sender names.
  func reports(for request: ReportRequest) throws -> DistrictReports {
    var request = request
    request.scope = .district
    let reading = reading(request, nil)
    let assessment = try reading.assessment(asOf: request.asOf, over: request.period)
    let retrofits = try retrofits(request, reading, in: assessment)
    let previous = try previous(request, reading, before: assessment, isOfSet: true)
    let ids = assessment.factories.map(\.factory.id)
    let trends = try trends(request, reading, of: assessment, previous)
    let compared = previous.map { Self.compared($0, factories: ids) }
    // As in a report on the district alone.
    let change = request.period.isOfInstant ? nil : compared?.district
    return DistrictReports(
      maker: self, request: request,
      district: try report(
        request, on: .district, of: assessment, Array(retrofits.values), change, trends?.district),
      factories: ids, retrofits: retrofits, previous: compared?.factories ?? [:],
      trends: trends?.factories ?? [:])
  }

  /// One factory's report of a set.
  fileprivate func report(
    for request: ReportRequest, onFactory id: String, _ retrofit: RetrofitComparison?,
    _ previous: PreviousPeriod?, _ trend: Trend?
  ) throws -> Report {
    let assessment = try reading(request, nil).assessment(
      of: id, asOf: request.asOf, over: request.period, keeping: .details(.factory))
    return try report(
      request, on: .factory(id), of: assessment, retrofit.map { [$0] } ?? [], previous, trend)
  }

  // MARK: -

  private func reading(_ request: ReportRequest, _ views: (any StoreReader)?) -> AssessmentReading {
    var reading = AssessmentReading(
      store: store, views: views, calendar: request.period.calendar, rules: settings.presenceRules,
      knownAt: request.knownAt, now: request.now, fold: fold)
    reading.recountsCutDay = request.recountsCutDay
    return reading
  }

  /// Folds a day again that the as-of cuts.
  private var fold: CutDays.Fold {
    let (settings, store) = (settings, store)
    return {
      try CutDayFold(settings: try settings.shardSettings(), store).fold($0, on: $1, until: $2, through: $3)
    }
  }

  private func report(
    _ request: ReportRequest, on scope: ReportScope, of assessment: DistrictAssessment,
    _ retrofits: [RetrofitComparison], _ previous: PreviousPeriod?, _ trend: Trend?
  ) throws -> Report {
    // Actions are for groups of machines; the report of one machine has its flags instead.
    let isEquipment = if case .equipment = scope { true } else { false }
    let district = settings.district
    return try Report(
      on: scope, of: assessment,
      district: DistrictIdentity(
        id: district.id, nameChinese: district.nameChinese, nameEnglish: district.nameEnglish),
      version: version, rankedBy: request.order, policies: request.policies,
      forms: request.forms, actionRules: isEquipment ? [] : request.actionRules, retrofits: retrofits,
      listsEquipment: request.listsEquipment, previous: previous, trend: trend)
  }

  /// The period before; nil if it is not read.
  ///
  /// - Parameter isOfSet: whether the factories of the district have their changes too, also as of an instant.
  private func previous(
    _ request: ReportRequest, _ reading: AssessmentReading, before assessment: DistrictAssessment,
    isOfSet: Bool = false
  ) throws -> AssessmentReading.ComparedPeriod? {
    guard request.readsPrevious else { return nil }
    switch request.scope {
    case .equipment: return nil
    case .district where request.period.isOfInstant && !isOfSet: return nil
    case .district, .factory, .workshop, .line:
      return try reading.previous(of: request.scope.factory, before: assessment)
    }
  }

  /// The figures of a scope; nil if the assessment does not have it.
  static func figures(of scope: ReportScope, in assessment: DistrictAssessment) -> Figures? {
    switch scope {
    case .district, .factory: assessment.figures
    case .workshop(let factory, let id): assessment.workshop(factory: factory, id)?.figures
    case .line(let factory, let workshop, let id):
      assessment.line(factory: factory, workshop: workshop, id)?.figures
    case .equipment: nil
    }
  }

  private func retrofits(
    _ request: ReportRequest, _ reading: AssessmentReading, in assessment: DistrictAssessment
  ) throws -> [String: RetrofitComparison] {
    let scope = request.scope
    if case .equipment = scope { return [:] }
    guard request.readsRetrofits else { return [:] }
    return try reading.retrofits(of: scope.factory, in: assessment) { Self.figures(of: scope, in: $0) }
  }
}

extension ReportRequest {
  /// The details that are read step by step.
  fileprivate var details: DetailsScope? {
    if readsStates, case .equipment(let key) = scope { return .equipment(key.equipment) }
    return scope.details
  }
}

/// The district's report of a request, and what makes those of its factories.
public struct DistrictReports: Sendable {
  fileprivate let maker: ReportMaker
  fileprivate let request: ReportRequest
  /// The district's.
  public let district: Report
  /// Ids, ascending.
  public let factories: [String]
  fileprivate let retrofits: [String: RetrofitComparison]
  fileprivate let previous: [String: PreviousPeriod]
  fileprivate let trends: [String: Trend]

  /// One factory's. May be called on several threads at once.
  public func report(onFactory id: String) throws -> Report {
    try maker.report(for: request, onFactory: id, retrofits[id], previous[id], trends[id])
  }
}
