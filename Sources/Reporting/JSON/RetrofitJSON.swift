import Aggregation
import Telemetry

/// Both ends of a retrofit as JSON: of a factory or a part of it, or of a district's batches.
enum RetrofitJSON {
  static func value(_ report: Report) -> JSON {
    if let retrofit = report.retrofit { return value(retrofit) }
    guard !report.batches.isEmpty else { return .null }
    return .object([("batches", .array(report.batches.map(value)))])
  }

  private static func value(_ retrofit: RetrofitComparison) -> JSON {
    .object([
      ("begun_on", .string(retrofit.dates.begunOn.description)),
      ("completed_on", .text(retrofit.dates.completedOn?.description)),
      ("equipment", .integer(retrofit.dates.equipment)), ("before", value(retrofit.before)),
      ("after", value(retrofit.after)),
      ("energy_intensity_change_permille", .number(retrofit.intensityChange)),
    ])
  }

  private static func value(_ side: RetrofitComparison.Side) -> JSON {
    let period = side.observation.period
    return .object([
      ("from", .string(period.firstDay.description)), ("to", .string(period.lastDay.description)),
      ("observation_coverage", FigureJSON.ratio(side.observation.coverage)),
      ("register_assumed", .boolean(side.isAssumed)), ("sufficient", .boolean(side.isSufficient)),
      ("metrics", .object(FigureJSON.metrics(side.figures))),
      ("energy", FigureJSON.energy(side.figures)),
    ])
  }

  private static func value(_ batch: RetrofitBatch) -> JSON {
    .object([
      ("completed_in", .text(batch.month.map { String($0.description.prefix(7)) })),
      ("factories", .integer(batch.factories)), ("sufficient", .integer(batch.sufficient)),
      ("before", .object(FigureJSON.metrics(batch.before))),
      ("after", .object(FigureJSON.metrics(batch.after))),
    ])
  }
}

/// A next action as JSON.
enum ActionJSON {
  static func value(_ action: Action) -> JSON {
    .object([
      ("rule", .string(action.rule.name)), ("metric", .string(action.rule.metric.key)),
      ("workshop", .string(action.workshop)), ("equipment", .array(action.equipment.map { .string($0) })),
      ("before", FigureJSON.ratio(action.before)), ("after", FigureJSON.ratio(action.after)),
      ("reaches", .array(action.reaches.map { .object(threshold($0)) })),
      (
        "next",
        action.next.map { .object(threshold($0.threshold) + [("missing", .integer($0.missing))]) } ?? .null
      ),
    ])
  }

  private static func threshold(_ threshold: Threshold) -> [(key: String, value: JSON)] {
    [
      ("policy", .string(threshold.policy.name)),
      (
        threshold.isExclusive ? "above_percent" : "at_least_percent",
        .string(Thousandths.text(threshold.share))
      ),
      ("band", threshold.band.isEmpty ? .null : .string(threshold.band)),
    ]
  }
}
