import Foundation
import GRDB
import SQLiteStore
import Telemetry
import Testing
import TestSupport

@Suite("Rebuild", .serialized) struct RebuildTests {
  /// A collector that has heard three machines, one of them late.
  private func site() throws -> Installation {
    let site = try Installation()
    try site.startCollector()
    let now = Int64(Date().timeIntervalSince1970) * 1000
    for (index, state) in ["running", "idle", "running"].enumerated() {
      try site.publish(
        "factory/F001/W01/E1/status", #"{"ts":\#(now - 60_000 + Int64(index) * 1000),"state":"\#(state)"}"#)
    }
    try site.publish(
      "factory/F001/W01/E1/status", #"{"ts":\#(now - 3_600_000),"state":"idle","energy_kwh":5}"#)
    try site.publish("factory/F001/W01/E2/connection", "online")
    try site.publish("factory/F001/W01/E3/status", "nul")
    let isRepaired = waitUntil(30) {
      let stored = site.stored
      return (try? stored.senders()) == ["F001/E1", "F001/E2"]
        && (try? stored.overview().repairsPending) == 0 && (try? stored.energyMeter(of: key("E1"))) == 5000
    }
    #expect(isRepaired)
    return site
  }

  /// Changes stored rows beneath the program; `rebuild` has to find the change.
  private func change(_ site: Installation, _ sql: String) throws {
    let queue = try DatabaseQueue(path: site.directory.views)
    try queue.write { try $0.execute(sql: sql) }
  }

  private func change(_ site: Installation, live sql: String) throws {
    try DatabaseQueue(path: site.directory.views).write {
      try LiveRows.change($0) { try $0.execute(sql: sql) }
    }
  }

  @Test("Verify finds nothing beside a running collector, and every difference somebody made") func verify()
    throws
  {
    let site = try site()
    let good = try site.millwright("rebuild", "--verify")
    #expect(good.status == 0, "\(good.errors)")
    #expect(good.output.contains("The stored views match the journal"))
    try site.stopCollector()
    try change(site, live: "UPDATE live SET idle = idle + 1000 WHERE equipment = 0")
    try change(site, "DELETE FROM session_event")
    let bad = try site.millwright("rebuild", "--verify")
    #expect(bad.status == 1)
    #expect(bad.output.contains("live F001/E1: idle is"))
    #expect(bad.output.contains("session_event F001/E2/"))
    #expect(bad.errors.contains("2 rows differ from the journal"))
  }

  @Test("Without a collector, what was computed anew is put in place") func stopped() throws {
    let site = try site()
    try site.stopCollector()
    let before = try site.stored.everything()
    #expect(try site.stored.stretches(of: key("E1")).count == 4)
    try change(site, "DELETE FROM interval")
    try change(site, live: "UPDATE live SET running = 1")
    let rebuilt = try site.millwright("rebuild")
    #expect(rebuilt.status == 0, "\(rebuilt.errors)")
    #expect(rebuilt.output.contains("in place"))
    #expect(try site.stored.everything() == before)
    #expect(try site.millwright("rebuild", "--verify").status == 0)
  }

  @Test("A running collector takes it over, and nothing that came meanwhile is missing") func running() throws
  {
    let site = try site()
    let rebuilt = try site.millwright("rebuild")
    #expect(rebuilt.status == 0, "\(rebuilt.errors)")
    #expect(rebuilt.output.contains("the collector will switch to them"))
    try site.publish(
      "factory/F001/W01/E9/status",
      #"{"ts":\#(Int64(Date().timeIntervalSince1970) * 1000),"state":"running"}"#)
    #expect(waitUntil(30) { site.log.contains("views built anew were taken over") })
    #expect(waitUntil(30) { (try? site.stored.senders()) == ["F001/E1", "F001/E2", "F001/E9"] })
    #expect(try site.millwright("rebuild", "--verify").status == 0)
    try site.stopCollector()
    #expect(try site.millwright("rebuild", "--verify").status == 0)
  }

  @Test("Changed sources reach the past when that is decided, and the journal keeps the decision")
  func changedSources() throws {
    let status = #"{ format: status, topic: "factory/{factory}/{workshop}/{equipment}/status" }"#
    let presence = #"{ format: presence, topic: "factory/{factory}/{workshop}/{equipment}/connection" }"#
    let state = #"{ format: status, topic: "factory/{factory}/{workshop}/{equipment}/state" }"#
    let site = try site()
    let now = Int64(Date().timeIntervalSince1970) * 1000
    try site.publish("factory/F001/W01/E7/state", #"{"ts":\#(now),"state":"running"}"#)
    #expect(waitUntil(30) { (try? site.stored.quarantined().count) == 2 })
    try site.stopCollector()

    try site.use(sources: [status, presence, state])
    #expect(try site.millwright("rebuild").status == 0)
    #expect(try site.stored.senders() == ["F001/E1", "F001/E2"])
    let decided = try site.millwright("rebuild", "--with-present-sources")
    #expect(decided.status == 0, "\(decided.errors)")
    #expect(decided.output.contains("are read by the present sources"))
    #expect(try site.stored.senders() == ["F001/E1", "F001/E2", "F001/E7"])
    #expect(try site.millwright("rebuild", "--verify").status == 0)

    try site.startCollector()
    try site.use(sources: [status, presence])
    let refused = try site.millwright("rebuild", "--with-present-sources")
    #expect(refused.status == 75)
    #expect(refused.errors.contains("the collector's sources differ from"))
    #expect(try site.millwright("rebuild", "--verify").status == 0)

    try site.use(sources: [status, presence, state])
    let day =
      "\(StoredDays.calendar.day(at: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970) * 1000)))"
    let asked = try site.millwright("rebuild", "--with-present-sources", "--from", day)
    #expect(asked.status == 0, "\(asked.errors)")
    #expect(asked.output.contains("Messages received from \(day) on are read by the present sources"))
    #expect(asked.output.contains("the collector will switch to them"))
    #expect(waitUntil(30) { site.log.contains("views built anew were taken over") })
    #expect(site.log.contains("are read anew by the present sources"))
    #expect(try site.millwright("rebuild", "--from", day).status == 64)
    try site.stopCollector()
    #expect(try site.millwright("rebuild", "--verify").status == 0)
    #expect(try site.millwright("journal", "verify").status == 0)
  }
}
