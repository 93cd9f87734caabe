import GRDB

extension SQLiteConnection {
  /// Makes the file `path` of a copy, to be filled by `backup(to:)` of another database. Nothing else may be there.
  ///
  /// The file has its first page at once, whose header says that pages have checksums. SQLite writes that page last; if
  /// its cache does not hold the whole copy, it writes others before, which would keep the checksums that they had in the
  /// source's log: none.
  static func makeCopy(at path: String) throws -> DatabaseQueue {
    let copy = try DatabaseQueue(path: path, configuration: checkedConfiguration())
    try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 1") }
    return copy
  }
}
