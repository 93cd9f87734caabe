import Storage
import Telemetry

/// Works out what to do next: for each rule and workshop, the equipment it is about and what is gained.
/// Deterministic: the same equipment, policies and rules give the same actions in the same order.
public enum ActionPlan {
  /// The actions among some equipment whose counts are `figures`, the largest gain first; what gains the same is
  /// in the order of the rules, then of workshops.
  public static func actions(
    among equipment: [Assessment], figures: Figures, rules: [ActionRule], policies: [Policy]
  ) -> [Action] {
    let actions = rules.flatMap { rule -> [Action] in
      guard let before = figures.count(of: rule.metric), before.denominator > 0 else { return [] }
      let thresholds = thresholds(of: rule.metric, before, policies)
      return workshops(of: rule, among: equipment).map { workshop, members in
        action(rule, workshop, members, before, thresholds)
      }
    }
    let order = actions.enumerated().sorted { a, b in
      let gains = (gain(a.element), gain(b.element))
      return gains.0 != gains.1 ? gains.0 > gains.1 : a.offset < b.offset
    }
    return order.map(\.element)
  }

  /// Millionths that a ratio rises by.
  private static func gain(_ action: Action) -> Int {
    (action.after.millionths ?? 0) - (action.before.millionths ?? 0)
  }

  private static func action(
    _ rule: ActionRule, _ workshop: String, _ members: [Assessment], _ before: Count,
    _ thresholds: [Threshold]
  ) -> Action {
    let ids = members.map(\.key.equipment)
    let refusals = members.flatMap { $0.evidence?.refusals ?? [] }
    let after = Count(before.numerator + ids.count, of: before.denominator)
    let reached = thresholds.filter { $0.needed(of: after.denominator) <= after.numerator }
    let next = thresholds.first { $0.needed(of: after.denominator) > after.numerator }
    return Action(
      rule: rule, workshop: workshop, equipment: ids, refusal: Refusal.most(of: refusals), before: before,
      after: after, reaches: reached,
      next: next.map { ($0, $0.needed(of: after.denominator) - after.numerator) })
  }

  /// Equipment of a rule, by workshop: in the denominator of its ratio, and not yet in the numerator.
  private static func workshops(
    of rule: ActionRule, among equipment: [Assessment]
  ) -> [(workshop: String, members: [Assessment])] {
    var workshops: [String: [Assessment]] = [:]
    for one in equipment where rule.equipment.holds(for: one) {
      guard let count = Figures(of: one).count(of: rule.metric), count == Count(0, of: 1) else { continue }
      workshops[one.workshop, default: []].append(one)
    }
    return workshops.map { ($0.key, $0.value.sorted { $0.key < $1.key }) }
      .sorted { a, b in a.0.isEmpty != b.0.isEmpty ? b.0.isEmpty : a.0 < b.0 }
  }

  /// The thresholds of a ratio that are not reached, the nearest first.
  private static func thresholds(
    of metric: Metric, _ count: Count, _ policies: [Policy]
  ) -> [Threshold] {
    let all = policies.flatMap { policy in
      policy.rules.filter { $0.metric == metric }.map {
        Threshold(policy: policy, share: $0.atLeast, isExclusive: false, band: "")
      }
        + policy.bands.filter { $0.metric == metric }.map {
          Threshold(policy: policy, share: $0.lower, isExclusive: !$0.includesLower, band: $0.name)
        }
    }
    return all.enumerated()
      .filter { $0.element.needed(of: count.denominator) > count.numerator }
      .filter { $0.element.needed(of: count.denominator) <= count.denominator }
      .sorted { a, b in
        let needed = (a.element.needed(of: count.denominator), b.element.needed(of: count.denominator))
        return needed.0 != needed.1 ? needed.0 < needed.1 : a.offset < b.offset
      }
      .map(\.element)
  }
}

extension Refusal {
  /// The most frequent fault among refused messages of several senders, with its messages added up; nil for none.
  static func most(of refusals: [Refusal]) -> Refusal? {
    var sums: [[String]: Refusal] = [:]
    for refusal in refusals {
      let kind = [refusal.reason.name, refusal.detail, refusal.fault.name]
      sums[kind, default: Refusal(refusal, messages: 0)].messages.add(saturating: refusal.messages)
    }
    return sums.min { a, b in
      a.value.messages != b.value.messages
        ? a.value.messages > b.value.messages : a.key.lexicographicallyPrecedes(b.key)
    }?.value
  }

  private init(_ refusal: Refusal, messages: Int) {
    self = refusal
    self.messages = messages
  }
}
