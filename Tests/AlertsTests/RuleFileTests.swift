import Aggregation
import Configuration
import Foundation
import Telemetry
import Testing

/// The folder of the shipped configuration.
private let folder =
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path + "/Config"

/// Problems of a rules file in English and Chinese, as printed.
private func problems(_ text: String) -> [[String]] {
  do throws(SettingsErrors) {
    _ = try AlertRuleFile.parse(text, file: "alerts.yaml", besides: folder + "/millwright.yaml")
    return []
  } catch {
    return error.problems.map { [$0.description, $0.chineseDescription] }
  }
}

private func rules(_ text: String) throws -> AlertRules {
  try AlertRuleFile.parse(text, file: "/etc/millwright/alerts.yaml", besides: folder + "/millwright.yaml")
}

@Suite("Rules files of alerts") struct RuleFileTests {
  @Test("The shipped file has every kind of rules and receivers") func shipped() throws {
    let rules = try AlertRuleFile.load(folder + "/alerts.yaml", besides: folder + "/millwright.yaml")
    #expect(
      Set(rules.rules.map(\.kind.name)) == [
        "factory_silent", "ratio_below", "equipment_fault", "refused_messages", "observation_gap", "disk_low",
        "certificate_expiring", "policy_at_risk",
      ])
    #expect(rules.receivers.map(\.kind.name) == ["wecom", "dingtalk", "feishu", "webhook", "mqtt"])
    #expect(rules.windows.map(\.name) == ["night", "weekend", "spring-festival"])
    #expect(rules.receiver("duty-wecom")?.kind == .wecom(urlFile: folder + "/secrets/wecom-url"))
    #expect(
      rules.rule("upload-low")?.kind
        == .ratioBelow(.uploadRatio, days: 7, level: .factory, share: 90_000, clearAt: 92_000))
    guard case .policyAtRisk(let policy, .factory, 5, 1000)? = rules.rule("month-at-risk")?.kind else {
      Issue.record("month-at-risk is \(String(describing: rules.rule("month-at-risk")?.kind))")
      return
    }
    #expect(policy.name == "chongqing-digital-workshop")
    #expect(rules.rule("month-at-risk")?.repeats == .days(7))
  }

  @Test("A rule has defaults, and keeps what it is given") func values() throws {
    let rules = try rules(
      """
      receivers:
        - { name: hook, type: webhook, url: "http://127.0.0.1:9/x", secret_file: s/key, language: en }
      maintenance:
        - { name: night, start: "22:30", end: "06:00", weekdays: "1-3,5" }
      rules:
        - { name: a, kind: factory_silent, for: 30m, factories: "F001, F002", receivers: hook, maintenance: night }
        - { name: b, kind: disk_low, below: 7.5, severity: info, repeat: never, clear_for: 0 }
      """)
    #expect(
      rules.receivers == [
        AlertReceiver(
          name: "hook",
          kind: .webhook(.url("http://127.0.0.1:9/x"), secretFile: "/etc/millwright/s/key"),
          languages: .english)
      ])
    #expect(
      rules.windows == [MaintenanceWindow(name: "night", weekdays: [1, 2, 3, 5], start: 1350, end: 360)])
    #expect(
      rules.rules == [
        AlertRule(
          name: "a", kind: .factorySilent, receivers: ["hook"], windows: ["night"],
          factories: ["F001", "F002"], hold: .minutes(30), clearHold: .minutes(5)),
        AlertRule(name: "b", kind: .diskLow(share: 7500, clearAt: 7500), severity: .info, repeats: nil),
      ])
  }

  @Test("Every problem has its line, and its remedy in both languages") func errors() {
    #expect(
      problems(
        """
        receivers:
          - { name: hook, type: webhook, url: "http://example.com/x" }
          - { name: robot, type: wecom, secret_file: key }
        maintenance:
          - { name: night, start: "25:00", end: "06:00" }
          - { name: past, from: 2026-12-02, to: 2026-12-01 }
        rules:
          - { name: a, kind: factory_silent, receivers: hok, below: 3 }
          - { name: a, kind: disk_low, below: 10, clear_at: 9 }
          - { name: b, kind: ratio_below, metric: networked, below: 101 }
          - { name: c, kind: refused_messages, per_minute: 5, repeat: 1h, sevrity: info }
        """) == [
          [
            "alerts.yaml:2:5: receivers[0].secret_file: is missing: name a file of mode 0600 with the secret that signs the messages",
            "alerts.yaml 第 2 行第 5 列：receivers[0].secret_file：缺失：请填写用于签名的密钥文件，权限须为 0600",
          ],
          [
            "alerts.yaml:2:39: receivers[0].url must be an address such as https://example.com/hook (http only for this machine), not 'http://example.com/x'",
            "alerts.yaml 第 2 行第 39 列：receivers[0].url 应为网址，如 https://example.com/hook（http 仅限本机），而不是 'http://example.com/x'",
          ],
          [
            "alerts.yaml:3:5: receivers[1].url_file: is missing: the address is a secret; write it into a file of mode 0600 and name the file here",
            "alerts.yaml 第 3 行第 5 列：receivers[1].url_file：缺失：地址属于机密，请写入权限为 0600 的文件，并在此填写文件名",
          ],
          [
            "alerts.yaml:3:46: receivers[1].secret_file: does not apply to wecom: remove it",
            "alerts.yaml 第 3 行第 46 列：receivers[1].secret_file：不适用于 wecom，请删除",
          ],
          [
            "alerts.yaml:5:27: maintenance[0].start must be a time of day from \"00:00\" to \"24:00\", not '25:00'",
            "alerts.yaml 第 5 行第 27 列：maintenance[0].start 应为 \"00:00\" 至 \"24:00\" 的时刻，而不是 '25:00'",
          ],
          [
            "alerts.yaml:6:41: maintenance[1].to: must not be before from",
            "alerts.yaml 第 6 行第 41 列：maintenance[1].to：不得早于 from",
          ],
          [
            "alerts.yaml:8:5: rules[0].for: is missing: factory_silent needs the time for which it must last, such as 30m",
            "alerts.yaml 第 8 行第 5 列：rules[0].for：缺失：factory_silent 须填写持续时间，如 30m",
          ],
          [
            "alerts.yaml:8:49: rules[0].receivers: the file has no 'hok' in receivers (did you mean 'hook'?)",
            "alerts.yaml 第 8 行第 49 列：rules[0].receivers：文件的 receivers 中没有“hok”（是否应为“hook”？）",
          ],
          [
            "alerts.yaml:8:61: rules[0].below: does not apply to factory_silent: remove it",
            "alerts.yaml 第 8 行第 61 列：rules[0].below：不适用于 factory_silent，请删除",
          ],
          [
            "alerts.yaml:9:13: rules[1].name: 'a' is given more than once",
            "alerts.yaml 第 9 行第 13 列：rules[1].name：名称“a”重复",
          ],
          [
            "alerts.yaml:9:53: rules[1].clear_at: must be at least below (10)",
            "alerts.yaml 第 9 行第 53 列：rules[1].clear_at：不得小于 below（10）",
          ],
          [
            "alerts.yaml:10:43: rules[2].metric must be one of \(metrics(", ")), not 'networked'",
            "alerts.yaml 第 10 行第 43 列：rules[2].metric 应为 \(metrics("、")) 之一，而不是 'networked'",
          ],
          [
            "alerts.yaml:10:61: rules[2].below must be a percentage from 0 to 100 with at most three decimals, not '101'",
            "alerts.yaml 第 10 行第 61 列：rules[2].below 应为 0 至 100 的百分数，至多三位小数，而不是 '101'",
          ],
          [
            "alerts.yaml:11:63: rules[3].repeat must be never, or a duration from 1d to 30d, such as 1d, not '1h'",
            "alerts.yaml 第 11 行第 63 列：rules[3].repeat 应为 never，或 1d 至 30d 的时长，如 1d，而不是 '1h'",
          ],
          [
            "alerts.yaml:11:67: unknown key 'sevrity' in rules[3] (did you mean 'severity'?)",
            "alerts.yaml 第 11 行第 67 列：rules[3] 中没有键“sevrity”（是否应为“severity”？）",
          ],
        ])
  }

  private func metrics(_ separator: String) -> String {
    Metric.ranked.map(\.key).joined(separator: separator)
  }

  @Test("A file without rules, one that is no YAML, and a policy that is not there are errors") func whole() {
    #expect(
      problems("receivers: [{ name: t, type: mqtt, topic: a/b }]\n").map { $0[0] } == [
        "alerts.yaml: rules is missing: a rules file has at least one rule"
      ])
    let broken = problems("rules: [").first?[1] ?? ""
    #expect(broken.contains(#/^alerts\.yaml 第 \d+ 行第 \d+ 列：不是有效的 YAML（.+）$/#), "\(broken)")
    #expect(
      problems("rules:\n  - { name: a, kind: policy_at_risk, policy: nope-at-all }\n").map { $0[1] } == [
        "alerts.yaml 第 2 行第 46 列：rules[0].policy：policy：没有名为“nope-at-all”的政策；可用政策见 millwright policy list"
      ])
  }

  @Test("A topic has no wildcard, and an address no password") func addresses() {
    for topic in ["a/+/b", "a/#", "$SYS/x"] {
      #expect(
        problems(
          "receivers: [{ name: t, type: mqtt, topic: '\(topic)' }]\nrules: [{ name: a, kind: observation_gap, for: 5m }]"
        )
        .count == 1, "\(topic)")
    }
    for (address, isOne) in [
      ("https://a.example/b?c=d", true), ("https://u:p@a.example", false), ("ftp://a.example", false),
      ("http://localhost:8080/x", true), ("http://[::1]:8080/x", true), ("http://a.example", false),
      ("a", false),
      ("https://", false),
    ] {
      #expect(AlertRuleFile.isAddress(address) == isOne, "\(address)")
    }
  }
}
