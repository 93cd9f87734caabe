import Aggregation
import Register
import Reporting
import Telemetry
import Testing

/// Every flag of looking better than one is, beside the figure that it concerns.
@Suite("Flags in forms") struct FormFlagTests {
  /// A flag of each such kind, with the figure that it concerns and one that it does not.
  static let cases: [(flag: AuditFlag, concerned: Form.Figure, other: Form.Figure)] = {
    let row = RegisteredEquipment(
      key: EquipmentKey(factory: "F002", equipment: "B1"), workshop: "W01", line: "L1",
      automation: .automatic)
    let at = AuditFlag.Fact.instant(SampleDistrict.asOf)
    let hour = AuditFlag.Fact.span(.hours(1))
    func one(
      _ kind: AuditFlag.Kind, _ evidence: KeyValuePairs<String, AuditFlag.Fact>, _ concerned: Form.Figure,
      _ other: Form.Figure
    ) -> (AuditFlag, Form.Figure, Form.Figure) { (AuditFlag(kind, of: row, evidence), concerned, other) }
    let (digital, networked) = (Form.Figure.ratio(.digitalizationRatio), Form.Figure.ratio(.networkedRatio))
    let (automation, upload) = (Form.Figure.ratio(.automationRatio), Form.Figure.ratio(.uploadRatio))
    let availability = Form.Figure.ratio(.availability)
    return [
      one(
        .claimWithoutEvidence, ["automatic": .truth(true), "last_reading": .missing], automation, networked),
      one(.manualOperation, ["manual_ms": hour, "running_ms": hour], automation, digital),
      one(.sharedSerial, ["serial": .text("S1"), "with": .text("F002/B2")], digital, .energyIntensity),
      one(.removedFromBase, ["change": .text("category"), "entered_at": at], digital, .energyIntensity),
      one(
        .removedFromBase, ["change": .text("meter_decommissioned_on"), "entered_at": at],
        .ratio(.keyEnergyAutomaticRatio), digital),
      one(.registerImproved, ["change": .text("digital"), "entered_at": at], digital, automation),
      one(
        .registerImproved, ["change": .text("asset_value"), "entered_at": at],
        .ratio(.automationRatioByValue),
        automation),
      one(
        .registerImproved, ["change": .text("process"), "entered_at": at], .ratio(.keyProcessCNCRatio),
        digital),
      one(
        .registerImproved, ["change": .text("counts_output"), "entered_at": at], .ratio(.pointsRatio), digital
      ),
      one(
        .registerImproved, ["change": .text("counts_output"), "entered_at": at], .energyIntensity, digital),
      one(.registerImproved, ["change": .text("report_interval"), "entered_at": at], upload, digital),
      one(.heardFirst, ["first": at, "dark_ms": hour], networked, digital),
      one(.intervalMismatch, ["declared_ms": hour, "measured_ms": hour], upload, networked),
      one(.backFilled, ["late": .number(6), "readings": .number(9)], upload, digital),
      one(.darkInShutdown, ["shutdown_ms": hour], upload, networked),
      one(.modeNeverStated, ["running_ms": hour], automation, networked),
      one(.sameCounters, ["with": .text("F002/B2"), "energy_kwh": .text("1")], networked, digital),
      one(.noPause, ["days": .number(7)], availability, digital),
      one(.constantDeltas, ["days": .number(8)], .energyIntensity, digital),
      one(.energyWithoutPieces, ["energy_kwh": .text("4.5")], .energyIntensity, networked),
      one(.piecesWithoutEnergy, ["pieces": .text("45")], .energyIntensity, networked),
      one(.fewMeters, ["metered": .number(1), "machines": .number(3)], .energyIntensity, digital),
      one(.recentlyRetired, ["on": .day(CalendarDay(number: 20_779))], digital, .energyIntensity),
      one(.lateShutdown, ["from": at, "entered_at": at], upload, digital),
    ]
  }()

  @Test("Every kind of looking better is among the cases, with a request of its own in both languages")
  func kinds() {
    let kinds = AuditFlag.Kind.allCases.filter { $0.subject != .data }
    #expect(Set(Self.cases.map(\.flag.kind)) == Set(kinds))
    for language in Language.allCases {
      let requests = kinds.map { $0.request(in: language) }
      #expect(Set(requests).count == kinds.count)
      #expect(requests.allSatisfy { $0.hasPrefix(language == .english ? "Please " : "请") })
    }
  }

  @Test(
    "A flag stands beside the figure it concerns, in words for the firm, and not beside another",
    arguments: cases.indices)
  func beside(place: Int) throws {
    let (flag, concerned, other) = Self.cases[place]
    #expect(flag.concerns(concerned) && !flag.concerns(other))
    let form = Form(
      name: "own", title: .init(chinese: "表", english: "Form"),
      issuingBody: .init(chinese: "部", english: "Body"),
      date: CalendarDay(number: 0), source: .init(chinese: "源", english: "source"),
      note: .init(chinese: "注", english: "note"), certainty: .read,
      sections: [
        .init(
          title: .init(chinese: "一", english: "One"),
          items: [concerned, other].enumerated().map { index, figure in
            Form.Item(
              number: "\(index + 1)", title: .init(chinese: "项", english: "Item"), certainty: .read,
              cells: [.init(label: nil, kind: .ratio(figure), certainty: .read)])
          })
      ])
    for language in Language.allCases {
      for scope in [ReportScope.factory("F002"), .district] {
        let report = try Report(
          on: scope, of: SampleDistrict.assessment(flags: [flag]), district: SampleDistrict.identity,
          version: "0.1.0", forms: [form])
        let document = ReportDocument(report, language: language, sections: [.form, .formFactories])
        let request = flag.kind.request(in: language)
        let evidence = flag.sentence(in: language, calendar: SampleDistrict.calendar)
        let warnings = Self.warnings(document)
        // The sample district has flags of its own; only F002's are looked at.
        let beside = warnings.filter { $0.text.hasSuffix(request) }
        // Columns of the register cannot be told apart by kind only where they are equal.
        #expect(beside.map(\.item) == ["1"], "\(flag.kind) \(language) \(scope)")
        if scope == .factory("F002") {
          let colon = language == .english ? ": " : "："
          let stop = language == .english ? ". " : "。"
          #expect(beside.map(\.text) == ["B1" + colon + evidence + stop + request])
        } else {
          let counts = try #require(report.forms.first).flagCounts
          let own = counts.filter { $0.factory == "F002" }
          #expect(own.map(\.kind) == [flag.kind] && own.map(\.flags) == [1])
        }
      }
    }
  }

  /// The warnings of a form's table, with the number of the item above each.
  private static func warnings(_ document: ReportDocument) -> [(item: String, text: String)] {
    var found: [(String, String)] = []
    var item = ""
    for case .table(let table) in document.sections.filter({ $0.name == .form }).flatMap(\.blocks) {
      for row in table.rows {
        switch row {
        case .group(let title): item = String(title.prefix { $0 != " " })
        case .warning(let cells): if case .text(let text)? = cells.last { found.append((item, text)) }
        case .cells, .sum: continue
        }
      }
    }
    return found
  }
}
