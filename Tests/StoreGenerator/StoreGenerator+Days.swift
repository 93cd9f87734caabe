import SQLiteStore
import Storage
import TestSupport

extension StoreGenerator {
  /// Closes and compacts the days of a store that was made in `directory`, all but the last; what is closed stays as it
  /// is.
  public func closeDays(of directory: StoreDirectory) throws {
    let store = shard(directory)
    _ = try store.claim()
    defer { store.release() }
    try closeDays(of: store)
  }

  /// The store in `directory`, which keeps every day of the plan and does not pause between two rounds of closing days.
  func shard(_ directory: StoreDirectory) -> SQLiteShardStore {
    let store = SQLiteShardStore(
      directory: directory, calendar: plan.calendar, horizonMinimum: plan.horizonMinimum,
      journal: JournalSettings(keptDays: plan.days, pause: .zero))
    store.keepsDaysWhenIdle = false
    return store
  }

  /// Lets a store look after its days as a collector does. The second round throws the error of the first.
  func closeDays(of store: SQLiteShardStore) throws {
    for _ in 0..<2 {
      try store.tidy()
      guard waitUntil(3600, { !store.isTidying }) else {
        throw SupportError("the days of the journal are not closed after an hour")
      }
    }
  }
}
