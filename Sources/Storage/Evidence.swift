import Journal
import Telemetry

/// Evidence of one sender at an instant t, from records with event time at or before t.
///
/// Everything that depends on the register (horizon, denominator) is applied by the reader.
public struct EquipmentEvidence: Equatable, Sendable {
  /// The newest stretch of readings that began at or before t.
  public struct Readings: Equatable, Sendable {
    /// Event time of the newest reading at or before t; t itself where only that is known that t lies inside the
    /// stretch: within one no two readings are further apart than the horizon minimum.
    public var last: Timestamp
    /// Whether `last` is a reading's time, and not t.
    public var isExact: Bool
    /// An offline at or before t that ends the vouching of `last`; nil when none does.
    public var cut: Timestamp?
    /// State and mode the stretch vouches for.
    public var state: EquipmentState
    public var mode: OperatingMode
    /// How its readings vouch.
    public var vouching: Vouching
    /// Event time of the reading after `last` if it shows that messages between them are missing; nil if none does.
    public var lostUntil: Timestamp?

    /// A stretch of readings as seen at t.
    public init(
      last: Timestamp, isExact: Bool = true, cut: Timestamp? = nil, state: EquipmentState,
      mode: OperatingMode = .unstated, vouching: Vouching = .horizon, lostUntil: Timestamp? = nil
    ) {
      self.isExact = isExact
      self.last = last
      self.cut = cut
      self.state = state
      self.mode = mode
      self.vouching = vouching
      self.lostUntil = lostUntil
    }
  }

  public var key: EquipmentKey
  /// The workshop in the topic of its newest message; empty when the topic names none.
  public var topicWorkshop: String
  /// nil when it never sent a reading up to t.
  public var readings: Readings?
  /// Newest live (not retained) `online` at or before t.
  public var lastOnline: Timestamp?
  /// Newest live (not retained) `offline` at or before t.
  public var lastOffline: Timestamp?
  /// Whether a session opened by a live `online` is still open at t.
  public var sessionOpen: Bool
  /// The session that is open at t, from its beginning or the end of the last break of hearing on; empty if none is, if
  /// the collector did not hear at t, or if `readings` do not vouch by a session.
  public var held = HeldTime()
  /// Number of this sender's messages rejected up to t.
  public var rejections: Int
  /// The same by fault, the most frequent first.
  public var refusals: [Refusal] = []
  /// First receipt of an accepted message, whenever.
  public var firstHeard: Timestamp?

  /// Evidence of one sender.
  public init(
    key: EquipmentKey, topicWorkshop: String = "", readings: Readings? = nil, lastOnline: Timestamp? = nil,
    lastOffline: Timestamp? = nil, sessionOpen: Bool = false, rejections: Int = 0,
    firstHeard: Timestamp? = nil
  ) {
    self.key = key
    self.topicWorkshop = topicWorkshop
    self.readings = readings
    self.lastOnline = lastOnline
    self.lastOffline = lastOffline
    self.sessionOpen = sessionOpen
    self.rejections = rejections
    self.firstHeard = firstHeard
  }

  /// Whether a reading vouches for the equipment at `t` under horizon T: metrics.md rule 6, so at exactly
  /// `last` + T it does not, unless its state is held by rule 7 (``HeldTime``).
  public func vouchedByReading(at t: Timestamp, horizon: Span) -> Bool {
    guard let readings, readings.cut == nil, readings.last <= t else { return false }
    let end = held.end(
      ofReadingAt: readings.last, horizon: horizon, vouching: readings.vouching, lostUntil: readings.lostUntil
    )
    return t < end
  }
}

/// Messages that were refused for the same fault.
public struct Refusal: Equatable, Sendable {
  public var reason: RejectionReason
  /// Field or rule that the message breaks; empty if the reason names it.
  public var detail: String
  public var fault: Fault
  public var messages: Int
  /// Receipt of the newest message.
  public var newest: Timestamp
  /// One of the wrong values, as written; for a topic that fits no source, the topic to publish on instead.
  public var excerpt: String
  /// Place of the newest message in the journal; nil if it was not looked up.
  public var place: Place?

  /// A block of the journal, and a record's position in it.
  public struct Place: Equatable, Sendable {
    public var block: Int64
    public var record: Int

    /// Record `record` of block `block`.
    public init(block: Int64, record: Int) {
      self.block = block
      self.record = record
    }
  }

  /// Messages refused for `reason`.
  public init(
    _ reason: RejectionReason, _ detail: String = "", _ fault: Fault = .unspecified, messages: Int,
    newest: Timestamp, excerpt: String = "", place: Place? = nil
  ) {
    self.reason = reason
    self.detail = detail
    self.fault = fault
    self.messages = messages
    self.newest = newest
    self.excerpt = excerpt
    self.place = place
  }
}

