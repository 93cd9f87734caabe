import Storage
import Telemetry

/// Has the days that wait for it recomputed, beside collecting, and takes them over into the views.
struct Repairs {
  private let worker: RepairWorker
  /// No repair begins before.
  private var next = ContinuousClock.now
  /// Whether the last one failed, and that was said.
  private var isFailing = false
  /// Recomputed days that are still to be taken over.
  private var recomputed: ArraySlice<RepairedDay> = []

  /// How many days are recomputed together, and how many of them are written at once: few enough not to hold a
  /// commit up.
  private static let daysAtOnce = 10_000
  private static let daysWrittenAtOnce = 200
  private static let pause = Duration.seconds(1)

  init(settings: ShardSettings, store: any Store) {
    worker = RepairWorker(settings: settings, store: store)
  }

  /// Begins a repair when one is due, or takes over what has been recomputed. It is never waited for.
  mutating func advance(
    _ views: inout LiveViews, _ senders: inout Senders, _ store: any ShardStore,
    report: (ShardEvent) -> Void
  ) {
    do {
      try advance(&views, &senders, store)
    } catch {
      next = .now + .seconds(60)
      if !isFailing { report(.repairFailed(error)) }
      isFailing = true
    }
  }

  private mutating func advance(
    _ views: inout LiveViews, _ senders: inout Senders, _ store: any ShardStore
  ) throws {
    guard recomputed.isEmpty else {
      try takeOver(&views, &senders, store)
      return
    }
    switch worker.poll() {
    case .running: return
    case .idle:
      guard ContinuousClock.now >= next else { return }
      next = .now + Self.pause
      if let job = try job(&views, &senders, store) { worker.begin(job) }
    case .failed(let error):
      views.endRepair()
      throw error
    case .finished(let days, let took):
      recomputed = days[...]
      try takeOver(&views, &senders, store)
      // An equipment that is late for ever must not keep a processor busy: a tenth of the time is enough.
      next = .now + max(Self.pause, took * 9)
      isFailing = false
    }
  }

  /// Gives up what is being done; its days stay marked.
  mutating func stop(_ views: inout LiveViews) {
    worker.stop()
    views.endRepair()
    recomputed = []
  }

  /// Recomputes every day that waits for it, before returning.
  ///
  /// - Parameter progress: told how many days were recomputed at each turn.
  mutating func finish(
    _ views: inout LiveViews, _ senders: inout Senders, _ store: any ShardStore,
    progress: (Int) throws -> Void
  ) throws {
    stop(&views)
    while let job = try job(&views, &senders, store) {
      let days = try worker.run(job)
      views.apply(days, senders)
      views.endRepair()
      try views.write(&senders, store.update)
      try progress(days.count)
    }
  }

  /// The oldest days that wait, as the journal is now; nil when none do.
  private func job(
    _ views: inout LiveViews, _ senders: inout Senders, _ store: any ShardStore
  ) throws -> RepairJob? {
    try views.write(&senders, store.update)
    let pending = try store.pendingRepairs(limit: Self.daysAtOnce)
    guard !pending.isEmpty else { return nil }
    views.beginRepair(of: Set(pending.map(\.equipment)))
    var days: [RepairJob.Day] = []
    for repair in pending {
      days.append(
        RepairJob.Day(
          repair: repair, key: senders.all[Int(repair.equipment)].key,
          openDay: views.timelines[Int(repair.equipment)].day))
    }
    return RepairJob(block: views.cursor, days: days)
  }

  /// Writes a share of what was recomputed.
  private mutating func takeOver(
    _ views: inout LiveViews, _ senders: inout Senders, _ store: any ShardStore
  ) throws {
    try views.write(&senders, store.update)
    views.apply(recomputed.prefix(Self.daysWrittenAtOnce), senders)
    try views.write(&senders, store.update)
    recomputed = recomputed.dropFirst(Self.daysWrittenAtOnce)
    if recomputed.isEmpty { views.endRepair() }
  }
}
