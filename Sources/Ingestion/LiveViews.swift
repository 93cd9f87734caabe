import Decoding
import Storage
import Telemetry

/// The views in memory: every sender's timeline, and the changes that are not written to the store yet.
///
/// A batch is folded only after the journal has it, so that memory is never ahead of the disk. The same code folds a
/// live window and a replayed block.
struct LiveViews: ~Copyable {
  private(set) var timelines: ContiguousArray<Timeline>
  private(set) var changes = ViewChanges()
  /// The last block folded.
  private(set) var cursor: Int64
  private var observing: ObservationFold
  /// Judges whether the shard hears messages.
  var hearing: HearingWatch
  /// The broker's newest count of dropped messages.
  private(set) var brokerDrops: BrokerDropCount?
  private var fold: TimelineFold
  /// Notes of the senders, side by side in memory: each message needs a whole note.
  private var notes: ContiguousArray<SenderNote> = []
  private struct SenderNote {
    /// The last batch with a message of the sender.
    var batch: UInt32 = 0
    /// Place of its newest topic; -1 if unknown.
    var lastTopic: Int32 = -1
    /// The newest event time in that batch.
    var time = Timestamp.distantPast
  }
  /// Whether a sender is in `changes.changedEquipment`. Stored outside the note, so that a note takes 16 bytes
  /// instead of 24.
  private var isChanged: ContiguousArray<Bool> = []
  private var batch: UInt32 = 0
  /// Generation of the intake's topics, to which notes refer by place.
  private var generation = 0
  private var order: ContiguousArray<Int32> = []
  private var quarantine = Quarantine()
  private var fieldErrors = FieldErrors()
  private var retainFlags = RetainFlagCounts()
  /// Records of equipment under repair, folded since the repair began.
  private(set) var tail = RepairTail()

  init(state: ShardState, fold: TimelineFold) {
    timelines = state.timelines
    cursor = state.cursor
    observing = ObservationFold(state.observation)
    hearing = HearingWatch(state.timelines)
    brokerDrops = state.brokerDrops
    self.fold = fold
    grow(to: state.timelines.count)
  }

  /// The newest stretch with a connection; nil before the first.
  var observation: ObservedStretch? { observing.current }

  /// Number of rows waiting to be written, without new senders.
  var pending: Int {
    changes.changedEquipment.count + changes.timelineChanges.count + changes.quarantined.count
      + changes.observations.count + changes.silences.count + changes.brokerDrops.count
      + changes.repairs.count + changes.fieldErrors.count + changes.retainFlags.count
  }

  /// Folds a batch that is stored in the journal as `block` and remembered by `intake`.
  ///
  /// - Parameter flagsSince: messages flagged retained that were received earlier are in the views already.
  mutating func fold(
    _ batch: borrowing Batch, _ intake: inout Intake, block: Int64, flagsSince: Timestamp = .distantPast
  ) {
    grow(to: intake.senders.all.count)
    if generation != intake.generation {
      for sender in notes.indices { notes[sender].lastTopic = -1 }
      generation = intake.generation
    }
    self.batch &+= 1
    quarantine.begin()
    var inOrder = true
    let hasBadRecords = batch.hasBadRecords
    order.removeAll(keepingCapacity: true)
    for index in batch.messages.indices {
      hearing.heard(batch.messages[index], in: batch)
      if batch.messages[index].isFlaggedRetained, batch.messages[index].received >= flagsSince {
        retainFlags.add(
          batch.messages[index], day: fold.day(at: batch.messages[index].received), intake,
          to: &changes.retainFlags)
      }
      switch batch.messages[index].fate {
      case .uncounted: continue
      case .rejected:
        quarantine.add(
          batch, index, block: block, day: fold.day(at: batch.messages[index].received), &intake,
          to: &changes.quarantined)
      case .accepted:
        for event in batch.messages[index].events { take(event, of: batch, index, &inOrder, &intake) }
        if hasBadRecords, batch.badRecords(of: index) != nil {
          quarantine.add(
            batch, index, block: block, day: fold.day(at: batch.messages[index].received), &intake,
            to: &changes.quarantined)
        }
      }
    }
    if !inOrder { sortByEventTime(batch) }
    var position = 0
    while position < order.count { position = foldNext(batch, &intake, at: position) }
    cursor = block
  }

