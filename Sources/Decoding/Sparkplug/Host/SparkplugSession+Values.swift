import Telemetry

extension SparkplugSession {
  /// Settings of a host application.
  public struct Settings: Hashable, Sendable {
    /// Name of the host application, the last level of its STATE topic. Edge nodes wait for exactly this name.
    public var hostID: String
    public var namespace: SparkplugNamespace
    /// Groups whose edge nodes are heard; nil for all.
    public var groups: [String]?
    /// Time for which messages behind a gap wait for the missing ones.
    public var reorderTimeout: Span
    /// Minimum time between two rebirth requests to an edge node. It doubles with each request that is not answered.
    public var rebirthInterval: Span
    public var longestRebirthInterval: Span
    /// Maximum number of rebirth requests in a tick, to all edge nodes together.
    public var rebirthsPerTick: Int

    /// Settings; by default messages wait 5 s, and a node is asked at most every 10 s, and then every 20 s up to 10
    /// minutes.
    public init(
      hostID: String, namespace: SparkplugNamespace = .b, groups: [String]? = nil,
      reorderTimeout: Span = .seconds(5), rebirthInterval: Span = .seconds(10),
      longestRebirthInterval: Span = .minutes(10),
      rebirthsPerTick: Int = 50
    ) {
      self.hostID = hostID
      self.namespace = namespace
      self.groups = groups
      self.reorderTimeout = reorderTimeout
      self.rebirthInterval = rebirthInterval
      self.longestRebirthInterval = longestRebirthInterval
      self.rebirthsPerTick = rebirthsPerTick
    }
  }

  /// The consequences of a message.
  public struct Arrival: Equatable, Sendable {
    /// Held messages to be processed before it.
    public var before: [SparkplugHeldMessage] = []
    /// Whether to process the message itself now. If not, it is held, or it was addressed to the host.
    public var isDelivered = false
    /// Held messages to be processed after it.
    public var after: [SparkplugHeldMessage] = []
    /// Messages to publish.
    public var publications: [SparkplugPublication] = []
  }

  /// Messages whose wait is over, and messages to publish.
  public struct Due: Equatable, Sendable {
    public var messages: [SparkplugHeldMessage] = []
    public var publications: [SparkplugPublication] = []
  }

  /// Counters since the session was made.
  public struct Counters: Equatable, Sendable {
    /// Gaps in the numbers of edge nodes, and those that were filled in time.
    public var gaps = 0
    public var gapsFilled = 0
    public var rebirthRequests = 0
    /// Messages without a number from 0 to 255 that should have one.
    public var withoutSequence = 0
    /// Times at which the host had to state again that it is online.
    public var statesRepeated = 0

    /// Counters at zero.
    public init() {}
  }
}
