import Foundation
import TestSupport
import Testing

/// Destinations of output, and failures to write it.
@Suite("Output of commands") struct OutputTests {
  private let desk: RegisterDesk

  init() throws {
    desk = try RegisterDesk()
    try desk.importRegister(
      "equipment_id,factory_id,workshop,automation,digital,connectable\nE1,F001,W01,automatic,yes,yes",
      factories: "factory_id,name_zh\nF001,测试厂\n", effective: "2024-01-01")
  }

  private func shell(_ script: String) throws -> CommandResult {
    try run(
      "sh", ["-c", script], directory: desk.folder.path,
      environment: ["M": Installation.executable, "C": desk.folder.file("store.yaml"), "LANG": "en_US.UTF-8"])
  }

  private func report(_ arguments: String...) throws -> CommandResult {
    try run(
      Installation.executable,
      ["report", "factory", "F001", "--period", "2024-10", "--config", desk.folder.file("store.yaml")]
        + arguments)
  }

  @Test("A device stays a device, a pipe is written into, and a link stays a link") func throughLinks() throws
  {
    let folder = desk.folder.path
    let made = try shell(
      """
      mkfifo pipe && (cat pipe >copy &) && "$M" report factory F001 --period 2024-10 --config "$C" --output pipe
      test -p pipe && ln -s /dev/null nothing
      "$M" report factory F001 --period 2024-10 --config "$C" --output nothing && test -L nothing
      mkdir there && ln -s there/report.txt link
      "$M" report factory F001 --period 2024-10 --config "$C" --output link && test -L link && test -f there/report.txt
      """)
    #expect(made.status == 0, "\(made.errors)")
    #expect(
      waitUntil(10) { (try? String(contentsOfFile: folder + "/copy", encoding: .utf8))?.isEmpty == false })
    let written = try String(contentsOfFile: folder + "/there/report.txt", encoding: .utf8)
    #expect(written.hasPrefix("Equipment networking and automation, October 2024 – "))
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test("Names of one character are names") func shortNames() throws {
    let made = try shell(
      """
      "$M" report factory F001 --period 2024-10 --config "$C" --output x && test -f x &&
      "$M" report factory F001 --period 2024-10 --config "$C" --format html --output ./h && test -f h &&
      "$M" register export --config "$C" --output-dir r && test -d r
      """)
    #expect(made.status == 0, "\(made.errors)")
  }

  @Test("A file that is replaced keeps its permissions, and nothing is left beside it") func permissions()
    throws
  {
    #expect(mkdir(desk.folder.file("out"), 0o755) == 0)
    let file = try desk.folder.write("out/report.txt", "old")
    #expect(chmod(file, 0o604) == 0)
    #expect(try report("--output", file).status == 0)
    var status = stat()
    #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o604)
    #expect(try FileManager.default.contentsOfDirectory(atPath: desk.folder.file("out")) == ["report.txt"])
  }

  @Test(
    "A full device is exit 74 in every command",
    arguments: [
      "--help", "--version", "report factory F001 --period 2024-10 --config $C",
      "report factory F001 --period 2024-10 --output /dev/full --config $C", "register list --config $C",
      "register show F001/E1 --config $C", "register validate equipment.csv --config $C",
      "policy list --config $C",
    ])
  func fullDevice(_ command: String) throws {
    try desk.folder.write("equipment.csv", "equipment_id,factory_id\nE1,F001\n")
    let result = try shell("\"$M\" \(command) >/dev/full")
    #expect(result.status == 74, "\(command): \(result.errors)")
    #expect(result.errors.contains("cannot be written"), "\(command): \(result.errors)")
  }

  @Test("A reader that goes away ends a command without a complaint") func closedPipe() throws {
    let result = try shell(
      "\"$M\" report factory F001 --period 2024-10 --format json --config $C | head -c 1")
    #expect(result.status == 0 && result.errors == "" && result.output == "{")
  }

  @Test(
    "What is no place for a report is refused with a remedy",
    arguments: [
      (["--output", "x.docx"], 64, "--output: there is no report format '.docx': use .txt, .md, .csv"),
      (["--output", ""], 64, "--output: name a file"),
      (["--output", "/"], 73, "/: is a folder; name a file in it"),
      (["--output", "/nodir/x.html"], 73, "cannot write /nodir/x.html: No such file or directory"),
    ])
  func refused(_ arguments: [String], _ status: Int32, _ message: String) throws {
    let result = try run(
      Installation.executable,
      ["report", "factory", "F001", "--period", "2024-10", "--config", desk.folder.file("store.yaml")]
        + arguments)
    #expect(result.status == status)
    #expect(result.errors.hasPrefix(message), "\(result.errors)")
  }

