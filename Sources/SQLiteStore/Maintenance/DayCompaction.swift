import Foundation
import GRDB
import Journal
import Telemetry

/// Writes a closed day anew, grouped by factory in large spans at a high level, and puts it in the place of
/// the old file once it was read back and found to say the same.
package struct DayCompaction {
  /// Behind the names of files being made.
  static let ending = ".compacting"

  private let directory: StoreDirectory
  private let day: CalendarDay
  private let path: String

  /// Bytes of records that are packed together: the memory needed for a span is proportional to it.
  private let spanBytes: Int
  private static let level: Int32 = 19

  package init(_ directory: StoreDirectory, _ day: CalendarDay, spanBytes: Int = 48 << 20) {
    self.directory = directory
    self.day = day
    self.spanBytes = spanBytes
    path = JournalFiles.path(day.description, in: directory.journal)
  }

  /// Compacts the day if it is not compacted yet; returns whether it did. It does not while a reader uses the old
  /// file's log, or once `isCancelled` returns true; a later call continues from what was written by then.
  ///
  /// - Parameter isCancelled: called once after each span that was written.
  @discardableResult package func compact(
    expecting root: DayRoot, isCancelled: () -> Bool = { false }
  ) throws -> Bool {
    let made = path + Self.ending
    guard try !isCompacted() else {
      removeLog()
      Self.remove(made)
      return false
    }
    // Changes left in the log of the old file would be applied to the new one.
    guard try emptyLog() else { return false }
    let old = try JournalDay(day.description, in: directory.journal)
    guard let opening = try old.opening() else { return false }
    do {
      guard try write(old, opening, root, to: made, isCancelled) else { return false }
    } catch {
      Self.remove(made)
      throw error
    }
    let check = try JournalDay(
      day.description, path: made, queue: SQLiteConnection.openReader(path: made, label: "compacted"))
    let (end, digest) = try check.forEachVerifiedBlock(following: opening) { _ in }
    guard end == JournalHead(number: root.lastBlock, hash: root.blockHash),
      digest.merkleRoot == root.merkleRoot
    else {
      Self.remove(made)
      throw StoreError(.corrupt, "\(path): does not have the root that its day was closed with")
    }
    guard rename(made, path) == 0 else {
      throw StoreError(.io, "\(made): cannot be renamed: \(String(cString: strerror(errno)))")
    }
    try synchronize(folder: directory.journal)
    removeLog()
    return true
  }

  // MARK: -

  private func isCompacted() throws -> Bool {
    try SQLiteConnection.openReader(path: path, label: "journal").read { database in
      guard try database.tableExists("span") else { return false }
      return try Bool.fetchOne(
        database,
        sql: """
          SELECT NOT EXISTS (SELECT 1 FROM block) AND NOT EXISTS (SELECT 1 FROM part WHERE factory IS NULL)
          """) ?? false
    }
  }

  private func emptyLog() throws -> Bool {
    let queue = try SQLiteConnection.openWriter(
      path: path, label: "journal \(day)", durable: true, schema: JournalDay.migrator)
    try queue.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA busy_timeout = 0")
      _ = try? database.checkpoint(.truncate)
    }
    try queue.close()
    var status = stat()
    return stat(path + "-wal", &status) != 0 || status.st_size == 0
  }

  /// Writes the new file, continuing from the one left by an earlier run; returns false when cancelled. The new file
  /// has no log, so that users without write access can read it.
  private func write(
    _ old: JournalDay, _ opening: JournalHead, _ root: DayRoot, to made: String, _ isCancelled: () -> Bool
  ) throws -> Bool {
    let progress = try progress(of: made, opening, old)
    if progress == nil { Self.remove(made) }
    var configuration = SQLiteConnection.checkedConfiguration()
    configuration.label = "compacting \(day)"
    let queue = try DatabaseQueue(path: made, configuration: configuration)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    let openings = try old.openings()
    if progress == nil {
      try SQLiteConnection.migrate(queue, with: JournalDay.migrator, path: made)
      try queue.write { database in
        try database.execute(
          sql: "INSERT INTO opening VALUES (1, ?, ?)", arguments: [opening.number, Data(opening.hash.bytes)])
        try database.execute(sql: "INSERT INTO closed VALUES (1, ?)", arguments: [Data(root.root.bytes)])
        for entry in openings {
          let kind = entry.isRereading ? JournalRecord.Kind.rereading : .sources
          try database.execute(
            sql: "INSERT INTO sources (block, kind) VALUES (?, ?)", arguments: [entry.block, kind.rawValue])
        }
      }
    }
    let start = progress ?? opening
    var span = SpanPacker(byFactory: true)
    var hash = start.hash
    var isStopped = false
    func flush() throws {
      guard !span.isEmpty else { return }
      let packed = try PackedSpan(&span, following: hash, level: Self.level)
      hash = packed.hash
      try queue.write { try packed.insert(into: $0) }
      isStopped = isCancelled()
    }
    struct Stopped: Error {}
    do {
      try old.forEachBlock(from: start.number + 1) { block in
        try span.append(block)
        if span.bytes >= spanBytes { try flush() }
        if isStopped { throw Stopped() }
      }
      try flush()
    } catch is Stopped {
      try queue.close()
      return false
    }
    try queue.close()
    chmod(made, 0o640)
    return true
  }

  /// The last block written by an earlier run, if its file is of this day and chain; else nil.
  private func progress(of made: String, _ opening: JournalHead, _ old: JournalDay) throws -> JournalHead? {
    guard FileManager.default.fileExists(atPath: made),
      let queue = try? DatabaseQueue(path: made, configuration: SQLiteConnection.checkedConfiguration())
    else { return nil }
    let found = JournalDay(day.description, path: made, queue: queue)
    guard let begun = try? found.opening(), begun == opening, let head = try? found.head(),
      head.number > opening.number
    else { return nil }
    // Use it only if its last block is in the chain being replaced.
    return try old.head(at: head.number)?.hash == head.hash ? head : nil
  }

  private static func remove(_ made: String) {
    for ending in ["", "-journal", "-wal", "-shm"] { unlink(made + ending) }
  }

  private func removeLog() {
    for ending in ["-wal", "-shm"] { unlink(path + ending) }
  }
}
