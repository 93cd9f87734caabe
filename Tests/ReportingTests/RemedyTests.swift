import Aggregation
import Reporting
import Storage
import Telemetry
import Testing

struct RemedyTests {
  @Test(arguments: [Language.english, .chinese])
  func `every reason and fault has a short text and a remedy`(language: Language) {
    let remedies = Remedies(language)
    for reason in RejectionReason.allCases {
      for fault in Fault.allCases {
        for detail in [
          "", "ts", "state", "json", "root", "nesting", "presence", "equipment", "payload", "/a/b", "words",
        ] {
          let problem = remedies.problem(reason, detail, fault, "x")
          let remedy = remedies.remedy(reason, detail, fault, "x")
          #expect(!problem.isEmpty && !problem.hasSuffix(".") && !problem.hasSuffix("。"))
          #expect(remedy.hasSuffix(language == .english ? "." : "。"), "\(reason) \(fault) \(remedy)")
        }
      }
    }
    for field in OptionalField.allCases {
      for fault in Fault.allCases where fault != .unspecified {
        let error = Self.error(field, fault, "x")
        #expect(!remedies.problem(error).isEmpty)
        #expect(remedies.remedy(error).hasSuffix(language == .english ? "." : "。"))
      }
    }
  }

  @Test func `Chinese texts have no space between two Chinese words`() {
    let remedies = Remedies(.chinese)
    for reason in RejectionReason.allCases {
      for fault in Fault.allCases {
        for detail in ["ts", "state", "factory", "workshop", "line", "equipment", "presence", "/a/b"] {
          for excerpt in ["", "stop", "factory/F001/W01/E1/status\nF001,?,F001,车床"] {
            for text in [
              remedies.problem(reason, detail, fault, excerpt),
              remedies.remedy(reason, detail, fault, excerpt),
            ] {
              #expect(text.strayChineseSpace == nil, "\(text)")
            }
          }
        }
      }
    }
    for field in OptionalField.allCases {
      for fault in Fault.allCases {
        let error = Self.error(field, fault, "停机")
        #expect(remedies.problem(error).strayChineseSpace == nil)
        #expect(remedies.remedy(error).strayChineseSpace == nil)
      }
    }
    #expect("主题中的 设备".strayChineseSpace == "的 设")
    #expect("（全覆盖） 尚缺".strayChineseSpace == "） 尚")
    #expect("第 2 行".strayChineseSpace == nil)
  }

