import Journal
import SQLiteStore
import Storage
import Telemetry

/// A store whose views cannot be written while it is broken; the journal always can.
final class UnreliableStore: ShardStore {
  let store: SQLiteShardStore
  var isBroken = false

  init(_ store: SQLiteShardStore) { self.store = store }

  func claim(remembering: Int) throws -> ShardState { try store.claim(remembering: remembering) }

  func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64 {
    try store.append(&builder, factoryID: factoryID)
  }

  func update(_ update: ViewUpdate) throws {
    if isBroken { throw StoreError(.io, "broken for the test") }
    try store.update(update)
  }

  func tidy() throws { try store.tidy() }
  func release() { store.release() }
  var finalDay: CalendarDay? { store.finalDay }

  func pendingRepairs(limit: Int) throws -> [PendingRepair] { try store.pendingRepairs(limit: limit) }

  func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws {
    try store.forEachBlock(after: number, body)
  }

  func beginsDay(at received: Timestamp) -> Bool { store.beginsDay(at: received) }
  func outline(reaching number: Int64) throws -> JournalOutline { try store.outline(reaching: number) }
  func block(_ number: Int64) throws -> JournalBlock? { try store.block(number) }
}
