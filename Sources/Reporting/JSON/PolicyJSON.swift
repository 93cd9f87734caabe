import Aggregation
import Telemetry

/// A policy's verdict as JSON.
enum PolicyJSON {
  static func value(_ verdict: PolicyVerdict) -> JSON {
    let policy = verdict.policy
    return .object([
      ("name", .string(policy.name)), ("title_zh", .string(policy.titleChinese)),
      ("title_en", .string(policy.titleEnglish)), ("issuing_body_zh", .string(policy.issuingBodyChinese)),
      ("issuing_body_en", .string(policy.issuingBodyEnglish)), ("date", .string(policy.date.description)),
      ("source", .string(policy.source)), ("source_zh", .string(policy.sourceChinese)),
      ("note_zh", .string(policy.noteChinese)),
      ("note_en", .string(policy.noteEnglish)), ("met", verdict.isMet.map { .boolean($0) } ?? .null),
      ("rules", .array(verdict.rules.map(rule))), ("bands", .array(verdict.bands.map(band))),
    ])
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
    .object([
      ("metric", .string(verdict.rule.metric.key)),
      ("at_least_percent", .string(Thousandths.text(verdict.rule.atLeast))),
      ("numerator", .integer(verdict.count.numerator)), ("denominator", .integer(verdict.count.denominator)),
      ("met", verdict.isMet.map { .boolean($0) } ?? .null), ("missing", .integer(verdict.missing)),
    ])
  }

  private static func band(_ verdict: PolicyVerdict.BandVerdict) -> JSON {
    .object([
      ("metric", .string(verdict.metric.key)), ("numerator", .integer(verdict.count.numerator)),
      ("denominator", .integer(verdict.count.denominator)), ("band", .text(verdict.band?.name)),
    ])
  }
}
