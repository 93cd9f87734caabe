import Journal
import Reporting
import Telemetry

/// The roots of closed days, and how to check figures against them.
struct EvidencePage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot
  /// Ascending by day.
  let roots: [DayRoot]

  /// Days that are listed.
  private static let mostDays = 400

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }
  /// The factory in the example: the viewer's, or any.
  private var factory: String { call.viewer.factory ?? "F001" }
  /// The month before the present one.
  private var month: String {
    let today = site.calendar.day(at: snapshot.moment.asOf)
    let before: CalendarDay = today - today.civil.day
    return String("\(before)".prefix(7))
  }

  var markup: String {
    let frame = site.frame(call, snapshot, place: .evidence, title: pick("Evidence", "存证"))
    return frame.page { main in
      main.element("h1", text: pick("Evidence", "存证"))
      main.element(
        "p",
        text: pick(
          "The root of a day binds every message of the day, by factory, and all days before it. A report names the root that it rests on. Keep roots elsewhere, and a later change of the journal is found.",
          "每日根值固定当日各企业的全部消息及此前所有日期的数据。报告中注明所依据的根值。请将根值另行保存，日后如有改动即可发现。"))
      main.element("h2", text: pick("How to check", "核验方法"))
      main.element("ul") { list in
        for (command, english, chinese) in [
          ("millwright journal verify", "checks the whole journal against its roots", "按根值核验全部日志"),
          (
            "millwright rebuild --verify", "computes all figures anew from the journal and compares them",
            "由日志重新计算全部数据并比对"
          ),
          (
            "millwright evidence create factory \(factory) --period \(month) --output \(factory).zip",
            "makes a pack with which others check a report",
            "生成可供他人核验报告的证据包"
          ),
        ] {
          list.element("li") { item in
            item.element("code", text: command)
            item.add(pick(": \(english)", "：\(chinese)"))
          }
        }
      }
      main.element("h2", [("id", "roots")], text: pick("Roots of closed days", "每日根值"))
      guard !roots.isEmpty else {
        main.element("p", text: pick("No day is closed yet.", "尚无已封存的日期。"))
        return
      }
      main.element(
        "div", [("class", "table"), ("tabindex", "0"), ("role", "group"), ("aria-labelledby", "roots")]
      ) { frame in
        frame.element("table", [("class", "long")]) { table in
          table.element("thead") { head in
            head.element("tr") { row in
              row.element("th", [("scope", "col")], text: pick("Day", "日期"))
              row.element("th", [("scope", "col")], text: pick("Root (SHA-256)", "根值（SHA-256）"))
              row.element("th", [("scope", "col"), ("class", "n")], text: pick("Blocks", "数据块"))
            }
          }
          table.element("tbody") { body in
            for root in roots.suffix(Self.mostDays).reversed() {
              body.element("tr") { row in
                row.element("th", [("scope", "row"), ("class", "time")], text: root.day.description)
                row.element("td") { $0.element("code", text: root.root.description) }
                row.element("td", [("class", "n")], text: "\(root.firstBlock)–\(root.lastBlock)")
              }
            }
          }
        }
      }
    }
  }
}
