import Foundation
import TestSupport
import Testing

/// Forms as an office uses them: one that it writes itself is found, checked, and filled in, of a register alone,
/// without collector or broker.
@Suite("Forms from scratch") struct FormTests {
  private let desk: RegisterDesk

  init() throws {
    desk = try RegisterDesk()
    try desk.importRegister(
      """
      equipment_id,factory_id,workshop,line,name,category,automation,digital,connectable
      E1,F001,W01,L1,Lathe,machine,automatic,yes,yes
      E2,F001,W01,L1,Press,machine,manual,no,no
      E3,F001,W02,,Robot,machine,automatic,yes,no
      G1,F001,W02,,Gateway,gateway,unclassified,no,no
      E1,F002,W01,,Mill,machine,manual,yes,yes
      """, factories: "factory_id,name_zh,name_en\nF001,测试厂,Test Works\nF002,二厂,Second Works\n",
      effective: "2024-01-01")
    for folder in ["forms", "policies"] {
      try FileManager.default.createDirectory(
        at: desk.folder.url.appendingPathComponent(folder), withIntermediateDirectories: true)
    }
    try desk.folder.write("policies/half.yaml", Self.policy)
    try desk.folder.write("forms/own.yaml", Self.form)
  }

  private static let head = """
    issuing_body_zh: 部
    issuing_body_en: Body
    date: "2026-11-22"
    source: somewhere
    note_zh: 注
    note_en: Note

    """
  private static let policy =
    "title_zh: 过半\ntitle_en: Half\n" + head
      + """
      rules: [{ metric: digitalization_ratio, at_least: 50 }]
      """
  private static let form =
    "title_zh: 自编表\ntitle_en: Own form\ncertainty: memory\n" + head
      + """
      sections:
        - title_zh: 设备
          title_en: Equipment
          items:
            - number: "1"
              title_zh: 数字化
              title_en: Digital
              cells:
                - { kind: count, metric: digitalization_ratio, part: denominator, label_zh: 设备（台）, label_en: Machines }
                - { kind: count, metric: digitalization_ratio, part: numerator, label_zh: 数字化（台）, label_en: Digital ones }
                - { kind: ratio, metric: digitalization_ratio }
                - { kind: verdict, policy: half, metric: digitalization_ratio }
            - number: "2"
              title_zh: 网络
              title_en: Network
              cells:
                - { kind: choice, options: [{ text_zh: 有, text_en: "yes", points: 2 }, { text_zh: 无, text_en: "no", points: 0 }] }
      """

  private struct Filled: Decodable {
    struct Form: Decodable {
      struct Section: Decodable { var items: [Item] }
      struct Item: Decodable {
        var number: String
        var certainty: String
        var cells: [Cell]
      }
      struct Cell: Decodable {
        var number: String
        var kind: String
      }
      struct Factory: Decodable { var id: String }
      var name: String
      var sections: [Section]
      var factories: [Factory]
    }
    var forms: [Form]?
  }

