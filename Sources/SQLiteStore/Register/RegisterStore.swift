import Glibc
import GRDB
import Journal
import Register
import Storage
import Synchronization
import Telemetry

/// The register as it is kept in a store's folder: `register.sqlite`.
///
/// Only `register` commands write it, one at a time, under a lock of its own; the collector and reports read
/// it meanwhile, and see an import as a whole or not at all. Imports are added and never changed, so a
/// snapshot known at a version is the same for ever.
public final class RegisterStore: Sendable {
  private let directory: StoreDirectory
  /// Open from the first use on; a reader has none while nothing was ever imported.
  private let database: Mutex<DatabaseQueue?>
  /// Held by a writer for as long as it lives; nil for a reader.
  private let lock: RegisterLock?
  /// The files that a writer has open, which must keep their names; empty for readers.
  private let pinned: [PinnedFile]

  private init(directory: StoreDirectory, database: DatabaseQueue?, lock: RegisterLock?) {
    self.directory = directory
    self.database = Mutex(database)
    self.lock = lock
    let paths = lock == nil ? [] : [directory.path, directory.registerLock, directory.register]
    pinned = paths.compactMap { PinnedFile(path: $0) }
  }

  /// Opens the register of the store in the folder `directory`.
  ///
  /// A writer makes folder and file where they are missing, and holds the register's lock until it is
  /// released. A reader needs neither the file, which then is an empty register until the first import, nor
  /// the right to write.
  /// - Throws: `.locked` when another writer is at it, `.refused` for the file of a newer Millwright.
  public static func open(directory path: String, readOnly: Bool) throws(StoreError) -> RegisterStore {
    let directory = StoreDirectory(path)
    if readOnly {
      let store = RegisterStore(directory: directory, database: nil, lock: nil)
      _ = try store.version()
      return store
    }
    try directory.create()
    let lock = try RegisterLock(directory)
    let queue = try SQLiteConnection.openWriter(
      path: directory.register, label: "register", durable: true, schema: RegisterMigrations.migrator)
    return RegisterStore(directory: directory, database: queue, lock: lock)
  }

  /// The number of the newest import; 0 when there is none. It grows with every import, and asking is cheap:
  /// readers that keep a snapshot ask whether it is still the newest.
  public func version() throws(StoreError) -> Int {
    try read(orElse: 0) { try Int.fetchOne($0, sql: "SELECT max(version) FROM import") ?? 0 }
  }

