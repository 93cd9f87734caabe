import Aggregation
import Configuration
import Decoding
import Foundation
import Ingestion
import millwright
import MQTT
import Register
import Reporting
import SQLiteStore
import Storage
import Telemetry
import TestSupport

/// Lets a story happen to the product: its register and calendar commands' readers and stores, a shard over
/// a store on the disk, and the report as a command makes it.
final class ExampleRun {
  private let folder: URL
  private let temporary: TemporaryDirectory
  private let directory: StoreDirectory
  private let calendar = LocalCalendar(identifier: "Asia/Shanghai") ?? .utc
  private var store: SQLiteShardStore
  private var shard: Shard
  private var rest: ArraySlice<(at: Timestamp, event: Story.Event)>

  init(_ folder: URL) throws {
    self.folder = folder
    temporary = try TemporaryDirectory("example")
    directory = StoreDirectory(temporary.path + "/store")
    let text = try String(contentsOf: folder.appending(path: "events.txt"), encoding: .utf8)
    rest = try Story(text, calendar: calendar).events[...]
    (store, shard) = try Self.claim(directory, calendar)
  }

  deinit { store.release() }

  /// A report as JSON, made at `at` of everything that had happened by then.
  func report(_ request: Request) throws -> String {
    let now = try instant(request.at)
    while let next = rest.first, next.at <= now { try proceed(next.at) }
    if request.unrepaired == true { try shard.finish() } else { try shard.repairAll() }
    // A report names the newest closed day: none may be about to close.
    guard waitUntil(600, { !store.isTidying }) else { throw SupportError("days are kept for ever") }
    let words = request.report.split(separator: " ").map(String.init)
    guard let scope = ReportScope(kind: words[0], path: words.count > 1 ? words[1] : "") else {
      throw Story.Mistake(description: "'\(request.report)' names no report")
    }
    let period = try period(request, now)
    let assessment = try AssessmentReading(
      store: directory, calendar: calendar, rules: PresenceRules(),
      knownAt: try request.known_at.map(instant), now: now, fold: fold()
    ).assessment(of: scope.factory, asOf: period.asOf, over: period)
    let report = try Report(
      on: scope, of: assessment, district: DistrictIdentity(id: "park"), version: "0.1.0",
      forms: try request.form.map { [try FormFile.named($0, besides: Self.configuration, asked: "form")] }
        ?? [])
    return JSONRenderer().render(report)
  }

  /// The shipped configuration, beside which the shipped forms are.
  private static let configuration =
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/Config/millwright.yaml"

  private func fold() throws -> CutDays.Fold {
    let settings = try Self.settings(calendar)
    let directory = directory
    return { try CutDayFold(settings: settings, directory).fold($0, on: $1, until: $2, through: $3) }
  }

  private func period(_ request: Request, _ now: Timestamp) throws -> Period {
    if let asOf = request.as_of { return Period(endingAt: try instant(asOf), calendar: calendar, now: now) }
    guard let from = request.from.flatMap({ CalendarDay($0) }),
      let to = request.to.flatMap({ CalendarDay($0) })
    else { throw Story.Mistake(description: "a report needs as_of, or from and to") }
    return Period(from: from, to: to, calendar: calendar, now: now)
  }

  private func instant(_ text: String) throws -> Timestamp {
    guard let instant = Timestamp(text.replacing(" ", with: "T") + "+08:00") else {
      throw Story.Mistake(description: "'\(text)' is not an instant such as 2026-11-20 08:00:00")
    }
    return instant
  }

  // MARK: What happens

  private static func claim(
    _ directory: StoreDirectory, _ calendar: LocalCalendar
  ) throws -> (SQLiteShardStore, Shard) {
    let store = SQLiteShardStore(directory: directory, calendar: calendar, horizonMinimum: .minutes(15))
    store.keepsDaysWhenIdle = false
    let shard = try Shard(
      store: store, settings: try settings(calendar), repairsFrom: directory, register: { [] },
      emit: { _ in })
    return (store, shard)
  }

  private static func settings(_ calendar: LocalCalendar) throws -> ShardSettings {
    ShardSettings(
      sources: [
        Source(.status, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/status")),
        Source(.presence, template: try TopicTemplate("factory/{factory}/{workshop}/{equipment}/connection")),
      ], calendar: calendar)
  }

  /// What happens at one instant: messages that come together are one window.
  private func proceed(_ at: Timestamp) throws {
    var window = Window()
    while let next = rest.first, next.at == at {
      rest = rest.dropFirst()
      if case .message(var topic, var payload, let retained) = next.event {
        topic.withUTF8 { topic in
          payload.withUTF8 { payload in
            window.append(
              topic: UnsafeRawBufferPointer(topic), payload: UnsafeRawBufferPointer(payload),
              receivedAt: at.milliseconds, retained: retained)
          }
        }
        continue
      }
      if window.count > 0 { try shard.commit(&window) }
      window = Window()
      try apply(next.event, at)
    }
    if window.count > 0 { try shard.commit(&window) }
  }

  private func apply(_ event: Story.Event, _ at: Timestamp) throws {
    switch event {
    case .message: break
    case .connected(let resumed): try shard.connected(sessionPresent: resumed, at: at.milliseconds)
    case .observed: try shard.tick(now: at.milliseconds)
    case .disconnected: shard.disconnected(reason: .closed("the network"), at: at.milliseconds)
    case .killed:
      store.release()
      (store, shard) = try Self.claim(directory, calendar)
    case .register(let equipment, let factories, let effective, let retires):
      try importRegister(equipment, factories, effective, retires, at)
    case .calendar(let name):
      let register = try RegisterStore.open(directory: directory.path, readOnly: false)
      let source = try file(name)
      let entries = try CalendarEntry.read(
        source, factories: try register.factoryIDs(), calendar: calendar)
      try register.importCalendar(entries, from: source, at: at)
    }
  }

  private func importRegister(
    _ equipment: String, _ factories: String?, _ effective: CalendarDay, _ retires: Bool, _ at: Timestamp
  ) throws {
    let register = try RegisterStore.open(directory: directory.path, readOnly: false)
    let equipmentFile = try file(equipment)
    let factoriesFile = try factories.map(file)
    var rows = try RegisterRows.read(
      equipment: equipmentFile, factories: factoriesFile, stored: try register.factoryIDs())
    if retires {
      let before = try register.snapshot(day: effective)
      rows = rows.retiring(RegisterDiff(before: before, rows: rows).absent, on: effective)
    }
    try register.importSnapshot(
      rows, effectiveOn: effective, importedAt: at, equipmentFile: equipmentFile,
      factoriesFile: factoriesFile)
  }

  private func file(_ name: String) throws -> RegisterFile {
    RegisterFile(name: name, bytes: [UInt8](try Data(contentsOf: folder.appending(path: name))))
  }
}

/// One report of an example and what it must say.
struct Request: Decodable {
  /// As on the command line: `factory F001`.
  var report: String
  /// A shipped form to fill in.
  var form: String?
  /// When it is made, by the clock of the story.
  var at: String
  /// First and last day of the period; or the instant the figures hold for, with the 30 days before it.
  var from: String?
  var to: String?
  var as_of: String?
  var known_at: String?
  /// Whether late records still wait to be taken into account.
  var unrepaired: Bool?
  /// A name to refer to it by.
  var name: String?
  /// The report of that name, which this one must repeat byte for byte.
  var same_as: String?
  var expected: Value?
}
