import Aggregation
import Telemetry

/// Reads the rules of a rules file.
extension AlertRuleFile {
  /// Keys that only some kinds have, by kind.
  private static let own: [String: [String]] = [
    "factory_silent": ["factories"], "equipment_fault": ["factories"],
    "ratio_below": ["factories", "metric", "over_days", "level", "below", "clear_at"],
    "refused_messages": ["per_minute", "clear_below"], "observation_gap": [],
    "disk_low": ["below", "clear_at"], "certificate_expiring": ["within", "files"],
    "policy_at_risk": ["factories", "policy", "level", "from_day", "clear_margin"],
  ]
  /// Keys of all kinds.
  private static let common = [
    "name", "kind", "severity", "owner", "receivers", "maintenance", "for", "clear_for", "repeat",
    "advice_en", "advice_zh",
  ]
  private static let particular = [
    "factories", "metric", "over_days", "level", "below", "clear_at", "per_minute", "clear_below", "within",
    "files", "policy", "from_day", "clear_margin",
  ]

  static func rules(
    _ reader: inout SettingsReader, besides configuration: String, receivers: [Named<AlertReceiver>],
    windows: [Named<MaintenanceWindow>]
  ) -> [AlertRule] {
    guard let elements = reader.elements("rules", of: common + particular) else {
      if reader.problems.isEmpty {
        reader.complain(
          at: "rules", "rules is missing: a rules file has at least one rule", "缺少 rules：至少应有一条规则")
      }
      return []
    }
    var taken: Set<String> = []
    return elements.compactMap { element in
      let name = name(in: element, &taken, &reader)
      let word = reader.required("kind", in: element, .word(among: AlertRule.Kind.names))
      let kind = kind(word, element, &reader, besides: configuration)
      var rule = AlertRule(name: name ?? "", kind: kind ?? .observationGap)
      rule.severity =
        reader.optional("severity", in: element, .word(AlertRule.Severity.self)) ?? rule.severity
      rule.owner = reader.optional("owner", in: element, .text(maximum: 200))
      rule.adviceEnglish = reader.optional("advice_en", in: element, .text(maximum: 500))
      rule.adviceChinese = reader.optional("advice_zh", in: element, .text(maximum: 500))
      rule.receivers = references("receivers", to: receivers.map(\.name), element, &reader)
      rule.windows = references("maintenance", to: windows.map(\.name), element, &reader)
      rule.factories = Set(reader.optional("factories", in: element, names) ?? [])
      rule.repeats = reader.optional("repeat", in: element, repetition) ?? .days(1)
      rule.hold = reader.optional("for", in: element, .span(.minutes(1) ... .days(30))) ?? .zero
      rule.clearHold = reader.optional("clear_for", in: element, .span(.zero ... .days(7))) ?? .minutes(5)
      if let word, ["factory_silent", "equipment_fault", "observation_gap"].contains(word),
        !reader.has("for", in: element)
      {
        reader.complain(
          at: "for", in: element, "is missing: \(word) needs the time for which it must last, such as 30m",
          "缺失：\(word) 须填写持续时间，如 30m")
      }
      guard name != nil, kind != nil else { return nil }
      return rule
    }
  }

