import Foundation
import GRDB
import Journal
import Storage
import Telemetry

/// Reads the quarantine: what was refused, and why.
public struct QuarantineReader: QuarantineReading {
  private let directory: StoreDirectory
  private let queue: DatabaseQueue

  /// Opens the quarantine of the store in `directory`. Views that are empty, lack closed days or are of another version
  /// are refused.
  public init(_ directory: StoreDirectory) throws(StoreError) {
    self.directory = directory
    queue = try ViewsReader.open(directory, label: "quarantine")
    do {
      let cursor = try queue.read { try ViewsCursor.block($0) }
      try DayRootStore.requireViews(of: directory, reaching: cursor)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func groups(
    factory: String? = nil, equipment: String? = nil, reason: RejectionReason? = nil
  ) throws(StoreError) -> [SenderRefusal] {
    do {
      return try queue.read { database in
        let days = try RefusalReading(database: database).days(of: FactoryScope(factory))
        return RefusalReading.bySender(
          days.filter { day in
            (equipment.map { $0 == day.key.equipment } ?? true)
              && (reason.map { $0 == day.refusal.reason } ?? true)
          })
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func newest(
    _ limit: Int, factory: String? = nil, equipment: String? = nil, reason: RejectionReason? = nil
  ) throws(StoreError) -> [Quarantined] {
    do {
      return try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT * FROM quarantine
            WHERE (?1 IS NULL OR factory = ?1) AND (?2 IS NULL OR equipment = ?2)
              AND (?3 IS NULL OR reason = ?3)
            ORDER BY block DESC, record DESC LIMIT ?4
            """, arguments: [factory, equipment, reason?.rawValue, limit]
        ).map { try Quarantined(row: $0) }
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func places(
    _ selection: RefusedSelection, hasTopic: (UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) -> [RefusedPlace] {
    do {
      return try queue.read { database in
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT block, record, messages, topic, excerpt FROM quarantine
            WHERE received >= ?1 AND received < ?2 AND (?3 IS NULL OR reason = ?3)
              AND (?4 IS NULL OR factory = ?4) AND (?5 IS NULL OR equipment = ?5)
            ORDER BY block, record
            """,
          arguments: [
            selection.received.lowerBound.milliseconds, selection.received.upperBound.milliseconds,
            selection.reason?.rawValue, selection.factory, selection.equipment,
          ])
        var places: [RefusedPlace] = []
        while let row = try rows.next() {
          let topic: [UInt8] = try row.bytes("topic")
          guard topic.withUnsafeBytes(hasTopic) else { continue }
          places.append(
            RefusedPlace(
              block: try row.count("block"), record: try row.count("record"),
              messages: try row.count("messages"), excerpt: try row.text("excerpt")))
        }
        return places
      }
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }

  public func finalDay() throws(StoreError) -> CalendarDay? { try ViewsBase.finalDay(of: directory) }

  public func message(block: Int64, record: Int) throws(StoreError) -> (Quarantined, payload: [UInt8])? {
    do {
      let row = try queue.read {
        try Row.fetchOne(
          $0, sql: "SELECT * FROM quarantine WHERE block = ? AND record = ?", arguments: [block, record])
      }
      guard let row, let stored = try JournalReader(directory).block(block) else { return nil }
      var payload: [UInt8] = []
      try stored.forEachRecord { if $0.index == record { payload = Array($0.payload) } }
      return (try Quarantined(row: row), payload)
    } catch {
      throw StoreError(path: directory.views, error)
    }
  }
}

extension Quarantined {
  fileprivate init(row: Row) throws(StoreError) {
    self.init(
      block: try row.count("block"), record: try row.count("record"),
      received: try row.instant("received"), reason: try row.reason(),
      detail: try row.text("detail"), factory: try row.text("factory"), equipment: try row.text("equipment"),
      topic: try row.bytes("topic"), preview: try row.bytes("preview"),
      payloadBytes: try row.count("payload_bytes"), skew: try row.optionalInteger("skew"),
      content: UInt64(bitPattern: try row.integer("content")))
    messages = try row.count("messages")
    day = try row.day("day")
    guard let fault = Fault(rawValue: try row.integer("fault")) else {
      throw StoreError(.corrupt, "quarantine: a fault that this version does not know")
    }
    self.fault = fault
    excerpt = try row.text("excerpt")
  }
}
