import Aggregation
import Register
import Telemetry

/// 7, 9 The period step by step: connectivity by workshop, energy by line, and what stood out.
extension DocumentWriter {
  /// A strip for each workshop or line, and those that were connected least.
  func connectivityDetails() -> [ReportDocument.Block] {
    guard let details = report.details else { return [] }
    return heat(details) + worst(details) + incidents(details)
  }

  // MARK: 7 Connectivity

  private func heat(_ details: PeriodDetails) -> [ReportDocument.Block] {
    let isWorkshop = report.scope.kind == "workshop"
    let ids = Set(details.places.keys.map { isWorkshop ? $0.line : $0.workshop })
    let rows = ids.sorted { a, b in a.isEmpty != b.isEmpty ? b.isEmpty : a < b }.compactMap { id -> Row? in
      var steps = details.steps.days.map { _ in StepFigures() }
      for (place, figures) in details.places where (isWorkshop ? place.line : place.workshop) == id {
        for index in figures.indices { steps[index] += figures[index] }
      }
      let counts = steps.map { $0.connected.denominator > 0 ? $0.connected : nil }
      return counts.contains { $0 != nil } ? Row(id.isEmpty ? terms.none : id, counts) : nil
    }
    guard !rows.isEmpty else { return [] }
    let unit = details.steps.isDaily ? pick("day", "日") : pick("month", "月")
    let what = isWorkshop ? terms.line : terms.workshop
    let title = pick(
      "Connected, by \(what.lowercased()) and \(unit), round the clock", "在线率，按\(what)逐\(unit)（24×7）")
    return [
      .prose(title, .strong),
      .chart(
        Chart(
          title: title,
          description: pick(
            "A cell for each \(what.lowercased()) and \(unit): the share of time in which its equipment was heard.",
            "每个\(what)每\(unit)一格：设备在线时间占比。"),
          content: .heat(
            days: details.steps.days.map(\.lowerBound),
            rows: rows.map { (label: $0.label, counts: $0.counts) }))),
    ]
  }

  private struct Row {
    var label: String
    var counts: [Count?]

    init(_ label: String, _ counts: [Count?]) {
      self.label = label
      self.counts = counts
    }
  }

  private func worst(_ details: PeriodDetails) -> [ReportDocument.Block] {
    guard !details.worst.isEmpty else { return [] }
    let title = pick("Connected least", "在线率最低的设备")
    var table = DocumentTable(
      title,
      [
        .init(terms.equipment, shrinksTo: 8), .init(pick("Place", "位置"), shrinksTo: 6),
        .init(pick("On / on and off", "在线 / 在线与离线"), numeric: true),
        .init(pick("Connected", "在线率"), numeric: true), .init(pick("Unobserved", "未观测"), numeric: true),
      ], drawn: 3)
    for one in details.worst {
      let split = one.connectivity
      let count = Count(Int(split.on), of: Int(split.on + split.off))
      table.rows.append(
        .cells([
          .text(one.equipment), .text(place(one.workshop, one.line)), .fraction(count, .hours), .ratio(count),
          .text(terms.hours(Int(split.unobserved)) + " " + pick("h", "小时")),
        ]))
    }
    let (from, until) = (details.window.lowerBound, details.window.upperBound)
    let span = pick(
      "\(report.calendar.minute(from)) to \(report.calendar.minute(until))",
      "\(report.calendar.minute(from)) 至 \(report.calendar.minute(until))")
    return [
      .prose(title, .strong), .table(table),
      .chart(
        Chart(
          title: pick("States of the equipment connected least, \(span)", "在线率最低设备的状态，\(span)"),
          description: pick(
            "A row for each machine: which state it was in, when it was not heard, and when nobody listened.",
            "每台设备一行：各时段状态、失联时段与未观测时段。"),
          content: .gantt(
            details.window,
            rows: details.worst.map { one in
              (label: one.equipment, spans: one.parts.map(Chart.StateSpan.init))
            }))),
    ]
  }

