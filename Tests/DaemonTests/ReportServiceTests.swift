import Aggregation
import Configuration
import Daemon
import Foundation
import Ingestion
import MQTT
import Register
import Reporting
import SQLiteStore
import Storage
import Synchronization
import Telemetry
import Testing
import TestSupport

/// 2026-11-22T08:00:00+08:00.
private let morning = Timestamp(milliseconds: 1_795_305_600_000)

/// A store with a shard that a test commits messages to, and a service of its reports.
private final class Office {
  let folder: TemporaryDirectory
  let store: StoreDirectory
  let settings: CollectorSettings
  let service: ReportService
  private var views: (any ShardStore)?
  private var shard: Shard?

  init() throws {
    folder = try TemporaryDirectory("reports")
    store = StoreDirectory(folder.path + "/store")
    settings = try CollectorSettings.parse(
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      store: sqlite:store
      """, file: folder.file("millwright.yaml"))
    service = ReportService(settings.settings, store: store, version: "1.2.3")
  }

  deinit { views?.release() }

  /// Collects a status message of an equipment, and folds it.
  func collect(_ equipment: String, _ seconds: Int64) throws {
    if shard == nil {
      let views = try store.shard(
        .embedded,
        ShardOptions(calendar: settings.settings.district.calendar, horizonMinimum: .minutes(15)))
      let shard = try Shard(store: views, settings: settings.shard, register: { [] }, emit: { _ in })
      try shard.connected(sessionPresent: false, at: morning.milliseconds)
      (self.views, self.shard) = (views, shard)
    }
    let at = morning + .seconds(seconds)
    var window = Window()
    var topic = "factory/F001/W01/\(equipment)/status"
    var payload = "{\"ts\":\(at.milliseconds),\"state\":\"running\"}"
    topic.withUTF8 { topic in
      payload.withUTF8 { payload in
        window.append(
          topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
          receivedAt: at.milliseconds, retained: false, packetID: 0)
      }
    }
    try shard?.commit(&window)
    try shard?.finish()
  }

  func importRegister(_ equipment: [String]) throws {
    let rows = RegisterRows(
      factories: [RegisteredFactory(id: "F001")],
      equipment: equipment.map {
        RegisteredEquipment(
          key: EquipmentKey(factory: "F001", equipment: $0), workshop: "W01", name: $0, category: "cnc",
          automation: .automatic)
      })
    let writer = try store.registerWriter()
    _ = try writer.importSnapshot(
      rows, effectiveOn: settings.settings.district.calendar.day(at: morning) - 40, importedAt: morning,
      equipmentFile: RegisterFile(name: "e.csv", bytes: []), factoriesFile: nil)
  }

  /// A request as of some minutes after the morning.
  func request(_ scope: ReportScope = .factory("F001"), minutes: Int64 = 60) -> ReportRequest {
    let asOf = morning + .minutes(minutes)
    return ReportRequest(
      on: scope, over: Period(endingAt: asOf, calendar: settings.settings.district.calendar), asOf: asOf,
      now: morning + .days(1))
  }

  func json(_ request: ReportRequest) throws -> String {
    JSONRenderer(pretty: false).render(try service.report(for: request))
  }
}

@Suite("Report service") struct ReportServiceTests {
  @Test("A report is computed once for a state of the store, and anew after a fold or an import")
  func versions() throws {
    let office = try Office()
    try office.importRegister(["E1", "E2"])
    try office.collect("E1", 0)
    let first = try office.json(office.request())
    #expect(try office.json(office.request()) == first)
    #expect(office.service.computations == 1)
    // Another request is another report.
    #expect(try office.json(office.request(.district)) != first)
    #expect(try office.json(office.request(minutes: 61)) != first)
    #expect(office.service.computations == 3)
    #expect(try office.json(office.request()) == first)
    #expect(office.service.computations == 3)
    // A window is folded.
    try office.collect("E2", 60)
    let second = try office.json(office.request())
    #expect(second != first)
    #expect(try office.json(office.request()) == second)
    #expect(office.service.computations == 4)
    // A register is imported.
    try office.importRegister(["E1", "E2", "E3"])
    let third = try office.json(office.request())
    #expect(third != second)
    #expect(try office.json(office.request()) == third)
    #expect(office.service.computations == 5)
    // What a command makes, without anything kept, is the same byte for byte.
    let fresh = ReportService(office.settings.settings, store: office.store, version: "1.2.3")
    #expect(JSONRenderer(pretty: false).render(try fresh.report(for: office.request())) == third)
  }

  @Test("Only so many reports are kept, and those used longest ago go first") func bounded() throws {
    let office = try Office()
    try office.importRegister(["E1"])
    try office.collect("E1", 0)
    for minutes in 1...Int64(ReportService.capacity) { _ = try office.json(office.request(minutes: minutes)) }
    #expect(office.service.computations == 64)
    _ = try office.json(office.request(minutes: 1))
    #expect(office.service.computations == 64)
    _ = try office.json(office.request(minutes: 65))
    #expect(office.service.computations == 65)
    // The first was used last; the second has gone.
    _ = try office.json(office.request(minutes: 1))
    #expect(office.service.computations == 65)
    _ = try office.json(office.request(minutes: 2))
    #expect(office.service.computations == 66)
  }

  @Test(
    "Many threads that ask for the same get the same, computed once; those that ask for others do not wrong it"
  )
  func threads() throws {
    let office = try Office()
    try office.importRegister(["E1", "E2"])
    try office.collect("E1", 0)
    let expected = try (0..<3).map { try office.json(office.request(minutes: 60 + $0)) }
    let fresh = ReportService(office.settings.settings, store: office.store, version: "1.2.3")
    let requests = (0..<3).map { office.request(minutes: 60 + $0) }
    let found = Mutex<[Int: Set<String>]>([:])
    DispatchQueue.concurrentPerform(iterations: 24) { index in
      let text =
        (try? fresh.report(for: requests[index % 3])).map { JSONRenderer(pretty: false).render($0) } ?? "none"
      found.withLock { _ = $0[index % 3, default: []].insert(text) }
    }
    #expect(found.withLock { $0 } == [0: [expected[0]], 1: [expected[1]], 2: [expected[2]]])
    #expect(fresh.computations == 3)
  }

  @Test("An error is nobody's report: it is thrown again, and goes when its cause does") func errors() throws
  {
    let office = try Office()
    try office.importRegister(["E1"])
    // Before anything was collected there is a report of the register alone.
    _ = try office.json(office.request())
    try office.collect("E1", 0)
    for _ in 0..<2 {
      #expect(throws: ReportError.self) { try office.json(office.request(.factory("F009"))) }
    }
    #expect(office.service.computations == 3)
    _ = try office.json(office.request())
    #expect(office.service.computations == 4)
  }

  @Test("The period before is read for a factory, and for a district only if days were asked for")
  func previous()
    throws
  {
    let office = try Office()
    try office.importRegister(["E1"])
    try office.collect("E1", 0)
    func previous(from first: String, to last: String) -> String {
      #""previous_period":{"from":"\#(first)","to":"\#(last)","absent":"insufficient_now"}"#
    }
    let none = "\"previous_period\":null"
    for scope in [ReportScope.factory("F001"), .workshop(factory: "F001", "W01")] {
      #expect(try office.json(office.request(scope)).contains(previous(from: "2026-09-24", to: "2026-10-23")))
    }
    #expect(try office.json(office.request(.district)).contains(none))
    var month = office.request(.district)
    let first = try #require(CalendarDay("2026-11-01"))
    month.period = Period(
      from: first, to: first + 29, calendar: month.period.calendar, now: morning + .days(20))
    (month.asOf, month.now) = (month.period.asOf, morning + .days(20))
    #expect(try office.json(month).contains(previous(from: "2026-10-01", to: "2026-10-31")))
    month.readsPrevious = false
    #expect(try office.json(month).contains(none))
  }

  @Test("A factory's report of a set as of an instant is the one by itself, with changes and trend")
  func setOfInstant() throws {
    let office = try Office()
    try office.importRegister(["E1"])
    try office.collect("E1", 0)
    var (set, alone) = (office.request(.district), office.request())
    (set.trend, alone.trend) = (.limited, .limited)
    let reports = try office.service.reports(for: set)
    let factory = JSONRenderer().render(try reports.report(onFactory: "F001"))
    #expect(factory == (try office.json(alone)))
    #expect(
      factory.contains(
        #""previous_period":{"from":"2026-09-24","to":"2026-10-23","absent":"insufficient_now"}"#))
    #expect(factory.contains(#""trend":{"unit":"day","left_out":0,"steps":[]}"#))
    // The district has no changes in a report of an instant, also in a set.
    #expect(JSONRenderer().render(reports.district).contains("\"previous_period\":null"))
    #expect(try office.json(office.request()).contains("\"trend\":null"))
  }

  @Test("Views that were computed anew are read from then on") func rebuilt() throws {
    let office = try Office()
    try office.importRegister(["E1"])
    try office.collect("E1", 0)
    let before = try office.json(office.request())
    let views = office.store.views
    // The file is another one with the same content.
    _ = try ViewsReader(office.store).copy(to: views + ".copy")
    for ending in ["-wal", "-shm"] { unlink(views + ending) }
    #expect(rename(views + ".copy", views) == 0)
    #expect(try office.json(office.request()) == before)
    #expect(office.service.computations == 2)
  }
}
