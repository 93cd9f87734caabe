import Aggregation
import Telemetry

/// The top of a report as JSON: the conclusion in both languages, and the headline figures.
enum HeadlineJSON {
  /// null for one machine.
  static func value(_ report: Report) -> JSON {
    if case .equipment = report.scope { return .null }
    func conclusion(_ language: Language) -> JSON {
      let terms = Terms(language)
      let writer = DocumentWriter(
        report: report, terms: terms, sentences: Sentences(terms: terms, calendar: report.calendar),
        wanted: nil)
      return .array(writer.conclusion().map { .string($0) })
    }
    return .object([
      ("conclusion_zh", conclusion(.chinese)), ("conclusion_en", conclusion(.english)),
      ("figures", .array(report.headlineFigures.map(figure))),
      ("previous_period", report.previous.map(period) ?? .null),
    ])
  }

  private static func period(_ previous: PreviousPeriod) -> JSON {
    .object([
      ("from", .string(previous.period.firstDay.description)),
      ("to", .string(previous.period.lastDay.description)), ("absent", .text(previous.absence?.rawValue)),
    ])
  }

  private static func figure(_ figure: HeadlineFigure) -> JSON {
    .object([
      ("metric", .string(figure.metric.key)), ("ratio", FigureJSON.ratio(figure.count)),
      ("absent", .text(figure.absence?.rawValue)), ("threshold", figure.threshold.map(threshold) ?? .null),
      ("previous", figure.previous.map(FigureJSON.ratio) ?? .null),
      ("change_tenths_of_points", .number(figure.change)),
    ])
  }

  private static func threshold(_ threshold: HeadlineFigure.Threshold) -> JSON {
    let verdict = threshold.verdict
    return .object([
      ("policy", .string(threshold.policy.name)),
      ("at_least_percent", .string(Thousandths.text(verdict.rule.atLeast))),
      ("met", verdict.isMet.map { .boolean($0) } ?? .null),
    ])
  }
}
