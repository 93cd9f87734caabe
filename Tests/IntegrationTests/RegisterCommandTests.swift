import Foundation
import Telemetry
import TestSupport
import Testing

/// The register's two time axes as its commands and the reports show them: moves between workshops and
/// factories, reclassification, retirement and return, and a correction of the past.
@Suite("Register commands") struct RegisterCommandTests {
  private let desk: RegisterDesk
  /// Between the imports: what was known then.
  private let known: [String]

  private static let columns =
    "equipment_id,factory_id,workshop,category,automation,digital,serial,commissioned_on"

  init() throws {
    desk = try RegisterDesk()
    var known: [String] = []
    try desk.importRegister(
      """
      \(Self.columns)
      E1,F001,W01,lathe,manual,yes,S1,2020-01-01
      E2,F001,W01,lathe,manual,yes,S2,2020-01-01
      E3,F001,W01,lathe,automatic,yes,S3,2020-01-01
      G1,F001,W02,sensor,,yes,S4,2020-01-01
      A1,F002,W01,lathe,manual,yes,S5,2020-01-01
      """, factories: "factory_id,name_zh\nF001,甲\nF002,乙\n", effective: "2024-01-01")
    known.append(Self.now)
    // E1 moves and becomes automatic, G1 takes part in production, E2 is missing.
    try desk.importRegister(
      """
      \(Self.columns)
      E1,F001,W02,lathe,automatic,yes,S1,2020-01-01
      E3,F001,W01,lathe,automatic,yes,S3,2020-01-01
      G1,F001,W02,inspection machine,,yes,S4,2020-01-01
      """, effective: "2024-02-01", retireMissing: true)
    known.append(Self.now)
    // E2 is back, and E3 goes to F002 as B3.
    try desk.importRegister(
      """
      \(Self.columns),decommissioned_on
      E2,F001,W01,lathe,manual,yes,S2,2020-01-01,
      E3,F001,W01,lathe,automatic,yes,S3,2020-01-01,2024-03-01
      B3,F002,W09,lathe,automatic,yes,S3,2024-03-01,
      """, effective: "2024-03-01")
    known.append(Self.now)
    // A correction of the past: A1 was automatic in January.
    try desk.importRegister(
      """
      \(Self.columns)
      A1,F002,W01,lathe,automatic,yes,S5,2020-01-01
      """, effective: "2024-01-01")
    self.known = known
  }

  /// The instant, in UTC: after the import before it, and before the next.
  private static var now: String { Timestamp(milliseconds: IntegrationTests.now()).rfc3339 }

  @Test(
    "A report as of each date counts what the register says of that date",
    arguments: [
      ("2024-01-15", "F001 1/3, retired 0; F002 1/1, retired 0; district 2/4"),
      ("2024-01-31", "F001 1/3, retired 0; F002 1/1, retired 0; district 2/4"),
      ("2024-02-01", "F001 2/3, retired 1; F002 1/1, retired 0; district 3/4"),
      ("2024-02-29", "F001 2/3, retired 1; F002 1/1, retired 0; district 3/4"),
      ("2024-03-01", "F001 1/3, retired 1; F002 2/2, retired 0; district 3/5"),
    ])
  func asOf(day: String, expected: String) throws {
    #expect(try base(["--as-of", day]) == expected)
  }

  @Test("Known as of an instant, later imports have not been") func knownAt() throws {
    let as0f = ["--as-of", "2024-03-15", "--known-at"]
    #expect(try base(as0f + [known[0]]) == "F001 1/3, retired 0; F002 0/1, retired 0; district 1/4")
    #expect(try base(as0f + [known[1]]) == "F001 2/3, retired 1; F002 0/1, retired 0; district 2/4")
    #expect(try base(as0f + [known[2]]) == "F001 1/3, retired 1; F002 1/2, retired 0; district 2/5")
  }

  @Test("Each workshop has the equipment that stands in it on that date") func workshops() throws {
    func equipment(_ day: String) throws -> [String] {
      try desk.report(Standing.self, ["factory", "F001", "--as-of", day]).workshops.map {
        "\($0.id) \($0.metrics["automation_ratio"]?.denominator ?? -1)"
      }
    }
    #expect(try equipment("2024-01-15") == ["W01 3", "W02 0"])
    #expect(try equipment("2024-02-15") == ["W01 1", "W02 2"])
    #expect(try equipment("2024-03-15") == ["W01 1", "W02 2"])
  }

