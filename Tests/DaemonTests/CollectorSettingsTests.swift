import Configuration
import Foundation
import Testing
import TestSupport

@Suite("Configuration of a collector") struct CollectorSettingsTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("settings") }

  /// What is wrong with a configuration, as printed; file names without the folder.
  private func problems(_ more: String, mqtt: String = "") -> [String] {
    let text = """
      district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
      mqtt: { port: 1883\(mqtt) }
      store: sqlite:store
      \(more)
      """
    do throws(SettingsErrors) {
      _ = try CollectorSettings.parse(text, file: folder.file("millwright.yaml"))
      return []
    } catch {
      #expect(!error.isMissingFile)
      return error.problems.map { $0.description.replacing(folder.path + "/", with: "") }
    }
  }

  @Test("Everything wrong is found at once, also in files that it names, in the order of the file")
  func all() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("policies"), withIntermediateDirectories: true)
    try folder.write("policies/half.yaml", "title_zh: 1\n")
    try folder.write("actions.yaml", "rules: [{ nam: x }]\n")
    try folder.write("password", "secret\n", mode: 0o644)
    let found = problems(
      """
      policies: [half, nowhere]
      sources:
        - { format: presett, topic: "factory/{factory}/{equipment}" }
      log: { level: loud }
      """, mqtt: ", username: u, password_file: password, tls: { ca_file: ca.pem }")
    #expect(found.count > 10)
    #expect(
      found[0...4].map { $0 } == [
        "millwright.yaml:2:49: mqtt.password_file: password file password has mode 0644: others can read it; run chmod 600 on it",
        "millwright.yaml:2:75: mqtt.tls.ca_file: cannot read ca.pem: No such file or directory",
        "millwright.yaml:4:11: policies: there is no policy 'nowhere'; 'millwright policy list' shows those there are",
        "millwright.yaml:6:15: sources[0].format must be one of status, presence, json, values, line_protocol, csv, pubsub, mtconnect, sparkplug, not 'presett'",
        "millwright.yaml:7:15: log.level must be one of trace, debug, info, notice, warning, error, critical, not 'loud'",
      ])
    #expect(found.contains { $0.hasPrefix("policies/half.yaml:1:11: title_zh must be text") })
    #expect(found.contains { $0.hasPrefix("actions.yaml:1:11: unknown key 'nam' in rules[0]") })
  }

  @Test("A configuration whose files are as they should be has none") func none() throws {
    try folder.write("password", "secret\n")
    let text = """
      district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
      mqtt: { username: u, password_file: password }
      store: sqlite:store
      """
    let settings = try CollectorSettings.parse(text, file: folder.file("millwright.yaml"))
    #expect(settings.password == "secret")
    #expect(settings.shard.sources.count == 2)
    #expect(settings.endpoint(clientID: "x").username == "u")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["password"])
  }
}