  @Test("An office's own form is filled in for a factory, by name or by file, in every format")
  func own() throws {
    let lines = try desk.lines("report", "factory", "F001", "--form", "own")
    #expect(lines.first?.hasPrefix("Equipment networking and automation, as of ") == true)
    #expect(lines.contains("Factory F001 (测试厂)"))
    #expect(lines.contains("OWN FORM"))
    #expect(lines.contains { $0.hasPrefix("1.1 Machines 3 Declared in the register") })
    #expect(lines.contains { $0.hasPrefix("1.2 Digital ones 2 Declared in the register") })
    #expect(lines.contains { $0.hasPrefix("1.3 Digital equipment 66.6 %") })
    #expect(lines.contains { $0.hasPrefix("1.4 Threshold met") })
    #expect(lines.contains("☐ yes 2"))
    #expect(lines.contains("Not in the base: 1") && lines.contains { $0.hasPrefix("G1 Gateway W02 gateway") })
    // Nothing of the report beside the form.
    #expect(!lines.contains("KEY FIGURES"))
    let chinese = try desk.lines(
      "report", "factory", "F001", "--form", desk.folder.file("forms/own.yaml"), "--lang", "zh")
    #expect(chinese.contains("自编表") && chinese.contains { $0.hasPrefix("1.2 数字化（台） 2 台账申报") })
    for ending in ["html", "csv", "md", "json", "xlsx", "txt"] {
      let file = desk.folder.file("form.\(ending)")
      _ = try desk.output("report", "factory", "F001", "--form", "own", "--output", file)
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: file)).count > (ending == "csv" ? 100 : 500), "\(ending)")
    }
    let json = try desk.report(Filled.self, ["factory", "F001", "--form", "own"])
    #expect(json.forms?.map(\.name) == ["own"])
    #expect(json.forms?[0].sections[0].items.map(\.certainty) == ["memory", "memory"])
    #expect(try desk.report(Filled.self, ["factory", "F001"]).forms == nil)
  }

  @Test("A district has a row for each factory, and its set a form for each") func district() throws {
    let lines = try desk.lines("report", "district", "--form", "own")
    #expect(lines.contains { $0.hasPrefix("F001 Test Works 3 2 66.6 %") })
    #expect(lines.contains { $0.hasPrefix("F002 Second Works 1 1 100.0 %") })
    #expect(lines.contains { $0.hasPrefix("Total 4 3 75.0 %") })
    let folder = desk.folder.file("set")
    _ = try desk.output(
      "report", "district", "--from", "2024-01-01", "--to", "2024-01-31", "--form", "own", "--format", "text",
      "--output-dir", folder)
    let set = try FileManager.default.contentsOfDirectory(atPath: folder + "/2024-01").sorted()
    #expect(set == ["F001_Test-Works.txt", "F002_Second-Works.txt", "district.txt"])
    let factory = try String(contentsOfFile: folder + "/2024-01/F001_Test-Works.txt", encoding: .utf8)
    #expect(factory.contains("OWN FORM") && !factory.contains("KEY FIGURES"))
  }

  @Test(
    "The configuration's forms are part of every report but those of a machine; --form none leaves them out")
  func configured() throws {
    try desk.configure("forms: [own]")
    func names(_ arguments: String...) throws -> [String] {
      try desk.report(Filled.self, arguments).forms?.map(\.name) ?? []
    }
    #expect(try names("factory", "F001") == ["own"])
    #expect(try names("district") == ["own"])
    #expect(try names("line", "F001/W01/L1") == ["own"])
    #expect(try names("equipment", "F001/E1") == [])
    #expect(try names("factory", "F001", "--form", "none") == [])
    let lines = try desk.lines("report", "factory", "F001")
    #expect(lines.contains("OWN FORM") && lines.contains("KEY FIGURES"))
  }

  @Test("A form that cannot be found or read is named with its place") func mistakes() throws {
    func errors(_ arguments: String...) throws -> String {
      let result = try run(
        Installation.executable, arguments + ["--config", desk.folder.file("store.yaml")],
        environment: ["LANG": "en_US.UTF-8"])
      return "\(result.status) \(result.errors)"
    }
    #expect(
      try errors("report", "factory", "F001", "--form", "onw")
        == "66 --form: there is no form 'onw' (did you mean 'own'?); 'millwright form list' shows those there are\n"
    )
    #expect(
      try errors("report", "factory", "F001", "--form", "own", "--form", "own")
        == "64 --form: 'own' is named more than once\n")
    #expect(
      try errors("report", "factory", "F001", "--form", "own", "--form", "none")
        == "64 --form none cannot be used with another --form\n")
    #expect(
      try errors("report", "equipment", "F001/E1", "--form", "own")
        == "64 --form: a form is of a factory, a workshop, a line or the district, not of one equipment\n")
    try desk.configure("forms: [gone]")
    #expect(
      try errors("report", "factory", "F001")
        == "78 \(desk.folder.file("store.yaml")):3:8: forms: there is no form 'gone'; 'millwright form list' shows "
        + "those there are\n")
    try desk.folder.write("forms/own.yaml", Self.form.replacing("kind: ratio", with: "kind: raito"))
    let place = "\(desk.folder.file("forms/own.yaml")):20:21"
    #expect(
      try errors("form", "show", "own")
        == "78 \(place): sections[0].items[0].cells[2].kind must be one of count, ratio, points, verdict, text, "
        + "choice, number, free, not 'raito' (did you mean 'ratio'?)\n")
  }

  @Test("A form that cannot be read keeps no other from the list, and is named") func faultyInList() throws {
    try desk.folder.write("forms/bad.yaml", Self.form.replacing("kind: ratio", with: "kind: raito"))
    let result = try run(
      Installation.executable, ["form", "list", "--config", desk.folder.file("store.yaml")],
      environment: ["LANG": "en_US.UTF-8"])
    #expect(result.status == 78)
    let rows = RegisterDesk.words(result.output)
    #expect(rows.contains("own 2026-11-22 Own form") && !rows.contains { $0.hasPrefix("bad ") })
    #expect(
      result.errors
        == "\(desk.folder.file("forms/bad.yaml")):20:21: sections[0].items[0].cells[2].kind must be one of count, "
        + "ratio, points, verdict, text, choice, number, free, not 'raito' (did you mean 'ratio'?)\n")
  }

  @Test(
    "A section that would be empty is refused with a remedy",
    arguments: [
      (
        ["factory", "F001", "--section", "form"],
        "--section form needs a form: name one with --form; 'millwright form list' shows those there are",
        "--section form 须有填报表：请用 --form 指定，可用表式见 millwright form list"
      ),
      (
        ["district", "--section", "figures", "--section", "form_equipment"],
        "--section form_equipment needs a form: name one with --form; 'millwright form list' shows those there are",
        "--section form_equipment 须有填报表：请用 --form 指定，可用表式见 millwright form list"
      ),
      (
        ["factory", "F001", "--form", "own", "--section", "form_factories"],
        "--section form_factories is of the district: millwright report district --form own",
        "--section form_factories 仅用于园区：millwright report district --form own"
      ),
      (
        ["factory", "F001", "--section", "policies"],
        "--section policies needs a policy: name one with --policy; 'millwright policy list' shows those there are",
        "--section policies 须有政策：请用 --policy 指定，可用政策见 millwright policy list"
      ),
    ])
  func emptySection(_ arguments: [String], _ english: String, _ chinese: String) throws {
    for (language, message) in [("en", english), ("zh", chinese)] {
      let result = try run(
        Installation.executable,
        ["report"] + arguments + ["--lang", language, "--config", desk.folder.file("store.yaml")])
      #expect(result.status == 64 && result.output == "" && result.errors == message + "\n")
    }
    // A form of the configuration is enough.
    try desk.configure("forms: [own]")
    #expect(try desk.lines("report", "factory", "F001", "--section", "form").contains("OWN FORM"))
  }

  @Test("form list and form show print what is found") func listed() throws {
    let listed = try desk.lines("form", "list")
    #expect(listed.first == "Name Retrieved Title")
    #expect(listed.contains("own 2026-11-22 Own form"))
    let chinese = try desk.lines("form", "list", "--lang", "zh")
    #expect(chinese.first == "名称 摘录日期 标题" && chinese.contains("own 2026-11-22 自编表"))
    #expect(
      try desk.lines("form", "show", "own") == [
        "Own form 2026-11-22", "Body somewhere", "Equipment", "1 Digital [from memory, not read again]",
        "1.1 Machines Digital equipment, denominator", "1.2 Digital ones Digital equipment, numerator",
        "1.3 Digital equipment, in percent", "1.4 Digital equipment against Half",
        "2 Network [from memory, not read again]", "2.1 for the firm: one of 2 boxes", "Note",
      ])
  }
}
