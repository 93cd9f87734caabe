/// Adds the meters of one reading to a timeline (metrics page, "Meters").
///
/// A delta counts with the later reading; the first value is the baseline. M is the greatest value since then. A
/// value below M is a fall, and nothing is counted until it is settled:
/// - A fall of at most a thousandth of M is jitter. M stays, and it is not counted as a fall.
/// - If a reading comes back to within a thousandth of M before two further ones stayed below, the fall was a glitch,
///   and the excess of that reading over M is counted. If the fall was one unit of the last digit, it was jitter.
/// - If two further readings stay below, it was a reset, counted at the second of them. The series restarts at the
///   reading that fell, whose own value is counted if the device had restarted and it is below a tenth of M; the two
///   readings since are read as if they came after it.
struct MeterFold {
  private let reading: Reading
  private let equipment: EquipmentNumber

  /// Folds the meters of `reading`; `rebooted` if its boot differs from the timeline's.
  @inline(__always)
  static func fold(
    _ reading: Reading, rebooted: Bool, of equipment: EquipmentNumber, into timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    guard !rebooted, timeline.meterMarks.subtracting(.countsBoth).isEmpty, rise(reading, &timeline) else {
      settle(reading, rebooted: rebooted, of: equipment, into: &timeline, changes: &changes)
      return
    }
  }

  /// Folds the usual reading: each meter in it has a value before and does not fall, and it carries both counts or
  /// neither. Returns false, and changes nothing, for any other reading.
  @inline(__always)
  private static func rise(_ reading: Reading, _ timeline: inout Timeline) -> Bool {
    var energyDelta: Int64 = 0
    let energy = reading.meters.energy
    if let energy {
      guard let level = timeline.meters.energy, energy >= level else { return false }
      energyDelta = energy - level
    }
    if let good = reading.meters.good {
      guard let total = reading.meters.total, let goodLevel = timeline.meters.good,
        let totalLevel = timeline.meters.total, good >= goodLevel, total >= totalLevel,
        good - goodLevel <= total - totalLevel, timeline.meterMarks.contains(.countsBoth)
      else { return false }
      timeline.totals.good = timeline.totals.good.addingSaturated(good - goodLevel)
      timeline.totals.total = timeline.totals.total.addingSaturated(total - totalLevel)
      timeline.meters.good = good
      timeline.meters.total = total
    } else if reading.meters.total != nil {
      return false
    }
    if let energy {
      timeline.totals.energy = timeline.totals.energy.addingSaturated(energyDelta)
      timeline.meters.energy = energy
      timeline.energyAt = reading.time
    }
    return true
  }

  @inline(never)
  private static func settle(
    _ reading: Reading, rebooted: Bool, of equipment: EquipmentNumber, into timeline: inout Timeline,
    changes: inout TimelineChanges
  ) {
    if rebooted {
      if timeline.meters.energy != nil { timeline.meterMarks.insert(.energyRestarted) }
      if timeline.meters.good != nil { timeline.meterMarks.insert(.goodRestarted) }
      if timeline.meters.total != nil { timeline.meterMarks.insert(.totalRestarted) }
    }
    guard reading.meters != Meters() else { return }
    let fold = MeterFold(reading: reading, equipment: equipment)
    var odd = timeline.totals.odd
    var doubts = timeline.doubts
    if reading.meters.energy != nil, timeline.meters.energy == nil, timeline.firstReading < reading.time {
      doubts.energyFirstAt = reading.time
    }
    let energy = fold.advance(.energy, &timeline, &doubts.energy, &odd, &changes)
    let good = fold.advance(.good, &timeline, &doubts.good, &odd, &changes)
    let total = fold.advance(.total, &timeline, &doubts.total, &odd, &changes)
    timeline.totals.energy = timeline.totals.energy.addingSaturated(energy)
    timeline.totals.good = timeline.totals.good.addingSaturated(good)
    timeline.totals.total = timeline.totals.total.addingSaturated(total)
    fold.pair(good, total, &timeline.meterMarks, &doubts, &odd)
    timeline.doubts = doubts
    timeline.totals.odd = odd
  }

  /// Reads one meter; returns the amount counted, in thousandths.
  private func advance(
    _ meter: MeterReset.Meter, _ timeline: inout Timeline, _ fall: inout MeterFall?,
    _ odd: inout MeterOddities, _ changes: inout TimelineChanges
  ) -> Int64 {
    guard let value = reading.meters[meter] else { return 0 }
    let isFirstOfBoot = timeline.meterMarks.remove(meter.restarted) != nil
    var series = MeterSeries(
      meter: meter, level: timeline.meters[meter], levelAt: meter == .energy ? timeline.energyAt : nil,
      fall: fall)
    let booked = series.read(.init(value: value, at: reading.time, isFirstOfBoot: isFirstOfBoot))
    timeline.meters[meter] = series.level
    if meter == .energy, let at = series.levelAt { timeline.energyAt = at }
    fall = series.fall
    odd.glitches = odd.glitches.addingSaturated(series.glitches)
    if let reset = series.reset {
      timeline.totals.meterResets = timeline.totals.meterResets.addingSaturated(1)
      changes.meterResets.append(
        MeterReset(
          equipment: equipment, at: reading.time, meter: meter, last: reset.last, lastAt: reset.lastAt,
          value: reset.first.value, fellAt: reset.first.at, countsValue: reset.countsValue))
    }
    return booked
  }

