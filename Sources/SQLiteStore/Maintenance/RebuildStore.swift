import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Views being built anew from the journal, beside a collector that goes on writing both. A shard over it
/// reads the journal up to a block, and can append nothing.
public final class RebuildStore: ShardStore {
  private let directory: StoreDirectory
  private let calendar: LocalCalendar
  private let horizonMinimum: Span
  private let last: Int64
  private let progress: (_ block: Int64, _ last: Int64) throws -> Void
  private var views: ViewsWriter?
  public private(set) var frozenThrough: CalendarDay?

  /// A store whose views are those of `directory` (``StoreDirectory/init(_:views:)``); what is there already
  /// is gone on with.
  ///
  /// - Parameters:
  ///   - last: the block to stop at.
  ///   - progress: told of every block read, and the last one; what it throws ends the building, which can
  ///     be gone on with later.
  public init(
    directory: StoreDirectory, calendar: LocalCalendar, horizonMinimum: Span, through last: Int64,
    progress: @escaping (_ block: Int64, _ last: Int64) throws -> Void
  ) {
    self.directory = directory
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
    self.last = last
    self.progress = progress
  }

  public func claim(remembering: Int) throws -> ShardState {
    try ViewsBase.restore(directory)
    frozenThrough = try ViewsBase.finalDay(of: directory)
    let views = try ViewsWriter(path: directory.views, calendar: calendar, horizonMinimum: horizonMinimum)
    var state = try views.state(head: last)
    state.remembered = try JournalReader(directory).block(before: state.cursor, holding: remembering)
    self.views = views
    return state
  }

  public func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    builder.reset()
    throw StoreError(.refused, "\(directory.views): views being built anew take no messages")
  }

  public func update(_ update: ViewUpdate) throws {
    do {
      try claimed().write(update)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func pendingRepairs(limit: Int) throws -> [PendingRepair] {
    do {
      return try claimed().pendingRepairs(limit: limit)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    try JournalReader(directory).forEachBlock(after: number, through: last) { block in
      try body(block)
      try progress(block.number, last)
    }
  }

  /// Packs the days that are over, which a collector would do bit by bit.
  public func packDays() throws {
    do {
      while try claimed().packDays(for: .seconds(1)) {}
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// Closes the views, so that they are one file.
  public func close() throws {
    try views?.close()
    views = nil
  }

  private func claimed() throws(StoreError) -> ViewsWriter {
    guard let views else { throw StoreError(.refused, "\(directory.views): used before it was claimed") }
    return views
  }
}

/// Building views anew, one process at a time.
public struct ViewsRebuild: ~Copyable {
  private let store: StoreDirectory
  private let lock: StoreLock

  /// Takes the lock; throws `.locked` when somebody else is at it.
  public init(_ store: StoreDirectory) throws(StoreError) {
    self.store = store
    lock = try StoreLock(path: store.rebuildLock, purpose: "rebuild")
  }

  /// The store with the views being built.
  public var directory: StoreDirectory { StoreDirectory(store, views: store.rebuilding) }

  /// Forgets views half built, when they were made from other rules than `rules`.
  public func begin(rules: String) throws(StoreError) {
    let file = store.rebuilding + ".rules"
    // What is final meanwhile is not in views half built.
    let final = try ViewsBase.finalDay(of: store).map { "\nfinal through \($0)" } ?? ""
    let rules = rules + final
    let earlier = try? String(contentsOfFile: file, encoding: .utf8)
    if earlier != rules { discard() }
    do { try rules.write(toFile: file, atomically: true, encoding: .utf8) } catch {
      throw StoreError(.io, "\(file): cannot be written: \(error.localizedDescription)")
    }
  }

  /// Hands the views built over: to the collector, which takes them when it sees them, or when none runs, at
  /// once. Returns whether they are in place already.
  public func handOver() throws(StoreError) -> Bool {
    guard lock.isHeld(at: store.rebuildLock) else {
      throw StoreError(
        .removed,
        "\(store.rebuildLock): was removed while views were built: another rebuild may be at it. Run it again"
      )
    }
    guard rename(store.rebuilding, store.rebuilt) == 0 else {
      throw StoreError(.io, "\(store.rebuilding): cannot be renamed: \(String(cString: strerror(errno)))")
    }
    unlink(store.rebuilding + ".rules")
    guard let held = try? StoreLock(path: store.lock, purpose: "collector") else { return false }
    try withExtendedLifetime(held) { () throws(StoreError) in try store.adoptRebuilt() }
    return true
  }

  private func discard() {
    for ending in ["", "-wal", "-shm", ".rules"] { unlink(store.rebuilding + ending) }
  }
}
