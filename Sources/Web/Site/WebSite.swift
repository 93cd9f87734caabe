import Aggregation
import Alerts
import Configuration
import Daemon
import Journal
import Reporting
import Storage
import Synchronization
import Telemetry

/// Everything that pages and the API show of one store. Any thread may call it; calls block while figures are computed.
public final class WebSite: Sendable {
  /// A format in which reports are handed out.
  public struct Download: Sendable {
    /// The ending of its files, without the dot.
    public var ending: String
    public var mediaType: String
    /// The bytes of a report in it.
    public var render: @Sendable (Report, Language) throws -> [UInt8]

    /// A format.
    public init(
      ending: String, mediaType: String, render: @escaping @Sendable (Report, Language) throws -> [UInt8]
    ) {
      self.ending = ending
      self.mediaType = mediaType
      self.render = render
    }
  }

  public let settings: Settings
  public let store: any Store
  public let service: ReportService
  /// The program's version.
  public let version: String
  let downloads: [Download]
  /// The rules of alerts; nil if the configuration names none.
  let alertRules: AlertRuleSource?
  let policies: [Policy]
  let actionRules: [ActionRule]
  let snapshots: SnapshotSource
  package let frames = EventFrames()
  let pages = PageCache()
  /// The figures of the past with which the district's page compares the present.
  package let history: History
  let permits = Permits(WebLimits.rendering)
  let now: @Sendable () -> Timestamp

  /// A site, with the present by the system's clock.
  ///
  /// - Parameters:
  ///   - downloads: the formats of reports, in the order in which pages link to them.
  ///   - alertRules: the rules of alerts, whose errors are shown.
  /// - Throws: every problem of the configuration's policies and rules.
  public convenience init(
    _ settings: Settings, store: any Store, version: String, downloads: [Download] = [],
    alertRules: AlertRuleSource? = nil
  ) throws(SettingsErrors) {
    try self.init(
      settings, store: store, version: version, downloads: downloads, alertRules: alertRules, now: { .now })
  }

  /// A site with a clock of its own.
  package init(
    _ settings: Settings, store: any Store, version: String, downloads: [Download] = [],
    alertRules: AlertRuleSource? = nil, now: @escaping @Sendable () -> Timestamp
  ) throws(SettingsErrors) {
    let policies = try settings.defaultPolicies()
    let service = ReportService(settings, store: store, version: version)
    let calendar = settings.district.calendar
    self.settings = settings
    self.store = store
    self.version = version
    self.downloads = downloads
    self.alertRules = alertRules
    self.now = now
    self.policies = policies
    self.service = service
    let history = History(calendar) { period, now in
      var request = ReportRequest(
        on: .district, over: period, asOf: period.asOf, now: now, readsRetrofits: false, readsPrevious: false)
      request.recountsCutDay = false
      return try service.report(for: request)
    }
    self.history = history
    actionRules = try ActionRuleFile.load(besides: settings.file)
    snapshots = SnapshotSource(
      SnapshotSource.Maker(
        version: { try service.version() },
        collector: { CollectorView(of: store, now: $0) },
        report: { moment in
          guard try Self.hasContents(store, moment) else { return nil }
          return try service.report(for: Self.district(at: moment, calendar, policies))
        },
        regions: { report in
          guard let report else { return [] }
          return LiveRegions.regions(of: report, history.past(of: report.asOf))
        },
        collectorRegion: { LiveRegions.region(of: $0, calendar) },
        now: now, uptime: Self.uptime))
  }

  /// Milliseconds since the first call.
  @Sendable private static func uptime() -> Int64 {
    let (seconds, attoseconds) = (ContinuousClock.now - Self.start).components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }

  private static let start = ContinuousClock.now

  var calendar: LocalCalendar { settings.district.calendar }

  /// Whether there is anything to report on: data, or a register.
  private static func hasContents(_ store: any Store, _ moment: Moment) throws -> Bool {
    if moment.version != nil { return true }
    do throws(StoreError) {
      return try !store.registerReader().factoryIDs().isEmpty
    } catch {
      // A store that nobody has made yet is empty.
      guard error.kind == .missing else { throw error }
      return false
    }
  }

  private static func district(
    at moment: Moment, _ calendar: LocalCalendar, _ policies: [Policy]
  ) -> ReportRequest {
    var request = ReportRequest(
      on: .district, over: Period(endingAt: moment.asOf, calendar: calendar), asOf: moment.asOf,
      now: moment.asOf, policies: policies, readsRetrofits: false)
    request.recountsCutDay = false
    return request
  }

  /// The report on a part of the district at a moment. Counts of the present day are of all that came by now, unless it
  /// is to be kept: then they are those of the moment, however long that takes.
  ///
  /// - Throws: ``WebProblem/notFound`` if nobody has made the store yet.
  func report(on scope: ReportScope, at moment: Moment, toKeep isToKeep: Bool = false) throws -> Report {
    var isEquipment = false
    if case .equipment = scope { isEquipment = true }
    var request = ReportRequest(
      on: scope, over: Period(endingAt: moment.asOf, calendar: calendar), asOf: moment.asOf,
      now: moment.asOf, policies: isEquipment ? [] : policies, actionRules: actionRules,
      readsRetrofits: false)
    // A factory's page shows its machines that were offline.
    if case .factory = scope, !isToKeep { request.readsStates = true }
    request.recountsCutDay = isToKeep
    return try report(for: request)
  }

  private func report(for request: ReportRequest) throws -> Report {
    do {
      return try service.report(for: request)
    } catch let error as StoreError where error.kind == .missing {
      throw WebProblem.notFound
    }
  }

  /// The report on one machine over its last days, with its states.
  func states(of key: EquipmentKey, over days: Int, at moment: Moment) throws -> Report {
    var request = ReportRequest(
      on: .equipment(key), over: Period(days: days, endingAt: moment.asOf, calendar: calendar),
      asOf: moment.asOf, now: moment.asOf, readsRetrofits: false, readsPrevious: false)
    request.readsStates = true
    request.recountsCutDay = false
    return try report(for: request)
  }

  /// The present snapshot.
  package func snapshot() throws -> Snapshot {
    let snapshot = try snapshots.current()
    frames.note(snapshot)
    return snapshot
  }

  /// The newest block that the views of a moment reflect; 0 before the first.
  func newestBlock(at moment: Moment) -> Int64 { moment.version?.cursors.values.max() ?? 0 }
}
