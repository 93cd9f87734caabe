import GRDB
import Journal
import Storage

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
