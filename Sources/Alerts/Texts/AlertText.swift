import Aggregation
import Configuration
import Daemon
import Reporting
import Telemetry

/// The words of an alert's message in one language.
public struct AlertText: Equatable, Codable, Sendable {
  /// One line: what it is about.
  public var title: String
  /// The event, its beginning, and its figures.
  public var happened: String
  public var since: String
  /// Empty without figures.
  public var figures: String
  /// The remedy; empty if there is none.
  public var advice: String

  /// The lines of a plain message, without empty ones.
  public var lines: [String] { [title, happened, since, figures, advice].filter { !$0.isEmpty } }
}

/// Writes texts of alerts in one language.
struct AlertWording {
  private let language: Language
  private let terms: Terms
  private let calendar: LocalCalendar
  private let names: [String: AlertFacts.Factory]

  /// Words in a language; names of factories as the register has them.
  init(_ language: Language, _ calendar: LocalCalendar, names: [String: AlertFacts.Factory]) {
    self.language = language
    self.calendar = calendar
    self.names = names
    terms = Terms(language)
  }

  /// The text of an event. `rule` is nil for a rule that does not exist any more.
  func text(
    _ event: AlertEvent, _ key: AlertKey, _ rule: AlertRule?, _ alert: AlertState.Raised,
    _ figures: AlertFigures?, at now: Timestamp
  ) -> AlertText {
    let subject = subject(key.subject)
    let happened: String
    switch event {
    case .raised, .repeated:
      happened = rule.map { self.happened($0, figures, alert, at: now) } ?? ""
    case .resolved: happened = pick("It is over.", "已恢复。")
    case .withdrawn:
      happened = pick(
        "Its rule or its subject does not exist any more; it is not judged any longer.",
        "规则或对象已不存在，不再判断。")
    }
    let isOver = event == .resolved || event == .withdrawn
    return AlertText(
      title: "[\(heading(event, rule?.severity))] \(rule.map(name) ?? key.rule)\(pick(": ", "："))\(subject)",
      happened: happened, since: since(event, alert, now), figures: rule.map { line($0, figures) } ?? "",
      advice: isOver ? "" : rule.map { pick("What to do: ", "处理建议：") + advice($0) } ?? "")
  }

  func pick(_ english: String, _ chinese: String) -> String { language == .chinese ? chinese : english }

  // MARK: -

  private func heading(_ event: AlertEvent, _ severity: AlertRule.Severity?) -> String {
    switch event {
    case .resolved: return pick("resolved", "已解除")
    case .withdrawn: return pick("withdrawn", "已撤销")
    case .repeated: return pick("still \(word(severity))", "持续\(word(severity))")
    case .raised: return word(severity)
    }
  }

  private func word(_ severity: AlertRule.Severity?) -> String {
    switch severity {
    case .info: pick("info", "提示")
    case .critical: pick("critical", "严重")
    case .warning, nil: pick("warning", "告警")
    }
  }

  /// The subject's name with its id.
  private func subject(_ subject: AlertSubject) -> String {
    switch subject {
    case .district: return pick("district", "全园区")
    case .collector: return pick("collector", "采集器")
    case .certificate(let file): return file.inert
    case .factory(let id): return factory(id)
    case .equipment(let key): return "\(factory(key.factory)) \(key.equipment.inert)"
    }
  }

  private func factory(_ id: String) -> String {
    let name = pick(names[id]?.nameEnglish ?? "", names[id]?.nameChinese ?? "")
    if name.isEmpty { return id.inert }
    return pick("\(name.inert) (\(id.inert))", "\(name.inert)（\(id.inert)）")
  }

  private func name(_ rule: AlertRule) -> String {
    switch rule.kind {
    case .factorySilent: pick("Factory silent", "企业无数据")
    case .ratioBelow(let metric, _, _, let share, _):
      pick(
        "\(terms.name(metric)) below \(Thousandths.text(share)) %",
        "\(terms.name(metric))低于 \(Thousandths.text(share)) %")
    case .equipmentFault: pick("Equipment in fault", "设备故障")
    case .refusedMessages: pick("Messages refused", "消息被拒收")
    case .observationGap: pick("No observation", "观测中断")
    case .diskLow: pick("Disk nearly full", "磁盘空间不足")
    case .certificateExpiring: pick("Certificate ends soon", "证书即将到期")
    case .policyAtRisk(let policy, _, _, _):
      pick(
        "Month at risk of missing \(policy.titleEnglish.inert)", "本月可能达不到“\(policy.titleChinese.inert)”的要求")
    }
  }

