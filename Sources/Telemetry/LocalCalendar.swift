import Foundation

/// Beginnings of local days in one time zone: the store's, which is the district's.
///
/// Foundation is asked once, for the zone's offsets over the years a store can hold; after that a day
/// is two integer comparisons and the hot path never meets Foundation.
public struct LocalCalendar: Sendable {
  /// The IANA identifier, such as `Asia/Shanghai`.
  public let identifier: String
  /// Instants from which an offset holds, ascending; the first reaches back for ever.
  private let transitions: [(from: Int64, offset: Int64)]

  /// The calendar of an IANA time zone, or nil when the system does not know it.
  public init?(identifier: String) {
    guard let zone = TimeZone(identifier: identifier) else { return nil }
    self.identifier = identifier
    // 2000-01-01 … 2100-01-01: outside, the nearest offset holds.
    var date = Date(timeIntervalSince1970: 946_684_800)
    let end = Date(timeIntervalSince1970: 4_102_444_800)
    var found = [(from: Int64.min, offset: Int64(zone.secondsFromGMT(for: date)) * 1000)]
    while let next = zone.nextDaylightSavingTimeTransition(after: date), next < end, next > date {
      found.append(
        (Int64(next.timeIntervalSince1970) * 1000, Int64(zone.secondsFromGMT(for: next)) * 1000))
      date = next
    }
    transitions = found
  }

  /// UTC itself.
  public static let utc = LocalCalendar(identifier: "UTC", transitions: [(Int64.min, 0)])

  private init(identifier: String, transitions: [(from: Int64, offset: Int64)]) {
    self.identifier = identifier
    self.transitions = transitions
  }

  /// Local time minus UTC at an instant.
  public func offset(at instant: Timestamp) -> Span {
    Span(milliseconds: transitions[position(at: instant.milliseconds)].offset)
  }

  /// The position of the offset that holds at an instant.
  private func position(at milliseconds: Int64) -> Int {
    var low = 0
    var high = transitions.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if transitions[middle].from <= milliseconds { low = middle } else { high = middle }
    }
    return low
  }

  /// The local date at an instant.
  public func day(at instant: Timestamp) -> CalendarDay {
    // Wraps at the ends of the range, 292 million years away: a file may hold any instant.
    let local = instant.milliseconds &+ offset(at: instant).milliseconds
    let (quotient, remainder) = local.quotientAndRemainder(dividingBy: 86_400_000)
    let days = remainder < 0 ? quotient - 1 : quotient
    return CalendarDay(number: Int32(clamping: days))
  }

  /// The instant at which clocks show `minute` minutes after midnight of `day`; a minute that a change of
  /// clocks skips is the first after the gap, one that it repeats the first of the two.
  public func instant(on day: CalendarDay, minute: Int) -> Timestamp {
    let wall = Int64(day.number) * 86_400_000 + Int64(minute) * 60_000
    // No zone is a whole day ahead of UTC, so a day before is never too late to begin looking.
    var at = position(at: wall - 86_400_000)
    while true {
      let instant = max(wall - transitions[at].offset, transitions[at].from)
      at += 1
      if at == transitions.count || instant < transitions[at].from { return Timestamp(milliseconds: instant) }
    }
  }

  /// The instant at which clocks, set back meanwhile, show the same as at an earlier instant; nil if they do not show it
  /// again.
  public func repetition(of instant: Timestamp) -> Timestamp? {
    let at = position(at: instant.milliseconds)
    guard at + 1 < transitions.count else { return nil }
    let back = transitions[at].offset - transitions[at + 1].offset
    let (again, overflow) = instant.milliseconds.addingReportingOverflow(back)
    guard back > 0, !overflow, again >= transitions[at + 1].from else { return nil }
    return Timestamp(milliseconds: again)
  }

  /// The first instant of a local date: 00:00, or the first instant after a gap that swallowed it. A date
  /// that the zone skipped altogether starts when the next one does.
  public func start(of day: CalendarDay) -> Timestamp {
    instant(on: day, minute: 0)
  }
}

/// Calendars of one identifier have the same offsets.
extension LocalCalendar: Hashable {
  public static func == (a: LocalCalendar, b: LocalCalendar) -> Bool { a.identifier == b.identifier }

  public func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
}
