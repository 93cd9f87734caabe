import Aggregation
import Alerts
import Configuration
import Telemetry
import Testing

/// Texts of messages, as people read them.
@Suite("Texts of alerts") struct TextTests {
  private let messages: AlertMessages

  init() throws { messages = AlertMessages(try Sample.settings()) }

  /// English and Chinese lines of the events of a rule at two moments.
  private func texts(_ rule: AlertRule, _ facts: AlertFacts...) throws -> [[String]] {
    var story = Story(rule)
    let rules = AlertRules(rules: [rule], receivers: [])
    var found: [[String]] = []
    for one in facts {
      _ = story.events(one)
      for change in story.last where change.event != nil {
        let record = messages.record(change, rules, names: one.factories ?? [:], at: one.at)
        guard let text = record.message?.text else { continue }
        found += [text.en.lines, text.zh.lines]
      }
    }
    return found
  }

  @Test("A silent factory, raised and resolved") func silent() throws {
    let factory = AlertFacts.Factory(
      nameChinese: "渝北精密机械厂", nameEnglish: "Yubei Precision", lastHeard: Sample.at(0))
    var back = factory
    back.lastHeard = Sample.at(95)
    let collector = AlertFacts.Collector(observedSince: Sample.at(-60))
    #expect(
      try texts(
        AlertRule(name: "quiet", kind: .factorySilent, severity: .critical, hold: .minutes(30)),
        AlertFacts(at: Sample.at(90), collector: collector, factories: ["F001": factory]),
        AlertFacts(at: Sample.at(95), collector: collector, factories: ["F001": back])) == [
          [
            "[critical] Factory silent: Yubei Precision (F001)",
            "No message has come from any of its equipment for 1 h 30 min.", "Since 2026-11-30 08:00.",
            "What to do: ask the factory to check gateway, network and power; the broker's log has its last connection.",
          ],
          [
            "[严重] 企业无数据：渝北精密机械厂（F001）", "已有 1 小时 30 分钟未收到该企业任何设备的消息。", "自 2026-11-30 08:00 起。",
            "处理建议：请与企业核实网关、网络和供电是否正常；企业最近一次连接见消息代理（broker）日志。",
          ],
          [
            "[resolved] Factory silent: Yubei Precision (F001)", "It is over.",
            "From 2026-11-30 08:00 to 2026-11-30 09:35, 1 h 35 min.",
          ],
          [
            "[已解除] 企业无数据：渝北精密机械厂（F001）", "已恢复。", "自 2026-11-30 08:00 至 2026-11-30 09:35，历时 1 小时 35 分钟。",
          ],
        ])
  }

  @Test("A ratio has its counts, and the rule's own advice") func ratio() throws {
    let rule = AlertRule(
      name: "low",
      kind: .ratioBelow(.networkedRatio, days: 7, level: .district, share: 90_000, clearAt: 92_000),
      adviceChinese: "请联系运维。", adviceEnglish: "Call operations.")
    #expect(
      try texts(
        rule, AlertFacts(at: Sample.at(0), periods: [7: .init(district: Sample.networked(48, of: 60))])) == [
          [
            "[warning] Networked coverage below 90 %: district",
            "The ratio over the last 7 days is below the threshold.", "Since 2026-11-30 08:00.",
            "Networked coverage: 48 / 60 (80.0 %); threshold 90 %.", "What to do: Call operations.",
          ],
          [
            "[告警] 设备联网率低于 90 %：全园区", "最近 7 天的比率低于阈值。", "自 2026-11-30 08:00 起。",
            "设备联网率：48 / 60（80.0 %）；阈值 90 %。", "处理建议：请联系运维。",
          ],
        ])
  }

  @Test("A ratio over time has hours") func hours() throws {
    var figures = Figures()
    figures.time.connectivity.on = 3_600_000 * 30
    figures.time.connectivity.off = 3_600_000 * 10
    let rule = AlertRule(
      name: "low",
      kind: .ratioBelow(.timeWeightedConnectivity, days: 1, level: .district, share: 80_000, clearAt: 80_000))
    let lines = try texts(rule, AlertFacts(at: Sample.at(0), periods: [1: .init(district: figures)]))
    #expect(
      lines.map { $0[3] } == [
        "Time-weighted connectivity: 30 / 40 h (75.0 %); threshold 80 %.",
        "时间加权在线率：30 / 40 小时（75.0 %）；阈值 80 %。",
      ])
  }

  @Test("A disk, refused messages and a certificate have their numbers") func numbers() throws {
    let disk = try texts(
      AlertRule(name: "disk", kind: .diskLow(share: 10_000, clearAt: 12_000)),
      AlertFacts(at: Sample.at(0), collector: .init(disk: Count(5 << 30, of: 100 << 30))))
    #expect(
      disk.map { $0[3] } == [
        "Free: 5.0 GiB of 100.0 GiB (5.0 %); threshold 10 %.", "剩余 5.0 GiB，共 100.0 GiB（5.0 %）；阈值 10 %。",
      ])
    let refused = try texts(
      AlertRule(name: "refused", kind: .refusedMessages(perMinute: 60, clearBelow: 10)),
      AlertFacts(at: Sample.at(0), collector: .init(refused: Count(1200, of: 60_000))))
    #expect(
      refused.map { $0[3] } == [
        "Refused in the last minute: 1,200 of 60,000 messages; threshold 60.",
        "最近一分钟拒收 1,200 条，共 60,000 条；阈值 60 条。",
      ])
    let certificate = try texts(
      AlertRule(name: "cert", kind: .certificateExpiring(within: .days(21), files: [])),
      AlertFacts(at: Sample.at(0), certificates: ["/etc/ca\u{202E}.pem": Sample.at(60)]))
    #expect(
      certificate[0].prefix(2) == [
        "[warning] Certificate ends soon: /etc/ca\\u{202E}.pem", "The certificate ends at 2026-11-30 09:00.",
      ])
    #expect(certificate[1][1] == "证书有效期至 2026-11-30 09:00。")
  }

  @Test("Subjects are read back from their text") func subjects() {
    for subject in [
      AlertSubject.district, .collector, .factory("F001"), .certificate("/a:b/c.pem"),
      .equipment(EquipmentKey(factory: "F", equipment: "E")),
    ] {
      #expect(AlertSubject(subject.text) == subject)
    }
    for text in ["", "factory:", "equipment:F", "other", "x:y"] { #expect(AlertSubject(text) == nil) }
  }
}