  private func happened(
    _ rule: AlertRule, _ figures: AlertFigures?, _ alert: AlertState.Raised, at now: Timestamp
  ) -> String {
    let lasts = duration(now - alert.since)
    switch rule.kind {
    case .factorySilent:
      return pick(
        "No message has come from any of its equipment for \(lasts).", "已有\(lasts)未收到该企业任何设备的消息。")
    case .ratioBelow(_, let days, _, _, _):
      return pick(
        "The ratio over the last \(days == 1 ? "day" : "\(days) days") is below the threshold.",
        "最近 \(days) 天的比率低于阈值。")
    case .equipmentFault:
      return pick("It has been in the state fault for \(lasts).", "设备处于故障状态已\(lasts)。")
    case .refusedMessages:
      return pick("Many messages are refused.", "大量消息被拒收。")
    case .observationGap:
      return pick(
        "The collector has received nothing for \(lasts); this time counts as not observed.",
        "采集器已有\(lasts)未接收消息，该时段按无观测计。")
    case .diskLow: return pick("Little space is left where the store is.", "存储目录所在磁盘剩余空间不足。")
    case .certificateExpiring:
      return figures?.instant.map { instant in
        let end = calendar.minute(Timestamp(milliseconds: instant))
        return pick("The certificate ends at \(end).", "证书有效期至 \(end)。")
      } ?? ""
    case .policyAtRisk:
      return pick(
        "If equipment goes on as in the last \(AlertFactReader.recentDays) days, the month ends below the threshold.",
        "按最近 \(AlertFactReader.recentDays) 天的情况推算，月末将低于政策要求。")
    }
  }

  private func since(_ event: AlertEvent, _ alert: AlertState.Raised, _ now: Timestamp) -> String {
    let from = calendar.minute(alert.since)
    switch event {
    case .raised, .repeated: return pick("Since \(from).", "自 \(from) 起。")
    case .resolved, .withdrawn:
      let end = alert.clearSince ?? now
      let lasted = duration(end - alert.since)
      return pick(
        "From \(from) to \(calendar.minute(end)), \(lasted).",
        "自 \(from) 至 \(calendar.minute(end))，历时\(lasted)。")
    }
  }

  private func line(_ rule: AlertRule, _ figures: AlertFigures?) -> String {
    guard let figures, let numerator = figures.numerator, let denominator = figures.denominator else {
      return ""
    }
    let count = Count(numerator, of: denominator)
    let threshold = figures.threshold ?? 0
    switch rule.kind {
    case .refusedMessages:
      return pick(
        "Refused in the last minute: \(terms.number(numerator)) of \(terms.number(denominator)) messages; threshold \(terms.number(Int(threshold))).",
        "最近一分钟拒收 \(terms.number(numerator)) 条，共 \(terms.number(denominator)) 条；阈值 \(terms.number(Int(threshold))) 条。"
      )
    case .diskLow:
      let (free, all) = (bytes(numerator), bytes(denominator))
      return pick(
        "Free: \(free) of \(all) (\(terms.percent(count))); threshold \(Thousandths.text(threshold)) %.",
        "剩余 \(free)，共 \(all)（\(terms.percent(count))）；阈值 \(Thousandths.text(threshold)) %。")
    case .policyAtRisk:
      guard let metric = figures.metric.flatMap(Metric.init(rawValue:)) else { return "" }
      let now = Count(figures.presentNumerator ?? 0, of: figures.presentDenominator ?? 0)
      let (present, projected) = (ratio(now, metric), ratio(count, metric))
      let required = Thousandths.text(threshold)
      return pick(
        "\(terms.name(metric)): now \(present), at the month's end \(projected); required \(required) %.",
        "\(terms.name(metric))：当前 \(present)，月末推算 \(projected)；要求 \(required) %。")
    default:
      guard let metric = figures.metric.flatMap(Metric.init(rawValue:)) else { return "" }
      let (found, limit) = (ratio(count, metric), Thousandths.text(threshold))
      return pick(
        "\(terms.name(metric)): \(found); threshold \(limit) %.",
        "\(terms.name(metric))：\(found)；阈值 \(limit) %。")
    }
  }

  /// `48 / 60 (80.0 %)`; of a ratio over time in hours, of pieces in whole pieces, of values in yuan.
  private func ratio(_ count: Count, _ metric: Metric) -> String {
    let scaled: Count
    let unit: String
    switch metric.base {
    case .time, .plannedTime:
      (scaled, unit) = (
        Count(count.numerator / 3_600_000, of: count.denominator / 3_600_000), pick(" h", " 小时")
      )
    case .pieces: (scaled, unit) = (Count(count.numerator / 1000, of: count.denominator / 1000), "")
    case .value:
      (scaled, unit) = (Count(count.numerator / 100, of: count.denominator / 100), pick(" yuan", " 元"))
    default: (scaled, unit) = (count, "")
    }
    let parts = terms.fraction(scaled) + unit
    return pick("\(parts) (\(terms.percent(count)))", "\(parts)（\(terms.percent(count))）")
  }

  private func bytes(_ count: Int) -> String { ByteText.of(Int64(clamping: count)) }

  /// `45 min`, `4 h 10 min` or `3 d 2 h`.
  private func duration(_ span: Span) -> String {
    let minutes = max(0, span.milliseconds / 60_000)
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60)
    var parts: [String] = []
    if days > 0 { parts.append(pick("\(days) d", " \(days) 天")) }
    if hours > 0 { parts.append(pick("\(hours) h", " \(hours) 小时")) }
    if days == 0, rest > 0 || parts.isEmpty { parts.append(pick("\(rest) min", " \(rest) 分钟")) }
    return parts.joined(separator: language == .chinese ? "" : " ")
  }
}
