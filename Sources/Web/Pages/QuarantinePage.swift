import Reporting
import Storage
import Telemetry

/// Refused messages by fault, each with its remedy and its senders.
struct QuarantinePage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot
  /// The most frequent first.
  let groups: [SenderRefusal]
  /// From 1.
  let page: Int

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  var markup: String {
    var frame = site.frame(call, snapshot, place: .quarantine, title: pick("Quarantine", "拒收消息"))
    frame.live = .whole(snapshot)
    let total = groups.reduce(0) { $0.addingSaturated($1.refusal.messages) }
    let turns = PageTurns(page, of: groups.count)
    return frame.page { main in
      main.element("h1", text: pick("Quarantine", "拒收消息"))
      guard !groups.isEmpty else {
        main.element("p", text: pick("No message is refused.", "没有拒收的消息。"))
        return
      }
      main.element(
        "p",
        text: pick(
          "\(terms.many(total, "message is", "messages are", "")) kept and not counted.",
          "共保留 \(terms.number(total)) 条消息，未计入统计。"))
      main.element("p") { text in
        text.add(
          pick(
            "After the remedy, later messages are counted. If sources or the naming file were changed, read the earlier ones again: ",
            "按处理办法整改后，新消息即可计入。修改数据来源或命名文件后，可重新读取此前的消息："))
        text.element("code", text: "millwright quarantine retry")
      }
      main.element(
        "div",
        [
          ("class", "table"), ("tabindex", "0"), ("role", "group"),
          ("aria-label", pick("Refused messages", "拒收消息")),
        ]
      ) { frame in
        frame.element("table", [("class", "long refused-list stack")]) { table in
          head(&table)
          table.element("tbody") { body in
            var fault = ""
            for group in byFault[turns.shown] {
              if Self.fault(of: group) != fault {
                fault = Self.fault(of: group)
                write(fault: group, &body)
              }
              write(group, &body)
            }
          }
        }
      }
      turns.write(call.language, to: &main) { PageFrame.link("/quarantine?page=\($0)", call.language) }
    }
  }

  /// The key of a fault: the words that describe it, and the topic to publish on instead if there is one.
  private static func fault(of group: SenderRefusal) -> String {
    let refusal = group.refusal
    let topic = refusal.reason == .unmatchedTopic ? refusal.excerpt : ""
    return "\(refusal.reason.name) \(refusal.fault.name) \(refusal.detail) \(topic)"
  }

  /// The groups with equal faults together; the fault with the most messages first.
  private var byFault: [SenderRefusal] {
    var totals: [String: Int] = [:]
    for group in groups {
      totals[Self.fault(of: group), default: 0].add(saturating: group.refusal.messages)
    }
    let keyed = groups.enumerated().map {
      (place: $0.offset, fault: Self.fault(of: $0.element), group: $0.element)
    }
    let sorted = keyed.sorted { a, b in
      if a.fault == b.fault { return a.place < b.place }
      let (first, second) = (totals[a.fault] ?? 0, totals[b.fault] ?? 0)
      return first != second ? first > second : a.fault < b.fault
    }
    return sorted.map(\.group)
  }

  private func head(_ table: inout Markup) {
    table.element("thead") { head in
      head.element("tr") { row in
        row.element("th", [("scope", "col"), ("class", "w2")], text: pick("Sender", "上报设备"))
        row.element("th", [("scope", "col"), ("class", "n")], text: pick("Messages", "消息数"))
        row.element("th", [("scope", "col"), ("class", "w2")], text: pick("Newest", "最近"))
        row.element("th", [("scope", "col"), ("class", "w2")], text: pick("Value", "相关内容"))
        row.element("th", [("scope", "col")], text: pick("Place", "位置"))
      }
    }
  }

  /// A fault with its remedy, above the rows of its senders.
  private func write(fault group: SenderRefusal, _ body: inout Markup) {
    body.element("tr", [("class", "group")]) { row in
      row.element("th", [("colspan", "5"), ("scope", "rowgroup")]) { cell in
        // Values differ from sender to sender.
        var refusal = group.refusal
        if refusal.reason != .unmatchedTopic { refusal.excerpt = "" }
        RefusalWords(terms).write(refusal, &cell)
      }
    }
  }

  private func write(_ group: SenderRefusal, _ body: inout Markup) {
    body.element("tr") { row in
      row.element("th", [("scope", "row"), ("class", "w2")]) { cell in write(group.key, &cell) }
      row.element("td", [("class", "n")], text: terms.number(group.refusal.messages))
      row.element("td", [("class", "time w2")], text: site.calendar.second(group.refusal.newest))
      row.element("td", [("class", "w2")]) { cell in
        if !group.refusal.excerpt.isEmpty { cell.element("code", text: group.refusal.excerpt.inert) }
      }
      row.element("td") { cell in
        if let place = group.refusal.place { cell.element("code", text: "\(place.block)/\(place.record)") }
      }
    }
  }

  /// The sender, which leads to its page.
  private func write(_ key: EquipmentKey, _ cell: inout Markup) {
    let ids = [key.factory, key.equipment].filter { !$0.isEmpty }.joined(separator: "/").inert
    guard !key.factory.isEmpty, !key.equipment.isEmpty else {
      cell.element("bdi", text: ids.isEmpty ? pick("(unknown sender)", "（来源不明）") : ids)
      return
    }
    let address =
      "/factories/\(WebRequest.encoded(key.factory))/equipment/\(WebRequest.encoded(key.equipment))"
    cell.element("a", [("href", PageFrame.link(address, call.language))]) { $0.element("bdi", text: ids) }
  }
}
