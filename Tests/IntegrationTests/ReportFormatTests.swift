import Foundation
import TestSupport
import Testing

/// Which format a report is written in, and what may not go together.
@Suite("Formats of reports") struct ReportFormatTests {
  private let desk: RegisterDesk

  init() throws {
    desk = try RegisterDesk()
    try desk.importRegister(
      "equipment_id,factory_id,workshop,automation,digital,connectable\nE1,F001,W01,automatic,yes,yes",
      factories: "factory_id,name_zh\nF001,测试厂\n", effective: "2024-01-01")
  }

  private func report(_ arguments: String...) throws -> CommandResult {
    try run(
      Installation.executable,
      ["report", "factory", "F001", "--period", "2024-10", "--config", desk.folder.file("store.yaml")]
        + arguments)
  }

  @Test(
    "A file's ending says the format",
    arguments: [
      ("a.md", "# Equipment networking"), ("a.MARKDOWN", "# Equipment networking"),
      ("a.csv", "section,table,row,"),
      ("a.xlsx", "PK\u{3}\u{4}"), ("a.json", "{\"schema\""), ("a.txt", "Equipment networking"),
      ("a", "Equipment networking"),
    ])
  func endings(name: String, beginning: String) throws {
    let file = desk.folder.file(name)
    let result = try report("--output", file)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == "")
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    #expect(data.starts(with: Data(beginning.utf8)))
  }

  @Test("The mark for Excel begins CSV, and only CSV may be asked to have it") func byteOrderMark() throws {
    let file = desk.folder.file("bom.csv")
    #expect(try report("--bom", "--output", file, "--lang", "zh").status == 0)
    let data = try Data(contentsOf: URL(fileURLWithPath: file))
    #expect(data.starts(with: [0xEF, 0xBB, 0xBF] + Data("section,".utf8)))
    for format in ["text", "json", "markdown", "xlsx"] {
      let result = try report("--bom", "--format", format, "--output", desk.folder.file("none"))
      #expect(result.status == 64)
      #expect(result.errors.contains("--bom can only be used with --format csv"))
    }
    #expect(!FileManager.default.fileExists(atPath: desk.folder.file("none")))
  }

  @Test("Every row of long lists can be asked for in text, which alone leaves rows out") func everyRow() throws {
    #expect(try report("--all", "--output", desk.folder.file("all.txt")).status == 0)
    for format in ["html", "json", "markdown", "csv", "xlsx"] {
      let result = try report("--all", "--format", format, "--output", desk.folder.file("none"))
      #expect(result.status == 64)
      #expect(
        result.errors.contains("--all can only be used with --format text: the other formats have every row"))
    }
    #expect(!FileManager.default.fileExists(atPath: desk.folder.file("none")))
  }

  @Test("A workbook goes into a file or a pipe, never to a terminal") func terminal() throws {
    let command =
      "'\(Installation.executable)' report factory F001 --period 2024-10 --format xlsx"
      + " --config '\(desk.folder.file("store.yaml"))'"
    // script(1) is a terminal to what it runs.
    let shown = try run("script", ["-qec", command, "/dev/null"])
    #expect(shown.status == 64)
    #expect(
      shown.output.contains("xlsx cannot be shown on a terminal: name a file with --output, or use a pipe"))
    let piped = try run("sh", ["-c", command + " | head -c 2"])
    #expect(piped.output == "PK")
  }
}
