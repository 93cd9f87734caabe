import Foundation
import TestSupport
import Testing

@Suite("Scripts") struct ScriptTests {
  private static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The scripts that users run.
  private static var names: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: top + "/Scripts")
        .filter { FileManager.default.isExecutableFile(atPath: "\(top)/Scripts/\($0)") && $0 != "lib" }
        .sorted()
    }
  }

  @Test("Every script explains itself on request, and does nothing else") func help() throws {
    let names = try Self.names
    #expect(
      names == [
        "bench", "bench-reports", "distros", "fuzz", "kill-test", "publish-telemetry", "run", "sanitize",
        "test",
      ])
    for name in names {
      for option in ["--help", "-h"] {
        // From another folder, and in less time than a build takes.
        let result = try run("\(Self.top)/Scripts/\(name)", [option], directory: "/", seconds: 15)
        #expect(result.status == 0 && result.errors == "", "\(name) \(option): \(result.errors)")
        #expect(
          result.output.contains("  Scripts/\(name) ") || result.output.hasPrefix("Scripts/\(name) "),
          "\(name)")
        #expect(!result.output.contains("building"), "\(name)")
      }
    }
  }

  @Test("Scripts/test prints its usage") func test() throws {
    let result = try run(Self.top + "/Scripts/test", ["--help"])
    #expect(
      result.output == """
        Scripts/test [ARGUMENTS OF swift test]

        Installs what is missing, builds, and runs all tests; with arguments, only the tests that they select:
          Scripts/test --filter Timeline
          REFERENCE_CASES=100000 Scripts/test --filter ReferenceTests      a long run

        """)
  }
}
