import GRDB
import GRDBSQLite
import Journal

/// Encodes the rows of a register table as bytes for hashing: u8 length and name of the table, then for each column
/// that is not NULL u8 length and name, u8 type (1 integer, 2 text, 3 blob), and i64 value or u32 length and bytes;
/// then u8 0.
struct RowDigest {
  /// A row as bytes.
  struct Line {
    var version: Int64
    /// Empty in the table of imports.
    var factory: String
    var bytes: [UInt8]

    /// The digest of the chain after this row.
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

  /// Rows of a table in the order of its key: of one version, or of all without it.
  ///
  /// - Throws: an error for a table without versions.
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

  /// Passes the rows in their order.
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
