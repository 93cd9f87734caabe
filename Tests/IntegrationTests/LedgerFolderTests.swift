import Foundation
import TestSupport
import Testing

/// A folder of ledgers as offices keep them (Tests/LedgerFolder), imported in one command. What the program prints is
/// kept in files beside them, for a person to check.
@Suite("A folder of ledgers as offices keep them") struct LedgerFolderTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("LedgerFolder").path

  private let store: TemporaryDirectory

  init() throws {
    store = try TemporaryDirectory("ledgers")
    try store.write(
      "millwright.yaml",
      """
      district: { id: test, name_zh: 测试, name_en: Test, timezone: Asia/Shanghai }
      store: sqlite:store
      """)
  }

  private func millwright(_ arguments: String...) throws -> CommandResult {
    try run(
      Installation.executable, arguments + ["--config", store.file("millwright.yaml")],
      directory: Self.folder,
      environment: ["LANG": "en_US.UTF-8"])
  }

  private static func golden(_ name: String) throws -> String {
    try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
  }

  @Test("one command imports all of them, and its preview lists every rule", arguments: ["en", "zh"])
  func accepted(language: String) throws {
    let result = try millwright(
      "register", "import", "accepted", "--factories", "factories.csv", "--factory-from", "file",
      "--fill-down",
      "--synonyms", "synonyms.csv", "--effective", "2026-11-01", "--yes", "--lang", language)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == (try Self.golden("accepted.\(language).txt")))
    let listed = try millwright("register", "export", "--day", "2026-11-01", "--equipment-only")
    #expect(listed.output == (try Self.golden("equipment.csv")))
  }

  @Test("every fault of the others is named with its place and remedy", arguments: ["en", "zh"])
  func refused(language: String) throws {
    let result = try millwright(
      "register", "validate", "refused", "--factories", "factories.csv", "--factory-from", "file", "--lang",
      language)
    #expect(result.status == 1 && result.output == "")
    #expect(result.errors == (try Self.golden("refused.\(language).txt")))
    let imported = try millwright("register", "import", "refused", "--factories", "factories.csv", "--yes")
    #expect(imported.status == 65 && imported.errors.hasSuffix("nothing was stored\n"))
    #expect(!FileManager.default.fileExists(atPath: store.file("store/register.sqlite")))
  }

  @Test("pipes of a folder are left out, workbooks of WPS are read") func pipes() throws {
    let folder = store.file("ledgers")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: Self.folder + "/accepted/F017.xls", toPath: folder + "/F017.et")
    #expect(mkfifo(folder + "/x.csv", 0o600) == 0)
    let folders = [
      (
        "en",
        "\(folder)/x.csv: not read, a pipe or a device, not a file\n\(folder)/F017.et: XLS, sheet '设备台账', "
      ),
      ("zh", "\(folder)/x.csv：未读取，管道或设备，不是文件\n\(folder)/F017.et：XLS，工作表“设备台账”，"),
    ]
    for (language, expected) in folders {
      let result = try millwright(
        "register", "validate", folder, "--factories", "factories.csv", "--factory-from", "file", "--lang",
        language)
      #expect(result.status == 0 && result.output.hasPrefix(expected), "\(result.output)\(result.errors)")
    }
    let pipe = try millwright("register", "validate", folder + "/x.csv", "--factories", "factories.csv")
    #expect(
      pipe.errors.contains(
        "\(folder)/x.csv: is a pipe or a device, not a file; save its content to a file and name that one\n"))
  }

  @Test("an import into the past warns before it is stored, in both languages") func past() throws {
    let head = "equipment_id,factory_id,automation,commissioned_on\n"
    let factories = try store.write("factories.csv", "factory_id\nF001\n")
    let first = try millwright(
      "register", "import", try store.write("a.csv", head + "E1,F001,manual,2020-01-01\n"), "--factories",
      factories,
      "--effective", "2024-01-01", "--yes")
    #expect(
      first.output.contains(
        """
        warning: this import adds equipment to days that are past; reports of those days count it without a remark
          first import of a factory, counted back to the commissioning date, since 2020-01-01: 1 equipment of 1 factory, \
        for example F001/E1 2020-01-01

        """))
    let better = try store.write("b.csv", head + "E1,F001,automatic,2020-01-01\n")
    for (language, warning) in [
      (
        "en",
        """
        warning: this import improves figures of days that are past; reports of those days will show it
          automation raised, since 2024-02-01: 1 equipment of 1 factory, for example F001/E1 manual → automatic

        """
      ),
      (
        "zh",
        """
        警告：本次导入会使已过日期的指标变好；相应日期的报告将予以标明
          自动化程度提高，自 2024-02-01 起：企业 1 家，设备 1 台，例如 F001/E1 手动 → 自动

        """
      ),
    ] {
      let checked = try millwright(
        "register", "validate", better, "--effective", "2024-02-01", "--lang", language)
      #expect(checked.status == 0 && checked.output.hasSuffix(warning), "\(checked.output)")
    }
    let stored = try millwright("register", "import", better, "--effective", "2024-02-01", "--yes")
    #expect(stored.output.contains("  automation raised, since 2024-02-01: 1 equipment of 1 factory"))
    let today = try millwright("register", "validate", better)
    #expect(!today.output.contains("warning"))
  }
}
