import Configuration
import Foundation
import Ingestion
import MQTT
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry
import TestSupport
import Web

/// 2026-11-22T08:00:00+08:00.
let morning = Timestamp(milliseconds: 1_795_305_600_000)

/// A store with a register and messages, and a site of it with a clock of its own.
final class Office {
  let folder: TemporaryDirectory
  let store: StoreDirectory
  let settings: CollectorSettings
  let site: WebSite
  private var views: (any ShardStore)?
  private var shard: Shard?

  /// - Parameters:
  ///   - policy: the file of a policy that figures are held against; nil for none.
  ///   - more: further lines of the configuration.
  init(_ more: String = "", policy: String? = nil) throws {
    folder = try TemporaryDirectory("web")
    if let policy {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/policies", withIntermediateDirectories: false)
      try Data(policy.utf8).write(to: URL(fileURLWithPath: folder.path + "/policies/mine.yaml"))
    }
    store = StoreDirectory(folder.path + "/store")
    settings = try CollectorSettings.parse(
      """
      district: { id: test, name_zh: 测试园区, name_en: "Test <District>", timezone: Asia/Shanghai }
      store: sqlite:store
      policies: \(policy == nil ? "[]" : "[mine]")
      \(more)
      """, file: folder.file("millwright.yaml"))
    site = try WebSite(
      settings.settings, store: store, version: "1.2.3",
      downloads: [
        .init(ending: "json", mediaType: "application/json") { report, _ in
          Array(JSONRenderer().render(report).utf8)
        }
      ], now: { morning + .minutes(10) })
  }

  deinit { views?.release() }

  /// Collects a message, and folds it.
  func collect(_ topic: String, _ payload: String, _ seconds: Int64) throws {
    if shard == nil {
      let views = try store.shard(
        .embedded, ShardOptions(calendar: settings.settings.district.calendar, horizonMinimum: .minutes(15)))
      let shard = try Shard(store: views, settings: settings.shard, register: { [] }, emit: { _ in })
      try shard.connected(sessionPresent: false, at: (morning - .minutes(5)).milliseconds)
      (self.views, self.shard) = (views, shard)
    }
    var window = Window()
    var (topic, payload) = (topic, payload)
    topic.withUTF8 { topic in
      payload.withUTF8 { payload in
        window.append(
          topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
          receivedAt: (morning + .seconds(seconds)).milliseconds, retained: false, packetID: 0)
      }
    }
    try shard?.commit(&window)
    try shard?.finish()
  }

  func status(_ factory: String, _ equipment: String, _ seconds: Int64) throws {
    let at = (morning + .seconds(seconds)).milliseconds
    try collect("factory/\(factory)/W01/\(equipment)/status", "{\"ts\":\(at),\"state\":\"running\"}", seconds)
  }

  /// Two factories with two machines each; one machine of F001 reports, and one message of F002 is refused.
  func fill() throws {
    try register()
    try status("F001", "E1", 0)
    try collect("factory/F002/W01/E1/status", "{\"ts\":1", 60)
  }

  /// Imports the first of two factories, or both, with two machines each.
  func register(factories number: Int = 2) throws {
    let factories = [
      RegisteredFactory(id: "F001", nameChinese: "渝北精密机械厂", nameEnglish: "Yubei <Precision>", industry: "机械"),
      RegisteredFactory(id: "F002", nameChinese: "两江齿轮厂", nameEnglish: "Liangjiang Gears", industry: "汽车"),
    ].prefix(number)
    let equipment = factories.flatMap { factory in
      ["E1", "E2"].map { id in
        RegisteredEquipment(
          key: EquipmentKey(factory: factory.id, equipment: id), workshop: "W01",
          name: "\(id) & \(factory.id)",
          category: "cnc", automation: .automatic, digital: true, connectable: true)
      }
    }
    _ = try store.registerWriter().importSnapshot(
      RegisterRows(factories: Array(factories), equipment: equipment),
      effectiveOn: settings.settings.district.calendar.day(at: morning) - 40, importedAt: morning - .days(1),
      equipmentFile: RegisterFile(name: "e.csv", bytes: []), factoriesFile: nil)
  }

  func answer(_ target: String, as viewer: Viewer = .district, headers: [String: String] = [:]) -> WebResponse
  {
    WebRoutes(
      routes: site.routes(), authorize: { _ in .allowed(viewer) },
      errors: ErrorPages { problem, _ in "problem \(problem.status) \(problem.detail.english)" }
    ).respond(to: WebRequest(target: target, headers: headers))
  }
}
