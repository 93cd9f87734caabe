import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// `roots.sqlite`: the root of every day the journal ever closed, also of days that are no longer kept.
public struct DayRootStore {
  private let path: String
  /// nil if no day was closed when this was opened: there was no file.
  private let queue: DatabaseQueue?

  /// A closed day, and the collector's connection as it was at its end.
  public struct ClosedDay: Equatable, Sendable {
    public var root: DayRoot
    public var observation: ObservedStretch?
  }

  /// The roots of a store, for reading; there are none before the first day was closed.
  public init(_ directory: StoreDirectory) throws(StoreError) {
    path = directory.roots
    guard FileManager.default.fileExists(atPath: path) else {
      queue = nil
      return
    }
    let queue = try SQLiteConnection.openReader(path: path, label: "roots")
    self.queue = queue
    do {
      if try SQLiteConnection.checkSchema(queue, against: Self.migrator, path: path) { return }
      guard try queue.read({ try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }) ?? 0 > 0
      else {
        throw StoreError(.refused, "\(path): is empty: it was emptied or replaced; put it back from a copy")
      }
      throw StoreError(
        .refused, "\(path): made by an earlier Millwright; start the collector, which brings it up to date")
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// The roots of a store, for adding to.
  init(writing directory: StoreDirectory) throws(StoreError) {
    path = directory.roots
    queue = try SQLiteConnection.openWriter(path: path, label: "roots", durable: true, schema: Self.migrator)
  }

  /// Every closed day, ascending; each is checked to name the root before it, and its own.
  public func all() throws(StoreError) -> [ClosedDay] {
    let days = try closedDays(in: "day_root", "ORDER BY day")
    for (before, day) in zip(days, days.dropFirst()) where day.root.previous != before.root.root {
      throw StoreError(.corrupt, "\(path): \(day.root.day) does not follow the root of \(before.root.day)")
    }
    return days
  }

  /// The newest closed day.
  public func newest() throws(StoreError) -> ClosedDay? { try newest(1).first }

  /// The newest `count` closed days, newest first.
  private func newest(_ count: Int) throws(StoreError) -> [ClosedDay] {
    try closedDays(in: "day_root", "ORDER BY day DESC LIMIT \(count)")
  }

  /// Adds the next closed day; when it returns, the root survives a power cut.
  func append(_ day: ClosedDay) throws(StoreError) {
    let root = day.root
    do {
      try queue?.write { database in
        try database.execute(
          sql: "INSERT INTO day_root VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            root.day.number, root.firstBlock, root.lastBlock, Data(root.blockHash.bytes),
            Data(root.merkleRoot.bytes), Data(root.previous.bytes), Data(root.root.bytes),
            day.observation?.number, day.observation?.from.milliseconds,
            day.observation?.through.milliseconds,
            day.observation?.resumed, day.observation?.ended, root.register?.entries,
            root.register.map { Data($0.hash.bytes) }, root.policies,
          ])
      }
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// Refuses roots that lack the newest day that is closed in the journal: the file was deleted, emptied or replaced,
  /// and a new chain would differ from the one that filed reports refer to.
  ///
  /// - Parameters:
  ///   - all: whether to check every kept day instead of only the newest closed one.
  ///   - opened: the roots of `directory`; nil opens them.
  public static func requireRoots(
    of directory: StoreDirectory, all: Bool = false, in opened: DayRootStore? = nil
  ) throws(StoreError) {
    guard FileManager.default.fileExists(atPath: directory.journal) else { return }
    var roots: [CalendarDay: SHA256Digest]?
    for name in try JournalFiles.days(in: directory.journal).reversed() {
      guard let root = try closedRoot(of: name, in: directory.journal) else { continue }
      if roots == nil {
        // The first day of all may have been closed since `opened` found no file.
        let store = if let opened, opened.queue != nil { opened } else { try DayRootStore(directory) }
        // A far day whose root was set aside may still have its file after a crash.
        let stored = try store.all() + store.setAside()
        roots = Dictionary(stored.map { ($0.root.day, $0.root.root) }) { first, _ in first }
      }
      guard let day = CalendarDay(name), roots?[day] == root else {
        throw StoreError(
          .refused,
          "\(directory.roots): lacks the root that \(name) was closed with: it was deleted, emptied or replaced; put it back from a copy"
        )
      }
      if !all { return }
    }
  }

  /// The root with which a day was closed; nil for one that is open, or that was dropped after the listing.
  private static func closedRoot(of name: String, in folder: String) throws(StoreError) -> SHA256Digest? {
    try JournalFiles.unlessDropped(name, in: folder) { () throws(StoreError) in
      try JournalDay(name, in: folder).closedRoot()
    }
  }

  /// Refuses a journal or views that end before the newest closed day: their files were deleted or replaced.
  ///
  /// - Parameter head: the newest block that they have; 0 for none.
  public static func requireBlocks(of directory: StoreDirectory, upTo head: Int64) throws(StoreError) {
    guard let last = try DayRootStore(directory).newest()?.root, last.lastBlock > head else { return }
    throw StoreError(
      .refused,
      """
      \(directory.path): blocks up to \(last.lastBlock) were closed on \(last.day) (roots.sqlite), but \
      \(head == 0 ? "there is none" : "\(head) is the last"): journal or views were deleted or replaced. Put them \
      back from a copy; to begin anew, use a new folder for the store
      """)
  }

  /// Refuses a store's views that lack closed days: they were emptied, replaced by older ones, or are being computed
  /// anew, and figures would look as if nothing had arrived on those days.
  ///
  /// The newest closed day may be missing for a moment, because it can be closed before its last messages are in the
  /// views.
  ///
  /// - Parameter cursor: the newest block in the views; 0 for none.
  static func requireViews(
    of directory: StoreDirectory, reaching cursor: Int64, in opened: DayRootStore? = nil
  ) throws(StoreError) {
    // Copies, and views that are being computed, may end at an earlier block on purpose.
    guard directory.hasOwnViews else { return }
    let roots = if let opened { opened } else { try DayRootStore(directory) }
    let closed = try roots.newest(2).map(\.root)
    guard let last = cursor == 0 ? closed.first : closed.dropFirst().first, last.lastBlock > cursor else {
      return
    }
    throw StoreError(
      .refused,
      """
      \(directory.views): \(cursor == 0 ? "has nothing of the journal" : "ends with block \(cursor)"), but days up to \
      block \(last.lastBlock) are closed: it was emptied or replaced, or is being computed anew. Start the collector, or \
      run 'millwright rebuild': both compute it from the journal
      """)
  }

  /// Sets aside the roots of `day` and later days, whose blocks were filed under other days. They can still be read
  /// by ``setAside()``.
  func setAside(from day: CalendarDay) throws(StoreError) {
    do {
      try queue?.write { database in
        try database.execute(
          sql: """
            INSERT INTO set_aside SELECT * FROM day_root WHERE day >= ?;
            DELETE FROM day_root WHERE day >= ?;
            """, arguments: [day.number, day.number])
      }
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// Roots that were set aside, in the order of their blocks.
  public func setAside() throws(StoreError) -> [ClosedDay] {
    try closedDays(in: "set_aside", "ORDER BY last")
  }

  /// Rows of a table, each checked to have the root that its fields give.
  private func closedDays(in table: String, _ order: String) throws(StoreError) -> [ClosedDay] {
    guard let queue else { return [] }
    do {
      return try queue.read { database in
        guard try database.tableExists(table) else { return [] }
        let rows = try StatementReader(database, sql: "SELECT \(Self.columns) FROM \(table) \(order)")
        var days: [ClosedDay] = []
        // Policies seldom change from one day to the next.
        var policies = (text: "", digest: SHA256Digest(hashing: []))
        while try rows.step() {
          if try !rows.isText(14, policies.text) {
            let text = try rows.text(14)
            policies = (text, SHA256Digest(hashing: Array(text.utf8)))
          }
          days.append(try Self.day(rows, policies))
        }
        return days
      }
    } catch {
      throw StoreError(path: path, error)
    }
  }

  private static let columns = """
    day, first, last, block_hash, merkle_root, previous, root, number, start, through, resumed, ended, \
    register_entries, register_hash, policies
    """

  /// The row at hand of ``columns``, whose policies were read.
  private static func day(
    _ row: StatementReader, _ policies: (text: String, digest: SHA256Digest)
  ) throws(StoreError) -> ClosedDay {
    // NULL in a root of an earlier layout, which did not bind the register.
    let entries: Int64? = try row.optionalInteger(12)
    var register: RegisterHead?
    if let entries { register = RegisterHead(entries: entries, hash: try row.digest(13)) }
    let root = DayRoot(
      day: try row.day(0), firstBlock: try row.count(1), lastBlock: try row.count(2),
      blockHash: try row.digest(3), merkleRoot: try row.digest(4), previous: try row.digest(5),
      register: register, policies: policies.text)
    guard root.root(policies: policies.digest) == (try row.digest(6)) else {
      throw StoreError(.corrupt, "the root of \(root.day) is not the one that its fields give")
    }
    return ClosedDay(root: root, observation: row.isNull(7) ? nil : try observation(row))
  }

  private static func observation(_ row: StatementReader) throws(StoreError) -> ObservedStretch {
    let resumed: Int = try row.integer(10)
    let ended: Int = try row.integer(11)
    return ObservedStretch(
      number: try row.count(7), from: try row.timestamp(8), through: try row.timestamp(9),
      resumed: resumed != 0, ended: ended != 0)
  }

  private static let migrator = makeMigrator()

  private static func makeMigrator() -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 day roots") { database in
      try database.execute(
        sql: """
          CREATE TABLE day_root (
            day INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
            block_hash BLOB NOT NULL, merkle_root BLOB NOT NULL, previous BLOB NOT NULL, root BLOB NOT NULL,
            -- The newest observation as it was at the day's end.
            number INTEGER, start INTEGER, through INTEGER, resumed INTEGER, ended INTEGER);
          """)
    }
    migrator.registerMigration("2 register and policies") { database in
      try database.execute(
        sql: """
          ALTER TABLE day_root ADD COLUMN register_entries INTEGER;
          ALTER TABLE day_root ADD COLUMN register_hash BLOB;
          ALTER TABLE day_root ADD COLUMN policies TEXT NOT NULL DEFAULT '';
          """)
    }
    migrator.registerMigration("3 set aside") { database in
      try database.execute(
        sql: """
          -- Roots of days that a clock had leapt to, whose blocks were filed under other days since.
          CREATE TABLE set_aside (
            day INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            block_hash BLOB NOT NULL, merkle_root BLOB NOT NULL, previous BLOB NOT NULL, root BLOB NOT NULL,
            number INTEGER, start INTEGER, through INTEGER, resumed INTEGER, ended INTEGER,
            register_entries INTEGER, register_hash BLOB, policies TEXT NOT NULL DEFAULT '');
          """)
    }
    return migrator
  }
}
