import Aggregation
import Foundation
import Register
import Reporting
import Spreadsheets
import Telemetry
import TestSupport
import Testing

/// Figures of past days that the files improve, and flags against their factories, in the answer to the sender.
@Suite("Warnings of answers") struct AnswerWarningTests {
  private static let effective = CalendarDay(year: 2026, month: 10, day: 1) ?? CalendarDay(number: 0)
  private static let today = CalendarDay(year: 2026, month: 11, day: 22) ?? CalendarDay(number: 0)
  private static let days =
    effective...(CalendarDay(year: 2026, month: 10, day: 31) ?? CalendarDay(number: 0))

  private static func machine(_ id: String, _ factory: String = "F001") -> RegisteredEquipment {
    RegisteredEquipment(
      key: EquipmentKey(factory: factory, equipment: id), category: "lathe", automation: .manual,
      commissionedOn: effective - 900)
  }

  /// E1 becomes automatic and digital, and B1 digital.
  private static let past: PastImprovements = {
    let before = [machine("E1"), machine("B1", "F002")]
    let after = before.map { one in
      var one = one
      one.digital = true
      if one.key.equipment == "E1" { one.automation = .automatic }
      return one
    }
    return PastImprovements(
      before: RegisterSnapshot(
        version: 1, day: effective, entries: before.map { .init(equipment: $0, service: .inService) }),
      rows: RegisterRows(equipment: after), effectiveOn: effective, today: today)
  }()

  private static let noPast = PastImprovements(
    before: RegisterSnapshot(version: 0, day: effective), rows: RegisterRows(equipment: []),
    effectiveOn: effective, today: today)

  /// Six machines of F001 never pause, and a third of F002 is metered.
  private static let flags =
    (1...6).map { AuditFlag(.noPause, of: machine("E\($0)"), ["days": .number(9)]) } + [
      AuditFlag(.fewMeters, of: "F002", .init(), ["metered": .number(1), "machines": .number(3)])
    ]

  private static func answer(_ language: Language, _ context: AnswerContext) -> RegisterAnswer {
    var answer = AnswerSample.answer(language, nil)
    answer.context = context
    return answer
  }

  private static func warned(_ language: Language) -> RegisterAnswer {
    answer(
      language,
      AnswerContext(
        comparison: .compared(past, effectiveOn: effective),
        flags: .read(flags, days: days, factoriesLeftOut: 3)))
  }

  /// The summary's fields, then its other texts, and the rows of its tables.
  private static func content(
    _ answer: RegisterAnswer
  ) -> (fields: [String: String], warned: [String], texts: [String], rows: [[String]]) {
    let document = answer.summary([nil], form: .text)
    var fields: [String: String] = [:]
    var warned: [String] = []
    var texts: [String] = []
    var rows: [[String]] = []
    for block in document.sections.flatMap(\.blocks) {
      switch block {
      case .fields(let all):
        for field in all { fields[field.label] = field.value }
        warned = all.filter { $0.style == .warning }.map(\.label)
      case .prose(let text, _): texts.append(text)
      case .table(let table):
        rows += table.rows.compactMap { row in row.cells?.map { document.text($0) } }
      case .chart: break
      }
    }
    return (fields, warned, texts, rows)
  }

