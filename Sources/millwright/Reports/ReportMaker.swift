import Aggregation
import Foundation
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
  /// Whether both ends of retrofits are read: that takes longer than all the rest.
  var readsRetrofits = true

  /// A report on `scope`.
  ///
  /// - Parameter retrofits: of the district's factories, where they are known already.
  func report(on scope: ReportScope, retrofits known: [RetrofitComparison]? = nil) throws -> Report {
    do {
      let assessment = try reading.assessment(
        of: scope.factory, asOf: asOf, over: period, keeping: .details)
      let retrofits = try known ?? retrofits(of: scope, in: assessment)
      // What to do next is said of groups; one machine's report says what is the matter with it.
      let isEquipment = if case .equipment = scope { true } else { false }
      return try Report(
        on: scope, of: assessment, district: settings.district.identity, version: Version.current,
        rankedBy: metric, policies: policies, actionRules: isEquipment ? [] : actionRules,
        retrofits: retrofits)
    } catch let error as AssessmentReading.OtherTimeZone {
      throw CommandFailure(.configuration, "\(error)")
    } catch let error as ReportError {
      throw CommandFailure(error.exitStatus, "\(error)")
    }
  }

  /// The ids of the factories a set has reports of: all that the register or a sender names.
  func factories() throws -> [String] {
    try reading.assessment(
      asOf: asOf, over: Period(days: 1, endingAt: asOf, calendar: period.calendar, now: now)
    )
    .factories.map(\.factory.id)
  }

  // MARK: -

  private var reading: AssessmentReading {
    let rules = PresenceRules(
      networkedWindow: settings.presence.networkedWindow, horizonFactor: settings.presence.horizonFactor,
      horizonMinimum: settings.presence.horizonMinimum)
    return AssessmentReading(
      directory: settings.storeDirectory, calendar: period.calendar, rules: rules, knownAt: knownAt, now: now)
  }

  private func retrofits(
    of scope: ReportScope, in assessment: DistrictAssessment
  ) throws -> [RetrofitComparison] {
    guard readsRetrofits else { return [] }
    guard let factory = scope.factory else {
      let ids = assessment.registeredFactories.map(\.factory.id)
      return try Concurrently.map(ids) { id in
        try reading.retrofit(of: id, in: assessment, now: now) { $0.factory(id)?.figures }
      }.compactMap { $0 }
    }
    if case .equipment = scope { return [] }
    let comparison = try reading.retrofit(of: factory, in: assessment, now: now) { assessment in
      switch scope {
      case .district, .equipment: nil
      case .factory(let id): assessment.factory(id)?.figures
      case .workshop(let factory, let id): assessment.workshop(factory: factory, id)?.figures
      case .line(let factory, let workshop, let id):
        assessment.line(factory: factory, workshop: workshop, id)?.figures
      }
    }
    return comparison.map { [$0] } ?? []
  }
}

/// Work on many things by as many threads as there are processors.
enum Concurrently {
  /// The results in the order of `elements`. Once one has failed no other begins, and its error is thrown.
  static func map<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ body: @Sendable (Element) throws -> Result
  ) throws -> [Result] {
    let results = Mutex<[Result?]>(Array(repeating: nil, count: elements.count))
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
      guard failure.withLock({ $0 == nil }) else { return }
      do {
        let result = try body(elements[index])
        results.withLock { $0[index] = result }
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return results.withLock { $0.compactMap { $0 } }
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