  @Test("diff of two dates: what happened between them") func happened() throws {
    #expect(
      try desk.lines("register", "diff", "--from", "2024-01-15", "--to", "2024-02-15") == [
        "register version 4: 2024-01-15 → 2024-02-15", "factories 0 added, 0 removed, 0 changed",
        "equipment 0 added, 1 retired, 0 removed, 1 moved, 1 changed, 2 unchanged", "equipment retired",
        "F001/E2 lathe on 2024-02-01", "equipment moved", "F001/E1 workshop: W01 → W02",
        "automation: manual → automatic", "equipment changed",
        "F001/G1 category: sensor → inspection machine",
      ])
    #expect(
      try desk.lines("register", "diff", "--from", "2024-02-15", "--to", "2024-03-15") == [
        "register version 4: 2024-02-15 → 2024-03-15", "factories 0 added, 0 removed, 0 changed",
        "equipment 1 added, 0 retired, 0 removed, 1 moved, 0 changed, 3 unchanged", "equipment added",
        "F001/E2 lathe in service", "equipment moved", "F001/E3 → F002/B3 equipment_id: E3 → B3",
        "factory_id: F001 → F002", "workshop: W01 → W09", "commissioned_on: 2020-01-01 → 2024-03-01",
      ])
    let none = try desk.millwright(
      "register", "diff", "--from", "2024-03-15", "--to", "2024-03-16", "--exit-code")
    #expect(none.status == 0)
    let some = try desk.millwright(
      "register", "diff", "--from", "2024-02-15", "--to", "2024-03-15", "--exit-code")
    #expect(some.status == 1)
  }

  @Test("diff of two states of knowledge: what was learned of one date in between") func learned() throws {
    // Of January only the correction was learned.
    #expect(
      try desk.lines("register", "diff", "--known-from", known[0], "--day", "2024-01-15") == [
        "2024-01-15: register version 1 → 4", "factories 0 added, 0 removed, 0 changed",
        "equipment 0 added, 0 retired, 0 removed, 0 moved, 1 changed, 4 unchanged", "equipment changed",
        "F002/A1 automation: manual → automatic",
      ])
    #expect(
      try desk.lines(
        "register", "diff", "--known-from", known[2], "--day", "2024-01-15", "--factory", "F001"
      ).first { $0.hasPrefix("equipment") }
        == "equipment 0 added, 0 retired, 0 removed, 0 moved, 0 changed, 4 unchanged")
    // Of February, between the first two imports, all that the second one says.
    #expect(
      try desk.lines(
        "register", "diff", "--known-from", known[0], "--known-to", known[1], "--day", "2024-02-15"
      )[2] == "equipment 0 added, 1 retired, 0 removed, 1 moved, 1 changed, 2 unchanged")
    // As known first, nobody had moved in March.
    #expect(
      try desk.lines(
        "register", "diff", "--known-from", known[1], "--known-to", known[2], "--day", "2024-03-15"
      ).filter { $0.contains("→") } == [
        "2024-03-15: register version 2 → 3", "F001/E3 → F002/B3 equipment_id: E3 → B3",
        "factory_id: F001 → F002", "workshop: W01 → W09", "commissioned_on: 2020-01-01 → 2024-03-01",
      ])
  }

  @Test("history tells what every import said of a machine, and until when that holds") func history() throws
  {
    func history(_ key: String) throws -> [String] {
      // The instants of import are the test's own.
      try desk.lines("register", "history", key).dropFirst().map { line in
        line.split(separator: " ").filter { !$0.contains("T") }.joined(separator: " ")
      }
    }
    #expect(
      try history("F001/E1") == [
        "1 2024-01-01 2024-02-01 first row", "2 2024-02-01 workshop: W01 → W02",
        "automation: manual → automatic",
      ])
    #expect(
      try history("F001/E2") == [
        "1 2024-01-01 2024-02-01 first row", "2 2024-02-01 2024-03-01 decommissioned_on: (none) → 2024-02-01",
        "3 2024-03-01 decommissioned_on: 2024-02-01 → (none)",
      ])
    #expect(
      try history("F002/A1") == [
        "1 2024-01-01 replaced by 4 first row", "4 2024-01-01 automation: manual → automatic",
      ])
    #expect(try history("F002/B3") == ["3 2024-03-01 first row"])
    let imports = try desk.lines("register", "history")
    #expect(imports.filter { $0.hasSuffix("equipment.csv") }.count == 4)
  }

  @Test(
    "An export imported into an empty store makes the same report of its date",
    arguments: [
      "2024-01-15", "2024-02-15", "2024-03-15",
    ])
  func export(day: String) throws {
    let files = desk.folder.file("export-\(day)")
    _ = try desk.output("register", "export", "--day", day, "--output-dir", files)
    let copy = try RegisterDesk(desk.folder, store: "copy-\(day)")
    _ = try copy.output(
      "register", "import", files + "/equipment.csv", "--factories", files + "/factories.csv", "--effective",
      day, "--yes")
    #expect(try base(["--as-of", day], at: copy) == base(["--as-of", day]))
    // But for the last line, which states the version.
    let (copied, kept) = (
      try copy.lines("register", "list", "--day", day), try desk.lines("register", "list", "--day", day)
    )
    #expect(copied.dropLast(1) == kept.dropLast(1) && copied.count == 8)
  }

  @Test("An export as known at an instant has what was known then") func exportKnown() throws {
    func exported(_ known: String) throws -> [String] {
      try desk.output(
        "register", "export", "--day", "2024-02-15", "--known-at", known, "--equipment-only", "--factory",
        "F001"
      ).split(whereSeparator: \.isNewline).dropFirst().map { row in
        row.split(separator: ",", omittingEmptySubsequences: false).prefix(7).joined(separator: ",")
      }
    }
    #expect(
      try exported(known[0]) == [
        "E1,F001,W01,,,lathe,manual", "E2,F001,W01,,,lathe,manual", "E3,F001,W01,,,lathe,automatic",
        "G1,F001,W02,,,sensor,unclassified",
      ])
    #expect(
      try exported(known[1]) == [
        "E1,F001,W02,,,lathe,automatic", "E2,F001,W01,,,lathe,manual", "E3,F001,W01,,,lathe,automatic",
        "G1,F001,W02,,,inspection machine,unclassified",
      ])
  }

  @Test(
    "--retire-missing retires within the factories the file names, and nothing registered from a later day on"
  )
  func retireMissing() throws {
    let file = try desk.folder.write(
      "b3.csv", "\(Self.columns)\nA1,F002,W01,lathe,automatic,yes,S5,2020-01-01\n")
    let shown = try desk.lines(
      "register", "import", file, "--effective", "2024-02-15", "--retire-missing", "--yes")
    // B3 comes in March, and F001 is not in the file.
    #expect(shown[2] == "equipment 0 new, 0 changed, 1 unchanged, 0 absent and kept")
    #expect(
      try base(["--as-of", "2024-02-20"]) == "F001 2/3, retired 1; F002 1/1, retired 0; district 3/4")
    #expect(
      try base(["--as-of", "2024-03-15"]) == "F001 1/3, retired 1; F002 2/2, retired 0; district 3/5")
  }

  @Test("validate --retire-missing shows the retirements and the warnings that import makes of the same file")
  func validateRetireMissing() throws {
    let file = try desk.folder.write(
      "b3.csv", "\(Self.columns)\nA1,F002,W01,lathe,automatic,yes,S5,2020-01-01\n")
    let options = [file, "--effective", "2024-03-10"]
    func validated(_ more: String...) throws -> [String] {
      RegisterDesk.words(try desk.millwright(["register", "validate"] + options + more).output)
    }
    let checked = try validated("--retire-missing")
    let heading = "missing from the file, retired by an import with --retire-missing: 1 equipment"
    let change = "F002/B3 decommissioned_on: (none) → 2024-03-10"
    #expect(checked.contains(heading))
    #expect(checked.first { $0.hasPrefix("F002/") } == change)
    let chinese = try validated("--retire-missing", "--lang", "zh")
    #expect(chinese.contains("文件中缺失，以 --retire-missing 导入时予以退役：设备 1 台"))
    let without = try validated()
    #expect(!without.contains(heading) && !without.contains(change))
    // F001 is not in the file. The register is unchanged, and an import retires the same.
    #expect(!checked.contains { $0.hasPrefix("F001/") })
    let imported = RegisterDesk.words(
      try desk.millwright(["register", "import"] + options + ["--retire-missing", "--yes"]).output)
    #expect(imported.contains(change))
    let warnings = { (lines: [String]) in Array(lines.drop { !$0.hasPrefix("warning:") }) }
    #expect(!warnings(checked).isEmpty && warnings(checked) == warnings(Array(imported.dropLast())))
    #expect(
      try validated("--retire-missing").contains("--retire-missing: no equipment is missing from the file"))
  }

  // MARK: -

  private struct Standing: Decodable {
    struct Group: Decodable {
      var id: String
      var metrics: [String: Report.Ratio]
    }
    var workshops: [Group]
  }

  /// The automated of each factory's base, what is retired, and the district's sum.
  private func base(_ options: [String], at other: RegisterDesk? = nil) throws -> String {
    let report = try (other ?? desk).report(Report.self, ["district"] + options)
    func ratio(_ metrics: [String: Report.Ratio]) -> String {
      let ratio = metrics["automation_ratio"]
      return "\(ratio?.numerator ?? -1)/\(ratio?.denominator ?? -1)"
    }
    let factories = (report.factories ?? []).sorted { $0.id < $1.id }.map {
      "\($0.id) \(ratio($0.metrics)), retired \($0.buckets["retired"] ?? -1)"
    }
    return (factories + ["district \(ratio(report.metrics))"]).joined(separator: "; ")
  }
}
