import Foundation
import TestSupport
import Testing

/// The answers to a folder of ledgers, and a list of factories as a workbook, through the executable.
@Suite("Answers to a folder of ledgers") struct RegisterAnswerFolderTests {
  private let desk: RegisterDesk

  init() throws {
    desk = try RegisterDesk()
    try FileManager.default.createDirectory(
      atPath: desk.folder.file("ledgers"), withIntermediateDirectories: false)
  }

  private func write(_ texts: [String: String]) throws {
    for (name, text) in texts { try desk.folder.write(name, text) }
  }

  private func content(_ name: String) throws -> String {
    try String(contentsOfFile: desk.folder.file(name), encoding: .utf8)
  }

  private func validate(
    _ ledgers: String, report: String, _ language: String = "en", _ more: [String] = []
  ) throws -> CommandResult {
    try run(
      Installation.executable,
      [
        "register", "validate", desk.folder.file(ledgers), "--factories", desk.folder.file("f.csv"),
        "--report",
        place(report), "--lang", language, "--config", desk.configure(""),
      ] + more)
  }

  /// The path of a file, or of a folder whose name ends in a slash.
  private func place(_ name: String) -> String {
    name.hasSuffix("/") ? desk.folder.file(String(name.dropLast())) + "/" : desk.folder.file(name)
  }

  /// Texts of all cells of the workbooks in a folder: a line for each cell, after the workbook's name and the sheet's.
  private func cells(_ folder: String) throws -> [String] {
    let script = """
      import pathlib, sys, openpyxl
      for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
          for sheet in openpyxl.load_workbook(path).worksheets:
              for row in sheet.iter_rows(values_only=True):
                  for value in row:
                      if value is not None:
                          print(path.name, sheet.title, str(value).replace("\\n", " / "), sep="|")
      """
    let read = try run("/usr/bin/python3", ["-c", script, desk.folder.file(folder)])
    #expect(read.status == 0, "\(read.errors)")
    return read.output.split(separator: "\n").map(String.init)
  }

  @Test("Every ledger has an answer of its own, with nothing of the others and of the list of factories")
  func oneEach() throws {
    try write([
      "f.csv": "factory_id,name_zh\nF001,甲厂\nF002,乙厂\n",
      "ledgers/F001.csv": "资产编号,企业编号,数字化\nE1,F001,是\nE2,F001,也许\n",
      "ledgers/F002.csv": "资产编号,企业编号,数字化\nM1,F002,是\n",
      "ledgers/f002.txt": "资产编号,企业编号,数字化\nM2,F002,否\n",
    ])
    let result = try validate("ledgers", report: "answers/", "zh")
    #expect(result.status == 1)
    #expect(result.output == "答复 3 份，位于 \(place("answers/"))\n")
    let cells = try cells("answers")
    #expect(
      Set(cells.map { $0.prefix { $0 != "|" } }) == [
        "F001-answer.xlsx", "F002.csv-answer.xlsx", "f002.txt-answer.xlsx",
      ])
    let first = cells.filter { $0.hasPrefix("F001-") }
    #expect(first.contains("F001-answer.xlsx|校验概要|F001.csv：2 行数据"))
    #expect(first.contains("F001-answer.xlsx|F001|E2"))
    #expect(first.contains("F001-answer.xlsx|F001|“数字化”：“也许”应为“是”（yes、true、1）或“否”（no、false、0）"))
    for word in ["F002", "M1", "M2", "甲厂", "乙厂"] { #expect(!first.contains { $0.contains(word) }, "\(word)") }
    #expect(cells.contains("F002.csv-answer.xlsx|校验概要|校验通过，可以导入。"))
    for cell in cells where cell.hasPrefix("F002.csv") {
      #expect(!cell.contains("E1") && !cell.contains("M2"))
    }
  }

