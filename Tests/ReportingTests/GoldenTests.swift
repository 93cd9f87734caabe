import Aggregation
import Foundation
import Reporting
import Telemetry
import Testing

/// Reports of the sample district, byte for byte. With WRITE_GOLDEN set the files are written
/// anew, to be read before they are kept; the test then fails.
struct GoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  /// A report of the sample district and the name of its files.
  struct Subject: Sendable, CustomTestStringConvertible {
    var name: String
    var scope: ReportScope
    /// Whether the collector began to listen only half an hour before the as-of, and the broker dropped 1,312
    /// messages.
    var begunLate = false
    var policies: [Policy] = []
    /// Whether the register dates a retrofit, and there are rules for what to do next.
    var isRetrofitted = false
    /// Whether there are sums over the period, day by day.
    var hasSums = false
    /// Whether the register states attributes for forms.
    var hasForms = false
    /// Whether the sample form is filled in, and printed by itself.
    var isFilledIn = false
    /// The sections to print; nil for all.
    var sections: Set<ReportSection>? { isFilledIn ? ReportSection.ofForm : nil }
    var testDescription: String { name }
  }

  static let subjects =
    [
      Subject(name: "district", scope: .district),
      Subject(name: "factory", scope: .factory("F001")),
      Subject(name: "factory-insufficient", scope: .factory("F001"), begunLate: true),
      Subject(name: "factory-policies", scope: .factory("F001"), policies: SampleDistrict.policies),
      Subject(
        name: "factory-retrofit", scope: .factory("F001"), policies: SampleDistrict.policies,
        isRetrofitted: true),
      Subject(name: "factory-details", scope: .factory("F001"), hasSums: true),
      Subject(name: "workshop-details", scope: .workshop(factory: "F001", "W01"), hasSums: true),
      Subject(
        name: "district-retrofit", scope: .district, policies: SampleDistrict.policies, isRetrofitted: true),
      Subject(
        name: "factory-forms", scope: .factory("F001"), policies: SampleDistrict.formPolicies, hasForms: true),
      Subject(
        name: "district-forms", scope: .district, policies: SampleDistrict.formPolicies, hasForms: true),
      Subject(
        name: "equipment-forms", scope: .equipment(EquipmentKey(factory: "F001", equipment: "E01")),
        hasForms: true),
      // A policy asks for what the register does not state.
      Subject(name: "factory-unstated", scope: .factory("F001"), policies: SampleDistrict.formPolicies),
      Subject(name: "factory-filled", scope: .factory("F001"), isFilledIn: true),
      Subject(
        name: "factory-filled-insufficient", scope: .factory("F001"), begunLate: true, isFilledIn: true),
      Subject(name: "workshop-filled", scope: .workshop(factory: "F001", "W02"), isFilledIn: true),
      Subject(name: "district-filled", scope: .district, isFilledIn: true),
      Subject(name: "factory-full", scope: .factory("F002")),
      Subject(name: "factory-empty", scope: .factory("F003")),
      Subject(name: "factory-injection", scope: .factory("F004")),
      Subject(name: "factory-unregistered", scope: .factory("F900")),
      Subject(name: "workshop", scope: .workshop(factory: "F001", "W01")),
      Subject(name: "workshop-none", scope: .workshop(factory: "F001", "")),
      Subject(name: "line", scope: .line(factory: "F001", workshop: "W01", "L1")),
    ]
    + ["E01", "E03", "E04", "E05", "E08", "E10", "GW1", "X99"].map { id in
      Subject(name: "equipment-\(id)", scope: .equipment(EquipmentKey(factory: "F001", equipment: id)))
    }

  static func report(_ subject: Subject) throws -> Report {
    let observedFrom = subject.begunLate ? SampleDistrict.asOf - .minutes(30) : nil
    return try Report(
      on: subject.scope,
      of: SampleDistrict.assessment(
        observedFrom: observedFrom, brokerDrops: subject.begunLate ? 1312 : nil,
        sums: subject.hasSums
          ? SampleDistrict.sums(detailsOf: subject.scope.details ?? .factory) : nil,
        flags: subject.isFilledIn ? SampleForm.flags : [], hasForms: subject.hasForms),
      district: SampleDistrict.identity, version: "0.1.0", policies: subject.policies,
      forms: subject.isFilledIn ? [SampleForm.form] : [],
      actionRules: subject.isRetrofitted ? SampleDistrict.actionRules : [],
      retrofits: subject.isRetrofitted ? SampleDistrict.retrofits() : [])
  }

  @Test("text matches its golden file in both languages", arguments: subjects, Language.allCases)
  func text(subject: Subject, language: Language) throws {
    let text = TextRenderer(language: language).render(
      try Self.report(subject), sections: subject.sections)
    try Self.expect(text, "\(subject.name).\(language.rawValue).txt")
  }

  @Test(
    "text of 60 columns matches its golden file in both languages",
    arguments: [
      "factory-details", "factory-insufficient", "factory-retrofit", "district-retrofit", "factory-filled",
    ],
    Language.allCases)
  func narrow(name: String, language: Language) throws {
    let subject = try #require(Self.subjects.first { $0.name == name })
    let text = TextRenderer(language: language, width: 60).render(
      try Self.report(subject), sections: subject.sections)
    try Self.expect(text, "\(name)-60.\(language.rawValue).txt")
  }

  @Test("JSON matches its golden file", arguments: subjects)
  func json(subject: Subject) throws {
    try Self.expect(JSONRenderer().render(try Self.report(subject)), "\(subject.name).json")
  }

  /// Those of which every format that is text is kept.
  static let filed = [
    "district", "district-retrofit", "factory-policies", "factory-injection", "factory-insufficient",
    "factory-details", "factory-retrofit", "factory-forms", "district-forms", "factory-filled",
    "district-filled",
  ].compactMap { name in subjects.first { $0.name == name } }

  @Test("Markdown matches its golden file in both languages", arguments: filed, Language.allCases)
  func markdown(subject: Subject, language: Language) throws {
    let text = MarkdownRenderer(language: language).render(
      try Self.report(subject), sections: subject.sections)
    try Self.expect(text, "\(subject.name).\(language.rawValue).md")
  }

  @Test("CSV matches its golden file in both languages", arguments: filed, Language.allCases)
  func csv(subject: Subject, language: Language) throws {
    let bytes = CSVRenderer(language: language).render(
      try Self.report(subject), sections: subject.sections)
    try Self.expect(String(decoding: bytes, as: UTF8.self), "\(subject.name).\(language.rawValue).csv")
  }

  @Test(
    "every kind of block, cell and chart is as its golden file in Markdown and CSV",
    arguments: Language.allCases)
  func kinds(language: Language) throws {
    let document = SampleDocument.document(language)
    try Self.expect(
      MarkdownRenderer(language: language).render(document), "every-kind.\(language.rawValue).md")
    let bytes = CSVRenderer(language: language).render(document)
    try Self.expect(String(decoding: bytes, as: UTF8.self), "every-kind.\(language.rawValue).csv")
  }

  @Test("indented JSON says the same as compact JSON", arguments: subjects)
  func pretty(subject: Subject) throws {
    let report = try Self.report(subject)
    let compact = try JSONSerialization.jsonObject(with: Data(JSONRenderer().render(report).utf8))
    let pretty = try JSONSerialization.jsonObject(with: Data(JSONRenderer(pretty: true).render(report).utf8))
    #expect(compact as? NSDictionary == pretty as? NSDictionary)
    #expect(compact is NSDictionary)
  }

  @Test(
    "no line is wider than the page, at any width, in either language, with or without UTF-8",
    arguments: subjects, Language.allCases)
  func fits(subject: Subject, language: Language) throws {
    let report = try Self.report(subject)
    for width in [60, 72, 80, 100, 120] {
      for unicode in [true, false] {
        let text = TextRenderer(language: language, width: width, unicode: unicode).render(
          report, sections: subject.sections)
        let wide = text.split(separator: "\n").filter { String($0).displayWidth > width }
        #expect(wide.isEmpty, "\(width) columns")
      }
    }
  }

  static func expect(_ text: String, _ name: String) throws {
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["WRITE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      Issue.record("\(name) was written, not compared")
      return
    }
    let golden = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(text == golden, "differs from \(name)")
    // Equal strings may still differ in bytes (canonical equivalence).
    #expect(Array(text.utf8) == Array(golden.utf8))
  }
}
