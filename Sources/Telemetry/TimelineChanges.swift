/// The number a store gives a sender the first time it hears it; dense from 0.
public typealias EquipmentNumber = Int32

/// A closed stretch of one equipment's timeline: readings of one state and mode, no two further apart
/// than the horizon minimum, none cut by an offline before the next.
///
/// It vouches for [from, min(next row's from, last + T, cut)); by its session also past T, while the session was heard.
public struct StateInterval: Equatable, Sendable {
  public var equipment: EquipmentNumber
  /// Event time of the first and of the last reading.
  public var from: Timestamp
  public var last: Timestamp
  /// The offline that ends the vouching of `last`; nil when a reading came first.
  public var cut: Timestamp?
  public var state: EquipmentState
  public var mode: OperatingMode
  /// How its readings vouch.
  public var vouching: Vouching
  /// Event time of the reading after the stretch, where that shows by its sequence number that messages
  /// before it are missing, and `last` does not vouch up to it under the horizon minimum. What lies between
  /// is unobserved as far as `last` does not vouch for it.
  public var lostUntil: Timestamp?

  /// A stretch from its first to its last reading.
  public init(
    equipment: EquipmentNumber, from: Timestamp, last: Timestamp, cut: Timestamp? = nil,
    state: EquipmentState, mode: OperatingMode, vouching: Vouching = .horizon, lostUntil: Timestamp? = nil
  ) {
    self.equipment = equipment
    self.from = from
    self.last = last
    self.cut = cut
    self.state = state
    self.mode = mode
    self.vouching = vouching
    self.lostUntil = lostUntil
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
  /// The timeline after the day's last record, from which a later day can be folded anew; nil when nothing
  /// came on the day.
  public var closing: Timeline?
  /// The workshop in the topic of the day's last record, of several of one instant the last by name; empty if it names
  /// none, or nothing came on the day.
  public var workshop: String

  /// `totals` of `equipment` on `day`, which ended with `closing`.
  public init(
    equipment: EquipmentNumber, day: CalendarDay, totals: DayTotals, closing: Timeline?, workshop: String = ""
  ) {
    self.equipment = equipment
    self.day = day
    self.totals = totals
    self.closing = closing
    self.workshop = workshop
  }
}

/// A reset: a meter fell, stayed below and counts from a new baseline.
public struct MeterReset: Equatable, Sendable {
  /// Meters of a status message.
  public enum Meter: UInt8, CaseIterable, Sendable {
    case energy = 1
    case good
    case total
  }
  public var equipment: EquipmentNumber
  /// Event time of the reading that confirmed the fall.
  public var at: Timestamp
  public var meter: Meter
  /// The greatest value before the fall, in thousandths.
  public var last: Int64
  /// Event time of the reading with `last`; nil if it is not kept, as for pieces.
  public var lastAt: Timestamp?
  /// The value after the fall, in thousandths.
  public var value: Int64
  /// Event time of the reading that fell.
  public var fellAt: Timestamp
  /// Whether `value` itself was counted: the device had restarted and counted from 0.
  public var countsValue: Bool

  /// A fall of `meter` from `last` to `value`, confirmed at `at`.
  public init(
    equipment: EquipmentNumber, at: Timestamp, meter: Meter, last: Int64, lastAt: Timestamp? = nil,
    value: Int64, fellAt: Timestamp, countsValue: Bool
  ) {
    self.equipment = equipment
    self.at = at
    self.meter = meter
    self.last = last
    self.lastAt = lastAt
    self.value = value
    self.fellAt = fellAt
    self.countsValue = countsValue
  }
}

/// A reading whose alarms are others than those of the reading before it.
public struct AlarmChange: Equatable, Sendable {
  public var equipment: EquipmentNumber
  public var at: Timestamp
  /// Of the alarms as the message has them; 0 for none.
  public var digest: UInt64
  /// The alarms, once looked up in the message.
  public var codes: [String] = []

  /// Alarms with `digest` from `at` on.
  public init(equipment: EquipmentNumber, at: Timestamp, digest: UInt64, codes: [String] = []) {
    self.equipment = equipment
    self.at = at
    self.digest = digest
    self.codes = codes
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

/// Changes of the timelines by folding, for the store to keep. Reused from window to window.
public struct TimelineChanges: Equatable, Sendable {
  public var intervals: ContiguousArray<StateInterval> = []
  public var closedDays: ContiguousArray<ClosedDay> = []
  public var sessionEvents: ContiguousArray<SessionEvent> = []
  public var lateRecords: ContiguousArray<LateRecord> = []
  public var meterResets: ContiguousArray<MeterReset> = []
  public var alarmChanges: ContiguousArray<AlarmChange> = []

  /// No changes.
  public init() {}

  /// Number of rows in the changes.
  public var count: Int {
    intervals.count + closedDays.count + sessionEvents.count + lateRecords.count + meterResets.count
      + alarmChanges.count
  }

  /// Forgets the changes and keeps the memory.
  public mutating func removeAll() {
    intervals.removeAll(keepingCapacity: true)
    closedDays.removeAll(keepingCapacity: true)
    sessionEvents.removeAll(keepingCapacity: true)
    lateRecords.removeAll(keepingCapacity: true)
    meterResets.removeAll(keepingCapacity: true)
    alarmChanges.removeAll(keepingCapacity: true)
  }
}
