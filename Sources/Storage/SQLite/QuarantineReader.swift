import Foundation
import GRDB
import Telemetry

/// Reads the quarantine: what was refused, and why.
public struct QuarantineReader {
  private let directory: StoreDirectory
  private let queue: DatabaseQueue

  /// Opens the quarantine of the store in `directory`.
  public init(_ directory: StoreDirectory) throws(StoreError) {
    guard directory.exists else {
      throw StoreError(.missing, "\(directory.path): no store here, or not yours to read")
    }
    self.directory = directory
    queue = try SQLiteConnection.openReader(path: directory.views, label: "quarantine")
  }

  /// How many messages were refused for each reason, of one factory or of all.
  public func counts(factory: String? = nil) throws(StoreError) -> [(reason: RejectionReason, messages: Int)] {
    do {
      return try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT reason, COUNT(*) AS messages FROM quarantine
            WHERE ?1 IS NULL OR factory = ?1 GROUP BY reason ORDER BY reason
            """, arguments: [factory]
        ).compactMap { row in RejectionReason(rawValue: row["reason"]).map { ($0, row["messages"]) } }
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// The newest refused messages, newest first.
  public func newest(
    _ limit: Int, factory: String? = nil, reason: RejectionReason? = nil
  ) throws(StoreError) -> [Quarantined] {
    do {
      return try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT * FROM quarantine
            WHERE (?1 IS NULL OR factory = ?1) AND (?2 IS NULL OR reason = ?2)
            ORDER BY block DESC, record DESC LIMIT ?3
            """, arguments: [factory, reason?.rawValue, limit]
        ).map(Quarantined.init(row:))
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  /// One refused message and its whole payload from the journal; nil when there is none such.
  public func message(block: Int64, record: Int) throws(StoreError) -> (Quarantined, payload: [UInt8])? {
    do {
      let row = try queue.read {
        try Row.fetchOne(
          $0, sql: "SELECT * FROM quarantine WHERE block = ? AND record = ?", arguments: [block, record])
      }
      guard let row, let stored = try JournalReader(directory).block(block) else { return nil }
      var payload: [UInt8] = []
      try stored.forEachRecord { if $0.index == record { payload = Array($0.payload) } }
      return (Quarantined(row: row), payload)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }
}

extension Quarantined {
  fileprivate init(row: Row) {
    let topic: Data = row["topic"]
    let preview: Data = row["preview"]
    self.init(
      block: row["block"], record: row["record"], received: Timestamp(milliseconds: row["received"]),
      reason: RejectionReason(rawValue: row["reason"]) ?? .malformed, detail: row["detail"],
      factory: row["factory"], equipment: row["equipment"], topic: [UInt8](topic),
      preview: [UInt8](preview), payloadBytes: row["payload_bytes"])
  }
}