  @Test("The messages of one ledger's many problems leave room for those of the next") func manyProblems()
    throws
  {
    let rows = (1...1200).map { "E \($0),F001" }.joined(separator: "\n")
    try write([
      "f.csv": "factory_id\nF001\n", "ledgers/a.csv": "资产编号,企业编号\n\(rows)\n",
      "ledgers/b.csv": "资产编号,企业编号\nM 1,F001\n",
    ])
    let result = try validate("ledgers", report: "answers")
    #expect(result.status == 64, "a folder that is not there needs a slash")
    let answers = try validate("ledgers", report: "answers/")
    #expect(answers.status == 1)
    let lines = answers.errors.split(separator: "\n")
    #expect(lines.count == 1001 && lines.last == "… and 201 more: 201 × not an id")
    let cells = try cells("answers")
    #expect(
      cells.contains("b-answer.xlsx|b|资产编号: 'M 1' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -"))
    #expect(
      cells.contains {
        $0.contains(
          "The first 1,000 problems have their messages. The other 200 are marked with their kind only.")
      })
  }

  @Test("A folder of ledgers has no single answer, and none in its own folder", arguments: ["en", "zh"])
  func places(language: String) throws {
    try write([
      "f.csv": "factory_id\nF001\n", "ledgers/F001.csv": "equipment_id,factory_id\nE1,F001\n",
    ])
    let path = desk.folder.file("ledgers")
    let file = try validate("ledgers", report: "answer.xlsx", language)
    #expect(file.status == 64 && file.output == "")
    #expect(
      file.errors
        == (language == "zh"
          ? "--report：文件夹 \(path) 中每份台账各有一份答复；请指明文件夹，例如 answers/\n"
          : "--report: every ledger of the folder \(path) gets an answer of its own; name a folder, such as answers/\n")
    )
    let own = try validate("ledgers", report: "ledgers/", language)
    #expect(own.status == 64)
    #expect(
      own.errors
        == (language == "zh"
          ? "--report：\(path)/ 是台账所在文件夹；请指定其他文件夹\n"
          : "--report: \(path)/ is the folder of the ledgers; name another folder\n"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["F001.csv"])
    let ending = try validate("ledgers/F001.csv", report: "a.pdf", language)
    #expect(ending.status == 64)
    #expect(
      ending.errors.contains(
        language == "zh"
          ? "--report：“\(desk.folder.file("a.pdf"))”须以 .xlsx、.html 或 .txt 结尾；文件夹须以 / 结尾"
          : "--report: '\(desk.folder.file("a.pdf"))' must end in .xlsx, .html or .txt, or in / for a folder")
    )
  }

  @Test("An answer replaces neither the ledger, nor the factories or synonyms") func inputs() throws {
    let texts = [
      "a.txt": "equipment_id,factory_id\nE1,F001\n", "f.csv": "factory_id\nF001\n",
      "s.txt": "column,synonym\nname,叫法\n",
    ]
    try write(texts)
    try FileManager.default.createSymbolicLink(
      atPath: desk.folder.file("f.txt"), withDestinationPath: desk.folder.file("f.csv"))
    let synonyms = ["--synonyms", desk.folder.file("s.txt")]
    for name in ["a.txt", "f.txt", "s.txt", "ledgers/../a.txt"] {
      let path = desk.folder.file(name)
      let english = try validate("a.txt", report: name, "en", synonyms)
      #expect(english.status == 64 && english.output.isEmpty)
      #expect(english.errors == "--report: \(path) is one of the files to check; name another file\n")
      let chinese = try validate("a.txt", report: name, "zh", synonyms)
      #expect(chinese.status == 64)
      #expect(chinese.errors == "--report：\(path) 是待校验的文件；请指定其他文件名\n")
    }
    for (name, text) in texts { #expect(try content(name) == text) }
    #expect(try validate("a.txt", report: "answer.txt", "en", synonyms).status == 0)
    #expect(try content("answer.txt").contains("Valid: the files can be imported."))
  }

  @Test(
    "Faults of the office's list of factories are in no answer, and none is written", arguments: ["en", "zh"])
  func faultyFactories(language: String) throws {
    try write([
      "f.csv": "factory_id\nF 1\n", "ledgers/F001.csv": "equipment_id,factory_id\nE1,F001\n",
    ])
    let result = try validate("ledgers", report: "answers/", language)
    #expect(result.status == 1 && result.output == "")
    let path = desk.folder.file("f.csv")
    #expect(
      result.errors.hasPrefix(
        language == "zh"
          ? "未生成答复：请先更正本单位的 \(path)\n"
          : "no answer was written: \(path) is the office's own; correct it first\n"))
    #expect(!FileManager.default.fileExists(atPath: desk.folder.file("answers")))
  }

  @Test("Answers to several ledgers of a factory retire the equipment that all of them lack, and no other")
  func retirements() throws {
    func rows(_ ids: String...) -> String {
      "equipment_id,factory_id,category,automation,digital,commissioned_on\n"
        + ids.map { "\($0),F001,lathe,manual,yes,2020-01-01\n" }.joined()
    }
    try desk.importRegister(rows("E1", "E2", "E3"), factories: "factory_id\nF001\n", effective: "2024-01-01")
    try write([
      "f.csv": "factory_id\nF001\n", "ledgers/a.csv": rows("E1"), "ledgers/b.csv": rows("E2"),
    ])
    let result = try validate(
      "ledgers", report: "answers/", "en", ["--retire-missing", "--effective", "2024-02-01"])
    #expect(result.status == 0, "\(result.errors)")
    let removed = "removed from the base, since 2024-02-01: 1 equipment of 1 factory, for example F001/E3"
    #expect(result.output.contains(removed), "\(result.output)")
    let cells = try cells("answers")
    for name in ["a", "b"] {
      #expect(cells.contains { $0.hasPrefix("\(name)-answer.xlsx|") && $0.contains(removed) }, "\(cells)")
    }
  }

  private static let fill = """
    import sys, openpyxl
    book = openpyxl.load_workbook(sys.argv[1])
    for row in sys.argv[3:]:
        book.worksheets[0].append(row.split("|"))
    book.save(sys.argv[2])
    """

  @Test("The form of the factories file is read where it is filled in", arguments: ["en", "zh"])
  func factoriesForm(language: String) throws {
    let form = desk.folder.file("form.xlsx")
    let filled = desk.folder.file("企业.xlsx")
    #expect(
      try run(
        Installation.executable,
        ["register", "template", "--factories", "--output", form, "--lang", language]
      ).status == 0)
    #expect(
      try run("/usr/bin/python3", ["-c", Self.fill, form, filled, "001|甲机械有限公司", "F002|乙纺织有限公司"]).status == 0)
    let ledger = try desk.folder.write("e.csv", "资产编号,企业名称\nE1,甲机械有限公司\nE2,F002\n")
    let checked = try desk.millwright(
      "register", "validate", ledger, "--factories", filled, "--lang", language)
    #expect(checked.status == 0, "\(checked.errors)")
    let lines = checked.output.split(separator: "\n").map(String.init)
    #expect(
      lines.contains(
        language == "zh"
          ? "\(filled)：XLSX，工作表“企业名录”，表头在第 1 行，企业 2 家"
          : "\(filled): XLSX, sheet 'Factories', headings in row 1, 2 factories"))
    #expect(
      lines.contains(
        language == "zh"
          ? "  其他工作表不读取：“填写示例 / 填写说明”" : "  other sheets are not read: 'Examples / Explanations'"))
    #expect(lines.contains(language == "zh" ? "\(filled)：企业 2 家，有效" : "\(filled): 2 factories, valid"))
    let stored = try desk.millwright(
      "register", "import", ledger, "--factories", filled, "--effective", "2024-01-01", "--yes")
    #expect(stored.status == 0, "\(stored.errors)")
    // What an export writes can be imported again.
    let out = desk.folder.file("out")
    _ = try desk.output("register", "export", "--day", "2024-01-01", "--format", "xlsx", "--output-dir", out)
    let again = try RegisterDesk(store: "second")
    _ = try again.output(
      "register", "import", out + "/equipment.xlsx", "--factories", out + "/factories.xlsx", "--effective",
      "2024-01-01", "--yes")
    func listed(_ desk: RegisterDesk) throws -> String {
      try desk.output("register", "export", "--day", "2024-01-01", "--equipment-only")
    }
    #expect(try listed(again) == listed(desk))
  }

  @Test("A template replaces no file that is there, unless it is told to", arguments: ["en", "zh"])
  func template(language: String) throws {
    let path = try desk.folder.write("form.xlsx", "filled in")
    func write(_ more: [String]) throws -> CommandResult {
      try run(
        Installation.executable,
        ["register", "template", "--output", path, "--lang", language] + more)
    }
    let refused = try write([])
    #expect(refused.status == 73 && refused.output == "")
    #expect(
      refused.errors
        == (language == "zh"
          ? "\(path) 已存在，可能已填写；请指定其他文件名，或用 --replace 替换\n"
          : "\(path) is there already and may have been filled in; name another file, or give --replace\n"))
    #expect(try content("form.xlsx") == "filled in")
    #expect(try write(["--replace"]).status == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).starts(with: Array("PK".utf8)))
  }

  @Test("An export as a form has headings in the output's language, as CSV only by --headings")
  func headings()
    throws
  {
    try desk.importRegister(
      "equipment_id,factory_id\nE1,F001\n", factories: "factory_id\nF001\n", effective: "2024-01-01")
    func first(_ arguments: String...) throws -> [String] {
      let out = desk.folder.file("out")
      try? FileManager.default.removeItem(atPath: out)
      let command = ["register", "export", "--day", "2024-01-01", "--output-dir", out] + arguments
      let result = try run(Installation.executable, command + ["--config", desk.configure("")])
      #expect(result.status == 0, "\(result.errors)")
      guard arguments.contains("xlsx") else { return [] }
      return try cells("out").filter { $0.hasPrefix("factories.xlsx|") }
    }
    #expect(try first("--format", "xlsx", "--lang", "zh").first == "factories.xlsx|企业名录|企业编号*")
    #expect(try first("--format", "xlsx", "--lang", "en").first == "factories.xlsx|Factories|factory_id*")
    let named = try first("--format", "xlsx", "--lang", "zh", "--headings", "en")
    #expect(named.first == "factories.xlsx|Factories|factory_id*")
    _ = try first("--lang", "zh")
    #expect(try content("out/factories.csv").hasPrefix("factory_id,"))
  }

  @Test("Faults of a factories' workbook are named with their cells", arguments: ["en", "zh"])
  func faultyWorkbook(language: String) throws {
    let script = """
      import sys, openpyxl
      book = openpyxl.Workbook()
      book.active.title = "企业"
      for row in [["企业编号", "企业名称"], ["F001", "甲"], ["F001", "乙"], ["F 3", "丙"]]:
          book.active.append(row)
      book.save(sys.argv[1])
      """
    let path = desk.folder.file("f.xlsx")
    #expect(try run("/usr/bin/python3", ["-c", script, path]).status == 0)
    let ledger = try desk.folder.write("e.csv", "equipment_id,factory_id\nE1,F001\n")
    let result = try desk.millwright(
      "register", "validate", ledger, "--factories", path, "--lang", language)
    #expect(result.status == 1)
    #expect(
      result.errors
        == (language == "zh"
          ? """
          \(path) 工作表“企业”A3“企业编号”：企业 F001 已见于第 2 行
          \(path) 工作表“企业”A4“企业编号”：“F 3”不是有效编号：应为 1 至 64 个字母、数字或 _ . -

          """
          : """
          \(path):企业:A3 (企业编号): factory F001 is already in row 2
          \(path):企业:A4 (企业编号): 'F 3' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -

          """))
  }
}
