import Aggregation
import Decoding
import Foundation
import Ingestion
import Register
import Reporting
import SQLiteStore
import Telemetry

/// Computes the report of a pack from what is in it and nothing else: its messages go through a store of
/// their own, as they did when they came.
struct EvidenceReplay {
  let pack: EvidencePack
  private let calendar: LocalCalendar
  private let settings: ShardSettings

  init(_ pack: EvidencePack) throws {
    self.pack = pack
    guard let calendar = LocalCalendar(identifier: pack.rules.district.timezone) else {
      throw CommandFailure(.doesNotHold, "settings.json: unknown time zone '\(pack.rules.district.timezone)'")
    }
    self.calendar = calendar
    settings = try pack.rules.shardSettings(calendar)
  }

  /// The report as JSON.
  func report() throws -> String {
    try PrivateFolder.with("evidence") { try report(in: StoreDirectory($0 + "/store")) }
  }

  private func report(in directory: StoreDirectory) throws -> String {
    try restoreRegister(directory)
    try BaseDump.restore(
      pack.opening, to: directory, calendar: calendar, horizonMinimum: settings.horizonMinimum)
    let head = try FactoryJournalWriter(directory, calendar: calendar).write(pack.records, of: pack.factory)
    try fold(directory, through: head)
    return try render(directory)
  }

  // MARK: -

  private func restoreRegister(_ directory: StoreDirectory) throws {
    let register = try RegisterStore.open(directory: directory.path, readOnly: false)
    try register.restore(pack.register)
    do { try register.check(pack.chain, of: pack.factory) } catch {
      // Name the pack's file instead of the temporary one; only the fault matters.
      let reason = error.description.split(separator: "register.sqlite: ").last ?? ""
      throw CommandFailure(.doesNotHold, "register.json: \(reason)")
    }
    try register.restore(pack.chain)
  }

  private func fold(_ directory: StoreDirectory, through head: Int64) throws {
    let store = RebuildStore(
      directory: directory, calendar: calendar, horizonMinimum: settings.horizonMinimum, through: head,
      progress: { _, _ in })
    let shard = try Shard(
      store: store, settings: settings, repairsFrom: directory, register: { [] }, report: { _ in })
    try shard.repairAll()
    try shard.finish()
    try store.close()
  }

  private func render(_ directory: StoreDirectory) throws -> String {
    let rules = pack.rules
    // The pack's newest day is over: nothing of the period is still to come.
    let now = calendar.start(of: (pack.records.last?.root.day ?? pack.days.upperBound) + 1)
    let period = Period(from: pack.days.lowerBound, to: pack.days.upperBound, calendar: calendar, now: now)
    let reading = AssessmentReading(
      store: directory, calendar: calendar,
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
      do throws(SettingsErrors) { return try PolicyFile.parse(text, file: "policies/\(name).yaml") } catch {
        throw CommandFailure(.doesNotHold, "\(error)")
      }
    }
    do {
      let report = try Report(
        on: scope, of: assessment,
        district: DistrictIdentity(
          id: rules.district.id, nameChinese: rules.district.name_zh, nameEnglish: rules.district.name_en),
        version: rules.version, policies: policies)
      return JSONRenderer().render(report)
    } catch {
      throw CommandFailure(.noInput, "\(error)")
    }
  }
}

extension EvidencePack.Rules {
  /// What messages were read by.
  fileprivate func shardSettings(_ calendar: LocalCalendar) throws -> ShardSettings {
    ShardSettings(
      sources: try sources.map { source in
        guard let format = Settings.Source.Format(rawValue: source.format) else {
          throw CommandFailure(.doesNotHold, "settings.json: \(UnknownFormat(name: source.format.inert))")
        }
        do throws(TopicTemplateError) {
          return Decoding.Source(format.decoding, template: try TopicTemplate(source.topic))
        } catch {
          throw CommandFailure(.doesNotHold, "settings.json: \(error)")
        }
      },
      limits: DecodingLimits(
        payload: payload_bytes, nesting: nesting, futureSkew: .milliseconds(future_skew_ms),
        oldestAge: .milliseconds(oldest_age_ms)),
      calendar: calendar, horizonMinimum: .milliseconds(horizon_minimum_ms))
  }

  /// The rules that a configuration gives now.
  init(_ settings: Settings, knownAt: Timestamp) throws {
    let shard = try settings.shardSettings()
    self.init(
      district: District(
        id: settings.district.id, name_zh: settings.district.nameChinese,
        name_en: settings.district.nameEnglish, timezone: settings.district.calendar.identifier),
      sources: settings.sources.map { Source(format: $0.format.rawValue, topic: $0.topic) },
      payload_bytes: settings.limits.payload, nesting: settings.limits.nesting,
      future_skew_ms: settings.limits.futureSkew.milliseconds,
      oldest_age_ms: shard.limits.oldestAge.milliseconds,
      networked_window_ms: settings.presence.networkedWindow.milliseconds,
      horizon_factor: settings.presence.horizonFactor,
      horizon_minimum_ms: settings.presence.horizonMinimum.milliseconds,
      default_interval_ms: settings.presence.defaultInterval.milliseconds,
      known_at_ms: knownAt.milliseconds, version: Version.current)
  }
}
