import Aggregation
import Reporting
import Storage
import Telemetry

/// The newest messages by topic: what each became, or why not and what to change.
struct ArrivalsPage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot
  let arrivals: Arrivals
  let unread: UnreadTopics
  /// From 1.
  let page: Int

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  var markup: String {
    var frame = site.frame(call, snapshot, place: .arrivals, title: pick("Arrivals", "消息接收"))
    frame.live = .whole(snapshot)
    let turns = PageTurns(page, of: arrivals.topics.count)
    return frame.page { main in
      main.element("h1", text: pick("Arrivals", "消息接收"))
      guard let since = arrivals.since else {
        main.element(
          "p", text: pick("No message was received yet.", "尚未收到任何消息。"))
        main.element("p") { text in
          text.add(
            pick(
              "See whether machines publish, and on which topics: ", "查看设备是否发布消息及其主题："))
          text.element("code", text: "millwright listen")
        }
        return
      }
      SourcesToAdd(unread, terms).write(to: &main)
      main.element(
        "p",
        text: pick(
          "\(terms.many(arrivals.messages, "message", "messages", "")) on \(terms.many(arrivals.topics.count, "topic", "topics", "")) since \(site.calendar.second(since)).",
          "自 \(site.calendar.second(since)) 起共 \(terms.number(arrivals.topics.count)) 个主题、\(terms.number(arrivals.messages)) 条消息。"
        ))
      main.element(
        "div",
        [
          ("class", "table"), ("tabindex", "0"), ("role", "group"),
          ("aria-label", pick("Topics", "主题")),
        ]
      ) { frame in
        frame.element("table", [("class", "long topics stack t2")]) { table in
          head(&table)
          table.element("tbody") { body in
            for topic in arrivals.topics[turns.shown] { write(topic, &body) }
          }
        }
      }
      turns.write(call.language, to: &main) { PageFrame.link("/arrivals?page=\($0)", call.language) }
      main.element(
        "p", [("class", "faint")]
      ) { text in
        text.add(
          pick(
            "Only topics of the configured sources arrive here. To hear all topics of the broker: ",
            "此处仅列出已配置数据来源的主题。查看消息代理（broker）的全部主题："))
        text.element("code", text: "millwright listen")
      }
    }
  }

  private func head(_ table: inout Markup) {
    table.element("thead") { head in
      head.element("tr") { row in
        row.element("th", [("scope", "col")], text: pick("Topic", "主题"))
        row.element("th", [("scope", "col"), ("class", "n")], text: pick("Messages", "消息数"))
        row.element("th", [("scope", "col")], text: pick("Newest", "最近"))
        row.element("th", [("scope", "col")], text: pick("Became", "处理结果"))
        row.element("th", [("scope", "col")], text: pick("Newest payload", "最近报文"))
      }
    }
  }

  private func write(_ topic: Arrivals.Topic, _ body: inout Markup) {
    body.element("tr") { row in
      row.element("th", [("scope", "row"), ("class", "w4")]) { $0.element("bdi", text: topic.topic.inert) }
      row.element("td", [("class", "n")], text: terms.number(topic.messages))
      row.element("td", [("class", "time")], text: site.calendar.second(topic.newest))
      row.element("td", [("class", "became w4")]) { cell in
        guard let refused = topic.refused else {
          cell.element("span", [("class", "state reporting")], text: pick("Counted", "已计入"))
          return
        }
        if let advice = unread.advice[topic.topic] {
          let isConfigured = advice.proposal.map(unread.configured.contains) ?? false
          UnreadWords(terms).write(advice, isConfigured: isConfigured, &cell)
        } else {
          RefusalWords(terms).write(refused.refusal, &cell)
        }
      }
      row.element("td", [("class", "payload w4")]) { cell in
        cell.element("code", text: PayloadText.text(topic.preview, of: topic.payloadBytes))
      }
    }
  }
}

/// A refusal with its remedy.
struct RefusalWords {
  private let terms: Terms

  init(_ terms: Terms) { self.terms = terms }

  func write(_ refusal: Refusal, _ cell: inout Markup) {
    cell.element("span", [("class", "state refused")], text: fault(refusal))
    cell.element("p", [("class", "faint")], text: Remedies(terms.language).remedy(refusal).inert)
  }

  /// The reason's name and the problem; the problem alone if it begins with that name.
  func fault(_ refusal: Refusal) -> String {
    let name = terms.name(refusal.reason)
    var problem = Remedies(terms.language).problem(refusal).inert
    // A value that is not known is not announced.
    for end in [": …", "：…"] where refusal.excerpt.isEmpty && problem.hasSuffix(end) {
      problem = String(problem.dropLast(end.count))
    }
    return problem.lowercased().hasPrefix(name.lowercased())
      ? problem : name + terms.pick(": ", "：") + problem
  }
}

extension Quarantined {
  /// The fault of this message.
  var refusal: Refusal {
    Refusal(
      reason, detail, fault, messages: messages, newest: received, excerpt: excerpt,
      place: Refusal.Place(block: block, record: record))
  }
}

/// A payload as text.
enum PayloadText {
  /// The beginning of a payload of `size` bytes: as text if it is UTF-8, else in hexadecimal.
  static func text(_ bytes: [UInt8], of size: Int) -> String {
    let rest = size > bytes.count ? "…" : ""
    // A character may be cut in two.
    for cut in 0..<min(4, bytes.count + 1) {
      if let text = String(validating: bytes.dropLast(cut), as: UTF8.self) {
        if cut > 0, size == bytes.count { break }
        return text.inert + rest
      }
    }
    let digits = bytes.prefix(40).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    return digits.joined(separator: " ") + (size > 40 ? " …" : "")
  }
}
