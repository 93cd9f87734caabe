import Alerts
import Reporting
import Telemetry

/// The output of `alert list` as text.
struct AlertListText {
  var language: Language
  var calendar: LocalCalendar
  /// Whether the configuration names rules, and whether they were ever evaluated.
  var hasRules: Bool
  var wasEvaluated: Bool

  /// The lines of a list.
  func lines(_ list: AlertList, days: Int) -> [String] {
    let say = CommandWording(language: language)
    var lines: [String] = []
    if !hasRules {
      lines.append(
        say(
          "There are no rules: set alerts.rules_file, such as to alerts.yaml.",
          "没有告警规则：请设置 alerts.rules_file，如 alerts.yaml。"))
    } else if !wasEvaluated {
      lines.append(
        say(
          "The rules were never evaluated: 'millwright serve' does it every minute.",
          "规则尚未执行：由 millwright serve 每分钟执行一次。"))
    }
    if !list.ruleProblems.isEmpty {
      lines.append(
        say(
          "The rules file has errors; a running server goes on with the earlier rules:",
          "规则文件有误；正在运行的服务仍按原有规则执行："))
      lines += list.ruleProblems.map { "  " + say($0.description, $0.chineseDescription) }
    }
    let (lasting, ended) = (
      list.alerts.filter { $0.endedAt == nil }, list.alerts.filter { $0.endedAt != nil }
    )
    lines.append(lasting.isEmpty ? say("No alert is raised.", "当前没有告警。") : say("Raised:", "当前告警："))
    for alert in lasting { lines += self.lines(alert, say) }
    if !ended.isEmpty {
      lines += ["", say("Ended in the last \(days) days:", "最近 \(days) 天解除的告警：")]
      for alert in ended { lines += self.lines(alert, say) }
    }
    if !list.failures.isEmpty {
      lines += ["", say("Messages that were not delivered:", "未送达的消息：")]
      lines += list.failures.map { line($0, say) }
    }
    if !list.silences.isEmpty {
      lines += ["", say("Silences:", "静默：")]
      for silence in list.silences {
        let end = calendar.minute(silence.until)
        lines.append(
          say(
            "  \(silence.target) until \(end): \(silence.reason)",
            "  \(silence.target) 至 \(end)：\(silence.reason)"))
      }
    }
    return lines
  }

  // MARK: -

  private func lines(_ alert: ListedAlert, _ say: CommandWording) -> [String] {
    let text = (language == .chinese ? alert.textChinese : alert.textEnglish)
      .split(separator: "\n").map(String.init)
    let since = calendar.minute(alert.since)
    let time = alert.endedAt.map { end in
      say("\(since) to \(calendar.minute(end))", "\(since) 至 \(calendar.minute(end))")
    }
    var head = "  \(alert.id)  \(text.first ?? "\(alert.rule): \(alert.subject)")"
    if let time { head += "  (\(time))" }
    var messages: [String] = []
    if alert.delivered > 0 { messages.append(say("\(alert.delivered) sent", "已发送 \(alert.delivered) 条")) }
    if alert.waiting > 0 { messages.append(say("\(alert.waiting) waiting", "待发送 \(alert.waiting) 条")) }
    if alert.givenUp > 0 { messages.append(say("\(alert.givenUp) given up", "已放弃 \(alert.givenUp) 条")) }
    var lines = [head]
    if alert.endedAt == nil { lines += text.dropFirst().map { "    " + $0 } }
    if let owner = alert.owner { lines.append("    " + say("Owner: \(owner)", "责任方：\(owner)")) }
    if !messages.isEmpty {
      lines.append("    " + say("Messages: ", "消息：") + messages.joined(separator: say(", ", "，")))
    }
    return lines
  }

  private func line(_ failure: FailedDelivery, _ say: CommandWording) -> String {
    let created = calendar.minute(failure.createdAt)
    let state =
      failure.givenUpAt.map { say("given up at \(calendar.minute($0))", "\(calendar.minute($0)) 放弃") }
      ?? say("is sent again", "将重新发送")
    let attempts = failure.attempts.counted("attempt")
    return say(
      "  \(failure.receiver), \(failure.id), of \(created): \(attempts), \(state): \(failure.failure)",
      "  \(failure.receiver)，\(failure.id)，\(created)：已尝试 \(failure.attempts) 次，\(state)：\(failure.failureChinese)"
    )
  }
}
