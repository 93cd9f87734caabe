import Journal
import Telemetry

/// The part of a store that one shard writes: journal and views. Acknowledgements rest on it.
///
/// One thread owns a shard store. ``append(_:factoryID:)`` is what an acknowledgement rests on: when it returns, the
/// block survives a power cut. ``update(_:)`` may lag behind it; after a crash the shard replays the
/// journal from the cursor that ``claim(remembering:)`` returns.
public protocol ShardStore: AnyObject {
  /// Takes the shard, exclusively, and returns its live state as of the views' cursor.
  ///
  /// - Parameter remembering: how many of the newest records before the cursor the shard wants to read
  ///   again; ``ShardState/remembered`` says where they begin.
  func claim(remembering: Int) throws -> ShardState
  /// Commits the builder's records as the journal's next block; returns its number. `factoryID` gives the
  /// id behind a factory number. The builder is empty afterwards, also on failure, when nothing of the
  /// block is stored.
  func append(_ builder: inout BlockBuilder, factoryID: (Int32) -> String) throws -> Int64
  /// Writes views and their cursor in one transaction: all or nothing.
  func update(_ update: ViewUpdate) throws
  /// Runs deferred maintenance, a little at a time; called between windows.
  func tidy() throws
  /// Whether maintenance that ``tidy()`` began goes on in the background.
  var isTidying: Bool { get }
  /// Keeps days by other settings from now on.
  func use(_ settings: JournalSettings)
  /// Gives the shard up, so that another collector may claim it. What was appended is replayed by the next claim.
  func release()
  /// Throws a ``StoreError`` of kind `.removed` when a file of the store was removed, renamed or replaced since the
  /// claim: nothing may be acknowledged any more. Called about once a second, so it must be very cheap.
  func check() throws
  /// The last day of event time that is final: the journal no longer has its messages, or is about to drop
  /// them, and what comes for it now is refused. nil while nothing was dropped.
  var finalDay: CalendarDay? { get }
  /// Whether rebuilt views are waiting. ``claim(remembering:)`` switches to them, including a second claim by the
  /// owner.
  var hasRebuiltViews: Bool { get }
  /// The oldest days of equipment that wait to be recomputed, at most `limit`, ascending by day.
  func pendingRepairs(limit: Int) throws -> [PendingRepair]
  /// Lends every block after `number`, ascending.
  func forEachBlock(after number: Int64, _ body: (JournalBlock) throws -> Void) throws
  /// Whether a block received then begins a day of the journal.
  func beginsDay(at received: Timestamp) -> Bool
  /// The first blocks of the journal's newest days, and the blocks that name sources: back to the day with the
  /// sources in effect at block `number`, or else all days.
  func outline(reaching number: Int64) throws -> JournalOutline
  /// A block of the journal; nil when it is not there.
  func block(_ number: Int64) throws -> JournalBlock?
  /// A request to read earlier messages anew that waits for an answer; nil for none. Looked for about once a second.
  var rereadingRequest: RereadingRequest? { get }
  /// Removes the request.
  func answeredRereading()
}

extension ShardStore {
  public var hasRebuiltViews: Bool { false }
  public func tidy() throws {}
  public func use(_ settings: JournalSettings) {}
  public var isTidying: Bool { false }
  public func check() throws {}
  public var finalDay: CalendarDay? { nil }
  public var rereadingRequest: RereadingRequest? { nil }
  public func answeredRereading() {}
}

/// A sender as the store knows it.
public struct Sender: Equatable, Sendable {
  public var key: EquipmentKey
  /// The workshop in the topic of its newest accepted message; empty when the topic names none.
  public var workshop: String
  /// Whether it was ever heard under different workshops.
  public var hasMoved: Bool

  /// A sender first heard under `workshop`.
  public init(key: EquipmentKey, workshop: String, hasMoved: Bool = false) {
    self.key = key
    self.workshop = workshop
    self.hasMoved = hasMoved
  }
}

/// A stretch of time in which a shard was connected and subscribed.
public struct ObservedStretch: Equatable, Sendable {
  /// From 1, in the order of connections.
  public var number: Int64
  public var from: Timestamp
  /// The last moment known to be observed.
  public var through: Timestamp
  /// Whether the broker resumed the session, so that what came in between was queued.
  public var resumed: Bool
  /// Whether the connection is known to have ended at `through`.
  public var ended: Bool

  /// An observation that begins at `from`.
  public init(number: Int64, from: Timestamp, through: Timestamp, resumed: Bool, ended: Bool = false) {
    self.number = number
    self.from = from
    self.through = through
    self.resumed = resumed
    self.ended = ended
  }
}

/// Number of messages that a broker says it has dropped since it started, for all its clients together.
public struct BrokerDropCount: Equatable, Sendable {
  /// Time of receipt.
  public var at: Timestamp
  public var total: Int64

  /// A count heard at `at`.
  public init(at: Timestamp, total: Int64) {
    self.at = at
    self.total = total
  }
}

/// A message that is not counted, with where the journal keeps it whole.
public struct Quarantined: Equatable, Sendable {
  public var block: Int64
  /// Position in the block.
  public var record: Int
  public var received: Timestamp
  public var reason: RejectionReason
  public var detail: String
  /// Factory and equipment the topic names; empty when it matched no source.
  public var factory: String
  public var equipment: String
  public var topic: [UInt8]
  /// The payload's first bytes, at most ``previewBytes``.
  public var preview: [UInt8]
  public var payloadBytes: Int
  /// Receipt − event time in milliseconds where that is what refused it; else nil.
  public var skew: Int64?
  /// Of topic and payload: with the receipt it tells a message from its repetition.
  public var content: UInt64
  /// Local day of its receipt.
  public var day = CalendarDay(number: 0)
  /// The exact fault.
  public var fault = Fault.unspecified
  /// The wrong value, as written; for a topic that fits no source, the topic to publish on instead.
  public var excerpt = ""
  /// Number of such messages.
  public var messages = 1

