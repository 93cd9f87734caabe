import Foundation
import GRDB
import GRDBSQLite
import Journal

/// Watches the name of the current day's file, and saves its content when the name is lost.
extension JournalFiles {
  /// Pins a day's open file and its log. SQLite compares the file that the connection has open with its name once;
  /// from then on the name is compared with the identity found here.
  static func pin(_ path: String, _ queue: DatabaseQueue) throws(StoreError) -> [PinnedFile] {
    var hasMoved: CInt = 0
    do {
      try queue.inDatabase { database in
        // The log is opened by the first transaction.
        _ = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master")
      }
    } catch {
      throw StoreError(path: path, error)
    }
    let files = [path, path + "-wal"].compactMap { PinnedFile(path: $0) }
    queue.inDatabase { database in
      _ = sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_HAS_MOVED, &hasMoved)
    }
    guard files.count == 2, hasMoved == 0 else {
      throw StoreError(.removed, "\(path): was removed or replaced while it was being opened; start again")
    }
    return files
  }

  /// Saves the content of an open day that has lost its name; returns a sentence on what was done and what is left to
  /// do. An open database is still complete after its file was deleted, but not once it is closed.
  static func rescue(_ path: String, _ queue: DatabaseQueue, _ files: [PinnedFile]) -> String {
    let again = "then start the collector again: the broker sends what was not acknowledged"
    guard let file = files.first else { return again }
    if !file.isGone {
      // Only the log is gone: write its content into the database file.
      do {
        _ = try queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        return "its content is in \(path) now. Start the collector again: the broker sends what is missing"
      } catch {
        return "its content could not be brought into \(path) (\(error)). Put it back, \(again)"
      }
    }
    if case .at(let other) = file.identity.whereabouts, other != path {
      // Then the one file has all content.
      _ = try? queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      let (from, to) = moved(path, to: other)
      return "move it back: mv \(from) \(to), \(again)"
    }
    return save(path, queue, again)
  }

  /// The move that was made when the file `path` is at `other` now: of the file, or of a folder above it that no
  /// longer exists.
  private static func moved(_ path: String, to other: String) -> (from: String, to: String) {
    var (from, to) = (URL(fileURLWithPath: other), URL(fileURLWithPath: path))
    while from.lastPathComponent == to.lastPathComponent, to.pathComponents.count > 2 {
      let folder = to.deletingLastPathComponent()
      guard !FileManager.default.fileExists(atPath: folder.path) else { break }
      (from, to) = (from.deletingLastPathComponent(), folder)
    }
    return (from.path, to.path)
  }

  /// Saves a deleted file's content under its name if that is free, else beside it.
  private static func save(_ path: String, _ queue: DatabaseQueue, _ again: String) -> String {
    let url = URL(fileURLWithPath: path)
    var folder = url.deletingLastPathComponent()
    let isInPlace = FileManager.default.fileExists(atPath: folder.path)
    if !isInPlace { folder.deleteLastPathComponent() }
    let saved = folder.appendingPathComponent(url.lastPathComponent + ".saved").path
    do {
      try copy(queue, to: saved)
      try synchronize(folder: folder.path)
      if isInPlace, FileIdentity(path: path) == nil {
        for ending in ["-wal", "-shm"] { unlink(path + ending) }
        if rename(saved, path) == 0 {
          try synchronize(folder: folder.path)
          return "what it held was written to \(path) again. Find out what removes it, \(again)"
        }
      }
      return "what it held was saved. Put it in its place: mv \(saved) \(path), \(again)"
    } catch {
      return "what it held could not be saved (\(error)). Put it back from a copy, \(again)"
    }
  }

  /// Copies an open database into a new file, which is durable afterwards.
  private static func copy(_ queue: DatabaseQueue, to path: String) throws {
    for ending in ["", "-journal", "-wal", "-shm"] { unlink(path + ending) }
    let copy = try SQLiteConnection.makeCopy(at: path)
    try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    try queue.backup(to: copy)
    try copy.close()
    chmod(path, 0o640)
  }
}
