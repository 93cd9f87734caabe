import Journal
import SQLiteStore
import Telemetry
import TestSupport

/// 2026-11-22T08:00:00+08:00.
let morning = Timestamp(milliseconds: 1_795_305_600_000)
let shanghai = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc

/// A store in a folder of its own.
struct StoreFixture {
  let folder: TemporaryDirectory
  let directory: StoreDirectory

  init() throws {
    folder = try TemporaryDirectory("store")
    directory = StoreDirectory(folder.path + "/store")
  }

  func store(horizonMinimum: Span = .minutes(15), calendar: LocalCalendar = shanghai) -> SQLiteShardStore {
    let store = SQLiteShardStore(
      directory: directory, calendar: calendar, horizonMinimum: horizonMinimum)
    store.keepsDaysWhenIdle = false
    return store
  }

  /// Commits one block of messages `topic: payload`, all of factory number 0.
  @discardableResult
  static func append(
    _ messages: [(topic: String, payload: String)], at received: Timestamp, to store: SQLiteShardStore,
    _ builder: inout BlockBuilder
  ) throws -> Int64 {
    for message in messages {
      var topic = message.topic
      var payload = message.payload
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          builder.append(
            .message, flags: [], received: received, factory: 0, topic: UnsafeRawBufferPointer(topic),
            payload: UnsafeRawBufferPointer(payload))
        }
      }
    }
    return try store.append(&builder, factoryID: { _ in "F001" })
  }
}

/// The message of the store's error, or nil when nothing or something else was thrown.
func storeError(_ body: () throws -> Void) -> StoreError? {
  do {
    try body()
    return nil
  } catch {
    return error as? StoreError
  }
}