  /// Every import, ascending by version.
  public func imports() throws(StoreError) -> [RegisterImportRecord] {
    try read(orElse: []) { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT version, effective_on, imported_at, equipment_file, equipment_sha256, equipment_rows, \
          factories_file, factories_sha256, factory_rows FROM import ORDER BY version
          """
      ).map { try RegisterImportRecord(row: $0) }
    }
  }

  /// The ids of every factory ever imported.
  public func factoryIDs() throws(StoreError) -> Set<String> {
    try read(orElse: []) { try String.fetchSet($0, sql: "SELECT DISTINCT factory FROM factory_row") }
  }

  /// The key of every equipment ever imported, in service or not: what tells a sender the register knows from
  /// one it does not.
  public func keys() throws(StoreError) -> Set<EquipmentKey> {
    try read(orElse: []) { database in
      var keys: Set<EquipmentKey> = []
      let rows = try Row.fetchCursor(database, sql: "SELECT DISTINCT factory, equipment FROM equipment_row")
      while let row = try rows.next() { keys.insert(EquipmentKey(factory: row[0], equipment: row[1])) }
      return keys
    }
  }

  /// The longest report interval among the newest rows of equipment that `day` does not find decommissioned; nil when
  /// none declares one.
  public func longestInterval(on day: CalendarDay) throws(StoreError) -> Span? {
    try read(orElse: nil) { database in
      let newest = try Row.fetchCursor(
        database,
        sql: """
          SELECT report_interval_ms, max(version) FROM equipment_row GROUP BY factory, equipment
          HAVING decommissioned_on IS NULL OR decommissioned_on > ?
          """, arguments: [day.number])
      var longest: Int64?
      while let row = try newest.next() {
        guard let interval: Int64 = try row.optionalInteger("report_interval_ms") else { continue }
        guard interval > 0 else { throw StoreError(.corrupt, "register: a report interval is not positive") }
        longest = max(longest ?? 0, interval)
      }
      return longest.map { .milliseconds($0) }
    }
  }

  /// Every row an equipment ever had with the import it came from, ascending by version.
  public func history(
    of key: EquipmentKey
  ) throws(StoreError) -> [(import: RegisterImport, equipment: RegisteredEquipment)] {
    let imports = Dictionary(uniqueKeysWithValues: try imports().map { ($0.version.version, $0.version) })
    return try read(orElse: []) { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT \(try RegisterRecords.equipmentColumns(database)) FROM equipment_row
          WHERE factory = ? AND equipment = ? ORDER BY version
          """, arguments: [key.factory, key.equipment])
      return try rows.compactMap { row in
        let (equipment, version) = try RegisterRecords.equipment(row)
        return imports[version].map { ($0, equipment) }
      }
    }
  }

  /// Path of the file, for errors.
  var registerPath: String { directory.register }

  /// Runs `body` in one read transaction; `empty` where no register was made yet.
  func read<Value>(
    orElse empty: Value, _ body: (Database) throws -> Value
  ) throws(StoreError) -> Value {
    guard let queue = try openDatabase() else { return empty }
    do {
      return try queue.read(body)
    } catch {
      throw StoreError(path: directory.register, error)
    }
  }

  /// Runs `body` in one IMMEDIATE transaction, synced to the disk when it returns.
  func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    guard lock != nil, let queue = try openDatabase() else {
      throw StoreError(.refused, "\(directory.register): opened for reading only")
    }
    do {
      return try queue.writeWithoutTransaction { database in
        var value: Value?
        try database.inTransaction(.immediate) {
          value = try body(database)
          return .commit
        }
        // Readers start from the file itself; one that still reads the log leaves it for the next import.
        _ = try? database.checkpoint(.truncate)
        guard let value else { throw StoreError(.io, "\(directory.register): nothing was written") }
        if let gone = pinned.first(where: \.isGone) {
          throw StoreError(
            .removed,
            "\(gone.path) \(gone.fate) while the register was written: put it back, and run the command again"
          )
        }
        return value
      }
    } catch {
      throw StoreError(path: directory.register, error)
    }
  }

  /// The connection; opened now if a first import has made the file since.
  private func openDatabase() throws(StoreError) -> DatabaseQueue? {
    do {
      return try database.withLock { current in
        if let current { return current }
        guard try directory.hasRegister() else { return nil }
        let queue = try SQLiteConnection.openReader(path: directory.register, label: "register reader")
        let migrator = RegisterMigrations.migrator
        if try SQLiteConnection.checkSchema(queue, against: migrator, path: directory.register) {
          current = queue
          return queue
        }
        let applied = try queue.read { try migrator.appliedIdentifiers($0) }
        let needed = Set(migrator.migrations).subtracting([RegisterMigrations.formColumns])
        // The very first import may be on its way: the file is there, its tables are not.
        guard !applied.isEmpty else { return nil }
        guard needed.isSubset(of: applied) else {
          throw StoreError(
            .refused,
            "\(directory.register): written by an older Millwright; 'millwright register import' upgrades it"
          )
        }
        current = queue
        return queue
      }
    } catch {
      throw StoreError(path: directory.register, error)
    }
  }
}

/// The lock of `register.sqlite`.
private final class RegisterLock: Sendable {
  private let descriptor: Int32

  init(_ directory: StoreDirectory) throws(StoreError) {
    let path = directory.registerLock
    let opened = try StoreFile.open(path)
    guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
      close(opened)
      throw StoreError(.locked, "\(path): another register command is writing; try again when it is done")
    }
    // Last: once it is set, a failing init runs deinit too, and the descriptor would be closed twice.
    descriptor = opened
  }

  deinit { close(descriptor) }
}

extension StoreDirectory {
  /// Factories and equipment, by imports.
  public var register: String { path + "/register.sqlite" }
  /// Held by the `register` command that writes.
  public var registerLock: String { path + "/register.lock" }

  /// Whether a first import was begun. A folder that may not be looked into is an error: taken for an empty
  /// register it would make every sender an unregistered one.
  fileprivate func hasRegister() throws(StoreError) -> Bool {
    var status = stat()
    if stat(register, &status) == 0 { return true }
    let reason = errno
    guard reason == ENOENT else {
      throw StoreError(.io, "\(register): cannot be read: \(String(cString: strerror(reason)))")
    }
    return false
  }
}
