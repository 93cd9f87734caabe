import Storage
import Decoding
import Foundation
import Ingestion
import MQTT
import SQLiteStore
import Telemetry
import TestSupport

/// Days that a store is filled with as if they had been collected: two factories' machines every ten minutes,
/// with gaps and late messages.
struct StoredDays {
  static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc

  let directory: StoreDirectory
  let first: CalendarDay
  let days: Int64
  /// Whether one message of the second day says something else.
  var forged = false
  /// Whether messages of one machine come on a topic of no source for two hours of the second day.
  var refused = false

  init(
    _ directory: StoreDirectory, first: CalendarDay, days: Int64, forged: Bool = false,
    refused: Bool = false
  ) {
    self.refused = refused
    self.directory = directory
    self.first = first
    self.days = days
    self.forged = forged
  }

  /// The register of the machines, and one that is never heard.
  static let equipment = """
    equipment_id,factory_id,workshop,line,name,category,automation,intelligent,digital,connectable,report_interval_s,commissioned_on
    E1,F001,W01,L1,Lathe,machine,automatic,no,yes,yes,600,2020-01-01
    E2,F001,W01,L1,Press,machine,manual,no,yes,yes,600,2020-01-01
    E3,F001,W02,,Never heard,machine,automatic,no,yes,yes,600,2020-01-01
    E1,F002,W01,,Somebody else's,machine,automatic,no,yes,yes,600,2020-01-01
    """
  static let factories = "factory_id,name_zh,name_en\nF001,一厂,One\nF002,二厂,Two\n"

  /// Fills the store. Its days are closed, compacted and dropped according to `settings`; not at all if nil.
  /// `unclosed` is called while the collector still has it open.
  func collect(_ settings: JournalSettings?, unclosed: () throws -> Void = {}) throws {
    let (store, shard) = try open(settings ?? JournalSettings())
    defer { store.release() }
    let start = Self.calendar.start(of: first)
    try shard.connected(sessionPresent: false, at: start.milliseconds)
    for step in 0..<(days * 144) {
      let at = start + .minutes(step * 10)
      var window = self.window(step, at)
      if !window.isEmpty { try shard.commit(&window) }
      if settings != nil { try shard.tick(now: at.milliseconds + 1000) }
    }
    try shard.repairAll()
    for _ in 0..<(settings == nil ? 0 : 6) {
      try shard.tick(now: (start + .days(days) - .minutes(1)).milliseconds)
      guard waitUntil(600, { !store.isTidying }) else { throw SupportError("days are kept for ever") }
    }
    try shard.finish()
    try unclosed()
  }

  /// Lets the collector connect on a later day and close the days before it.
  func begin(_ day: CalendarDay) throws {
    let (store, shard) = try open(JournalSettings(compactAfterDays: 0, pause: .zero))
    defer { store.release() }
    let start = Self.calendar.start(of: day)
    try shard.connected(sessionPresent: false, at: start.milliseconds)
    try shard.repairAll()
    for minute in 1..<7 as Range<Int64> {
      try shard.tick(now: (start + .minutes(minute)).milliseconds)
      guard waitUntil(600, { !store.isTidying }) else { throw SupportError("days are kept for ever") }
    }
    try shard.finish()
  }

  private func open(_ settings: JournalSettings) throws -> (SQLiteShardStore, Shard) {
    let store = SQLiteShardStore(
      directory: directory, calendar: Self.calendar, horizonMinimum: .minutes(15), journal: settings)
    store.keepsDaysWhenIdle = false
    let shard = try Shard(
      store: store,
      settings: ShardSettings(
        sources: [
          Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
          Source(
            .presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
        ], calendar: Self.calendar), repairsFrom: directory, register: { [] }, emit: { _ in })
    return (store, shard)
  }

  private func window(_ step: Int64, _ at: Timestamp) -> Window {
    var window = Window()
    for (factory, equipment) in [("F001", "E1"), ("F001", "E2"), ("F002", "E1")] where step % 7 != 3 {
      let isRefused = refused && factory == "F001" && equipment == "E2" && (200..<214).contains(step)
      var topic = "factory/\(factory)/W01/\(equipment)/\(isRefused ? "state" : "status")"
      // One message in fifty comes half a day late.
      let time = step % 50 == 40 ? at - .hours(12) - .seconds(1) : at
      let isRunning = step % 11 < 6 || forged && step == 207
      var payload = """
        {"ts":\(time.milliseconds),"state":"\(isRunning ? "running" : "idle")","energy_kwh":\(step * 2),"good":\(step)}
        """
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
            receivedAt: at.milliseconds + 20, retained: false)
        }
      }
    }
    return window
  }
}
