import Daemon
import Foundation
import Storage
import Telemetry
import Testing
import TestSupport

/// The suites that need a broker; one test at a time.
@Suite(.serialized) struct WithBroker {}

extension WithBroker {
  @Suite("Status of a collector") struct CollectorStatusTests {
    @Test("The snapshot and the stored status say what was received, and follow the collector to its end")
    func life() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings())
      #expect(collector.status.state == .starting)
      #expect(!FileManager.default.fileExists(atPath: site.store.path), "nothing is touched before it runs")
      let running = RunningCollector(collector)
      try running.awaitConnection()
      try site.publish("factory/F001/W01/E1/status", "factory/F001/W01/E2/status")
      try site.publish("factory/F001/W01/E2/status", state: "dancing")
      #expect(waitUntil(20) { collector.status.messages.total == 3 })
      let snapshot = collector.status
      #expect(snapshot.version == "1.2.3")
      #expect(snapshot.broker.subscriptions == ["factory/#"])
      #expect(snapshot.broker.clientId == "daemon")
      #expect(snapshot.messages.refused == 1 && snapshot.messages.redelivered == 0)
      #expect((1...3).contains(snapshot.messages.windows ?? 0))
      #expect(snapshot.block > 0)
      let newest = try #require(snapshot.messages.newestAt.flatMap { Timestamp($0) })
      #expect(abs(Double(newest.milliseconds) - Date().timeIntervalSince1970 * 1000) < 60_000)
      #expect((snapshot.memory?.resident ?? 0) > 1 << 20)
      #expect(
        waitUntil(20) {
          (try? StatusJudgement(of: site.store, now: newest).status?.messages.refusedLastMinute) == 1
        })
      let stored = try #require(try StatusJudgement(of: site.store, now: newest).status)
      #expect(stored.messages.total == 3 && stored.senders == 2)
      #expect(stored.refusals.map(\.reason) == ["unknown_state"])
      #expect(waitUntil(20) { collector.status.hearing?.probe == .proved })
      running.stop()
      #expect(running.ended == "")
      #expect(try StatusJudgement(of: site.store, now: newest).verdict == .stopped)
      #expect(site.store.holder() == .free)
    }

    @Test("A second collector of a store is refused, and leaves the first one's status alone")
    func second() throws {
      let site = try Site()
      let first = RunningCollector(try site.collector(try site.settings()))
      try first.awaitConnection()
      let second = RunningCollector(try site.collector(try site.settings()))
      #expect(waitUntil(20) { second.ended != nil })
      #expect(second.ended?.contains("another collector holds this store") == true)
      #expect(
        waitUntil(20) {
          (try? StatusJudgement(of: site.store, now: Self.now).verdict) == .collecting
        })
      first.stop()
    }

    @Test("A collector that was stopped before it runs opens nothing") func stoppedBefore() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings())
      collector.stop()
      try collector.run()
      #expect(!FileManager.default.fileExists(atPath: site.store.path))
      #expect(site.log.lines == ["info: stopped before anything was opened"])
    }

    private static var now: Timestamp {
      Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
  }
}
