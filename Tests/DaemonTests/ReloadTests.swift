import Configuration
import Daemon
import Foundation
import Ingestion
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

extension WithBroker {
  @Suite("Reloading the configuration") struct ReloadTests {
    @Test("Sources come and go in a session that stays; each message counts once, and a rebuild agrees")
    func sources() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings())
      let running = RunningCollector(collector)
      try running.awaitConnection()
      try site.publish("factory/F001/W01/E1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 1 })
      // Nobody is subscribed to it yet.
      try site.publish("legacy/F001/E2")
      collector.reload(try site.settings(sources: [Site.status, Site.legacy], mqtt: ", keepalive: 60s"))
      #expect(waitUntil(20) { collector.status.broker.subscriptions == ["factory/#", "legacy/#"] })
      #expect(
        site.log.contains(
          "warning: restart the collector for what else was changed in the configuration keys=mqtt.keepalive")
      )
      try site.publish("factory/F001/W01/E1/status", "legacy/F001/E2")
      #expect(waitUntil(20) { collector.status.messages.total == 3 })
      #expect(try site.store.subscriptions() == ["factory/#", "legacy/#"])
      // The first source goes.
      collector.reload(try site.settings(sources: [Site.legacy]))
      #expect(
        waitUntil(20) {
          site.log.contains("unsubscribed from what the configuration no longer has filters=[\"factory/#\"]")
        })
      #expect(collector.status.broker.subscriptions == ["legacy/#"])
      #expect(waitUntil { (try? site.store.subscriptions()) == ["legacy/#"] })
      try site.publish("factory/F001/W01/E1/status", "legacy/F001/E2")
      #expect(waitUntil(20) { collector.status.messages.total == 4 })
      #expect(collector.status.broker.connections == 1)
      #expect(collector.status.messages.refused == 0)
      running.stop()
      #expect(try readings(site) == ["E1": 2, "E2": 2])
      // Each configuration is named where it began.
      #expect(try JournalReader(site.store).outline(reaching: 0).openings.count == 3)
      #expect(try differences(site) == [])
      // The next start goes on by the configuration it is given.
      let again = RunningCollector(try site.collector(try site.settings(sources: [Site.legacy])))
      try again.awaitConnection()
      try site.publish("legacy/F001/E3")
      #expect(waitUntil(20) { again.collector.status.messages.total == 1 })
      again.stop()
      #expect(try readings(site) == ["E1": 2, "E2": 2, "E3": 1])
      #expect(try JournalReader(site.store).outline(reaching: 0).openings.count == 3)
      #expect(try differences(site) == [])
    }

    @Test("A limit applies to what comes from then on, and a wrong configuration changes nothing")
    func limits() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings())
      let running = RunningCollector(collector)
      try running.awaitConnection()
      try site.publish("factory/F001/W01/E1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 1 })
      collector.reload(try site.settings("limits: { unregistered_senders: 1 }"))
      #expect(
        waitUntil(20) { site.log.contains("notice: the configuration was read again and is in effect") })
      try site.publish("factory/F001/W01/E1/status", "factory/F001/W01/E2/status")
      #expect(waitUntil(20) { collector.status.messages.total == 3 })
      #expect(collector.status.messages.refused == 1)
      collector.keep(after: SettingsErrors([.init(.wholeFile("millwright.yaml"), "cannot be read")]))
      #expect(
        site.log.contains(
          "error: the configuration is wrong, and the one before stays in effect: millwright.yaml: cannot be read"
        ))
      #expect(
        collector.status.errors?.map(\.message) == [
          "the configuration is wrong, and the one before stays in effect: millwright.yaml: cannot be read"
        ])
      collector.keep(
        after: SettingsErrors([.init(.wholeFile("a.yaml"), "one"), .init(.wholeFile("b.csv"), "two")]))
      #expect(site.log.contains("and the one before stays in effect: a.yaml: one; b.csv: two"))
      running.stop()
      #expect(try differences(site) == [])
    }

    @Test(
      "A naming file gives names other ids from its reload on, a wrong one changes nothing; a rebuild agrees")
    func naming() throws {
      let site = try Site()
      func write(_ equipment: String) throws {
        try site.folder.write(
          "naming.csv", "factory_id,equipment_id,published_factory,published_equipment\n" + equipment)
      }
      func settings() throws -> CollectorSettings { try site.settings("naming: naming.csv") }
      try write("F001,E1,F001,一号车床 1\n")
      let collector = try site.collector(try settings())
      let running = RunningCollector(collector)
      try running.awaitConnection()
      try site.publish("factory/F001/W01/一号车床 1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 1 })
      try write("F001,E2,F001,一号车床 1\n")
      collector.reload(try settings())
      #expect(
        waitUntil(20) { site.log.contains("notice: the configuration was read again and is in effect") })
      try site.publish("factory/F001/W01/一号车床 1/status", "factory/F001/W01/二号车床 2/status")
      #expect(waitUntil(20) { collector.status.messages.total == 3 })
      #expect(collector.status.messages.refused == 1)
      try write("F001,E 3,F001,一号车床 1\n")
      let errors = try #require(#expect(throws: SettingsErrors.self) { try settings() })
      collector.keep(after: errors)
      #expect(
        site.log.contains(
          "error: the configuration is wrong, and the one before stays in effect: \(site.folder.file("naming.csv")):2:"
            + "equipment_id (column 2): 'E 3' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -"))
      try site.publish("factory/F001/W01/一号车床 1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 4 })
      running.stop()
      #expect(try readings(site) == ["E1": 1, "E2": 2])
      #expect(try JournalReader(site.store).outline(reaching: 0).openings.count == 2)
      // The rebuild is given a configuration without names: it takes them from the journal.
      #expect(try differences(site) == [])
    }

    @Test("A reload says which machines were counted under names that the naming now has, and the command")
    func renamed() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings())
      let running = RunningCollector(collector)
      try running.awaitConnection()
      try site.publish("factory/F001/W01/M1/status", "factory/F001/W01/M2/status")
      #expect(waitUntil(20) { collector.status.messages.total == 2 })
      try site.folder.write(
        "naming.csv",
        "factory_id,equipment_id,published_factory,published_equipment\nF001,E1,F001,M1\nF001,E9,F001,M9\n")
      collector.reload(try site.settings("naming: naming.csv"))
      #expect(
        waitUntil(20) {
          site.log.contains(
            "warning: 1 machine was counted under a published name before the naming file had it, such as F001/M1 "
              + "(F001/E1), and is listed as unregistered: 'millwright rebuild --with-present-sources' counts earlier "
              + "messages under the register's ids")
        })
      #expect(collector.status.warnings.map(\.code) == ["renamed_machines"])
      #expect(
        collector.status.warnings.first?.chinese
          == "有 1 台设备在命名文件列入其名称之前以原名称计数，例如 F001/M1（F001/E1），仍列为未登记设备："
          + "millwright rebuild --with-present-sources 将此前的消息改按台账编号计数")
      running.stop()
    }

    @Test(
      "A filter that the broker refuses leaves the sources before in effect, is said once, and may be mended",
      .enabled(if: MosquittoBroker.canRefuseSubscriptions), arguments: ["5", "3.1.1"])
    func refused(version: String) throws {
      var options = MosquittoBroker.Options()
      options.refusedSubscriptions = ["legacy/#"]
      let site = try Site(options)
      let mqtt = ", protocol: \(version)"
      let collector = try site.collector(try site.settings(mqtt: mqtt))
      let running = RunningCollector(collector)
      try running.awaitConnection()
      try site.publish("factory/F001/W01/E1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 1 })
      for attempt in 1...2 {
        collector.reload(try site.settings(sources: [Site.legacy, Site.other], mqtt: mqtt))
        #expect(
          waitUntil(20) {
            site.log.lines.count { $0.contains("unsubscribed from filters that are not in effect") }
              == attempt
          })
        #expect(refusals(site).count == attempt)
        #expect(waitUntil { (try? site.store.subscriptions()) == ["factory/#"] })
        #expect(collector.status.broker.subscriptions == ["factory/#"])
      }
      let reason = version == "5" ? "Not authorized (code 0x87)" : "(code 0x80)"
      let line = try #require(refusals(site).first)
      #expect(line.contains(reason), "\(line)")
      #expect(line.contains("topic read legacy/#; then send SIGHUP again"), "\(line)")
      #expect(collector.status.errors?.count == 2)
      // Neither is subscribed; what was before is.
      try site.publish("other/F001/E3", "legacy/F001/E2", "factory/F001/W01/E1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 2 })
      #expect(try JournalReader(site.store).outline(reaching: 0).openings.count == 1)
      // A configuration without that filter takes its place.
      collector.reload(try site.settings(sources: [Site.other], mqtt: mqtt))
      #expect(waitUntil(20) { collector.status.broker.subscriptions == ["other/#"] })
      #expect(waitUntil(20) { (try? site.store.subscriptions()) == ["other/#"] })
      try site.publish("factory/F001/W01/E1/status", "other/F001/E3")
      #expect(waitUntil(20) { collector.status.messages.total == 3 })
      #expect(collector.status.broker.connections == 1)
      #expect(collector.status.messages.refused == 0)
      running.stop()
      #expect(try readings(site) == ["E1": 2, "E3": 1])
      #expect(try JournalReader(site.store).outline(reaching: 0).openings.count == 2)
      #expect(try differences(site) == [])
    }

    @Test("A filter whose configuration is superseded before the broker's answer was never in effect")
    func superseded() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings())
      let running = RunningCollector(collector)
      try running.awaitConnection()
      func isRecorded(_ filter: String) -> Bool {
        (try? site.store.subscriptions())?.contains(filter) == true
      }
      site.broker.suspend()
      collector.reload(try site.settings(sources: [Site.status, Site.legacy]))
      #expect(waitUntil(20) { isRecorded("legacy/#") })
      collector.reload(try site.settings(sources: [Site.status, Site.other]))
      #expect(waitUntil(20) { isRecorded("other/#") })
      site.broker.resume()
      #expect(waitUntil(20) { collector.status.broker.subscriptions == ["factory/#", "other/#"] })
      #expect(waitUntil(20) { !isRecorded("legacy/#") })
      running.stop()
      #expect(
        site.log.lines.filter { $0.contains("unsubscribed from") }.map { $0.contains("legacy/#") } == [true])
      #expect(
        site.log.contains("unsubscribed from filters that are not in effect filters=[\"legacy/#\"]"))
    }

    @Test("A configuration that cannot be applied is said once, and the one before stays in effect")
    func notApplicable() throws {
      let site = try Site()
      let collector = try site.collector(try site.settings())
      let running = RunningCollector(collector)
      try running.awaitConnection()
      func sources(_ topic: (Int) -> String) -> [String] {
        (0...1000).map { "{ format: status, topic: \"\(topic($0))\" }" }
      }
      func failures() -> [String] { site.log.lines.filter { $0.contains("cannot be applied") } }
      // More sources than the journal can name: with the filter that there is, and with another.
      collector.reload(
        try site.settings(sources: sources { "factory/{factory}/{workshop}/{equipment}/s\($0)" }))
      #expect(waitUntil(20) { failures().count == 1 })
      collector.reload(
        try site.settings(sources: sources { "other/{factory}/{workshop}/{equipment}/s\($0)" }))
      #expect(waitUntil(20) { failures().count == 2 })
      #expect(failures().allSatisfy { $0.contains("more than 1000 sources") }, "\(failures())")
      #expect(
        waitUntil(20) {
          site.log.contains("unsubscribed from filters that are not in effect filters=[\"other/#\"]")
        })
      try site.publish("other/F001/W01/E1/s1", "factory/F001/W01/E1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 1 })
      #expect(collector.status.broker.connections == 1)
      #expect(collector.status.broker.subscriptions == ["factory/#"])
      #expect(collector.status.messages.refused == 0)
      #expect(failures().count == 2)
      running.stop()
      #expect(try JournalReader(site.store).outline(reaching: 0).openings.count == 1)
      #expect(try readings(site) == ["E1": 1])
    }

    @Test(
      "What the broker retains for a source that a restart adds opens no session; other flagged messages count"
    )
    func retainedAtRestart() throws {
      let site = try Site()
      let first = RunningCollector(try site.collector(try site.settings()))
      try first.awaitConnection()
      #expect(
        waitUntil { (try? site.store.sessionFilters()) == [SessionFilter("factory/#", isGranted: true)] })
      first.stop()
      try site.publish("line/F001/E2/connection", payload: "online", retained: true)
      let collector = try site.collector(try site.settings(sources: [Site.status, Site.presence]))
      let second = RunningCollector(collector)
      try second.awaitConnection()
      #expect(waitUntil(20) { collector.status.messages.total == 1 })
      try site.publish("factory/F001/W01/E1/status")
      #expect(waitUntil(20) { collector.status.messages.total == 2 })
      #expect(collector.status.broker.resumed == true)
      second.stop()
      #expect(try readings(site) == ["E1": 1])
      #expect(try site.store.sessionFilters().allSatisfy(\.isGranted))
    }

    @Test("Keys that a reload cannot change are named, and those it can are not") func restart() throws {
      let site = try Site()
      let before = try site.settings().settings
      let after = try site.settings(
        sources: [Site.legacy], mqtt: ", protocol: 3.1.1, probe_interval: 5s",
        """
        limits: { payload: 1KiB }
        journal: { retention: 10d }
        presence: { horizon_minimum: 5m, horizon_factor: 4 }
        log: { level: debug, format: json }
        """
      ).settings
      #expect(
        before.keysNeedingRestart(in: after) == [
          "mqtt.protocol", "mqtt.probe_interval", "presence.horizon_minimum", "log.format",
        ])
      #expect(before.keysNeedingRestart(in: before) == [])
    }

    // MARK: -

    /// Log lines on refused filters.
    private func refusals(_ site: Site) -> [String] {
      site.log.lines.filter { $0.hasPrefix("error: the broker refuses the subscription to 'legacy/#'") }
    }

    /// Number of readings of each sender.
    private func readings(_ site: Site) throws -> [String: Int] {
      let shanghai = try #require(LocalCalendar(identifier: "Asia/Shanghai"))
      let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
      let today = shanghai.day(at: now)
      var found: [String: Int] = [:]
      _ = try site.store.reader().snapshot { views in
        let request = PeriodRequest(
          asOf: now, days: (today - 1)...today, until: now + .minutes(1), calendar: shanghai)
        _ = try views.forEachPeriod(of: views.senders(of: .all), request) { sender, _ in
          found[sender.key.equipment] = sender.days.reduce(0) { $0 + Int($1.totals.readings) }
        }
      }
      return found
    }

    /// What differs between the stored views and those computed anew from the journal.
    private func differences(_ site: Site) throws -> [String] {
      let folder = try TemporaryDirectory("rebuilt")
      let settings = try site.settings()
      let stored = folder.path + "/stored.sqlite"
      let computed = StoreDirectory(site.store, views: folder.path + "/computed.sqlite")
      let cursor = try ViewsReader(site.store).copy(to: stored)
      let views = RebuildStore(
        directory: computed, calendar: settings.settings.district.calendar,
        horizonMinimum: settings.settings.presence.horizonMinimum, through: cursor, progress: { _, _ in })
      let shard = try Shard(
        store: views, settings: settings.shard, repairsFrom: computed, register: { [] }, emit: { _ in })
      try shard.repairAll()
      try shard.finish()
      try views.close()
      var found: [String] = []
      try ViewsComparison(stored: stored, computed: computed.views).forEachDifference {
        found.append("\($0)")
      }
      return found
    }
  }
}
