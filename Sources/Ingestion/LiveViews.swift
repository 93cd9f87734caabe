import Decoding
import Storage
import Telemetry

/// The views in memory: every sender's timeline, and the changes the store has not been given yet.
///
/// Batches come in only after the journal has them, so that what is in memory is never ahead of what is
/// on disk; the same code folds a live window and a replayed block.
struct LiveViews: ~Copyable {
  var decoder: MessageDecoder
  private(set) var timelines: ContiguousArray<Timeline>
  private(set) var recent = RecentMessages()
  private(set) var changes = ViewChanges()
  /// The last block folded.
  private(set) var cursor: Int64
  private var observing: ObservationFold
  /// Tells whether the shard hears anything.
  var hearing: HearingWatch
  /// The broker's newest count of dropped messages.
  private(set) var brokerDrops: BrokerDropCount?
  private var fold: TimelineFold
  /// By sender, side by side: each message looks at all of it.
  private var notes: ContiguousArray<SenderNote> = []
  private struct SenderNote {
    /// The batch that last touched it.
    var batch: UInt32 = 0
    /// Place of its newest topic, -1 when that is not known.
    var lastTopic: Int32 = -1
    /// The newest event time in that batch.
    var time = Timestamp.distantPast
  }
  /// Whether a sender is in `changes.changedEquipment`. Beside its note, which is two thirds as long so.
  private var isChanged: ContiguousArray<Bool> = []
  private var batch: UInt32 = 0
  private var order: ContiguousArray<Int32> = []
  private var quarantine = Quarantine()
  private var fieldErrors = FieldErrors()
  private var retainFlags = RetainFlagCounts()
  /// Records of equipment under repair, folded since the repair began.
  private(set) var tail = RepairTail()

  init(state: ShardState, decoder: consuming MessageDecoder, fold: TimelineFold) {
    timelines = state.timelines
    cursor = state.cursor
    observing = ObservationFold(state.observation)
    hearing = HearingWatch(state.timelines)
    brokerDrops = state.brokerDrops
    self.decoder = decoder
    self.fold = fold
    growToSenders()
  }

  /// The newest stretch in which the shard was connected; nil before the first.
  var observation: ObservedStretch? { observing.current }

  /// Whether there is anything the store has not been given.
  var hasChanges: Bool { pending > 0 }
  /// Rows waiting to be written.
  var pending: Int {
    changes.changedEquipment.count + changes.timelineChanges.count + changes.quarantined.count
      + changes.observations.count + changes.silences.count + changes.brokerDrops.count
      + decoder.senders.new.count
      + changes.repairs.count + changes.fieldErrors.count + changes.retainFlags.count
  }

  /// Folds a batch that the journal holds as `block`.
  mutating func fold(_ items: borrowing ContiguousArray<BatchItem>, block: Int64) {
    growToSenders()
    batch &+= 1
    quarantine.begin()
    var inOrder = true
    order.removeAll(keepingCapacity: true)
    for index in items.indices {
      // With which receipt it has been counted already. A repetition is remembered already; everything else is
      // now, in the order received.
      let counted = items[index].flags.contains(.redelivered) ? nil : remember(items[index])
      hearing.heard(items[index], isNew: counted == nil)
      if items[index].isFlaggedRetained {
        retainFlags.add(
          items[index], day: fold.day(at: items[index].received), decoder, to: &changes.retainFlags)
      }
      switch items[index].kind {
      case .uncounted: continue
      case .rejected:
        quarantine.add(
          items[index], block: block, record: index, day: fold.day(at: items[index].received), &decoder,
          to: &changes.quarantined)
      case .reading:
        let sender = Int(items[index].sender)
        let time = items[index].time
        if !items[index].faults.isEmpty, counted == nil {
          fieldErrors.add(items[index], day: fold.day(at: time), &decoder, to: &changes.fieldErrors)
        }
        let newest =
          notes[sender].batch == batch
          ? max(notes[sender].time, timelines[sender].newest) : timelines[sender].newest
        // Only a message that is not later than all before it can have been counted already.
        if time <= newest {
          if let counted {
            // Of a message that comes twice the first receipt counts, which by our clock this may be.
            if items[index].received < counted {
              changes.timelineChanges.lateRecords.append(
                LateRecord(equipment: EquipmentNumber(sender), at: time))
            }
            continue
          }
          if notes[sender].batch == batch { inOrder = false }
        }
        notes[sender].batch = batch
        notes[sender].time = max(time, newest)
        order.append(Int32(index))
      case .online, .offline: order.append(Int32(index))
      }
    }
    if !inOrder { sortByEventTime(items) }
    var position = 0
    while position < order.count { position = foldNext(items, at: position) }
    cursor = block
  }

  /// Begins to keep what comes from equipment whose open day is being recomputed.
  mutating func beginRepair(of equipment: some Sequence<EquipmentNumber>) { tail.begin(equipment) }

