import Aggregation
import Reporting

/// The first page: headline figures, and a tile for each factory.
struct DistrictPage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot
  let report: Report
  let query: DistrictQuery

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  /// The complete page.
  var markup: String {
    guard case .district(let ranking) = report.contents else { return "" }
    let chosen = query.factories(of: ranking.factories)
    var frame = site.frame(call, snapshot, place: .district, title: "")
    frame.kind = query.isWall ? "district wall" : "district"
    let steps = FirstSteps(snapshot)
    // Tiles are sent with the share of networked equipment, and the steps are not sent.
    frame.live = query.figure == .networkedRatio && steps.isDone ? .regions(snapshot) : .whole(snapshot)
    return frame.page { main in
      main.element("h1", [("class", "unseen-text")], text: pick("District", "园区"))
      BucketBar.patterns(&main)
      if !query.isWall, !steps.isDone { steps.write(terms, to: &main) }
      for id in [LiveRegions.headlineID, Movers.id, PoliciesReached.id] {
        main.add(raw: snapshot.markup(id, call.language))
        main.newLine()
      }
      if !query.isWall { controls(ranking, &main) }
      factories(chosen, of: ranking.factories.count, &main)
      if !query.isWall { further(&main) }
    }
  }

  private func factories(_ chosen: [FactorySummary], of all: Int, _ main: inout Markup) {
    main.element("section", [("aria-labelledby", "factories")]) { part in
      let count = "\(terms.number(chosen.count)) / \(terms.number(all))"
      part.element("h2", [("id", "factories")]) { heading in
        heading.add(pick("Factories", "企业"))
        heading.element("small", text: query.isUnfiltered ? " \(terms.number(all))" : " \(count)")
      }
      guard !chosen.isEmpty else {
        part.element("p") { text in
          text.add(pick("No factory is like that. ", "没有符合条件的企业。"))
          text.element("a", [("href", PageFrame.link("/", call.language))], text: pick("Show all", "显示全部"))
        }
        return
      }
      part.newLine()
      part.element("ul", [("class", "factories \(TileColumns.kind(chosen.count))")]) { list in
        list.newLine()
        for one in chosen {
          if query.figure == .networkedRatio {
            list.add(raw: snapshot.markup(Tile.id(one.factory.id), call.language))
          } else {
            list.add(raw: Tile(factory: one, terms: terms, metric: query.figure).markup)
          }
          list.newLine()
        }
      }
      let figure = terms.name(query.figure)
      part.element(
        "p", [("class", "faint")],
        text: pick(
          "Each tile: \(figure.lowercased()), and the status of all production equipment in service.",
          "每格：\(figure)，以及全部在役生产设备的状态。"))
    }
    main.newLine()
  }

  // MARK: Sorting and filtering

  private func controls(_ ranking: Report.Ranking, _ main: inout Markup) {
    main.element(
      "form",
      [("class", "controls"), ("method", "get"), ("action", "/"), ("role", "search")]
    ) { form in
      form.element("input", [("type", "hidden"), ("name", "lang"), ("value", call.language.rawValue)])
      field("q", pick("Find", "查找"), &form) { field, id in
        field.element(
          "input",
          [
            ("type", "search"), ("id", id), ("name", "q"), ("value", query.text), ("maxlength", "64"),
            ("placeholder", pick("name or id", "名称、编号或拼音首字母")),
          ])
      }
      choice("show", pick("Show", "显示"), selections, query.selection.rawValue, &form)
      let industries = Set(ranking.factories.map(\.factory.industry)).filter { !$0.isEmpty }.sorted()
      if industries.count > 1 {
        choice(
          "industry", pick("Industry", "行业"),
          [("", pick("all", "全部"))] + industries.map { ($0, $0.inert) }, query.industry, &form)
      }
      choice("sort", pick("Order", "排序"), orders, query.order.word, &form)
      choice(
        "order", pick("Direction", "方向"),
        [("asc", pick("as it is", "默认")), ("desc", pick("reversed", "反向"))],
        query.isReversed ? "desc" : "asc", &form)
      form.element("button", [("type", "submit")], text: pick("Apply", "应用"))
    }
    main.newLine()
  }

  private func field(
    _ name: String, _ label: String, _ form: inout Markup, _ body: (inout Markup, String) -> Void
  ) {
    form.element("div") { field in
      field.element("label", [("for", "c-\(name)")], text: label)
      body(&field, "c-\(name)")
    }
  }

  private func choice(
    _ name: String, _ label: String, _ options: [(value: String, text: String)], _ chosen: String,
    _ form: inout Markup
  ) {
    field(name, label, &form) { field, id in
      field.element("select", [("id", id), ("name", name)]) { select in
        for option in options {
          let selected: [(String, String)] = option.value == chosen ? [("selected", "")] : []
          select.element("option", [("value", option.value)] + selected, text: option.text)
        }
      }
    }
  }

  private var selections: [(value: String, text: String)] {
    DistrictQuery.Selection.allCases.map { selection in
      let text =
        switch selection {
        case .all: pick("all factories", "全部企业")
        case .attention: pick("with equipment to look at", "有待处理设备")
        case .silent: pick("nothing reporting now", "当前无数据")
        case .unregistered: pick("not registered", "未登记")
        }
      return (selection.rawValue, text)
    }
  }

  private var orders: [(value: String, text: String)] {
    DistrictQuery.Order.all.filter(isOffered).map { order in
      let text =
        switch order {
        case .figure(let metric): terms.name(metric)
        case .missing: pick("Equipment without data", "无数据设备数")
        case .bucket(let bucket):
          pick("Number: \(terms.name(bucket).lowercased())", "台数：\(terms.name(bucket))")
        case .size: pick("Number: equipment in service", "台数：在役设备")
        case .name: pick("Name", "名称")
        case .id: pick("Id", "编号")
        }
      return (order.word, text)
    }
  }

  /// Whether an order is in the list: figures that the register states nothing for are not.
  private func isOffered(_ order: DistrictQuery.Order) -> Bool {
    guard case .figure(let metric) = order, metric.needsFormAttributes, order != query.order else {
      return true
    }
    return report.figures.absence(of: metric) == nil
  }

  // MARK: What leads on

  private func further(_ main: inout Markup) {
    main.element("section", [("aria-labelledby", "reports")]) { part in
      part.element("h2", [("id", "reports")], text: pick("Report of the last 30 days", "近 30 天报告"))
      site.links(toReports: "/reports/district/report", call.language, &part)
      part.element("p") { text in
        text.element(
          "a", [("href", PageFrame.link("/?display=wall", call.language))],
          text: pick("View for a wall display", "大屏显示"))
      }
    }
  }
}

