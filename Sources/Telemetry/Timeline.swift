/// What one equipment has been doing, up to its newest reading: the open stretch, the open day, its
/// session and its meters. Closed stretches and days leave through ``TimelineChanges``.
///
/// The rules are those of the design's metrics page ("Timeline, exactly"). Records in order of event
/// time are exact at once. A record older than the newest is not folded: it is handed out as a
/// ``LateRecord``, and its days wait to be recomputed from the journal.
///
/// A plain value of about 250 bytes without references: a district's equipment is one flat array.
public struct Timeline: Equatable, Sendable {
  /// Event time of the newest reading; `distantPast` before the first.
  public var newest = Timestamp.distantPast
  /// Event time of the first reading of the open stretch.
  public var stretchStart = Timestamp.distantPast
  /// The first offline at or after the newest reading; `distantFuture` when there is none.
  public var cut = Timestamp.distantFuture
  public var state = EquipmentState.off
  public var mode = OperatingMode.unstated
  /// `seq` and the digest of `boot` of the newest reading that had them.
  public var sequence: UInt64?
  public var boot: UInt64?

  /// The newest offline, by event time and by receipt; `distantPast` when there was none.
  public var lastOffline = Timestamp.distantPast
  public var lastOfflineReceived = Timestamp.distantPast
  /// Offlines since the newest reading, saturating: with more than two a late cut is not known exactly.
  public var offlinesSinceNewest: UInt8 = 0
  /// The newest live online; `distantPast` when there was none.
  public var lastOnline = Timestamp.distantPast

  /// The local day the open totals belong to.
  public var day = CalendarDay(number: .min)
  public var totals = DayTotals()
  /// The greatest value of each meter since its last baseline.
  public var meters = Meters()
  /// The first receipt of anything counted; `distantFuture` before it.
  public var firstHeard = Timestamp.distantFuture

  /// An equipment never heard.
  public init() {}

  /// Whether a reading was ever folded.
  public var hasReadings: Bool { newest != .distantPast }
}

/// Folds records into timelines; holds what is the same for every equipment.
public struct TimelineFold: Sendable {
  /// Gaps up to this long stay inside a stretch: the horizon minimum.
  public let horizonMinimum: Span
  private let calendar: LocalCalendar
  /// The local day last asked for: nearly every reading falls into it.
  private var cachedDay = CalendarDay(number: .min)
  private var cachedStart = Timestamp.distantFuture
  private var cachedEnd = Timestamp.distantPast

  /// A fold with days of `calendar` and stretches held together up to `horizonMinimum`.
  public init(horizonMinimum: Span, calendar: LocalCalendar) {
    self.horizonMinimum = horizonMinimum
    self.calendar = calendar
  }

  /// Where a reading stands among those its timeline has.
  public enum Order: Sendable {
    /// After the newest: fold it.
    case next
    /// At the newest's event time.
    case tied
    /// Before the newest.
    case late
  }

  /// How a reading at `time` is to be treated.
  @inlinable public static func order(of time: Timestamp, in timeline: Timeline) -> Order {
    time > timeline.newest ? .next : time == timeline.newest ? .tied : .late
  }

  /// Folds a reading that is later than all before it.
  public mutating func fold(
    _ reading: Reading, of equipment: EquipmentNumber, into timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    enter(reading, of: equipment, in: &timeline, changes: &changes)
    Self.count(reading, in: &timeline)
  }

  /// Folds distinct readings of one event time, ascending in rank: each is counted with its meters, the
  /// last gives the state.
  public mutating func fold(
    tied readings: [Reading], of equipment: EquipmentNumber, into timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    guard let winner = readings.last else { return }
    enter(winner, of: equipment, in: &timeline, changes: &changes)
    for reading in readings { Self.count(reading, in: &timeline) }
  }

  /// Records a live online or offline at `time`, received at `received`.
  public mutating func fold(
    _ presence: Presence, at time: Timestamp, received: Timestamp, of equipment: EquipmentNumber,
    into timeline: inout Timeline, changes: inout TimelineChanges
  ) {
    changes.sessionEvents.append(SessionEvent(equipment: equipment, at: time, presence: presence))
    if received < timeline.firstHeard { timeline.firstHeard = received }
    switch presence {
    case .online:
      if time > timeline.lastOnline { timeline.lastOnline = time }
    case .offline:
      // An offline among readings already folded ends vouching that has been credited.
      if time < timeline.newest || time < timeline.lastOffline {
        changes.lateRecords.append(LateRecord(equipment: equipment, at: time))
      }
      if time < timeline.cut { timeline.cut = time }
      if timeline.offlinesSinceNewest < .max { timeline.offlinesSinceNewest += 1 }
      if time > timeline.lastOffline { timeline.lastOffline = time }
      if received > timeline.lastOfflineReceived { timeline.lastOfflineReceived = received }
    }
  }

  // MARK: -