  /// Maximum number of payload bytes kept in the list; the journal keeps the whole payload.
  public static let previewBytes = 256

  /// A refused message.
  public init(
    block: Int64, record: Int, received: Timestamp, reason: RejectionReason, detail: String, factory: String,
    equipment: String, topic: [UInt8], preview: [UInt8], payloadBytes: Int, skew: Int64? = nil,
    content: UInt64
  ) {
    self.block = block
    self.record = record
    self.received = received
    self.reason = reason
    self.detail = detail
    self.factory = factory
    self.equipment = equipment
    self.topic = topic
    self.preview = preview
    self.payloadBytes = payloadBytes
    self.skew = skew
    self.content = content
  }
}

/// Number of one sender's readings on one day from which an optional field was left out for one fault.
public struct FieldErrorCount: Equatable, Sendable {
  public var equipment: EquipmentNumber
  /// Local day of the readings' event time.
  public var day: CalendarDay
  public var field: OptionalField
  public var fault: Fault
  public var messages: Int
  /// One of the values, as written.
  public var excerpt: String

  /// Messages with one fault in one field.
  public init(
    equipment: EquipmentNumber, day: CalendarDay, field: OptionalField, fault: Fault, messages: Int,
    excerpt: String
  ) {
    self.equipment = equipment
    self.day = day
    self.field = field
    self.fault = fault
    self.messages = messages
    self.excerpt = excerpt
  }
}

/// Messages flagged retained that were received from one factory on one day.
public struct RetainFlagCount: Equatable, Sendable {
  /// Factory in the topic; empty if the topic names none.
  public var factory: String
  /// Local day of the receipt.
  public var day: CalendarDay
  /// Messages that the broker had retained before the subscription: they are not counted.
  public var retained: Int
  /// Live messages whose broker or bridge keeps the flag: they are counted.
  public var live: Int

  /// Counts of `factory` on `day`.
  public init(factory: String, day: CalendarDay, retained: Int, live: Int) {
    self.factory = factory
    self.day = day
    self.retained = retained
    self.live = live
  }
}

/// Result of a claim: all that the shard keeps in memory, as of the views' cursor.
public struct ShardState {
  /// By equipment number.
  public var senders: [Sender]
  /// By equipment number.
  public var timelines: ContiguousArray<Timeline>
  /// The newest observation; nil before the first connection ever.
  public var observation: ObservedStretch?
  /// The broker's newest count of dropped messages; nil when none was heard.
  public var brokerDrops: BrokerDropCount?
  /// The last block the views reflect; 0 for none.
  public var cursor: Int64
  /// The journal's newest block; 0 for none.
  public var head: Int64
  /// The block after which the records to remember lie; at most the cursor.
  public var remembered: Int64

  /// The state of a shard's views that reach block `cursor` of a journal that ends with block `head`.
  public init(
    senders: [Sender], timelines: ContiguousArray<Timeline>, observation: ObservedStretch?,
    brokerDrops: BrokerDropCount?, cursor: Int64, head: Int64, remembered: Int64
  ) {
    self.senders = senders
    self.timelines = timelines
    self.observation = observation
    self.brokerDrops = brokerDrops
    self.cursor = cursor
    self.head = head
    self.remembered = remembered
  }

  /// The state of a store that was never used.
  package static var unused: ShardState {
    ShardState(
      senders: [], timelines: [], observation: nil, brokerDrops: nil, cursor: 0, head: 0, remembered: 0)
  }
}

/// Changes of the views since the last update. The timelines are lent, not copied.
public struct ViewChanges {
  /// Senders first heard, numbered on from those the store has.
  public var newSenders: ArraySlice<Sender> = []
  /// Senders heard under another workshop than before, or for the first time under different ones.
  public var movedSenders: [EquipmentNumber] = []
  /// Days recomputed, to be written before everything else.
  public var repairs: [RepairedDay] = []
  public var timelineChanges = TimelineChanges()
  /// Equipment whose live timeline is to be written.
  public var changedEquipment: ContiguousArray<EquipmentNumber> = []
  public var quarantined: [Quarantined] = []
  public var fieldErrors: [FieldErrorCount] = []
  /// Messages flagged retained, to be added to those stored.
  public var retainFlags: [RetainFlagCount] = []
  /// The observations that began or changed.
  public var observations: [ObservedStretch] = []
  /// The silences that began or lasted.
  public var silences: [Silence] = []
  /// The broker's counts of dropped messages that differ from the one before.
  public var brokerDrops: [BrokerDropCount] = []

  /// No changes.
  public init() {}
}

/// One write of the views: the changes, the state they lead to, and the block they reach.
public struct ViewUpdate {
  public var changes: ViewChanges
  public var senders: [Sender]
  public var timelines: ContiguousArray<Timeline>
  public var cursor: Int64

  /// Changes that bring the views up to block `cursor`.
  public init(
    changes: ViewChanges, senders: [Sender], timelines: ContiguousArray<Timeline>, cursor: Int64
  ) {
    self.changes = changes
    self.senders = senders
    self.timelines = timelines
    self.cursor = cursor
  }
}
