import Storage
import Telemetry

/// Recomputes marked days while the shard collects, and writes them into the views.
struct Repairs {
  private let worker: RepairWorker
  /// Earliest time of the next repair.
  private var next = ContinuousClock.now
  /// Whether the last repair failed and the failure was reported.
  private var isFailing = false
  /// Recomputed days that are not yet written.
  private var recomputed: ArraySlice<RepairedDay> = []

  /// Maximum numbers of days that are recomputed together and that are written at once: few enough not to delay a
  /// commit.
  private static let daysAtOnce = 10_000
  private static let daysWrittenAtOnce = 200
  private static let pause = Duration.seconds(1)

  init(settings: ShardSettings, store: any Store) {
    worker = RepairWorker(settings: settings, store: store)
  }

  /// Begins a repair if one is due, or writes recomputed days. Never waits for a repair.
  mutating func advance(
    _ views: inout LiveViews, _ senders: inout Senders, _ store: any ShardStore,
    emit: (ShardEvent) -> Void
  ) {
    do {
      try advance(&views, &senders, store)
    } catch {
      next = .now + .seconds(60)
      if !isFailing { emit(.repairFailed(error)) }
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
      // An equipment that is always late must not occupy a processor: a tenth of the time is enough.
      next = .now + max(Self.pause, took * 9)
      isFailing = false
    }
  }

  /// Stops the current repair; its days stay marked.
  mutating func stop(_ views: inout LiveViews) {
    worker.stop()
    views.endRepair()
    recomputed = []
  }

  /// Recomputes every marked day before it returns.
  ///
  /// - Parameter progress: receives the number of days recomputed in each round.
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

  /// The oldest marked days, with the journal's current head; nil if there are none.
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

  /// Writes a part of the recomputed days.
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
