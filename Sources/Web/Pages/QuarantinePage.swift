import Reporting
import Storage
import Telemetry

/// Refused messages by sender and fault, each with its remedy.
struct QuarantinePage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot
  /// The most frequent first.
  let groups: [SenderRefusal]
  /// From 1.
  let page: Int

  /// Groups in a page.
  static let pageSize = 100

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  var markup: String {
    var frame = site.frame(call, snapshot, place: .quarantine, title: pick("Quarantine", "拒收消息"))
    frame.live = .whole(snapshot)
    let total = groups.reduce(0) { $0.addingSaturated($1.refusal.messages) }
    let pages = max(1, (groups.count + Self.pageSize - 1) / Self.pageSize)
    let page = min(page, pages)
    return frame.page { main in
      main.element("h1", text: pick("Quarantine", "拒收消息"))
      guard !groups.isEmpty else {
        main.element("p", text: pick("No message is refused.", "没有拒收的消息。"))
        return
      }
      main.element(
        "p",
        text: pick(
          "\(terms.many(total, "message is", "messages are", "")) kept and not counted. After the remedy, later messages are counted; for earlier ones, run ",
          "共保留 \(terms.number(total)) 条消息，未计入统计。按处理办法整改后，新消息即可计入；补录此前消息请运行 "))
      main.element("p") { $0.element("code", text: "millwright quarantine retry") }
      main.element(
        "div",
        [
          ("class", "table"), ("tabindex", "0"), ("role", "region"),
          ("aria-label", pick("Refused messages", "拒收消息")),
        ]
      ) { frame in
        frame.element("table", [("class", "long")]) { table in
          head(&table)
          table.element("tbody") { body in
            for group in groups.dropFirst((page - 1) * Self.pageSize).prefix(Self.pageSize) {
              write(group, &body)
            }
          }
        }
      }
      if pages > 1 { turns(page, of: pages, &main) }
    }
  }

  private func head(_ table: inout Markup) {
    table.element("thead") { head in
      head.element("tr") { row in
        row.element("th", [("scope", "col")], text: pick("Sender", "上报设备"))
        row.element("th", [("scope", "col"), ("class", "n")], text: pick("Messages", "消息数"))
        row.element("th", [("scope", "col")], text: pick("Newest", "最近"))
        row.element("th", [("scope", "col")], text: pick("Fault and remedy", "问题与处理办法"))
        row.element("th", [("scope", "col")], text: pick("Place", "位置"))
      }
    }
  }

  private func write(_ group: SenderRefusal, _ body: inout Markup) {
    body.element("tr") { row in
      row.element("th", [("scope", "row")]) { cell in
        let ids = [group.key.factory, group.key.equipment].filter { !$0.isEmpty }.joined(separator: "/")
        cell.element("bdi", text: ids.isEmpty ? pick("(unknown sender)", "（来源不明）") : ids.inert)
      }
      row.element("td", [("class", "n")], text: terms.number(group.refusal.messages))
      row.element("td", text: site.calendar.second(group.refusal.newest))
      row.element("td") { RefusalWords(terms).write(group.refusal, &$0) }
      row.element("td") { cell in
        if let place = group.refusal.place { cell.element("code", text: "\(place.block)/\(place.record)") }
      }
    }
  }

  private func turns(_ page: Int, of pages: Int, _ part: inout Markup) {
    part.element("nav", [("class", "turns"), ("aria-label", pick("Pages of the list", "列表分页"))]) { nav in
      if page > 1 {
        nav.element(
          "a", [("href", PageFrame.link("/quarantine?page=\(page - 1)", call.language)), ("rel", "prev")],
          text: pick("← Previous", "← 上一页"))
      }
      nav.element("span", text: pick("Page \(page) of \(pages)", "第 \(page) 页，共 \(pages) 页"))
      if page < pages {
        nav.element(
          "a", [("href", PageFrame.link("/quarantine?page=\(page + 1)", call.language)), ("rel", "next")],
          text: pick("Next →", "下一页 →"))
      }
    }
  }
}
