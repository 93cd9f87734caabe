import Aggregation
import Register
import Telemetry

/// The period step by step, connectivity by workshop, and exceptional steps.
extension DocumentWriter {
  /// A strip for each workshop or line, and the equipment with the lowest connectivity.
  func connectivityDetails() -> [ReportDocument.Block] {
    guard let details = report.details else { return [] }
    return heat(details) + worst(details) + incidents(details)
  }

  /// The steps by line within a workshop, else by workshop; ascending by id, which is empty for equipment without
  /// one.
  func groups(of details: PeriodDetails) -> [String: [StepFigures]] {
    details.steps(by: isOfWorkshop ? \.line : \.workshop)
  }

  /// The name of a step.
  func unit(of steps: PeriodSteps) -> String { steps.isDaily ? pick("day", "日") : pick("month", "月") }

  private var isOfWorkshop: Bool { if case .workshop = report.scope { true } else { false } }

  // MARK: Connectivity

  private func heat(_ details: PeriodDetails) -> [ReportDocument.Block] {
    let groups = groups(of: details).sorted { a, b in
      a.key.isEmpty != b.key.isEmpty ? b.key.isEmpty : a.key < b.key
    }
    let rows = groups.compactMap { id, steps -> (label: String, counts: [Count?])? in
      let counts = steps.map(\.connectivity.connected).map { $0.denominator > 0 ? $0 : nil }
      return counts.contains { $0 != nil } ? (id.isEmpty ? terms.none : id, counts) : nil
    }
    guard !rows.isEmpty else { return [] }
    let unit = unit(of: details.steps)
    let what = isOfWorkshop ? terms.line : terms.workshop
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
          content: .heat(days: details.steps.days.map(\.lowerBound), rows: rows))),
    ]
  }

  private func worst(_ details: PeriodDetails) -> [ReportDocument.Block] {
    guard !details.worst.isEmpty else { return [] }
    let title = pick("Lowest connectivity", "在线率最低的设备")
    var table = DocumentTable(
      title,
      [
        .init(terms.equipment, shrinksTo: 8), .init(pick("Place", "位置"), shrinksTo: 6),
        .init(pick("On / on and off", "在线 / 在线与离线"), numeric: true),
        .init(terms.short(.timeWeightedConnectivityRoundTheClock), numeric: true),
        .init(pick("Unobserved", "未观测"), numeric: true),
      ], drawn: 3)
    for one in details.worst {
      let connected = one.connectivity.connected
      table.rows.append(
        .cells([
          .text(one.equipment), .text(place(one.workshop, one.line)), .fraction(connected, .hours),
          .ratio(connected),
          .text(terms.hours(Int(one.connectivity.unobserved)) + " " + pick("h", "小时")),
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
          title: pick("States of the equipment with the lowest connectivity, \(span)", "在线率最低设备的状态，\(span)"),
          description: pick(
            "A row for each machine: its states, when it was not heard, and when nothing was observed.",
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
            "Gateway outages are listed in reports of up to \(days) days.",
            "网关失联事件仅在不超过 \(days) 天的报告中列出。"), .faint)
      ]
    }
    guard !incidents.isEmpty else { return [] }
    let title = pick("Gateway outages: all equipment behind a gateway silent", "网关下设备同时失联")
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
          .text(list(incident.equipment)),
        ]))
    }
    // The longest come first if not all are shown.
    let order = incidents.indices.sorted { a, b in
      let lengths = [a, b].map {
        (incidents[$0].until ?? .distantFuture) - incidents[$0].from
      }
      return lengths[0] != lengths[1] ? lengths[0] > lengths[1] : a < b
    }
    table.brief = order.prefix(Self.rowsShown).sorted()
    return [.prose(title, .strong), .table(table)]
  }
}

extension Chart.StateSpan {
  /// A part of an equipment's states.
  package init(_ part: EquipmentStates.Part) {
    let kind: Kind =
      switch part.kind {
      case .state(let state): .state(state)
      case .off: .off
      case .unobserved: .unobserved
      }
    self.init(from: part.from, until: part.until, kind: kind)
  }
}
