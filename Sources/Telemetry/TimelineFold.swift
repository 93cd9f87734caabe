/// Folds records into timelines; holds what is the same for every equipment.
public struct TimelineFold: Sendable {
  /// Gaps up to this long stay inside a stretch: the horizon minimum.
  public let horizonMinimum: Span
  let calendar: LocalCalendar
  /// The local day last asked for: nearly every reading falls into it.
  var cachedDay = CalendarDay(number: .min)
  var cachedStart = Timestamp.distantFuture
  var cachedEnd = Timestamp.distantPast

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
}
