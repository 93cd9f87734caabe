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
      main.element("ol", [("class", "steps")]) { list in
        step(
          pick("Start the collector", "启动采集器"),
          pick(
            "It connects to the broker and stores what machines publish.",
            "采集器连接消息代理（broker），保存设备发布的消息。"),
          "millwright collect", &list)
        step(
          pick("Import the register", "导入设备台账"),
          pick(
            "The register says which equipment there is: it is what every ratio is counted over. A workbook to send to factories is made by 'millwright register template'.",
            "台账列明全部设备，是各项比率的计算基数。可用 millwright register template 生成下发企业填报的表格。"),
          "millwright register import equipment.csv --factories factories.csv", &list)
        step(
          pick("See what arrives", "查看收到的消息"),
          pick(
            "It shows the topics that machines publish on, what each message becomes, and what to change.",
            "显示设备发布的主题、每条消息的处理结果及需修改的内容。"),
          "millwright listen", &list)
      }
      main.element(
        "p", [("class", "faint")],
        text: pick(
          "Nothing to connect yet? A simulated district publishes over MQTT: millwright simulate.",
          "暂无设备接入？可运行模拟园区：millwright simulate。"))
      if call.viewer == .district {
        main.element("p", [("class", "faint")]) { text in
          text.add(pick("Store: ", "存储位置："))
          text.element("code", text: site.store.location.inert)
        }
      }
    }
  }

  private func step(_ title: String, _ text: String, _ command: String, _ list: inout Markup) {
    list.element("li") { item in
      item.element("h2", text: title)
      item.element("p", text: text)
      item.element("p") { $0.element("code", text: command) }
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
