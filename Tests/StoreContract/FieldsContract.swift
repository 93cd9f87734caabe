import Storage
import Telemetry
import Testing
import TestSupport

@Suite("Contract: fields") struct FieldsContract {
  private func filled(from first: Int64, _ day: CalendarDay) -> Timeline {
    var timeline = Timeline()
    var filler = FieldFiller(from: first, base: morning, day: day)
    timeline.code(with: &filler)
    return timeline
  }

  @Test("Every field of a timeline and of a day comes back as it was written", arguments: StoreKind.all)
  func roundTrip(kind: StoreKind) throws {
    let made = try kind.make()
    let views = try made.store.shard(.embedded, ContractFixture.options())
    _ = try views.claim(remembering: 0)
    let closing = filled(from: 1, firstDay)
    let live = filled(from: 60, firstDay + 1)
    var changes = ViewChanges()
    let senders = [Sender(key: EquipmentKey(factory: "F001", equipment: "E1"), workshop: "W01")]
    changes.newSenders = senders[...]
    changes.changedEquipment = [0]
    changes.timelineChanges.closedDays = [
      ClosedDay(equipment: 0, day: firstDay, totals: closing.totals, closing: closing, workshop: "W01")
    ]
    let stretch = StateInterval(
      equipment: 0, from: morning, last: morning + .hours(1), cut: morning + .hours(2), state: .idle,
      mode: .manual, vouching: .session, lostUntil: morning + .hours(3))
    changes.timelineChanges.intervals = [stretch]
    try views.update(ViewUpdate(changes: changes, senders: senders, timelines: [live], cursor: 0))
    views.release()

    let again = try made.store.shard(.embedded, ContractFixture.options())
    #expect(try again.claim(remembering: 0).timelines == [live])
    var ended = closing
    ended.totals = DayTotals()
    #expect(try made.store.repairSource().closing(of: 0, before: firstDay + 1) == ended)
    let day = shanghai.start(of: firstDay)..<shanghai.start(of: firstDay + 1)
    let request = PeriodRequest(
      asOf: day.upperBound, days: firstDay...firstDay, until: day.upperBound, calendar: shanghai)
    var sums: [DaySums] = []
    var stretches: [StateInterval] = []
    var isBySession = false
    try made.store.reader().snapshot { views in
      _ = try views.forEachPeriod(of: views.senders(of: .all), request) { sender, found in
        sums = sender.days.map(\.totals)
        isBySession = sender.everVouchedBySession
        stretches = try found(day).filter { $0.from == morning }
      }
    }
    #expect(sums == [DaySums(closing.totals)])
    #expect(stretches == [stretch])
    #expect(isBySession)
    again.release()
  }
}
