import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Reads a store's views, as anyone who may read its files, with the collector stopped or running.
public struct ViewsReader: StoreReader {
  let directory: StoreDirectory
  private let queue: DatabaseQueue
  /// Identity of the file; nil if another took its place while it was opened.
  let file: FileIdentity?
  private let beside = BesideViews()

  /// Opens the views of `directory`. A store that is not there, or of another version, is refused.
  public init(_ directory: StoreDirectory) throws(StoreError) {
    self.directory = directory
    let before = FileIdentity(path: directory.views)
    queue = try Self.open(directory, label: "views")
    file = before == FileIdentity(path: directory.views) ? before : nil
  }

  /// Opens the views of `directory` for reading. A store that is not there, whose views were emptied, or that is of
  /// another version, is refused.
  static func open(_ directory: StoreDirectory, label: String) throws(StoreError) -> DatabaseQueue {
    try directory.requireViews()
    guard directory.exists else {
      throw StoreError(
        .missing,
        "\(directory.path): no store here, or not yours to read; run 'millwright collect', or point --store at it",
        "\(directory.path)：没有存储，或无权读取：请运行 millwright collect，或用 --store 指定"
      )
    }
    let queue = try SQLiteConnection.openReader(path: directory.views, label: label)
    do {
      let isNewest = try SQLiteConnection.checkSchema(
        queue, against: ViewsSchema.migrator, path: directory.views)
      if isNewest { return queue }
      guard try queue.read({ try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }) ?? 0 > 0
      else {
        throw StoreError(
          .refused,
          """
          \(directory.views): is empty: it was emptied or replaced. Start the collector, or run 'millwright rebuild': both \
          compute it from the journal
          """)
      }
      throw StoreError(
        .refused,
        "\(directory.views): made by an earlier Millwright; start the collector, which brings it up to date, or run 'millwright rebuild'"
      )
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// Refuses views that lack closed days (``DayRootStore/requireViews(of:reaching:)``).
  public func requireClosedDays() throws {
    let cursor = try read { try $0.cursor() }
    try DayRootStore.requireViews(of: directory, reaching: cursor)
  }

  /// The time zone in which the store cuts days.
  public func timeZone() throws(StoreError) -> String {
    do {
      let name = try queue.read {
        try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = 'timezone'")
      }
      guard let name else { throw StoreError(.refused, "\(directory.views): states no time zone") }
      return name
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func version() throws(StoreError) -> StoreVersion {
    guard let file, FileIdentity(path: directory.views) == file else {
      throw StoreError(.removed, "\(directory.views): was replaced by views computed anew, or removed")
    }
    let (cursor, pending) = try Self.explaining(directory.views) {
      try read { (try $0.cursor(), try $0.repairsPending(of: nil, in: $0.database)) }
    }
    let versions = try beside.versions(of: directory)
    return StoreVersion(
      cursors: [.embedded: cursor], repairsPending: pending, register: versions.register,
      calendars: versions.calendars, closedDay: versions.closedDay, edition: "\(file.device):\(file.inode)")
  }

  /// Returns what `body` returns; its errors name the file `path`.
  private static func explaining<Result>(_ path: String, _ body: () throws -> Result) throws(StoreError)
    -> Result
  {
    do { return try body() } catch { throw StoreError(path: path, error) }
  }

  public func snapshot<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result {
    try read { try body($0) }
  }

  /// Lends the views at one moment. Throws the error of `body`, or a ``StoreError``.
  func read<Result>(_ body: (ViewsSnapshot) throws -> Result) throws -> Result {
    do {
      return try queue.read { try body(ViewsSnapshot(database: $0, directory: directory)) }
    } catch  where error is DatabaseError || error is StoreError {
      throw StoreError(path: directory.views, error)
    }
  }

  /// Copies the views as they are at one moment into the file `path`; returns the block they reflect.
  public func copy(to path: String) throws(StoreError) -> Int64 {
    do {
      let copy = try SQLiteConnection.makeCopy(at: path)
      try queue.backup(to: copy)
      return try copy.read { try ViewsCursor.block($0) }
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// The first day after `day` on which anything of an equipment came, among those its timeline has left; nil
  /// when there is none.
  public func firstClosing(
    of equipment: EquipmentNumber, after day: CalendarDay
  ) throws(StoreError) -> CalendarDay? {
    do {
      return try queue.read { database in
        try Row.fetchOne(
          database.cachedStatement(
            sql: "SELECT min(day) AS day FROM closing WHERE equipment = ? AND day > ?"),
          arguments: [equipment, day.number])?.optionalDay("day")
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// The timeline of an equipment after the last day before `day` that anything came on; nil when there is
  /// none. Its totals are empty.
  public func closing(of equipment: EquipmentNumber, before day: CalendarDay) throws(StoreError) -> Timeline?
  {
    do {
      return try queue.read { database in
        try ViewsSnapshot(database: database, directory: directory).closing(of: equipment, before: day)
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }
}
