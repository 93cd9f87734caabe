import Decoding
import Logging

extension Logger {
  /// Maximum number of pairs that are logged.
  private static let mostPairs = 5

  /// Warns of filters that overlap: the broker may deliver messages of both twice.
  package func overlappingFilters(of router: Router) {
    for (first, second) in router.overlappingFilters.prefix(Self.mostPairs) {
      warning(
        "a broker may deliver messages that two filters match twice, and those without a time of their own may then count as two readings; begin the topics of the sources with a fixed level instead of a placeholder or +",
        metadata: ["filters": "\(first) \(second)"])
    }
  }
}
