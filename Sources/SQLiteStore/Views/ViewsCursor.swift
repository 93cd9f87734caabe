import GRDB
import Storage

/// Progress of the views through the journal: the table `cursor`.
enum ViewsCursor {
  /// The newest block reflected in the views; 0 for none.
  ///
  /// - Parameters:
  ///   - shard: the shard of the views.
  ///   - schema: the attached database with the views.
  static func block(_ database: Database, shard: ShardID = .embedded, of schema: String = "main") throws
    -> Int64
  {
    try Row.fetchOne(
      database, sql: "SELECT block FROM \(schema).cursor WHERE shard = ?", arguments: [shard.number]
    )
    .map { try $0.count("block") } ?? 0
  }
}
