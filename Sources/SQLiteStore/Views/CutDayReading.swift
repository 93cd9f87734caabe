import Storage
import Telemetry

extension ViewsSnapshot {
  func cutDays(
    of senders: StoredSenders, until: Timestamp, calendar: LocalCalendar, fold: CutDays.Fold?
  ) throws -> CutDays? {
    let day = calendar.day(at: until - .milliseconds(1))
    guard until < calendar.start(of: day + 1) else { return nil }
    let candidates = try candidates(among: senders, day, until)
    guard !candidates.isEmpty else { return nil }
    var cut = CutDays(day: day)
    guard let fold, try ViewsBase.finalDay(of: directory).map({ $0 < day }) ?? true else {
      for candidate in candidates { cut.senders[candidate.number] = .some(nil) }
      return cut
    }
    let folded = try fold(candidates, day, until, cursor())
    for candidate in candidates { cut.senders[candidate.number] = .some(folded[candidate.number]) }
    return cut
  }

  private func candidates(
    among senders: StoredSenders, _ day: CalendarDay, _ until: Timestamp
  ) throws -> [CutDays.Candidate] {
    let newest = try StatementReader(
      database, sql: "SELECT newest FROM closing WHERE equipment = ?1 AND day = ?2")
    return try senders.senders.compactMap { sender in
      guard let last = sender.stretch?.last, last >= until, sender.day >= day else { return nil }
      if sender.day > day {
        newest.bind(Int64(sender.number), Int64(day.number))
        let closed = try newest.first { try $0.optionalTimestamp(0) } ?? nil
        guard let closed, closed >= until else { return nil }
      }
      let opening = try closing(of: sender.number, before: day) ?? Timeline()
      return CutDays.Candidate(number: sender.number, key: sender.key, opening: opening.opening(day))
    }
  }
}
