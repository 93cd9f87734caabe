import Telemetry

/// Sums of senders on the day within which the period ends; only records before the end count.
public struct CutDays: Sendable {
  /// One sender's day as its records before the end make it.
  public struct Sender: Equatable, Sendable {
    public var totals: DayTotals
    /// Falls of its meters on the day, ascending.
    public var meterResets: [MeterReset]
    /// As it is at the end.
    public var timeline: Timeline
    /// The workshop in its last topic on the day; nil if nothing came on the day before the end.
    public var workshop: String?
    /// Optional fields that were left out of its readings on the day, each field and fault once.
    public var fieldErrors: [FieldErrorCount]

    /// A day's totals, falls and end.
    public init(
      totals: DayTotals, meterResets: [MeterReset], timeline: Timeline, workshop: String?,
      fieldErrors: [FieldErrorCount] = []
    ) {
      self.fieldErrors = fieldErrors
      self.totals = totals
      self.meterResets = meterResets
      self.timeline = timeline
      self.workshop = workshop
    }
  }

  /// A sender whose stored totals hold readings that came at the end or after it.
  public struct Candidate: Sendable {
    public var number: EquipmentNumber
    public var key: EquipmentKey
    /// As it entered the day.
    public var opening: Timeline

    package init(number: EquipmentNumber, key: EquipmentKey, opening: Timeline) {
      self.number = number
      self.key = key
      self.opening = opening
    }
  }

  /// Folds the day again for some senders (ascending by key), from their records before an instant in the journal's
  /// blocks up to one.
  public typealias Fold =
    @Sendable (
      _ senders: [Candidate], _ day: CalendarDay, _ until: Timestamp, _ block: Int64
    ) throws -> [EquipmentNumber: Sender]

  public var day: CalendarDay
  /// The recomputed day by sender, where its stored totals count too much; nil if the journal has dropped the day.
  public var senders: [EquipmentNumber: Sender?] = [:]

  /// A day whose stored totals are all right.
  public init(day: CalendarDay) { self.day = day }

  /// Number of senders whose counts of the day are left out: the journal no longer has their messages.
  public var leftOut: Int { senders.values.count { $0 == nil } }
}
