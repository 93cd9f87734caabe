import Configuration
import Decoding
import MQTT

/// Tries whether a broker would serve a collector: with a session of its own, which is clean and leaves nothing
/// behind. The collector's own session is not touched.
public struct BrokerProbe: Sendable {
  /// Result of the trial, up to the step that it reached.
  public enum Finding: Equatable, Sendable {
    /// Nothing answered as a broker.
    case unreachable(Problem)
    /// The broker answered, and did not let us in or closed the connection.
    case refused(Problem)
    /// We are let in, but some filters are not granted.
    case withheld([Problem])
    /// A collector would be served.
    case served

    /// Every problem.
    public var problems: [Problem] {
      switch self {
      case .unreachable(let problem), .refused(let problem): [problem]
      case .withheld(let problems): problems
      case .served: []
      }
    }
  }

  /// A fault and its remedy.
  public struct Problem: Equatable, Sendable {
    public var description: String
    public var remedy: Remedy
  }

  /// A sentence that says what to change, in both languages.
  public struct Remedy: Equatable, Sendable {
    public var english: String
    public var chinese: String
  }

  private let endpoint: BrokerEndpoint
  private let filters: [String]

  /// A trial of `endpoint`, whose client id should be nobody else's.
  public init(_ endpoint: BrokerEndpoint, filters: [String]) {
    self.endpoint = endpoint
    self.filters = filters
  }

  /// A trial of what a collector would do by its configuration, with another client id.
  public init(_ settings: CollectorSettings) {
    let id = String(UInt64.random(in: .min ... .max), radix: 16)
    self.init(
      settings.endpoint(clientID: "millwright-probe-\(id)"), filters: Router(settings.shard.sources).filters)
  }

  /// Connects, subscribes and disconnects. Blocks for at most twice the connect deadline.
  ///
  /// - Throws: ``MQTT/BrokerSessionError/settings(_:)`` naming what to change before anything is tried.
  public func run() throws(BrokerSessionError) -> Finding {
    try endpoint.validate()
    do throws(DisconnectReason) {
      let grants = try ConnectionTrial.run(endpoint, filters: filters)
      let refused = grants.compactMap { grant in
        grant.refusal.map { refusal in
          Problem(
            description: "the broker does not grant '\(grant.filter)' at QoS 1: \(refusal)",
            remedy: Remedy(notGranted: grant.filter, code: grant.code, to: endpoint.username))
        }
      }
      return refused.isEmpty ? .served : .withheld(refused)
    } catch {
      let problem = Problem(description: error.description, remedy: Remedy(error, at: endpoint))
      switch error {
      case .unreachable, .noAnswer, .foreign, .tls: return .unreachable(problem)
      default: return .refused(problem)
      }
    }
  }
}
