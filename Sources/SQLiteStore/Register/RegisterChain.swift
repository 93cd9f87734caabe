import GRDB
import GRDBSQLite
import Journal
import Storage
import Telemetry

/// The register's imports and calendars as a chain of hashes, so that every change of a row is detected.
///
/// Every import is a link, in the order they were stored (``Storage/RegisterLinkContent``). The digest of rows is a
/// chain: SHA-256 over the digest so far and the next row (``RowDigest``), table by table in the order of their names,
/// each by its key. ``Storage/RegisterContents`` gives the same digests of rows that are in no database.
///
/// The tables are those that refer to an import by a foreign key; the columns are all that are not NULL. A table or
/// column added later is covered without being named here.
struct RegisterChain {
  typealias Kind = RegisterImportKind

  /// One import's factories with the digests of their rows.
  struct Import {
    var row: SHA256Digest
    var factories: [String: SHA256Digest] = [:]

    /// The leaves, ascending by hashed id.
    var leaves: [RegisterLeaf] {
      factories.map { RegisterLeaf(id: SHA256Digest(hashing: Array($0.key.utf8)), rows: $0.value) }
        .sorted { $0.id.bytes.lexicographicallyPrecedes($1.id.bytes) }
    }
  }

  /// An import, by kind and version.
  struct Key: Hashable {
    var kind: Kind
    var version: Int64
  }

  // MARK: Reading

  /// Digests of the rows of every import, or of one version.
  static func imports(_ database: Database, only: Key? = nil) throws -> [Key: Import] {
    var imports: [Key: Import] = [:]
    for kind in Kind.allCases where only.map({ $0.kind == kind }) ?? true {
      try RowDigest(kind.table, database, version: only?.version).forEach { row in
        imports[Key(kind: kind, version: row.version)] = Import(row: row.digest(following: .zero))
      }
      for table in try tables(of: kind, database) {
        try RowDigest(table, database, version: only?.version).forEach { row in
          let key = Key(kind: kind, version: row.version)
          guard imports[key] != nil else {
            throw StoreError(
              .corrupt, "\(table): has rows of version \(row.version), which was never imported")
          }
          let before = imports[key]?.factories[row.factory] ?? .zero
          imports[key]?.factories[row.factory] = row.digest(following: before)
        }
      }
    }
    return imports
  }

  /// The tables whose rows belong to imports of a kind, by name.
  private static func tables(of kind: Kind, _ database: Database) throws -> [String] {
    try String.fetchAll(
      database,
      sql: """
        SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
        WHERE m.type = 'table' AND f."table" = ? ORDER BY 1
        """, arguments: [kind.table])
  }

  /// The newest link; nil when nothing was imported.
  static func head(_ database: Database) throws -> RegisterHead? {
    try Row.fetchOne(database, sql: "SELECT position, hash FROM chain ORDER BY position DESC LIMIT 1").map {
      RegisterHead(entries: try $0.count("position"), hash: try $0.digest("hash"))
    }
  }

  /// Verifies the chain: compares the rows of every import with their link. Returns the hash of each link.
  static func verified(_ database: Database) throws -> [SHA256Digest] {
    var imports = try imports(database)
    var hashes: [SHA256Digest] = []
    for row in try Row.fetchAll(database, sql: "SELECT * FROM chain ORDER BY position") {
      let (key, position) = try link(row)
      guard position == Int64(hashes.count) + 1 else {
        throw StoreError(.corrupt, "link \(hashes.count + 1) of the register's chain is missing")
      }
      guard let found = imports.removeValue(forKey: key) else {
        throw StoreError(.corrupt, "\(key.kind.name) \(key.version) is missing; the register's chain has it")
      }
      let content = RegisterLinkContent(
        kind: key.kind, version: key.version, imported: found.row, leaves: Int64(found.factories.count),
        rows: MerkleTree.root(of: found.leaves.map(\.leaf)))
      let hash = content.hash(at: position, following: hashes.last ?? .zero)
      guard hash == (try row.digest("hash")) else {
        throw StoreError(
          .corrupt,
          "the rows of \(key.kind.name) \(key.version) do not match their hash in the register's chain")
      }
      hashes.append(hash)
    }
    if let left = imports.keys.min(by: { ($0.kind.rawValue, $0.version) < ($1.kind.rawValue, $1.version) }) {
      throw StoreError(.corrupt, "\(left.kind.name) \(left.version) is not in the register's chain")
    }
    return hashes
  }