  /// Adds an event to those to be folded, unless it was counted before.
  @inline(__always)
  private mutating func take(
    _ event: Int, of batch: borrowing Batch, _ message: Int, _ inOrder: inout Bool, _ intake: inout Intake
  ) {
    if batch.events[event].kind == .reading {
      let sender = Int(batch.events[event].sender)
      let time = batch.events[event].time
      let counted = batch.messages[message].counted
      let isNew = counted == .distantFuture
      if !batch.events[event].faults.isEmpty, isNew {
        fieldErrors.add(
          batch.events[event], in: batch.messages[message], day: fold.day(at: time), &intake,
          to: &changes.fieldErrors)
      }
      let newest =
        notes[sender].batch == self.batch
        ? max(notes[sender].time, timelines[sender].newest) : timelines[sender].newest
      // Only a message that is not later than all earlier ones can have been counted already.
      if time <= newest {
        let received = batch.messages[message].received
        if !isNew, batch.events[event].isTimed || received == counted {
          // The first receipt of a repeated message counts, and this may be the first by our clock. Whether its
          // events are the same is decided from its day's records.
          if received < counted || batch.messages[message].mayDiffer {
            changes.timelineChanges.lateRecords.append(
              LateRecord(equipment: EquipmentNumber(sender), at: time))
          }
          return
        }
        if notes[sender].batch == self.batch { inOrder = false }
      }
      notes[sender].batch = self.batch
      notes[sender].time = max(time, newest)
    }
    order.append(Int32(truncatingIfNeeded: event))
  }

  /// Begins to keep records of equipment whose open day is being recomputed.
  mutating func beginRepair(of equipment: some Sequence<EquipmentNumber>) { tail.begin(equipment) }

  /// Adopts recomputed days, and the records received since their recomputation. No earlier change may be waiting to
  /// be written.
  mutating func apply(_ repaired: some Sequence<RepairedDay>, _ senders: Senders) {
    grow(to: senders.all.count)
    for day in repaired {
      let number = Int(day.equipment)
      if day.isOpen {
        // Too many records arrived to keep: the mark stays, and the next pass reads them from the journal.
        guard let records = tail.records(of: day.equipment) else { continue }
        var timeline = day.ending
        var workshop = day.workshop
        changes.repairs.append(day)
        for (record, heardIn) in records {
          let newest = max(timeline.newest, timeline.lastOnline, timeline.lastOffline)
          let closedDays = changes.timelineChanges.closedDays.count
          fold(record, of: day.equipment, into: &timeline)
          noteWorkshop(ofDaysFrom: closedDays, of: day.equipment, left: workshop, senders)
          if record.time > newest || record.time == newest && heardIn > workshop { workshop = heardIn }
        }
        timelines[number] = timeline
      } else {
        changes.repairs.append(day)
      }
      markChanged(day.equipment)
    }
  }

  /// Ends a repair, whether it was adopted or given up.
  mutating func endRepair() { tail.end() }

  private mutating func fold(
    _ record: RepairTail.Record, of equipment: EquipmentNumber, into timeline: inout Timeline
  ) {
    let alarmChanges = changes.timelineChanges.alarmChanges.count
    switch record {
    case .presence(let presence, let at, let received):
      fold.fold(
        presence, at: at, received: received, of: equipment, into: &timeline,
        changes: &changes.timelineChanges)
    case .readings(let readings):
      if fold.order(of: readings[0].time, in: timeline) == .next {
        fold.fold(tied: readings, of: equipment, into: &timeline, changes: &changes.timelineChanges)
      } else {
        changes.timelineChanges.lateRecords.append(LateRecord(equipment: equipment, at: readings[0].time))
      }
    }
    for change in alarmChanges..<changes.timelineChanges.alarmChanges.count {
      changes.timelineChanges.alarmChanges[change].codes =
        tail.codes[changes.timelineChanges.alarmChanges[change].digest] ?? []
    }
  }

