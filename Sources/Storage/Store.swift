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

  /// Opens the journal for reading records.
  func records() -> any RecordSource

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

/// Reads records of the journal.
public protocol RecordSource {
  /// Lends every record of some factories (nil: all) in blocks up to `last`, ascending, with its block's number.
  ///
  /// - Parameters:
  ///   - day: first day of the journal to read; nil for all that are kept.
  ///   - body: returns false to end the reading. Topic and payload are valid during the call only.
  func forEachRecord(
    ofFactories factories: Set<String>?, fromDay day: CalendarDay?, through last: Int64,
    _ body: (JournalRecord, Int64) throws -> Bool
  ) throws
}

/// Reads what recomputing days needs: records of the journal, and timelines at the ends of days.
public protocol RepairSource: RecordSource {
  /// The timeline of an equipment after the last day before `day` on which it sent anything, with empty totals; nil if
  /// there is no such day.
  func closing(of equipment: EquipmentNumber, before day: CalendarDay) throws(StoreError) -> Timeline?

  /// The first day after `day` on which an equipment sent anything, among days that its timeline has left; nil if
  /// there is none.
  func firstClosing(
    of equipment: EquipmentNumber, after day: CalendarDay
  ) throws(StoreError) -> CalendarDay?
}
