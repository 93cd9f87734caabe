import Foundation
import TestSupport
import Testing

/// Reports held against policies, as a user asks for them: of a register alone, without collector or broker.
@Suite("Policies of a report") struct PolicyTests {
  private let desk: RegisterDesk

  init() throws {
    desk = try RegisterDesk()
    try desk.importRegister(
      """
      equipment_id,factory_id,workshop,automation,digital,connectable
      E1,F001,W01,automatic,yes,yes
      E2,F001,W01,manual,no,no
      """, factories: "factory_id,name_zh\nF001,测试厂\n", effective: "2024-01-01")
    try FileManager.default.createDirectory(
      at: desk.folder.url.appendingPathComponent("policies"), withIntermediateDirectories: true)
    try desk.folder.write("policies/half.yaml", policy("Half", atLeast: 50))
    try desk.folder.write("policies/most.yaml", policy("Most", atLeast: 51))
    try desk.folder.write("own.yaml", policy("Own", atLeast: 100))
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
    try desk.report(Held.self, scope + policies.flatMap { ["--policy", $0] }).verdicts
  }

  @Test("A report is held against the policies it names, by name or by file, in their order") func named()
    throws
  {
    let factory = ["factory", "F001"]
    #expect(try held(factory) == [])
    #expect(try held(factory, "most", "half") == ["most not met", "half met"])
    #expect(try held(factory, desk.folder.file("own.yaml")) == ["own not met"])
  }

  @Test("The configuration's policies hold where none is named, and --policy none switches them off")
  func configured() throws {
    try desk.configure("policies: [half, own.yaml]")
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
    let unknown = try desk.millwright("report", "factory", "F001", "--policy", "hlaf")
    #expect(unknown.status == 66)
    #expect(
      unknown.errors
        == "--policy: there is no policy 'hlaf' (did you mean 'half'?); 'millwright policy list' shows those "
        + "there are\n")
    let both = try desk.millwright("report", "factory", "F001", "--policy", "none", "--policy", "half")
    #expect(both.status == 64 && both.errors == "--policy none cannot be used with another --policy\n")
    try desk.folder.write("policies/half.yaml", policy("Half", atLeast: 500))
    let bad = try desk.millwright("report", "factory", "F001", "--policy", "half")
    #expect(bad.status == 78)
    #expect(
      bad.errors
        == "\(desk.folder.file("policies/half.yaml")):9:51: rules[0].at_least must be a percentage from 0 to 100 "
        + "with at most three decimals, not '500'\n")
    try desk.configure("policies: [gone]")
    let gone = try desk.millwright("report", "factory", "F001")
    #expect(gone.status == 78)
    #expect(
      gone.errors
        == "\(desk.folder.file("store.yaml")):3:11: policies: there is no policy 'gone'; "
        + "'millwright policy list' shows those there are\n")
  }

  @Test("policy list and policy show print what is found") func listed() throws {
    let listed = try desk.lines("policy", "list")
    #expect(listed.first == "Name Retrieved Title")
    #expect(Set(listed).isSuperset(of: ["half 2026-11-22 Half", "most 2026-11-22 Most"]))
    #expect(
      try desk.lines("policy", "show", "most") == [
        "Most", "Issued by Body", "Source somewhere", "Retrieved 2026-11-22",
        "Digital equipment ≥ 51 % of all production equipment", "Note",
      ])
  }

  @Test("policy show prints of every number its base, its source and how sure it is, in both languages")
  func origins() throws {
    try desk.folder.write(
      "policies/own.yaml",
      """
      title_zh: 题
      title_en: Title
      issuing_body_zh: 部
      issuing_body_en: Body
      date: "2026-11-22"
      source: a page
      source_zh: 某网页
      certainty: restated
      valid_from: "2023-01-01"
      note_zh: 注
      note_en: Note
      rules: [{ metric: cnc_ratio, at_least: 60, source: a notice, source_zh: 通知, certainty: read }]
      bands: [{ metric: networked_ratio, base: digital, name: "1", from: 0, up_to: 12.5, points: 1.5 }]
      """)
    #expect(
      try desk.lines("policy", "show", "own") == [
        "Title", "Issued by Body",
        "Source a page (restated by a third party, not read in the authority's text)", "Retrieved 2026-11-22",
        "In force 2023-01-01 to …",
        "Numerically controlled equipment ≥ 60 % of all production equipment a notice (read in the source)",
        "Networked share of digital equipment, level 1 [0, 12.5] %, 1.5 points of digital equipment", "Note",
      ])
    #expect(
      try desk.lines("policy", "show", "own", "--lang", "zh") == [
        "题", "发布 部", "来源 某网页（据第三方转述，未核对原文）", "摘录日期 2026-11-22", "有效期 2023-01-01 至 …",
        "装备数控化率 ≥ 60 % 基数：全部生产设备 通知（据所列来源摘录）",
        "数字化设备联网率，等级 1 [0, 12.5] %，1.5 分 基数：数字化设备", "注",
      ])
  }

  @Test("A report says that a policy is not in force, and why there is no figure it asks for") func outside()
    throws
  {
    try desk.folder.write(
      "policies/old.yaml",
      policy("Old", atLeast: 50).replacing("digitalization_ratio", with: "cnc_ratio")
        .replacing("rules:", with: "valid_until: \"2022-12-31\"\nrules:"))
    let english = try desk.lines(
      "report", "factory", "F001", "--policy", "old", "--section", "policies", "--format",
      "csv-long"
    ).joined(
      separator: " ")
    #expect(english.contains("In force until 2022-12-31: the period lies outside"))
    #expect(english.contains("Numerically controlled equipment (the register does not state what it needs)"))
    let chinese = try desk.lines(
      "report", "factory", "F001", "--policy", "old", "--section", "policies", "--format",
      "csv-long", "--lang",
      "zh"
    ).joined(separator: " ")
    #expect(chinese.contains("有效期至 2022-12-31 止：本期不在有效期内"))
    #expect(chinese.contains("装备数控化率（台账未填报所需信息）"))
  }
}
