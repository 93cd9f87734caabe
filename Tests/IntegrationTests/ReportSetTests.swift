import Foundation
import SQLiteStore
import Telemetry
import TestSupport
import Testing

/// The whole set of a period, as a timer asks for it: of a register alone, without collector or broker.
@Suite("A set of reports") struct ReportSetTests {
  private let desk: RegisterDesk

  init() throws {
    desk = try RegisterDesk()
    try desk.importRegister(
      """
      equipment_id,factory_id,workshop,automation,digital,connectable
      E1,F001,W01,automatic,yes,yes
      E1,F002,W01,manual,no,no
      E1,.hidden,W01,manual,no,no
      E1,district,W01,manual,no,no
      """, factories: "factory_id,name_zh\nF001,测试厂\nF002,二厂\n.hidden,三厂\ndistrict,四厂\n",
      effective: "2024-01-01")
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test("The district's report and each factory's are written in every format, in the period's own folder")
  func set() throws {
    let folder = desk.folder.file("sets")
    let printed = try desk.output(
      "report", "district", "--period", "2024-10", "--format", "json", "--format", "text", "--output-dir",
      folder)
    #expect(printed == "10 files in \(folder)/2024-10\n")
    #expect(try files(folder) == ["2024-10"])
    #expect(
      try files(folder + "/2024-10") == [
        "%2Ehidden_三厂.json", "%2Ehidden_三厂.txt", "F001_测试厂.json", "F001_测试厂.txt", "F002_二厂.json",
        "F002_二厂.txt", "district.json", "district.txt", "factory-district_四厂.json",
        "factory-district_四厂.txt",
      ])
    // Each is what the command for it prints; only the moment up to which the register is known differs.
    func figures(_ report: String) -> String {
      report.replacing(/"known_at":"[^"]*"/, with: "").components(separatedBy: "\"provenance\"")[0]
    }
    for (name, scope) in [
      ("district", ["district"]), ("F001_测试厂", ["factory", "F001"]),
      ("%2Ehidden_三厂", ["factory", ".hidden"]), ("factory-district_四厂", ["factory", "district"]),
    ] {
      let written = try String(contentsOfFile: "\(folder)/2024-10/\(name).json", encoding: .utf8)
      let result = try run(
        Installation.executable,
        ["report"] + scope + [
          "--period", "2024-10", "--format", "json", "--config", desk.folder.file("store.yaml"),
        ])
      #expect(result.status == 0)
      #expect(figures(written) == figures(result.output))
    }
  }

  @Test("An index leads to every file of a set, and the district's page to every factory") func pages() throws
  {
    let folder = desk.folder.file("sets")
    let printed = try desk.output(
      "report", "district", "--period", "2024-10", "--format", "html", "--format", "json", "--output-dir",
      folder)
    #expect(printed == "11 files in \(folder)/2024-10\n")
    func linked(_ page: String) throws -> [String] {
      try String(contentsOfFile: "\(folder)/2024-10/\(page)", encoding: .utf8)
        .matches(of: /<a href="([^"#]+)"/).map { try #require(String($0.output.1).removingPercentEncoding) }
    }
    let index = try linked("index.html")
    #expect(Set(index).union(["index.html"]) == Set(try files(folder + "/2024-10")))
    #expect(index.prefix(3) == ["district.html", "district.html", "district.json"])
    #expect(
      Set(try linked("district.html")) == [
        "%2Ehidden_三厂.html", "F001_测试厂.html", "F002_二厂.html", "factory-district_四厂.html", "index.html",
      ])
    #expect(try linked("F001_测试厂.html") == ["index.html"])
    let page = try String(contentsOfFile: folder + "/2024-10/index.html", encoding: .utf8)
    #expect(page.contains("<h1><bdi>Test</bdi> <small><bdi>测试</bdi></small></h1>"))
    #expect(page.contains("href=\"F001_%E6%B5%8B%E8%AF%95%E5%8E%82.html\""))
    #expect(page.contains("href=\"%252Ehidden_%E4%B8%89%E5%8E%82.html\""))
  }

  @Test("Names of files are safe, of bounded length, and different in any letter case") func fileNames()
    throws
  {
    let long = String(repeating: "厂", count: 60)
    try desk.importRegister(
      "equipment_id,factory_id,workshop,automation,digital,connectable\nE1,F001,W01,automatic,yes,yes",
      factories: """
        factory_id,name_zh
        F001,A
        F001_A,
        f001,a
        F003,渝北/精密：机械（一）厂
        F004,\(long)
        CON,
        index,
        """, effective: "2024-01-01")
    let folder = desk.folder.file("sets")
    _ = try desk.output(
      "report", "district", "--period", "2024-10", "--format", "json", "--output-dir", folder)
    let names = Set(try files(folder + "/2024-10"))
    #expect(
      names.isSuperset(of: [
        "F001_A.json", "F001_A_2.json", "f001_a_3.json", "F003_渝北-精密-机械-一-厂.json",
        "F004_\(String(repeating: "厂", count: 40)).json", "factory-CON.json", "factory-index.json",
      ]), "\(names.sorted())")
  }

  @Test(
    "A folder is named after the month, quarter or year, or after its first and last day",
    arguments: [
      (["--period", "2024-Q3"], "2024-Q3"), (["--period", "2024"], "2024"),
      (["--from", "2024-02-01", "--to", "2024-02-29"], "2024-02"),
      (["--from", "2024-02-01", "--to", "2024-02-28"], "2024-02-01--2024-02-28"),
      (["--from", "2024-02-01", "--to", "2024-04-30"], "2024-02-01--2024-04-30"),
    ])
  func names(period: [String], name: String) throws {
    let folder = desk.folder.file("sets")
    let result = try run(
      Installation.executable,
      ["report", "district"] + period + [
        "--format", "text", "--output-dir", folder, "--config", desk.folder.file("store.yaml"),
      ])
    #expect(result.status == 0, "\(result.errors)")
    #expect(try files(folder) == [name])
  }

  @Test("Meters that count more than a number holds end no set: every file is written, the rest is as it is")
  func saturated() throws {
    let morning = try #require(Timestamp("2024-10-15T08:00:00+08:00"))
    func message(_ place: String, _ hours: Int64, good: Int64, energy: String) -> StoredMessage {
      let at = morning + .hours(hours)
      return StoredMessage(
        place: place,
        payload: #"{"ts":\#(at.milliseconds),"state":"running","good":\#(good),"energy_kwh":\#(energy)}"#,
        received: at)
    }
    let most: Int64 = 9_223_372_036_854_775
    let store = StoreDirectory(desk.folder.file("store"))
    try StoredMessage.collect(
      [
        message("F001/W01/E1", 0, good: 0, energy: "0"), message("F001/W01/E2", 0, good: 0, energy: "0"),
        message("F002/W01/E1", 0, good: 5, energy: "5"),
        message("F001/W01/E1", 1, good: most, energy: "1"),
        message("F001/W01/E2", 1, good: 1, energy: "\(most)"),
        message("F002/W01/E1", 1, good: 8, energy: "17.5"),
      ], into: store, connected: morning - .seconds(1))
    try desk.importRegister(
      """
      equipment_id,factory_id,workshop,automation,digital,connectable
      E1,F001,W01,automatic,yes,yes
      E2,F001,W01,automatic,yes,yes
      E1,F002,W01,automatic,yes,yes
      """, effective: "2024-01-01")
    let formats = ["text", "markdown", "csv", "json", "html", "xlsx"]
    let folder = desk.folder.file("sets")
    let result = try run(
      Installation.executable,
      ["report", "district", "--period", "2024-10", "--output-dir", folder]
        + formats.flatMap { ["--format", $0] }
        + ["--config", desk.folder.file("store.yaml")])
    #expect(result.status == 0 && !result.isSignal && result.errors == "", "\(result.errors)")
    #expect(result.output == "31 files in \(folder)/2024-10\n")
    let endings = ["csv", "html", "json", "md", "txt", "xlsx"]
    let reports = ["%2Ehidden_三厂", "F001_测试厂", "F002_二厂", "district", "factory-district_四厂"]
    #expect(
      try files(folder + "/2024-10") == reports.flatMap { name in endings.map { "\(name).\($0)" } }
        + ["index.html"])
    for file in try files(folder + "/2024-10") {
      let size = try FileManager.default.attributesOfItem(atPath: "\(folder)/2024-10/\(file)")[.size] as? Int
      #expect((size ?? 0) > (file.hasSuffix(".csv") ? 200 : 500), "\(file)")
    }
    for (name, energy, good, saturated) in [
      ("F001_测试厂", "9223372036854775.807", "9223372036854775.807", 2), ("F002_二厂", "12.5", "3", 0),
      ("district", "9223372036854775.807", "9223372036854775.807", 2),
    ] {
      let written = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/2024-10/\(name).json"))
      let figures = try JSONDecoder().decode(Metered.self, from: written)
      #expect(
        figures
          == Metered(energy: .init(kwh: energy, good: good), data_quality: .init(saturated: saturated)),
        "\(name)")
    }
    let text = try String(contentsOfFile: folder + "/2024-10/district.txt", encoding: .utf8)
    #expect(RegisterDesk.words(text).contains("Energy 9,223,372,036,854,775.807 kWh"))
    #expect(RegisterDesk.words(text).contains("Machines whose meters are out of range 2"))
  }

  /// The parts of a JSON report that are of meters.
  private struct Metered: Decodable, Equatable {
    struct Energy: Decodable, Equatable {
      var kwh: String?
      var good: String?
    }
    struct DataQuality: Decodable, Equatable { var saturated: Int }
    var energy: Energy
    var data_quality: DataQuality
  }

  @Test("What a set cannot be asked for is refused, and nothing is written") func refused() throws {
    let folder = desk.folder.file("sets")
    for (arguments, complaint) in [
      (["report", "factory", "F001", "--format", "json", "--output-dir", folder], "the set of the district"),
      (["report", "district", "--output-dir", folder], "--output-dir needs at least one --format"),
      (
        ["report", "district", "--format", "json", "--output-dir", folder, "--output", "x.json"],
        "cannot be used with"
      ),
      (
        ["report", "district", "--format", "json", "--format", "text"],
        "only one is allowed without --output-dir"
      ),
    ] {
      let result = try run(
        Installation.executable, arguments + ["--config", desk.folder.file("store.yaml")])
      #expect(result.status == 64)
      #expect(result.errors.contains(complaint), "\(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder))
    // A file where the folder should be.
    try desk.folder.write("sets", "")
    let result = try run(
      Installation.executable,
      [
        "report", "district", "--format", "json", "--output-dir", folder, "--config",
        desk.folder.file("store.yaml"),
      ])
    #expect(result.status == 73)
    #expect(result.errors.contains(folder))
  }
}
