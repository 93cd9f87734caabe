import Telemetry

/// The first blocks of a journal's days, and the blocks that state how messages are decoded.
public struct JournalOutline: Equatable, Sendable {
  /// A day that is kept.
  public struct Day: Equatable, Sendable {
    public var day: CalendarDay
    public var firstBlock: Int64

    /// A day that begins with a block.
    public init(day: CalendarDay, firstBlock: Int64) {
      self.day = day
      self.firstBlock = firstBlock
    }
  }

  /// A block that begins with a record that ``JournalRecord/Kind/opens``.
  public struct Opening: Equatable, Sendable {
    public var block: Int64
    /// Whether it decides to read earlier messages anew.
    public var isRereading: Bool

    /// The opening `block`.
    public init(block: Int64, isRereading: Bool) {
      self.block = block
      self.isRereading = isRereading
    }
  }

  /// Ascending.
  public var days: [Day] = []
  /// Ascending.
  public var openings: [Opening] = []

  /// Of an empty journal.
  public init() {}

  /// The newest opening at or before a block; nil if there is none.
  public func opening(atOrBefore block: Int64) -> Int64? {
    openings.last { $0.block <= block }?.block
  }
}
