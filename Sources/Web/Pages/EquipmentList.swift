import Aggregation
import Reporting

/// Which machines of a factory are listed: all of it is in the address.
struct EquipmentQuery: Equatable {
  /// nil for all workshops; empty for equipment without one.
  var workshop: String?
  /// nil for all.
  var bucket: Bucket?
  /// From 1.
  var page = 1

  /// The query of a request.
  ///
  /// - Throws: ``WebProblem`` for a value that a parameter does not take.
  init(_ request: WebRequest) throws(WebProblem) {
    workshop = request.parameter("workshop").map { String($0.prefix(128)) }
    if let key = request.parameter("status"), !key.isEmpty {
      guard let found = Bucket.allCases.first(where: { $0.key == key }) else {
        let keys = Bucket.allCases.map(\.key)
        throw .parameter(
          "status", "one of " + keys.joined(separator: ", "), "以下之一：" + keys.joined(separator: "、"))
      }
      bucket = found
    }
    if let text = request.parameter("page") {
      guard let number = Int(text), (1...100_000).contains(number) else {
        throw .parameter("page", "a number from 1", "不小于 1 的整数")
      }
      page = number
    }
  }

  /// The machines that are asked for, ascending by id.
  func equipment(of all: [Assessment]) -> [Assessment] {
    all.filter { one in
      (workshop == nil || one.workshop == workshop) && (bucket == nil || one.bucket == bucket)
    }
  }

  /// The query with another page, for an address.
  func address(_ path: String, page: Int) -> String {
    var pairs: [String] = []
    if let workshop { pairs.append("workshop=\(WebRequest.encoded(workshop))") }
    if let bucket { pairs.append("status=\(bucket.key)") }
    if page > 1 { pairs.append("page=\(page)") }
    return path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }
}

/// The machines of a factory, each with its status, as a table in pages.
struct EquipmentList {
  let report: Report
  let path: String
  let query: EquipmentQuery
  let terms: Terms

  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  func write(to main: inout Markup) {
    let all = report.equipment
    let chosen = query.equipment(of: all)
    let turns = PageTurns(query.page, of: chosen.count)
    let shown = chosen[turns.shown]
    main.element("section", [("aria-labelledby", "equipment")]) { part in
      part.element("h2", [("id", "equipment")]) { heading in
        heading.add(terms.equipment)
        let count = chosen.count == all.count ? "" : "\(terms.number(chosen.count)) / "
        heading.element("small", text: " \(count)\(terms.number(all.count))")
      }
      filters(&part)
      guard !shown.isEmpty else {
        part.element("p", text: pick("No equipment is like that.", "没有符合条件的设备。"))
        return
      }
      table(shown, &part)
      turns.write(terms.language, to: &part) { page in
        PageFrame.link(query.address(path, page: page), terms.language) + "#equipment"
      }
    }
    main.newLine()
  }

  private func filters(_ part: inout Markup) {
    part.element("ul", [("class", "filters")]) { list in
      var other = query
      other.bucket = nil
      filter(pick("All", "全部"), nil, other, isChosen: query.bucket == nil, &list)
      for bucket in Bucket.allCases where report.figures.buckets[bucket] > 0 {
        other.bucket = bucket
        filter(
          terms.name(bucket), report.figures.buckets[bucket], other, isChosen: query.bucket == bucket, &list)
      }
      if let workshop = query.workshop {
        other = query
        other.workshop = nil
        let name = workshop.isEmpty ? terms.none : workshop.inert
        filter(pick("\(name): show all workshops", "\(name)：显示全部车间"), nil, other, isChosen: false, &list)
      }
    }
    part.newLine()
  }

  private func filter(
    _ name: String, _ number: Int?, _ query: EquipmentQuery, isChosen: Bool, _ list: inout Markup
  ) {
    list.element("li") { item in
      let current: [(String, String)] = isChosen ? [("aria-current", "true")] : []
      let address = PageFrame.link(query.address(path, page: 1), terms.language) + "#equipment"
      item.element("a", [("href", address)] + current) { link in
        link.element("bdi", text: name)
        if let number { link.element("small", text: " " + terms.number(number)) }
      }
    }
  }

  private func table(_ shown: ArraySlice<Assessment>, _ part: inout Markup) {
    part.element(
      "div", [("class", "table"), ("tabindex", "0"), ("role", "group"), ("aria-labelledby", "equipment")]
    ) { frame in
      frame.element("table", [("class", "long stack t3")]) { table in
        table.element("thead") { head in
          head.element("tr") { row in
            for (title, kind) in [
              (pick("Id", "编号"), ""), (pick("Name", "名称"), "w2"), (terms.workshop, "roomless"),
              (terms.line, "roomless"), (pick("Status", "状态"), ""), (pick("Last heard", "最近消息"), "w2"),
            ] {
              row.element("th", [("scope", "col")] + Self.kind(kind), text: title)
            }
          }
        }
        table.element("tbody") { body in for one in shown { write(one, &body) } }
      }
    }
    part.newLine()
  }

  private func write(_ one: Assessment, _ body: inout Markup) {
    body.element("tr") { row in
      row.element("th", [("scope", "row")]) { cell in
        let address = "\(path)/equipment/\(WebRequest.encoded(one.key.equipment))"
        cell.element("a", [("href", PageFrame.link(address, terms.language))]) {
          $0.element("bdi", text: one.key.equipment.inert)
        }
      }
      for (text, kind) in [(one.name, "w2"), (one.workshop, "roomless"), (one.line, "roomless")] {
        row.element("td", Self.kind(kind)) { $0.element("bdi", text: text.inert) }
      }
      row.element("td") { cell in
        let kind = one.bucket.map(BucketBar.kind) ?? "none"
        cell.element("span", [("class", "state \(kind)")], text: terms.name(one.standing))
      }
      row.element(
        "td", Self.kind("w2"), text: one.lastHeard.map(report.calendar.second) ?? pick("never", "无"))
    }
  }

  /// A class as an attribute. On narrow screens `w2` is as wide as two columns, and `roomless` is left out.
  private static func kind(_ name: String) -> [(String, String)] { name.isEmpty ? [] : [("class", name)] }
}