  /// Ends the newest reading's time and makes `reading` the newest.
  private mutating func enter(
    _ reading: Reading, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    let time = reading.time
    if timeline.hasReadings {
      let vouchedUntil = creditOpenReading(until: time, of: equipment, in: &timeline, changes: &changes)
      let continues =
        vouchedUntil == time && timeline.state == reading.state && timeline.mode == reading.mode
      if !continues {
        changes.intervals.append(
          StateInterval(
            equipment: equipment, from: timeline.stretchStart, last: timeline.newest,
            cut: timeline.cut < time ? timeline.cut : nil, state: timeline.state, mode: timeline.mode))
        timeline.stretchStart = time
      }
    } else {
      timeline.stretchStart = time
    }
    moveCut(past: reading, of: equipment, in: &timeline, changes: &changes)
    timeline.newest = time
    timeline.state = reading.state
    timeline.mode = reading.mode
    enterDay(of: time, of: equipment, in: &timeline, changes: &changes)
  }

  /// Credits the state of the newest reading up to where it stops vouching, at most `next`.
  private mutating func creditOpenReading(
    until next: Timestamp, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) -> Timestamp {
    let end = min(next, timeline.newest + horizonMinimum, timeline.cut)
    var from = timeline.newest
    while from < end {
      enterDay(of: from, of: equipment, in: &timeline, changes: &changes)
      let until = min(end, cachedEnd)
      timeline.totals.add(until - from, state: timeline.state, mode: timeline.mode)
      from = until
    }
    return end
  }

  /// Makes the day of `instant` the open one, closing the one before.
  private mutating func enterDay(
    of instant: Timestamp, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    let today = day(at: instant)
    guard today > timeline.day else { return }
    if !timeline.totals.isEmpty {
      changes.closedDays.append(
        ClosedDay(equipment: equipment, day: timeline.day, totals: timeline.totals))
    }
    timeline.totals = DayTotals()
    timeline.day = today
  }

  /// The offline that cuts `reading`, from those known: one after it, or one it was received before.
  private func moveCut(
    past reading: Reading, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    guard timeline.offlinesSinceNewest > 0 || timeline.lastOffline != .distantPast else { return }
    if reading.time <= timeline.cut, timeline.cut != .distantFuture {
      return  // The same offline still comes first.
    }
    if reading.time <= timeline.lastOffline {
      if timeline.offlinesSinceNewest > 2 {
        changes.lateRecords.append(LateRecord(equipment: equipment, at: reading.time))
      }
      timeline.cut = timeline.lastOffline
      timeline.offlinesSinceNewest = 1
    } else {
      // Past every offline: it vouches only when it was also received later.
      timeline.cut = reading.received > timeline.lastOfflineReceived ? .distantFuture : reading.time
      timeline.offlinesSinceNewest = 0
    }
  }

  private static func count(_ reading: Reading, in timeline: inout Timeline) {
    if reading.received < timeline.firstHeard { timeline.firstHeard = reading.received }
    timeline.totals.readings = timeline.totals.readings.addingSaturated(1)
    let rebooted = reading.boot != nil && timeline.boot != nil && reading.boot != timeline.boot
    if let sequence = reading.sequence, let last = timeline.sequence, !rebooted, sequence > last {
      timeline.totals.missing = timeline.totals.missing.addingSaturated(Int32(clamping: sequence - last - 1))
    }
    var resets: Int32 = 0
    advance(
      &timeline.meters.energy, to: reading.meters.energy, rebooted, &timeline.totals.energy, &resets)
    advance(&timeline.meters.good, to: reading.meters.good, rebooted, &timeline.totals.good, &resets)
    advance(&timeline.meters.total, to: reading.meters.total, rebooted, &timeline.totals.total, &resets)
    timeline.totals.meterResets = timeline.totals.meterResets.addingSaturated(resets)
    if reading.sequence != nil { timeline.sequence = reading.sequence }
    if reading.boot != nil { timeline.boot = reading.boot }
  }

  /// A delta belongs to the later reading; the first value is the baseline. A drop of at most a
  /// thousandth within one boot is jitter and keeps the maximum; a larger one is a new baseline.
  private static func advance(
    _ meter: inout Int64?, to value: Int64?, _ rebooted: Bool, _ sum: inout Int64, _ resets: inout Int32
  ) {
    guard let value else { return }
    guard let last = meter else {
      meter = value
      return
    }
    if value >= last {
      sum = sum.addingSaturated(value - last)
      meter = value
    } else if rebooted || last - value > last / 1000 {
      sum = sum.addingSaturated(rebooted ? value : 0)
      resets &+= 1
      meter = value
    }
  }

  private mutating func day(at instant: Timestamp) -> CalendarDay {
    if instant >= cachedStart, instant < cachedEnd { return cachedDay }
    cachedDay = calendar.day(at: instant)
    cachedStart = calendar.start(of: cachedDay)
    cachedEnd = calendar.start(of: cachedDay + 1)
    return cachedDay
  }
}

extension FixedWidthInteger {
  /// The sum, or the greatest value there is: what a faulty device counts must not wrap into nonsense.
  fileprivate func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
