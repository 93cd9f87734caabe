import Journal
import Telemetry

/// Reads the views of a store, with its collectors running or stopped.
public protocol StoreReader: Sendable {
  /// Identifier of the time zone in which the store cuts days.
  func timeZone() throws(StoreError) -> String

  /// The state that is read now: everything that reports read is the same as long as it is equal. Cheap to ask for.
  ///
  /// - Throws: ``StoreError`` of kind `.removed` if other views have taken the place of those that this reader reads:
  ///   open another reader.
  func version() throws(StoreError) -> StoreVersion

  /// Lends the views at one moment: all that is read of them fits together.
  ///
  /// - Throws: the error of `body`, or a ``StoreError``.
  func snapshot<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result

  /// Reads all factories at one moment, in as many parts as the store finds fastest, and at the same time if it can.
  ///
  /// - Parameters:
  ///   - overview: reads what concerns all factories; called once, on the caller's thread.
  ///   - part: reads the factories of a scope; called for scopes that together are all factories.
  /// - Returns: the overview, and the parts ascending by factory.
  func district<Overview, Part: Sendable>(
    overview: (any StoreSnapshot) throws -> Overview,
    part: @escaping @Sendable (any StoreSnapshot, FactoryScope) throws -> Part
  ) throws -> (overview: Overview, parts: [Part])
}

extension StoreReader {
  /// Evidence at `instant` with every sender, or those of one factory.
  public func evidence(
    asOf instant: Timestamp, factory: String? = nil, period: Range<Timestamp>
  ) throws -> StoreEvidence {
    try snapshot { try $0.evidence(asOf: instant, factory: factory, period: period) }
  }
}

/// A state of a store, as far as reports read it. It differs after a fold, a repair, an import, the close of a day, and
/// after views were computed anew.
public struct StoreVersion: Hashable, Sendable {
  /// The newest block that is in the views, by shard.
  public var cursors: [ShardID: Int64]
  /// Days of equipment that wait to be recomputed: they become fewer while the cursors stay.
  public var repairsPending: Int
  /// The newest import of equipment, and of production calendars; 0 for none.
  public var register: Int
  public var calendars: Int
  /// The newest closed day; nil for none.
  public var closedDay: CalendarDay?
  /// Tells views that were computed anew from those before.
  public var edition: String

  /// A state.
  public init(
    cursors: [ShardID: Int64], repairsPending: Int, register: Int, calendars: Int, closedDay: CalendarDay?,
    edition: String
  ) {
    self.cursors = cursors
    self.repairsPending = repairsPending
    self.register = register
    self.calendars = calendars
    self.closedDay = closedDay
    self.edition = edition
  }
}

/// The views of all shards at one moment. Valid only inside the call that lends it.
public protocol StoreSnapshot {
  /// Evidence at `instant` without senders.
  ///
  /// - Parameters:
  ///   - factory: limits refusals, field errors and repairs to one factory; nil for all.
  ///   - period: the stretch for which observation is returned.
  func overview(
    asOf instant: Timestamp, factory: String?, period: Range<Timestamp>
  ) throws -> StoreEvidence

  /// Stretches of a period in which the store's shards were connected and heard what was sent; ascending, disjoint.
  func observed(in period: Range<Timestamp>) throws -> [(from: Timestamp, until: Timestamp)]

  /// Every sender ever heard of some factories, for ``forEachPeriod(of:_:_:)``.
  func senders(of scope: FactoryScope) throws -> StoredSenders

  /// Evidence of `senders` at `instant`, ascending by key.
  func evidence(of senders: StoredSenders, asOf instant: Timestamp) throws -> [EquipmentEvidence]

  /// The day that the end of a period cuts, for senders with readings after the end on it; nil if all stored counts
  /// of the day are right.
  ///
  /// - Parameters:
  ///   - until: end of the period, excluded.
  ///   - fold: computes the beginning of the day; nil leaves out the day's counts, as for days that the journal has
  ///     dropped.
  func cutDays(
    of senders: StoredSenders, until: Timestamp, calendar: LocalCalendar, fold: CutDays.Fold?
  ) throws -> CutDays?

  /// Lends the evidence of every sender in a period, ascending by key; returns their evidence at the as-of.
  func forEachPeriod(
    of senders: StoredSenders, _ request: PeriodRequest,
    _ body: (PeriodEvidence, StretchLookup) throws -> Void
  ) throws -> [EquipmentEvidence]

  /// Fields left out of readings on `days`, with the recomputed part of the day that the end cuts.
  func fieldErrors(
    of scope: FactoryScope, in days: ClosedRange<CalendarDay>, cut: CutDays
  ) throws -> [FieldError]
}

extension StoreSnapshot {
  /// Evidence at `instant` with every sender, or those of one factory.
  public func evidence(
    asOf instant: Timestamp, factory: String? = nil, period: Range<Timestamp>
  ) throws -> StoreEvidence {
    var evidence = try overview(asOf: instant, factory: factory, period: period)
    evidence.equipment = try self.evidence(of: senders(of: FactoryScope(factory)), asOf: instant)
    return evidence
  }
}

/// Period, and the options by which ``StoreSnapshot/forEachPeriod(of:_:_:)`` reads it.
public struct PeriodRequest {
  /// The instant at which evidence is returned.
  public var asOf: Timestamp
  /// Local days of the period.
  public var days: ClosedRange<CalendarDay>
  /// End of the period, excluded: the open day is credited up to it.
  public var until: Timestamp
  /// The store's calendar.
  public var calendar: LocalCalendar
  /// The day that the end cuts; nil if all stored counts of the day are right.
  public var cut: CutDays?
  /// Whether to look for the newest reading if the as-of lies between readings.
  public var seeksNewest: Bool
  /// Days before the period on which ``PeriodEvidence/earlierClocks`` reads clocks; nil if it is not needed.
  public var clocksOn: Range<CalendarDay>?

  /// A request for whole days.
  public init(
    asOf: Timestamp, days: ClosedRange<CalendarDay>, until: Timestamp, calendar: LocalCalendar,
    cut: CutDays? = nil, seeksNewest: Bool = false, clocksOn: Range<CalendarDay>? = nil
  ) {
    self.asOf = asOf
    self.days = days
    self.until = until
    self.calendar = calendar
    self.cut = cut
    self.seeksNewest = seeksNewest
    self.clocksOn = clocksOn
  }
}
