import Aggregation
import Foundation
import Register
import Reporting
import Storage
import Telemetry
import Testing

struct JSONRendererTests {
  /// A report on a factory with this name and these senders.
  private func json(
    name: String = "", equipment: Int = 0, automatic: Int = 0, pretty: Bool = false
  ) throws -> String {
    let t = SampleDistrict.asOf
    let entries = (0..<equipment).map { index in
      RegisterSnapshot.Entry(
        equipment: RegisteredEquipment(
          key: EquipmentKey(factory: "F1", equipment: "E\(10_000 + index)"), category: "machine",
          automation: index < automatic ? .automatic : .manual),
        service: .inService)
    }
    let period = Period(endingAt: t, calendar: SampleDistrict.calendar)
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay, factories: [RegisteredFactory(id: "F1", nameEnglish: name)],
        entries: entries),
      evidence: StoreEvidence(asOf: t), knownAt: t, period: period)
    let report = try Report(
      on: .factory("F1"), of: assessment, district: SampleDistrict.identity, version: "0.1.0")
    return JSONRenderer(pretty: pretty).render(report)
  }

  @Test(
    "a percent is floored to a tenth, 100.0 only where numerator and denominator are the same",
    arguments: [
      (0, 0, "null"), (0, 7, #""0.0""#), (7, 7, #""100.0""#), (999, 1000, #""99.9""#),
      (1999, 2000, #""99.9""#), (1, 2000, #""0.0""#), (2, 3, #""66.6""#), (48, 60, #""80.0""#),
    ])
  func percent(numerator: Int, denominator: Int, expected: String) throws {
    let json = try json(equipment: denominator, automatic: numerator)
    let ratio =
      #""numerator":\#(numerator),"denominator":\#(denominator),"percent":\#(expected)"#
      + (denominator == 0 ? #","absent":"no_equipment""# : "")
    #expect(json.contains(#""metrics":{"automation_ratio":{\#(ratio)},"intelligent_ratio""#))
  }

  @Test func `every scalar that needs it is escaped, and reads back as it was`() throws {
    let name = "\"\\/\u{0}\u{1F}\n\r\t\u{7F}\u{9B}\u{2028}\u{2029}\u{202E}\u{FEFF}\u{E0041}é厂🏭"
    let json = try json(name: name)
    let escaped =
      #"\"\\/\u0000\u001f\n\r\t\u007f\u009b\u2028\u2029\u202e\ufeff\udb40\udc41"# + "é厂🏭"
    #expect(json.contains(#""name_en":"\#(escaped)""#))
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect((object?["scope"] as? [String: String])?["name_en"] == name)
  }

  @Test func `equal alarm codes of two factories are two alarms`() throws {
    var sums = PeriodFigures()
    for (id, alarms) in [("F001", ["E1": 5, "E2": 2]), ("F002", ["E1": 7, "E3": 2])] {
      var factory = PeriodFigures.Factory()
      factory.total.alarms = alarms
      sums.factories[id] = factory
    }
    func alarms(_ scope: ReportScope) throws -> String {
      let report = try Report(
        on: scope, of: SampleDistrict.assessment(sums: sums), district: SampleDistrict.identity,
        version: "0.1.0")
      return JSONRenderer().render(report)
    }
    #expect(
      try alarms(.district).contains(
        #""alarms":[{"code":"E1","raised":7,"factory":"F002"},{"code":"E1","raised":5,"factory":"F001"},"#
          + #"{"code":"E2","raised":2,"factory":"F001"},{"code":"E3","raised":2,"factory":"F002"}]"#))
    #expect(
      try alarms(.factory("F001")).contains(
        #""alarms":[{"code":"E1","raised":5},{"code":"E2","raised":2}]"#))
  }

  @Test func `keys stand in the schema's order`() throws {
    let json = try json()
    let keys = [
      "schema", "scope", "as_of", "known_at", "period", "register_version", "repairs_pending", "sufficient",
      "headline", "trend", "metrics", "buckets", "policies", "before_after", "workshops", "gaps",
      "provenance",
    ]
    let positions = keys.map { json.range(of: "\"\($0)\":")?.lowerBound }
    #expect(!positions.contains(nil))
    #expect(positions.compactMap(\.self) == positions.compactMap(\.self).sorted())
    #expect(json.hasSuffix("}\n") && json.filter(\.isNewline).count == 1 && !json.contains(" \""))
  }

  @Test func `indentation is two spaces a level`() throws {
    let json = try json(pretty: true)
    let head = [
      "{", #"  "schema": "millwright.report/1","#, #"  "scope": {"#, #"    "kind": "factory","#, "",
    ]
    #expect(json.hasPrefix(head.joined(separator: "\n")))
    #expect(json.contains("\n  \"policies\": [],\n  \"before_after\": null,\n  \"workshops\": [],\n"))
  }
}
