import Storage
import Telemetry

/// Notes the workshops in which senders are heard.
extension LiveViews {
  /// Notes the workshop of a record before it is folded: the workshop of the newest record; of several at its
  /// instant, the last in order of names, whatever the order of receipt. Returns the workshop that the sender left;
  /// nil if it stays.
  mutating func noteWorkshop(
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
  mutating func noteWorkshop(
    ofDaysFrom first: Int, of equipment: EquipmentNumber, left: String?, _ senders: borrowing Senders
  ) {
    for index in first..<changes.timelineChanges.closedDays.count
    where changes.timelineChanges.closedDays[index].closing != nil {
      changes.timelineChanges.closedDays[index].workshop = left ?? senders.all[Int(equipment)].workshop
    }
  }
}
