import Foundation
import SQLiteStore
import Storage
import StoreReading
import Telemetry
import Testing
import TestSupport

@Suite("Reading refused messages again by command", .serialized) struct RetryCommandTests {
  private static let status =
    #"{ format: status, topic: "factory/{factory}/{workshop}/{equipment}/status" }"#
  private static let state = #"{ format: status, topic: "factory/{factory}/{workshop}/{equipment}/state" }"#
  private static func words(_ words: String) -> String {
    #"{ format: json, topic: "factory/{factory}/{workshop}/{equipment}/plc", timestamp: /t, state: { at: /s, map: { 1: running\#(words) } } }"#
  }

  /// A collector that accepted two messages and refused three: two with a word that its map lacks, one of an unknown
  /// topic.
  private func site() throws -> Installation {
    let site = try Installation()
    try site.use(sources: [Self.status, Self.words("")])
    try site.startCollector()
    let now = now()
    try site.publish("factory/F001/W01/E1/status", #"{"ts":\#(now - 9000),"state":"running"}"#)
    try site.publish("factory/F001/W01/E2/plc", #"{"t":\#(now - 9000),"s":1}"#)
    try site.publish("factory/F001/W01/E2/plc", #"{"t":\#(now - 8000),"s":2}"#)
    try site.publish("factory/F001/W01/E3/plc", #"{"t":\#(now - 7000),"s":2}"#)
    try site.publish("factory/F001/W01/E4/state", #"{"ts":\#(now - 6000),"state":"idle"}"#)
    #expect(waitUntil(30) { (try? site.stored.quarantined().count) == 3 })
    #expect(waitUntil(30) { (try? site.stored.senders()) == ["F001/E1", "F001/E2"] })
    return site
  }

  private func readings(_ site: Installation) -> [String: Int] {
    let stored = site.stored
    let senders = (try? stored.senders()) ?? []
    return Dictionary(
      uniqueKeysWithValues: senders.map { id in
        (id, (try? stored.readings(of: key(String(id.dropFirst(5))))) ?? -1)
      })
  }

  private func isVerified(_ site: Installation) throws {
    let views = try site.millwright("rebuild", "--verify")
    #expect(views.status == 0, "\(views.output)\(views.errors)")
    let journal = try site.millwright("journal", "verify")
    #expect(journal.status == 0, "\(journal.errors)")
  }

  @Test("Without a collector: counted before, read once, and nothing is left to read") func stopped() throws {
    let site = try site()
    try site.stopCollector()
    let nothing = try site.millwright("quarantine", "retry")
    #expect(nothing.status == 0, "\(nothing.errors)")
    #expect(nothing.output == "0 of 3 refused messages would be read now.\n")
    try site.use(sources: [Self.status, Self.words(", 2: idle"), Self.state])
    let before = try JournalReader(site.directory).head()
    let counted = try site.millwright("quarantine", "retry", "--dry-run")
    #expect(counted.output == "3 of 3 refused messages would be read now.\n")
    let words = try site.millwright("quarantine", "retry", "--dry-run", "--reason", "unknown_state")
    #expect(words.output == "2 of 2 refused messages would be read now.\n")
    #expect(try JournalReader(site.directory).head() == before)
    #expect(readings(site) == ["F001/E1": 1, "F001/E2": 1])

    let some = try site.millwright(
      "quarantine", "retry", "--reason", "unknown_state", "--equipment", "F001/E3")
    #expect(some.status == 0, "\(some.errors)")
    #expect(some.output.contains("1 of 1 refused messages are read by the present sources"))
    #expect(some.output.contains("are in place"))
    #expect(readings(site) == ["F001/E1": 1, "F001/E2": 1, "F001/E3": 1])
    try isVerified(site)
    let rest = try site.millwright("quarantine", "retry", "--lang", "zh")
    #expect(rest.output.contains("拒收消息共 2 条，其中 2 条按现行配置重新读取"))
    #expect(readings(site) == ["F001/E1": 1, "F001/E2": 2, "F001/E3": 1, "F001/E4": 1])
    #expect(try site.stored.quarantined().isEmpty)
    try isVerified(site)
    let again = try site.millwright("quarantine", "retry")
    #expect(again.output == "0 of 0 refused messages would be read now.\n")
    // Whatever the configuration is later.
    try site.use(sources: [Self.status])
    #expect(try site.millwright("rebuild").status == 0)
    #expect(readings(site) == ["F001/E1": 1, "F001/E2": 2, "F001/E3": 1, "F001/E4": 1])
    try isVerified(site)
  }

  @Test("A running collector offers it after SIGHUP, and switches to the views with the messages")
  func running() throws {
    let site = try site()
    try site.use(sources: [Self.status, Self.words(", 2: idle"), Self.state])
    let early = try site.millwright("quarantine", "retry")
    #expect(early.status == 75)
    #expect(early.errors.contains("the collector's sources differ from"))
    let process = try #require(site.collectorID)
    kill(process, SIGHUP)
    let offer = "3 refused messages would be read now: millwright quarantine retry"
    #expect(waitUntil(30) { site.log.contains(offer) })
    #expect(waitUntil(30) { (try? site.millwright("status").output.contains(offer)) == true })
    #expect(try site.millwright("quarantine", "list").output.hasSuffix("\n\(offer)\n"))
    #expect(
      try site.millwright("quarantine", "list", "--lang", "zh").output.hasSuffix(
        "\n现有 3 条拒收消息按现行配置可读取：millwright quarantine retry\n"))
    let retried = try site.millwright("quarantine", "retry")
    #expect(retried.status == 0, "\(retried.errors)")
    #expect(retried.output.contains("the collector will switch to them"))
    #expect(waitUntil(30) { site.log.contains("views built anew were taken over") })
    #expect(site.log.contains("as 'millwright quarantine retry' asked"))
    // A message that was refused before comes again.
    let payload = try #require(try site.journaledPayloads().first { $0.contains(#""s":2"#) })
    try site.publish("factory/F001/W01/E2/plc", payload)
    let expected = ["F001/E1": 1, "F001/E2": 2, "F001/E3": 1, "F001/E4": 1]
    #expect(waitUntil(30) { site.journaledCount() == 6 && readings(site) == expected })
    #expect(waitUntil(30) { (try? site.millwright("status").output.contains(offer)) == false })
    #expect(waitUntil(30) { (try? site.stored.overview().repairsPending) == 0 })
    try isVerified(site)
    try site.stopCollector()
    #expect(readings(site) == expected)
    try isVerified(site)
  }

  @Test("Killed at any time it can be run again, and every message counts once") func killed() throws {
    let site = try site()
    try site.stopCollector()
    try site.use(sources: [Self.status, Self.words(", 2: idle"), Self.state])
    for milliseconds in [5, 15, 30, 60, 120, 250] {
      let seconds = "0.\(String(repeating: "0", count: 3 - "\(milliseconds)".count))\(milliseconds)"
      _ = try site.millwright("quarantine", "retry", behind: ["timeout", "-s", "KILL", seconds])
    }
    let last = try site.millwright("quarantine", "retry")
    #expect(last.status == 0, "\(last.errors)")
    #expect(try site.millwright("rebuild").status == 0)
    #expect(readings(site) == ["F001/E1": 1, "F001/E2": 2, "F001/E3": 1, "F001/E4": 1])
    #expect(try site.stored.quarantined().isEmpty)
    try isVerified(site)
  }

  @Test(
    "Options that cannot be are named",
    arguments: [
      (["--from", "yesterday"], "--from: 'yesterday' is not a day"),
      (["--from", "2026-11-02", "--to", "2026-11-01"], "--from: is after --to"),
      (["--topic", "a/#/b"], "--topic: 'a/#/b' is not a topic filter, such as 'plant/#'"),
      (["--topic", ""], "--topic: must have 1 to 1024 bytes and no control characters"),
      (["--reason", "unknown_stat"], "(did you mean 'unknown_state'?)"),
    ])
  func usage(options: [String], message: String) throws {
    let folder = try TemporaryDirectory("usage")
    let config = try folder.write(
      "millwright.yaml",
      "district: { id: t, name_zh: 测, name_en: T, timezone: Asia/Shanghai }\nstore: sqlite:store\n")
    let result = try run(
      Installation.executable, ["quarantine", "retry", "--config", config] + options,
      environment: ["LANG": "en_US.UTF-8"])
    #expect(result.status == 64)
    #expect(result.errors.contains(message), "\(result.errors)")
  }
}
