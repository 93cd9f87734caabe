import Aggregation
import Decoding
import Foundation
import Ingestion
import MQTT
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry
import Testing
import TestSupport

@Suite("An edge node's death in a report") struct SparkplugIncidentTests {
  private static let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc

  private static func instant(_ text: String) throws -> Timestamp {
    try #require(Timestamp("2026-11-20T\(text):00+08:00"))
  }

  /// A host over a store on the disk, that hears two edge nodes: W01 with M1 and M2, and W02 with M3.
  private final class Site {
    let temporary: TemporaryDirectory
    let directory: StoreDirectory
    let store: SQLiteShardStore
    let shard: Shard
    let host: SparkplugHost

    init() throws {
      temporary = try TemporaryDirectory("incident")
      directory = StoreDirectory(temporary.path + "/store")
      var problems: [SettingsProblem] = []
      let source = try #require(SourceFormats.source(["format": "sparkplug"], name: "s", &problems))
      store = SQLiteShardStore(directory: directory, calendar: calendar, horizonMinimum: .minutes(15))
      store.keepsDaysWhenIdle = false
      shard = try Shard(
        store: store,
        settings: ShardSettings(sources: [source], calendar: calendar, formats: SourceFormats.catalog),
        repairsFrom: directory, register: { [] }, emit: { _ in })
      host = SparkplugHost(
        SparkplugSession.Settings(hostID: "millwright"), shard: shard, publish: { _ in 1 })
    }

    deinit { store.release() }

    func connect(at time: Timestamp) throws {
      try shard.connected(sessionPresent: true, at: time.milliseconds)
      _ = host.will(connecting: time.milliseconds)
      try host.connected(sessionPresent: false, at: time.milliseconds)
    }

    func hears(_ topic: String, at time: Timestamp, seq: UInt8?, _ metrics: [[UInt8]]) throws {
      var window = Window()
      var topic = "spBv1.0/F001/" + topic
      let payload = SparkplugMessage.payload(at: time.milliseconds, seq: seq, metrics)
      topic.withUTF8 { topic in
        payload.withUnsafeBytes {
          window.append(
            topic: UnsafeRawBufferPointer(topic), payload: $0, receivedAt: time.milliseconds, retained: false)
        }
      }
      try host.commit(&window)
    }

    func births(_ edge: String, _ devices: [String], session: UInt64, at time: Timestamp) throws {
      try hears("NBIRTH/\(edge)", at: time, seq: 0, [SparkplugMessage.session(session)])
      for (place, device) in devices.enumerated() {
        let state = SparkplugMessage.text("Status/State", alias: UInt64(place), "running")
        try hears("DBIRTH/\(edge)/\(device)", at: time, seq: UInt8(place + 1), [state])
      }
    }

    func register(at time: Timestamp) throws {
      let equipment = RegisterFile(
        name: "equipment.csv",
        bytes: Array(
          """
          equipment_id,factory_id,workshop,gateway
          M1,F001,W01,G1
          M2,F001,W01,G1
          M3,F001,W02,G2

          """.utf8))
      let factories = RegisterFile(
        name: "factories.csv", bytes: Array("factory_id,name_zh\nF001,示例厂\n".utf8))
      let store = try RegisterStore.open(directory: directory.path, readOnly: false)
      let rows = try RegisterRows.read(
        equipment: equipment, factories: factories, stored: try store.factoryIDs())
      try store.importSnapshot(
        rows, effectiveOn: calendar.day(at: time), importedAt: time, equipmentFile: equipment,
        factoriesFile: factories)
    }

    /// Incidents of gateways in the factory's report of the day, as it is made the day after.
    func incidents() throws -> [Incident] {
      try shard.repairAll()
      guard waitUntil(600, { !store.isTidying }) else { throw SupportError("days are kept for ever") }
      let day = calendar.day(at: try instant("08:00"))
      let now = try instant("08:00") + .hours(24)
      let period = Period(from: day, to: day, calendar: calendar, now: now)
      let scope = try #require(ReportScope(kind: "factory", path: "F001"))
      let assessment = try AssessmentReading(
        store: directory, calendar: calendar, rules: PresenceRules(), knownAt: nil, now: now, fold: nil
      ).assessment(
        of: scope.factory, asOf: period.asOf, over: period, keeping: .details(.factory))
      let report = try Report(
        on: scope, of: assessment, district: DistrictIdentity(id: "park"), version: "0.1.0")
      let text = JSONRenderer().render(report)
      return try JSONDecoder().decode(Answer.self, from: Data(text.utf8)).details.gateway_incidents
    }
  }

  private struct Incident: Decodable, Equatable {
    var gateway: String
    var from: String
    var to: String?
    var equipment: [String]
  }

  private struct Answer: Decodable {
    struct Details: Decodable { var gateway_incidents: [Incident] }
    var details: Details
  }

  @Test("The node's death is one incident of the machines behind its gateway, up to its next birth")
  func incident() throws {
    let site = try Site()
    try site.register(at: try Self.instant("07:00"))
    try site.connect(at: try Self.instant("08:00"))
    try site.births("W01", ["M1", "M2"], session: 4, at: try Self.instant("08:01"))
    try site.births("W02", ["M3"], session: 4, at: try Self.instant("08:01"))
    try site.hears(
      "NDEATH/W01", at: try Self.instant("10:30"), seq: nil, [SparkplugMessage.session(4)])
    try site.births("W01", ["M1", "M2"], session: 5, at: try Self.instant("11:30"))
    try site.shard.tick(now: try Self.instant("23:59").milliseconds)
    #expect(
      try site.incidents() == [
        Incident(
          gateway: "G1", from: "2026-11-20T10:30:00.000+08:00", to: "2026-11-20T11:30:00.000+08:00",
          equipment: ["M1", "M2"])
      ])
  }
}
