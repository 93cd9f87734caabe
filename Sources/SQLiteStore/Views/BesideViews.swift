import Foundation
import Journal
import Storage
import Synchronization
import Telemetry

/// Parts of a store's version that are kept beside the views, by connections that stay open once they were needed.
final class BesideViews: Sendable {
  private let register = Mutex<RegisterStore?>(nil)
  private let roots = Mutex<DayRootStore?>(nil)

  /// The newest imports of the register, and the newest closed day.
  func versions(
    of directory: StoreDirectory
  ) throws(StoreError) -> (register: Int, calendars: Int, closedDay: CalendarDay?) {
    let (register, calendars) = try register.withLock { (kept) throws(StoreError) -> (Int, Int) in
      if kept == nil { kept = try RegisterStore.open(directory: directory.path, readOnly: true) }
      guard let kept else { return (0, 0) }
      let calendars = try kept.calendarImports()
      return (try kept.version(), calendars.last?.version ?? 0)
    }
    let day = try roots.withLock { (kept) throws(StoreError) -> CalendarDay? in
      // Before the first day was closed there is no file that could be kept open.
      guard FileManager.default.fileExists(atPath: directory.roots) else { return nil }
      if kept == nil { kept = try DayRootStore(directory) }
      return try kept?.newest()?.root.day
    }
    return (register, calendars, day)
  }
}