  /// Takes over recomputed days, and what came since they were recomputed. Nothing folded before may wait
  /// to be written.
  mutating func apply(_ repaired: some Sequence<RepairedDay>) {
    growToSenders()
    for day in repaired {
      let number = Int(day.equipment)
      if day.isOpen {
        // What came was too much to keep: the mark stays, and the next pass has it in the journal.
        guard let records = tail.records(of: day.equipment) else { continue }
        var timeline = day.ending
        var workshop = day.workshop
        changes.repairs.append(day)
        for (record, heardIn) in records {
          let newest = max(timeline.newest, timeline.lastOnline, timeline.lastOffline)
          let closedDays = changes.timelineChanges.closedDays.count
          fold(record, of: day.equipment, into: &timeline)
          noteWorkshop(ofDaysFrom: closedDays, of: day.equipment, left: workshop)
          if record.time > newest || record.time == newest && heardIn > workshop { workshop = heardIn }
        }
        timelines[number] = timeline
      } else {
        changes.repairs.append(day)
      }
      markChanged(day.equipment)
    }
  }

  /// Ends a repair, taken over or given up.
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

  /// Forgets topics when someone is making them up. Not while a batch is in flight.
  mutating func trimTopics() {
    guard decoder.trimTopics() else { return }
    for sender in notes.indices { notes[sender].lastTopic = -1 }
  }

  /// Remembers a message, so that it is known when it comes again; returns with which receipt it was counted
  /// before.
  @discardableResult
  mutating func remember(_ item: borrowing BatchItem) -> Timestamp? {
    recent.insert(
      item.hash, packetID: item.packetID, received: item.kind.isCounted ? item.received : nil,
      isRetained: item.flags.contains(.retained))
  }

  /// A connection was made and subscribed, or resumed.
  mutating func connected(at: Timestamp, sessionPresent: Bool, block: Int64) {
    observing.connected(at: at, sessionPresent: sessionPresent)
    noteObservation()
    cursor = block
  }

  /// The connection is known to have been there up to `instant`.
  mutating func observed(through instant: Timestamp, ended: Bool = false, block: Int64) {
    cursor = block
    observed(through: instant, ended: ended)
  }

  /// The connection is known to have been there up to `instant`, by a record folded already.
  mutating func observed(through instant: Timestamp, ended: Bool = false) {
    let before = observing
    observing.observed(through: instant, ended: ended)
    guard observing != before else { return }
    noteObservation()
  }

  /// Nothing was heard from `since` to `instant`, though senders had been speaking, by a record folded already.
  mutating func unheard(since: Timestamp, until instant: Timestamp) {
    guard let observation, since < instant else { return }
    let silence = Silence(since: since, until: instant, stretch: observation.number)
    if changes.silences.last?.since == since { changes.silences.removeLast() }
    changes.silences.append(silence)
  }

  /// The broker's count of dropped messages changed, by a record whose block is folded.
  mutating func dropped(_ drops: BrokerDropCount) {
    brokerDrops = drops
    changes.brokerDrops.append(drops)
  }

