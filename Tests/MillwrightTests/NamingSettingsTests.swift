import Configuration
import Decoding
import Foundation
import Register
import Telemetry
import TestSupport
import Testing

@Suite("The naming file of a configuration") struct NamingSettingsTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("naming") }

  private func settings(_ naming: String = "naming.csv") throws -> CollectorSettings {
    try CollectorSettings.parse(
      """
      district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
      store: sqlite:/var/lib/millwright
      naming: \(naming)
      """, file: folder.file("millwright.yaml"))
  }

  private func problems(_ naming: String = "naming.csv") -> [String] {
    do {
      _ = try settings(naming)
      return []
    } catch let error as SettingsErrors {
      return error.problems.map { $0.description.replacing(folder.path + "/", with: "") }
    } catch { return ["\(error)"] }
  }

  @Test("It is found beside the configuration, and its names are part of the rules") func names() throws {
    try folder.write("naming.csv", "上报企业,上报设备,企业编号,资产编号\n一厂,车床 1,F001,E1\n")
    let rules = try settings().shard.rules
    let expected = try Naming([
      Naming.Entry(.published(factory: "一厂", equipment: "车床 1"), factory: "F001", equipment: "E1")
    ])
    #expect(rules.naming == expected)
    #expect(try DecodingRules(text: rules.text) == rules)
    #expect(try settings("~").shard.rules.naming == .none)
  }

  @Test("A reload takes the file as it is then") func reload() throws {
    try folder.write("naming.csv", Naming.headings + "\nF001,E1,,,,,,,,SN1\n")
    let before = try settings()
    try folder.write("naming.csv", Naming.headings + "\nF001,E2,,,,,,,,SN1\n")
    let merged = try before.reloading(try settings())
    #expect(merged.shard.naming.entries.map(\.csv) == ["F001,E2,,,,,,,,SN1"])
    #expect(try before.reloading(try settings("~")).shard.naming == .none)
    #expect(before.keysNeedingRestart(in: try settings("~")) == [])
  }

  @Test("What is wrong with it is an error of the configuration, with line and column") func wrong() throws {
    #expect(
      problems() == [
        "millwright.yaml:3:9: naming: cannot read naming.csv: No such file or directory"
      ])
    // Text that is as likely in one encoding as in the other.
    try folder.write("naming.csv", "factory_id,equipment_id,serial\nF1,E1,λ1\n")
    #expect(
      problems() == [
        "naming.csv: UTF-8 and GB18030 are equally plausible; name one with --encoding utf-8 or --encoding gb18030",
        "naming: save the file as UTF-8 with a byte order mark ('CSV UTF-8')",
      ])
    try folder.write("naming.csv", Naming.headings + "\nF 1,E1,一厂,1\nF001,E2,一厂,2\nF001,E3,一厂,2\n")
    #expect(
      problems() == [
        "naming.csv:2:factory_id (column 1): 'F 1' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -",
        "naming.csv:4:published_equipment (column 4): line 3 has the same name",
      ])
  }

  @Test("Names that are too long together are refused in both languages") func tooLong() throws {
    let lines = (0..<30_000).map { "F,E,,,,,,,,\($0)" + String(repeating: "x", count: 180) }
    let file = RegisterFile(
      name: "naming.csv", bytes: Array(([Naming.headings] + lines).joined(separator: "\n").utf8))
    let error = #expect(throws: RegisterProblems.self) { try Naming(file) }
    #expect(
      error?.lines() == [
        "naming.csv: the names are longer than 4 MiB together; shorten them or remove rows"
      ])
    #expect(error?.lines(inChinese: true) == ["naming.csv：名称总长超过 4 MiB；请缩短名称或删减行"])
  }

  @Test("The shipped example is a naming file, whose lines are written as entries write them")
  func example() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Config/naming.csv").path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let naming = try Naming(RegisterFile(name: path, bytes: Array(text.utf8)))
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.first == Naming.headings)
    #expect(naming.entries.map(\.csv).sorted() == lines.dropFirst().sorted())
  }

  @Test("A line of an entry is read as the entry, whatever its name has") func lines() throws {
    let entries = [
      Naming.Entry(.published(factory: "=1", equipment: "a,\"b\""), factory: "F", equipment: "E1"),
      Naming.Entry(
        .published(factory: "一厂", workshop: "W", line: "L", equipment: "-1"), factory: "F", equipment: "E2"),
      Naming.Entry(.sparkplug(group: "G", edge: "", device: ""), factory: "F"),
    ]
    let text = ([Naming.headings] + entries.map(\.csv)).joined(separator: "\n")
    let naming = try Naming(RegisterFile(name: "naming.csv", bytes: Array(text.utf8)))
    #expect(naming == (try Naming(entries)))
  }
}
