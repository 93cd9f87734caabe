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
      keeping: request.scope.details.map { .details($0) } ?? .equipment)
    let retrofits = try retrofits(request, reading, in: assessment)
    return try report(request, on: request.scope, of: assessment, Array(retrofits.values))
  }

  /// The district's report and what makes those of its factories: of all that the register or a sender names.
  func reports(for request: ReportRequest) throws -> DistrictReports {
    var request = request
    request.scope = .district
    let reading = reading(request, nil)
    let assessment = try reading.assessment(asOf: request.asOf, over: request.period)
    let retrofits = try retrofits(request, reading, in: assessment)
    return DistrictReports(
      maker: self, request: request,
      district: try report(request, on: .district, of: assessment, Array(retrofits.values)),
      factories: assessment.factories.map(\.factory.id), retrofits: retrofits)
  }

  /// One factory's report of a set.
  fileprivate func report(
    for request: ReportRequest, onFactory id: String, _ retrofit: RetrofitComparison?
  ) throws -> Report {
    let assessment = try reading(request, nil).assessment(
      of: id, asOf: request.asOf, over: request.period, keeping: .details(.factory))
    return try report(request, on: .factory(id), of: assessment, retrofit.map { [$0] } ?? [])
  }

  // MARK: -

  private func reading(_ request: ReportRequest, _ views: (any StoreReader)?) -> AssessmentReading {
    AssessmentReading(
      store: store, views: views, calendar: request.period.calendar, rules: settings.presenceRules,
      knownAt: request.knownAt, now: request.now, fold: fold)
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
    _ retrofits: [RetrofitComparison]
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
      listsEquipment: request.listsEquipment)
  }

  private func retrofits(
    _ request: ReportRequest, _ reading: AssessmentReading, in assessment: DistrictAssessment
  ) throws -> [String: RetrofitComparison] {
    guard request.readsRetrofits else { return [:] }
    let scope = request.scope
    switch scope {
    case .equipment: return [:]
    case .district, .factory: return try reading.retrofits(of: scope.factory, in: assessment)
    case .workshop(let factory, let id):
      return try reading.retrofits(of: factory, in: assessment) {
        $0.workshop(factory: factory, id)?.figures
      }
    case .line(let factory, let workshop, let id):
      return try reading.retrofits(of: factory, in: assessment) {
        $0.line(factory: factory, workshop: workshop, id)?.figures
      }
    }
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

  /// One factory's. May be called on several threads at once.
  public func report(onFactory id: String) throws -> Report {
    try maker.report(for: request, onFactory: id, retrofits[id])
  }
}
