import Aggregation
import Register
import Telemetry

/// The equipment behind the counts of a form, and the flags that concern them.
extension DocumentWriter {
  func formEquipment(_ filled: FilledForm) -> [ReportDocument.Block] {
    var blocks = filled.lists.flatMap { list($0, of: filled) }
    if !filled.flags.isEmpty {
      blocks += [
        .prose(pick("Flags that concern these figures", "涉及上述指标的疑点"), .strong),
        .table(flagTable(filled.flags)),
      ]
    }
    return blocks
  }

  private func list(_ list: CountedEquipment, of filled: FilledForm) -> [ReportDocument.Block] {
    // A ratio of a period to which nothing contributes has no equipment behind it.
    guard [.numerator, .denominator].contains(where: { list.numbers[$0] ?? 0 > 0 }) else { return [] }
    let isDistrict = report.scope == .district
    let isCount = [.production, .digital, .networked, .keySteps].contains(list.metric.base)
    let title = terms.name(list.metric)
    var table = DocumentTable(
      title,
      (isDistrict ? [.init(terms.factory, shrinksTo: 12, wraps: true)] : [])
        + [
          .init(terms.equipment, shrinksTo: 12, wraps: true),
          .init(pick("Name", "名称"), shrinksTo: 8, wraps: true),
          .init(terms.workshop, shrinksTo: 4), .init(terms.line, shrinksTo: 4),
          .init(pick("Category", "类别"), shrinksTo: 6),
        ]
        + (isCount ? [] : [.init(pick("Of", "分子 / 分母"), numeric: true)])
        + [.init(pick("Why", "计入或不计入的依据"), shrinksTo: 16, wraps: true)])
    for part in CountedEquipment.Part.allCases {
      guard let number = list.numbers[part], number > 0 else { continue }
      let rows = list.rows[part] ?? []
      table.rows.append(.group(heading(part, number, isCount, list.steps)))
      for row in rows {
        let one = row.assessment
        table.rows.append(
          .cells(
            (isDistrict ? [.text(one.key.factory)] : [])
              + [
                .text(one.key.equipment), .text(one.name), .text(one.workshop), .text(one.line),
                .text(one.entry?.equipment.category ?? ""),
              ] + (isCount ? [] : [amount(row.count, list.metric)])
              + [.text(why(row, list.metric, part))]))
      }
      if rows.count < number {
        let more = terms.number(number - rows.count)
        table.rows.append(.group(pick("and \(more) more: see the factories' forms", "另有 \(more) 台，见企业填报表")))
      }
    }
    table.brief = Array(table.rows.indices.prefix(Self.rowsShown))
    let numbers = filled.cells.filter { $0.cell.figure == .ratio(list.metric) }.map(\.number)
    return [
      .prose(
        title + pick(" (\(numbers.joined(separator: ", ")))", "（\(numbers.joined(separator: "、"))）"), .strong),
      .table(table),
    ]
  }

  private func heading(
    _ part: CountedEquipment.Part, _ number: Int, _ isCount: Bool,
    _ steps: (numerator: Int, denominator: Int)?
  ) -> String {
    let count = terms.number(number)
    if let steps, part != .neither {
      let steps = part == .numerator ? steps.numerator : steps.denominator
      let of = terms.many(steps, "step", "steps", "") + ", " + terms.many(number, "machine", "machines", "")
      let chinese = "\(terms.number(steps)) 道工序，\(count) 台设备"
      return part == .numerator
        ? pick("Counted: \(of)", "计入分子：\(chinese)") : pick("In the base only: \(of)", "仅计入分母：\(chinese)")
    }
    switch part {
    case .numerator:
      return isCount
        ? pick("Counted: \(count)", "计入分子：\(count) 台")
        : pick("With a share in the figure: \(count)", "对指标有贡献：\(count) 台")
    case .denominator: return pick("In the base only: \(count)", "仅计入分母：\(count) 台")
    case .neither: return pick("Not in the base: \(count)", "不计入：\(count) 台")
    }
  }

  /// The reason why an equipment is counted or not, in a few words.
  private func why(_ row: CountedEquipment.Row, _ metric: Metric, _ part: CountedEquipment.Part) -> String {
    let one = row.assessment
    guard one.bucket != nil || part != .neither, let equipment = one.entry?.equipment else {
      return outside(one)
    }
    func yes(_ english: String, _ chinese: String, _ value: Bool) -> String {
      pick("\(english): \(terms.yes(value))", "\(chinese)：\(terms.yes(value))")
    }
    let digital = yes("digital", "数字化", equipment.digital)
    let comma = pick(", ", "，")
    switch metric {
    case .automationRatio:
      return pick("automation: ", "自动化程度：") + terms.name(equipment.automation) + comma
        + yes("intelligent", "智能化", equipment.intelligent)
    case .intelligentRatio: return yes("intelligent", "智能化", equipment.intelligent)
    case .digitalizationRatio: return digital
    case .connectableRatio:
      return digital + comma + yes("connectable", "可联网", equipment.connectable)
    case .networkedRatio: return heard(one)
    case .networkedOfDigitalRatio: return part == .neither ? digital : digital + comma + heard(one)
    case .onlineRatio, .reportingRatio: return terms.name(one.standing)
    case .cncRatio: return controlled(equipment)
    case .keyProcessCNCRatio, .keyProcessCNCAnyRatio:
      let process = equipment.process.isEmpty ? terms.notGiven : equipment.process
      return pick("step: ", "工序：") + process + comma
        // Any machine of a step makes it a key one.
        + yes("key step", "关键工序", part != .neither) + comma + controlled(equipment)
    case .pointsRatio, .keyEnergyAutomaticRatio:
      return part == .numerator
        ? pick("delivered", "有数据")
        : part == .denominator ? pick("not delivered", "无数据") : pick("no registered point", "未登记数据点")
    default:
      return part == .neither ? pick("nothing counted in the period", "本期无计数") : ""
    }
  }

  /// Whether the register states that the equipment is numerically controlled.
  private func controlled(_ equipment: RegisteredEquipment) -> String {
    pick("numerically controlled: ", "数控：") + (equipment.cnc.map(terms.yes) ?? terms.notGiven)
  }

  /// When the equipment was last heard, and whether that is within the networked window.
  private func heard(_ one: Assessment) -> String {
    guard let last = one.lastHeard else {
      if report.observation.isNothing { return terms.notObserved }
      return one.bucket.map { terms.name($0) + pick(": ", "：") + terms.meaning($0) } ?? ""
    }
    let text = pick("last message ", "最近消息 ") + report.calendar.minute(last)
    return one.isNetworked ? text : text + pick(", before the window", "，早于统计窗口")
  }

  /// The reason why an equipment is not in the base set.
  private func outside(_ one: Assessment) -> String {
    let name = terms.name(one.standing)
    guard case .retired = one.standing, let day = one.entry?.equipment.decommissionedOn else { return name }
    return name + pick(" on \(day)", "（\(day)）")
  }
}
