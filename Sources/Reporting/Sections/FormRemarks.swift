import Aggregation
import Telemetry

/// Remarks beside the cells of a form: where a figure comes from, what contradicts it, and what to ask the firm.
extension DocumentWriter {
  func remarks(_ cell: FilledForm.Cell, _ figure: FilledForm.Figure?) -> [String] {
    switch cell.cell.kind {
    case .count(let metric, let part): return [terms.basis(metric, part)]
    case .ratio(.ratio(let metric)): return [terms.basis(metric)] + bounds(cell) + contradictions(metric)
    case .ratio(.energyIntensity):
      let figures = report.figures
      return [terms.name(Metric.Source.measured), pick("kWh per piece", "kWh/件")]
        + (figures.time.hasEnergy && !figures.isWithoutOutput ? [metered(figures.time)] : [])
    case .points(let policy, let metric):
      return [pick("By the scale of \(policy.titleEnglish)", "按“\(policy.titleChinese)”的分档计算")]
        + (report.scope == .district
          ? [pick("Points are the factories' own: see the form by factory", "得分按企业计算，见分企业表")]
          : outside(policy, metric, cell)) + warnings(policy)
    case .verdict(let policy, let metric):
      let title = pick(policy.titleEnglish, policy.titleChinese)
      guard case .verdict(_, let rule?, _) = cell.value else {
        return [title] + outside(policy, metric, cell) + warnings(policy)
      }
      return ["≥ \(Thousandths.text(rule.atLeast)) %" + pick(" (\(title))", "（\(title)）")] + warnings(policy)
    case .text(let wording): return [pick(wording)]
    case .choice(_, let several, let most):
      let many = several ? pick("several boxes", "可多选") : pick("one box", "单选")
      let points = most.map {
        pick(", at most \(englishPoints($0))", "，最多 \(Thousandths.text($0)) 分")
      }
      return [pick("For the firm to tick: \(many)\(points ?? "")", "由企业勾选，\(many)\(points ?? "")")]
    case .number(let unit, let scale):
      return [firm] + [unit.map(self.unit), scale.map(scaleText)].compactMap { $0 }
    case .free: return [firm]
    }
  }

  private var firm: String {
    report.scope == .district
      ? pick("Filled in by each factory, not added up", "由各企业填写，不汇总")
      : pick("For the firm to fill in", "由企业填写")
  }

  private func unit(_ unit: Form.Wording) -> String { pick("Unit: \(pick(unit))", "单位：\(pick(unit))") }

  private func scaleText(_ scale: Form.Scale) -> String {
    let most = Thousandths.text(scale.most)
    guard let each = scale.each.map({ Thousandths.text($0) }) else {
      return pick("At most \(englishPoints(scale.most))", "最多 \(most) 分")
    }
    return pick("\(each) points each, at most \(most)", "每项 \(each) 分，最多 \(most) 分")
  }

  /// `1 point`, `1.5 points`.
  private func englishPoints(_ thousandths: Int64) -> String {
    Thousandths.text(thousandths) + (thousandths == 1000 ? " point" : " points")
  }

  private func bounds(_ cell: FilledForm.Cell) -> [String] {
    guard case .ratio(let bounded?) = cell.value,
      case .bounds(let lower, let upper) = terms.bounds(bounded)
    else { return [] }
    let text = terms.bounds(lower, upper)
    return [pick("Between \(text), whatever was not observed", "计入未观测时段的可能区间 \(text)")]
  }

  /// A remark on a policy that is not in force on all days of the period.
  private func warnings(_ policy: Policy) -> [String] { outOfForce(policy).map { ["⚠ " + $0] } ?? [] }

  /// The bands of a policy, for a figure that lies in none of them; empty for other cells.
  private func outside(_ policy: Policy, _ metric: Metric, _ cell: FilledForm.Cell) -> [String] {
    guard cell.isOutside else { return [] }
    let bands = policy.bands.filter { $0.metric == metric }.map { $0.interval + " %" }
    return [
      pick(
        "The figure is in none of its bands: \(bands.joined(separator: ", "))",
        "指标值不在任何\(bandWord(cell))内；各区间为 \(bands.joined(separator: "、"))")
    ]
  }

