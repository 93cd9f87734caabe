import Aggregation
import Register
import Telemetry

/// The reasons why one equipment is counted or not, and the equipment of a line.
extension DocumentWriter {
  func equipment(_ equipment: Assessment) -> [ReportDocument.Block] {
    let showsStates = report.observation.period.showsStates
    var blocks: [ReportDocument.Block] = [.prose(standing(of: equipment), .strong)]
    if showsStates || !isState(equipment.standing) {
      blocks.append(
        .prose(
          sentences.reason(
            equipment.reason, horizon: equipment.horizon,
            isExact: equipment.evidence?.readings?.isExact ?? true), .plain))
    }
    if equipment.sendsOutOfService {
      blocks.append(.prose(pick("It is still sending.", "但仍在上报。"), .warning))
    }
    blocks.append(
      fields(
        [
          (pick("In the base of ratios", "计入基数"), terms.yes(equipment.bucket != nil)),
          (
            terms.short(.networkedRatio),
            report.observation.isNothing && !equipment.isNetworked
              ? terms.notObserved : terms.yes(equipment.isNetworked)
          ),
        ]
          + (showsStates
            ? [
              (terms.short(.onlineRatio), terms.yes(equipment.isOnline)),
              (terms.short(.reportingRatio), terms.yes(equipment.isReporting)),
            ] : [])))
    blocks += messages(equipment)
    if let entry = equipment.entry { blocks += register(entry) }
    return blocks
  }

  /// Whether the status is that of one instant.
  func isState(_ standing: Standing) -> Bool {
    [.counted(.reporting), .counted(.silent), .counted(.offline)].contains(standing)
  }

  /// The status at the as-of, or over a period that is over.
  func standing(of equipment: Assessment) -> String {
    report.observation.period.showsStates || !isState(equipment.standing)
      ? terms.name(equipment.standing) : pick("Heard", "已接入")
  }

  /// The status as a cell. Over a period that is over, equipment that was heard has no status of one instant.
  private func status(of equipment: Assessment) -> Cell {
    let text = standing(of: equipment)
    guard case .counted(let bucket) = equipment.standing,
      report.observation.period.showsStates || !isState(equipment.standing)
    else { return .text(text) }
    return .status(Cell.Status(bucket), text)
  }

  private func messages(_ equipment: Assessment) -> [ReportDocument.Block] {
    let evidence = equipment.evidence
    let never = pick("never", "无")
    var reading = equipment.lastReading.map(report.calendar.second) ?? never
    if let readings = evidence?.readings {
      if !readings.isExact { reading = pick("at or shortly before \(reading)", "\(reading) 或此前不久") }
      let what = terms.name(readings.state) + pick(", ", "，") + terms.name(readings.mode)
      reading += pick(" (\(what))", "（\(what)）")
    }
    var rows = [
      (pick("Newest reading", "最新数据"), reading),
      (pick("Last online", "最近上线"), evidence?.lastOnline.map(report.calendar.second) ?? never),
      (pick("Session open", "连接在线"), terms.yes(evidence?.sessionOpen ?? false)),
      (pick("Horizon", "有效时限"), terms.span(equipment.horizon)),
      (pick("First received", "首次接收"), evidence?.firstHeard.map(report.calendar.second) ?? never),
      (pick("Rejected messages", "拒收消息"), terms.number(evidence?.rejections ?? 0)),
    ]
    if let topic = evidence?.topicWorkshop, !topic.isEmpty {
      let differs = equipment.mismatchedTopicWorkshop != nil
      let flag = differs ? pick(" (the register says otherwise)", "（与台账不符）") : ""
      rows.append((pick("Workshop in its topic", "主题中的车间"), topic + flag))
    }
    return [.prose(terms.name(Metric.Source.measured), .strong), fields(rows)]
  }

  private func register(_ entry: RegisterSnapshot.Entry) -> [ReportDocument.Block] {
    let equipment = entry.equipment
    func text(_ value: String) -> String { value.isEmpty ? terms.notGiven : value }
    func day(_ value: CalendarDay?) -> String { value?.description ?? terms.notGiven }
    let assumed = entry.assumed ? pick(" (carried back from the first import)", "（由首次导入推定）") : ""
    return [
      .prose(terms.name(Metric.Source.declared) + assumed, .strong),
      fields(
        [
          (pick("Workshop", "车间"), text(equipment.workshop)), (pick("Line", "产线"), text(equipment.line)),
          (pick("Category", "类别"), text(equipment.category)),
          (pick("Automation", "自动化程度"), terms.name(equipment.automation)),
          (pick("Intelligent", "智能化"), terms.yes(equipment.intelligent)),
          (pick("Digital", "数字化"), terms.yes(equipment.digital)),
          (pick("Connectable", "可联网"), terms.yes(equipment.connectable)),
          (pick("Report interval", "上报周期"), equipment.reportInterval.map(terms.span) ?? terms.notGiven),
          (pick("In service from", "投用日期"), day(equipment.commissionedOn)),
          (pick("Out of service on", "退役日期"), day(equipment.decommissionedOn)),
          (pick("Retrofitted on", "改造日期"), day(equipment.retrofittedOn)),
        ] + formAttributes(equipment)),
    ]
  }

  /// The attributes for forms that the register states.
  private func formAttributes(_ equipment: RegisteredEquipment) -> [(String, String)] {
    let stated: [(String, String, String?)] = [
      ("Numerically controlled", "数控化", equipment.cnc.map(terms.yes)),
      ("Process step", "工序", equipment.process.isEmpty ? nil : equipment.process),
      ("Key process step", "关键工序", equipment.keyProcess.map(terms.yes)),
      (
        "Ideal cycle", "标准节拍",
        equipment.idealCycle.map { Thousandths.text($0.milliseconds) + pick(" s per piece", " 秒/件") }
      ),
      ("Net asset value", "资产净值", equipment.assetValue.map { Money.text($0) + pick(" yuan", " 元") }),
      ("Key energy meter", "计量器具类型", equipment.meterKind.map { pick($0.rawValue, $0.chinese) }),
      ("Counts its line's output", "产量计数", equipment.countsOutput.map(terms.yes)),
    ]
    return stated.compactMap { english, chinese, value in value.map { (pick(english, chinese), $0) } }
  }

  private func fields(_ rows: [(String, String)]) -> ReportDocument.Block {
    .fields(rows.map { .init(label: $0.0, value: $0.1) })
  }

  /// The equipment of a line, one per row.
  func equipmentTable(_ equipment: [Assessment]) -> [ReportDocument.Block] {
    var table = DocumentTable(
      pick("Equipment", "设备"),
      [
        .init(pick("Id", "编号"), shrinksTo: 8), .init(pick("Name", "名称"), shrinksTo: 8),
        .init(pick("Automation", "自动化程度"), shrinksTo: 9), .init(pick("Status", "状态")),
        .init(pick("Last heard", "最近消息")),
      ])
    table.rows = equipment.map { assessment in
      .cells([
        .text(assessment.key.equipment), .text(assessment.name),
        .text(assessment.entry.map { terms.name($0.equipment.automation) } ?? ""),
        status(of: assessment), assessment.lastHeard.map { .instant($0) } ?? .text(pick("never", "无")),
      ])
    }
    return [.prose(pick("Equipment", "设备"), .strong), .table(table)]
  }
}
