import Alerts
import Configuration
import Foundation
import Logging
import Synchronization
import Testing
import TestSupport

/// Lines of a log: level and text.
private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }

  var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

  func add(_ line: String) { lines.withLock { $0.append(line) } }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level): \(event.message)") }
  }
}

@Suite("Rules that are read again") struct RuleSourceTests {
  private let folder: TemporaryDirectory
  private let lines = Lines()

  init() throws { folder = try TemporaryDirectory("rules") }

  /// Writes a rules file with one rule. A file of another size has another stamp, however fast the writing is.
  private func write(_ name: String, kind: String = "observation_gap") throws {
    try folder.write("alerts.yaml", "rules: [{ name: \(name), kind: \(kind), for: 5m }]\n")
  }

  private func source() throws -> AlertRuleSource? {
    try AlertRuleSource(
      try Sample.settings("alerts: { rules_file: alerts.yaml }", file: folder.file("millwright.yaml")),
      log: lines.logger)
  }

  @Test("A changed file is read once, and its rules apply") func changed() throws {
    try write("one")
    let source = try #require(try source())
    #expect(source.current.rules.rules.map(\.name) == ["one"] && lines.all.isEmpty)
    try write("other")
    #expect(source.current.rules.rules.map(\.name) == ["other"] && source.current.errors == nil)
    #expect(lines.all == ["notice: the rules of alerts were read again"])
  }

  @Test("A file with errors, or without a file, leaves the earlier rules, and the log says so once")
  func errors()
    throws
  {
    try write("one")
    let source = try #require(try source())
    try write("other", kind: "nonsense")
    for _ in 0..<3 {
      #expect(source.current.rules.rules.map(\.name) == ["one"])
      #expect(source.current.errors?.problems.count == 1)
    }
    #expect(lines.all.count == 1)
    #expect(
      lines.all[0].hasPrefix(
        "error: the changed rules of alerts have errors; the earlier rules apply until the file is corrected: \(folder.file("alerts.yaml")):1:"
      ))
    try FileManager.default.removeItem(atPath: folder.file("alerts.yaml"))
    #expect(source.current.rules.rules.map(\.name) == ["one"])
    #expect(
      source.current.errors?.problems.first?.chineseDescription
        == "\(folder.file("millwright.yaml")) 第 3 行第 23 列：alerts.rules_file：\(folder.file("alerts.yaml"))：文件不存在"
    )
    #expect(source.current.errors != nil && lines.all.count == 2)
    try write("corrected")
    #expect(source.current.errors == nil && source.current.rules.rules.map(\.name) == ["corrected"])
    #expect(lines.all.count == 3)
  }

  @Test("A file that is there and is no text is not called missing") func unreadable() throws {
    try write("one")
    let source = try #require(try source())
    let file = folder.file("alerts.yaml")
    try Data([0xFF, 0xFE, 0x00]).write(to: URL(filePath: file))
    #expect(source.current.rules.rules.map(\.name) == ["one"])
    #expect(
      source.current.errors?.description
        == "\(file): cannot be read as UTF-8; check its permissions, or save it as UTF-8")
    #expect(source.current.errors?.chineseDescription == "\(file)：无法按 UTF-8 读取；请检查访问权限，或另存为 UTF-8 编码")
  }

  @Test("A reload reads the file again, also if only a policy that it names has changed") func reload() throws
  {
    func policy(_ share: Int) throws {
      try folder.write(
        "own.yaml",
        """
        title_zh: 题
        title_en: T
        issuing_body_zh: 部
        issuing_body_en: B
        date: 2026-11-22
        source: s
        note_zh: 注
        note_en: N
        rules: [{ metric: networked_ratio, at_least: \(share) }]

        """)
    }
    try policy(50)
    try folder.write(
      "alerts.yaml", "rules: [{ name: risk, kind: policy_at_risk, policy: own.yaml }]\n")
    let source = try #require(try source())
    let before = source.current.rules
    try policy(60)
    #expect(source.current.rules == before && lines.all.isEmpty)
    source.reload()
    #expect(source.current.rules != before && lines.all == ["notice: the rules of alerts were read again"])
  }

  @Test("Without a rules file there is no source, and one with errors does not begin") func beginning() throws
  {
    #expect(try AlertRuleSource(try Sample.settings(), log: lines.logger) == nil)
    try write("one", kind: "nonsense")
    #expect(throws: SettingsErrors.self) { try source() }
  }
}