  /// The Chinese word for bands of points or of levels.
  private func bandWord(_ cell: FilledForm.Cell) -> String {
    if case .points = cell.cell.kind { "计分区间" } else { "等级区间" }
  }

  /// The value of a cell whose figure lies in none of the bands.
  func outsideValue(_ cell: FilledForm.Cell) -> String { pick("in no band", "不在任何\(bandWord(cell))") }

  /// The declared figure beside the measured one, and the reverse.
  private func contradictions(_ metric: Metric) -> [String] {
    let figures = report.figures
    guard figures.equipment > 0, report.figures.absence(of: metric) != .notObserved else { return [] }
    if metric == .networkedRatio {
      let declared = figures.connectable
      var found = [
        pick(
          "\(terms.number(declared)) declared connectable, \(terms.number(figures.networked)) measured",
          "台账申报可联网 \(terms.number(declared)) 台，平台实测联网 \(terms.number(figures.networked)) 台")
      ]
      let undeclared = figures.networked - figures.networkedDigital
      if undeclared > 0 {
        found.append(
          pick(
            "\(terms.number(undeclared)) networked but declared not digital",
            "其中 \(terms.number(undeclared)) 台申报为非数字化设备"))
      }
      return found
    }
    guard metric.source == .declared else { return [] }
    let list = report.forms.lazy.flatMap(\.lists).first { $0.metric == metric }
    let listed = list.map { (heard: $0.heardOfCounted, of: $0.numbers[.numerator] ?? 0) }
    let confirmed = figures.confirmed(of: metric).map {
      (heard: $0, of: figures.count(of: metric)?.numerator ?? 0)
    }
    guard let counted = confirmed ?? listed, counted.of > 0 else { return [] }
    if report.observation.isNothing, counted.heard == 0 {
      return [pick("No measurement: nothing was observed", "无观测，未经实测核对")]
    }
    let (heard, all) = (terms.number(counted.heard), terms.number(counted.of))
    let window = terms.span(report.rules.networkedWindow)
    return [
      metric.base == .keySteps
        ? pick(
          "The controlled machines of \(heard) of these \(all) steps sent a message within \(window)",
          "其中 \(heard) / \(all) 道工序的数控设备在 \(window)内有消息")
        : pick(
          "\(heard) of these \(all) sent a message within \(window)", "其中 \(heard) / \(all) 台在 \(window)内有消息")
    ]
  }

  // MARK: Flags

  /// A row for each kind of flag that concerns a figure, in words for the firm.
  ///
  /// - Parameter shown: figures of the same item; flags of theirs are not repeated.
  func flags(_ figure: FilledForm.Figure, besides shown: [FilledForm.Figure]) -> [DocumentTable.Row] {
    let counts = figure.flagCounts.filter { count in
      !shown.contains { other in
        other.flagCounts.contains(count)
          && other.flags.filter { $0.kind == count.kind } == figure.flags.filter { $0.kind == count.kind }
      }
    }
    return counts.map { count in
      let own = figure.flags.filter { $0.kind == count.kind }
      let number =
        report.scope == .district
        ? pick(
          "\(terms.number(count.flags)) in " + terms.many(count.factories, "factory", "factories", ""),
          "\(terms.number(count.flags)) 项，涉及 \(terms.number(count.factories)) 家企业")
        : pick(terms.number(count.flags), "\(terms.number(count.flags)) 项")
      let name = "⚠ \(flagName(count.kind))" + pick(": \(number)", "：\(number)")
      return .warning([.text(name), .empty, .empty, .text(request(count.kind, own))])
    }
  }

  /// What was found, and what the firm is asked for.
  func request(_ kind: AuditFlag.Kind, _ flags: [AuditFlag]) -> String { flagWriter.request(kind, flags) }
}
