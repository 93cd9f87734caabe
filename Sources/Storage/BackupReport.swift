/// A copy of a store that was made and verified.
public struct BackupReport: Equatable, Sendable {
  /// The newest block of the copy's journal; 0 for an empty one.
  public var block: Int64 = 0
  /// Messages in the copy's journal.
  public var messages = 0
  /// Closed days whose roots the copy has, also of days that are no longer kept.
  public var closedDays: Int
  /// The newest import of the register; 0 for none.
  public var register = 0
  /// Bytes of the copy.
  public var bytes: Int64 = 0
  /// Places of unfinished copies to the same target that an interruption had left, and that were removed; ascending.
  public var removedLeftovers: [String] = []

  /// A report of an empty copy.
  public init(closedDays: Int) { self.closedDays = closedDays }
}
