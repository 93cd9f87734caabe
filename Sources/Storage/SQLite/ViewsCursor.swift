import GRDB

/// How far views have come: the table `cursor`.
enum ViewsCursor {
  /// The newest block that views reflect; 0 when they reflect none.
  ///
  /// - Parameters:
  ///   - shard: whose views they are.
  ///   - schema: the attached database that they are in.
  static func block(_ database: Database, shard: Int64 = 0, of schema: String = "main") throws -> Int64 {
    try Row.fetchOne(database, sql: "SELECT block FROM \(schema).cursor WHERE shard = ?", arguments: [shard])
      .map { try $0.count("block") } ?? 0
  }
}
