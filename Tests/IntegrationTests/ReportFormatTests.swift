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
      ("a.csv", "Factory id,Factory name,Workshop,Line,"), ("a.Long.CSV", "section,table,row,item,"),
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
    #expect(data.starts(with: [0xEF, 0xBB, 0xBF] + Data("企业编号,企业名称,".utf8)))
    #expect(try report("--bom", "--format", "csv-long", "--output", file).status == 0)
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: file)).starts(
        with: [0xEF, 0xBB, 0xBF] + Data("section,".utf8)))
    for format in ["text", "json", "markdown", "xlsx"] {
      let result = try report("--bom", "--format", format, "--output", desk.folder.file("none"))
      #expect(result.status == 64)
      #expect(result.errors.contains("--bom can only be used with --format csv"))
    }
    #expect(!FileManager.default.fileExists(atPath: desk.folder.file("none")))
  }

  @Test("Every row of long lists can be asked for in text and PDF, which alone leave rows out")
  func everyRow()
    throws
  {
    #expect(try report("--all", "--output", desk.folder.file("all.txt")).status == 0)
    for format in ["html", "json", "markdown", "csv", "xlsx"] {
      let result = try report("--all", "--format", format, "--output", desk.folder.file("none"))
      #expect(result.status == 64)
      #expect(
        result.errors.contains(
          "--all can only be used with --format text or pdf: the other formats have every row"))
    }
    #expect(!FileManager.default.fileExists(atPath: desk.folder.file("none")))
  }

  @Test("CSV is all equipment, or the table of the named section; the long form has every cell") func tables()
    throws
  {
    let equipment = try report("--format", "csv")
    #expect(equipment.status == 0 && equipment.errors == "", "\(equipment.errors)")
    #expect(
      equipment.output
        == "Factory id,Factory name,Workshop,Line,Equipment id,Name,Category,Declared automation,Declared intelligent,"
        + "Declared digital,Declared connectable,In the base of ratios,Measured as networked,Status,Last contact,"
        + "Rejected messages,Reason of the status\r\n"
        + "F001,测试厂,W01,,E1,,,automatic,no,yes,yes,yes,not observed,Never seen,,0,"
        + "\"The register declares it connectable, but no reading of it was ever received.\"\r\n")
    #expect(try report("--format", "csv", "--section", "equipment").output == equipment.output)
    let figures = try report("--format", "csv", "--section", "figures")
    #expect(
      figures.output.hasPrefix(
        "Group,Figure,Equipment: numerator,Equipment: denominator,Equipment: text,Ratio (%)\r\n"),
      "\(figures.output)")
    #expect(
      figures.errors
        == "csv has the first table of figures; --format csv-long has the others too: Equipment status\n")
    let none = try report("--format", "csv", "--section", "energy")
    #expect(none.status == 0 && none.output == "")
    #expect(none.errors == "csv is empty: the report has no section energy\n")
    let two = try report("--format", "csv", "--section", "figures", "--section", "gaps")
    #expect(two.status == 64)
    #expect(two.errors == "csv is one table: name one --section, or use --format csv-long\n")
    let factories = try report("--section", "factories")
    #expect(factories.status == 64)
    #expect(
      factories.errors
        == "--section factories is of the district: millwright report district --section factories\n")
    let long = try report("--format", "csv-long", "--section", "figures", "--section", "gaps")
    #expect(long.status == 0 && long.output.hasPrefix("section,table,row,item,"))
  }

  @Test("A district's CSV has the machines of all factories") func district() throws {
    let result = try run(
      Installation.executable,
      [
        "report", "district", "--period", "2024-10", "--format", "csv", "--lang", "zh", "--config",
        desk.folder.file("store.yaml"),
      ])
    let lines = result.output.split(separator: "\r\n")
    #expect(lines.count == 2 && lines[1].hasPrefix("F001,测试厂,W01,,E1,,,自动,否,是,是,是,"), "\(result.output)")
  }

  @Test("A step of more than a second says so on a terminal, and nowhere else") func progress() throws {
    let browser = try desk.folder.write(
      "chromium",
      """
      #!/bin/sh
      for one in "$@"; do case "$one" in --print-to-pdf=*) target=${one#*=} ;; esac; done
      sleep 2
      printf '%%PDF-1.7' >"$target"

      """)
    #expect(chmod(browser, 0o755) == 0)
    let file = desk.folder.file("a.pdf")
    let arguments = [
      "report", "factory", "F001", "--period", "2024-10", "--output", file, "--lang", "en", "--config",
      desk.folder.file("store.yaml"),
    ]
    let piped = try run(Installation.executable, arguments, environment: ["CHROMIUM": browser])
    #expect(piped.status == 0 && piped.output == "" && piped.errors == "", "\(piped.errors)")
    let command = ([Installation.executable] + arguments).map { "'\($0)'" }.joined(separator: " ")
    let shown = try run("script", ["-qec", command, "/dev/null"], environment: ["CHROMIUM": browser])
    #expect(shown.status == 0)
    #expect(shown.output.hasPrefix("\rreport factory F001 … 1 s\u{1B}[K"), "\(shown.output.debugDescription)")
    #expect(shown.output.hasSuffix("\r\u{1B}[K"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "%PDF-1.7")
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
