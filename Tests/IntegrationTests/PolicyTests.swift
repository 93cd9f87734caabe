import Foundation
import TestSupport
import Testing

/// Reports held against policies, as a user asks for them: of a register alone, without collector or broker.
@Suite("Policies of a report") struct PolicyTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory("policies")
    try configure("")
    let equipment = try folder.write(
      "equipment.csv",
      """
      equipment_id,factory_id,workshop,automation,digital,connectable
      E1,F001,W01,automatic,yes,yes
      E2,F001,W01,manual,no,no
      """)
    let factories = try folder.write("factories.csv", "factory_id,name_zh\nF001,测试厂\n")
    let imported = try millwright("register", "import", equipment, "--factories", factories)
    #expect(imported.status == 0, "\(imported.errors)")
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("policies"), withIntermediateDirectories: true)
    try folder.write("policies/half.yaml", policy("Half", atLeast: 50))
    try folder.write("policies/most.yaml", policy("Most", atLeast: 51))
    try folder.write("own.yaml", policy("Own", atLeast: 100))
  }

  private func configure(_ more: String) throws {
    try folder.write(
      "millwright.yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      store: sqlite:store
      \(more)
      """)
  }

  private func policy(_ title: String, atLeast: Int) -> String {
    """
    title_zh: \(title)
    title_en: \(title)
    issuing_body_zh: 部
    issuing_body_en: Body
    date: "2026-11-22"
    source: somewhere
    note_zh: 注
    note_en: Note
    rules: [{ metric: digitalization_ratio, at_least: \(atLeast) }]
    """
  }

  private func millwright(_ arguments: String...) throws -> CommandResult {
    try run(Installation.executable, arguments + ["--config", folder.file("millwright.yaml")])
  }

  private struct Held: Decodable {
    struct Policy: Decodable {
      var name: String
      var met: Bool?
    }
    var policies: [Policy]
    var verdicts: [String] {
      policies.map { "\($0.name) \($0.met.map { $0 ? "met" : "not met" } ?? "neither")" }
    }
  }

  /// The policies of a report with their verdicts.
  private func held(_ scope: [String], _ policies: String...) throws -> [String] {
    let options = policies.flatMap { ["--policy", $0] }
    let command = ["report"] + scope + ["--format", "json", "--config", folder.file("millwright.yaml")]
    let result = try run(Installation.executable, command + options)
    guard result.status == 0 else { throw SupportError(result.errors) }
    return try JSONDecoder().decode(Held.self, from: Data(result.output.utf8)).verdicts
  }

  @Test("A report is held against the policies it names, by name or by file, in their order") func named()
    throws
  {
    let factory = ["factory", "F001"]
    #expect(try held(factory) == [])
    #expect(try held(factory, "most", "half") == ["most not met", "half met"])
    #expect(try held(factory, folder.file("own.yaml")) == ["own not met"])
  }

  @Test("The configuration's policies hold where none is named, and --policy none switches them off")
  func configured() throws {
    try configure("policies: [half, own.yaml]")
    let factory = ["factory", "F001"]
    #expect(try held(factory) == ["half met", "own not met"])
    #expect(try held(["district"]) == ["half met", "own not met"])
    #expect(try held(["workshop", "F001/W01"]) == ["half met", "own not met"])
    #expect(try held(factory, "most") == ["most not met"])
    #expect(try held(factory, "none") == [])
    // A single machine is held against nothing it was not named.
    #expect(try held(["equipment", "F001/E1"]) == [])
    #expect(try held(["equipment", "F001/E1"], "half") == ["half met"])
  }

  @Test("What cannot be found or read is named with its place") func mistakes() throws {
    let unknown = try millwright("report", "factory", "F001", "--policy", "hlaf")
    #expect(unknown.status == 66)
    #expect(
      unknown.errors
        == "--policy: there is no policy 'hlaf' (did you mean 'half'?); 'millwright policy list' shows those "
        + "there are\n")
    let both = try millwright("report", "factory", "F001", "--policy", "none", "--policy", "half")
    #expect(both.status == 64 && both.errors == "--policy none excludes any other --policy\n")
    try folder.write("policies/half.yaml", policy("Half", atLeast: 500))
    let bad = try millwright("report", "factory", "F001", "--policy", "half")
    #expect(bad.status == 78)
    #expect(
      bad.errors
        == "\(folder.file("policies/half.yaml")):9:51: rules[0].at_least must be a percentage from 0 to 100 "
        + "with at most three decimals, not '500'\n")
    try configure("policies: [gone]")
    let gone = try millwright("report", "factory", "F001")
    #expect(gone.status == 78)
    #expect(
      gone.errors
        == "\(folder.file("millwright.yaml")):3:11: policies: there is no policy 'gone'; "
        + "'millwright policy list' shows those there are\n")
  }

  @Test("policy list and policy show print what is found") func listed() throws {
    let listed = try millwright("policy", "list")
    #expect(Set(words(listed)).isSuperset(of: ["half 2026-11-22 Half", "most 2026-11-22 Most"]))
    let shown = try millwright("policy", "show", "most")
    #expect(words(shown) == ["Most 2026-11-22", "Body somewhere", "Digital equipment ≥ 51 %", "Note"])
  }

  /// The lines printed, their columns one space apart.
  private func words(_ result: CommandResult) -> [String] {
    result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
  }
}
