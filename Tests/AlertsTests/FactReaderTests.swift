import Aggregation
import Alerts
import Configuration
import Daemon
import Ingestion
import MQTT
import Register
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

/// Facts read from a real store.
@Suite("Facts of a store") struct FactReaderTests {
  private let folder: TemporaryDirectory
  private let store: StoreDirectory
  private let settings: CollectorSettings

  init() throws {
    folder = try TemporaryDirectory("facts")
    store = StoreDirectory(folder.path + "/store")
    settings = try CollectorSettings.parse(
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      store: sqlite:store
      """, file: folder.file("millwright.yaml"))
  }

  /// Collects status messages: path, state, and minutes after the morning.
  private func collect(_ messages: [(path: String, state: String, minutes: Int64)]) throws {
    let views = try store.shard(
      .embedded, ShardOptions(calendar: settings.settings.district.calendar, horizonMinimum: .minutes(15)))
    defer { views.release() }
    let shard = try Shard(store: views, settings: settings.shard, register: { [] }, emit: { _ in })
    try shard.connected(sessionPresent: false, at: Sample.morning.milliseconds)
    for message in messages {
      let at = Sample.at(message.minutes)
      var window = Window()
      var topic = "factory/\(message.path)/status"
      var payload = "{\"ts\":\(at.milliseconds),\"state\":\"\(message.state)\"}"
      topic.withUTF8 { topic in
        payload.withUTF8 { payload in
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
            receivedAt: at.milliseconds, retained: false, packetID: 0)
        }
      }
      try shard.commit(&window)
    }
    try shard.finish()
  }

  private func importRegister() throws {
    let rows = RegisterRows(
      factories: [RegisteredFactory(id: "F001", nameChinese: "一厂", nameEnglish: "One")],
      equipment: ["E1", "E2"].map {
        RegisteredEquipment(
          key: EquipmentKey(factory: "F001", equipment: $0), workshop: "W01", name: $0, category: "cnc",
          automation: .automatic)
      })
    _ = try store.registerWriter().importSnapshot(
      rows, effectiveOn: Sample.calendar.day(at: Sample.morning) - 40, importedAt: Sample.morning,
      equipmentFile: RegisterFile(name: "e.csv", bytes: []), factoriesFile: nil)
  }

  private var reader: AlertFactReader {
    AlertFactReader(
      settings.settings, service: ReportService(settings.settings, store: store, version: "1.2.3"),
      store: store)
  }

  private func rules(_ rules: AlertRule...) -> AlertRules { AlertRules(rules: rules, receivers: []) }

  @Test("Senders, states and figures are those of the store") func senders() throws {
    try importRegister()
    try collect([
      ("F001/W01/E1", "running", 0), ("F001/W01/E1", "fault", 10), ("F002/W01/E9", "fault", 1),
      ("F002/W01/E9", "running", 12), ("F001/W01/E3", "fault", 2),
    ])
    let policy = try PolicyFile.parse(
      """
      title_zh: 题
      title_en: T
      issuing_body_zh: 部
      issuing_body_en: B
      date: 2026-11-22
      source: s
      note_zh: 注
      note_en: N
      rules: [{ metric: networked_ratio, at_least: 50 }]
      """, file: "p.yaml")
    var reader = reader
    let rules = rules(
      AlertRule(
        name: "low",
        kind: .ratioBelow(.networkedRatio, days: 7, level: .factory, share: 90_000, clearAt: 90_000)),
      AlertRule(
        name: "risk",
        kind: .policyAtRisk(policy, level: .district, fromDay: 1, margin: 0)))
    let (facts, failures) = reader.read(for: rules, at: Sample.at(20))
    #expect(failures == [])
    #expect(
      facts.factories == [
        "F001": .init(nameChinese: "一厂", nameEnglish: "One", lastHeard: Sample.at(10)),
        "F002": .init(lastHeard: Sample.at(12)),
      ])
    func key(_ factory: String, _ equipment: String) -> EquipmentKey {
      EquipmentKey(factory: factory, equipment: equipment)
    }
    // The newest message of E3 is 18 minutes old, and a reading is valid for 15.
    #expect(
      facts.machines == [key("F001", "E1"): .fault, key("F001", "E3"): .unknown, key("F002", "E9"): .other])
    #expect(facts.periods[7]?.district.count(of: .networkedRatio) == Count(1, of: 2))
    #expect(facts.periods[7]?.factories["F001"]?.count(of: .networkedRatio) == Count(1, of: 2))
    #expect(facts.periods[7]?.factories["F002"] == nil)
    let month = try #require(facts.month)
    #expect(month.firstDay == CalendarDay("2026-11-01") && month.today == CalendarDay("2026-11-30"))
    #expect(month.end == Timestamp("2026-12-01T00:00:00+08:00"))
    #expect(month.recentFrom == Timestamp("2026-11-24T00:00:00+08:00"))
    #expect(month.soFar.district.count(of: .networkedRatio) == Count(1, of: 2))
    // Nobody wrote a status, and no collector runs.
    #expect(facts.collector == nil)
    // Other rules have their own figures at once.
    let others = self.rules(
      AlertRule(
        name: "low",
        kind: .ratioBelow(.networkedRatio, days: 3, level: .district, share: 90_000, clearAt: 90_000)))
    let later = reader.read(for: others, at: Sample.at(20)).facts
    #expect(Set(later.periods.keys) == [1, 3] && later.month == nil)
  }

  @Test("Without a store everything of it is empty or unknown, and what is missing is said") func empty() {
    var reader = reader
    let (facts, failures) = reader.read(
      for: rules(AlertRule(name: "gap", kind: .observationGap, hold: .minutes(5))), at: Sample.at(0))
    #expect(
      failures == [
        "\(store.path): no store here, or not yours to read; run 'millwright collect', or point --store at it"
      ])
    #expect(facts.factories == [:] && facts.machines == [:] && facts.collector == nil)
  }
}
