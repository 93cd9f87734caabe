/// The number a store gives a sender the first time it hears it; dense from 0.
public typealias EquipmentNumber = Int32

/// A closed stretch of one equipment's timeline: readings of one state and mode, no two further apart
/// than the horizon minimum, none cut by an offline before the next.
///
/// It vouches for [from, min(next row's from, last + T, cut)).
public struct StateInterval: Equatable, Sendable {
  public var equipment: EquipmentNumber
  /// Event time of the first and of the last reading.
  public var from: Timestamp
  public var last: Timestamp
  /// The offline that ends the vouching of `last`; nil when a reading came first.
  public var cut: Timestamp?
  public var state: EquipmentState
  public var mode: OperatingMode

  /// A stretch from its first to its last reading.
  public init(
    equipment: EquipmentNumber, from: Timestamp, last: Timestamp, cut: Timestamp? = nil,
    state: EquipmentState, mode: OperatingMode
  ) {
    self.equipment = equipment
    self.from = from
    self.last = last
    self.cut = cut
    self.state = state
    self.mode = mode
  }
}

/// An online or offline of an equipment, as received live.
public struct SessionEvent: Equatable, Sendable {
  public var equipment: EquipmentNumber
  public var at: Timestamp
  public var presence: Presence

  /// `presence` of `equipment` at `at`.
  public init(equipment: EquipmentNumber, at: Timestamp, presence: Presence) {
    self.equipment = equipment
    self.at = at
    self.presence = presence
  }
}

/// Totals of a day that its equipment has moved past.
public struct ClosedDay: Equatable, Sendable {
  public var equipment: EquipmentNumber
  public var day: CalendarDay
  public var totals: DayTotals

  /// `totals` of `equipment` on `day`.
  public init(equipment: EquipmentNumber, day: CalendarDay, totals: DayTotals) {
    self.equipment = equipment
    self.day = day
    self.totals = totals
  }
}

/// A record whose event time is before its equipment's newest: its days wait to be recomputed.
public struct LateRecord: Equatable, Sendable {
  public var equipment: EquipmentNumber
  public var at: Timestamp

  /// A record of `equipment` at event time `at`.
  public init(equipment: EquipmentNumber, at: Timestamp) {
    self.equipment = equipment
    self.at = at
  }
}

/// What folding did to the timelines, for the store to keep. Reused from window to window.
public struct TimelineChanges: Equatable, Sendable {
  public var intervals: ContiguousArray<StateInterval> = []
  public var closedDays: ContiguousArray<ClosedDay> = []
  public var sessionEvents: ContiguousArray<SessionEvent> = []
  public var lateRecords: ContiguousArray<LateRecord> = []

  /// No changes.
  public init() {}

  /// How many rows the changes come to.
  public var count: Int {
    intervals.count + closedDays.count + sessionEvents.count + lateRecords.count
  }

  /// Forgets the changes and keeps the memory.
  public mutating func removeAll() {
    intervals.removeAll(keepingCapacity: true)
    closedDays.removeAll(keepingCapacity: true)
    sessionEvents.removeAll(keepingCapacity: true)
    lateRecords.removeAll(keepingCapacity: true)
  }
}
