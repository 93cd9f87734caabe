import Aggregation
import Reporting
import Telemetry

/// One machine: why it is counted or not, its figures, and its newest messages as they were received.
struct EquipmentPage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot
  let report: Report
  let equipment: Assessment
  let arrivals: Arrivals
  /// The report over the days whose states are shown.
  let recent: Report
  let length: StateStrip.Length

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  var markup: String {
    let id = equipment.key.equipment.inert
    let document = ReportDocument(report, language: call.language)
    var frame = site.frame(
      call, snapshot, place: nil, title: equipment.name.isEmpty ? id : "\(id) \(equipment.name.inert)")
    frame.kind = "subject"
    frame.live = .whole(snapshot)
    return frame.page { main in
      main.element("div", [("class", "title")]) { block in
        Breadcrumbs.write(path, call.language, &block)
        block.element("h1") { h1 in
          h1.element("bdi", text: id)
          h1.element("small") { $0.element("bdi", text: " " + equipment.name.inert) }
        }
      }
      main.newLine()
      verdict(document, &main)
      let key = equipment.key
      StateStrip(
        report: recent, length: length,
        path: "/factories/\(WebRequest.encoded(key.factory))/equipment/\(WebRequest.encoded(key.equipment))",
        terms: terms
      ).write(to: &main)
      main.element("div", [("class", "columns")]) { columns in
        columns.element("div") { SessionList(recent, terms).write(to: &$0) }
        columns.element("div") { messages(&$0) }
      }
      // Definitions, and gaps of one machine, say nothing that is not above: the report has them.
      DocumentMarkup(document.without([.figures, .gaps, .definitions])).write(to: &main)
      main.element("section", [("aria-labelledby", "reports")]) { part in
        part.element("h2", [("id", "reports")], text: pick("Report of the last 30 days", "近 30 天报告"))
        site.links(
          toReports:
            "/reports/factories/\(WebRequest.encoded(key.factory))/equipment/\(WebRequest.encoded(key.equipment))/report",
          call.language, &part)
      }
    }
  }

  /// Why it is counted or not, and what was refused.
  private func verdict(_ document: ReportDocument, _ main: inout Markup) {
    main.element("div", [("class", "verdict")]) { part in
      DocumentMarkup(document.only([.figures])).write(to: &part)
    }
    main.newLine()
    guard let most = report.refusals.first else { return }
    let total = report.refusals.reduce(0) { $0.addingSaturated($1.refusal.messages) }
    main.element("section", [("class", "refusals"), ("aria-labelledby", "refused")]) { part in
      part.element("h2", [("id", "refused")]) { heading in
        heading.add(pick("Refused, and what to change", "拒收情况与整改办法"))
        heading.element(
          "small", text: " " + pick(terms.many(total, "message", "messages", ""), "\(terms.number(total)) 条"))
      }
      RefusalWords(terms).write(most.refusal, &part)
      let others = report.refusals.count - 1
      guard others > 0 else { return }
      part.element("p") { line in
        line.element(
          "a", [("href", "#data_quality")],
          text: pick(
            terms.many(others, "more fault", "more faults", ""), "另有 \(terms.number(others)) 类问题"))
      }
    }
    main.newLine()
  }

  private var path: [(name: String, path: String)] {
    let factory = "/factories/\(WebRequest.encoded(equipment.key.factory))"
    let names = report.factory.map { terms.names($0.nameEnglish, $0.nameChinese) } ?? []
    var path = [((names.first ?? equipment.key.factory).inert, factory)]
    if call.viewer == .district { path.insert((pick("District", "园区"), "/"), at: 0) }
    if !equipment.workshop.isEmpty {
      let address = "\(factory)?workshop=\(WebRequest.encoded(equipment.workshop))"
      path.append((equipment.workshop.inert, address))
    }
    return path
  }

  private func messages(_ main: inout Markup) {
    main.element("section", [("aria-labelledby", "messages")]) { part in
      part.element("h2", [("id", "messages")], text: pick("Newest messages as received", "最近收到的消息"))
      guard !arrivals.topics.isEmpty else {
        part.element(
          "p",
          text: pick("None of the newest messages is of this machine.", "最近的消息中没有该设备的消息。"))
        return
      }
      part.element("dl") { list in
        for topic in arrivals.topics.prefix(10) {
          list.element("dt", text: site.calendar.second(topic.newest))
          list.element("dd") { value in
            value.element("bdi", text: topic.topic.inert)
            value.element("br")
            value.element("code", text: PayloadText.text(topic.preview, of: topic.payloadBytes))
            if let refused = topic.refused { RefusalWords(terms).write(refused.refusal, &value) }
          }
        }
      }
    }
    main.newLine()
  }
}
