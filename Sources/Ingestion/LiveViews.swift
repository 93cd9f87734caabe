import Decoding
import Storage
import Telemetry

/// The views in memory: every sender's timeline, and the changes that are not written to the store yet.
///
/// A batch is folded only after the journal has it, so that memory is never ahead of the disk. The same code folds a
/// live window and a replayed block.
struct LiveViews: ~Copyable {
  var timelines: ContiguousArray<Timeline>
  var changes = ViewChanges()
  /// The last block folded.
  var cursor: Int64
  /// Makes stretches of the records of connections.
  var observing: ObservationFold
  /// Judges whether the shard hears messages.
  var hearing: HearingWatch
  /// The broker's newest count of dropped messages.
  var brokerDrops: BrokerDropCount?
  /// Folds records into the timelines.
  var fold: TimelineFold
  /// Notes of the senders, side by side in memory: each message needs a whole note.
  var notes: ContiguousArray<SenderNote> = []
  struct SenderNote {
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
  /// Places of the batch's events that are to be folded, in the order of folding.
  var order: ContiguousArray<Int32> = []
  private var quarantine = Quarantine()
  var fieldErrors = FieldErrors()
  private var retainFlags = RetainFlagCounts()
  /// Records of equipment under repair, folded since the repair began.
  var tail = RepairTail()

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

  /// Notes a block that changes no view.
  mutating func passed(_ block: Int64) { cursor = block }

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

  mutating func grow(to senders: Int) {
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

  mutating func markChanged(_ equipment: EquipmentNumber) {
    guard !isChanged[Int(equipment)] else { return }
    isChanged[Int(equipment)] = true
    changes.changedEquipment.append(equipment)
  }
}
