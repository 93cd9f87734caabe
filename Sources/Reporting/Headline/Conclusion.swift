import Aggregation
import Telemetry

/// The conclusion of a report: sentences made from its figures by fixed rules. None states more than is known.
extension DocumentWriter {
  /// At most four sentences: since when nothing is known, how many machines are networked, which thresholds are met, and
  /// how far the data can be trusted. The latter comes before the figures if the data are insufficient.
  func conclusion() -> [String] {
    (sentences.interruption(report.observation).map { [$0] } ?? []) + findings()
  }

  private func findings() -> [String] {
    if report.figures.equipment == 0 { return [withoutEquipment()] + trust() }
    if report.figures.absence(of: .networkedRatio) == .notObserved { return [unobserved()] + thresholds() }
    let findings = [networked()] + thresholds()
    return report.observation.isSufficient ? findings + trust() : trust() + findings
  }

  private var time: String {
    let instant = terms.asOf(report.asOf, of: report.observation.period)
    return pick("As of \(instant), ", "截至 \(instant)，")
  }

  private func machines(_ count: Int) -> String { terms.many(count, "machine", "machines", "台") }

  // MARK: Networked equipment

  /// Why there is no ratio at all, and how many senders there are nevertheless.
  private func withoutEquipment() -> String {
    let reason: String
    if report.registerVersion == 0 {
      reason = pick("no register had been imported", "台账尚未导入")
    } else if !report.isRegistered {
      let kind = terms.kind(report.scope)
      reason = pick("the register does not know this \(kind.lowercased())", "台账中无此\(kind)")
    } else if case .district(let ranking) = report.contents,
      !ranking.factories.contains(where: \.isRegistered)
    {
      reason = pick("the register lists no factory", "台账中无企业")
    } else {
      reason = pick("the register lists no production equipment in service", "台账中无在役生产设备")
    }
    let senders = report.figures.buckets.unregistered
    let sent =
      senders == 0
      ? ""
      : pick(
        "; " + terms.many(senders, "unregistered device sent data", "unregistered devices sent data", ""),
        "；收到 \(terms.number(senders)) 台未登记设备的数据")
    return time + reason + pick(", so no ratio can be given", "，无法计算各项占比") + sent + pick(".", "。")
  }

  /// Nothing was observed, and nothing heard shortly before: only the register can be cited.
  private func unobserved() -> String {
    let (all, connectable) = (report.figures.equipment, terms.number(report.figures.connectable))
    return pick(
      "Nothing was observed in the period, so nothing is known about networking; the register lists "
        + "\(machines(all)) in service, \(connectable) of them declared connectable.",
      "本期无观测，联网情况不作判断；台账登记在役生产设备 \(machines(all))，其中申报可联网 \(connectable) 台。")
  }

  private func networked() -> String {
    let figures = report.figures
    let isSufficient = report.observation.isSufficient
    let ratio = terms.percent(Count(figures.networked, of: figures.equipment))
    let (all, heard) = (terms.number(figures.equipment), terms.number(figures.networked))
    var place = (english: "", chinese: "")
    if case .district(let ranking) = report.contents {
      // A factory without equipment in service has none of the machines that are counted.
      let factories = ranking.factories.count { $0.isRegistered && $0.figures.equipment > 0 }
      place.english = " in " + terms.many(factories, "factory", "factories", "")
      place.chinese = "园区 \(terms.number(factories)) 家企业"
    }
    let chinese =
      "\(place.chinese)在役生产设备 \(all) 台，其中"
      + (isSufficient
        ? "联网 \(heard) 台，设备联网率 \(ratio)"
        : "已知联网 \(heard) 台" + (figures.networked > 0 ? "，设备联网率不低于 \(ratio)" : ""))
    return time + pick(english(place.english, ratio), chinese) + (isSufficient ? shortfall() : "")
      + pick(".", "。")
  }

