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
    main.element("div", [("class", "strip"), ("id", "states")]) { part in
      lengths(&part)
      guard let details = report.states, let states = details.worst.first else {
        part.element("h2", text: title)
        part.element("p", text: pick("Nothing was heard in this time.", "该时段内未收到任何数据。"))
        return
      }
      DocumentMarkup(document(details, states)).write(to: &part)
    }
    main.newLine()
  }

  private var title: String { pick("States, day by day", "逐日状态") }

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
      title: pick("States of the machine", "设备状态"),
      description: pick(
        "A row with the machine's states, when it was not heard, and when nothing was observed.",
        "设备一行：各时段状态、失联时段与未观测时段。"),
      content: .gantt(
        details.window, rows: [(label: states.equipment, spans: states.parts.map(Chart.StateSpan.init))]))
    return ReportDocument(
      language: terms.language, calendar: report.calendar, title: "", period: "",
      sections: [
        // The page has another section of this name.
        .init(
          name: .connectivity, place: 99, title: title, blocks: [.chart(chart), .table(days(details))])
      ])
  }

  /// Time connected, messages, pieces and energy of each day, the newest first. Columns without a number are left out.
  private func days(_ details: PeriodDetails) -> DocumentTable {
    var sums = details.steps.days.map { _ in StepFigures() }
    for steps in details.places.values {
      for (place, step) in steps.enumerated() where place < sums.count { sums[place] += step }
    }
    let counters = sums.indices.map {
      details.counters.indices.contains($0) ? details.counters[$0] : StepCounters()
    }
    var numbers: [(title: String, cells: [Cell])] = []
    func add(_ title: String, _ values: [Int64], _ cell: (Int64) -> Cell) {
      guard values.contains(where: { $0 > 0 }) else { return }
      numbers.append((title, values.map { $0 > 0 ? cell($0) : Cell.empty }))
    }
    add(pick("Readings", "数据条数"), counters.map { Int64($0.readings) }) { .number(Int(clamping: $0)) }
    add(pick("Missing", "序号缺失"), counters.map { Int64($0.missing) }) { .number(Int(clamping: $0)) }
    if counters.contains(where: { $0.total > 0 }) {
      let cells = counters.map { one in
        one.total > 0 ? Cell.fraction(Count(Int(one.good), of: Int(one.total)), .pieces) : Cell.empty
      }
      numbers.append((pick("Good / all pieces", "合格品 / 产量"), cells))
    } else {
      add(pick("Good pieces", "合格品"), counters.map(\.good)) { .thousandths($0) }
    }
    add("kWh", sums.map(\.energy)) { .thousandths($0) }
    var table = DocumentTable(
      pick("By day", "逐日"),
      [
        .init(pick("Day", "日期")), .init(pick("Connected / observed", "在线 / 观测"), numeric: true),
        .init(pick("Connected", "在线率"), numeric: true),
      ] + numbers.map { .init($0.title, numeric: true) }, drawn: 2)
    table.rows = sums.indices.reversed().map { place in
      let connected = sums[place].connectivity.connected
      let isObserved = connected.denominator > 0
      var cells: [Cell] = [.day(details.steps.days[place].lowerBound)]
      if isObserved {
        cells += [.fraction(connected, .hours), .ratio(connected)]
      } else {
        cells += [.text(pick("not observed", "无观测")), .empty]
      }
      cells += numbers.map { $0.cells[place] }
      return .cells(cells)
    }
    return table
  }
}
