import Foundation
import TestSupport
import Testing

/// Messages about wrong arguments and missing files in the language of `--lang`, through the executable.
@Suite("Messages in both languages") struct ChineseMessageTests {
  private let desk: RegisterDesk

  init() throws {
    desk = try RegisterDesk()
    try desk.importRegister(
      "equipment_id,factory_id\nE1,F001\n", factories: "factory_id\nF001\n", effective: "2024-01-01")
  }

  /// Exit code and message of a command in English and Chinese. The language of the environment is the other one, so
  /// that the argument decides.
  private func messages(_ arguments: [String]) throws -> [String] {
    try ["en", "zh"].map { language in
      let result = try run(
        Installation.executable,
        arguments + ["--lang", language, "--config", desk.folder.file("store.yaml")],
        environment: ["LANG": language == "en" ? "zh_CN.UTF-8" : "en_US.UTF-8"])
      #expect(result.output == "")
      return "\(result.status) \(result.errors)"
    }
  }

  @Test("Files that are not there") func files() throws {
    let path = desk.folder.file("nope.csv")
    #expect(
      try messages(["register", "validate", path]) == [
        "66 \(path): No such file or directory\n", "66 \(path)：文件或文件夹不存在\n",
      ])
    #expect(
      try messages(["register", "validate", path, "--factories", desk.folder.path]).last
        == "66 \(path)：文件或文件夹不存在\n")
    let ledger = try desk.folder.write("e.csv", "equipment_id,factory_id\nE1,F001\n")
    #expect(
      try messages(["register", "validate", ledger, "--factories", desk.folder.path]) == [
        "66 \(desk.folder.path): is a folder, not a file\n", "66 \(desk.folder.path)：这是文件夹，不是文件\n",
      ])
    #expect(
      try messages(["report", "factory", "F001", "--output", "/nodir/x.txt"]) == [
        "73 cannot write /nodir/x.txt: No such file or directory\n", "73 无法写入 /nodir/x.txt：文件或文件夹不存在\n",
      ])
    #expect(
      try messages(["report", "factory", "F001", "--output", "x.docx"]) == [
        "64 --output: there is no report format '.docx': use .txt, .md, .csv, .json, .html, .pdf, .xlsx, or name one with "
          + "--format\n",
        "64 --output：没有“.docx”格式的报告：请用 .txt、.md、.csv、.json、.html、.pdf、.xlsx，或用 --format 指定格式\n",
      ])
    #expect(
      try messages(["report", "district", "--format", "text", "--output-dir", ""]) == [
        "64 --output-dir: name a folder\n", "64 --output-dir：请指定文件夹\n",
      ])
    #expect(
      try messages(["report", "district", "--format", "json", "--bom"]) == [
        "64 --bom can only be used with --format csv or csv-long\n",
        "64 --bom 只能与 --format csv 或 csv-long 一并使用\n",
      ])
  }

  @Test("Where no policy is found at all, the message names the folders") func folders() throws {
    let places = [desk.folder.file("policies"), "/etc/millwright/policies", "Config/policies"]
    let messages = try ["en", "zh"].map { language in
      try run(
        Installation.executable,
        ["policy", "show", "half", "--lang", language, "--config", desk.folder.file("store.yaml")],
        directory: desk.folder.path
      ).errors
    }
    #expect(
      messages == [
        "policy show: there is no policy 'half', because none is in \(places[0]), \(places[1]) or \(places[2]); copy its "
          + "file there\n",
        "policy show：没有名为“half”的政策：\(places.joined(separator: "、"))中均无文件，请将其复制到其中之一\n",
      ])
  }

  @Test("Forms, policies and factories that are not there") func names() throws {
    #expect(
      try messages(["report", "factory", "F001", "--form", "qqqqqqqq"]) == [
        "66 --form: there is no form 'qqqqqqqq'; 'millwright form list' shows those there are\n",
        "66 --form：没有名为“qqqqqqqq”的填报表；可用表式见 millwright form list\n",
      ])
    try FileManager.default.createDirectory(
      atPath: desk.folder.file("policies"), withIntermediateDirectories: false)
    try desk.folder.write("policies/half.yaml", "")
    #expect(
      try messages(["policy", "show", "hlaf"]) == [
        "66 policy show: there is no policy 'hlaf' (did you mean 'half'?); 'millwright policy list' shows those there are\n",
        "66 policy show：没有名为“hlaf”的政策（是否应为“half”？）；可用政策见 millwright policy list\n",
      ])
    #expect(
      try messages(["form", "show", "./none.yaml"]) == [
        "66 form show: ./none.yaml: there is no such file\n", "66 form show：./none.yaml：文件不存在\n",
      ])
    #expect(
      try messages(["report", "factory", "F00"]) == [
        "66 no factory 'F00' in the register, and no sender of that name was heard\n",
        "66 台账中没有企业“F00”，也未收到过该名称的数据\n",
      ])
    #expect(
      try messages(["report", "equipment", "F001"]) == [
        "64 'F001' is not FACTORY/EQUIPMENT, such as F001/E1\n", "64 “F001”应为“企业编号/资产编号”，例如 F001/E1\n",
      ])
  }

  @Test("Periods") func periods() throws {
    #expect(
      try messages(["report", "factory", "F001", "--period", "2024-13"]) == [
        "64 --period: '2024-13' is not last-month, last-30-days, a month (2026-10), a quarter (2026-Q3) or a year (2026)\n",
        "64 --period：“2024-13”应为 last-month（上月）、last-30-days（近 30 天）、月（2026-10）、季度（2026-Q3）或年（2026）\n",
      ])
    #expect(
      try messages(["report", "factory", "F001", "--from", "2024-02-01", "--to", "2024-01-01"]) == [
        "64 --to 2024-01-01 is before --from 2024-02-01\n", "64 --to 2024-01-01 早于 --from 2024-02-01\n",
      ])
  }

  @Test("Options of templates and exports") func options() throws {
    func message(_ arguments: [String], _ language: String) throws -> String {
      let result = try run(Installation.executable, arguments + ["--lang", language])
      #expect(result.status == 64 && result.output == "")
      return result.errors.split(separator: "\n").first.map(String.init) ?? ""
    }
    let template = ["register", "template", "--factory", "F 1", "--output", desk.folder.file("a.xlsx")]
    #expect(
      try message(template, "en") == "Error: --factory: 'F 1' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -")
    #expect(
      try message(template, "zh") == "Error: --factory：“F 1”不是有效编号：应为 1 至 64 个字母、数字或 _ . -")
    let export = ["register", "export", "--format", "xlsx"]
    #expect(try message(export, "zh") == "Error: 请用 --output-dir 指定文件夹，或用 --equipment-only 写到标准输出")
    let day = ["register", "validate", "x", "--effective", "1.2.2024"]
    #expect(try message(day, "zh").contains("“1.2.2024”不是日期，应形如 2026-11-01"))
  }
}
