import Decoding
import Foundation
import Ingestion
import MQTT
import SQLiteStore
import Storage
import StoreReading
import Telemetry
import TestSupport
import Testing

/// A shard with sources of any format, over a store of its own.
final class FormatFixture {
  let folder: TemporaryDirectory
  let directory: StoreDirectory
  private(set) var store: SQLiteShardStore
  private(set) var shard: Shard
  private(set) var settings: ShardSettings

  init(_ sources: [SettingsTree], naming: [Naming.Entry] = []) throws {
    folder = try TemporaryDirectory("formats", inMemory: true)
    directory = StoreDirectory(folder.path + "/store")
    settings = try Self.settings(sources, naming)
    (store, shard) = try Self.open(directory, settings)
  }

  static func settings(_ trees: [SettingsTree], _ naming: [Naming.Entry] = []) throws -> ShardSettings {
    var problems: [SettingsProblem] = []
    let sources = trees.compactMap { SourceFormats.source($0, name: "source", &problems) }
    try #require(problems.isEmpty && sources.count == trees.count, "\(problems)")
    var settings = ShardSettings(sources: sources, calendar: shanghai)
    settings.naming = try Naming(naming)
    return settings
  }

  private static func open(
    _ directory: StoreDirectory, _ settings: ShardSettings
  ) throws -> (SQLiteShardStore, Shard) {
    let store = SQLiteShardStore(directory: directory, calendar: shanghai, horizonMinimum: .minutes(15))
    store.keepsDaysWhenIdle = false
    let shard = try Shard(
      store: store, settings: settings, repairsFrom: directory, register: { [] }, emit: { _ in })
    return (store, shard)
  }

  /// Reads messages by other sources from now on.
  func use(_ sources: [SettingsTree], naming: [Naming.Entry] = [], at seconds: Int64) throws {
    settings = try Self.settings(sources, naming)
    try shard.use(settings, probe: nil, at: morning + .seconds(seconds))
  }

  /// Loses everything in memory, as a kill does, and starts again on the same store, with other sources if they are given.
  func restart(with sources: [SettingsTree]? = nil) throws {
    if let sources { settings = try Self.settings(sources) }
    store.release()
    (store, shard) = try Self.open(directory, settings)
  }

  /// Commits messages received at `seconds` after `morning` as one window.
  func hears(_ messages: [(topic: String, payload: [UInt8])], at seconds: Int64) throws {
    var window = Window()
    for message in messages {
      var topic = message.topic
      topic.withUTF8 { topic in
        message.payload.withUnsafeBytes { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: payload,
            receivedAt: (morning + .seconds(seconds)).milliseconds, retained: false)
        }
      }
    }
    try shard.commit(&window)
  }

  /// Commits one message of text.
  func hears(_ topic: String, _ payload: String, at seconds: Int64) throws {
    try hears([(topic, Array(payload.utf8))], at: seconds)
  }

  /// Reads the store after everything is written.
  var stored: StoreReading {
    get throws {
      try shard.repairAll()
      try shard.finish()
      return StoreReading(directory, calendar: shanghai)
    }
  }

  /// Reads views built anew from the journal.
  func rebuilt() throws -> StoreReading {
    let views = folder.path + "/rebuilt.sqlite"
    for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: views + ending) }
    return try rebuiltViews(of: directory, at: views, by: settings)
  }
}
