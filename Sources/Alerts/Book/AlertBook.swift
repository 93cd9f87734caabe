import Foundation
import GRDB
import GRDBSQLite
import Journal
import Telemetry

/// The database of alerts: states, alerts, messages to send (the outbox) and silences.
///
/// An event and its messages are one transaction, which is on the disk when the call returns: after a crash neither is
/// there, or both are. Any thread may use it.
public final class AlertBook: Sendable {
  let queue: DatabaseQueue
  /// Path of the file.
  public let path: String
  /// Which file was opened for writing; nil for a reader.
  private let opened: FileIdentity?

  private struct FileIdentity: Equatable, Sendable {
    var device: UInt
    var file: UInt

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, file) = (UInt(status.st_dev), UInt(status.st_ino))
    }
  }

  /// Opens a database for writing; it is made if it is not there.
  ///
  /// - Throws: ``Journal/StoreError`` of kind `.refused` for one of a later version, `.corrupt`, `.io`.
  public init(path: String) throws(StoreError) {
    self.path = path
    var configuration = Configuration()
    configuration.label = "alerts"
    configuration.journalMode = .wal
    configuration.busyMode = .timeout(5)
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      opened = FileIdentity(path)
      // GRDB's set-up of the log has lowered it.
      let level = try queue.writeWithoutTransaction { database in
        // The log outlives the process, so that others can read while no server runs.
        var persist: CInt = 1
        sqlite3_file_control(database.sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &persist)
        try database.execute(sql: "PRAGMA synchronous = FULL")
        return try Int.fetchOne(database, sql: "PRAGMA synchronous")
      }
      guard level == 2 else {
        throw StoreError(
          .io, "\(path): SQLite did not take synchronous=FULL", "\(path)：SQLite 未采用 synchronous=FULL")
      }
      try Self.requireKnown(queue, path)
      try Self.schema.migrate(queue)
    } catch {
      throw Self.failure(error, path)
    }
    // For the group to read, whatever the process's umask.
    chmod(path, 0o640)
  }

  /// Opens a database for reading; nil if there is none.
  public init?(reading path: String) throws(StoreError) {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    self.path = path
    opened = nil
    var configuration = Configuration()
    configuration.label = "alerts"
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.requireKnown(queue, path)
      guard try queue.read(Self.schema.hasCompletedMigrations) else { return nil }
    } catch {
      throw Self.failure(error, path)
    }
  }

  /// Requires that a writer's file is still in its place.
  ///
  /// - Throws: ``Journal/StoreError`` of kind `.missing` if it was moved away, removed or replaced, so that nobody would
  ///   see what is written.
  func requireInPlace() throws(StoreError) {
    guard let opened, FileIdentity(path) != opened else { return }
    throw StoreError(
      .missing,
      "\(path): was moved away or replaced; it is opened again, and alerts that last are raised again",
      "\(path)：文件已被移走或替换；将重新打开，持续中的告警将重新触发")
  }

  private static func requireKnown(_ queue: DatabaseQueue, _ path: String) throws {
    let applied = try queue.inDatabase(schema.appliedIdentifiers)
    guard applied.isSubset(of: schema.migrations) else {
      throw StoreError(
        .refused,
        "\(path): written by a newer Millwright than this one; run that version, or one newer still",
        "\(path)：由更高版本的 Millwright 写入，请使用该版本或更高版本"
      )
    }
  }

  /// Reads in one transaction.
  func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do { return try queue.read(body) } catch { throw Self.failure(error, path) }
  }

  /// Writes in one transaction, which is durable when the call returns.
  func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do { return try queue.write(body) } catch { throw Self.failure(error, path) }
  }

  private static func failure(_ error: any Error, _ path: String) -> StoreError {
    if var error = error as? StoreError {
      // A row's misfit does not know its file.
      if error.kind == .corrupt {
        error.chinese = error.chinese.map { "\(path)：\($0)" }
        error.description = "\(path): \(error.description)"
      }
      return error
    }
    guard let error = error as? DatabaseError else {
      return StoreError(.io, "\(path): \(error)", "\(path)：\(error)")
    }
    let message = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return StoreError(
        .corrupt, "\(path): \(message); move the file away: alerts that last are then raised again",
        "\(path)：文件已损坏（\(message)）：请移走该文件，持续中的告警将重新触发")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return StoreError(
        .locked, "\(path): \(message): another process writes to it; try again",
        "\(path)：其他进程正在写入（\(message)），请稍后再试")
    case .SQLITE_FULL: return StoreError(.io, "\(path): the disk is full", "\(path)：磁盘空间不足")
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
      return StoreError(
        .io,
        "\(path): \(message): check that its folder is there and may be written to, or set alerts.state_file",
        "\(path)：无法打开或写入（\(message)）：请检查所在目录是否存在、可写，或设置 alerts.state_file")
    default: return StoreError(.io, "\(path): \(message)", "\(path)：\(message)")
    }
  }

  static let schema: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          CREATE TABLE pending (
            rule TEXT NOT NULL, subject TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (rule, subject)
          ) WITHOUT ROWID;
          CREATE TABLE alert (
            id TEXT PRIMARY KEY, rule TEXT NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,
            severity TEXT NOT NULL, owner TEXT, receivers TEXT NOT NULL, since INTEGER NOT NULL,
            raised_at INTEGER NOT NULL, notified_at INTEGER NOT NULL, clear_since INTEGER,
            repeats INTEGER NOT NULL, ended_at INTEGER, ending TEXT, text_en TEXT NOT NULL, text_zh TEXT NOT NULL
          );
          CREATE UNIQUE INDEX alert_raised ON alert (rule, subject) WHERE ended_at IS NULL;
          CREATE INDEX alert_ended ON alert (ended_at);
          CREATE TABLE delivery (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, alert TEXT NOT NULL,
            receiver TEXT NOT NULL, event TEXT NOT NULL, message TEXT NOT NULL, created_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL, done_at INTEGER, outcome TEXT,
            answer TEXT
          );
          CREATE INDEX delivery_waiting ON delivery (next_at) WHERE done_at IS NULL;
          CREATE INDEX delivery_alert ON delivery (alert, receiver);
          CREATE TABLE silence (
            number INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, begins INTEGER NOT NULL,
            ends INTEGER NOT NULL, reason TEXT NOT NULL
          );
          """)
    }
    migrator.registerMigration("2") { database in
      // The answer in Chinese, if it is a failure.
      try database.execute(sql: "ALTER TABLE delivery ADD COLUMN answer_zh TEXT")
    }
    return migrator
  }()
}
