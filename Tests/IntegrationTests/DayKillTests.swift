import Foundation
import SQLiteStore
import Telemetry
import Testing
import TestSupport

/// Every system call of each kind, instead of some of them.
private let isThorough = ProcessInfo.processInfo.environment["DAY_KILL_TEST_ALL"] != nil

@Suite("Killing the collector while it keeps days", .serialized) struct DayKillTests {
  /// A system call at whose n-th time the collector is killed, before it is made.
  struct Kill: CustomTestStringConvertible, Sendable {
    var call: String
    var when: Int
    var testDescription: String { "\(call) \(when)" }
  }

  private static let kills: [Kill] = [
    ("rename", isThorough ? Array(1...6) : [1, 4, 6]),
    ("unlink", isThorough ? Array(1...60) : [1, 9, 25, 37, 38, 39, 45]),
    ("fsync", isThorough ? Array(1...12) : [1, 5, 7, 8]),
    ("fdatasync", isThorough ? Array(1...90) : [2, 6, 11, 17, 24, 32, 41, 51, 62]),
  ].flatMap { call, times in times.map { Kill(call: call, when: $0) } }

  @Test("Wherever it falls, nothing is lost, no figure changes, and the next start finishes the work")
  func killed() throws {
    let site = try Installation(journal: "{ retention: 3d, compact_after: 0s }")
    let first = StoredDays.calendar.day(at: Timestamp(milliseconds: now())) - 6
    try StoredDays(site.directory, first: first, days: 6).collect(nil)
    try site.importRegister(equipment: StoredDays.equipment, factories: StoredDays.factories)
    let known = "\(first + 7)"
    func report() throws -> String {
      let report = try site.millwright(
        "report", "factory", "F001", "--from", "\(first)", "--to", "\(first + 5)", "--known-at", known,
        "--format",
        "json")
      return report.output.components(separatedBy: "\"provenance\"")[0]
    }
    let expected = try report()
    #expect(expected.contains("\"repairs_pending\":0"))
    let template = site.folder.file("template")
    try FileManager.default.copyItem(atPath: site.directory.path, toPath: template)
    var fallen = 0
    for kill in Self.kills {
      try FileManager.default.removeItem(atPath: site.directory.path)
      try FileManager.default.copyItem(atPath: template, toPath: site.directory.path)
      try site.startCollector(
        behind: [
          "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(kill.call)", "-e",
          "inject=\(kill.call):signal=KILL:when=\(kill.when)",
        ], awaitConnection: false)
      let isOver = waitUntil(600) { site.waitForEnd(0.01) || isKept(site) }
      #expect(isOver, "\(kill.testDescription)")
      if site.waitForEnd(0) { fallen += 1 }
      site.kill()
      let verified = try site.millwright("journal", "verify")
      #expect(verified.status == 0, "\(kill.testDescription): \(verified.errors)")
      let afterKill = try report()
      #expect(afterKill == expected, "\(kill.testDescription)")
      try site.startCollector()
      #expect(waitUntil(600) { isKept(site) }, "\(kill.testDescription)")
      try site.stopCollector()
      let rebuilt = try site.millwright("rebuild", "--verify")
      #expect(rebuilt.status == 0, "\(kill.testDescription): \(rebuilt.output)\(rebuilt.errors)")
      let afterwards = try report()
      #expect(afterwards == expected, "\(kill.testDescription)")
      #expect(try DayRootStore(site.directory).all().map(\.root.day) == (0..<6).map { first + $0 })
    }
    print("\(Self.kills.count) kills asked for, \(fallen) fell before the work was done")
    #expect(fallen >= Self.kills.count * 2 / 3)
  }

  /// Whether everything is done: three closed days and today's are left, and nothing of making them.
  private func isKept(_ site: Installation) -> Bool {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: site.directory.journal)) ?? []
    return files.count { $0.hasSuffix(".sqlite") } == 4 && !files.contains { $0.contains(".compacting") }
  }
}
