import Aggregation
import Daemon
import Reporting
import Storage
import Telemetry

/// The pages for operators: metrics and health.
extension WebSite {
  /// Routes of `/metrics` and `/health`. Health is open to everybody, since what asks for it often has no credentials;
  /// the metrics are the district's.
  ///
  /// - Parameter activity: what the server has done.
  package func operatorRoutes(_ activity: @escaping @Sendable () -> ServerActivity) -> [Route] {
    [
      Route("/health/live", .open) { [self] _ in Self.answer(HealthPage.live(now: now())) },
      Route("/health/ready", .open) { [self] _ in Self.answer(ready()) },
      Route("/metrics", .district) { [self] _ in
        let now = now()
        let counts = (try? snapshot())?.report.flatMap(DistrictCounts.init)
        let page = MetricsPage(
          judgement(now), counts, activity(), namesFactories: settings.web.metricsByFactory, now: now)
        return .text(page.text, type: MetricsPage.contentType)
      },
    ]
  }

  private static func answer(_ page: HealthPage) -> WebResponse {
    .text(page.json, type: "application/json", status: page.code)
  }

  private func ready() -> HealthPage {
    let now = now()
    let state: HealthPage.StoreState
    do {
      let snapshot = try snapshot()
      state =
        snapshot.report == nil
        ? .missing : .readable(countsAsOf: snapshot.moment.asOf)
    } catch {
      // The message may have paths, and everybody may ask.
      state = .unreadable
    }
    return .ready(judgement(now), state, now: now)
  }

  private func judgement(_ now: Timestamp) -> StatusJudgement? {
    guard let place = try? store.statusPlace(of: .embedded) else { return nil }
    return try? StatusJudgement(of: place, now: now)
  }
}

extension DistrictCounts {
  /// The counts of a district's report; nil for a report on something else.
  init?(_ report: Report) {
    guard case .district(let ranking) = report.contents else { return nil }
    self.init(
      asOf: report.asOf, figures: report.figures,
      factories: ranking.factories.map { Factory(id: $0.factory.id, figures: $0.figures) }.sorted {
        $0.id < $1.id
      }, repairsPending: report.repairsPending)
  }
}
