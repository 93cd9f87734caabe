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
  fileprivate mutating func countStep(by step: UInt64) -> UInt64 {
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

  /// Position of a reading among those of its timeline.
  public enum Order: Sendable {
    /// After the newest: fold it.
    case next
    /// At the newest's event time.
    case tied
    /// Before the newest, or on a day that the timeline has left.
    case late
  }

  /// Position of a reading at `time`, which decides how it is folded.
  public mutating func order(of time: Timestamp, in timeline: Timeline) -> Order {
    if time == timeline.newest { return .tied }
    return time > timeline.newest && day(at: time) >= timeline.day ? .next : .late
  }

  /// Folds a reading that is later than all before it.
  public mutating func fold(
    _ reading: Reading, of equipment: EquipmentNumber, into timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    let ended = enter(reading, of: equipment, in: &timeline, changes: &changes)
    let isMissing = count(reading, of: equipment, in: &timeline, changes: &changes)
    if isMissing, let ended { changes.intervals[ended].lostUntil = reading.time }
  }

  /// Folds distinct readings of one event time, given ascending by payload: each is counted with its
  /// meters, the last in rank gives the state.
  public mutating func fold(
    tied payloadOrder: [Reading], of equipment: EquipmentNumber, into timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    var readings = payloadOrder
    // Sequence numbers rank readings of one boot; mixed with payloads the order would be circular.
    if readings.allSatisfy({ $0.boot == readings[0].boot && $0.sequence != nil }) {
      readings.sort { ($0.sequence ?? 0) < ($1.sequence ?? 0) }
    }
    guard let winner = readings.last else { return }
    let ended = enter(winner, of: equipment, in: &timeline, changes: &changes)
    var isMissing = false
    for reading in readings {
      if count(reading, of: equipment, in: &timeline, changes: &changes) { isMissing = true }
    }
    if isMissing, let ended { changes.intervals[ended].lostUntil = winner.time }
    timeline.totals.ties = timeline.totals.ties.addingSaturated(Int32(clamping: readings.count - 1))
  }

  /// Records a live online or offline at `time`, received at `received`.
  public mutating func fold(
    _ presence: Presence, at time: Timestamp, received: Timestamp, of equipment: EquipmentNumber,
    into timeline: inout Timeline, changes: inout TimelineChanges
  ) {
    enterDay(of: time, of: equipment, in: &timeline, changes: &changes)
    changes.sessionEvents.append(SessionEvent(equipment: equipment, at: time, presence: presence))
    // An offline among readings already folded ends vouching that has been credited; after a clock was set
    // back, a day may be one that the timeline has left. What its own day makes of it reaches this one then.
    let isLate =
      day(at: time) < timeline.day
      || (presence == .offline && (time < timeline.newest || time < timeline.lastOffline))
    guard !isLate else {
      changes.lateRecords.append(LateRecord(equipment: equipment, at: time))
      return
    }
    if received < timeline.firstHeard { timeline.firstHeard = received }
    switch presence {
    case .online:
      if time > timeline.lastOnline { timeline.lastOnline = time }
    case .offline:
      // A repeated record: an offline at the instant of the newest one is the same.
      if time == timeline.lastOffline { return }
      if time < timeline.cut { timeline.cut = time }
      if timeline.offlinesSinceNewest < .max { timeline.offlinesSinceNewest += 1 }
      if time > timeline.lastOffline { timeline.lastOffline = time }
      if received > timeline.lastOfflineReceived { timeline.lastOfflineReceived = received }
    }
  }

  /// Credits what the open day of `timeline` has coming until `until`, at most its end, as if nothing more
  /// came before: the totals to read while the day is open, and to keep once it is over.
  public mutating func credited(_ timeline: Timeline, until: Timestamp) -> DayTotals {
    guard timeline.hasReadings else { return timeline.totals }
    var totals = timeline.totals
    totals.add(tail(of: timeline, until: until), state: timeline.state, mode: timeline.mode)
    if timeline.meterMarks.contains(.doubtful), totals.readings > 0 {
      totals.odd.openFalls = timeline.doubts.falls
    }
    return totals
  }

  /// The totals of a day that has ended as they were before its end was credited: what
  /// ``credited(_:until:)`` makes `totals` of, for `timeline` as the day left it.
  public mutating func uncredited(_ totals: DayTotals, of timeline: Timeline) -> DayTotals {
    guard timeline.hasReadings else { return totals }
    var totals = totals
    let tail = tail(of: timeline, until: .distantFuture)
    totals.add(tail * -1, state: timeline.state, mode: timeline.mode)
    if totals.odd.openFalls != 0 { totals.odd.openFalls = 0 }
    return totals
  }

  /// Time for which the newest reading vouches on the open day, up to `until`.
  private mutating func tail(of timeline: Timeline, until: Timestamp) -> Span {
    let (start, end) = bounds(of: timeline.day)
    let from = max(timeline.newest, start)
    let until = min(until, end, timeline.newest + horizonMinimum, timeline.cut)
    return from < until ? until - from : .zero
  }

  /// Ends the open day of `timeline`, and every later one before `day` that its newest reading reaches into.
  public mutating func enterDay(
    _ day: CalendarDay, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    let closing = timeline
    var isFirst = true
    while timeline.day < day {
      let totals = credited(timeline, until: .distantFuture)
      if isFirst, timeline.day.number != .min {
        changes.closedDays.append(
          ClosedDay(equipment: equipment, day: timeline.day, totals: totals, closing: closing))
      } else if !totals.isEmpty {
        // Nothing came on this day: it has only what the newest reading vouches for past midnight.
        changes.closedDays.append(
          ClosedDay(equipment: equipment, day: timeline.day, totals: totals, closing: nil))
      }
      isFirst = false
      let reaches = timeline.hasReadings && bounds(of: timeline.day).end < timeline.newest + horizonMinimum
      timeline.beginDay()
      timeline.day = reaches ? timeline.day + 1 : day
    }
  }

  // MARK: -

  /// Ends the newest reading's time and makes `reading` the newest. Returns the place among the changes of
  /// the stretch this ended, where that did not vouch up to `reading`.
  private mutating func enter(
    _ reading: Reading, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) -> Int? {
    let time = reading.time
    var ended: Int?
    enterDay(of: time, of: equipment, in: &timeline, changes: &changes)
    if timeline.hasReadings {
      let tail = tail(of: timeline, until: time)
      timeline.totals.add(tail, state: timeline.state, mode: timeline.mode)
      let vouchedUntil = min(time, timeline.newest + horizonMinimum, timeline.cut)
      let continues =
        vouchedUntil == time && timeline.state == reading.state && timeline.mode == reading.mode
        && timeline.vouching.contains(.session) == (reading.vouching == .session)
      if !continues {
        changes.intervals.append(
          StateInterval(
            equipment: equipment, from: timeline.stretchStart, last: timeline.newest,
            cut: timeline.cut < time ? timeline.cut : nil, state: timeline.state, mode: timeline.mode,
            vouching: timeline.vouching.contains(.session) ? .session : .horizon))
        timeline.stretchStart = time
        if vouchedUntil < time { ended = changes.intervals.count - 1 }
      }
    } else {
      timeline.stretchStart = time
      timeline.firstReading = time
    }
    moveCut(past: reading, of: equipment, in: &timeline, changes: &changes)
    judgeArrival(of: reading, in: &timeline)
    timeline.newest = time
    timeline.newestReceived = reading.received
    timeline.state = reading.state
    timeline.mode = reading.mode
    switch reading.vouching {
    case .horizon: timeline.vouching.remove(.session)
    case .session: timeline.vouching = .all
    }
    if reading.alarms != timeline.alarms {
      timeline.alarms = reading.alarms
      changes.alarmChanges.append(AlarmChange(equipment: equipment, at: time, digest: reading.alarms))
    }
    return ended
  }

  private mutating func enterDay(
    of instant: Timestamp, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    let today = day(at: instant)
    if today > timeline.day { enterDay(today, of: equipment, in: &timeline, changes: &changes) }
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

  /// Adds what a reading counts; returns whether its sequence number shows that messages are missing.
  private mutating func count(
    _ reading: Reading, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) -> Bool {
    if reading.received < timeline.firstHeard { timeline.firstHeard = reading.received }
    timeline.totals.readings = timeline.totals.readings.addingSaturated(1)
    timeline.totals.minutes.insert(Int((reading.time - cachedStart).milliseconds / 60_000))
    let rebooted = reading.boot != nil && timeline.boot != nil && reading.boot != timeline.boot
    if rebooted { (timeline.sequenceSteps, timeline.sequenceLeaps) = (0, 0) }
    var missing: UInt64 = 0
    if let sequence = reading.sequence, let last = timeline.sequence, !rebooted, sequence > last {
      missing = timeline.countStep(by: sequence - last)
    }
    MeterFold.fold(reading, rebooted: rebooted, of: equipment, into: &timeline, changes: &changes)
    if reading.sequence != nil { timeline.sequence = reading.sequence }
    if let boot = reading.boot, boot != timeline.boot {
      if boot == timeline.previousBoot {
        timeline.totals.bootReturns = timeline.totals.bootReturns.addingSaturated(1)
      }
      timeline.previousBoot = timeline.boot
      timeline.boot = boot
    }
    return missing > 0
  }

  /// Judges whether a reading is live or late, before it becomes the newest.
  ///
  /// A reading is live when the time since the previous receipt equals the time since the previous event time, within
  /// half of the latter: delayed readings arrive in a burst, whatever the clock shows. It is late when it is not live
  /// and arrived more than an hour later than the clock explains.
  private func judgeArrival(of reading: Reading, in timeline: inout Timeline) {
    let skew = (reading.received - reading.time).milliseconds
    var isLive = false
    if timeline.hasReadings, timeline.newestReceived < reading.received {
      let made = (reading.time - timeline.newest).milliseconds
      let came = (reading.received - timeline.newestReceived).milliseconds
      isLive = came >= made - made / 2 && came <= made &+ made / 2
    }
    if isLive {
      timeline.clock = skew
      timeline.totals.live = timeline.totals.live.addingSaturated(1)
      timeline.totals.skew = min(timeline.totals.skew ?? skew, skew)
    }
    if !isLive, skew &- timeline.clock > Span.hours(1).milliseconds {
      timeline.totals.late = timeline.totals.late.addingSaturated(1)
    }
  }

  /// The local day of an instant.
  public mutating func day(at instant: Timestamp) -> CalendarDay {
    if instant >= cachedStart, instant < cachedEnd { return cachedDay }
    cache(calendar.day(at: instant))
    return cachedDay
  }

  private mutating func bounds(of day: CalendarDay) -> (start: Timestamp, end: Timestamp) {
    if day != cachedDay { cache(day) }
    return (cachedStart, cachedEnd)
  }

  private mutating func cache(_ day: CalendarDay) {
    cachedDay = day
    cachedStart = calendar.start(of: day)
    cachedEnd = calendar.start(of: day + 1)
  }
}