  @Test("Improved figures and flags are in the summary in English, with what the sender is asked for")
  func english() {
    let (fields, warned, texts, rows) = Self.content(Self.warned(.english))
    #expect(
      fields["Past days"]
        == "Figures are improved by an import valid from 2026-10-01: 2 kinds of change, see below.")
    #expect(
      fields["Flags"]
        == "2026-10-01 to 2026-10-31: 7 flags of 2 factories, see below; 3 factories not looked up.")
    #expect(warned == ["Past days", "Flags"])
    #expect(
      texts == [
        "Changes that improve figures of past days",
        "automation raised, since 2026-10-01: 1 equipment of 1 factory, for example F001/E1 manual → automatic",
        "declaration of digital equipment changed, since 2026-10-01: 2 equipment of 2 factories, for example F001/E1 no → yes",
        "Reports of those days will show changes of entries. Please send evidence that the entries were already true then.",
        "To be explained by the factory: 2026-10-01 to 2026-10-31",
        "How cells were read", "1 title row was skipped",
      ])
    #expect(
      rows == [
        [
          "F001", "No pause for a week", "6",
          "E1: running for 9 days without a pause; E2: running for 9 days without a pause; E3: running for 9 days "
            + "without a pause; E4: running for 9 days without a pause; E5: running for 9 days without a pause; and 1 "
            + "more. Please confirm the running time by shift records, or check the source of the state.",
        ],
        [
          "F002", "Few machines metered", "1",
          "energy is metered for 1 of 3 machines. Please state which machines have energy meters, and connect the "
            + "others.",
        ],
      ])
  }

  @Test("Improved figures and flags are in the summary in Chinese, with what the sender is asked for")
  func chinese() {
    let (fields, warned, texts, rows) = Self.content(Self.warned(.chinese))
    #expect(fields["已过日期"] == "自 2026-10-01 起生效将使指标变好：变更 2 类，见下文。")
    #expect(fields["疑点"] == "2026-10-01 至 2026-10-31：疑点 7 项，涉及企业 2 家，见下文；另有企业 3 家未核对。")
    #expect(warned == ["已过日期", "疑点"])
    #expect(
      texts == [
        "使已过日期指标变好的变更", "自动化程度提高，自 2026-10-01 起：企业 1 家，设备 1 台，例如 F001/E1 手动 → 自动",
        "数字化申报变更，自 2026-10-01 起：企业 2 家，设备 2 台，例如 F001/E1 否 → 是",
        "相应日期的报告将标明申报内容的变更。请提供所报内容在相应日期即已属实的证明材料。",
        "需企业说明的事项：2026-10-01 至 2026-10-31", "读取时所作的转换", "跳过标题行 1 行",
      ])
    #expect(
      rows == [
        [
          "F001", "连续一周无停顿", "6",
          "E1：连续运行 9 天无停顿；E2：连续运行 9 天无停顿；E3：连续运行 9 天无停顿；E4：连续运行 9 天无停顿；"
            + "E5：连续运行 9 天无停顿；另有 1 项。请以班次记录证明运行时间，或核查状态信号来源。",
        ],
        ["F002", "计量覆盖不足", "1", "3 台设备中仅 1 台有能耗计量。请列明已装电表的设备，并接入其余设备的电表。"],
      ])
  }

  @Test(
    "Without a register, data, or problems, the summary says what was not compared or that nothing was found")
  func without() {
    let cases: [(AnswerContext, (String, String), (String, String))] = [
      (
        AnswerContext(),
        (
          "Not compared: there is no register to compare with.", "Not looked up: there are no collected data."
        ),
        ("未比对：没有可供比对的已登记台账。", "未核对：无采集数据。")
      ),
      (
        AnswerContext(comparison: .notValid, flags: .notRead(.noConfiguration)),
        ("Compared when every problem is corrected.", "Not looked up: there is no configuration."),
        ("更正全部问题后再行比对。", "未核对：缺少配置文件。")
      ),
      (
        AnswerContext(
          comparison: .compared(Self.noPast, effectiveOn: Self.effective), flags: .notRead(.unreadable)),
        (
          "No figure is improved by an import valid from 2026-10-01.",
          "Not looked up: the collected data could not be read."
        ),
        ("自 2026-10-01 起生效，不会使指标变好。", "未核对：采集数据无法读取。")
      ),
      (
        AnswerContext(
          comparison: .compared(Self.noPast, effectiveOn: Self.effective),
          flags: .read([], days: Self.days, factoriesLeftOut: 0)),
        (
          "No figure is improved by an import valid from 2026-10-01.",
          "2026-10-01 to 2026-10-31: nothing was found."
        ),
        ("自 2026-10-01 起生效，不会使指标变好。", "2026-10-01 至 2026-10-31：未发现疑点。")
      ),
    ]
    for (context, english, chinese) in cases {
      let (fields, warned, texts, rows) = Self.content(Self.answer(.english, context))
      #expect(fields["Past days"] == english.0 && fields["Flags"] == english.1)
      #expect(warned == [] && texts == ["How cells were read", "1 title row was skipped"] && rows == [])
      let other = Self.content(Self.answer(.chinese, context)).fields
      #expect(other["已过日期"] == chinese.0 && other["疑点"] == chinese.1)
    }
  }

  @Test("One flag is one flag, and the table ends after a hundred rows with the number of the others")
  func bounded() {
    func content(_ number: Int, _ language: Language) -> (flags: String?, texts: [String], rows: Int) {
      let flags = (0..<number).map {
        AuditFlag(.noPause, of: Self.machine("E1", "F\(1000 + $0)"), ["days": .number(9)])
      }
      let (fields, _, texts, rows) = Self.content(
        Self.answer(
          language, AnswerContext(flags: .read(flags, days: Self.days, factoriesLeftOut: 0))))
      return (fields[language == .english ? "Flags" : "疑点"], texts, rows.count)
    }
    #expect(
      content(1, .english).flags == "2026-10-01 to 2026-10-31: 1 flag of 1 factory, see below.")
    #expect(content(100, .english).rows == 100)
    #expect(content(100, .english).texts.count == 3)
    let english = content(1100, .english)
    #expect(english.flags == "2026-10-01 to 2026-10-31: 1,100 flags of 1,100 factories, see below.")
    #expect(english.rows == 100)
    #expect(english.texts[1] == "and 1,000 more of 1,000 factories.")
    #expect(content(101, .english).texts[1] == "and 1 more of 1 factory.")
    #expect(content(101, .chinese).texts[1] == "另有 1 项，涉及企业 1 家。")
  }

  @Test("The page, the text and the workbook have them") func renderings() throws {
    let line =
      "automation raised, since 2026-10-01: 1 equipment of 1 factory, for example F001/E1 manual → automatic"
    let request =
      "energy is metered for 1 of 3 machines. Please state which machines have energy meters, and connect the others."
    let answer = Self.warned(.english)
    let page = AnswerHTMLRenderer().render(answer)
    #expect(page.contains(line) && page.contains(request))
    let text = AnswerTextRenderer(width: 120).render(answer)
    #expect(text.contains("\n  \(line)\n"))
    #expect(text.contains("\n  F002     Few machines metered      1  energy is metered for 1 of 3 machines."))
    let sheet = try ForeignReaders.workbook(AnswerWorkbookRenderer().render(answer)).sheets[0]
    #expect(sheet.cells.contains { $0.value == .text(line) })
    #expect(sheet.values(after: "Few machines metered") == [.number(1), .text(request)])
  }

  @Test("Ids and serial numbers of flags cannot control a terminal") func inert() {
    let flag = AuditFlag(
      .sharedSerial, of: Self.machine("E1"), ["serial": .text("S\u{1B}[31m1"), "with": .text("F001/E2")])
    let (_, _, _, rows) = Self.content(
      Self.answer(.english, AnswerContext(flags: .read([flag], days: Self.days, factoriesLeftOut: 0))))
    #expect(
      rows == [
        [
          "F001", "Duplicate serial number", "1",
          "E1: S\\u{1B}[31m1, as F001/E2. Please state whether these are two machines, and send the serial number of "
            + "each.",
        ]
      ])
  }
}