  /// Notes a block that changes no view.
  mutating func passed(_ block: Int64) { cursor = block }

  /// Notes a new or resumed connection with its subscription.
  mutating func connected(at: Timestamp, sessionPresent: Bool, block: Int64) {
    observing.connected(at: at, sessionPresent: sessionPresent)
    noteObservation()
    cursor = block
  }

  /// Notes that the connection existed up to `instant`.
  mutating func observed(through instant: Timestamp, ended: Bool = false, block: Int64) {
    cursor = block
    observed(through: instant, ended: ended)
  }

  /// Notes that the connection existed up to `instant`, by a record folded already.
  mutating func observed(through instant: Timestamp, ended: Bool = false) {
    let before = observing
    observing.observed(through: instant, ended: ended)
    guard observing != before else { return }
    noteObservation()
  }

  /// Notes a silence from `since` to `instant` although senders had been active, by a record folded already.
  mutating func unheard(since: Timestamp, until instant: Timestamp) {
    guard let observation, since < instant else { return }
    let silence = Silence(since: since, until: instant, stretch: observation.number)
    if changes.silences.last?.since == since { changes.silences.removeLast() }
    changes.silences.append(silence)
  }

  /// Notes a change of the broker's count of dropped messages, by a record whose block is folded.
  mutating func dropped(_ drops: BrokerDropCount) {
    brokerDrops = drops
    changes.brokerDrops.append(drops)
  }

  /// Lends the changes for the store to write; they are cleared after `body` returns.
  mutating func write(_ senders: inout Senders, _ body: (ViewUpdate) throws -> Void) throws {
    changes.newSenders = senders.new
    try body(ViewUpdate(changes: changes, senders: senders.all, timelines: timelines, cursor: cursor))
    senders.markStored()
    changes.newSenders = []
    changes.movedSenders.removeAll(keepingCapacity: true)
    for number in changes.changedEquipment { isChanged[Int(number)] = false }
    changes.changedEquipment.removeAll(keepingCapacity: true)
    changes.timelineChanges.removeAll()
    changes.repairs.removeAll()
    changes.quarantined.removeAll(keepingCapacity: true)
    changes.fieldErrors.removeAll(keepingCapacity: true)
    fieldErrors.removeAll()
    changes.retainFlags.removeAll(keepingCapacity: true)
    retainFlags.removeAll()
    changes.observations.removeAll(keepingCapacity: true)
    changes.silences.removeAll(keepingCapacity: true)
    changes.brokerDrops.removeAll(keepingCapacity: true)
  }

  // MARK: -

  private mutating func grow(to senders: Int) {
    let missing = senders - timelines.count
    if missing > 0 { timelines.append(contentsOf: repeatElement(Timeline(), count: missing)) }
    let more = timelines.count - notes.count
    guard more > 0 else { return }
    notes.append(contentsOf: repeatElement(SenderNote(), count: more))
    isChanged.append(contentsOf: repeatElement(false, count: more))
  }

