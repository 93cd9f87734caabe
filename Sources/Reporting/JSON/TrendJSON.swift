import Aggregation
import Telemetry

/// The course of the headline figures as JSON.
enum TrendJSON {
  /// null if it was not read.
  static func value(_ trend: Trend?) -> JSON {
    guard let trend else { return .null }
    return .object([
      ("unit", .string(trend.unit.rawValue)), ("left_out", .integer(trend.leftOut)),
      ("steps", .array(trend.steps.map(step))),
    ])
  }

  private static func step(_ step: TrendStep) -> JSON {
    .object([
      ("from", .string(step.period.firstDay.description)), ("to", .string(step.period.lastDay.description)),
      ("absent", .text(step.absence?.rawValue)),
      (
        "metrics",
        .object(
          HeadlineFigure.metrics.map { ($0.key, step.count(of: $0).map(FigureJSON.ratio) ?? .null) })
      ),
    ])
  }
}
