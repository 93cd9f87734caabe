import Storage
import Decoding
import Journal
import Telemetry

/// Settings of a shard.
public struct ShardSettings: Sendable {
  /// Tried in order: the first source that matches a topic decodes its messages.
  public var sources: [Source]
  public var limits: DecodingLimits
  /// The register's ids for published names.
  public var naming = Naming.none
  /// Formats of sources that are not built in.
  public var formats: FormatCatalog
  /// Maximum number of senders that are unknown to the register.
  public var unregisteredSenders: Int
  public var calendar: LocalCalendar
  public var horizonMinimum: Span
  /// Maximum time for which many changes of the views are collected before they are written.
  public var viewInterval: Span
  /// Topic filters of earlier configurations. Messages that still arrive for them are stored and not refused.
  public var formerFilters: [TopicFilter]
  /// Interval at which a quiet connection is noted in the journal.
  public var observationInterval: Span
  /// Whether the broker sends retained messages at each subscription, even in a resumed session. Always true in MQTT
  /// 3.1.1.
  public var receivesRetainedAgain: Bool

  /// Settings; the view interval is half a second and the observation interval ten seconds by default.
  public init(
    sources: [Source], limits: DecodingLimits = DecodingLimits(), unregisteredSenders: Int = 10_000,
    calendar: LocalCalendar, horizonMinimum: Span = .minutes(15), viewInterval: Span = .milliseconds(500),
    observationInterval: Span = .seconds(10), formerFilters: [TopicFilter] = [],
    receivesRetainedAgain: Bool = false, formats: FormatCatalog = SourceFormats.catalog
  ) {
    self.formats = formats
    self.sources = sources
    self.limits = limits
    self.unregisteredSenders = unregisteredSenders
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
    self.viewInterval = viewInterval
    self.observationInterval = observationInterval
    self.formerFilters = formerFilters
    self.receivesRetainedAgain = receivesRetainedAgain
  }
}

extension ShardSettings {
  /// The rules by which bytes become events.
  public var rules: DecodingRules {
    DecodingRules(sources: sources, limits: limits, naming: naming)
  }
}

/// An event of a shard that may interest its operator.
public enum ShardEvent {
  /// The store was claimed, and this number of journal blocks was replayed into the views.
  case claimed(senders: Int, blocksReplayed: Int64, messagesReplayed: Int)
  case connected(sessionPresent: Bool)
  /// The broker had lost the session. Messages sent in between are lost, and the time shows as a gap.
  case sessionLost
  case disconnected(DisconnectedBecause)
  /// The session of the Sparkplug host application is connected again.
  case hostConnected
  /// The session of the Sparkplug host application has ended. Until it is connected again, nothing is observed.
  case hostDisconnected(DisconnectedBecause)
  /// The broker reports that it dropped this number of further messages, of any client.
  case brokerDropped(Int64)
  /// Rebuilt views were adopted, and this number of journal blocks was replayed into them.
  case rebuilt(blocksReplayed: Int64)
  /// The journal has the decision to read the messages of a scope anew, by the current sources.
  case rereads(RereadingScope, block: Int64)
  /// The views could not be written. It is tried again; the journal has everything.
  case viewsBehind(any Error)
  /// The end of a connection could not be noted in the journal.
  case journalFailed(any Error)
  /// Days marked after late records could not be recomputed. It is tried again; the days stay marked.
  case repairFailed(any Error)
  /// The journal's blocks could not be packed. They use more disk space; it is tried again.
  case untidy(any Error)
  /// A file of the store was removed, renamed or replaced, or another process writes to it. Nothing more is
  /// acknowledged: the session must be stopped.
  case storeRemoved(StoreError)
  /// The shard did not listen for a while although it was connected. That time is not observed.
  case listeningBroke(ListeningBreak, from: Timestamp, length: Span)
  /// No message has arrived since that time although the connection stands, for longer than the largest horizon, and
  /// senders had been active; or an echo of the probe, which used to return, is overdue. Time is not observed until a
  /// message arrives.
  case heardNothing(since: Timestamp, probeIsOverdue: Bool)
  /// The broker does not let the shard prove that it hears; silence is judged instead. Reported once.
  case probeRefused(HearingProbe.Refusal, topic: String)
  /// A message arrived after a silence.
  case hearsAgain(since: Timestamp, until: Timestamp)
  /// Messages flagged retained arrive over a minute after the last subscription that delivers retained messages. They
  /// count, because the broker or a bridge keeps the flag of live messages. Reported once per connection.
  case keepsRetainFlag
  /// The births and remembered values of a factory's machines cannot be stored in the journal, and are forgotten:
  /// messages that only they explain make no readings until births or complete messages come. Reported once until they
  /// can be stored.
  case stateLost(factory: String, StateLoss)
  /// The register could not be read; the last version stays in use.
  case registerUnreadable(any Error)

  /// Cause of an interruption of listening.
  public enum ListeningBreak: Equatable, Sendable {
    /// The process was stopped, or its thread did not run.
    case stopped
    /// The machine was suspended.
    case suspended
    /// The system's clock was set; a positive span means forward.
    case clockSet(by: Span)
  }

  /// The reason why a connection ended.
  public struct DisconnectedBecause: Sendable {
    public var description: String
    /// Whether a retry is useless before someone changes a setting.
    public var needsOperator: Bool
  }
}

/// Counters of a shard since it was claimed.
public struct ShardCounters: Sendable {
  public var messages = 0
  public var rejected = 0
  public var redelivered = 0
  public var windows = 0
  /// Messages that arrived for filters of earlier configurations.
  public var former = 0
  /// Counts of Sparkplug messages, and of the host application's sessions.
  public internal(set) var sparkplug = SparkplugCounts()
  /// Refused messages by reason.
  public internal(set) var refusals = Refusals()
  /// Receipt of the newest message; nil before the first.
  public internal(set) var newest: Timestamp?
  /// Number of the newest block with messages; 0 before the first.
  public internal(set) var block: Int64 = 0

  /// Counters at zero.
  public init() {}
}