  static func link(_ row: Row) throws -> (key: Key, position: Int64) {
    guard let kind = Kind(rawValue: try row.integer("kind")) else { throw row.misfit("kind") }
    return (Key(kind: kind, version: try row.integer("version")), try row.count("position"))
  }

  // MARK: Writing

  /// Creates the table, with a link for each existing import, in order of time.
  static func create(_ database: Database) throws {
    try database.execute(
      sql: """
        -- A link for each import of either kind (1 equipment, 2 calendars), in the order stored.
        CREATE TABLE chain (
          position INTEGER PRIMARY KEY,
          kind INTEGER NOT NULL,
          version INTEGER NOT NULL,
          hash BLOB NOT NULL,
          UNIQUE (kind, version)
        ) STRICT;
        """)
    let earlier = try Row.fetchAll(
      database,
      sql: """
        SELECT 1 AS kind, version, imported_at FROM import
        UNION ALL SELECT 2, version, imported_at FROM calendar_import ORDER BY imported_at, kind, version
        """)
    for row in earlier {
      guard let kind = Kind(rawValue: try row.integer("kind")) else { throw row.misfit("kind") }
      try append(kind, version: try row.integer("version"), database)
    }
  }

  /// Adds the link of an import, in the transaction that has stored all its rows.
  static func append(_ kind: Kind, version: Int64, _ database: Database) throws {
    let key = Key(kind: kind, version: version)
    guard let found = try imports(database, only: key)[key] else {
      throw StoreError(.corrupt, "\(kind.name) \(version) was not stored")
    }
    let head = try head(database)
    let position = (head?.entries ?? 0) + 1
    let content = RegisterLinkContent(
      kind: kind, version: version, imported: found.row, leaves: Int64(found.factories.count),
      rows: MerkleTree.root(of: found.leaves.map(\.leaf)))
    let hash = content.hash(at: position, following: head?.hash ?? .zero)
    var row = try RowWriter(database, sql: "INSERT INTO chain VALUES (?, ?, ?, ?)")
    row.bind(position)
    row.bind(kind.rawValue)
    row.bind(version)
    row.bind(hash.bytes)
    try row.step()
  }
}

extension RegisterImportKind {
  /// The table with a row for each import.
  fileprivate var table: String { self == .equipment ? "import" : "calendar_import" }
}

/// Encodes the rows of a register table as bytes for hashing: u8 length and name of the table, then for each column
/// that is not NULL u8 length and name, u8 type (1 integer, 2 text, 3 blob), and i64 value or u32 length and bytes;
/// then u8 0.
private struct RowDigest {
  struct Line {
    var version: Int64
    /// Empty in the table of imports.
    var factory: String
    var bytes: [UInt8]

    func digest(following digest: SHA256Digest) -> SHA256Digest {
      SHA256Digest(hashing: digest.bytes + bytes)
    }
  }

  private let table: String
  private let columns: [[UInt8]]
  private let handle: SQLiteStatement
  private let database: Database
  private let versionColumn: Int
  private let factoryColumn: Int?

  init(_ table: String, _ database: Database, version: Int64?) throws {
    self.table = table
    self.database = database
    try RegisterRecords.readSchemaAnew(database)
    let found = try Row.fetchAll(
      database, sql: "SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", arguments: [table]
    ).map { (name: try $0.text("name"), key: try $0.integer("pk") as Int64) }
    columns = found.map { Self.named($0.name) }
    guard let versionColumn = found.firstIndex(where: { $0.name == "version" }) else {
      throw StoreError(.corrupt, "\(table) has no version")
    }
    self.versionColumn = versionColumn
    factoryColumn = found.firstIndex { $0.name == "factory" }
    let key = found.filter { $0.key > 0 }.sorted { $0.key < $1.key }.map(\.name)
    let condition = version.map { " WHERE version = \($0)" } ?? ""
    handle = try database.cachedStatement(
      sql: "SELECT * FROM \(table)\(condition) ORDER BY \(key.joined(separator: ", "))"
    ).sqliteStatement
    sqlite3_reset(handle)
  }

