import Aggregation
import Register
import Telemetry

/// Writes a report as JSON, schema `millwright.report/1`: compact, keys in a fixed order.
public struct JSONRenderer: Sendable {
  /// Version of the schema.
  public static let version = 1
  /// The schema's name, first in every document.
  public static let schema = "millwright.report/\(version)"
  /// Whether to indent by two spaces.
  public var pretty: Bool

  /// A renderer.
  public init(pretty: Bool = false) { self.pretty = pretty }

  /// The document, ending in a newline.
  public func render(_ report: Report) -> String {
    let calendar = report.calendar
    let period = report.observation.period
    var members: [(key: String, value: JSON)] = [
      ("schema", .string(Self.schema)),
      (
        "scope",
        .object([
          ("kind", .string(report.scope.kind)), ("id", .string(report.id)),
          ("name_zh", .string(report.nameChinese)), ("name_en", .string(report.nameEnglish)),
        ])
      ),
      ("as_of", .string(calendar.rfc3339(report.asOf))),
      ("known_at", .string(calendar.rfc3339(report.knownAt))),
      (
        "period",
        .object([
          ("from", .string(period.firstDay.description)), ("to", .string(period.lastDay.description)),
          ("timezone", .string(calendar.identifier)),
          ("asked_to", .text(period.askedLastDay?.description)),
          ("asked_as_of", .text(period.askedAsOf.map(calendar.rfc3339))),
          ("states_at_as_of", .boolean(period.showsStates)),
        ])
      ),
      ("register_version", .integer(report.registerVersion)),
      ("calendar_version", .integer(report.calendarVersion)),
      ("repairs_pending", .integer(report.repairsPending)),
      ("sufficient", .boolean(report.observation.isSufficient)),
      ("headline", HeadlineJSON.value(report)),
      ("trend", TrendJSON.value(report.trend)),
      (
        "metrics",
        .object(
          FigureJSON.metrics(report.figures)
            + [(Metric.observationCoverage.key, FigureJSON.ratio(report.observation.coverage))])
      ),
      ("machines", FigureJSON.machines(report.figures.time)),
      ("energy", FigureJSON.energy(report.figures)),
      ("shared_meter", FigureJSON.sharedMeter(report.sharedMeter)),
      ("buckets", FigureJSON.buckets(report.figures.buckets)),
      (
        "policies",
        .array(
          report.policies.map {
            PolicyJSON.value($0, over: period.days, hasPoints: report.scope != .district)
          })
      ),
      ("before_after", RetrofitJSON.value(report)),
    ]
    if !report.forms.isEmpty {
      members.append(("forms", .array(report.forms.map { FormJSON.value($0, calendar) })))
    }
    members += contents(report)
    members.append(("details", report.details.map { DetailsJSON.value($0, calendar) } ?? .null))
    members.append(("actions", .array(report.actions.map(ActionJSON.value))))
    let flags = report.flags.prefix(MessageJSON.mostListed)
    members.append(("flags", .array(flags.map { FlagJSON.value($0, calendar) })))
    members.append(("flag_counts", .array(report.flagCounts.map(FlagJSON.value))))
    members.append(("alarms", alarms(report)))
    members.append(("data_quality", dataQuality(report)))
    members.append(("gaps", .array(report.gaps.prefix(MessageJSON.mostListed).map { gap($0, calendar) })))
    members.append(("provenance", provenance(report.provenance)))
    return JSON.object(members).serialized(pretty: pretty) + "\n"
  }

  /// The level below the scope. `workshops` is always present; the other members only if they are not empty.
  private func contents(_ report: Report) -> [(key: String, value: JSON)] {
    switch report.contents {
    case .factory(let workshops):
      return [("workshops", .array(workshops.map(workshop)))]
    case .workshop(let lines):
      return [("workshops", .array([])), ("lines", .array(lines.map { group($0.id, $0.figures) }))]
    case .line(let equipment):
      return [
        ("workshops", .array([])),
        ("equipment", .array(equipment.map { EquipmentJSON.value($0, report) })),
      ]
    case .equipment(let equipment):
      return [
        ("workshops", .array([])), ("equipment", .array([EquipmentJSON.value(equipment, report)])),
      ]
    case .district(let ranking):
      return [
        ("workshops", .array([])),
        ("ranked_by", .string(ranking.order.key)),
        ("factories", .array(ranking.factories.map(Self.factory))),
        ("rollup", rollup(report.figures, ranking)),
        (
          "distribution",
          .object(ranking.distributions.map { ($0.metric.key, distribution($0.distribution)) })
        ),
        ("industries", .array(ranking.industries.map(industry))),
        ("attainment", .array(ranking.attainments.map(PolicyJSON.value))),
      ]
    }
  }

  private func workshop(_ workshop: WorkshopAssessment) -> JSON {
    .object(
      groupMembers(workshop.id, workshop.figures)
        + [("lines", .array(workshop.lines.map { group($0.id, $0.figures) }))])
  }

  private func group(_ id: String, _ figures: Figures) -> JSON { .object(groupMembers(id, figures)) }

  private func groupMembers(_ id: String, _ figures: Figures) -> [(key: String, value: JSON)] {
    [
      ("id", .string(id)), ("metrics", .object(FigureJSON.metrics(figures))),
      ("machines", FigureJSON.machines(figures.time)), ("buckets", FigureJSON.buckets(figures.buckets)),
    ]
  }

