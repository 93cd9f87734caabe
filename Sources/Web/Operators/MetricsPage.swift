import Aggregation
import Daemon
import Telemetry

/// The page `/metrics` in Prometheus' text format: a function of the collector's status, the district's counts and the
/// time.
///
/// Names begin with `millwright_` and state base units. No label names equipment; factories are named only on request.
/// Counters are those of one run of a process and begin again at zero with the next; while there is no status, their
/// metrics are absent, so that a rate never sees a false reset.
package struct MetricsPage: Sendable {
  /// `Content-Type` of the page.
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The metrics, in the order of the page.
  package let families: [MetricFamily]

  /// - Parameters:
  ///   - judgement: the collector; nil if the store or its status cannot be read.
  ///   - district: nil if the views cannot be read.
  ///   - namesFactories: whether counts of each factory are included, about 30 series for each.
  package init(
    _ judgement: StatusJudgement?, _ district: DistrictCounts?, _ server: ServerActivity,
    namesFactories: Bool = false, now: Timestamp
  ) {
    var families = Self.server(server)
    families += Self.collector(judgement, now)
    if let status = judgement?.status {
      families += Self.broker(status) + Self.messages(status) + Self.store(status, now)
      families += Self.sparkplug(status.sparkplug)
    }
    if let district {
      families += Self.district(district)
      if namesFactories { families += Self.factories(district.factories) }
    }
    self.families = families
  }

  /// The page.
  package var text: String {
    var text = ""
    for family in families { family.write(to: &text) }
    return text
  }

  // MARK: District

  private static func district(_ district: DistrictCounts) -> [MetricFamily] {
    let buckets = district.figures.buckets
    return [
      MetricFamily(
        "district_as_of_time_seconds", .gauge, "Instant of the counts below, in Unix time.",
        .milliseconds(district.asOf.milliseconds)),
      MetricFamily(
        "district_factories", .gauge, "Factories in the register or named by a sender.",
        .integer(Int64(district.factories.count))),
      MetricFamily(
        "district_equipment", .gauge, "Production equipment in service, by its bucket; the sum is the base.",
        by: "bucket", counts(buckets)),
      MetricFamily(
        "district_equipment_outside", .gauge,
        "Equipment and senders that are not in the base, by the reason.",
        by: "reason",
        [
          ("auxiliary", Int64(buckets.auxiliary)), ("not_yet_in_service", Int64(buckets.notYetInService)),
          ("retired", Int64(buckets.retired)), ("unregistered", Int64(buckets.unregistered)),
        ]),
      MetricFamily(
        "district_figure_numerator", .gauge,
        "Numerator of a ratio that counts equipment, by its key in reports.",
        by: "figure", figures(district.figures).map { ($0.key, Int64($0.count.numerator)) }),
      MetricFamily(
        "district_figure_denominator", .gauge,
        "Denominator of a ratio that counts equipment, by its key in reports; 0 if there is nothing to count.",
        by: "figure", figures(district.figures).map { ($0.key, Int64($0.count.denominator)) }),
      MetricFamily(
        "district_repairs_pending", .gauge,
        "Days of equipment that wait to be recomputed after late messages.",
        .integer(Int64(district.repairsPending))),
    ]
  }

  private static func counts(_ buckets: BucketCounts) -> [(String, Int64)] {
    Bucket.allCases.map { ($0.key, Int64(buckets[$0])) }
  }

  private static func figures(_ figures: Figures) -> [(key: String, count: Count)] {
    Metric.equipmentRatios.compactMap { metric in figures.count(of: metric).map { (metric.key, $0) } }
  }

  private static func factories(_ factories: [DistrictCounts.Factory]) -> [MetricFamily] {
    var equipment = MetricFamily(
      "factory_equipment", .gauge, "Production equipment in service of a factory, by its bucket.", [])
    var numerators = MetricFamily(
      "factory_figure_numerator", .gauge, "Numerator of a factory's ratio, by its key in reports.", [])
    var denominators = MetricFamily(
      "factory_figure_denominator", .gauge, "Denominator of a factory's ratio, by its key in reports.", [])
    for factory in factories {
      let label = MetricFamily.Label("factory", factory.id)
      func add(_ value: Int64, _ name: String, _ key: String, to family: inout MetricFamily) {
        family.samples.append(.init(labels: [label, .init(name, key)], value: .integer(value)))
      }
      for (key, value) in counts(factory.figures.buckets) { add(value, "bucket", key, to: &equipment) }
      for (key, count) in figures(factory.figures) {
        add(Int64(count.numerator), "figure", key, to: &numerators)
        add(Int64(count.denominator), "figure", key, to: &denominators)
      }
    }
    return [equipment, numerators, denominators]
  }

  // MARK: Server

  private static func server(_ server: ServerActivity) -> [MetricFamily] {
    [
      MetricFamily(
        "build_info", .gauge, "Version of the web server; the value is always 1.", by: "version",
        [(server.version, 1)]),
      MetricFamily(
        "web_start_time_seconds", .gauge, "Start of the web server, in Unix time.",
        .milliseconds(server.startedAt.milliseconds)),
      MetricFamily(
        "web_requests_total", .counter, "Requests that the web server has answered, by class of status.",
        by: "class", (2...5).map { ("\($0)xx", Int64(max(0, server.requests[$0] ?? 0))) }),
      MetricFamily(
        "web_viewers", .gauge, "Viewers of live pages.", .integer(Int64(max(0, server.viewers)))),
      MetricFamily(
        "web_failed_logins_total", .counter, "Logins that failed or had to wait.",
        .integer(Int64(max(0, server.failedLogins)))),
    ]
  }
}