  private func incidents(_ details: PeriodDetails) -> [ReportDocument.Block] {
    guard let incidents = details.incidents else {
      let days = PeriodSteps.mostDays
      return [
        .prose(
          pick(
            "Gateways that went dark are listed in reports of up to \(days) days.",
            "网关失联事件仅在不超过 \(days) 天的报告中列出。"), .faint)
      ]
    }
    guard !incidents.isEmpty else { return [] }
    let title = pick("Everything behind a gateway went dark", "网关下设备同时失联")
    var table = DocumentTable(
      title,
      [
        .init(pick("Gateway", "网关"), shrinksTo: 8), .init(pick("From", "起")), .init(pick("To", "止")),
        .init(pick("Hours", "小时"), numeric: true), .init(pick("Machines", "台数"), numeric: true),
        .init(terms.equipment, shrinksTo: 12, wraps: true),
      ])
    for incident in incidents {
      let until = incident.until ?? report.observation.period.until
      table.rows.append(
        .cells([
          .text(incident.gateway), .instant(incident.from),
          incident.until.map { .instant($0) } ?? .text(pick("not back yet", "尚未恢复")),
          .text(terms.hours(Int((until - incident.from).milliseconds))), .number(incident.equipment.count),
          .text(incident.equipment.joined(separator: pick(", ", "、"))),
        ]))
    }
    // The longest first where not all are shown.
    let order = incidents.indices.sorted { a, b in
      let lengths = [a, b].map {
        (incidents[$0].until ?? .distantFuture) - incidents[$0].from
      }
      return lengths[0] != lengths[1] ? lengths[0] > lengths[1] : a < b
    }
    table.brief = order.prefix(Self.rowsShown).sorted()
    return [.prose(title, .strong), .table(table)]
  }

  // MARK: 9 Energy

  /// Energy by line, and day by day.
  func energy() -> [ReportDocument.Block] {
    guard let details = report.details, report.figures.time.hasEnergy else { return [] }
    let lines = details.places.map { place, steps in
      (place: place, energy: steps.reduce(0) { $0 + $1.energy })
    }
    .filter { $0.energy > 0 }
    .sorted { a, b in (a.place.workshop, a.place.line) < (b.place.workshop, b.place.line) }
    guard !lines.isEmpty else { return [] }
    let total = lines.reduce(0) { $0 + $1.energy }
    var table = DocumentTable(
      pick("Energy by line", "分产线用电量"),
      [
        .init(terms.workshop, shrinksTo: 6), .init(terms.line, shrinksTo: 6), .init("kWh", numeric: true),
        .init(pick("Share", "占比"), numeric: true),
      ], drawn: 3)
    for line in lines {
      table.rows.append(
        .cells([
          .text(line.place.workshop.isEmpty ? terms.none : line.place.workshop),
          .text(line.place.line.isEmpty ? terms.none : line.place.line), .thousandths(line.energy),
          .ratio(Count(Int(line.energy), of: Int(total))),
        ]))
    }
    table.rows.append(
      .sum([.text(pick("Total", "合计")), .empty, .thousandths(total), .empty]))
    let unit = details.steps.isDaily ? pick("day", "日") : pick("month", "月")
    return [
      .table(table),
      .chart(
        Chart(
          title: pick("Energy by \(unit), kWh", "逐\(unit)用电量，kWh"),
          description: pick(
            "A column for each \(unit), the workshops one on another.", "每\(unit)一柱，按车间堆叠。"),
          content: .columns(
            days: details.steps.days.map(\.lowerBound), unit: "kWh", series: series(details)))),
    ]
  }

  /// By workshop, or by line within one; at most six, the smaller ones together.
  private func series(_ details: PeriodDetails) -> [(label: String, values: [Int64])] {
    let isWorkshop = report.scope.kind == "workshop"
    var sums: [String: [Int64]] = [:]
    for (place, steps) in details.places {
      let id = isWorkshop ? place.line : place.workshop
      let values = sums[id] ?? steps.map { _ in 0 }
      sums[id] = zip(values, steps).map { $0 + $1.energy }
    }
    let sorted = sums.filter { $0.value.contains { $0 != 0 } }.sorted { a, b in
      let (x, y) = (a.value.reduce(0, +), b.value.reduce(0, +))
      return x != y ? x > y : a.key < b.key
    }
    var series = sorted.prefix(sorted.count > 6 ? 5 : 6)
      .map { (label: $0.key.isEmpty ? terms.none : $0.key, values: $0.value) }
    let rest = sorted.dropFirst(series.count)
    if let first = rest.first {
      let values = rest.dropFirst().reduce(first.value) { zip($0, $1.value).map { $0 + $1 } }
      series.append((pick("others", "其他"), values))
    }
    return series
  }
}

extension Chart.StateSpan {
  fileprivate init(_ part: EquipmentStates.Part) {
    let kind: Kind =
      switch part.kind {
      case .state(let state): .state(state)
      case .off: .off
      case .unobserved: .unobserved
      }
    self.init(from: part.from, until: part.until, kind: kind)
  }
}
