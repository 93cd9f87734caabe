import Storage
import Telemetry

/// Adopts days that were recomputed while messages arrived.
extension LiveViews {
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

  /// Keeps readings of one instant of equipment under repair, with the codes of their alarms.
  mutating func keepForRepair(
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
}
