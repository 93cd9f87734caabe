/// Divides timelines into local days.
extension TimelineFold {
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
  mutating func tail(of timeline: Timeline, until: Timestamp) -> Span {
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

  mutating func enterDay(
    of instant: Timestamp, of equipment: EquipmentNumber, in timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    let today = day(at: instant)
    if today > timeline.day { enterDay(today, of: equipment, in: &timeline, changes: &changes) }
  }

  /// The local day of an instant.
  public mutating func day(at instant: Timestamp) -> CalendarDay {
    if instant >= cachedStart, instant < cachedEnd { return cachedDay }
    cache(calendar.day(at: instant))
    return cachedDay
  }

  mutating func bounds(of day: CalendarDay) -> (start: Timestamp, end: Timestamp) {
    if day != cachedDay { cache(day) }
    return (cachedStart, cachedEnd)
  }

  private mutating func cache(_ day: CalendarDay) {
    cachedDay = day
    cachedStart = calendar.start(of: day)
    cachedEnd = calendar.start(of: day + 1)
  }
}
