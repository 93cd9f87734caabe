import Reporting

/// The page of a store without a register and without data: the next three steps.
struct EmptyPage {
  let site: WebSite
  let call: RouteCall
  let snapshot: Snapshot?

  private var terms: Terms { Terms(call.language) }
  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  var markup: String {
    var frame = site.frame(call, snapshot, place: .district, title: "")
    frame.kind = "start"
    frame.live = snapshot.map { .whole($0) }
    return frame.page { main in
      main.element("h1", text: pick("Three steps to the first figures", "三步得到首批数据"))
      FirstSteps(snapshot).list(terms, &main)
      main.element("p", [("class", "faint")]) { text in
        text.add(
          pick("Nothing to connect yet? A simulated district publishes over MQTT: ", "暂无设备接入？可运行模拟园区："))
        text.element("code", text: "millwright simulate")
      }
      if call.viewer == .district {
        main.element("p", [("class", "faint")]) { text in
          text.add(pick("Store: ", "存储位置："))
          text.element("code", text: site.store.location.inert)
        }
      }
    }
  }
}

/// The three steps of a new user, each with whether it is done.
struct FirstSteps {
  private enum Step: CaseIterable {
    case collector, register, messages

    var command: String {
      switch self {
      case .collector: "millwright collect"
      case .register: "millwright register import equipment.csv --factories factories.csv"
      case .messages: "millwright listen"
      }
    }
  }

  private var done: Set<Step> = []

  /// The steps as far as a snapshot shows them.
  init(_ snapshot: Snapshot?) {
    guard let snapshot else { return }
    if snapshot.collector.state != .never || snapshot.moment.version != nil { done.insert(.collector) }
    guard let report = snapshot.report else { return }
    if report.registerVersion > 0 { done.insert(.register) }
    let buckets = report.figures.buckets
    let heard = [
      buckets.reporting, buckets.silent, buckets.offline, buckets.refused, buckets.unregistered,
    ]
    if heard.contains(where: { $0 > 0 }) { done.insert(.messages) }
  }

  /// Whether nothing is left to do.
  var isDone: Bool { done.count == Step.allCases.count }

  /// The steps as a section above the figures.
  func write(_ terms: Terms, to main: inout Markup) {
    main.element("section", [("aria-labelledby", "steps")]) { part in
      part.element("h2", [("id", "steps")], text: terms.pick("Next steps", "下一步"))
      list(terms, &part)
    }
    main.newLine()
  }

  /// The list of the steps. The first that is not done is the current one.
  func list(_ terms: Terms, _ main: inout Markup) {
    let next = Step.allCases.first { !done.contains($0) }
    main.element("ol", [("class", "steps")]) { list in
      for step in Step.allCases {
        let kind = done.contains(step) ? "done" : step == next ? "next" : "later"
        let current: [(String, String)] = step == next ? [("aria-current", "step")] : []
        list.element("li", [("class", kind)] + current) { item in
          item.element("h2", text: title(step, terms))
          if done.contains(step) {
            item.element("p", [("class", "met")], text: terms.pick("✓ Done", "✓ 已完成"))
          } else {
            item.element("p", text: text(step, terms))
            item.element("p") { $0.element("code", text: step.command) }
          }
        }
      }
    }
    main.newLine()
  }

  private func title(_ step: Step, _ terms: Terms) -> String {
    switch step {
    case .collector: terms.pick("Start the collector", "启动采集器")
    case .register: terms.pick("Import the register", "导入设备台账")
    case .messages: terms.pick("See what arrives", "查看收到的消息")
    }
  }

  private func text(_ step: Step, _ terms: Terms) -> String {
    switch step {
    case .collector:
      terms.pick(
        "It connects to the broker and stores what machines publish.", "采集器连接消息代理（broker），保存设备发布的消息。")
    case .register:
      terms.pick(
        "The register says which equipment there is: it is what every ratio is counted over. A workbook to send to factories is made by 'millwright register template'.",
        "台账列明全部设备，是各项比率的计算基数。可用 millwright register template 生成下发企业填报的表格。")
    case .messages:
      terms.pick(
        "It shows the topics that machines publish on, what each message becomes, and what to change.",
        "显示设备发布的主题、每条消息的处理结果及需修改的内容。")
    }
  }
}

/// The page of a problem.
package enum ProblemPage {
  package static func markup(_ problem: WebProblem, _ request: WebRequest, _ site: WebSite) -> String {
    let call = RouteCall(request, .district)
    var frame = site.frame(
      call, nil, place: nil, title: Terms(request.language).pick(problem.title.english, problem.title.chinese)
    )
    frame.kind = "problem"
    let terms = frame.terms
    return frame.page { main in
      main.element("h1", text: terms.pick(problem.title.english, problem.title.chinese))
      main.element("p", text: terms.pick(problem.detail.english, problem.detail.chinese))
      main.element("p") { text in
        text.element("a", [("href", frame.link("/"))], text: terms.pick("To the first page", "返回首页"))
      }
    }
  }
}
