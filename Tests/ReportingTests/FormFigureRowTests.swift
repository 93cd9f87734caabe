import Aggregation
import Foundation
import Reporting
import Telemetry
import Testing

/// Figures for forms of the sample district's F001, in a form's cells and lists. Key steps are 精车, whose two machines are
/// numerically controlled, though only E01 states that the step is key; and 冲压, whose machine is not.
@Suite("Figures for forms in forms") struct FormFigureRowTests {
  private func report(_ items: [[Form.Kind]], sums: PeriodFigures? = nil) throws -> Report {
    let words = Form.Wording(chinese: "项", english: "Item")
    let form = Form(
      name: "own", title: words, issuingBody: words, date: CalendarDay(number: 0), source: words, note: words,
      certainty: .read,
      sections: [
        .init(
          title: words,
          items: items.enumerated().map { place, kinds in
            Form.Item(
              number: "\(place + 1)", title: words, certainty: .read,
              cells: kinds.map { .init(label: nil, kind: $0, certainty: .read) })
          })
      ])
    return try Report(
      on: .factory("F001"), of: SampleDistrict.assessment(sums: sums, hasForms: true),
      district: SampleDistrict.identity,
      version: "0.1.0", forms: [form])
  }

  @Test("The list behind a ratio of key steps has as many steps in each part as the cell says")
  func steps() throws {
    let report = try report([
      [
        .count(.keyProcessCNCRatio, .numerator), .count(.keyProcessCNCRatio, .denominator),
      ]
    ])
    let cells = report.rows(.form)
    #expect(cells.first { $0.first?.hasPrefix("1.1 ") == true }?[1] == "1")
    #expect(cells.first { $0.first?.hasPrefix("1.2 ") == true }?[1] == "2")
    let list = try #require(report.forms.first?.lists.first)
    #expect(list.metric == .keyProcessCNCRatio)
    #expect(list.steps?.numerator == 1 && list.steps?.denominator == 1)
    #expect(list.rows[.numerator]?.map(\.assessment.key.equipment) == ["E01", "E02"])
    #expect(list.rows[.denominator]?.map(\.assessment.key.equipment) == ["E05"])
    #expect(list.numbers[.numerator] == 2 && list.numbers[.denominator] == 1)
    let english = report.rows(.formEquipment)
    #expect(english.contains(["Counted: 1 step, 2 machines"]))
    #expect(english.contains(["In the base only: 1 step, 1 machine"]))
    #expect(
      english.first { $0.first == "E02" }?.last == "step: 精车, key step: yes, numerically controlled: yes")
    #expect(
      english.first { $0.first == "E05" }
        == ["E05", "Press", "W02", "machine", "step: 冲压, key step: yes, numerically controlled: no"])
    let chinese = report.rows(.formEquipment, .chinese)
    #expect(chinese.contains(["计入分子：1 道工序，2 台设备"]))
    #expect(chinese.contains(["仅计入分母：1 道工序，1 台设备"]))
    #expect(JSONRenderer().render(report).contains(#""steps":{"numerator":1,"denominator":1}"#))
  }

  @Test("Energy per good piece says of how many machines the energy is") func metered() throws {
    let report = try report([[.ratio(.energyIntensity)]], sums: SampleDistrict.sums())
    let english = report.rows(.form).first { $0.first?.hasPrefix("1.1 ") == true }?.last
    #expect(english == "Measured from telemetry. kWh per piece. Energy: by the meters of 3 of 9 machines")
    let chinese = report.rows(.form, .chinese).first { $0.first?.hasPrefix("1.1 ") == true }?.last
    #expect(chinese == "平台实测。kWh/件。用电量：9 台设备中 3 台有计量")
  }

  @Test("Machines that a figure leaves out, and its limits, stand beside the form's cell as in the figures")
  func caveats() throws {
    let report = try report([
      [.ratio(.ratio(.oee))],
      [
        .count(.automationRatioByValue, .denominator), .ratio(.ratio(.automationRatioByValue)),
        .ratio(.ratio(.networkedRatioByValue)),
      ],
    ])
    func remark(_ number: String, _ language: Language = .english) -> String? {
      report.rows(.form, language).first { $0.first?.hasPrefix(number + " ") == true }?.last
    }
    let machines =
      "1 of 9 machines have an ideal cycle, a production calendar and counters; 1 declare an ideal cycle. "
      + "Availability 51.7 %, effectiveness 66.6 %, quality 90.0 %"
    let limited =
      "he pieces of 1 of these machines would have taken longer than the machines ran; their effectiveness counts as "
      + "100 %. Correct ideal_cycle_s in the register"
    #expect(remark("1.1")?.hasSuffix(". \(machines). T\(limited)") == true)
    let valued = "Ratios by asset value are of 3 machines; 6 machines declare no net asset value"
    // Once for each figure of an item.
    #expect(remark("2.1")?.hasSuffix(". \(valued)") == true && remark("2.2")?.contains(valued) == false)
    #expect(remark("2.3")?.hasSuffix(". \(valued)") == true)
    #expect(
      remark("1.1", .chinese)?.hasSuffix(
        "。9 台设备中有 1 台同时具备标准节拍、生产日历和产量计数，申报标准节拍的有 1 台。可用率 51.7 %，有效性 66.6 %，合格率 90.0 %。"
          + "其中 1 台按标准节拍计算的生产时间超过实际运行时间，有效性按 100% 计；请核实台账中的标准节拍") == true)
    #expect(remark("2.1", .chinese)?.hasSuffix("。按资产净值计算的占比仅含 3 台设备；另有 6 台未申报资产净值") == true)
    // The same sentences are below the figures of section 2.
    let text = MarkdownRenderer(language: .english).render(report)
    #expect(text.contains("Overall equipment effectiveness: \(machines)."))
    #expect(text.contains("\(valued)."))
  }
}
