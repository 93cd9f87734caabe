import Telemetry

/// What the store knows of one sender at an instant t, from records with event time at or before t.
///
/// Everything that depends on the register (horizon, denominator) is applied by the reader.
public struct EquipmentEvidence: Equatable, Sendable {
  /// The newest stretch of readings that began at or before t.
  public struct Readings: Equatable, Sendable {
    /// Event time of the newest reading known to be at or before t. When t lies inside the stretch this
    /// is t itself: within a stretch no two readings are further apart than the horizon minimum.
    public var last: Timestamp
    /// An offline at or before t that ends the vouching of `last`; nil when none does.
    public var cut: Timestamp?
    /// State and mode the stretch vouches for.
    public var state: EquipmentState
    public var mode: OperatingMode

    /// A stretch of readings as seen at t.
    public init(
      last: Timestamp, cut: Timestamp? = nil, state: EquipmentState, mode: OperatingMode = .unstated
    ) {
      self.last = last
      self.cut = cut
      self.state = state
      self.mode = mode
    }
  }

  public var key: EquipmentKey
  /// The workshop in the topic of its newest message; empty when the topic names none.
  public var topicWorkshop: String
  /// nil when it never sent a reading up to t.
  public var readings: Readings?
  /// Newest live (not retained) `online` at or before t.
  public var lastOnline: Timestamp?
  /// Whether a session opened by a live `online` is still open at t.
  public var sessionOpen: Bool
  /// Messages of this sender that were rejected up to now.
  public var rejections: Int
  /// First receipt of an accepted message, whenever.
  public var firstHeard: Timestamp?

  /// Evidence of one sender.
  public init(
    key: EquipmentKey, topicWorkshop: String = "", readings: Readings? = nil, lastOnline: Timestamp? = nil,
    sessionOpen: Bool = false, rejections: Int = 0, firstHeard: Timestamp? = nil
  ) {
    self.key = key
    self.topicWorkshop = topicWorkshop
    self.readings = readings
    self.lastOnline = lastOnline
    self.sessionOpen = sessionOpen
    self.rejections = rejections
    self.firstHeard = firstHeard
  }

  /// Whether a reading vouches for the equipment at `t` under horizon T: metrics.md rule 6, so at exactly
  /// `last` + T it does not.
  public func vouchedByReading(at t: Timestamp, horizon: Span) -> Bool {
    guard let readings, readings.cut == nil else { return false }
    return readings.last <= t && t < readings.last + horizon
  }
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
  /// Rejected messages by reason, of the factory asked for or of all.
  public var rejections: [(reason: RejectionReason, messages: Int)]
  /// Receipt − event time of messages refused for it (`future`, `too_late`): the median, by sender; only
  /// where one factory was asked for.
  public var refusedSkews: [EquipmentKey: Span] = [:]
  /// By sender, the least receipt − event time (ms) of each day that was asked for, ascending by day.
  public var earlierSkews: [EquipmentKey: [Int64]] = [:]
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