  private static func named(_ name: String) -> [UInt8] {
    [UInt8(truncatingIfNeeded: name.utf8.count)] + Array(name.utf8)
  }

  func forEach(_ body: (Line) throws -> Void) throws {
    defer { sqlite3_reset(handle) }
    let name = Self.named(table)
    while true {
      switch sqlite3_step(handle) {
      case SQLITE_DONE: return
      case SQLITE_ROW: try body(try line(name))
      case let code:
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code),
          message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
      }
    }
  }

  private func line(_ name: [UInt8]) throws -> Line {
    var bytes = name
    for (index, column) in columns.enumerated() {
      let place = Int32(truncatingIfNeeded: index)
      switch sqlite3_column_type(handle, place) {
      case SQLITE_NULL: continue
      case SQLITE_INTEGER:
        bytes += column
        bytes.append(1)
        bytes.appendInteger(sqlite3_column_int64(handle, place))
      case SQLITE_TEXT:
        bytes += column
        bytes.append(2)
        append(UnsafeRawPointer(sqlite3_column_text(handle, place)), place, to: &bytes)
      case SQLITE_BLOB:
        bytes += column
        bytes.append(3)
        append(sqlite3_column_blob(handle, place), place, to: &bytes)
      default: throw StoreError(.corrupt, "\(table): a row holds a fraction")
      }
    }
    bytes.append(0)
    let factory = factoryColumn.flatMap { column in
      sqlite3_column_text(handle, Int32(truncatingIfNeeded: column)).map { String(cString: $0) }
    }
    return Line(
      version: sqlite3_column_int64(handle, Int32(truncatingIfNeeded: versionColumn)),
      factory: factory ?? "", bytes: bytes)
  }

  private func append(_ start: UnsafeRawPointer?, _ place: Int32, to bytes: inout [UInt8]) {
    let count = Int(sqlite3_column_bytes(handle, place))
    bytes.appendInteger(UInt32(truncatingIfNeeded: count))
    bytes += UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
  }
}

extension RegisterStore {
  /// The end of the chain of imports; nil when nothing was imported.
  public func chainHead() throws(StoreError) -> RegisterHead? {
    try read(orElse: nil) { try RegisterChain.head($0) }
  }

  /// Refuses a register whose chain does not contain the end bound by a day's root: it was deleted or replaced.
  func require(_ anchor: RegisterHead) throws(StoreError) {
    let hash = try read(orElse: nil) { database in
      try Row.fetchOne(
        database, sql: "SELECT hash FROM chain WHERE position = ?", arguments: [anchor.entries]
      )
      .map { try $0.digest("hash") }
    }
    guard hash == anchor.hash else {
      throw StoreError(
        .refused,
        "\(registerPath): is not the register that days were closed with (\(anchor.entries) imports): it was deleted or replaced; put it back from a copy"
      )
    }
  }

  /// Compares every row of the register with its chain, and the chain with the roots of closed days. Returns the end
  /// of the chain; throws `.corrupt` for the first mismatch.
  @discardableResult
  public func verifyChain(anchoredIn roots: [DayRoot]) throws(StoreError) -> RegisterHead? {
    let hashes = try read(orElse: []) { try RegisterChain.verified($0) }
    for root in roots {
      guard let anchor = root.register else { continue }
      guard anchor.entries >= 1, anchor.entries <= Int64(hashes.count),
        hashes[Int(anchor.entries) - 1] == anchor.hash
      else {
        throw StoreError(
          .corrupt,
          "\(registerPath): is not the register that \(root.day) was closed with (\(anchor.entries) imports)")
      }
    }
    return hashes.last.map { RegisterHead(entries: Int64(hashes.count), hash: $0) }
  }
}