/// Columns of the tiles on a display that nobody touches: so many that all tiles fit.
enum TileColumns {
  private static let steps = [
    (4, 2), (9, 3), (20, 5), (42, 7), (72, 9), (110, 11), (168, 14), (190, 17), (224, 19),
  ]

  /// The class for a number of tiles: `c7` for seven columns.
  static func kind(_ tiles: Int) -> String {
    "c\(steps.first { tiles <= $0.0 }?.1 ?? 22)"
  }
}

extension WebSite {
  /// The frame of a page of a snapshot.
  func frame(
    _ call: RouteCall, _ snapshot: Snapshot?, place: PageFrame.Place?, title: String
  ) -> PageFrame {
    var frame = PageFrame(
      language: call.language, viewer: call.viewer,
      district: (settings.district.nameEnglish, settings.district.nameChinese), zone: calendar.identifier,
      version: version,
      path: call.pathWithoutLanguage, place: place, title: title)
    frame.collector = snapshot?.markup(LiveRegions.collectorID, call.language) ?? ""
    frame.account = call.account
    frame.asOf = snapshot.map { calendar.second($0.moment.asOf) } ?? ""
    return frame
  }

  /// Links to the files of a report.
  func links(toReports path: String, _ language: Language, _ markup: inout Markup) {
    guard !downloads.isEmpty else { return }
    markup.element("ul", [("class", "downloads")]) { list in
      for download in downloads {
        list.element("li") { item in
          item.element(
            "a", [("href", PageFrame.link("\(path).\(download.ending)", language))],
            text: download.ending.uppercased())
        }
      }
    }
    markup.newLine()
  }
}

extension RouteCall {
  /// Path and query without the language.
  var pathWithoutLanguage: String {
    let pairs = request.query.filter { $0.name != "lang" && $0.name != "since" }
      .map { "\(WebRequest.encoded($0.name))=\(WebRequest.encoded($0.value))" }
    return request.path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }
}
