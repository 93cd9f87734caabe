import Telemetry

/// A record of one equipment, with what decides its rank at equal event times.
struct Record: Equatable {
  enum Content: Equatable {
    case reading(Reading)
    case presence(Presence)
  }
  var content: Content
  var time: Timestamp
  var received: Timestamp
  /// Stands for the payload: equal payloads at equal times are duplicates.
  var payload: Int
}

/// The timeline as the design states it, computed from the whole set of records at once, instant by
/// instant where that is the plainest way.
struct NaiveTimeline {
  var intervals: [StateInterval] = []
  var days: [CalendarDay: DayTotals] = [:]

  init(records: [Record], horizon: Span, calendar: LocalCalendar, asOf: Timestamp) {
    // Rule 4: the earliest receipt of a duplicate stays.
    var distinct: [Record] = []
    for record in records.sorted(by: { $0.received < $1.received })
    where !distinct.contains(where: { $0.time == record.time && $0.payload == record.payload }) {
      distinct.append(record)
    }
    let offlines = distinct.filter { $0.content == .presence(.offline) }
    var readings: [(reading: Reading, payload: Int)] = distinct.compactMap {
      if case .reading(let reading) = $0.content { (reading, $0.payload) } else { nil }
    }
    // Rule 5: by event time; at one instant by seq when all are of one boot and have it, else by
    // payload; the last wins.
    readings.sort { ($0.reading.time.milliseconds, $0.payload) < ($1.reading.time.milliseconds, $1.payload) }
    for time in Set(readings.map(\.reading.time)) {
      let range = readings.indices.filter { readings[$0].reading.time == time }
      let tied = range.map { readings[$0] }
      guard tied.allSatisfy({ $0.reading.boot == tied[0].reading.boot && $0.reading.sequence != nil }) else {
        continue
      }
      let bySequence = tied.sorted {
        ($0.reading.sequence ?? 0, $0.payload) < ($1.reading.sequence ?? 0, $1.payload)
      }
      for (index, value) in zip(range, bySequence) { readings[index] = value }
    }
    let winners = readings.indices.filter {
      $0 + 1 == readings.count || readings[$0 + 1].reading.time > readings[$0].reading.time
    }.map { readings[$0].reading }

    // Rules 6 and 7: what ends a reading's vouching.
    func cut(_ reading: Reading) -> Timestamp? {
      if offlines.contains(where: { $0.time < reading.time && reading.received <= $0.received }) {
        return reading.time
      }
      return offlines.map(\.time).filter { $0 >= reading.time }.min()
    }
    let arrivals = Self.arrivals(winners)
    for (index, reading) in winners.enumerated() {
      var today = days[calendar.day(at: reading.time)] ?? DayTotals()
      if arrivals[index] == .late { today.late += 1 }
      if arrivals[index] == .live {
        let skew = (reading.received - reading.time).milliseconds
        today.live += 1
        today.skew = min(skew, today.skew ?? skew)
      }
      days[calendar.day(at: reading.time)] = today
      let next = index + 1 < winners.count ? winners[index + 1].time : nil
      let cutHere = cut(reading).flatMap { $0 < next ?? .distantFuture ? $0 : nil }
      let end = min(next ?? asOf, reading.time + horizon, cutHere ?? .distantFuture)
      var instant = reading.time
      while instant < end {  // A second at a time: everything in the tests is whole seconds.
        days[calendar.day(at: instant), default: DayTotals()].states[reading.state] += 1000
        if reading.state == .running, reading.mode == .automatic {
          days[calendar.day(at: instant)]?.automaticRunning += 1000
        }
        if reading.state == .running, reading.mode == .manual {
          days[calendar.day(at: instant)]?.manualRunning += 1000
        }
        instant = instant + .seconds(1)
      }
      if var open = intervals.last, open.cut == nil, open.state == reading.state, open.mode == reading.mode,
        reading.time - open.last <= horizon
      {
        open.last = reading.time
        open.cut = cutHere
        intervals[intervals.count - 1] = open
      } else {
        intervals.append(
          StateInterval(
            equipment: 0, from: reading.time, last: reading.time, cut: cutHere, state: reading.state,
            mode: reading.mode))
      }
    }
    let missing = addMeters(readings.map(\.reading), calendar: calendar)
    // Rule 9: what is not vouched for before a reading that shows messages to be missing is lost.
    for (index, next) in zip(intervals.indices, intervals.dropFirst()) where missing.contains(next.from) {
      let end = min(intervals[index].last + horizon, intervals[index].cut ?? .distantFuture)
      if end < next.from { intervals[index].lostUntil = next.from }
    }
  }