  @Test("A set goes into a named folder only") func sets() throws {
    let file = try desk.folder.write("file", "")
    for (folder, status, message) in [
      ("", 64 as Int32, "--output-dir: name a folder\n"), (file, 73, "\(file): is not a folder\n"),
      ("/dev/null", 73, "/dev/null: is not a folder\n"),
    ] {
      let result = try run(
        Installation.executable,
        [
          "report", "district", "--period", "2024-10", "--format", "text", "--output-dir", folder, "--config",
          desk.folder.file("store.yaml"),
        ])
      #expect(result.status == status && result.errors == message, "\(folder): \(result.errors)")
    }
  }

  @Test("Control characters of names and paths never reach a terminal") func controlCharacters() throws {
    let result = try report("--output", "/no\u{1B}[31m/x.txt")
    #expect(
      result.status == 73 && result.errors == "cannot write /no\\u{1B}[31m/x.txt: No such file or directory\n"
    )
    let scope = try run(Installation.executable, ["report", "factory", "a\u{1B}]0;x\u{7}b/c"])
    #expect(scope.status == 64 && !scope.errors.contains("\u{1B}") && !scope.errors.contains("\u{7}"))
    let other = try run(Installation.executable, ["\u{1B}[2Jx"])
    #expect(other.status == 64 && !other.errors.contains("\u{1B}"))
  }

  @Test("What an argument should look like is said") func scopes() throws {
    func complaint(_ arguments: String...) throws -> String {
      let result = try run(Installation.executable, ["report"] + arguments)
      #expect(result.status == 64)
      return result.errors
    }
    #expect(try complaint("factory") == "which factory? millwright report factory F001\n")
    #expect(try complaint("equipment", "E1") == "'E1' is not FACTORY/EQUIPMENT, such as F001/E1\n")
    #expect(try complaint("workshop", "F001") == "'F001' is not FACTORY/WORKSHOP, such as F001/W01\n")
  }

  @Test("Policies and register files need no configuration") func withoutConfiguration() throws {
    let folder = try TemporaryDirectory("plain")
    try folder.write("equipment.csv", "equipment_id,factory_id\nE1,F001\n")
    try folder.write("factories.csv", "factory_id\nF001\n")
    try FileManager.default.createDirectory(
      atPath: folder.file("Config/policies"), withIntermediateDirectories: true)
    try folder.write(
      "Config/policies/own.yaml",
      """
      title_zh: 题
      title_en: Title
      issuing_body_zh: 部
      issuing_body_en: Body
      date: "2026-11-22"
      source: somewhere
      note_zh: 注
      note_en: Note
      rules: [{ metric: networked_ratio, at_least: 50 }]
      """)
    let validated = try run(
      Installation.executable,
      ["register", "validate", "equipment.csv", "--factories", "factories.csv"],
      directory: folder.path, environment: ["LANG": "en_US.UTF-8"])
    #expect(validated.status == 0, "\(validated.errors)")
    #expect(
      validated.output
        == "equipment.csv: text, UTF-8, separated by commas, headings in line 1, 1 equipment\n"
        + "equipment.csv: 1 equipment, valid\nfactories.csv: 1 factory, valid\n")
    let listed = try run(
      Installation.executable, ["policy", "list"], directory: folder.path,
      environment: ["LANG": "en_US.UTF-8"])
    #expect(listed.status == 0 && listed.output.contains("\nown   2026-11-22  Title\n"), "\(listed.output)")
  }

  @Test("Import and validation speak the language asked for, and name the store") func languages() throws {
    try desk.folder.write("bad.csv", "equipment_id,factory_id,automation\nE1,F001,autmatic\n")
    let result = try run(
      Installation.executable,
      ["register", "validate", "bad.csv", "--lang", "zh", "--config", desk.folder.file("store.yaml")],
      directory: desk.folder.path)
    #expect(result.status == 1)
    #expect(
      result.errors
        == "bad.csv 第 2 行“automation”（第 3 列）：“autmatic”应为手动、半自动、自动、未分类之一（是否应为“automatic”？）\n")
    try desk.folder.write("good.csv", "equipment_id,factory_id,automation\nE1,F001,半自动\n")
    let imported = try run(
      Installation.executable,
      ["register", "import", "good.csv", "--lang", "zh", "--config", desk.folder.file("store.yaml")],
      directory: desk.folder.path, environment: ["MILLWRIGHT_STORE": "sqlite:\(desk.folder.file("store"))"])
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(
      imported.output.contains(
        "存储位置由环境变量 MILLWRIGHT_STORE 指定：sqlite:\(desk.folder.file("store"))，未采用配置文件中的设置"))
    #expect(imported.output.contains("自动化程度：自动 → 半自动"), "\(imported.output)")
  }
}