/// Messages of one sender that were refused for the same fault. The equipment is empty if the topic names none.
public struct SenderRefusal: Equatable, Sendable {
  public var key: EquipmentKey
  public var refusal: Refusal

  /// `refusal` of `key`.
  public init(key: EquipmentKey, refusal: Refusal) {
    self.key = key
    self.refusal = refusal
  }
}

/// An optional field that could not be read in some readings, and was left out of them.
public struct FieldError: Equatable, Sendable {
  /// The sender; empty ids in a sum over several senders.
  public var key: EquipmentKey
  public var field: OptionalField
  public var fault: Fault
  public var messages: Int
  /// One of the values, as written.
  public var excerpt: String

  /// `messages` readings of `key` without `field`.
  public init(key: EquipmentKey, field: OptionalField, fault: Fault, messages: Int, excerpt: String) {
    self.key = key
    self.field = field
    self.fault = fault
    self.messages = messages
    self.excerpt = excerpt
  }

  /// The sum with another of the same sender, field and fault.
  package func adding(_ other: FieldError) -> FieldError {
    var sum = self
    sum.messages = messages.addingSaturated(other.messages)
    sum.excerpt = min(excerpt, other.excerpt)
    return sum
  }

  /// The order of reports: the most frequent first, then by sender, field and fault.
  public static func comesFirst(_ a: FieldError, _ b: FieldError) -> Bool {
    if a.messages != b.messages { return a.messages > b.messages }
    if a.key != b.key { return a.key < b.key }
    return (a.field.rawValue, a.fault.rawValue) < (b.field.rawValue, b.fault.rawValue)
  }
}

/// Numbers of messages flagged retained.
public struct RetainFlags: Equatable, Sendable {
  /// Retained by the broker before the subscription: not counted.
  public var retained = 0
  /// Live, from a broker or bridge that keeps the flag: counted.
  public var live = 0

  /// None.
  public init() {}
}

/// Everything a report reads from the views at one instant, in one consistent snapshot.
public struct StoreEvidence: Sendable {
  /// The instant t.
  public var asOf: Timestamp
  /// Ascending by key; every sender ever heard, registered or not. Filtered to one factory on request.
  public var equipment: [EquipmentEvidence]
  /// Half-open stretches in which the store's shards were connected and subscribed, ascending, disjoint,
  /// clipped to the period asked for.
  public var observed: [(from: Timestamp, until: Timestamp)]
  /// Messages that the broker says it dropped in the period asked for, of whichever client's; nil when its
  /// count was never heard.
  public var brokerDrops: Int?
  /// Messages flagged retained on the days of the period, of the requested factory or of all.
  public var retainFlags = RetainFlags()
  /// When the collector was connected and heard nothing though senders had been speaking, of those that reach into
  /// the period.
  public var silences: [Silence] = []
  /// Rejected messages of the period by reason, of the requested factory or of all.
  public var rejections: [(reason: RejectionReason, messages: Int)]
  /// The same by sender and fault, the most frequent first.
  public var refusals: [SenderRefusal] = []
  /// Optional fields of the period's readings that could not be read, by sender, the most frequent first.
  public var fieldErrors: [FieldError] = []
  /// By sender, the clock's deviation from messages of the period that were refused for their time (`future`,
  /// `too_late`); if all factories were requested, instead one of the messages that are evidence of the clock.
  public var refusedClocks: [EquipmentKey: RefusedClock] = [:]
  /// Days of equipment that wait to be recomputed after late records.
  public var repairsPending: Int
  /// Hash (hex) of the newest journal block the views reflect; nil for an empty journal.
  public var journalHead: String?
  /// The newest closed day of the journal: its root binds everything up to it.
  public var dayRoot: DayRoot? = nil
  /// Newest receipt in the block the views reflect; nil for an empty journal.
  public var newestReceipt: Timestamp?

  /// Evidence as the store read it.
  public init(
    asOf: Timestamp, equipment: [EquipmentEvidence] = [],
    observed: [(from: Timestamp, until: Timestamp)] = [],
    rejections: [(reason: RejectionReason, messages: Int)] = [], repairsPending: Int = 0,
    journalHead: String? = nil, newestReceipt: Timestamp? = nil
  ) {
    self.asOf = asOf
    self.equipment = equipment
    self.observed = observed
    self.rejections = rejections
    self.repairsPending = repairsPending
    self.journalHead = journalHead
    self.newestReceipt = newestReceipt
  }
}