  /// Pairs the counts of good and all pieces if the reading carries both and neither is falling: a step from the last
  /// such reading to this one.
  private func pair(
    _ good: Int64, _ total: Int64, _ marks: inout MeterMarks, _ doubts: inout MeterDoubts,
    _ odd: inout MeterOddities
  ) {
    let ends =
      reading.meters.good != nil && reading.meters.total != nil && doubts.good == nil && doubts.total == nil
    odd.unpairedGood = odd.unpairedGood.addingSaturated(good)
    odd.unpairedTotal = odd.unpairedTotal.addingSaturated(total)
    guard marks.contains(.countsBoth) else {
      if ends { marks.insert(.countsBoth) }
      return
    }
    doubts.restGood = doubts.restGood.addingSaturated(good)
    doubts.restTotal = doubts.restTotal.addingSaturated(total)
    guard ends else { return }
    if doubts.restGood <= doubts.restTotal {
      odd.unpairedGood = odd.unpairedGood.subtractingSaturated(doubts.restGood)
      odd.unpairedTotal = odd.unpairedTotal.subtractingSaturated(doubts.restTotal)
    } else {
      odd.goodAboveTotal = odd.goodAboveTotal.addingSaturated(1)
    }
    (doubts.restGood, doubts.restTotal) = (0, 0)
  }
}

/// One meter while a reading is added to it.
private struct MeterSeries {
  struct Reset {
    var last: Int64
    var lastAt: Timestamp?
    var first: MeterFall.Point
    var countsValue: Bool
  }

  let meter: MeterReset.Meter
  /// The greatest value M; nil before the first reading.
  var level: Int64?
  /// Event time of the last reading with that value; nil if it is not kept.
  var levelAt: Timestamp?
  var fall: MeterFall?
  private(set) var glitches: Int32 = 0
  private(set) var reset: Reset?

  init(meter: MeterReset.Meter, level: Int64?, levelAt: Timestamp?, fall: MeterFall?) {
    self.meter = meter
    self.level = level
    self.levelAt = levelAt
    self.fall = fall
  }

  /// Reads a value; returns the amount counted, in thousandths.
  mutating func read(_ point: MeterFall.Point) -> Int64 {
    guard let last = level else {
      show(point)
      return 0
    }
    guard point.value < last, last - point.value > last / 1000 else {
      settleFall(below: last)
      guard point.value >= last else { return 0 }
      show(point)
      return point.value - last
    }
    guard let open = fall else {
      fall = MeterFall(first: point, lastAt: levelAt)
      return 0
    }
    guard let second = open.second else {
      fall?.second = point
      return 0
    }
    let countsValue = open.first.isFirstOfBoot && open.first.value < last / 10 + (last % 10 > 0 ? 1 : 0)
    reset = Reset(last: last, lastAt: open.lastAt, first: open.first, countsValue: countsValue)
    fall = nil
    show(open.first)
    let booked = countsValue ? open.first.value : 0
    // Only two readings follow, so they cannot confirm another reset.
    return booked.addingSaturated(read(second)).addingSaturated(read(point))
  }

  private mutating func show(_ point: MeterFall.Point) {
    level = point.value
    if levelAt != nil { levelAt = point.at }
  }

  /// Settles a fall after which the meter came back to `last`.
  private mutating func settleFall(below last: Int64) {
    guard let fall else { return }
    self.fall = nil
    let isJitter = ([fall.first] + [fall.second].compactMap(\.self)).allSatisfy {
      Self.isLastDigit(last, $0.value)
    }
    if !isJitter { glitches = glitches.addingSaturated(1) }
  }

  /// Whether two values differ by one unit of their last written digit, from a thousandth to one.
  private static func isLastDigit(_ last: Int64, _ value: Int64) -> Bool {
    let unit = [1000, 100, 10, 1].first { last % $0 == 0 && value % $0 == 0 }
    return last - value == unit
  }
}

extension MeterReset.Meter {
  fileprivate var restarted: MeterMarks {
    switch self {
    case .energy: .energyRestarted
    case .good: .goodRestarted
    case .total: .totalRestarted
    }
  }
}

extension Meters {
  fileprivate subscript(meter: MeterReset.Meter) -> Int64? {
    get {
      switch meter {
      case .energy: energy
      case .good: good
      case .total: total
      }
    }
    set {
      switch meter {
      case .energy: energy = newValue
      case .good: good = newValue
      case .total: total = newValue
      }
    }
  }
}
