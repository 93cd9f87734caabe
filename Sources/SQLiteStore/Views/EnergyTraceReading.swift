import GRDB
import Storage
import Telemetry

/// Reads senders' values of energy meters that several senders read.
struct EnergyTraceReading {
  private let closings: StatementReader
  private let before: StatementReader
  private let resets: StatementReader
  private let energies: StatementReader
  private let pages: LivePageReader
  private let days: ClosedRange<CalendarDay>
  private let until: Timestamp
  private let calendar: LocalCalendar

  /// Prepares reading over `days`, the last of which counts up to `until`.
  init(
    _ database: Database, days: ClosedRange<CalendarDay>, until: Timestamp, calendar: LocalCalendar
  ) throws {
    self.days = days
    self.until = until
    self.calendar = calendar
    pages = try LivePageReader(database)
    closings = try StatementReader(
      database,
      sql: """
        SELECT day, energy_meter, energy_at, meter_doubts FROM closing
        WHERE equipment = ?1 AND day BETWEEN ?2 AND ?3 AND energy_meter IS NOT NULL ORDER BY day
        """)
    before = try StatementReader(
      database,
      sql: """
        SELECT day, energy_meter, energy_at, meter_doubts FROM closing
        WHERE equipment = ?1 AND day < ?2 AND energy_meter IS NOT NULL ORDER BY day DESC LIMIT 1
        """)
    resets = try StatementReader(
      database,
      sql: """
        SELECT at, last, value, last_at, fell_at, counts_value FROM meter_reset
        WHERE equipment = ?1 AND meter = 1 AND at < ?2
          AND at >= COALESCE((SELECT MAX(at) FROM meter_reset WHERE equipment = ?1 AND meter = 1 AND at < ?3), ?3)
        ORDER BY at, fell_at, COALESCE(last_at, fell_at), last, value
        """)
    energies = try StatementReader(
      database, sql: "SELECT energy FROM day_total WHERE equipment = ?1 AND day = ?2")
  }

  /// The trace of a sender from a day on.
  func trace(of number: EquipmentNumber, from first: CalendarDay) throws -> EnergyTrace {
    guard let live = try pages.timeline(of: number, withoutMinutes: true) else { return EnergyTrace() }
    return try trace(of: number, live, from: first, through: days.upperBound)
  }

  /// The trace of a sender of whose last day only the beginning counts.
  ///
  /// - Parameter end: as it is when that ends; nil to leave the day out.
  func trace(
    of number: EquipmentNumber, from first: CalendarDay, cut end: Timeline?
  ) throws -> EnergyTrace {
    if let end { return try trace(of: number, end, from: first, through: days.upperBound - 1) }
    guard let live = try pages.timeline(of: number, withoutMinutes: true), live.day > days.upperBound else {
      return EnergyTrace()
    }
    return try trace(of: number, live, from: first, through: days.upperBound - 1)
  }

  /// The trace by what the sender is like at the end, and what it was after days up to one.
  private func trace(
    of number: EquipmentNumber, _ live: Timeline, from first: CalendarDay, through last: CalendarDay
  ) throws -> EnergyTrace {
    var trace = EnergyTrace()
    guard live.meters.energy != nil else { return trace }
    let start = calendar.start(of: first)
    var falls: [MeterReset] = []
    resets.bind(Int64(number), until.milliseconds, start.milliseconds)
    while try resets.step() {
      let countsValue: Int64 = try resets.integer(5)
      falls.append(
        MeterReset(
          equipment: number, at: try resets.timestamp(0), meter: .energy, last: try resets.integer(1),
          lastAt: try resets.optionalTimestamp(3), value: try resets.integer(2),
          fellAt: try resets.timestamp(4), countsValue: countsValue != 0))
    }
    var levels = try self.levels(of: number, live, from: first, through: last)
    var isKnown = false
    if let earlier = levels.first, earlier.day < first {
      let earlierFalls = falls.prefix { $0.at < start }
      for fall in earlierFalls { trace.add(fall, on: calendar.day(at: fall.at)) }
      // The day closed later than the value counted where readings without energy followed. What a fall showed counts
      // with the reading that settled it.
      let settled = earlierFalls.last.map { $0.fellAt <= earlier.at ? max($0.at, earlier.at) : earlier.at }
      trace.add(level: earlier.value, at: earlier.at, on: calendar.day(at: settled ?? earlier.at))
      isKnown = true
      levels.removeFirst()
    }
    falls.removeAll { $0.at < start }
    for level in levels {
      let end = calendar.start(of: level.day + 1)
      let ofDay = falls.prefix { $0.at < end }
      falls.removeFirst(ofDay.count)
      if isKnown {
        for fall in ofDay { trace.add(fall, on: level.day) }
        trace.add(level: level.value, at: level.at, on: level.day)
      } else {
        trace.addFirst(
          day: level.day, energy: try energy(of: number, on: level.day, live), resets: Array(ofDay),
          level: level.value, at: level.at,
          firstAt: level.firstAt ?? live.firstReading)
        isKnown = true
      }
    }
    return trace
  }

  private typealias Level = (day: CalendarDay, value: Int64, at: Timestamp, firstAt: Timestamp?)

  /// The greatest value at the end of each day on which the sender was heard, and of the last such day before
  /// the first.
  private func levels(
    of number: EquipmentNumber, _ live: Timeline, from first: CalendarDay, through last: CalendarDay
  ) throws -> [Level] {
    func level(_ row: StatementReader) throws -> Level {
      (
        try row.day(0), try row.integer(1),
        try row.optionalTimestamp(2) ?? .distantPast, try row.doubts(3).energyFirstAt
      )
    }
    var levels: [Level] = []
    before.bind(Int64(number), Int64(first.number))
    if let earlier = try before.first(level) { levels.append(earlier) }
    closings.bind(Int64(number), Int64(first.number), Int64(last.number))
    while try closings.step() { levels.append(try level(closings)) }
    if let value = live.meters.energy, live.day <= days.upperBound {
      // The last value before the period may be that of the open day.
      if live.day < first { levels.removeAll() }
      levels.append((live.day, value, live.energyAt, live.doubts.energyFirstAt))
    }
    return levels
  }

  private func energy(of number: EquipmentNumber, on day: CalendarDay, _ live: Timeline) throws -> Int64 {
    if day == live.day { return live.totals.energy }
    energies.bind(Int64(number), Int64(day.number))
    return try energies.first { try $0.integer(0) } ?? 0
  }
}
