import Aggregation
import Decoding
import Ingestion
import Reporting
import Storage
import Telemetry

/// Resources beside the pack for computing its report.
public struct ReplayResources {
  /// Version of Millwright.
  public var version: String
  /// Lends an empty store, which is removed afterwards.
  public var withStore: (_ body: (any Store) throws -> String) throws -> String
  /// Reads a policy. Errors name `file`; the policy has the name of the file without its ending.
  public var policy: (_ text: String, _ file: String) throws -> Policy

  /// Resources of a program.
  public init(
    version: String, withStore: @escaping (_ body: (any Store) throws -> String) throws -> String,
    policy: @escaping (_ text: String, _ file: String) throws -> Policy
  ) {
    self.version = version
    self.withStore = withStore
    self.policy = policy
  }
}

/// Computes the report of a pack from its content alone: the messages go through a store of their own, as they did when
/// they were received.
struct EvidenceReplay {
  private let pack: EvidencePack
  private let resources: ReplayResources
  private let calendar: LocalCalendar
  private let settings: ShardSettings

  init(_ pack: EvidencePack, _ resources: ReplayResources) throws(EvidenceError) {
    self.pack = pack
    self.resources = resources
    guard let calendar = LocalCalendar(identifier: pack.rules.district.timezone) else {
      throw EvidenceError(
        .doesNotHold, "settings.json: unknown time zone '\(pack.rules.district.timezone.inert)'")
    }
    self.calendar = calendar
    settings = pack.rules.shardSettings(calendar)
  }

  /// The report as JSON.
  func report() throws -> String {
    if let contradiction = pack.chain.contradiction(with: pack.register, of: pack.factory) {
      throw EvidenceError(.doesNotHold, "register.json: \(contradiction)")
    }
    return try resources.withStore(report(in:))
  }

  // MARK: -

  private func report(in store: any Store) throws -> String {
    let options = ShardOptions(calendar: calendar, horizonMinimum: settings.horizonMinimum)
    try store.restore(
      FactoryPast(
        factory: pack.factory, register: pack.register, chain: pack.chain, opening: pack.opening,
        days: pack.records), options)
    let rebuild = try store.rebuild(.embedded, options, rules: "", progress: { _, _ in })
    let shard = try Shard(
      store: rebuild.shard, settings: settings, repairsFrom: rebuild.store, register: { [] },
      emit: { _ in })
    try shard.repairAll()
    try shard.finish()
    return try render(rebuild.store)
  }

  private func render(_ store: any Store) throws -> String {
    let rules = pack.rules
    // The pack's newest day is over: nothing of the period is still to come.
    let now = calendar.start(of: (pack.records.last?.root.day ?? pack.days.upperBound) + 1)
    let period = Period(from: pack.days.lowerBound, to: pack.days.upperBound, calendar: calendar, now: now)
    let reading = AssessmentReading(
      store: store, calendar: calendar,
      rules: PresenceRules(
        networkedWindow: .milliseconds(rules.networked_window_ms), horizonFactor: rules.horizon_factor,
        horizonMinimum: .milliseconds(rules.horizon_minimum_ms),
        defaultInterval: .milliseconds(rules.default_interval_ms)),
      knownAt: Timestamp(milliseconds: rules.known_at_ms), now: now,
      fold: nil)
    let scope = ReportScope.factory(pack.factory)
    let assessment = try reading.assessment(
      of: pack.factory, asOf: period.asOf, over: period, keeping: .details(.factory))
    let policies = try pack.policies.sorted { $0.key < $1.key }.map { name, text in
      do { return try resources.policy(text, PackFormat.policy(name)) } catch {
        throw EvidenceError(.doesNotHold, "\(error)")
      }
    }
    do {
      let report = try Report(
        on: scope, of: assessment,
        district: DistrictIdentity(
          id: rules.district.id, nameChinese: rules.district.name_zh, nameEnglish: rules.district.name_en),
        version: pack.millwrightVersion, policies: policies)
      return JSONRenderer().render(report)
    } catch {
      throw EvidenceError(.noInput, "\(error)")
    }
  }
}

extension EvidencePack.Rules {
  /// The settings of a shard that reads messages by the rules, which have been checked.
  fileprivate func shardSettings(_ calendar: LocalCalendar) -> ShardSettings {
    ShardSettings(
      sources: sources.compactMap(\.decoded),
      limits: DecodingLimits(
        payload: payload_bytes, nesting: nesting, futureSkew: .milliseconds(future_skew_ms),
        oldestAge: .milliseconds(oldest_age_ms)),
      calendar: calendar, horizonMinimum: .milliseconds(horizon_minimum_ms))
  }
}
