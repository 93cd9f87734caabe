import Configuration
import Decoding
import Foundation
import FuzzDriver
import Ledgers
import Register
import Telemetry

/// Fuzzes the files that users write: see Scripts/fuzz.
@main enum FuzzSettings {
  static func main() throws { exit(try FuzzDriver.main(targets)) }

  private static func targets(_ top: String) throws -> [FuzzTarget] {
    [
      FuzzTarget("configuration", seeds: try configurations(top), configuration),
      FuzzTarget("policies", seeds: try files(in: "\(top)/Config/policies", ".yaml"), policies),
      FuzzTarget("forms", seeds: try files(in: "\(top)/Config/forms", ".yaml"), forms),
      FuzzTarget("actions", seeds: try files(in: "\(top)/Config", "actions.yaml"), actions),
      FuzzTarget("register", seeds: try files(in: "\(top)/Config/register", ".csv"), register),
      FuzzTarget("ledgers", seeds: try ledgers(top), ledgers),
      FuzzTarget("naming", seeds: try files(in: "\(top)/Config", "naming.csv"), naming),
    ]
  }

  private static func files(in folder: String, _ suffix: String) throws -> [[UInt8]] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(suffix) }.sorted()
      .compactMap { FileManager.default.contents(atPath: "\(folder)/\($0)") }.map { [UInt8]($0) }
  }

  // MARK: The configuration

  private static func configuration(_ bytes: UnsafeRawBufferPointer) {
    checkProblems {
      let settings = try Settings.parse(String(decoding: bytes, as: UTF8.self), file: "millwright.yaml")
      let rules = try settings.shardSettings().rules
      require(
        (try? DecodingRules(text: rules.text)) == rules, "the rules of a configuration are not restored")
    }
  }

  private static func policies(_ bytes: UnsafeRawBufferPointer) {
    checkProblems { _ = try PolicyFile.parse(String(decoding: bytes, as: UTF8.self), file: "policy.yaml") }
  }

  private static func forms(_ bytes: UnsafeRawBufferPointer) {
    checkProblems {
      _ = try FormFile.parse(
        String(decoding: bytes, as: UTF8.self), file: "form.yaml", besides: "Config/millwright.yaml")
    }
  }

  private static func actions(_ bytes: UnsafeRawBufferPointer) {
    checkProblems {
      _ = try ActionRuleFile.parse(String(decoding: bytes, as: UTF8.self), file: "actions.yaml")
    }
  }

  /// A refused file must name a problem.
  private static func checkProblems(_ body: () throws -> Void) {
    do { try body() } catch {
      guard let errors = error as? SettingsErrors else { return require(false, "\(error)") }
      require(!errors.problems.isEmpty, "a file is refused without a problem")
      _ = errors.problems.map(\.description)
    }
  }

  /// The example of every key, the examples of sources, and the sources of golden folders.
  private static func configurations(_ top: String) throws -> [[UInt8]] {
    let least = """
      district: { id: d, name_zh: 区, name_en: District, timezone: Asia/Shanghai }
      store: sqlite:/var/lib/millwright
      sources:

      """
    let golden = "\(top)/Tests/DecodingTests/Golden"
    let cases = try FileManager.default.subpathsOfDirectory(atPath: golden).sorted()
      .filter { $0.hasSuffix("source.yaml") }
      .compactMap { FileManager.default.contents(atPath: "\(golden)/\($0)") }.map { [UInt8]($0) }
    let sources = try files(in: "\(top)/Config/sources", ".yaml") + cases
    return try files(in: "\(top)/Config", "millwright.yaml")
      + sources.map { source in
        let lines = String(decoding: source, as: UTF8.self).split(
          separator: "\n", omittingEmptySubsequences: false)
        let isList = lines.contains { $0.hasPrefix("- ") }
        let indented = lines.enumerated().map { index, line in
          (isList ? "  " : index == 0 ? "  - " : "    ") + line + "\n"
        }
        return Array((least + indented.joined()).utf8)
      }
  }

  // MARK: The register and the naming

  /// The bytes as a file of equipment, of factories and of a calendar.
  private static func register(_ bytes: UnsafeRawBufferPointer) {
    let file = RegisterFile(name: "register.csv", bytes: Array(bytes))
    checkRegister { _ = try RegisterRows.read(equipment: file, factories: nil, stored: ["F001"]) }
    checkRegister { _ = try RegisterRows.read(equipment: file, factories: file) }
    checkRegister { _ = try CalendarEntry.read(file, factories: ["F001"], calendar: .utc) }
  }

  /// The bytes as a ledger of any format, all of whose sheets are read.
  private static func ledgers(_ bytes: UnsafeRawBufferPointer) {
    do {
      let ledger = try LedgerFile.open(bytes: Array(bytes), name: "ledger")
      for sheet in ledger.sheets {
        var rows = try ledger.rows(of: sheet)
        _ = rows.merges
        var last = 0
        while let row = try rows.next() {
          require(row.number > last, "row \(row.number) stands after row \(last)")
          last = row.number
        }
      }
    } catch { require(!error.message.isEmpty, "a ledger is refused without a problem") }
  }

  /// The workbooks of the tests, which other programs wrote, and the example of a register as text.
  private static func ledgers(_ top: String) throws -> [[UInt8]] {
    let fixtures = "\(top)/Tests/LedgersTests/Fixtures"
    return try files(in: fixtures, ".xlsx").filter { $0.count < 16_384 } + files(in: fixtures, ".xls")
      + files(in: "\(top)/Config/register", ".csv")
  }

  private static func naming(_ bytes: UnsafeRawBufferPointer) {
    checkRegister { _ = try Naming(RegisterFile(name: "naming.csv", bytes: Array(bytes))) }
  }

  /// A refused file must name a problem.
  private static func checkRegister(_ body: () throws -> Void) {
    do { try body() } catch {
      guard let problems = error as? RegisterProblems else { return require(false, "\(error)") }
      require(problems.count > 0, "a file is refused without a problem")
      _ = problems.lines()
    }
  }
}
