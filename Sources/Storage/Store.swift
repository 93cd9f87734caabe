import Journal
import Register
import Telemetry

/// A store: where a shard keeps messages and views, and where reports read them.
///
/// Every kind of store conforms to it and passes `Tests/StoreContract`. A value costs next to nothing; what it opens
/// belongs to the thread that opened it, except where stated otherwise.
public protocol Store: Sendable {
  /// Place of the store, for messages to its user.
  var location: String { get }

  /// A shard of the store, which its owner claims. The store is made if it is not there.
  ///
  /// - Throws: ``StoreError`` of kind `.refused` if the store has no such shard.
  func shard(_ id: ShardID, _ options: ShardOptions) throws(StoreError) -> any ShardStore

  /// Notes of a shard's collector, beside journal and views.
  ///
  /// - Throws: ``StoreError`` of kind `.refused` if the store has no such shard.
  func notes(of id: ShardID) throws(StoreError) -> any ShardNotes

  /// Where the collector of a shard shows its status.
  ///
  /// - Throws: ``StoreError`` of kind `.refused` if the store has no such shard.
  func statusPlace(of id: ShardID) throws(StoreError) -> any StatusPlace

  /// Begins to compute a shard's views anew from its journal, or goes on where an earlier attempt ended.
  ///
  /// - Parameters:
  ///   - rules: what views depend on beside the journal; an attempt that was begun under other rules is discarded.
  ///   - progress: told of every block read and the last one; what it throws ends the computation.
  /// - Throws: ``StoreError`` of kind `.locked` if somebody else is at it.
  func rebuild(
    _ id: ShardID, _ options: ShardOptions, rules: String,
    progress: @escaping (_ block: Int64, _ last: Int64) throws -> Void
  ) throws(StoreError) -> any ViewsRebuild

  /// Whether a collector ever wrote views here.
  ///
  /// - Throws: ``StoreError`` of kind `.refused` if parts of the store are missing.
  func hasViews() throws(StoreError) -> Bool

  /// Opens the views for reading.
  ///
  /// - Throws: ``StoreError`` of kind `.missing` if no collector ever wrote any, `.refused` if parts of the store are
  ///   missing or of another version.
  func reader() throws(StoreError) -> any StoreReader

  /// Opens the register for reading. A register that was never imported is empty.
  func registerReader() throws(StoreError) -> any RegisterReading

  /// Opens the register for adding to it, as its only writer.
  ///
  /// - Throws: ``StoreError`` of kind `.locked` if another writer has it.
  func registerWriter() throws(StoreError) -> any RegisterWriting

  /// Opens the list of refused messages.
  func quarantine() throws(StoreError) -> any QuarantineReading

  /// Lends every kept block of the journal, ascending, each checked against the chain.
  ///
  /// - Throws: ``StoreError`` of kind `.corrupt` for the first block that does not match, and the error of `body`.
  func verifyJournal(_ body: (JournalBlock) throws -> Void) throws

  /// Roots of all closed days, ascending, each checked to name the root before it; days that the journal has dropped
  /// included.
  func closedDays() throws(StoreError) -> [DayRoot]

  /// Days of which the journal has the messages, ascending.
  func journalDays() throws(StoreError) -> [CalendarDay]

  /// One factory's records of a closed day and the paths to its root. Everything of the day is checked against the
  /// chain.
  ///
  /// - Throws: ``StoreError`` of kind `.corrupt` if the day does not have the root, `.missing` if the journal does not
  ///   have the day.
  func factoryRecords(of factory: String, on root: DayRoot) throws -> FactoryDayRecords

  /// Compares every row of the register with its chain of imports, and the chain with the roots of closed days.
  ///
  /// - Returns: the end of the chain; nil if nothing was imported.
  /// - Throws: ``StoreError`` of kind `.corrupt` for the first mismatch, `.refused` if roots of closed days are missing.
  func verifyRegister(anchoredIn roots: [DayRoot]) throws(StoreError) -> RegisterHead?

  /// State of a factory's views at the journal's beginning; nil if the journal begins with the store.
  func openingState(of factory: String) throws(StoreError) -> OpeningState?

  /// Fills an empty store with one factory's past. ``rebuild(_:_:rules:progress:)`` computes its views afterwards. No
  /// collector can claim it.
  ///
  /// - Throws: ``StoreError`` of kind `.refused` if the store is not empty.
  func restore(_ past: FactoryPast, _ options: ShardOptions) throws

  /// Opens the journal for reading records.
  func records() -> any RecordSource

  /// Copies the store as it is at one moment into a new or empty folder, beside a collector that goes on, and verifies
  /// the copy. The copy is a store with the same id. Nothing is left of a copy that fails; what an interrupted one
  /// left is removed by the next to the same folder.
  ///
  /// - Throws: ``StoreError`` of kind `.missing` if no collector ever wrote here, `.refused` if the folder holds
  ///   anything, `.corrupt` if the store is damaged, `.locked` if it changed too often to be copied.
  func backup(to folder: String) throws -> BackupReport

