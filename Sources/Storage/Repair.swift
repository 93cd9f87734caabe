import Telemetry

/// A day of one equipment that waits to be recomputed from the journal, because a record came late.
public struct PendingRepair: Hashable, Sendable {
  public var equipment: EquipmentNumber
  public var day: CalendarDay

  /// `day` of `equipment`.
  public init(equipment: EquipmentNumber, day: CalendarDay) {
    self.equipment = equipment
    self.day = day
  }
}

/// A day of one equipment, folded anew from all its records in order of event time.
public struct RepairedDay: Sendable {
  public var equipment: EquipmentNumber
  public var day: CalendarDay
  /// The day as instants.
  public var bounds: Range<Timestamp>
  /// Whether it is the day the equipment's timeline is in: then its totals and state are the live timeline's.
  public var isOpen: Bool
  /// The journal block up to which records were taken into account.
  public var block: Int64
  /// Totals of the day; nil on the open day, and if nothing is left of it.
  public var totals: DayTotals?
  /// The timeline after the day's last record; nil on the open day, and when nothing came on the day.
  public var closing: Timeline?
  /// The workshop in the topic of the day's last record, also of the open day; see ``Telemetry/ClosedDay/workshop``.
  public var workshop = ""
  /// The timeline at the day's end whether something came on it or not; on the open day the live one.
  public var ending: Timeline
  public var intervals: ContiguousArray<StateInterval> = []
  public var alarmChanges: ContiguousArray<AlarmChange> = []
  public var meterResets: ContiguousArray<MeterReset> = []

  /// A day that ends in `ending`; what was found on it is added.
  public init(
    _ repair: PendingRepair, bounds: Range<Timestamp>, isOpen: Bool, block: Int64, totals: DayTotals? = nil,
    closing: Timeline? = nil, ending: Timeline
  ) {
    equipment = repair.equipment
    day = repair.day
    self.bounds = bounds
    self.isOpen = isOpen
    self.block = block
    self.totals = totals
    self.closing = closing
    self.ending = ending
  }
}
