import Aggregation
import Foundation
import Reporting
import Telemetry
import TestSupport
import Testing

/// Every JSON report holds to the published schema.
struct SchemaTests {
  private static let schema = GoldenTests.folder
    .appending(path: "../../../Config/schemas/millwright.report-1.schema.json").standardizedFileURL.path

  @Test func `every golden JSON report holds to the published schema`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: GoldenTests.folder.path)
      .filter { $0.hasSuffix(".json") }.sorted()
    #expect(files.count >= 19)
    try ForeignReaders.expectNothingWrong(
      "validate", [Self.schema] + files.map { GoldenTests.folder.appending(path: $0).path })
  }

  @Test func `the schema has every kind of flag, every absence and every fault, and no other`() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.schema))
    let top = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let definitions = try #require(top["$defs"] as? [String: [String: Any]])
    func words(_ name: String) -> Set<String> { Set(definitions[name]?["enum"] as? [String] ?? []) }
    let kinds = Set(AuditFlag.Kind.allCases.map(\.rawValue))
    #expect(words("flag_kind") == kinds)
    #expect(words("absence") == Set(Absence.allCases.map(\.rawValue)))
    let flags = (definitions["flag"]?["oneOf"] as? [[String: Any]] ?? []).compactMap {
      (($0["properties"] as? [String: Any])?["flag"] as? [String: Any])?["const"] as? String
    }
    #expect(flags.sorted() == kinds.sorted())
    let faults = Set(Fault.allCases.map(\.name))
    let text = String(decoding: data, as: UTF8.self)
    for fault in faults { #expect(text.contains("\"\(fault)\"")) }
  }

  @Test func `what the schema does not speak of, or speaks of otherwise, is found`() throws {
    let folder = try TemporaryDirectory("schema")
    let report = JSONRenderer().render(try GoldenTests.report(.init(name: "", scope: .factory("F001"))))
    let changes = [
      ("\"as_of\"", "\"as_off\""), ("\"percent\":\"55.5\"", "\"percent\":55.5"),
      ("\"kind\":\"factory\"", "\"kind\":\"district\""), ("\"reason\":\"offline\"", "\"reason\":\"away\""),
      ("\"lines\":[", "\"rows\":["), ("\"flag\":\"recently_retired\"", "\"flag\":\"shared_serial\""),
    ]
    for (place, change) in changes.enumerated() {
      let changed = report.replacing(change.0, with: change.1)
      #expect(changed != report)
      let file = try folder.write("\(place).json", changed)
      #expect(try ForeignReaders.python("validate", [Self.schema, file]).status == 1, "\(change.1)")
    }
  }
}
