import CPageChecks
import Foundation
import GRDB
import GRDBSQLite
import Journal

/// Opens SQLite files, for reading or writing, with the checks and settings that every file has.
enum SQLiteConnection {
  /// Opens a database for writing. The write-ahead log outlives the connection, so that readers of another user find
  /// it when nobody writes. `synchronous` is set last and read back, because GRDB's own set-up of the log lowers it.
  /// A missing database, or one left empty by a crash, is created; one of an earlier schema is migrated.
  static func openWriter(
    path: String, label: String, durable: Bool, schema: DatabaseMigrator
  ) throws(StoreError) -> DatabaseQueue {
    if isMissingOrEmpty(path) { try make(path, schema) }
    let queue = try open(path: path, label: label, durable: durable)
    try migrate(queue, with: schema, path: path)
    return queue
  }

  /// Whether there is no database at `path`: no file, or an empty file without a log to fill it.
  private static func isMissingOrEmpty(_ path: String) -> Bool {
    func size(_ file: String) -> off_t? {
      var status = stat()
      return stat(file, &status) == 0 ? status.st_size : nil
    }
    return size(path) == nil || size(path) == 0 && (size(path + "-wal") ?? 0) == 0
  }

  /// Makes a database beside its place and puts it there whole: one that a kill left half made could be
  /// mended by its writer only, and whoever may just read it could not.
  private static func make(_ path: String, _ schema: DatabaseMigrator) throws(StoreError) {
    let made = path + ".making"
    for ending in ["", "-journal", "-wal", "-shm"] { unlink(made + ending) }
    // A log without its database would be taken for the new one's.
    for ending in ["-journal", "-wal", "-shm"] { unlink(path + ending) }
    var configuration = checkedConfiguration()
    configuration.journalMode = .wal
    do {
      let queue = try DatabaseQueue(path: made, configuration: configuration)
      try schema.migrate(queue)
      try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
      try queue.close()
    } catch {
      throw StoreError(path: made, error)
    }
    // For the group to read, whatever the process's umask: SQLite gives the same mode to the files beside it.
    chmod(made, 0o640)
    guard rename(made, path) == 0 else {
      throw StoreError(.io, "\(made): cannot be renamed: \(String(cString: strerror(errno)))")
    }
    try synchronize(folder: URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  private static func open(path: String, label: String, durable: Bool) throws(StoreError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.label = label
    configuration.journalMode = .wal
    // Under a quarter of the default keepalive: a commit that waits longer would cost the connection.
    configuration.busyMode = .timeout(5)
    try WriteAheadLog.requireWhole(ofDatabase: path)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try requireChecks(queue, path: path)
      try queue.writeWithoutTransaction { database in
        var persist: CInt = 1
        sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &persist)
        try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
        try database.execute(sql: "PRAGMA synchronous = \(durable ? "FULL" : "NORMAL")")
        let level = try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? -1
        guard level == (durable ? 2 : 1) else {
          throw StoreError(.io, "\(path): SQLite did not take synchronous=\(durable ? "FULL" : "NORMAL")")
        }
      }
      return queue
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// Opens a database for reading only; works for a user who may not write, with the writer stopped or
  /// running.
  ///
  /// - Parameter isChecked: false for a database of another part of the program, whose pages have no checksums.
  static func openReader(
    path: String, label: String, isChecked: Bool = true
  ) throws(StoreError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.label = label
    configuration.readonly = true
    // Nothing is written that a foreign key could refuse.
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA query_only = 1") }
    try WriteAheadLog.requireWhole(ofDatabase: path)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      if isChecked { try requireChecks(queue, path: path) }
      return queue
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// The configuration for creating a database whose pages have checksums (`CPageChecks`).
  static func checkedConfiguration() -> Configuration {
    var configuration = Configuration()
    // Before anything is written: the header of the first page records the reserved size.
    configuration.prepareDatabase { database in
      var reserved = CInt(PAGE_CHECKS_RESERVED)
      sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved)
    }
    return configuration
  }

  /// Refuses a database whose pages have no checksums, since a flipped bit in its header could switch them off.
  private static func requireChecks(_ queue: DatabaseQueue, path: String) throws {
    let isChecked = try queue.inDatabase { database in
      // The size is known, since GRDB reads the first page of every database that it opens.
      var reserved: CInt = -1
      sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved)
      if reserved == CInt(PAGE_CHECKS_RESERVED) { return true }
      // A file left empty by a crash has no page to check.
      return try Int.fetchOne(database, sql: "PRAGMA page_count") == 0
    }
    guard isChecked else {
      throw StoreError(
        .refused,
        """
        \(path): its pages have no checksums: it was made by an earlier Millwright, which this one cannot read, \
        or its first page is damaged; restore it from a copy, or begin a new store
        """,
        "\(path)：数据页没有校验和：由较早版本的 Millwright 创建，本版本无法读取，或首页已损坏；请用备份恢复，或新建存储")
    }
  }

  /// Brings `database` up to the newest schema; a schema from a later version is refused.
  static func migrate(_ queue: DatabaseQueue, with migrator: DatabaseMigrator, path: String)
    throws(StoreError)
  {
    do {
      if try checkSchema(queue, against: migrator, path: path) { return }
      try migrator.migrate(queue)
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(path: path, error)
    }
  }

  /// Refuses a database that a later version of Millwright has migrated; returns whether it has the newest schema.
  static func checkSchema(
    _ queue: DatabaseQueue, against migrator: DatabaseMigrator, path: String
  ) throws -> Bool {
    var applied: Set<String>
    // One statement needs no transaction.
    do { applied = try queue.inDatabase(migrator.appliedIdentifiers) } catch is DatabaseError {
      // GRDB looks for its table twice, and stumbles over one that is made in between.
      applied = try queue.inDatabase(migrator.appliedIdentifiers)
    }
    let known = Set(migrator.migrations)
    guard applied.isSubset(of: known) else {
      throw StoreError(
        .refused,
        "\(path): written by a newer Millwright than this one; run that version, or one newer still",
        "\(path)：由更高版本的 Millwright 写入，请使用该版本或更高版本")
    }
    return applied == known
  }
}

extension StoreError {
  /// A failure of SQLite on the file `path`.
  init(path: String, _ error: any Error) {
    if var error = error as? StoreError {
      // A row's misfit does not know its file.
      if error.kind == .corrupt, !error.description.contains("/") {
        error.chinese = error.chinese.map { "\(path)：\($0)" }
        error.description = "\(path): \(error.description)"
      }
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(.io, "\(path): \(error)", "\(path)：\(error)")
      return
    }
    let message = error.message ?? "\(error.resultCode)"
    if error.extendedResultCode.rawValue == CInt(PAGE_CHECKS_FAULT) {
      self.init(
        .corrupt,
        "\(path): a page does not match its checksum: the file is damaged, or was altered by another program; restore it from a copy",
        "\(path)：数据页与校验和不符：文件已损坏或被其他程序改动，请用备份恢复"
      )
      return
    }
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        .corrupt,
        "\(path): \(message); restore it from a copy ('millwright journal verify' checks the journal)",
        "\(path)：文件已损坏（\(message)）：请用备份恢复（可运行 millwright journal verify 校验日志）")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(.locked, "\(path): \(message)", "\(path)：被其他进程占用（\(message)），请稍后再试")
    case .SQLITE_FULL: self.init(.io, "\(path): the disk is full", "\(path)：磁盘空间不足")
    case .SQLITE_CANTOPEN:
      self.init(
        .missing,
        "\(path): cannot be opened (\(message)): check that it is there and that its group may read it",
        "\(path)：无法打开（\(message)）：请检查文件是否存在、所属组能否读取")
    default: self.init(.io, "\(path): \(message)", "\(path)：\(message)")
    }
  }
}
