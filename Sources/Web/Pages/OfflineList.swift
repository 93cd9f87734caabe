import Aggregation
import Reporting
import Telemetry

/// The machines of a factory that were offline in the last days, those with the longest time first.
struct OfflineList {
  let report: Report
  /// The factory's path.
  let path: String
  let terms: Terms

  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  /// The section; nothing if offline time was not read.
  func write(to main: inout Markup) {
    guard let details = report.details, let offline = details.offline else { return }
    let days = Int((details.window.upperBound - details.window.lowerBound).milliseconds / 86_400_000)
    main.element("section", [("aria-labelledby", "offline")]) { part in
      part.element("h2", [("id", "offline")]) { heading in
        heading.add(pick("Offline spells", "离线时段"))
        heading.element("small", text: " " + pick("last \(days) days", "近 \(days) 天"))
      }
      guard let longest = offline.longest.max(by: { Self.length($0.longest) < Self.length($1.longest) })
      else {
        part.element(
          "p", text: pick("No machine was offline for five minutes or more.", "没有设备离线达到 5 分钟。"))
        return
      }
      part.element("p", text: summary(offline, longest))
      table(offline, &part)
      if offline.count > offline.longest.count {
        let rest = offline.count - offline.longest.count
        part.element(
          "p", [("class", "faint")],
          text: pick(
            "The \(offline.longest.count) with the longest time are listed; \(terms.number(rest)) more were offline for a shorter time.",
            "仅列离线时间最长的 \(offline.longest.count) 台，另有 \(terms.number(rest)) 台离线时间较短。"))
      }
    }
    main.newLine()
  }

  private func summary(_ offline: OfflineMachines, _ longest: OfflineTime) -> String {
    let machines = terms.many(offline.count, "machine was", "machines were", "")
    let hours = Self.hours(Self.length(longest.longest), terms)
    return pick(
      "\(machines) offline for five minutes or more. The longest spell: \(longest.equipment), \(hours) h from \(minute(longest.longest.lowerBound)). Nights and days off are in it.",
      "\(terms.number(offline.count)) 台设备离线达到 5 分钟。最长一次：\(longest.equipment)，自 \(minute(longest.longest.lowerBound)) 起 \(hours) 小时。含夜间与休息日。"
    ).inert
  }

  private func table(_ offline: OfflineMachines, _ part: inout Markup) {
    part.element(
      "div", [("class", "table"), ("tabindex", "0"), ("role", "group"), ("aria-labelledby", "offline")]
    ) { frame in
      frame.element("table", [("class", "long stack t5")]) { table in
        table.element("thead") { head in
          head.element("tr") { row in
            for (title, kind) in columns {
              row.element("th", [("scope", "col"), ("class", kind)], text: title)
            }
          }
        }
        table.element("tbody") { body in for one in offline.longest { write(one, &body) } }
      }
    }
  }

  /// Titles with a class each: `n` for numbers, `roomless` for what narrow screens leave
  /// out, `spare` for what half a page leaves out.
  private var columns: [(String, String)] {
    [
      (terms.equipment, "id"), (pick("Place", "位置"), "spare roomless"), (pick("Spells", "离线次数"), "n"),
      (pick("Offline, h", "离线时长（小时）"), "n"), (pick("Longest, h", "最长一次（小时）"), "n"),
      (pick("Longest from", "最长一次开始时间"), "roomless"), (pick("to", "结束时间"), "spare roomless"),
      (pick("Now", "当前状态"), "now"),
    ]
  }

  private func write(_ one: OfflineTime, _ body: inout Markup) {
    body.element("tr") { row in
      row.element("th", [("scope", "row")]) { cell in
        let address = "\(path)/equipment/\(WebRequest.encoded(one.equipment))"
        cell.element("a", [("href", PageFrame.link(address, terms.language))]) {
          $0.element("bdi", text: one.equipment.inert)
        }
      }
      row.element("td", [("class", "spare roomless")]) { cell in
        let place = [one.workshop, one.line].filter { !$0.isEmpty }.joined(separator: "/")
        cell.element("bdi", text: place.inert)
      }
      row.element("td", [("class", "n")], text: terms.number(one.spells.count))
      row.element("td", [("class", "n")], text: Self.hours(one.total, terms))
      row.element("td", [("class", "n")], text: Self.hours(Self.length(one.longest), terms))
      row.element("td", [("class", "roomless time")], text: minute(one.longest.lowerBound))
      let isLast = one.isOpen && one.longest == one.spells.last
      row.element(
        "td", [("class", "spare roomless time")],
        text: isLast ? pick("not back yet", "尚未恢复") : minute(one.longest.upperBound))
      row.element("td") { cell in
        let (kind, text) =
          one.isOpen ? ("offline", pick("offline", "离线")) : ("reporting", pick("back", "已恢复"))
        cell.element("span", [("class", "state \(kind)")], text: text)
      }
    }
  }

  private func minute(_ instant: Timestamp) -> String { report.calendar.minute(instant) }

  static func length(_ spell: Range<Timestamp>) -> Span { spell.upperBound - spell.lowerBound }

  /// Hours with one decimal, floored; `<0.1` for less than that.
  static func hours(_ span: Span, _ terms: Terms) -> String {
    let milliseconds = Int(clamping: span.milliseconds)
    return (1..<360_000).contains(milliseconds) ? "<0.1" : terms.hours(milliseconds)
  }
}
