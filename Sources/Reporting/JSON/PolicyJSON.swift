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
      ("source", .string(policy.source)), ("note_zh", .string(policy.noteChinese)),
      ("note_en", .string(policy.noteEnglish)), ("met", verdict.isMet.map { .boolean($0) } ?? .null),
      ("rules", .array(verdict.rules.map(rule))), ("bands", .array(verdict.bands.map(band))),
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
