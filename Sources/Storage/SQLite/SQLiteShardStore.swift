import Foundation
import GRDB
import Telemetry

/// The embedded store: a folder with a journal file for each day and the views, under one lock.
public final class SQLiteShardStore: ShardStore {
  private let directory: StoreDirectory
  private let calendar: LocalCalendar
  private let horizonMinimum: Span
  private var open: Open?

  private struct Open {
    let lock: StoreLock
    let journal: JournalFiles
    let views: ViewsWriter
  }

  /// The store in `directory`, which is made when it is not there; days are those of `calendar`.
  public init(directory: StoreDirectory, calendar: LocalCalendar, horizonMinimum: Span) {
    self.directory = directory
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
  }

  /// Whether views built anew wait to be taken over, which the next claim does.
  public var hasRebuiltViews: Bool { FileManager.default.fileExists(atPath: directory.rebuilt) }

  public func claim(remembering: Int = 0) throws -> ShardState {
    try directory.create()
    // A claim made again keeps the lock all the while.
    let lock = try open?.lock ?? StoreLock(path: directory.lock, purpose: "collector")
    open = nil
    try directory.adoptRebuilt()
    let journal = try JournalFiles(folder: directory.journal, calendar: calendar)
    let views = try ViewsWriter(path: directory.views, calendar: calendar, horizonMinimum: horizonMinimum)
    var state: ShardState
    do { state = try views.state(head: journal.head) } catch {
      throw StoreError(path: directory.views, error)
    }
    let opening = try journal.opening()
    guard state.cursor <= journal.head, state.cursor == 0 || state.cursor >= opening else {
      throw StoreError(
        .refused,
        """
        \(directory.path): the views reflect journal block \(state.cursor), but the journal holds blocks \
        \(opening + 1) to \(journal.head): journal files are missing. Put them back, or move views.sqlite, \
        views.sqlite-wal and views.sqlite-shm away to have the views built anew from the journal that is there
        """)
    }
    state.remembered = try JournalReader(directory).block(before: state.cursor, holding: remembering)
    open = Open(lock: lock, journal: journal, views: views)
    return state
  }

  public func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    do {
      return try claimed().journal.append(&builder, factoryID: factoryID)
    } catch {
      builder.reset()
      throw StoreError(path: directory.journal, error)
    }
  }

  public func update(_ update: ViewUpdate) throws {
    do {
      try claimed().views.write(update)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func pendingRepairs(limit: Int) throws -> [PendingRepair] {
    do {
      return try claimed().views.pendingRepairs(limit: limit)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    try claimed().journal.forEachBlock(after: number, body)
  }

  /// Lets the store go; another collector may claim it.
  public func release() { open = nil }

  private func claimed() throws(StoreError) -> Open {
    guard let open else { throw StoreError(.refused, "\(directory.path): used before it was claimed") }
    return open
  }
}
