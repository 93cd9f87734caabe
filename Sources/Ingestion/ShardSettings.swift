import Storage
import Decoding
import Journal
import Telemetry

/// What a shard needs to know beside its store and its broker session.
public struct ShardSettings: Sendable {
  /// Tried in order: the first that matches a topic decodes it.
  public var sources: [Source]
  public var limits: DecodingLimits
  /// Formats of sources that are not built in.
  public var formats: FormatCatalog
  /// The most senders that may be unknown to the register.
  public var unregisteredSenders: Int
  public var calendar: LocalCalendar
  public var horizonMinimum: Span
  /// How long more than a few changes of the views may be gathered before they are written.
  public var viewInterval: Span
  /// Topic filters of earlier configurations: messages that still arrive for them are stored and not refused.
  public var formerFilters: [TopicFilter]
  /// How often a quiet connection is noted in the journal.
  public var observationInterval: Span
  /// Whether the broker sends retained messages at each subscription, even in a resumed session: always so in MQTT
  /// 3.1.1.
  public var receivesRetainedAgain: Bool

  /// Settings; intervals by default half a second and ten seconds.
  public init(
    sources: [Source], limits: DecodingLimits = DecodingLimits(), unregisteredSenders: Int = 10_000,
    calendar: LocalCalendar, horizonMinimum: Span = .minutes(15), viewInterval: Span = .milliseconds(500),
    observationInterval: Span = .seconds(10), formerFilters: [TopicFilter] = [],
    receivesRetainedAgain: Bool = false, formats: FormatCatalog = FormatCatalog()
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
  /// What decides which events bytes become.
  public var rules: DecodingRules { DecodingRules(sources: sources, limits: limits) }
}

/// Something a shard did that its operator may want to know.
public enum ShardEvent {
  /// The store was claimed; so many journal blocks were replayed into the views.
  case claimed(senders: Int, blocksReplayed: Int64, messagesReplayed: Int)
  case connected(sessionPresent: Bool)
  /// The broker had lost the session: what was sent in between is lost, and shows as a gap.
  case sessionLost
  case disconnected(DisconnectedBecause)
  /// The broker says that it dropped so many more messages, of whichever client's.
  case brokerDropped(Int64)
  /// Views built anew were taken over; so many journal blocks were replayed into them.
  case rebuilt(blocksReplayed: Int64)
  /// The journal has the decision to read what was received from a day on anew, by the sources in effect.
  case rereads(from: CalendarDay, block: Int64)
  /// The views could not be written; they are tried again, the journal has everything.
  case viewsBehind(any Error)
  /// The end of a connection could not be noted in the journal.
  case journalFailed(any Error)
  /// Days marked after late records could not be recomputed; it is tried again, they stay marked.
  case repairFailed(any Error)
  /// The journal's blocks could not be packed; they take more room, and it is tried again.
  case untidy(any Error)
  /// A file of the store was removed, renamed or replaced, or another process writes to it. Nothing is acknowledged
  /// any more: the session must be stopped.
  case storeRemoved(StoreError)
  /// The shard did not listen for a while although it was connected: that time is not observed.
  case listeningBroke(ListeningBreak, from: Timestamp, length: Span)
  /// Nothing has come from anybody since then though the connection stands, for longer than the largest horizon, while
  /// senders had been speaking; or the probe, which used to come back, is overdue. Time is not observed until something
  /// comes.
  case heardNothing(since: Timestamp, probeIsOverdue: Bool)
  /// The broker does not let the shard prove that it hears: silence is judged instead. Reported once.
  case probeRefused(HearingProbe.Refusal, topic: String)
  /// Something came after that.
  case hearsAgain(since: Timestamp, until: Timestamp)
  /// Messages flagged retained arrive over a minute after the last subscription that delivers retained messages. They
  /// count, since the broker or a bridge keeps the flag of live messages. Reported once per connection.
  case keepsRetainFlag
  /// The register could not be read; what was read last stays in use.
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

  /// Why a connection ended.
  public struct DisconnectedBecause: Sendable {
    public var description: String
    /// Whether trying again cannot help before someone changes something.
    public var needsOperator: Bool
  }
}

/// What a shard has done since it was claimed.
public struct ShardCounters: Sendable {
  public var messages = 0
  public var rejected = 0
  public var redelivered = 0
  public var windows = 0
  /// Messages that arrived for filters of earlier configurations.
  public var former = 0
  /// Refused messages by reason.
  public internal(set) var refusals = Refusals()
  /// Receipt of the newest message; nil before the first.
  public internal(set) var newest: Timestamp?
  /// The newest block with messages; 0 before the first.
  public internal(set) var block: Int64 = 0

  /// Nothing yet.
  public init() {}
}
