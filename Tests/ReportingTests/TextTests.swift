import Aggregation
import Register
import Reporting
import Storage
import Telemetry
import Testing

struct TextTests {
  @Test func `a percent is floored, and more than nothing never reads as nothing`() {
    let terms = Terms(.english)
    let counts = [
      Count(0, of: 0), Count(0, of: 9), Count(9, of: 9), Count(999, of: 1000), Count(1, of: 2000),
      Count(1, of: 1000), Count(53_699, of: 53_700),
    ]
    #expect(
      counts.map(terms.percent) == ["N/A", "0.0 %", "100.0 %", "99.9 %", "<0.1 %", "0.1 %", "99.9 %"])
    #expect(Terms(.chinese).percent(Count(0, of: 0)) == "不适用")
  }

  @Test func `thousands stand apart`() {
    let terms = Terms(.english)
    #expect(
      [0, 999, 1000, 53_700, 1_234_567].map(terms.number) == ["0", "999", "1,000", "53,700", "1,234,567"])
  }

  @Test func `a span is told in its largest whole unit`() {
    let spans: [Span] = [.minutes(15), .days(30), .seconds(903), .hours(72), .milliseconds(1500), .zero]
    #expect(spans.map(Terms(.english).span) == ["15 min", "30 d", "903 s", "3 d", "1500 ms", "0 ms"])
  }

  @Test func `no name can steer the terminal, in any scope, format or language`() throws {
    let assessment = SampleDistrict.assessment()
    for scope in [ReportScope.district, .factory("F004"), .workshop(factory: "F004", "W01")] {
      let report = try Report(
        on: scope, of: assessment, district: SampleDistrict.identity, version: "0.1.0")
      for language in Language.allCases {
        let text = TextRenderer(language: language).render(report) + JSONRenderer().render(report)
        let steering = text.unicodeScalars.filter { scalar in
          scalar != "\n"
            && (scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
              || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value))
        }
        #expect(steering.isEmpty)
      }
    }
  }

  @Test func `a state that its session holds is said to be valid while the session is open`() throws {
    let key = EquipmentKey(factory: "F001", equipment: "E01")
    let t = SampleDistrict.asOf
    let period = Period(endingAt: t, calendar: SampleDistrict.calendar)
    var evidence = EquipmentEvidence(
      key: key, readings: .init(last: t - .hours(3), state: .running, vouching: .session),
      lastOnline: t - .hours(4), sessionOpen: true)
    evidence.held = HeldTime(
      of: [t - .hours(4)..<t + .milliseconds(1)],
      heard: TimeRanges(merging: [t - .days(1)..<t + .days(1)]), in: t..<t + .milliseconds(1))
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay, factories: [RegisteredFactory(id: "F001")],
        entries: [.init(equipment: RegisteredEquipment(key: key, category: "machine"), service: .inService)]),
      evidence: StoreEvidence(asOf: t, equipment: [evidence], observed: [(period.from, period.until)]),
      knownAt: t, period: period)
    let report = try Report(
      on: .equipment(key), of: assessment, district: SampleDistrict.identity, version: "0.1.0")
    func text(_ language: Language) -> String {
      TextRenderer(language: language).render(report).filter { !$0.isWhitespace }
    }
    #expect(text(.english).contains("isvalidwhileitssessionisopenandheard:itreportschangesonly."))
    #expect(text(.chinese).contains("该设备仅在变化时上报，连接在线且采集未中断期间数据一直有效。"))
    let json = JSONRenderer().render(report)
    #expect(
      json.contains(
        "\"code\":\"reading_vouches\",\"reading\":\"2026-11-22T19:10:30.000+08:00\",\"vouched_until\":null"))
  }

  @Test func `colour is off unless asked for, and changes nothing but colour`() throws {
    let report = try GoldenTests.report(.init(name: "", scope: .factory("F001"), begunLate: true))
    let plain = TextRenderer().render(report)
    let coloured = TextRenderer(color: true).render(report)
    #expect(!plain.contains("\u{1B}"))
    #expect(coloured.contains("\u{1B}[1;33mData"))
    let codes = ["\u{1B}[0m", "\u{1B}[1m", "\u{1B}[2m", "\u{1B}[1;33m"]
    #expect(codes.reduce(coloured) { $0.replacing($1, with: "") } == plain)
  }

  @Test func `without UTF-8 the English report of an ASCII register is ASCII`() throws {
    let report = try GoldenTests.report(.init(name: "", scope: .workshop(factory: "F004", "W01")))
    let text = TextRenderer(unicode: false).render(report)
    let body = text.split(separator: "\n").filter { !$0.hasPrefix("Factory ") }
    #expect(body.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
    #expect(body.contains { $0.hasSuffix("  ###############") })
  }

  @Test func `insufficient data comes first and says why`() throws {
    let text = TextRenderer().render(
      try GoldenTests.report(.init(name: "", scope: .factory("F001"), begunLate: true)))
    let lines = text.split(separator: "\n")
    #expect(lines[4] == "  The data are insufficient, with <0.1 % of the period observed and 95 % needed:")
    let place = try #require(
      lines.firstIndex(of: "Data      INSUFFICIENT DATA: the collector observed <0.1 % of the period; 95 %"))
    #expect(lines[place + 2].hasPrefix("          It has listened since 2026-11-22 21:40;"))
  }

  @Test(
    arguments: [
      (Language.english, "The collector has not listened since 2026-11-20 22:10; nothing is known of the"),
      (.chinese, "采集自 2026-11-20 22:10 起中断，此后情况未知。"),
    ])
  func `a collector that no longer listens is named before any figure`(
    language: Language, sentence: String
  ) throws {
    let assessment = SampleDistrict.assessment(until: SampleDistrict.asOf - .days(2))
    let report = try Report(
      on: .factory("F001"), of: assessment, district: SampleDistrict.identity, version: "0.1.0")
    let lines = TextRenderer(language: language).render(report).split(separator: "\n")
    #expect(lines.prefix(6).contains { $0.hasSuffix(sentence) })
  }

  @Test func `a long list is sampled from every kind, and says how to see the rest`() throws {
    let t = SampleDistrict.asOf
    let entries = (0..<60).map { index in
      RegisterSnapshot.Entry(
        equipment: RegisteredEquipment(
          key: EquipmentKey(factory: "F1", equipment: "E\(100 + index)"), category: "machine",
          digital: true, connectable: index < 58),
        service: .inService)
    }
    let period = Period(endingAt: t, calendar: SampleDistrict.calendar)
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(version: 1, day: period.lastDay, entries: entries),
      evidence: StoreEvidence(asOf: t), knownAt: t, period: period)
    let report = try Report(
      on: .factory("F1"), of: assessment, district: SampleDistrict.identity, version: "0.1.0")
    let lines = TextRenderer().render(report).split(separator: "\n").map(String.init)
    #expect(report.gaps.count == 60)
    // The claims below name the same equipment once more.
    let gaps = lines.prefix { $0 != "  Declared but not confirmed" }
    #expect(gaps.count < lines.count)
    #expect(gaps.filter { $0.hasPrefix("   E1") }.count == 10)
    #expect(gaps.filter { $0.hasPrefix("   E158") || $0.hasPrefix("   E159") }.count == 2)
    #expect(
      gaps.filter { $0.hasPrefix("  Never seen: 58") || $0.hasPrefix("  Not connectable: 2") }.count == 2)
    #expect(lines.contains("  … 50 more: millwright report factory F1 --all"))
  }

  @Test func `a district of 179 factories is ranked in one aligned table`() throws {
    let t = SampleDistrict.asOf
    let keys = (0..<179).flatMap { factory in
      (0..<300).map { EquipmentKey(factory: "F\(100 + factory)", equipment: "E\(100 + $0)") }
    }
    let period = Period(endingAt: t, calendar: SampleDistrict.calendar)
    let assessment = DistrictAssessment(
      register: RegisterSnapshot(
        version: 1, day: period.lastDay,
        factories: (0..<179).map {
          RegisteredFactory(id: "F\(100 + $0)", nameChinese: "第\($0)机械制造有限责任公司", nameEnglish: "Works \($0)")
        },
        entries: keys.map {
          .init(
            equipment: RegisteredEquipment(key: $0, category: "machine", automation: .automatic),
            service: .inService)
        }),
      evidence: StoreEvidence(
        asOf: t,
        equipment: keys.enumerated().filter { $0.offset % 301 > 0 }.map {
          EquipmentEvidence(key: $0.element, readings: .init(last: t, state: .running))
        }), knownAt: t, period: period)
    let report = try Report(
      on: .district, of: assessment, district: SampleDistrict.identity, version: "0.1.0",
      rankedBy: .metric(.networkedRatio))
    for language in Language.allCases {
      for width in [80, 100] {
        let text = TextRenderer(language: language, width: width, isComplete: true)
          .render(report, sections: [.ranking])
        let lines = text.split(separator: "\n").map(String.init)
        let rows = lines.filter { $0.contains("  F") && $0.contains("100.0 %") }
        #expect(rows.count == 179)
        // The ids, and on a wide terminal the bars, begin in one column.
        let starts = rows.map { row in String(row.prefix { $0 != "F" }).displayWidth }
        #expect(Set(starts).count == 1)
        let bars = rows.filter { $0.contains("█") }
        // In English they need more than 80 columns.
        #expect(bars.count == (width == 100 || language == .chinese ? 179 : 0))
        #expect(Set(bars.map { row in String(row.prefix { $0 != "█" }).displayWidth }).count <= 1)
        #expect(lines.allSatisfy { $0.displayWidth <= width })
      }
    }
  }

  @Test func `what nobody knows is refused, with its name inert`() {
    let scope = ReportScope.factory("F77\u{1B}")
    #expect(throws: ReportError.unknown(scope)) {
      try Report(
        on: scope, of: SampleDistrict.assessment(), district: SampleDistrict.identity, version: "0.1.0")
    }
    #expect(
      ReportError.unknown(scope).description
        == "no factory 'F77\\u{1B}' in the register, and no sender of that name was heard")
  }
}
