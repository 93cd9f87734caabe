import Foundation
import Journal
import Storage

/// Computes the views of an embedded store anew, one process at a time.
final class SQLiteRebuild: ViewsRebuild {
  private let directory: StoreDirectory
  private let lock: StoreLock
  private let views: RebuildStore
  let last: Int64
  let store: any Store

  var shard: any ShardStore { views }

  /// Takes the lock; goes on with views half built if they were made under the same rules.
  ///
  /// - Throws: `.locked` if somebody else is at it.
  init(
    _ directory: StoreDirectory, _ options: ShardOptions, rules: String,
    progress: @escaping (_ block: Int64, _ last: Int64) throws -> Void
  ) throws(StoreError) {
    self.directory = directory
    lock = try StoreLock(path: directory.rebuildLock, purpose: "rebuild")
    // Views that are damaged have nothing to give, and are what is computed anew.
    try? LeftDays.complete(directory, isLocked: true)
    try Self.begin(directory, rules: rules)
    do {
      // A collector appends meanwhile; it replays later blocks itself.
      last = try JournalReader(directory).head()
    } catch {
      throw StoreError(path: directory.journal, error)
    }
    let rebuilding = StoreDirectory(directory, views: directory.rebuilding)
    store = rebuilding
    views = RebuildStore(
      directory: rebuilding, calendar: options.calendar, horizonMinimum: options.horizonMinimum,
      through: last, progress: progress)
  }

  /// Discards views half built that were made under other rules.
  private static func begin(_ directory: StoreDirectory, rules: String) throws(StoreError) {
    let file = directory.rebuilding + ".rules"
    // Views half built lack what has become final meanwhile.
    let final =
      try ViewsBase.finalDay(of: directory).map { "\nfinal through \($0), with days before silences" } ?? ""
    let rules = rules + final
    let earlier = try? String(contentsOfFile: file, encoding: .utf8)
    if earlier != rules {
      for ending in ["", "-wal", "-shm", ".rules"] { unlink(directory.rebuilding + ending) }
    }
    do { try rules.write(toFile: file, atomically: true, encoding: .utf8) } catch {
      throw StoreError(.io, "\(file): cannot be written: \(error.localizedDescription)")
    }
  }

  func handOver() throws -> Bool {
    try views.packGroups()
    try views.close()
    guard lock.isHeld(at: directory.rebuildLock) else {
      throw StoreError(
        .removed,
        "\(directory.rebuildLock): was removed while views were built: another rebuild may be at it. Run it again"
      )
    }
    guard rename(directory.rebuilding, directory.rebuilt) == 0 else {
      throw StoreError(
        .io, "\(directory.rebuilding): cannot be renamed: \(String(cString: strerror(errno)))")
    }
    unlink(directory.rebuilding + ".rules")
    guard let held = try? StoreLock(path: directory.lock, purpose: "collector") else { return false }
    try withExtendedLifetime(held) { () throws(StoreError) in try directory.adoptRebuilt() }
    return true
  }
}
