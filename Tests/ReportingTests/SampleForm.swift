import Aggregation
import Register
import Reporting
import Telemetry

/// A form with every kind of cell, over the sample district.
enum SampleForm {
  static func words(_ chinese: String, _ english: String) -> Form.Wording {
    Form.Wording(chinese: chinese, english: english)
  }

  /// Points of 0, 1.5, 3, 4.5 and 6 for a fifth each, as an assessment of small firms gives them.
  static let scale = Policy(
    name: "scale", titleChinese: "评测", titleEnglish: "Assessment", issuingBodyChinese: "部",
    issuingBodyEnglish: "Ministry",
    date: CalendarDay(number: 20_779), origin: .init(source: "notice", sourceChinese: "通知"), noteChinese: "注",
    noteEnglish: "Note", rules: [],
    bands: [Metric.digitalizationRatio, .networkedRatio, .qualityRatio].flatMap { metric in
      [(0, 10, 0), (10, 20, 1500), (20, 40, 3000), (40, 60, 4500), (60, 100, 6000)].enumerated().map {
        Policy.Band(
          metric: metric, name: "\($0 + 1)", lower: $1.0 * 1000, includesLower: $0 == 0, upper: $1.1 * 1000,
          includesUpper: true, points: $1.2)
      }
    })

  static let form = Form(
    name: "sample", title: words("评测表", "Assessment form"), issuingBody: words("部", "Ministry"),
    date: CalendarDay(number: 20_779), validFrom: CalendarDay(year: 2026, month: 1, day: 1),
    source: words("2026 年第 12 号通知", "notice 2026/12"), note: words("以通知原文为准。", "The notice decides."),
    certainty: .read, sections: [equipment, firm])

  private static let equipment = Form.Section(
    title: words("一、设备", "1. Equipment"),
    items: [
      Form.Item(
        number: "1", title: words("生产设备数字化率", "Digital production equipment"),
        note: words("附设备清单。", "With the equipment list."), certainty: .read,
        cells: [
          cell(.count(.digitalizationRatio, .denominator), "生产设备数量（台）", "Production equipment"),
          cell(.count(.digitalizationRatio, .numerator), "实现数字化的（台）", "Of these, digital"),
          cell(.ratio(.ratio(.digitalizationRatio))),
          cell(.points(scale, .digitalizationRatio)),
          cell(.verdict(SampleDistrict.policies[0], .digitalizationRatio)),
        ]),
      Form.Item(
        number: "2", title: words("生产设备联网率", "Networked production equipment"), certainty: .read,
        cells: [
          cell(.count(.networkedRatio, .numerator), "实现联网的（台）", "Networked"),
          cell(.ratio(.ratio(.networkedRatio))),
          cell(.points(scale, .networkedRatio)),
          Form.Cell(
            label: words("参考：以数字化设备为分母", "For reference: of digital equipment"),
            kind: .ratio(.ratio(.networkedOfDigitalRatio)), certainty: .restated),
        ]),
      Form.Item(
        number: "3", title: words("运行", "Operation"), certainty: .restated,
        cells: [
          cell(.count(.calendarRunningRatio, .numerator), "运行（小时）", "Hours run"),
          cell(.ratio(.ratio(.uploadRatio))), cell(.ratio(.ratio(.qualityRatio))),
          cell(.points(scale, .qualityRatio)), cell(.ratio(.energyIntensity)),
        ]),
    ])

  private static let firm = Form.Section(
    title: words("二、由企业填写", "2. For the firm"),
    items: [
      Form.Item(
        number: "4", title: words("网络建设", "Networks"), certainty: .memory,
        cells: [
          cell(
            .choice(
              [.init(text: words("无", "none"), points: 0), .init(text: nil, points: 2000)],
              ticksSeveral: false,
              most: nil)),
          cell(
            .choice(
              [
                .init(text: words("采购", "purchase"), points: 700),
                .init(text: words("销售", "sales"), points: 700),
              ], ticksSeveral: true, most: 1000)),
        ]),
      Form.Item(
        number: "5", title: words("成效", "Results"), certainty: .read,
        cells: [
          cell(
            .number(unit: words("项", "steps"), .init(each: 700, most: 10_000)), "环节数", "Business steps"),
          cell(.number(unit: words("%", "%"), nil), "成本降低", "Cost saved"),
          cell(.free, "简述", "In words"), cell(.text(words("附照片。", "With photographs."))),
        ]),
    ])

  private static func cell(_ kind: Form.Kind, _ chinese: String = "", _ english: String = "") -> Form.Cell {
    Form.Cell(label: chinese.isEmpty ? nil : words(chinese, english), kind: kind, certainty: .read)
  }

  /// Flags of F001 that the sample district does not have of itself.
  static let flags: [AuditFlag] = {
    func row(_ id: String) -> RegisteredEquipment {
      RegisteredEquipment(key: EquipmentKey(factory: "F001", equipment: id), workshop: "W01", line: "L1")
    }
    return ["E01", "E02"].map {
      AuditFlag(
        .heardFirst, of: row($0),
        ["first": .instant(SampleDistrict.asOf - .days(12)), "dark_ms": .span(.days(18))])
    } + [
      AuditFlag(
        .removedFromBase, of: row("E10"),
        ["change": .text("decommissioned_on"), "entered_at": .instant(SampleDistrict.asOf - .days(2))])
    ]
  }()
}

extension Report {
  /// The rows of a section's tables as texts, without empty cells.
  func rows(_ section: ReportSection, _ language: Language = .english) -> [[String]] {
    let document = ReportDocument(self, language: language, sections: [section])
    return document.sections.flatMap(\.blocks).flatMap { block -> [[String]] in
      guard case .table(let table) = block else { return [] }
      return table.rows.map { row in
        if case .group(let title) = row { return [title] }
        return row.cells?.map { document.text($0) }.filter { !$0.isEmpty } ?? []
      }
    }
  }
}