  /// `4 of the 9 machines in service were networked (44.4 %)`. Machines that were not observed can only raise the number.
  private func english(_ place: String, _ ratio: String) -> String {
    let (heard, all) = (report.figures.networked, report.figures.equipment)
    let isSufficient = report.observation.isSufficient
    let networked = isSufficient ? "networked" : "known to be networked"
    switch (heard, all) {
    case (0, 1): return "the only machine in service\(place) was not \(networked)"
    case (1, 1): return "the only machine in service\(place) was networked"
    case (0, _): return "none of the \(terms.number(all)) machines in service\(place) was \(networked)"
    case (all, _): return "all \(terms.number(all)) machines in service\(place) were networked"
    default:
      return (isSufficient ? "" : "at least ")
        + "\(terms.number(heard)) of the \(terms.number(all)) machines in "
        + "service\(place) \(heard == 1 ? "was" : "were") networked (\(ratio))"
    }
  }

  /// Machines that are declared connectable and not networked.
  private func shortfall() -> String {
    let figures = report.figures
    guard figures.connectable > 0, figures.networked < figures.equipment, figures.equipment > 1 else {
      return ""
    }
    let short = figures.connectable - figures.networkedConnectable
    if short == 0 { return pick("; every machine declared connectable was", "；申报可联网的设备均已联网") }
    return pick(
      "; " + terms.many(short, "machine declared connectable", "machines declared connectable", "")
        + (short == 1 ? " was not networked" : " were not networked"),
      "；申报可联网而未联网 \(terms.number(short)) 台")
  }

  // MARK: Thresholds

  private static let thresholdsNamed = 3

  /// Thresholds of the requested policies: how many are met, and which are missed.
  private func thresholds() -> [String] {
    let all = report.thresholdsInForce
    guard !all.isEmpty else { return [] }
    let met = all.count { $0.verdict.isMet == true }
    let missed = all.filter { $0.verdict.isMet == false }
    let open = all.count - met - missed.count
    var parts = [pick("\(terms.number(met)) met", "达标 \(terms.number(met)) 项")]
    if !missed.isEmpty {
      var names = missed.prefix(Self.thresholdsNamed).map(name)
      let rest = missed.count - names.count
      if rest > 0 { names.append(pick("and \(terms.number(rest)) more", "另有 \(terms.number(rest)) 项")) }
      let list = names.joined(separator: pick("; ", "；"))
      parts.append(
        pick(
          "\(terms.number(missed.count)) not met (\(list))", "未达标 \(terms.number(missed.count)) 项（\(list)）"))
    }
    if open > 0 {
      parts.append(pick("\(terms.number(open)) without a figure", "无指标值 \(terms.number(open)) 项"))
    }
    return [pick("Policy thresholds: ", "政策阈值：") + parts.joined(separator: pick(", ", "，")) + pick(".", "。")]
  }

  /// `Upload rate 80.4 %, Digital workshop asks for 90 %`.
  private func name(_ threshold: HeadlineFigure.Threshold) -> String {
    let verdict = threshold.verdict
    let figure = "\(terms.name(verdict.rule.metric)) \(terms.percent(verdict.count))"
    let share = Thousandths.text(verdict.rule.atLeast)
    return pick(
      "\(figure), \(threshold.policy.titleEnglish) asks for \(share) %",
      "\(figure)，“\(threshold.policy.titleChinese)”要求 \(share) %")
  }

  // MARK: Trust

  /// The share of the period that was observed, the messages that the broker lost, and the findings to be explained.
  private func trust() -> [String] {
    let observation = report.observation
    let coverage = terms.percent(observation.coverage)
    let needed = "\(Observation.sufficientPercent) %"
    var text =
      observation.isSufficient
      ? pick(
        "The data are sufficient, with \(coverage) of the period observed", "数据充分，观测覆盖率 \(coverage)")
      : pick(
        "The data are insufficient, with \(coverage) of the period observed and \(needed) needed: measured figures "
          + "are of the observed time only",
        "数据不足，观测覆盖率 \(coverage)，要求不低于 \(needed)，实测指标仅反映已观测时段")
    if let drops = report.brokerDrops, drops > 0 {
      text += pick(
        "; the broker dropped \(terms.many(drops, "message", "messages", ""))",
        "；消息代理丢弃消息 \(terms.number(drops)) 条")
    }
    let flags = report.flagCounts.reduce(0) {
      $0.addingSaturated($1.kind.subject == .data ? 0 : $1.flags)
    }
    if flags > 0 {
      text += pick(
        "; " + terms.many(flags, "finding is to be explained", "findings are to be explained", ""),
        "；需企业说明的事项 \(terms.number(flags)) 项")
    }
    return [text + pick(".", "。")]
  }
}
