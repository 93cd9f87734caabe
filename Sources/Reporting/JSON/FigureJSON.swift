import Aggregation
import Telemetry

/// Figures as JSON, with the same shape in every place.
package enum FigureJSON {
  package static func metrics(_ figures: Figures) -> [(key: String, value: JSON)] {
    Metric.ranked.compactMap { metric in
      figures.bounded(metric).map {
        (metric.key, bounded($0, figures.absence(of: metric), and: formMembers(metric, figures)))
      }
    }
  }

  /// What a figure for forms says beside its counts; nothing for other figures.
  private static func formMembers(_ metric: Metric, _ figures: Figures) -> [(key: String, value: JSON)] {
    guard metric.needsFormAttributes else { return [] }
    let source =
      switch metric.source {
      case .declared: "declared"
      case .measured: "measured"
      case .both: "both"
      }
    var members: [(key: String, value: JSON)] = [("source", .string(source))]
    if let confirmed = figures.confirmed(of: metric) { members.append(("confirmed", .integer(confirmed))) }
    if let leftOut = figures.leftOut(of: metric) { members.append(("left_out", .integer(leftOut))) }
    guard metric == .oee else { return members }
    let sums = figures.time.effectiveness
    return members + [
      ("machines", .integer(sums.measured)), ("with_ideal_cycle", .integer(sums.declared)),
      ("limited", .integer(sums.limited)), ("availability", ratio(sums.availability)),
      ("effectiveness", ratio(sums.effectiveness)), ("quality", ratio(sums.quality)),
    ]
  }

  /// A ratio with its bounds, if it has any. The percentage of the upper bound is rounded up.
  private static func bounded(
    _ bounded: TimeFigures.Bounded, _ absence: Absence?, and others: [(key: String, value: JSON)]
  ) -> JSON {
    guard case .object(var members) = ratio(bounded.value) else { return .null }
    if let absence { members.append(("absent", .string(absence.rawValue))) }
    if let lower = bounded.lower { members.append(("lower", ratio(lower))) }
    if let upper = bounded.upper {
      members.append(
        (
          "upper",
          .object([
            ("numerator", .integer(upper.numerator)), ("denominator", .integer(upper.denominator)),
            ("percent", .text(upper.percentRoundedUp)),
          ])
        ))
    }
    return .object(members + others)
  }

  /// Energy, good pieces, and energy per piece (a quantity without percentage). The energy may cover only some
  /// machines; the pieces cover all.
  static func energy(_ figures: Figures) -> JSON {
    let time = figures.time
    let isKnown = !figures.isWithoutOutput
    return .object(
      [
        ("kwh", time.hasEnergy && isKnown ? .string(Thousandths.text(time.energy)) : .null),
        ("good", isKnown ? .string(Thousandths.text(time.good)) : .null),
        (Metric.energyIntensityKey, .text(time.energyIntensity)),
        ("machines", .integer(time.machines)), ("machines_with_energy", .integer(time.machinesWithEnergy)),
        ("absent", .text(figures.intensityAbsence?.rawValue)),
      ] + output(time, isKnown: isKnown))
  }

  /// The pieces behind the energy per piece, where some machines do not count the output of their line.
  private static func output(_ time: TimeFigures, isKnown: Bool) -> [(key: String, value: JSON)] {
    guard time.machinesNotCounting > 0 else { return [] }
    return [
      ("output", isKnown ? .string(Thousandths.text(time.output)) : .null),
      ("machines_not_counting_output", .integer(time.machinesNotCounting)),
    ]
  }

  /// Number of machines behind the figures of a period.
  static func machines(_ time: TimeFigures) -> JSON {
    .object([
      ("in_service", .integer(time.machines)), ("heard", .integer(time.machinesHeard)),
      ("heard_half_the_days", .integer(time.machinesHeardHalf)),
      ("without_interval", .integer(time.machinesUndeclared)),
      ("planned_shutdown_ms", .integer(Int(clamping: time.shutdown))),
    ])
  }

  /// The meter that one machine shares with others; null if it has its own.
  static func sharedMeter(_ shared: SharedMeter?) -> JSON {
    guard let shared else { return .null }
    return .object([
      ("meter", .string(shared.meter)), ("with", .array(shared.with.map { .string($0) })),
      ("kwh", .text(shared.energy.map { Thousandths.text($0) })),
    ])
  }

  package static func ratio(_ count: Count) -> JSON {
    .object([
      ("numerator", .integer(count.numerator)), ("denominator", .integer(count.denominator)),
      ("percent", .text(count.percent)),
    ])
  }

  package static func buckets(_ counts: BucketCounts) -> JSON {
    .object([
      ("reporting", .integer(counts.reporting)), ("silent", .integer(counts.silent)),
      ("offline", .integer(counts.offline)), ("refused", .integer(counts.refused)),
      ("never_seen", .integer(counts.neverSeen)),
      ("not_connectable", .integer(counts.notConnectable)), ("retired", .integer(counts.retired)),
      ("unregistered", .integer(counts.unregistered)),
    ])
  }
}