  /// One factory of a district.
  package static func factory(_ summary: FactorySummary) -> JSON {
    .object([
      ("id", .string(summary.factory.id)), ("name_zh", .string(summary.factory.nameChinese)),
      ("name_en", .string(summary.factory.nameEnglish)), ("registered", .boolean(summary.isRegistered)),
      ("metrics", .object(FigureJSON.metrics(summary.figures))),
      ("machines", FigureJSON.machines(summary.figures.time)),
      ("buckets", FigureJSON.buckets(summary.figures.buckets)),
    ])
  }

  private func distribution(_ distribution: Distribution) -> JSON {
    .object([
      ("from_percent", .array(Distribution.bounds.map { .integer($0) })),
      ("factories", .array(distribution.factories.map { .integer($0) })),
      ("without", .integer(distribution.without)),
    ])
  }

  private func industry(_ industry: IndustryFigures) -> JSON {
    .object([
      ("industry", .string(industry.industry)), ("factories", .integer(industry.factories)),
      ("metrics", .object(FigureJSON.metrics(industry.figures))),
      ("machines", FigureJSON.machines(industry.figures.time)),
      ("buckets", FigureJSON.buckets(industry.figures.buckets)),
    ])
  }

  /// The district's pooled ratios, and beside them the mean and the median of the factories' own ratios.
  private func rollup(_ figures: Figures, _ ranking: Report.Ranking) -> JSON {
    func spreads(_ pick: (Spread) -> Int) -> JSON {
      .object(
        Metric.ranked.filter { !$0.needsFormAttributes || ranking.spreads[$0] != nil }.map { metric in
          guard let spread = ranking.spreads[metric] else { return (metric.key, .null) }
          let millionths = pick(spread)
          return (
            metric.key,
            .object([
              ("factories", .integer(spread.factories)), ("millionths", .integer(millionths)),
              ("percent", .text(Count(millionths, of: 1_000_000).percent)),
            ])
          )
        })
    }
    return .object([
      ("metrics", .object(FigureJSON.metrics(figures))), ("buckets", FigureJSON.buckets(figures.buckets)),
      ("mean", spreads(\.mean)), ("median", spreads(\.median)),
    ])
  }

  private func alarms(_ report: Report) -> JSON {
    .array(
      report.alarms.prefix(MessageJSON.most).map { alarm in
        let factory = alarm.factory.map { [(key: "factory", value: JSON.string($0))] }
        let machines = report.details?.alarms[alarm.code].map { one -> [(key: String, value: JSON)] in
          [
            ("machines", .integer(one.machines)), ("most_by", .string(one.most)),
            ("raised_by_it", .integer(one.raised)),
          ]
        }
        return .object(
          [("code", .string(alarm.code)), ("raised", .integer(alarm.raised))] + (factory ?? [])
            + (machines ?? []))
      })
  }

  private func dataQuality(_ report: Report) -> JSON {
    let time = report.figures.time
    return .object([
      ("readings", .integer(time.readings)), ("missing", .integer(time.missing)),
      ("equal_times", .integer(time.ties)), ("meter_resets", .integer(time.meterResets)),
      ("meter_glitches", .integer(time.meterGlitches)), ("falling_meters", .integer(time.fallingMeters)),
      ("good_above_total", .integer(time.goodAboveTotal)), ("saturated", .integer(time.saturated)),
      ("silences", silences(report)), ("senders_left_out", .integer(report.leftOut)),
      ("broker_drops", count(report.brokerDrops)), ("retained", count(report.retained)),
      ("retain_flag_kept", count(report.retainFlagKept)),
      (
        "rejections",
        .object(report.rejections.map { ($0.reason.name, .integer($0.messages)) })
      ),
      ("refusals", MessageJSON.refusals(report.refusals, report.calendar)),
      ("field_errors", MessageJSON.fieldErrors(report.fieldErrors)),
      ("omitted", MessageJSON.omitted(report)),
    ])
  }

  private func count(_ number: Int?) -> JSON { number.map { .integer($0) } ?? .null }

  private func silences(_ report: Report) -> JSON {
    .array(
      report.silences.suffix(MessageJSON.most).map { silence in
        .object([
          ("since", .string(report.calendar.rfc3339(silence.lowerBound))),
          ("until", .string(report.calendar.rfc3339(silence.upperBound))),
        ])
      })
  }

  private func gap(_ gap: Gap, _ calendar: LocalCalendar) -> JSON {
    let assessment = gap.assessment
    return .object([
      ("reason", .string(gap.kind.rawValue)), ("factory", .string(gap.factory)),
      ("equipment", .text(assessment?.key.equipment)), ("workshop", .text(assessment?.workshop)),
      ("line", .text(assessment?.line)), ("name", .text(assessment?.name)),
      ("topic_workshop", .text(assessment?.evidence?.topicWorkshop)),
      ("last_heard", .text(assessment?.lastHeard.map(calendar.rfc3339))),
      ("rejections", .integer(assessment?.evidence?.rejections ?? 0)), ("senders", .integer(gap.senders)),
      ("twin", .text(gap.twin)),
    ])
  }

  private func provenance(_ provenance: Report.Provenance) -> JSON {
    .object([
      ("journal_head", .text(provenance.journalHead)), ("day_root", .text(provenance.dayRoot)),
      ("day_root_of", .text(provenance.dayRootOf?.description)),
      ("register_hash", .text(provenance.register?.hash)),
      ("register_imports", .integer(Int(clamping: provenance.register?.imports ?? 0))),
      ("telemetry_after_known_at", .boolean(provenance.telemetryAfterKnownAt)),
      ("version", .string(provenance.version)),
    ])
  }
}
