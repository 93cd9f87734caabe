import Journal
import Register
import Telemetry

/// State of one factory's views at the journal's beginning: everything on which later days depend.
///
/// A sender's number (``Telemetry/EquipmentNumber``) in it is its position in ``senders``.
public struct OpeningState: Equatable, Sendable {
  /// One sender.
  public struct Sender: Equatable, Sendable {
    /// Id within the factory.
    public var equipment: String
    /// The workshop in the topic of its newest accepted message.
    public var workshop: String
    /// Whether it was ever heard under different workshops.
    public var hasMoved: Bool
    /// With the totals of the open day; nil if nothing of it was ever folded.
    public var timeline: Timeline?
    /// The newest day on which anything came, among those that the timeline has left; nil if there is none.
    public var lastDay: LastDay?
    /// Totals of the last 31 days up to the newest day of any sender, ascending.
    public var days: [Day] = []
    /// The newest online and the newest offline, and the newest online up to the newest reading if that vouches by a
    /// session; ascending.
    public var presence: [SessionEvent] = []
    /// Alarms of the newest reading that changed them; nil if none ever did.
    public var alarms: AlarmChange?
    /// The newest confirmed reset of each meter, ascending.
    public var meterResets: [MeterReset] = []
    /// Fields left out of its readings, by day, field and fault.
    public var fieldErrors: [FieldErrorCount] = []

    /// A sender of which nothing else is known.
    public init(equipment: String, workshop: String, hasMoved: Bool) {
      self.equipment = equipment
      self.workshop = workshop
      self.hasMoved = hasMoved
    }
  }

  /// The end of a day.
  public struct LastDay: Equatable, Sendable {
    /// After the day's last record, with empty totals.
    public var timeline: Timeline
    /// The workshop in the topic of the day's last record.
    public var workshop: String

    /// A day that ended with `timeline`.
    public init(timeline: Timeline, workshop: String) {
      self.timeline = timeline
      self.workshop = workshop
    }
  }

  /// Totals of a day.
  public struct Day: Equatable, Sendable {
    public var day: CalendarDay
    public var totals: DayTotals

    /// `totals` of `day`.
    public init(day: CalendarDay, totals: DayTotals) {
      self.day = day
      self.totals = totals
    }
  }

  /// Messages of one sender and day that were refused for the same fault.
  public struct RefusedMessages: Equatable, Sendable {
    /// The sender's id; empty if the topic names none.
    public var equipment: String
    public var day: CalendarDay
    /// With the place of the newest message.
    public var refusal: Refusal

    /// `refusal` of `equipment` on `day`.
    public init(equipment: String, day: CalendarDay, refusal: Refusal) {
      self.equipment = equipment
      self.day = day
      self.refusal = refusal
    }
  }

  /// The last day of event time that is final; nil if no day is.
  public var finalThrough: CalendarDay?
  /// In the order in which they were first heard.
  public var senders: [Sender] = []
  /// Refused messages by sender, day and fault.
  public var refusals: [RefusedMessages] = []
  /// Messages flagged retained, ascending by day.
  public var retainFlags: [RetainFlagCount] = []
  /// The newest connection, and those from the one before the newest loss of the session or the newest break on;
  /// ascending.
  public var observations: [ObservedStretch] = []
  /// The newest silence; nil if there was none.
  public var silence: Silence?
  /// The broker's newest count of dropped messages; nil if none was heard.
  public var brokerDrops: BrokerDropCount?

  /// Nothing.
  public init() {}
}

/// One factory's past, from which a store's views of it can be computed.
public struct FactoryPast: Sendable {
  public var factory: String
  public var register: RegisterContents
  /// The chain of all imports in ``register``.
  public var chain: RegisterProof
  /// nil if the records begin with the journal.
  public var opening: OpeningState?
  /// Records of closed days, ascending.
  public var days: [FactoryDayRecords]

  /// The past of `factory`.
  public init(
    factory: String, register: RegisterContents, chain: RegisterProof, opening: OpeningState?,
    days: [FactoryDayRecords]
  ) {
    self.factory = factory
    self.register = register
    self.chain = chain
    self.opening = opening
    self.days = days
  }
}
