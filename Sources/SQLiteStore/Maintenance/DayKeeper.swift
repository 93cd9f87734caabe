import Foundation
import Journal
import Storage
import Synchronization
import Telemetry

/// Closes days, compacts them and drops the oldest, a step at a time, each of which a crash may interrupt.
struct DayKeeper {
  let directory: StoreDirectory
  let calendar: LocalCalendar
  let horizonMinimum: Span
  let settings: JournalSettings

  /// Closes and compacts what is due while blocks are being added to `current`. Stops between two steps when
  /// `isCancelled` says so.
  func keep(before current: CalendarDay, isCancelled: () -> Bool = { false }) throws {
    removeLeftovers()
    try DayRootStore.requireRoots(of: directory)
    let store = try DayRootStore(writing: directory)
    var closed = try store.all()
    var roots = Dictionary(uniqueKeysWithValues: closed.map { ($0.root.day, $0.root) })
    for day in try closedDays(before: current) where !isCancelled() {
      if closed.last.map({ $0.root.day < day }) ?? true {
        let closing = DayClosing(directory, day, policies: settings.policies)
        guard let next = try closing.close(following: closed.last) else { continue }
        try store.append(next)
        try closing.note(next.root)
        closed.append(next)
        roots[day] = next.root
      }
      guard !isCancelled(), day + 1 + settings.compactAfterDays <= current, let root = roots[day] else {
        continue
      }
      try DayCompaction(directory, day).compact(expecting: root, isCancelled: isCancelled)
    }
  }

  /// The days, oldest first, that are more than are kept, with the day after each that has a file.
  ///
  /// A day far from the one before it may be a clock that leapt: until another day follows it, it pushes
  /// nothing out.
  func surplus(before current: CalendarDay) throws(StoreError) -> [(day: CalendarDay, next: CalendarDay)] {
    let days = try closedDays(before: current)
    let hasLeapt = days.last.map { $0 + 30 < current } ?? false
    let count = days.count - settings.keptDays - (hasLeapt ? 1 : 0)
    return count > 0 ? zip(days, days.dropFirst()).prefix(count).map { ($0.0, $0.1) } : []
  }

  /// Drops the journal of `day`, once everything before the end of `next` is kept aside; false when it cannot
  /// be yet: while somebody rebuilds, days wait to be recomputed, or the views lack blocks up to `reached`.
  func drop(_ day: CalendarDay, next: CalendarDay, viewsReaching reached: Int64) throws -> Bool {
    guard let closed = try DayRootStore(directory).all().first(where: { $0.root.day == day }) else {
      return false
    }
    // Whoever rebuilds is reading the journal, and begins from what is kept aside.
    guard let lock = try? StoreLock(path: directory.rebuildLock, purpose: "rebuild") else { return false }
    defer { withExtendedLifetime(lock) {} }
    guard
      try ViewsBase(directory, calendar: calendar, horizonMinimum: horizonMinimum)
        .advance(through: next, after: closed, viewsReaching: reached)
    else { return false }
    let path = JournalFiles.path(day.description, in: directory.journal)
    for ending in ["", "-wal", "-shm"] { unlink(path + ending) }
    try synchronize(folder: directory.journal)
    return true
  }

  /// Days that have a file and come before the one being added to, ascending.
  private func closedDays(before current: CalendarDay) throws(StoreError) -> [CalendarDay] {
    try JournalFiles.days(in: directory.journal).compactMap { CalendarDay($0) }.filter { $0 < current }
  }

  /// Removes files of interrupted compactions for days that no longer exist. Other compactions are continued.
  private func removeLeftovers() {
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: directory.journal)) ?? [])
    for name in names {
      guard let ending = name.range(of: DayCompaction.ending) else { continue }
      if !names.contains(String(name[..<ending.lowerBound])) { unlink(directory.journal + "/" + name) }
    }
  }
}

/// Makes the names in a folder survive a power cut.
func synchronize(folder: String) throws(StoreError) {
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw StoreError(.io, "\(folder): cannot be opened") }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw StoreError(.io, "\(folder): cannot be synchronized") }
}

/// Runs a ``DayKeeper`` on a thread of its own that, if asked, runs only when nothing else does, so that no window
/// ever waits for it.
final class DayKeeperThread: Sendable {
  private enum State: Sendable {
    case idle
    case running
    case failed(any Error)
  }
  private let state = Mutex(State.idle)
  private let isCancelled = Atomic(false)
  /// SCHED_IDLE of sched(7), a macro that Glibc's module leaves out.
  private static let idlePolicy: CInt = 5

  /// Begins `work` unless some is running; throws what the last one threw, once.
  func begin(
    whenIdle: Bool, _ work: @escaping @Sendable (_ isCancelled: () -> Bool) throws -> Void
  ) throws {
    let failure = state.withLock { state -> (any Error)? in
      switch state {
      case .running: return nil
      case .idle:
        state = .running
        start(whenIdle: whenIdle, work)
        return nil
      case .failed(let error):
        state = .idle
        return error
      }
    }
    if let failure { throw failure }
  }

  /// Whether nothing is being done.
  var isIdle: Bool {
    state.withLock { if case .running = $0 { false } else { true } }
  }

  /// Ends what is being done after its present step, and waits until it has ended.
  func stop() {
    isCancelled.store(true, ordering: .relaxed)
    while !isIdle { Thread.sleep(forTimeInterval: 0.001) }
    isCancelled.store(false, ordering: .relaxed)
  }

  private func start(
    whenIdle: Bool, _ work: @escaping @Sendable (_ isCancelled: () -> Bool) throws -> Void
  ) {
    let thread = Thread { [self] in
      // On Linux the calling thread's own: what it does can wait for everything else. At the lowest nice level alone
      // a processor it is on counts as taken, and collecting beside it loses twice as much.
      if whenIdle {
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
        var none = sched_param()
        sched_setscheduler(0, Self.idlePolicy, &none)
      }
      var outcome = State.idle
      do { try work { isCancelled.load(ordering: .relaxed) } } catch { outcome = .failed(error) }
      state.withLock { $0 = outcome }
    }
    thread.name = "days"
    thread.start()
  }
}