  /// Lends what the store is to write; once it has, the changes are forgotten.
  mutating func write(_ body: (ViewUpdate) throws -> Void) throws {
    changes.newSenders = decoder.senders.new
    try body(
      ViewUpdate(changes: changes, senders: decoder.senders.all, timelines: timelines, cursor: cursor))
    decoder.senders.markStored()
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

  private mutating func growToSenders() {
    let missing = decoder.senders.all.count - timelines.count
    if missing > 0 { timelines.append(contentsOf: repeatElement(Timeline(), count: missing)) }
    let more = timelines.count - notes.count
    guard more > 0 else { return }
    notes.append(contentsOf: repeatElement(SenderNote(), count: more))
    isChanged.append(contentsOf: repeatElement(false, count: more))
  }

  /// Folds the item at `position` of `order`, with those tied with it; returns the next position.
  private mutating func foldNext(_ items: borrowing ContiguousArray<BatchItem>, at position: Int) -> Int {
    let index = Int(order[position])
    let sender = items[index].sender
    markChanged(sender)
    let closedDays = changes.timelineChanges.closedDays.count
    var left = noteWorkshop(of: sender, at: items[index].time, topic: items[index].topicPlace)
    defer { noteWorkshop(ofDaysFrom: closedDays, of: sender, left: left) }
    switch items[index].kind {
    case .online, .offline:
      let presence: Presence = items[index].kind == .online ? .online : .offline
      if tail.isActive {
        tail.note(
          presence, at: items[index].time, received: items[index].received, of: sender,
          in: decoder.topics.workshop(at: Int(items[index].topicPlace)))
      }
      fold.fold(
        presence, at: items[index].time, received: items[index].received, of: sender,
        into: &timelines[Int(sender)], changes: &changes.timelineChanges)
      return position + 1
    case .reading: break
    case .rejected, .uncounted: return position + 1
    }
    var end = position + 1
    while end < order.count, isTied(items, position, end) {
      let before = noteWorkshop(
        of: sender, at: items[index].time, topic: items[Int(order[end])].topicPlace, isTied: true)
      left = left ?? before
      end += 1
    }
    guard fold.order(of: items[index].time, in: timelines[Int(sender)]) == .next else {
      for _ in position..<end {
        changes.timelineChanges.lateRecords.append(LateRecord(equipment: sender, at: items[index].time))
      }
      return end
    }
    let alarmChanges = changes.timelineChanges.alarmChanges.count
    if end == position + 1 {
      keepForRepair(items, position..<end, of: sender)
      fold.fold(
        items[index].reading, of: sender, into: &timelines[Int(sender)], changes: &changes.timelineChanges)
    } else {
      var tied: [Reading] = []
      for other in position..<end { tied.append(items[Int(order[other])].reading) }
      keepForRepair(items, position..<end, of: sender)
      fold.fold(tied: tied, of: sender, into: &timelines[Int(sender)], changes: &changes.timelineChanges)
    }
    if changes.timelineChanges.alarmChanges.count > alarmChanges {
      lookUpAlarms(items, position..<end, from: alarmChanges)
    }
    return end
  }

  private func isTied(_ items: borrowing ContiguousArray<BatchItem>, _ a: Int, _ b: Int) -> Bool {
    let first = Int(order[a])
    let second = Int(order[b])
    return items[second].kind == .reading && items[second].sender == items[first].sender
      && items[second].time == items[first].time
  }

  /// Sorts the batch by sender, event time, rank (online, readings, offline) and payload.
  private mutating func sortByEventTime(_ items: borrowing ContiguousArray<BatchItem>) {
    let sorted = withExtendedLifetime(copy items) { items in
      order.sorted { a, b in
        let x = items[Int(a)]
        let y = items[Int(b)]
        if x.sender != y.sender { return x.sender < y.sender }
        if x.time != y.time { return x.time < y.time }
        if x.kind.rank != y.kind.rank { return x.kind.rank < y.kind.rank }
        let p = x.payload
        let q = y.payload
        return p.lexicographicallyPrecedes(q) || (p.elementsEqual(q) && a < b)
      }
    }
    order = ContiguousArray(sorted)
  }

  /// Finds in the messages the alarms whose digests the fold saw change.
  private mutating func lookUpAlarms(
    _ items: borrowing ContiguousArray<BatchItem>, _ positions: Range<Int>, from first: Int
  ) {
    for change in first..<changes.timelineChanges.alarmChanges.count {
      let digest = changes.timelineChanges.alarmChanges[change].digest
      guard digest != 0,
        let position = positions.first(where: { items[Int(order[$0])].reading.alarms == digest })
      else { continue }
      changes.timelineChanges.alarmChanges[change].codes = decoder.alarms(
        in: items[Int(order[position])].payload)
    }
  }

  /// Notes the workshop of a record that is about to be folded: where the newest was heard, of several at its
  /// instant the last by name, whatever came in which order. Returns the workshop that the sender left; nil if it stays.
  private mutating func noteWorkshop(
    of sender: EquipmentNumber, at time: Timestamp, topic: Int32, isTied: Bool = false
  ) -> String? {
    guard notes[Int(sender)].lastTopic != topic else { return nil }
    let timeline = timelines[Int(sender)]
    let newest = max(timeline.newest, timeline.lastOnline, timeline.lastOffline)
    let workshop = decoder.topics.workshop(at: Int(topic))
    let before = decoder.senders.all[Int(sender)].workshop
    guard time >= newest, time > newest && !isTied || workshop > before else {
      if workshop != before, decoder.senders.noteElsewhere(sender) { changes.movedSenders.append(sender) }
      return nil
    }
    notes[Int(sender)].lastTopic = topic
    guard decoder.senders.move(sender, to: workshop) else { return nil }
    changes.movedSenders.append(sender)
    return before
  }

  /// Notes the workshop of the last record of days that a record closed: that which the sender left with the record,
  /// or else stayed in.
  private mutating func noteWorkshop(ofDaysFrom first: Int, of sender: EquipmentNumber, left: String?) {
    for index in first..<changes.timelineChanges.closedDays.count
    where changes.timelineChanges.closedDays[index].closing != nil {
      changes.timelineChanges.closedDays[index].workshop = left ?? decoder.senders.all[Int(sender)].workshop
    }
  }

  private mutating func markChanged(_ sender: EquipmentNumber) {
    guard !isChanged[Int(sender)] else { return }
    isChanged[Int(sender)] = true
    changes.changedEquipment.append(sender)
  }

  private mutating func keepForRepair(
    _ items: borrowing ContiguousArray<BatchItem>, _ positions: Range<Int>, of sender: EquipmentNumber
  ) {
    guard tail.isActive else { return }
    let workshop =
      positions.map { decoder.topics.workshop(at: Int(items[Int(order[$0])].topicPlace)) }.max() ?? ""
    tail.note(positions.map { items[Int(order[$0])].reading }, of: sender, in: workshop) { place in
      decoder.alarms(in: items[Int(order[positions.lowerBound + place])].payload)
    }
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
