import Foundation
import SQLiteStore
import Telemetry
import TestSupport
import Testing

/// The answer to a register file, the form of register files, and the export as a form, through the executable.
@Suite("Register answers and forms") struct RegisterAnswerTests {
  private let desk: RegisterDesk
  private let bad: String
  private let good: String
  private let factories: String

  init() throws {
    desk = try RegisterDesk()
    bad = try desk.folder.write("bad.csv", "资产编号,企业编号,数字化\nE 1,F001,是\nE2,F001,maybe\n")
    good = try desk.folder.write("good.csv", "序号,资产编号,企业编号\n1,E1,F001\n")
    factories = try desk.folder.write("factories.csv", "factory_id\nF001\n")
  }

  private func validate(_ file: String, report: String, _ more: [String] = []) throws -> CommandResult {
    try run(
      Installation.executable,
      ["register", "validate", file, "--factories", factories, "--report", desk.folder.file(report)] + more
        + ["--config", desk.configure("")], environment: ["LANG": "en_US.UTF-8"])
  }

  private func content(_ name: String) throws -> String {
    try String(contentsOfFile: desk.folder.file(name), encoding: .utf8)
  }

  @Test("A file with problems has an answer in each format, and the command exits with 1")
  func answers() throws {
    for (name, beginning) in [("a.xlsx", "PK"), ("a.html", "<!DOCTYPE html>"), ("a.htm", "<!DOCTYPE html>")] {
      let result = try validate(bad, report: name, ["--lang", "zh"])
      #expect(result.status == 1)
      #expect(
        result.errors.contains(
          "bad.csv 第 2 行“资产编号”（第 1 列）：“E 1”不是有效编号：应为 1 至 64 个字母、数字或 _ . -"))
      let data = try Data(contentsOf: URL(fileURLWithPath: desk.folder.file(name)))
      #expect(data.starts(with: Array(beginning.utf8)))
    }
    #expect(try validate(bad, report: "a.txt").status == 1)
    let lines = try content("a.txt").split(separator: "\n").map(String.init)
    #expect(lines.first == "Result of the register check  bad.csv")
    #expect(lines.contains("File       bad.csv: 2 rows"))
    // The list of factories is the office's.
    #expect(!lines.contains { $0.contains("factories.csv") })
    #expect(lines.contains("  Row 3: E2 | F001 | maybe"))
    #expect(lines.contains("    – 数字化: 'maybe' is neither yes (true, 1, 是) nor no (false, 0, 否)"))
  }

  @Test("A valid file has an answer that says so, with what was ignored") func valid() throws {
    let result = try validate(good, report: "a.txt", ["--lang", "zh"])
    #expect(result.status == 0)
    let text = try content("a.txt")
    #expect(text.contains("结论      校验通过，可以导入。"))
    #expect(text.contains("  “序号”（第 1 列）：序号，不予保存，共 1 行\n"))
    #expect(!text.contains("good.csv：“序号”"))
    #expect(!text.contains(desk.folder.path))
  }

  @Test("A file that cannot be read has an answer with the remedy") func unreadable() throws {
    let file = try desk.folder.write("zero.csv", "a\0b\n")
    #expect(try validate(file, report: "a.txt").status == 1)
    let text = try content("a.txt")
    #expect(text.contains("File       zero.csv: cannot be read"))
    #expect(
      text.replacing("\n  ", with: " ").contains(
        "zero.csv:1: a zero byte: this is not text in UTF-8 or GB18030; save it as 'CSV UTF-8'"))
  }

  @Test("An answer goes into no file of another kind, no missing folder, and never replaces its own input")
  func refusals() throws {
    let ending = try validate(bad, report: "a.pdf")
    #expect(ending.status == 64 && ending.errors.contains("must end in .xlsx, .html or .txt"))
    let missing = try validate(bad, report: "none/a.txt")
    #expect(missing.status == 73 && missing.errors.contains("No such file or directory"))
    try FileManager.default.createDirectory(
      atPath: desk.folder.file("folder.txt"), withIntermediateDirectories: false)
    let folder = try validate(bad, report: "folder.txt")
    #expect(folder.status == 1 && folder.output == "1 answer in \(desk.folder.file("folder.txt"))\n")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: desk.folder.file("folder.txt")) == [
        "bad-answer.xlsx"
      ])
    let text = try desk.folder.write("same.txt", "equipment_id,factory_id\nE1,F001\n")
    let same = try validate(text, report: "same.txt")
    #expect(same.status == 64 && same.errors.contains("is one of the files to check; name another file"))
    #expect(try content("same.txt") == "equipment_id,factory_id\nE1,F001\n")
  }

  private static var today: CalendarDay {
    StoredDays.calendar.day(at: Timestamp(milliseconds: now()))
  }

  /// A store whose two factories were collected on two days of last month, and the first and last day of that month.
  private func collected() throws -> ClosedRange<CalendarDay> {
    let today = Self.today
    let last = try #require(CalendarDay(year: today.civil.year, month: today.civil.month, day: 1)) - 1
    let first = try #require(CalendarDay(year: last.civil.year, month: last.civil.month, day: 1))
    try StoredDays(StoreDirectory(desk.folder.file("store")), first: first + 19, days: 2).collect(nil)
    try desk.importRegister(
      StoredDays.equipment, factories: StoredDays.factories, effective: "2024-01-01")
    // The import's file had both factories.
    try desk.folder.write("factories.csv", "factory_id\nF001\n")
    return first...last
  }

  @Test("With a store, the answer has the figures of past days that are improved, and last month's flags")
  func warnings() throws {
    let month = try collected()
    let better = try desk.folder.write(
      "better.csv",
      """
      equipment_id,factory_id,workshop,line,name,category,automation,intelligent,digital,connectable,report_interval_s,\
      commissioned_on
      E2,F001,W01,L1,Press,machine,automatic,no,yes,yes,600,2020-01-01

      """)
    let since = month.lowerBound
    let result = try validate(better, report: "a.html", ["--effective", "\(since)"])
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    let warning =
      "automation raised, since \(since): 1 equipment of 1 factory, for example F001/E2 manual → automatic"
    #expect(result.output.contains("  \(warning)\n"))
    let page = try content("a.html")
    #expect(
      page.contains("Figures are improved by an import valid from \(since): 1 kind of change, see below."))
    #expect(page.contains(warning))
    #expect(page.contains("To be explained by the factory: \(since) to \(month.upperBound)"))
    #expect(
      page.contains(
        "E3: declared automatic, digital and connectable, no reading ever received. Please connect the equipment or correct "
          + "its entry in the register."))
    // The other factory is not named by the file.
    #expect(!page.contains("F002"))
  }

  @Test("A file with problems has the flags too, and says that past figures are compared later") func later()
    throws
  {
    let month = try collected()
    #expect(try validate(bad, report: "a.html", ["--lang", "zh"]).status == 1)
    let page = try content("a.html")
    #expect(page.contains("更正全部问题后再行比对。"))
    #expect(page.contains("需企业说明的事项：\(month.lowerBound) 至 \(month.upperBound)"))
    #expect(page.contains("E3：申报为自动化、数字化、可联网设备，未收到过数据。请接入该设备，或更正台账中的申报。"))
  }

  @Test("Collected data that cannot be read leave the answer without flags, and the reason is said")
  func unreadableData() throws {
    _ = try collected()
    try Data("no database".utf8).write(
      to: URL(fileURLWithPath: StoreDirectory(desk.folder.file("store")).views))
    let result = try validate(good, report: "a.txt")
    #expect(result.status == 0)
    #expect(result.errors.hasPrefix("warning: the flags of the factories were not looked up: "))
    #expect(
      try content("a.txt").contains("\nFlags      Not looked up: the collected data could not be read.\n"))
    // Without collected data there is nothing to warn of.
    let other = try RegisterDesk(desk.folder, store: "other")
    let without = try other.millwright(
      "register", "validate", good, "--factories", factories, "--report", desk.folder.file("b.txt"))
    #expect(without.status == 0 && without.errors == "")
    #expect(
      try content("b.txt").contains(
        """
        Past days  No figure is improved by an import valid from \(Self.today).
        Flags      Not looked up: there are no collected data.
        """))
  }

  /// Fills in a form as a user does and writes the first sheet as CSV: dates and numbers as their cells show them.
  private static let fill = """
    import csv, datetime, sys, openpyxl
    book = openpyxl.load_workbook(sys.argv[1])
    sheet = book.worksheets[0]
    for row in sys.argv[3:]:
        values = [datetime.date.fromisoformat(v[1:]) if v[:1] == "d" else int(v[1:]) if v[:1] == "n" else v[1:] or None
                  for v in row.split("|")]
        sheet.append(values)
    if sys.argv[3:]:
        book.save(sys.argv[1])
    with open(sys.argv[2], "w", newline="", encoding="utf-8") as out:
        for row in sheet.iter_rows(values_only=True):
            csv.writer(out).writerow([v.strftime("%Y-%m-%d") if isinstance(v, datetime.date) else v for v in row])
    """

  @Test("A template that is filled in is valid", arguments: ["en", "zh"]) func template(language: String)
    throws
  {
    let form = desk.folder.file("form.xlsx")
    let written = try run(
      Installation.executable,
      ["register", "template", "--output", form, "--lang", language, "--factory", "F001"])
    #expect(written.status == 0 && written.output == "" && written.errors == "")
    let row =
      language == "zh"
      ? "s007|sF001|sW01|s|s车床|s|s自动|s否|s是|s是|n30|d2020-03-05"
      : "s007|sF001|sW01|s|slathe|s|sautomatic|sno|syes|syes|n30|d2020-03-05"
    let filled = try run(
      "/usr/bin/python3", ["-c", Self.fill, form, desk.folder.file("filled.csv"), row])
    #expect(filled.status == 0, "\(filled.errors)")
    let result = try run(
      Installation.executable,
      [
        "register", "validate", desk.folder.file("filled.csv"), "--factories", factories, "--config",
        desk.configure(""),
      ],
      environment: ["LANG": "en_US.UTF-8"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("filled.csv: 1 equipment, valid"))
    // The workbook itself: only the first of its sheets is a ledger.
    let workbook = try run(
      Installation.executable,
      ["register", "validate", form, "--factories", factories, "--config", desk.configure("")],
      environment: ["LANG": "en_US.UTF-8"])
    #expect(workbook.status == 0, "\(workbook.errors)")
    #expect(workbook.output.contains("form.xlsx: 1 equipment, valid"))
  }

  @Test("A template is refused under another ending, and for what is no factory") func templateRefusals()
    throws
  {
    func status(_ arguments: String...) throws -> (Int32, String) {
      let result = try run(Installation.executable, ["register", "template"] + arguments)
      return (result.status, result.errors)
    }
    let ending = try status("--output", desk.folder.file("a.csv"))
    #expect(ending.0 == 64 && ending.1.contains("must end in .xlsx"))
    let factory = try status("--output", desk.folder.file("a.xlsx"), "--factory", "F 1")
    #expect(factory.0 == 64 && factory.1.contains("'F 1' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -"))
    let both = try status("--output", desk.folder.file("a.xlsx"), "--factory", "F1", "--factories")
    #expect(both.0 == 64 && both.1.contains("--factory is for the equipment file"))
    let missing = try status("--output", desk.folder.file("none/a.xlsx"))
    #expect(missing.0 == 73)
    #expect(!FileManager.default.fileExists(atPath: desk.folder.file("a.xlsx")))
  }

  @Test("An export as a form can be imported again, with the same register") func export() throws {
    try desk.importRegister(
      "equipment_id,factory_id,serial,commissioned_on,report_interval_s,energy_rollover\n"
        + "007,F001,00123456789012345678,2020-03-05,30,999999.5\n-1,F001,=1,,,\n",
      factories: "factory_id,name_zh,retrofit_completed_on\nF001,甲,2024-06-30\n", effective: "2024-01-01")
    let before = try desk.output("register", "export", "--day", "2024-01-01", "--equipment-only")
    let folder = desk.folder.file("out")
    _ = try desk.output(
      "register", "export", "--day", "2024-01-01", "--format", "xlsx", "--output-dir", folder, "--headings",
      "zh")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
        "equipment.xlsx", "factories.xlsx",
      ])
    for name in ["equipment", "factories"] {
      let read = try run(
        "/usr/bin/python3", ["-c", Self.fill, "\(folder)/\(name).xlsx", desk.folder.file("\(name)-2.csv")])
      #expect(read.status == 0, "\(read.errors)")
    }
    for format in ["csv", "xlsx"] {
      let again = try RegisterDesk(store: "second-\(format)")
      let file = format == "csv" ? desk.folder.file("equipment-2.csv") : "\(folder)/equipment.xlsx"
      _ = try again.output(
        "register", "import", file, "--factories", desk.folder.file("factories-2.csv"), "--effective",
        "2024-01-01", "--yes")
      #expect(
        try again.output("register", "export", "--day", "2024-01-01", "--equipment-only") == before,
        "\(format)")
    }
    let mark = try desk.millwright("register", "export", "--format", "xlsx", "--bom", "--equipment-only")
    #expect(mark.status == 64 && mark.errors.contains("--bom can only be used with --format csv"))
  }
}