  private enum Arrival { case live, late, other }

  /// Arrival of each of the readings that were chosen for their instants: live, late or neither.
  private static func arrivals(_ readings: [Reading]) -> [Arrival] {
    var clock: Int64 = 0
    return readings.indices.map { index in
      let skew = (readings[index].received - readings[index].time).milliseconds
      if index > 0 {
        let made = Double((readings[index].time - readings[index - 1].time).milliseconds)
        let came = Double((readings[index].received - readings[index - 1].received).milliseconds)
        if came > 0, abs(came - made) <= made / 2 {
          clock = skew
          return .live
        }
      }
      return skew - clock > 3_600_000 ? .late : .other
    }
  }

  /// Returns the instants whose readings show messages to be missing.
  private mutating func addMeters(_ readings: [Reading], calendar: LocalCalendar) -> Set<Timestamp> {
    var missing: Set<Timestamp> = []
    var boot: UInt64?
    var sequence: UInt64?
    var steps: [UInt64] = []
    var boots: [UInt64] = []
    var previous: Timestamp?
    for reading in readings {
      let day = calendar.day(at: reading.time)
      var totals = days[day] ?? DayTotals()
      totals.readings += 1
      if previous == reading.time { totals.ties += 1 }
      previous = reading.time
      totals.minutes.insert(Int((reading.time - calendar.start(of: day)).milliseconds / 60_000))
      if let next = reading.boot, next != boots.last {
        if boots.count > 1, boots[boots.count - 2] == next { totals.bootReturns += 1 }
        boots.append(next)
      }
      let rebooted = boot != nil && reading.boot != nil && boot != reading.boot
      if rebooted { steps = [] }
      if let seen = reading.sequence, let last = sequence, !rebooted, seen > last {
        let ones = steps.count { $0 == 1 }
        if seen > last + 1 {
          if ones >= 3, ones >= 2 * (steps.count - ones) {
            totals.missing += Int32(seen - last - 1)
            missing.insert(reading.time)
          } else {
            totals.sequenceJumps += 1
          }
        }
        steps.append(seen - last)
      }
      boot = reading.boot ?? boot
      sequence = reading.sequence ?? sequence
      days[day] = totals
    }
    let meters = NaiveMeters(readings)
    for (index, reading) in readings.enumerated() {
      let day = calendar.day(at: reading.time)
      var odd = days[day]?.odd ?? MeterOddities()
      days[day]?.energy += meters.energy[index].booked
      days[day]?.good += meters.good[index].booked
      days[day]?.total += meters.total[index].booked
      for meter in [meters.energy, meters.good, meters.total] {
        days[day]?.meterResets += Int32(meter[index].resets)
        odd.glitches += Int32(meter[index].glitches)
      }
      odd.goodAboveTotal += meters.steps[index] == .goodAbove ? 1 : 0
      odd.unpairedGood += meters.good[index].booked
      odd.unpairedTotal += meters.total[index].booked
      if case .pair(let good, let total) = meters.steps[index] {
        odd.unpairedGood -= good
        odd.unpairedTotal -= total
      }
      let isLast = index + 1 == readings.count || calendar.day(at: readings[index + 1].time) > day
      if isLast { odd.openFalls = Int32(meters.falling(after: index)) }
      days[day]?.odd = odd
    }
    return missing
  }
}