  /// Names of a list that must be those of receivers or windows.
  private static func references(
    _ key: String, to known: [String], _ element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> [String] {
    let words = reader.optional(key, in: element, names) ?? []
    for word in words where !known.contains(word) {
      let nearest = Suggestion.nearest(to: word, among: known).map { "（是否应为“\($0)”？）" } ?? ""
      reader.complain(
        at: key, in: element,
        "the file has no '\(word)' in \(key == "receivers" ? "receivers" : "maintenance")"
          + Suggestion.phrase(for: word, among: known),
        "文件的 \(key) 中没有“\(word)”\(nearest)")
    }
    return words
  }

  private static func kind(
    _ word: String?, _ element: SettingsReader.Element, _ reader: inout SettingsReader,
    besides configuration: String
  ) -> AlertRule.Kind? {
    guard let word, let own = own[word] else { return nil }
    refuse(particular.filter { !own.contains($0) }, of: word, element, &reader)
    switch word {
    case "factory_silent": return .factorySilent
    case "equipment_fault": return .equipmentFault
    case "observation_gap": return .observationGap
    case "ratio_below": return ratioBelow(element, &reader)
    case "disk_low":
      let shares = shares(element, &reader)
      return shares.map { .diskLow(share: $0.below, clearAt: $0.clearAt) }
    case "refused_messages": return refusedMessages(element, &reader)
    case "certificate_expiring":
      let within = reader.required("within", in: element, .span(.days(1) ... .days(365)))
      let files = reader.optional("files", in: element, paths)
      return within.map { .certificateExpiring(within: $0, files: files ?? []) }
    default: return policyAtRisk(element, &reader, besides: configuration)
    }
  }

  private static func ratioBelow(
    _ element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> AlertRule.Kind? {
    let metric = reader.required("metric", in: element, metric)
    let days = reader.optional("over_days", in: element, .integer(1...92)) ?? 1
    let level = reader.optional("level", in: element, .word(AlertRule.Level.self)) ?? .district
    let shares = shares(element, &reader)
    guard let metric, let shares else { return nil }
    return .ratioBelow(metric, days: days, level: level, share: shares.below, clearAt: shares.clearAt)
  }

  /// `below`, and `clear_at`, which is at least as much.
  private static func shares(
    _ element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> (below: Int64, clearAt: Int64)? {
    let below = reader.required("below", in: element, PolicyFile.percent)
    let clearAt = reader.optional("clear_at", in: element, PolicyFile.percent)
    guard let below else { return nil }
    if let clearAt, clearAt < below {
      reader.complain(
        at: "clear_at", in: element, "must be at least below (\(Thousandths.text(below)))",
        "不得小于 below（\(Thousandths.text(below))）")
    }
    return (below, clearAt ?? below)
  }

  private static func refusedMessages(
    _ element: SettingsReader.Element, _ reader: inout SettingsReader
  ) -> AlertRule.Kind? {
    let number = SettingKind<Int>.integer(1...100_000_000)
    let perMinute = reader.required("per_minute", in: element, number)
    let clearBelow = reader.optional("clear_below", in: element, number)
    guard let perMinute else { return nil }
    if let clearBelow, clearBelow > perMinute {
      reader.complain(
        at: "clear_below", in: element, "must be at most per_minute (\(perMinute))",
        "不得大于 per_minute（\(perMinute)）")
    }
    return .refusedMessages(perMinute: perMinute, clearBelow: clearBelow ?? perMinute)
  }

  private static func policyAtRisk(
    _ element: SettingsReader.Element, _ reader: inout SettingsReader, besides configuration: String
  ) -> AlertRule.Kind? {
    let name = reader.required("policy", in: element, Settings.policyKind)
    let level = reader.optional("level", in: element, .word(AlertRule.Level.self)) ?? .district
    let fromDay = reader.optional("from_day", in: element, .integer(1...28)) ?? 3
    let margin = reader.optional("clear_margin", in: element, PolicyFile.percent) ?? 0
    guard let name else { return nil }
    do throws(SettingsErrors) {
      let policy = try PolicyFile.named(name, besides: configuration, asked: "policy")
      guard policy.rules.isEmpty else {
        return .policyAtRisk(policy, level: level, fromDay: fromDay, margin: margin)
      }
      reader.complain(
        at: "policy", in: element, "'\(name)' has no rules with at_least: name a policy that has",
        "“\(name)”没有 at_least 规则，请改用含此类规则的政策")
    } catch {
      for problem in error.problems {
        reader.complain(at: "policy", in: element, problem.description, problem.chineseDescription)
      }
    }
    return nil
  }

  private static var metric: SettingKind<Metric> {
    let keys = Metric.ranked.map(\.key)
    return SettingKind.text().then(
      expects: "one of \(keys.joined(separator: ", "))", chinese: keys.joined(separator: "、") + " 之一"
    ) { word in Metric.ranked.first { $0.key == word } }
  }
}
