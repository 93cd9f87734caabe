import Aggregation
import Foundation
import Ingestion
import Register
import Reporting
import Storage
import Synchronization
import Telemetry

/// Makes reports of a store as they are asked for at one moment: all are as of the same instant, by the same
/// register, policies and rules.
struct ReportMaker {
  let settings: Settings
  let policies: [Policy]
  let actionRules: [ActionRule]
  /// Up to which the register is as known; nil for everything known.
  let knownAt: Timestamp?
  let now: Timestamp
  let asOf: Timestamp
  let period: Period
  /// What a district's factories are ranked by.
  let metric: Metric
  /// Whether both ends of retrofits are read: of a district that takes nearly as long as all the rest.
  var readsRetrofits = true

  /// A report on `scope`.
  func report(on scope: ReportScope) throws -> Report {
    try explained {
      let assessment = try reading.assessment(
        of: scope.factory, asOf: asOf, over: period,
        keeping: scope.details.map { .details($0) } ?? .equipment)
      return try report(on: scope, of: assessment, Array(try retrofits(of: scope, in: assessment).values))
    }
  }

  /// The district's report and each factory's: of all that the register or a sender names.
  func reports() throws -> Reports {
    try explained {
      let assessment = try reading.assessment(asOf: asOf, over: period)
      let retrofits = try retrofits(of: .district, in: assessment)
      return Reports(
        maker: self, district: try report(on: .district, of: assessment, Array(retrofits.values)),
        factories: assessment.factories.map(\.factory.id), retrofits: retrofits)
    }
  }

  /// The district's report, and what makes those of its factories.
  struct Reports {
    fileprivate let maker: ReportMaker
    let district: Report
    /// Ascending by id.
    let factories: [String]
    fileprivate let retrofits: [String: RetrofitComparison]

    /// One factory's.
    func report(onFactory id: String) throws -> Report {
      try maker.explained {
        let assessment = try maker.reading.assessment(
          of: id, asOf: maker.asOf, over: maker.period, keeping: .details(.factory))
        return try maker.report(on: .factory(id), of: assessment, retrofits[id].map { [$0] } ?? [])
      }
    }
  }

  // MARK: -

  /// Folds a day again that the as-of cuts.
  private var fold: CutDays.Fold {
    let (settings, directory) = (settings, settings.storeDirectory)
    return {
      try CutDayFold(settings: try settings.shardSettings(), directory).fold(
        $0, on: $1, until: $2, through: $3)
    }
  }

  private var reading: AssessmentReading {
    AssessmentReading(
      store: settings.storeDirectory, calendar: period.calendar, rules: settings.presenceRules,
      knownAt: knownAt, now: now, fold: fold)
  }

  private func report(
    on scope: ReportScope, of assessment: DistrictAssessment, _ retrofits: [RetrofitComparison]
  ) throws -> Report {
    // What to do next is said of groups; one machine's report says what is the matter with it.
    let isEquipment = if case .equipment = scope { true } else { false }
    return try Report(
      on: scope, of: assessment, district: settings.district.identity, version: Version.current,
      rankedBy: metric, policies: policies, actionRules: isEquipment ? [] : actionRules,
      retrofits: retrofits)
  }

  private func retrofits(
    of scope: ReportScope, in assessment: DistrictAssessment
  ) throws -> [String: RetrofitComparison] {
    guard readsRetrofits else { return [:] }
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

  /// What `body` returns; its errors are the command's.
  private func explained<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AssessmentReading.OtherTimeZone {
      throw CommandFailure(.configuration, "\(error)")
    } catch let error as ReportError {
      throw CommandFailure(error.exitStatus, "\(error)")
    }
  }
}

/// Work on many things by as many threads as there are processors.
enum Concurrently {
  /// Calls `body` with each element. Once one has failed no other begins, and its error is thrown.
  static func forEach<Element: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) throws -> Void
  ) throws {
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
      guard failure.withLock({ $0 == nil }) else { return }
      do { try body(elements[index]) } catch { failure.withLock { $0 = $0 ?? error } }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

extension Settings.District {
  var identity: DistrictIdentity {
    DistrictIdentity(id: id, nameChinese: nameChinese, nameEnglish: nameEnglish)
  }
}

extension ReportError {
  fileprivate var exitStatus: ExitStatus {
    switch self {
    case .unknown: .noInput
    case .notRankable: .usage
    }
  }
}
