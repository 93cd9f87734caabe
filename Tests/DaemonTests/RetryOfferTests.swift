import Configuration
import Daemon
import Ingestion
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

extension WithBroker {
  @Suite("The offer to read refused messages again") struct RetryOfferTests {
    private static let further =
      #"{ format: status, topic: "factory/{factory}/{workshop}/{equipment}/state" }"#
    private static let offer = "notice: 1 refused message would be read now: millwright quarantine retry"

    private func isListed(_ site: Site) -> Bool {
      (try? QuarantineReader(site.store).newest(9).count) == 1
    }

    @Test("A collector makes it when its sources read what it refused, and again at the next start")
    func reload() throws {
      let site = try Site()
      let running = RunningCollector(try site.collector(try site.settings()))
      try running.awaitConnection()
      try site.publish("factory/F001/W01/E1/state")
      #expect(waitUntil(20) { isListed(site) })
      #expect(running.collector.status.messages.readable == nil)
      running.collector.reload(try site.settings(sources: [Site.status, Self.further]))
      #expect(waitUntil(20) { running.collector.status.messages.readable == 1 })
      #expect(waitUntil(20) { site.log.contains(Self.offer) })
      running.stop()
      // Nothing has changed since, and nobody has read it.
      let again = RunningCollector(
        try site.collector(try site.settings(sources: [Site.status, Self.further])))
      try again.awaitConnection()
      #expect(again.collector.status.messages.readable == 1)
      again.stop()
    }

    @Test("A start with other sources makes it too; sources that refuse the same make none")
    func start() throws {
      let site = try Site()
      let first = RunningCollector(try site.collector(try site.settings()))
      try first.awaitConnection()
      try site.publish("factory/F001/W01/E1/state")
      #expect(waitUntil(20) { isListed(site) })
      first.stop()
      let second = RunningCollector(
        try site.collector(try site.settings(sources: [Site.status, Self.further])))
      try second.awaitConnection()
      #expect(waitUntil(20) { second.collector.status.messages.readable == 1 })
      // The source goes again, and the offer with it.
      second.collector.reload(try site.settings())
      #expect(waitUntil(20) { second.collector.status.messages.readable == nil })
      second.stop()
    }
  }
}
