import Foundation
import TestSupport
import Testing

/// Reports as PDF, printed by a real Chromium and read back by pdftotext.
@Suite("PDF") struct PDFTests {
  private let desk: RegisterDesk

  init() throws {
    desk = try RegisterDesk()
    // Enough machines for a table over several pages.
    let rows = (100..<220).map { "E\($0),F001,W01,车床\($0),automatic,yes,yes" }
    try desk.importRegister(
      "equipment_id,factory_id,workshop,name,automation,digital,connectable\n" + rows.joined(separator: "\n"),
      factories: "factory_id,name_zh,name_en\nF001,测试厂,Test Works\n", effective: "2024-01-01")
  }

  private func print(_ arguments: [String], environment: [String: String] = [:]) throws -> CommandResult {
    try run(
      Installation.executable,
      ["report", "factory", "F001", "--period", "2024-10", "--config", desk.folder.file("store.yaml")]
        + arguments, environment: environment, seconds: 120)
  }

  @Test("has the report's words and figures, its title and number on every page, and table heads again")
  func pages() throws {
    let file = desk.folder.file("report.pdf")
    let result = try print(["--output", file, "--lang", "zh"])
    #expect(result.status == 0, "\(result.errors)")
    let text = try run("pdftotext", ["-layout", file, "-"])
    #expect(text.status == 0)
    let pages = text.output.split(separator: "\u{0C}").map(String.init)
    #expect(pages.count > 2)
    for (place, page) in pages.enumerated() {
      #expect(page.contains("测试厂设备联网与自动化月报（2024 年 10 月）"), "page \(place + 1)")
      #expect(page.contains("第 \(place + 1) 页，共 \(pages.count) 页"), "page \(place + 1)")
    }
    #expect(pages[0].contains("测试厂"))
    #expect(text.output.contains("120 / 120"))
    #expect(text.output.contains("… 另有 110 项") && !text.output.contains("E119 "))
    // With all rows the table of gaps goes over pages, each with its headings.
    #expect(try print(["--output", file, "--lang", "zh", "--all"]).status == 0)
    let complete = try run("pdftotext", ["-layout", file, "-"]).output
    #expect(!complete.contains("… 另有 110 项") && complete.contains("E219 "))
    let gaps = complete.split(separator: "\u{0C}").filter { $0.contains("尚无消息") }
    #expect(gaps.count > 1)
    #expect(gaps.allSatisfy { $0.contains("位置") && $0.contains("说明") })
  }

  @Test("names the package where there is no Chromium, and the program where it is none") func missing()
    throws
  {
    let file = desk.folder.file("none.pdf")
    let without = try print(["--output", file], environment: ["PATH": desk.folder.path])
    #expect(without.status == 69)
    #expect(without.errors.contains("apt-get install chromium"))
    let nothing = desk.folder.file("no-browser")
    let wrong = try print(["--output", file], environment: ["CHROMIUM": nothing])
    #expect(wrong.status == 69)
    #expect(wrong.errors.contains("'\(nothing)' is no program that can be run"))
    let useless = try print(["--output", file], environment: ["CHROMIUM": "/bin/false"])
    #expect(useless.status == 69)
    #expect(useless.errors.contains("/bin/false: ended with 1"))
    #expect(!FileManager.default.fileExists(atPath: file))
  }
}