  @Test func `Chinese reports have no space between two Chinese words`() throws {
    for subject in GoldenTests.subjects {
      let report = try GoldenTests.report(subject)
      let pages = [
        HTMLRenderer(language: .chinese).render(report), MarkdownRenderer(language: .chinese).render(report),
      ]
      for page in pages { #expect(page.strayChineseSpace == nil, "\(subject.name)") }
    }
  }

  private static func error(_ field: OptionalField, _ fault: Fault, _ excerpt: String) -> FieldError {
    FieldError(
      key: EquipmentKey(factory: "F1", equipment: "1"), field: field, fault: fault, messages: 1,
      excerpt: excerpt)
  }

  @Test func `texts say what to touch`() {
    let english = Remedies(.english)
    let chinese = Remedies(.chinese)
    #expect(
      english.problem(.identityMismatch, "device", .duplicate)
        == "a device of another edge node has the same equipment id")
    #expect(
      english.remedy(.identityMismatch, "device", .duplicate)
        == #"Give the source of Sparkplug device: "+" and equipment: "{edge}.{device}", so that ids differ."#)
    #expect(chinese.problem(.malformed, "payload", .wrongType) == "不是合法的 Sparkplug 报文")
    #expect(english.problem(.malformed, "payload", .cutShort) == "the message ends in the middle")
    #expect(english.problem(.tooLate, "ts", .seconds, "1795305600") == "ts is in seconds: 1795305600")
    #expect(english.remedy(.tooLate, "ts", .seconds) == "Multiply ts by 1000: it is in milliseconds.")
    #expect(chinese.remedy(.tooLate, "ts", .seconds) == "ts 单位为毫秒，请乘以 1000。")
    #expect(
      english.problem(.missingField, "ts", .otherKey, "timestamp") == "ts is missing, there is 'timestamp'")
    #expect(english.remedy(.missingField, "ts", .otherKey, "timestamp") == "Rename 'timestamp' to ts.")
    #expect(
      english.remedy(.unknownState, "state", .unknownWord, #""runing""#)
        == "Send state as one of running, idle, setup, stopped, fault, maintenance, off. "
        + "The nearest to 'runing' is running.")
    #expect(
      english.remedy(Self.error(.mode, .unknownWord, #""auto""#))
        == "Send mode as automatic or manual, or leave it out. The nearest to 'auto' is automatic.")
    #expect(chinese.problem(Self.error(.energy, .textNumber, #""12.5""#)) == #"energy_kwh 为带引号的数字："12.5""#)
    #expect(
      english.remedy(.unmatchedTopic, "equipment", .notAnID, "factory/F001/W01/CNC-01/status")
        == "Publish on factory/F001/W01/CNC-01/status. Ids have letters A–Z, digits and _ . - only, at most 64."
    )
    #expect(
      english.remedy(.unmatchedTopic, "equipment", .notAnID, "a/F001/{equipment}\nF001,?,F001,车床 1")
        == "Publish on a/F001/{equipment}. Ids have letters A–Z, digits and _ . - only, at most 64. Or add to the "
        + "naming file, with the register's ids for ?: F001,?,F001,车床 1")
    #expect(
      chinese.remedy(.unmatchedTopic, "factory", .notAnID, "\n?,?,,,,,厂 1,Gw,车床 1")
        == "请在主题中使用台账编号，或在命名文件中写明对应的台账编号：millwright register map --suggest 列出全部此类名称。"
        + "也可在命名文件中加入一行（? 处填写台账编号）：?,?,,,,,厂 1,Gw,车床 1")
    #expect(
      english.remedy(.unmatchedTopic, "equipment", .notAnID)
        == "Publish ids of the register, or add the names to the naming file: 'millwright register map --suggest' "
        + "lists them.")
    #expect(chinese.problem(.malformed, "json", .gb18030) == "编码为 GBK，而非 UTF-8")
  }

  @Test func `texts for mapped sources name the path and the key of the source`() {
    let english = Remedies(.english)
    let chinese = Remedies(.chinese)
    #expect(english.problem(.unknownState, "/run", .unknownWord, "5") == "/run is an unknown word: 5")
    #expect(
      english.problem(.unknownState, "Run", .unspecified, "#2")
        == "Run is of bad quality, or cannot be read: record 2 of the message")
    #expect(chinese.problem(.unknownState, "Run", .unspecified) == "Run 质量码不合格，或无法读取")
    #expect(
      english.remedy(.unknownState, "Run", .unspecified)
        == "See whether the gateway reaches the machine; a quality that is good belongs in quality.good of the source."
    )
    #expect(
      english.remedy(.unknownState, "/run", .unknownWord)
        == "Add the value to state.map of the source (to quality.good if it is a quality), or correct the path /run."
    )
    #expect(english.problem(.missingField, "$/time", .unspecified) == "$/time is missing")
    #expect(
      chinese.remedy(.missingField, "$/time", .unspecified) == "请让设备发送 $/time，或更正数据来源中的路径。")
    #expect(english.problem(.tooLate, "/t", .seconds, "1795305600") == "/t is in seconds: 1795305600")
    #expect(english.remedy(.tooLate, "/t", .seconds) == "Set 'unit: s' in timestamp of the source.")
    #expect(
      english.remedy(.invalidTimestamp, "/t", .noZone)
        == "Set zone in timestamp of the source, such as 'zone: Asia/Shanghai'.")
    #expect(chinese.problem(.malformed, "/id", .notAnID) == "/id 的值不符合编号规则")
    let sentence = "Have the publisher send an id: letters A–Z, digits and _ . - only, at most 64."
    #expect(english.remedy(.malformed, "/id", .notAnID, "\"车床 1\"") == sentence)
    #expect(
      english.remedy(.malformed, "/id", .notAnID, "\"车床 1\"\nF001,?,F001,车床 1")
        == sentence + " Or add to the naming file, with the register's ids for ?: F001,?,F001,车床 1")
  }

  @Test func `a field of a mapped source may have a name of the native message`() {
    let english = Remedies(.english)
    let chinese = Remedies(.chinese)
    func detail(_ name: String) -> String { RejectionDetail.field(name).description }
    #expect(
      english.problem(.unknownState, detail("state"), .unknownWord, "5") == "state is an unknown word: 5")
    #expect(
      english.remedy(.unknownState, detail("state"), .unknownWord, "5")
        == "Add the value to state.map of the source (to quality.good if it is a quality), or correct the path state."
    )
    #expect(chinese.problem(.unknownState, detail("state"), .unspecified) == "state 质量码不合格，或无法读取")
    #expect(english.problem(.missingField, detail("state"), .unspecified) == "state is missing")
    #expect(
      english.remedy(.missingField, detail("state"), .unspecified)
        == "Have the publisher send state, or correct the path in the source.")
    #expect(english.problem(.invalidTimestamp, detail("ts"), .noZone, "x") == "ts has no time zone: x")
    #expect(
      english.remedy(.invalidTimestamp, detail("ts"), .noZone)
        == "Set zone in timestamp of the source, such as 'zone: Asia/Shanghai'.")
    #expect(english.remedy(.tooLate, detail("ts"), .seconds) == "Set 'unit: s' in timestamp of the source.")
    #expect(
      chinese.remedy(.tooLate, detail("ts"), .unspecified)
        == "请校准设备时钟，或及时补传：ts 须在 journal.retention 减两天的范围内。")
    for name in ["presence", "payload", "words"] {
      #expect(english.problem(.malformed, detail(name), .notAnID) == "the name at \(name) is not an id")
    }
    #expect(english.problem(.future, detail("/time"), .unspecified) == "/time is ahead of our clock")
    #expect(
      english.remedy(.future, "/time", .unspecified)
        == "Set the device's clock (NTP) and its time zone: /time may be at most limits.future_skew ahead.")
  }

  @Test func `a record beside good ones is named by its place in the message`() {
    let english = Remedies(.english)
    #expect(
      english.problem(.unknownState, "/run", .unknownWord, "#3 +2")
        == "/run is an unknown word: record 3 of the message, and 2 more")
    #expect(
      Remedies(.chinese).problem(.unknownState, "/run", .unknownWord, "#3") == "/run 取值未知：报文中第 3 条记录")
    #expect(english.problem(.unknownState, "/run", .unknownWord, "#3 x") == "/run is an unknown word: #3 x")
    #expect(english.problem(.unknownState, "/run", .unknownWord, "#E1") == "/run is an unknown word: #E1")
  }

  @Test func `an unknown word of presence is named with the line to add`() {
    let english = Remedies(.english)
    let chinese = Remedies(.chinese)
    #expect(english.problem(.malformed, "words", .unknownWord, "lost") == "an unknown word of presence: lost")
    #expect(
      english.remedy(.malformed, "words", .unknownWord, "lost")
        == #"Add the word to words of the source: words: { "lost": offline }, or online for offline."#)
    #expect(
      english.remedy(.malformed, "/state", .unknownWord, #""a \"b\"""#)
        == #"Add the word to words of the source: words: { "a \\\"b\\\"": offline }, or online for offline."#)
    #expect(
      chinese.remedy(.malformed, "/state", .unknownWord, #""掉线""#)
        == #"请在数据来源的 words 中补充该词：words: { "掉线": offline }（若表示在线，则为 online）。"#)
    #expect(english.remedy(.malformed, "words", .unknownWord) == "Add the word to words of the source.")
    #expect(english.problem(.malformed, "presence", .unknownWord, "up") == "neither online nor offline: up")
  }

  @Test(arguments: [
    ("007", "7"), ("e9", "E9"), ("Ｅ９", "E9"), ("CNC 01", "CNC-1"), ("cnc_1", "CNC-1"), ("7", nil),
    ("E90", nil),
    ("８", nil), ("70", nil), ("-", nil),
  ])
  func `an id much like a registered one is found`(id: String, twin: String?) {
    #expect(NearTwins(["7", "E9", "CNC-1"]).twin(of: id) == twin)
  }

  @Test(arguments: [ReportScope.district, .factory("F001")])
  func `eighty thousand alarm codes make no long report, which says how many it leaves out`(
    scope: ReportScope
  ) throws {
    var sums = PeriodFigures()
    var factory = PeriodFigures.Factory()
    factory.total.readings = 300
    for code in 0..<80_000 { factory.total.alarms["A\(code)"] = 1 + code % 3 }
    sums.factories["F001"] = factory
    let report = try Report(
      on: scope, of: SampleDistrict.assessment(sums: sums), district: SampleDistrict.identity,
      version: "0.1.0")
    let html = HTMLRenderer(language: .english).render(report)
    #expect(html.utf8.count < 1 << 20)
    // A district has the number of each factory's codes, and not the codes.
    #expect(html.contains(scope == .district ? ">80,000</td>" : "and 79,000 more"))
    // The sum covers all of them.
    #expect(html.contains("159,999"))
    let json = JSONRenderer().render(report)
    #expect(json.utf8.count < 1 << 20)
    #expect(json.contains(#""omitted":{"alarms":79000,"#))
  }
}

extension String {
  /// The first space between two Chinese characters or signs, with them; nil if there is none.
  fileprivate var strayChineseSpace: String? {
    firstMatch(of: #/[\u{4E00}-\u{9FFF}，。；：、（）“”] +[\u{4E00}-\u{9FFF}，。；：、（）“”]/#).map { String($0.output) }
  }
}
