import Aggregation
import Telemetry

/// Counts of a district at one moment, for operators.
package struct DistrictCounts: Sendable {
  /// Counts of one factory.
  package struct Factory: Sendable {
    package var id: String
    package var figures: Figures

    package init(id: String, figures: Figures) {
      self.id = id
      self.figures = figures
    }
  }

  package var asOf: Timestamp
  package var figures: Figures
  /// Ascending by id.
  package var factories: [Factory]
  /// Days of equipment that wait to be recomputed.
  package var repairsPending: Int

  /// Counts of their parts.
  package init(asOf: Timestamp, figures: Figures, factories: [Factory], repairsPending: Int) {
    self.asOf = asOf
    self.figures = figures
    self.factories = factories
    self.repairsPending = repairsPending
  }
}

/// Counts of a web server since it was started.
package struct ServerActivity: Sendable {
  package var version: String
  package var startedAt: Timestamp
  /// Requests answered, by the first digit of the status: 2 to 5.
  package var requests: [Int: Int]
  /// Viewers of live pages at this moment.
  package var viewers: Int
  /// Logins that failed or had to wait.
  package var failedLogins: Int

  /// The activity of a server.
  package init(
    version: String, startedAt: Timestamp, requests: [Int: Int] = [:], viewers: Int = 0, failedLogins: Int = 0
  ) {
    self.version = version
    self.startedAt = startedAt
    self.requests = requests
    self.viewers = viewers
    self.failedLogins = failedLogins
  }
}
