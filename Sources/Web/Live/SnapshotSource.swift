import Daemon
import Dispatch
import Journal
import Reporting
import Storage
import Synchronization
import Telemetry

/// Makes snapshots of the district: at most one a second, and a new report only if the store has changed or a minute
/// has passed. Any thread may ask for one; only the first of several waits for it.
package final class SnapshotSource: Sendable {
  /// Makes what a snapshot shows.
  package struct Maker: Sendable {
    package var version: @Sendable () throws -> StoreVersion?
    package var collector: @Sendable (Timestamp) -> CollectorView
    /// The district's report at a moment; nil while there is neither a register nor data.
    package var report: @Sendable (Moment) throws -> Report?
    /// The regions of a report.
    package var regions: @Sendable (Report?) -> [Snapshot.Region]
    /// The region of the collector's state.
    package var collectorRegion: @Sendable (CollectorView) -> Snapshot.Region
    package var now: @Sendable () -> Timestamp
    /// Milliseconds of a clock that is never set.
    package var uptime: @Sendable () -> Int64

    /// The functions that make the parts of a snapshot.
    package init(
      version: @escaping @Sendable () throws -> StoreVersion?,
      collector: @escaping @Sendable (Timestamp) -> CollectorView,
      report: @escaping @Sendable (Moment) throws -> Report?,
      regions: @escaping @Sendable (Report?) -> [Snapshot.Region],
      collectorRegion: @escaping @Sendable (CollectorView) -> Snapshot.Region,
      now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Int64
    ) {
      self.version = version
      self.collector = collector
      self.report = report
      self.regions = regions
      self.collectorRegion = collectorRegion
      self.now = now
      self.uptime = uptime
    }
  }

  private struct State {
    var latest: Snapshot?
    /// When the latest was made.
    var made: Int64 = 0
    /// When the report in it was made, and how long that took.
    var reported: Int64 = 0
    var cost: Int64 = 0
    var isMaking = false
    /// Threads that wait for the first snapshot.
    var waiting: [DispatchSemaphore] = []
  }

  /// Milliseconds between two snapshots.
  package static let interval: Int64 = 1000
  /// A report that takes long is made anew after this many times as long, so that reading takes a bounded share of one
  /// processor from the collector.
  private static let rest: Int64 = 8
  /// Milliseconds after which figures are computed anew although nothing came: machines fall silent by that.
  private static let staleness: Int64 = 60_000

  private let maker: Maker
  private let state = Mutex(State())

  /// A source.
  package init(_ maker: Maker) { self.maker = maker }

  /// The present snapshot.
  ///
  /// - Throws: the store's error if there is no snapshot yet; later ones keep the figures that were read last.
  package func current() throws -> Snapshot {
    while true {
      switch turn() {
      case .ready(let snapshot): return snapshot
      case .wait(let semaphore): semaphore.wait()
      case .make(let before): return try make(after: before)
      }
    }
  }

  private enum Turn {
    case ready(Snapshot)
    case wait(DispatchSemaphore)
    case make(Snapshot?)
  }

  private func turn() -> Turn {
    let now = maker.uptime()
    return state.withLock { state in
      if let latest = state.latest, state.isMaking || now - state.made < Self.interval {
        return .ready(latest)
      }
      guard state.isMaking else {
        state.isMaking = true
        return .make(state.latest)
      }
      let semaphore = DispatchSemaphore(value: 0)
      state.waiting.append(semaphore)
      return .wait(semaphore)
    }
  }

  private func make(after before: Snapshot?) throws -> Snapshot {
    let result = Result { try snapshot(after: before) }
    let waiting = state.withLock { state in
      state.isMaking = false
      if case .success(let snapshot) = result { state.latest = snapshot }
      state.made = maker.uptime()
      defer { state.waiting = [] }
      return state.waiting
    }
    for semaphore in waiting { semaphore.signal() }
    // Figures that were read stay until others are.
    if case .failure = result, let before { return before }
    return try result.get()
  }

  private func snapshot(after before: Snapshot?) throws -> Snapshot {
    let start = maker.uptime()
    let now = maker.now()
    let collector = maker.collector(now)
    let version = try maker.version()
    let (reported, cost) = state.withLock { ($0.reported, $0.cost) }
    let age = start - reported
    var moment = Moment(version, at: now)
    var report: Report?
    if let before, before.moment.version == version ? age < Self.staleness : age < Self.rest * cost {
      (moment, report) = (before.moment, before.report)
    } else {
      report = try maker.report(moment)
      let end = maker.uptime()
      // The first report also fills caches, so its time does not delay the second.
      state.withLock { ($0.reported, $0.cost) = (end, before == nil ? 0 : end - start) }
    }
    var snapshot = Snapshot(
      number: (before?.number ?? 0) + 1, moment: moment, collector: collector, report: report,
      regions: regions(report, moment, collector, before))
    snapshot.number(after: before)
    // A snapshot without a change is the one before.
    if let before, before.moment == moment,
      !snapshot.regions.contains(where: { $0.changed == snapshot.number })
    {
      return before
    }
    return snapshot
  }

  /// The collector's region, and those of the report.
  private func regions(
    _ report: Report?, _ moment: Moment, _ collector: CollectorView, _ before: Snapshot?
  ) -> [Snapshot.Region] {
    let isSame = before?.moment == moment
    let first =
      isSame && before?.collector == collector
      ? before?.regions.first ?? maker.collectorRegion(collector) : maker.collectorRegion(collector)
    return [first] + (isSame ? Array((before?.regions ?? []).dropFirst()) : maker.regions(report))
  }
}
