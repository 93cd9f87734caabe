import Alerts
import Configuration
import Reporting
import Telemetry

/// The alerts that last, those that ended, and what could not be sent.
struct AlertsPage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot
  /// nil if the rules were never evaluated.
  let list: AlertList?

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  var markup: String {
    var frame = site.frame(call, snapshot, place: .alerts, title: pick("Alerts", "告警"))
    frame.live = .whole(snapshot)
    let list = list ?? AlertList()
    let (lasting, ended) = (
      list.alerts.filter { $0.endedAt == nil }, list.alerts.filter { $0.endedAt != nil }
    )
    return frame.page { main in
      main.element("h1", text: pick("Alerts", "告警"))
      write(site.ruleProblems, &main)
      if let hint { main.element("p", [("class", "faint")], text: hint) }
      if lasting.isEmpty {
        main.element("p", text: pick("No alert is raised.", "当前没有告警。"))
      } else {
        main.element("ul", [("class", "alerts")]) { part in for alert in lasting { write(alert, &part) } }
        main.element("p", [("class", "faint")]) { text in
          text.add(pick("To silence one: ", "静默一项告警："))
          text.element("code", text: "millwright alert silence ID --for 4h --reason TEXT")
        }
      }
      if !ended.isEmpty { write(ended: ended, &main) }
      if !list.failures.isEmpty { write(list.failures, &main) }
      if !list.silences.isEmpty { write(list.silences, &main) }
    }
  }

  /// Why there may be no alerts; nil if rules are evaluated.
  private var hint: String? {
    if site.settings.alerts.rulesFile == nil {
      return pick(
        "There are no rules: set alerts.rules_file, such as to alerts.yaml, and start the server again.",
        "没有告警规则：请设置 alerts.rules_file，如 alerts.yaml，并重新启动服务。")
    }
    return list == nil
      ? pick("The rules are evaluated every minute, for the first time soon.", "规则每分钟执行一次，即将首次执行。") : nil
  }

  /// Why the rules of the file do not apply; nothing if they do.
  private func write(_ problems: [SettingsErrors.Problem], _ main: inout Markup) {
    guard !problems.isEmpty else { return }
    main.element("ul", [("class", "alerts")]) { list in
      list.element("li", [("class", "bad")]) { item in
        item.element("h2", text: pick("The rules file has errors", "规则文件有误"))
        item.element(
          "p",
          text: pick(
            "The earlier rules apply until the file is corrected.", "文件更正之前，仍按原有规则执行。"))
        for problem in problems {
          item.element(
            "p",
            text: (call.language == .chinese ? problem.chineseDescription : problem.description).inert)
        }
      }
    }
  }

  // MARK: Alerts

  private func lines(_ alert: ListedAlert) -> [String] {
    (call.language == .chinese ? alert.textChinese : alert.textEnglish).split(separator: "\n").map {
      String($0).inert
    }
  }

  private func title(_ alert: ListedAlert) -> String {
    lines(alert).first ?? "\(alert.rule)\(pick(": ", "："))\(alert.subject)".inert
  }

  private func write(_ alert: ListedAlert, _ list: inout Markup) {
    list.element("li", [("class", alert.severity == "critical" ? "bad" : "warn")]) { item in
      item.element("h2", text: title(alert))
      for line in lines(alert).dropFirst() { item.element("p", text: line) }
      item.element("p", [("class", "faint")]) { line in
        line.element("code", text: alert.id.inert)
        for part in [owner(alert), messages(alert)] where !part.isEmpty {
          line.add(" · ")
          line.add(part)
        }
      }
    }
  }

  private func owner(_ alert: ListedAlert) -> String {
    alert.owner.map { pick("Owner: \($0)", "责任方：\($0)").inert } ?? ""
  }

  private func messages(_ alert: ListedAlert) -> String {
    var parts: [String] = []
    if alert.delivered > 0 { parts.append(pick("\(alert.delivered) sent", "已发送 \(alert.delivered) 条")) }
    if alert.waiting > 0 { parts.append(pick("\(alert.waiting) waiting", "待发送 \(alert.waiting) 条")) }
    if alert.givenUp > 0 { parts.append(pick("\(alert.givenUp) given up", "已放弃 \(alert.givenUp) 条")) }
    guard !parts.isEmpty else { return "" }
    return pick("Messages: ", "消息：") + parts.joined(separator: pick(", ", "，"))
  }

  private func write(ended: [ListedAlert], _ main: inout Markup) {
    let heading = pick(
      "Ended in the last \(AlertList.recentDays) days", "最近 \(AlertList.recentDays) 天解除的告警")
    table("ended", heading, [pick("Alert", "告警"), pick("From", "开始"), pick("To", "结束")], &main) { body in
      for alert in ended {
        body.element("tr") { row in
          row.element("th", [("scope", "row")], text: title(alert))
          row.element("td", text: site.calendar.minute(alert.since))
          row.element("td", text: alert.endedAt.map(site.calendar.minute) ?? "")
        }
      }
    }
  }

  // MARK: Messages and silences

  private func write(_ failures: [FailedDelivery], _ main: inout Markup) {
    let columns = [
      pick("Receiver", "接收方"), pick("Of", "消息时间"), pick("Attempts", "尝试次数"), pick("State", "状态"),
      pick("Failure", "失败原因"),
    ]
    table("failures", pick("Messages that were not delivered", "未送达的消息"), columns, &main) { body in
      for failure in failures {
        body.element("tr") { row in
          row.element("th", [("scope", "row")], text: failure.receiver.inert)
          row.element("td", text: site.calendar.minute(failure.createdAt))
          row.element("td", text: terms.number(failure.attempts))
          row.element(
            "td",
            text: failure.givenUpAt == nil
              ? pick("is sent again", "将重新发送") : pick("given up", "已放弃"))
          row.element("td", text: pick(failure.failure, failure.failureChinese).inert)
        }
      }
    }
  }

  private func write(_ silences: [AlertSilence], _ main: inout Markup) {
    let columns = [pick("Rule or alert", "规则或告警"), pick("Until", "截止时间"), pick("Reason", "原因")]
    table("silences", pick("Silences", "静默"), columns, &main) { body in
      for silence in silences {
        body.element("tr") { row in
          row.element("th", [("scope", "row")], text: silence.target.inert)
          row.element("td", text: site.calendar.minute(silence.until))
          row.element("td", text: silence.reason.inert)
        }
      }
    }
  }

  private func table(
    _ id: String, _ heading: String, _ columns: [String], _ main: inout Markup,
    _ rows: (inout Markup) -> Void
  ) {
    main.element("h2", [("id", id)], text: heading)
    main.element(
      "div", [("class", "table"), ("tabindex", "0"), ("role", "group"), ("aria-labelledby", id)]
    ) { frame in
      frame.element("table", [("class", "long")]) { table in
        table.element("thead") { head in
          head.element("tr") { row in
            for column in columns { row.element("th", [("scope", "col")], text: column) }
          }
        }
        table.element("tbody", [], rows)
      }
    }
  }
}
