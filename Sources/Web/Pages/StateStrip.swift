import Aggregation
import Reporting
import Telemetry

/// The states of a machine over a day, a week or a month, and its days as numbers.
struct StateStrip {
  /// How much of the past is shown; it is in the address.
  enum Length: String, CaseIterable {
    case day, week, month

    /// Local days, with the present one.
    var days: Int {
      switch self {
      case .day: 1
      case .week: 7
      case .month: 30
      }
    }

    /// The length that a request asks for.
    ///
    /// - Throws: ``WebProblem`` for another word.
    init(_ request: WebRequest) throws(WebProblem) {
      guard let word = request.parameter("span"), !word.isEmpty else {
        self = .week
        return
      }
      guard let length = Length(rawValue: word) else {
        throw .parameter("span", "day, week or month", " day、week 或 month")
      }
      self = length
    }
  }

  let report: Report
  let length: Length
  /// The page's path.
  let path: String
  let terms: Terms

  private func pick(_ english: String, _ chinese: String) -> String { terms.pick(english, chinese) }

  func write(to main: inout Markup) {
    main.element("section", [("aria-labelledby", "states")]) { part in
      part.element("h2", [("id", "states")], text: pick("States", "状态"))
      lengths(&part)
      guard let details = report.states, let states = details.worst.first else {
        part.element("p", text: pick("Nothing was heard in this time.", "该时段内未收到任何数据。"))
        return
      }
      DocumentMarkup(document(details, states)).write(to: &part)
    }
    main.newLine()
  }

  private func lengths(_ part: inout Markup) {
    part.element("ul", [("class", "filters")]) { list in
      for length in Length.allCases {
        list.element("li") { item in
          let current: [(String, String)] = length == self.length ? [("aria-current", "true")] : []
          let address = PageFrame.link("\(path)?span=\(length.rawValue)", terms.language) + "#states"
          item.element("a", [("href", address)] + current, text: name(length))
        }
      }
    }
    part.newLine()
  }

  private func name(_ length: Length) -> String {
    switch length {
    case .day: pick("Today", "今日")
    case .week: pick("7 days", "7 天")
    case .month: pick("30 days", "30 天")
    }
  }

  private func document(_ details: PeriodDetails, _ states: EquipmentStates) -> ReportDocument {
    let chart = Chart(
      title: pick("States over time", "各时段状态"),
      description: pick(
        "A row with the machine's states, when it was not heard, and when nothing was observed.",
        "设备一行：各时段状态、失联时段与未观测时段。"),
      content: .gantt(
        details.window, rows: [(label: states.equipment, spans: states.parts.map(Chart.StateSpan.init))]))
    return ReportDocument(
      language: terms.language, calendar: report.calendar, title: "", period: "",
      sections: [
        .init(
          name: .connectivity, place: 99, title: pick("Day by day", "逐日"),
          blocks: [.chart(chart), .table(days(details))])
      ])
  }

  /// Time connected and energy of each day, the newest first.
  private func days(_ details: PeriodDetails) -> DocumentTable {
    var sums = details.steps.days.map { _ in StepFigures() }
    for steps in details.places.values {
      for (place, step) in steps.enumerated() where place < sums.count { sums[place] += step }
    }
    var table = DocumentTable(
      pick("By day", "逐日"),
      [
        .init(pick("Day", "日期")), .init(pick("Connected / observed", "在线 / 观测"), numeric: true),
        .init(pick("Connected", "在线率"), numeric: true), .init("kWh", numeric: true),
      ])
    table.rows = zip(details.steps.days, sums).reversed().map { days, sum in
      let connected = sum.connectivity.connected
      return .cells([
        .text(days.lowerBound.description),
        connected.denominator > 0 ? .fraction(connected, .hours) : .text(pick("not observed", "无观测")),
        connected.denominator > 0 ? .ratio(connected) : .empty,
        sum.energy > 0 ? .text(Thousandths.text(sum.energy)) : .empty,
      ])
    }
    return table
  }
}
