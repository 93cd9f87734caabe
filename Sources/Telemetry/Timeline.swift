/// The state of a piece of equipment up to its newest reading: the open stretch, the open day, its session and its
/// meters. Closed stretches and days leave through ``TimelineChanges``.
///
/// The rules are those of the design's metrics page ("Timeline, exactly"). Records in order of event
/// time are exact at once. A record older than the newest is not folded: it is handed out as a
/// ``LateRecord``, and its days wait to be recomputed from the journal.
///
/// A value takes 304 bytes, since a district's equipment is one flat array: optional numbers are kept as a number and
/// a bit, rare state is stored separately, and fields are ordered to leave the least gaps.
public struct Timeline: Equatable, Sendable {
  /// Event time of the newest reading; `distantPast` before the first.
  public var newest = Timestamp.distantPast
  /// Event time of the first reading of the open stretch.
  public var stretchStart = Timestamp.distantPast
  /// The first offline at or after the newest reading; `distantFuture` when there is none.
  public var cut = Timestamp.distantFuture
  private var sequenceValue: UInt64 = 0
  private var bootValue: UInt64 = 0
  private var previousBootValue: UInt64 = 0
  /// Digest of the alarms the newest reading carried; 0 for none.
  public var alarms: UInt64 = 0

  /// The newest offline, by event time and by receipt; `distantPast` when there was none.
  public var lastOffline = Timestamp.distantPast
  public var lastOfflineReceived = Timestamp.distantPast
  /// The newest live online; `distantPast` when there was none.
  public var lastOnline = Timestamp.distantPast
  /// The first receipt of anything counted; `distantFuture` before it.
  public var firstHeard = Timestamp.distantFuture
  /// Event time of the first reading; `distantFuture` before it.
  public var firstReading = Timestamp.distantFuture

  /// Receipt of the newest reading; `distantPast` before the first.
  public var newestReceived = Timestamp.distantPast
  /// Receipt − event time of the newest live reading, in milliseconds: how far the clock is behind, including the
  /// transmission delay. 0 before the first.
  public var clock: Int64 = 0
  /// Number of steps of the sequence number in the present boot: of exactly 1, and of more. Both are halved together
  /// before they overflow.
  public var sequenceSteps: UInt16 = 0
  public var sequenceLeaps: UInt16 = 0

  /// The greatest value of each meter since its last baseline.
  public var meters = Meters()
  public var state = EquipmentState.off
  public var mode = OperatingMode.unstated
  /// Offlines since the newest reading, saturating: with more than two a late cut is not known exactly.
  public var offlinesSinceNewest: UInt8 = 0
  /// The local day the open totals belong to.
  public var day = CalendarDay(number: .min)
  public var totals = DayTotals()
  /// Event time of the last reading with the energy meter's greatest value; `distantPast` before the first.
  public var energyAt = Timestamp.distantPast
  /// At most one element, which is not empty.
  private var rareDoubts: ContiguousArray<MeterDoubts> = []
  /// State of the meters between readings. ``MeterMarks/doubtful`` follows ``doubts``.
  public var meterMarks: MeterMarks = []
  /// Presence of sequence, boot and previous boot; the values of absent ones are 0.
  private var present = PresentNumbers()
  /// How the newest reading vouches, and whether an earlier one did by a session.
  public var vouching: Vouching.Past = []

  /// `seq` and the digest of `boot` of the newest reading that had them.
  public var sequence: UInt64? {
    get { present.value(sequenceValue, at: 0) }
    set { present.set(&sequenceValue, to: newValue, at: 0) }
  }
  public var boot: UInt64? {
    get { present.value(bootValue, at: 1) }
    set { present.set(&bootValue, to: newValue, at: 1) }
  }
  /// The boot before `boot`.
  public var previousBoot: UInt64? {
    get { present.value(previousBootValue, at: 2) }
    set { present.set(&previousBootValue, to: newValue, at: 2) }
  }

  /// Unsettled state of the meters.
  public var doubts: MeterDoubts {
    get { rareDoubts.first ?? MeterDoubts() }
    set {
      let isEmpty = newValue == MeterDoubts()
      rareDoubts = isEmpty ? [] : [newValue]
      if isEmpty { meterMarks.remove(.doubtful) } else { meterMarks.insert(.doubtful) }
    }
  }

  /// An equipment never heard.
  public init() {}

  /// Whether a reading was ever folded.
  public var hasReadings: Bool { newest != .distantPast }

  /// The same timeline as it enters `day`, with nothing of the day in it yet.
  public func opening(_ day: CalendarDay) -> Timeline {
    var opened = self
    opened.day = day
    opened.beginDay()
    return opened
  }

  /// Clears the state of the open day.
  mutating func beginDay() {
    totals = DayTotals()
    if meterMarks.contains(.doubtful), doubts.energyFirstAt != nil { doubts.energyFirstAt = nil }
  }

  /// Whether two timelines lead to the same future, whatever their days hold.
  public func continuesLike(_ other: Timeline) -> Bool { opening(day) == other.opening(day) }
}

extension Timeline {
  /// Number of steps of exactly 1 in a boot that prove the sequence numbers to be the sender's own.
  static let provingSteps: UInt16 = 3

  /// Counts a step of the sequence number; returns the number of messages that it shows to be missing.
  ///
  /// A counter shared by several machines of a gateway, a counter with a stride, and a time jump constantly. A jump
  /// shows losses only if at least ``provingSteps`` steps of the boot were exactly 1 before it, and at least twice as
  /// many as jumps.
  mutating func countStep(by step: UInt64) -> UInt64 {
    if max(sequenceSteps, sequenceLeaps) == .max {
      sequenceSteps /= 2
      sequenceLeaps /= 2
    }
    guard step > 1 else {
      sequenceSteps += 1
      return 0
    }
    let isOwn = sequenceSteps >= Self.provingSteps && sequenceSteps / 2 >= sequenceLeaps
    sequenceLeaps += 1
    guard isOwn else {
      totals.sequenceJumps = totals.sequenceJumps.addingSaturated(1)
      return 0
    }
    totals.missing = totals.missing.addingSaturated(Int32(clamping: step - 1))
    return step - 1
  }
}
