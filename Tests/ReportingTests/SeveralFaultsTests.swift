import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

/// A machine whose messages are refused for several faults: each text names the most frequent one and says that there
/// are others.
@Suite("Several faults of one machine") struct SeveralFaultsTests {
  private static let key = EquipmentKey(factory: "F001", equipment: "E1")
  private static let asOf = SampleDistrict.asOf

  /// F001/E1, of which messages are refused for the first `kinds` of three faults: five, two and one.
  private func report(kinds: Int) throws -> Report {
    let all = [
      Refusal(.missingField, "ts", .otherKey, messages: 5, newest: Self.asOf, excerpt: "timestamp"),
      Refusal(.unknownState, "state", .unknownWord, messages: 2, newest: Self.asOf, excerpt: #""x""#),
      Refusal(.malformed, "json", .cutShort, messages: 1, newest: Self.asOf, excerpt: ""),
    ]
    let refusals = Array(all.prefix(kinds))
    var machine = EquipmentEvidence(
      key: Self.key, rejections: refusals.reduce(0) { $0 + $1.messages })
    machine.refusals = refusals
    let period = Period(days: 30, endingAt: Self.asOf, calendar: SampleDistrict.calendar)
    var evidence = StoreEvidence(
      asOf: Self.asOf, equipment: [machine], observed: [(period.from, period.until)])
    evidence.refusals = refusals.map { SenderRefusal(key: Self.key, refusal: $0) }
    let district = DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay, factories: [RegisteredFactory(id: "F001")],
        entries: [
          RegisterSnapshot.Entry(
            equipment: RegisteredEquipment(key: Self.key, digital: true, connectable: true),
            service: .inService)
        ]),
      evidence: evidence, knownAt: Self.asOf, period: period)
    return try Report(
      on: .equipment(Self.key), of: district, district: DistrictIdentity(id: "park"), version: "0.1.0")
  }

  /// Texts of a section: prose, and the cells of tables.
  private func texts(_ report: Report, _ section: ReportSection, _ language: Language) -> [String] {
    ReportDocument(report, language: language).sections.filter { $0.name == section }.flatMap(\.blocks)
      .flatMap { block -> [String] in
        switch block {
        case .prose(let text, _): [text]
        case .table(let table):
          table.rows.compactMap(\.cells).flatMap { $0 }
            .compactMap { if case .text(let text) = $0 { text } else { nil } }
        default: []
        }
      }
  }

  private static let english = "ts is missing, there is 'timestamp'. Rename 'timestamp' to ts."
  private static let chinese = "缺少 ts，却有“timestamp”。请将字段“timestamp”改名为 ts。"

  @Test func `one fault is named as the only one`() throws {
    let report = try report(kinds: 1)
    #expect(texts(report, .dataQuality, .english).contains("5 messages: " + Self.english))
    #expect(texts(report, .dataQuality, .chinese).contains("5 条：" + Self.chinese))
    #expect(texts(report, .gaps, .english).contains(Self.english))
    #expect(
      texts(report, .figures, .english).contains(
        "Nothing it sent could be counted: 5 messages were rejected. What is wrong: " + Self.english))
  }

  @Test func `of several the most frequent one is named, with their number`() throws {
    let report = try report(kinds: 3)
    let flag = try #require(report.flags.first { $0.kind == .refusedMessages })
    #expect(flag["messages"] == .number(8))
    #expect(flag["kinds"] == .number(3))
    #expect(flag["reason"] == .text("missing_field"))
    #expect(
      texts(report, .dataQuality, .english).contains(
        "8 messages with 3 kinds of faults, most often: " + Self.english))
    #expect(texts(report, .dataQuality, .chinese).contains("8 条，问题共 3 种，最多的是：" + Self.chinese))
    #expect(texts(report, .gaps, .english).contains("3 kinds of faults, most often: " + Self.english))
    #expect(texts(report, .gaps, .chinese).contains("问题共 3 种，最多的是：" + Self.chinese))
    #expect(
      texts(report, .figures, .english).contains(
        "Nothing it sent could be counted: 8 messages were rejected. Most often, in 5 of 8: " + Self.english))
    #expect(
      texts(report, .figures, .chinese).contains(
        "其消息均被拒收（共 8 条），无有效数据。最多的问题（8 条中 5 条）：" + Self.chinese))
  }
}
