import Aggregation
import Reporting
import Telemetry

/// The sessions of a machine: from birth or online to death or offline.
struct SessionList {
  private let report: Report
  private let terms: Terms

  /// Sessions that are listed, the newest.
  private static let most = 15

  /// Those of the report over the days whose states are shown.
  init(_ report: Report, _ terms: Terms) {
    self.report = report
    self.terms = terms
  }

  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  func write(to main: inout Markup) {
    let sessions = report.states?.sessions ?? []
    main.element("section", [("aria-labelledby", "sessions")]) { part in
      part.element("h2", [("id", "sessions")]) { heading in
        heading.add(pick("Sessions", "连接会话"))
        if !sessions.isEmpty { heading.element("small", text: " " + terms.number(sessions.count)) }
      }
      guard !sessions.isEmpty else {
        part.element(
          "p",
          text: pick(
            "No session in this time. The machine sends no birth and death, or online and offline: it counts by its readings alone.",
            "该时段内无连接会话。设备未上报上线、离线消息，仅依据数据判定。"))
        return
      }
      part.element(
        "div", [("class", "table"), ("tabindex", "0"), ("role", "group"), ("aria-labelledby", "sessions")]
      ) { frame in
        frame.element("table", [("class", "long")]) { table in
          table.element("thead") { head in
            head.element("tr") { row in
              row.element("th", [("scope", "col")], text: pick("Online from", "上线时间"))
              row.element("th", [("scope", "col")], text: pick("Offline at", "离线时间"))
              row.element("th", [("scope", "col"), ("class", "n")], text: pick("Hours", "时长（小时）"))
            }
          }
          table.element("tbody") { body in
            for session in sessions.suffix(Self.most).reversed() { write(session, &body) }
          }
        }
      }
      if sessions.count > Self.most {
        part.element(
          "p", [("class", "faint")],
          text: pick("The newest \(Self.most) are listed.", "仅列最近 \(Self.most) 次。"))
      }
    }
    main.newLine()
  }

  private func write(_ session: Range<Timestamp>, _ body: inout Markup) {
    let period = report.observation.period
    body.element("tr") { row in
      let from = report.calendar.second(session.lowerBound)
      row.element("th", [("scope", "row")]) { cell in
        if session.lowerBound <= period.from { cell.add(pick("before ", "早于 ")) }
        cell.add(from)
      }
      row.element("td") { cell in
        if session.upperBound >= period.until {
          cell.element("span", [("class", "state reporting")], text: pick("open", "仍在线"))
        } else {
          cell.add(report.calendar.second(session.upperBound))
        }
      }
      row.element("td", [("class", "n")], text: OfflineList.hours(OfflineList.length(session), terms))
    }
  }
}