  /// Opens what recomputing days reads. It may be called on any thread.
  func repairSource() throws(StoreError) -> any RepairSource
}

/// Identifies a shard of a store: one broker session and one lock.
public struct ShardID: Hashable, Comparable, Sendable {
  /// From 0.
  public let number: Int64

  /// The shard with a number.
  public init(_ number: Int64) { self.number = number }

  /// The only shard of an embedded store.
  public static let embedded = ShardID(0)

  public static func < (a: ShardID, b: ShardID) -> Bool { a.number < b.number }
}

/// Computes a shard's views anew, beside a collector that goes on.
public protocol ViewsRebuild {
  /// The views being computed. Claimed, it replays the journal up to ``last``; it refuses to append.
  var shard: any ShardStore { get }
  /// The store with these views, for repairs.
  var store: any Store { get }
  /// The newest block when the computation began.
  var last: Int64 { get }

  /// Completes the views and hands them over. Returns whether they are in place already; else the collector that runs
  /// takes them over.
  func handOver() throws -> Bool
}

/// Reads the list of refused messages.
public protocol QuarantineReading {
  /// Refused messages by sender and fault, the most frequent first; of one factory, of equipment with one id, or
  /// refused for one reason, unless nil.
  func groups(
    factory: String?, equipment: String?, reason: RejectionReason?
  ) throws(StoreError) -> [SenderRefusal]

  /// The newest refused messages, newest first, at most `limit`.
  func newest(
    _ limit: Int, factory: String?, equipment: String?, reason: RejectionReason?
  ) throws(StoreError) -> [Quarantined]

  /// One refused message with its whole payload from the journal; nil if there is none.
  func message(block: Int64, record: Int) throws(StoreError) -> (Quarantined, payload: [UInt8])?

  /// Places of the refused messages of a selection, ascending. Its topic filter and ``RefusedSelection/eventsFrom`` are
  /// ignored.
  ///
  /// - Parameter hasTopic: whether messages of a topic are wanted.
  func places(
    _ selection: RefusedSelection, hasTopic: (UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) -> [RefusedPlace]

  /// The last day of event time that is final; see ``ShardStore/finalDay``.
  func finalDay() throws(StoreError) -> CalendarDay?
}

/// A place in the journal of a refused message, and how many messages of its content were refused at the same receipt.
public struct RefusedPlace: Equatable, Sendable {
  public var block: Int64
  public var record: Int
  public var messages: Int
  /// The value that is refused, or the places of refused records of a message that is otherwise accepted.
  public var excerpt: String

  /// Whether the message was accepted, and only some of its records are refused.
  public var isPartlyRead: Bool { RefusedRecords(excerpt: excerpt) != nil }

  /// The place of `messages` with one content and receipt.
  public init(block: Int64, record: Int, messages: Int, excerpt: String) {
    self.block = block
    self.record = record
    self.messages = messages
    self.excerpt = excerpt
  }
}

/// Reads the journal for decoding its records again.
public protocol RecordSource {
  /// Lends every record of some factories (nil: all) in the blocks after `number` up to `last`, ascending, with its
  /// block's number.
  ///
  /// - Parameter body: returns false to end the reading. Topic and payload are valid during the call only.
  func forEachRecord(
    ofFactories factories: Set<String>?, after number: Int64, through last: Int64,
    _ body: (JournalRecord, Int64) throws -> Bool
  ) throws

  /// The block after which the newest `records` of those up to block `last` lie, or as many as there are. Packed blocks
  /// count as one.
  func block(before last: Int64, holding records: Int) throws(StoreError) -> Int64

  /// The first block of the days from `day` on; nil if there is none.
  func firstBlock(from day: CalendarDay) throws -> Int64?

  /// Beginnings of the newest days, and blocks that name sources: back to the day that names those in effect at block
  /// `number`, or all days.
  func outline(reaching number: Int64) throws -> JournalOutline

  /// A block; nil if the journal does not have it.
  func block(_ number: Int64) throws -> JournalBlock?
}

/// Reads what recomputing days needs: records of the journal, and timelines at the ends of days.
public protocol RepairSource {
  var records: any RecordSource { get }

  /// The timeline of an equipment after the last day before `day` on which it sent anything, with empty totals; nil if
  /// there is no such day.
  func closing(of equipment: EquipmentNumber, before day: CalendarDay) throws(StoreError) -> Timeline?

  /// The first day after `day` on which an equipment sent anything, among days that its timeline has left; nil if
  /// there is none.
  func firstClosing(
    of equipment: EquipmentNumber, after day: CalendarDay
  ) throws(StoreError) -> CalendarDay?
}
