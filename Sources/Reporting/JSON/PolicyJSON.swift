import Aggregation
import Telemetry

/// A policy's verdict as JSON.
enum PolicyJSON {
  /// A policy's verdict on a report over some days.
  ///
  /// - Parameter hasPoints: false for a district, because points are each factory's own.
  static func value(
    _ verdict: PolicyVerdict, over days: ClosedRange<CalendarDay>, hasPoints: Bool
  ) -> JSON {
    let policy = verdict.policy
    return .object(
      [
        ("name", .string(policy.name)), ("title_zh", .string(policy.titleChinese)),
        ("title_en", .string(policy.titleEnglish)), ("issuing_body_zh", .string(policy.issuingBodyChinese)),
        ("issuing_body_en", .string(policy.issuingBodyEnglish)), ("date", .string(policy.date.description)),
        ("source", .string(policy.origin.source)), ("source_zh", .string(policy.origin.sourceChinese)),
        ("note_zh", .string(policy.noteChinese)),
        ("note_en", .string(policy.noteEnglish)), ("met", verdict.isMet.map { .boolean($0) } ?? .null),
        ("rules", .array(verdict.rules.map(rule))),
        ("bands", .array(verdict.bands.map { band($0, hasPoints: hasPoints) })),
      ] + stated(verdict, over: days, hasPoints: hasPoints))
  }

  /// What only some policies state: how sure they are, when they are in force, and points.
  private static func stated(
    _ verdict: PolicyVerdict, over days: ClosedRange<CalendarDay>, hasPoints: Bool
  ) -> [(key: String, value: JSON)] {
    let policy = verdict.policy
    var members: [(key: String, value: JSON)] = []
    if let certainty = policy.origin.certainty { members.append(("certainty", .string(certainty.rawValue))) }
    if policy.validFrom != nil || policy.validUntil != nil {
      members += [
        ("valid_from", .text(policy.validFrom?.description)),
        ("valid_until", .text(policy.validUntil?.description)),
        ("in_force", .string(policy.force(over: days).rawValue)),
      ]
    }
    if hasPoints, let points = verdict.points {
      members += [
        ("points", .string(Thousandths.text(points.reached))),
        ("points_most", .string(Thousandths.text(points.most))),
      ]
    }
    return members
  }

  private static func origin(_ origin: Policy.Origin?) -> [(key: String, value: JSON)] {
    guard let origin else { return [] }
    return [("source", .string(origin.source)), ("source_zh", .string(origin.sourceChinese))]
      + (origin.certainty.map { [("certainty", .string($0.rawValue))] } ?? [])
  }

  /// Why a figure for forms is missing that a policy asks for.
  private static func absent(_ metric: Metric, _ absence: Absence?) -> [(key: String, value: JSON)] {
    guard metric.needsFormAttributes, let absence else { return [] }
    return [("absent", .string(absence.rawValue))]
  }

  /// Number of factories that meet a policy, as JSON.
  static func value(_ attainment: PolicyAttainment) -> JSON {
    .object([
      ("name", .string(attainment.policy.name)), ("met", .integer(attainment.met)),
      ("unmet", .integer(attainment.unmet)), ("open", .integer(attainment.open)),
      (
        "rules",
        .array(
          attainment.rules.map { rule in
            .object([
              ("metric", .string(rule.rule.metric.key)),
              ("at_least_percent", .string(Thousandths.text(rule.rule.atLeast))),
              ("met", .integer(rule.met)), ("unmet", .integer(rule.unmet)), ("open", .integer(rule.open)),
            ])
          })
      ),
      (
        "bands",
        .array(
          attainment.bands.map { band in
            .object([
              ("metric", .string(band.band.metric.key)), ("band", .string(band.band.name)),
              ("factories", .integer(band.factories)),
            ])
          })
      ),
    ])
  }

  private static func rule(_ verdict: PolicyVerdict.RuleVerdict) -> JSON {
    .object(
      [
        ("metric", .string(verdict.rule.metric.key)),
        ("at_least_percent", .string(Thousandths.text(verdict.rule.atLeast))),
        ("numerator", .integer(verdict.count.numerator)),
        ("denominator", .integer(verdict.count.denominator)),
        ("met", verdict.isMet.map { .boolean($0) } ?? .null), ("missing", .integer(verdict.missing)),
      ] + absent(verdict.rule.metric, verdict.absence) + origin(verdict.rule.origin))
  }

  private static func band(_ verdict: PolicyVerdict.BandVerdict, hasPoints: Bool) -> JSON {
    let points = hasPoints ? verdict.points : nil
    return .object(
      [
        ("metric", .string(verdict.metric.key)), ("numerator", .integer(verdict.count.numerator)),
        ("denominator", .integer(verdict.count.denominator)), ("band", .text(verdict.band?.name)),
      ] + (points.map { [("points", .string(Thousandths.text($0)))] } ?? [])
        + absent(verdict.metric, verdict.absence) + origin(verdict.band?.origin))
  }
}
