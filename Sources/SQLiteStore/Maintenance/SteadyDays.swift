import Foundation
import Journal
import Storage
import Telemetry

/// The oldest day of which a store still has messages, and the last day that is final.
private struct KeptDays: Equatable {
  var finalDay: CalendarDay?
  var oldestFile: String?

  init(_ directory: StoreDirectory) throws(StoreError) {
    finalDay = try ViewsBase.finalDay(of: directory)
    oldestFile = try JournalFiles.days(in: directory.journal).first
  }
}

extension StoreDirectory {
  /// Returns the result of `body`, which reads the journal and what is kept aside of dropped days. If days are dropped
  /// meanwhile, whatever it returned or threw counts for nothing, and it is called again; dropping waits for it then,
  /// where this process may write the store's lock.
  ///
  /// - Throws: the errors of `body` while no day was dropped; `.locked` if days are dropped every time.
  public func withSteadyDays<Result>(_ body: () throws -> Result) throws -> Result {
    for attempt in 0..<3 {
      let lock = attempt == 0 ? nil : try? StoreLock(path: rebuildLock, purpose: "rebuild")
      defer { withExtendedLifetime(lock) {} }
      let before = try KeptDays(self)
      do {
        let result = try body()
        if try KeptDays(self) == before { return result }
      } catch {
        if try KeptDays(self) == before { throw error }
      }
    }
    throw StoreError(.locked, "\(path): days were dropped while the journal was read; try again")
  }
}