  /// Folds the event at `position` of `order`, together with those of equal rank; returns the next position.
  private mutating func foldNext(
    _ batch: borrowing Batch, _ intake: inout Intake, at position: Int
  ) -> Int {
    let index = Int(order[position])
    let sender = batch.events[index].sender
    markChanged(sender)
    let closedDays = changes.timelineChanges.closedDays.count
    var left = noteWorkshop(of: sender, at: batch.events[index].time, batch.events[index].origin, &intake)
    defer { noteWorkshop(ofDaysFrom: closedDays, of: sender, left: left, intake.senders) }
    switch batch.events[index].kind {
    case .online, .offline:
      let presence: Presence = batch.events[index].kind == .online ? .online : .offline
      if tail.isActive {
        tail.note(
          presence, at: batch.events[index].time, received: batch.events[index].received, of: sender,
          in: intake.workshop(at: batch.events[index].origin))
      }
      fold.fold(
        presence, at: batch.events[index].time, received: batch.events[index].received, of: sender,
        into: &timelines[Int(sender)], changes: &changes.timelineChanges)
      return position + 1
    case .reading: break
    }
    var end = position + 1
    while end < order.count, isTied(batch, position, end) {
      let before = noteWorkshop(
        of: sender, at: batch.events[index].time, batch.events[Int(order[end])].origin, isTied: true, &intake)
      left = left ?? before
      end += 1
    }
    let tieEnd = end
    if end > position + 1 { end = dropRepeated(batch, position..<end) }
    guard fold.order(of: batch.events[index].time, in: timelines[Int(sender)]) == .next else {
      for _ in position..<end {
        changes.timelineChanges.lateRecords.append(
          LateRecord(equipment: sender, at: batch.events[index].time))
      }
      return tieEnd
    }
    let alarmChanges = changes.timelineChanges.alarmChanges.count
    if tail.isActive { keepForRepair(batch, position..<end, of: sender, &intake) }
    if end == position + 1 {
      fold.fold(
        batch.events[index].reading, of: sender, into: &timelines[Int(sender)],
        changes: &changes.timelineChanges)
    } else {
      let tied = (position..<end).map { batch.events[Int(order[$0])].reading }
      fold.fold(tied: tied, of: sender, into: &timelines[Int(sender)], changes: &changes.timelineChanges)
    }
    if changes.timelineChanges.alarmChanges.count > alarmChanges {
      lookUpAlarms(batch, position..<end, from: alarmChanges, &intake)
    }
    return tieEnd
  }

  /// Removes readings of one instant that repeat an earlier one: the others are moved forward in `order`, over them.
  /// Returns the end of the others. Repeated readings have the same place in messages with the same content. Only
  /// messages of the Sparkplug host application's session can come twice in a window: others are recognised as they
  /// are remembered.
  private mutating func dropRepeated(_ batch: borrowing Batch, _ tie: Range<Int>) -> Int {
    var seen: Set<RepeatKey> = []
    var end = tie.lowerBound
    for position in tie {
      let event = Int(order[position])
      let message = Int(batch.events[event].message)
      let key = RepeatKey(
        digest: batch.messages[message].digest, place: batch.recordPlace(of: event))
      guard seen.insert(key).inserted else {
        // Those of a message that was counted before were not added.
        if batch.messages[message].counted == .distantFuture {
          fieldErrors.remove(
            batch.events[event], day: fold.day(at: batch.events[event].time), from: &changes.fieldErrors)
        }
        continue
      }
      order[end] = order[position]
      end += 1
    }
    return end
  }

  private struct RepeatKey: Hashable {
    var digest: UInt64
    var place: RecordPlace
  }

  private func isTied(_ batch: borrowing Batch, _ a: Int, _ b: Int) -> Bool {
    let first = Int(order[a])
    let second = Int(order[b])
    return batch.events[second].kind == .reading
      && batch.events[second].sender == batch.events[first].sender
      && batch.events[second].time == batch.events[first].time
  }

  /// Sorts the events by sender, event time, rank (online, readings, offline), payload and place in the batch.
  private mutating func sortByEventTime(_ batch: borrowing Batch) {
    let sorted = withExtendedLifetime(copy batch) { batch in
      order.sorted { a, b in
        let x = batch.events[Int(a)]
        let y = batch.events[Int(b)]
        if x.sender != y.sender { return x.sender < y.sender }
        if x.time != y.time { return x.time < y.time }
        if x.kind.rank != y.kind.rank { return x.kind.rank < y.kind.rank }
        let p = batch.messages[Int(x.message)].payload
        let q = batch.messages[Int(y.message)].payload
        return p.lexicographicallyPrecedes(q) || (p.elementsEqual(q) && a < b)
      }
    }
    order = ContiguousArray(sorted)
  }

  /// Finds in the messages the alarms whose digests changed in the fold.
  private mutating func lookUpAlarms(
    _ batch: borrowing Batch, _ positions: Range<Int>, from first: Int, _ intake: inout Intake
  ) {
    for change in first..<changes.timelineChanges.alarmChanges.count {
      let digest = changes.timelineChanges.alarmChanges[change].digest
      guard digest != 0 else { continue }
      for position in positions where batch.events[Int(order[position])].reading.alarms == digest {
        let message = Int(batch.events[Int(order[position])].message)
        changes.timelineChanges.alarmChanges[change].codes =
          batch.buffer.alarmCodes[digest] ?? intake.alarms(in: batch.messages[message].payload)
        break
      }
    }
  }

  /// Notes the workshop of a record before it is folded: the workshop of the newest record; of several at its
  /// instant, the last in order of names, whatever the order of receipt. Returns the workshop that the sender left;
  /// nil if it stays.
  private mutating func noteWorkshop(
    of equipment: EquipmentNumber, at time: Timestamp, _ origin: Int32, isTied: Bool = false,
    _ intake: inout Intake
  ) -> String? {
    guard notes[Int(equipment)].lastTopic != origin else { return nil }
    let timeline = timelines[Int(equipment)]
    let newest = max(timeline.newest, timeline.lastOnline, timeline.lastOffline)
    let workshop = intake.workshop(at: origin)
    let before = intake.senders.all[Int(equipment)].workshop
    guard time >= newest, time > newest && !isTied || workshop > before else {
      if workshop != before, intake.senders.noteElsewhere(equipment) {
        changes.movedSenders.append(equipment)
      }
      return nil
    }
    notes[Int(equipment)].lastTopic = origin
    guard intake.senders.move(equipment, to: workshop) else { return nil }
    changes.movedSenders.append(equipment)
    return before
  }

  /// Notes the workshop of the last record of days that a record closed: the workshop that the sender left with the
  /// record, or the current one if it stayed.
  private mutating func noteWorkshop(
    ofDaysFrom first: Int, of equipment: EquipmentNumber, left: String?, _ senders: borrowing Senders
  ) {
    for index in first..<changes.timelineChanges.closedDays.count
    where changes.timelineChanges.closedDays[index].closing != nil {
      changes.timelineChanges.closedDays[index].workshop = left ?? senders.all[Int(equipment)].workshop
    }
  }

  private mutating func markChanged(_ equipment: EquipmentNumber) {
    guard !isChanged[Int(equipment)] else { return }
    isChanged[Int(equipment)] = true
    changes.changedEquipment.append(equipment)
  }

  private mutating func keepForRepair(
    _ batch: borrowing Batch, _ positions: Range<Int>, of equipment: EquipmentNumber, _ intake: inout Intake
  ) {
    var workshop = ""
    var readings: [Reading] = []
    var alarms: [[String]] = []
    for position in positions {
      let event = batch.events[Int(order[position])]
      workshop = max(workshop, intake.workshop(at: event.origin))
      readings.append(event.reading)
      let payload = batch.messages[Int(event.message)].payload
      let digest = event.reading.alarms
      alarms.append(
        digest == 0 ? [] : batch.buffer.alarmCodes[digest] ?? intake.alarms(in: payload))
    }
    tail.note(readings, of: equipment, in: workshop) { alarms[$0] }
  }

  private mutating func noteObservation() {
    guard let observation else { return }
    if let last = changes.observations.indices.last, changes.observations[last].number == observation.number {
      changes.observations[last] = observation
    } else {
      changes.observations.append(observation)
    }
  }
}
