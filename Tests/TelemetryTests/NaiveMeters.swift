import Telemetry

/// Meters as defined on the metrics page, by looking ahead in the whole series of readings.
struct NaiveMeters {
  /// The effect of one reading on one meter.
  struct Effect: Equatable {
    var booked: Int64 = 0
    var resets = 0
    var glitches = 0
    /// Whether the meter was falling after the reading.
    var isFalling = false
  }
  /// The effect of a reading on good and all pieces together.
  enum Step: Equatable {
    case none
    case pair(Int64, Int64)
    case goodAbove
  }
  private(set) var energy: [Effect]
  private(set) var good: [Effect]
  private(set) var total: [Effect]
  private(set) var steps: [Step]

  init(_ readings: [Reading]) {
    energy = Self.effects(readings, \.meters.energy)
    good = Self.effects(readings, \.meters.good)
    total = Self.effects(readings, \.meters.total)
    steps = readings.map { _ in .none }
    var last: Int?
    for (index, reading) in readings.enumerated() {
      guard reading.meters.good != nil, reading.meters.total != nil, !good[index].isFalling,
        !total[index].isFalling
      else { continue }
      if let last {
        let good = good[last + 1...index].reduce(0) { $0 + $1.booked }
        let total = total[last + 1...index].reduce(0) { $0 + $1.booked }
        steps[index] = good > total ? .goodAbove : .pair(good, total)
      }
      last = index
    }
  }

  /// Number of meters that are falling after a reading.
  func falling(after index: Int) -> Int {
    [energy, good, total].count { $0[index].isFalling }
  }

  /// The effect of each reading; a reading without the meter leaves it unchanged.
  private static func effects(_ readings: [Reading], _ meter: KeyPath<Reading, Int64?>) -> [Effect] {
    var boot: UInt64?
    var restarts = 0
    var restartsBefore = 0
    var series: [Point] = []
    var places: [Int] = []
    for (index, reading) in readings.enumerated() {
      if let now = reading.boot, let before = boot, now != before { restarts += 1 }
      boot = reading.boot ?? boot
      guard let value = reading[keyPath: meter] else { continue }
      series.append(Point(value: value, isFirstOfBoot: restarts > restartsBefore))
      restartsBefore = restarts
      places.append(index)
    }
    var found = readings.map { _ in Effect() }
    for (place, effect) in zip(places, effects(series[...])) { found[place] = effect }
    for index in found.indices.dropFirst() where readings[index][keyPath: meter] == nil {
      found[index].isFalling = found[index - 1].isFalling
    }
    return found
  }

  private struct Point {
    var value: Int64
    var isFirstOfBoot: Bool
  }

  private static func effects(_ series: ArraySlice<Point>) -> [Effect] {
    let series = Array(series)
    var effects = series.map { _ in Effect() }
    guard var greatest = series.first?.value else { return [] }
    func isBelow(_ value: Int64) -> Bool { (greatest - value) * 1000 > greatest }
    var index = 1
    while index < series.count {
      let value = series[index].value
      guard value < greatest, isBelow(value) else {
        effects[index].booked = max(0, value - greatest)
        greatest = max(greatest, value)
        index += 1
        continue
      }
      let end = (index + 1...index + 2).first { $0 >= series.count || !isBelow(series[$0].value) }
      for place in index..<min(end ?? index + 2, series.count) { effects[place].isFalling = true }
      if let end {
        // The meter came back, or the fall is unsettled.
        let falls = series[index..<min(end, series.count)].map { greatest - $0.value }
        let isJitter = zip(falls, series[index...]).allSatisfy { fall, point in
          fall == [1000, 100, 10, 1].first { greatest % $0 == 0 && point.value % $0 == 0 }
        }
        if end < series.count { effects[end].glitches += isJitter ? 0 : 1 }
        index = end
        continue
      }
      // A reset begins a new series; its first three readings count as one.
      var rest = self.effects(series[index...])
      let confirmed = rest.prefix(3)
      rest[2].booked = confirmed.reduce(0) { $0 + $1.booked }
      rest[2].glitches = confirmed.reduce(0) { $0 + $1.glitches }
      rest[2].resets += 1
      if series[index].isFirstOfBoot, value * 10 < greatest { rest[2].booked += value }
      for place in 2..<rest.count { effects[index + place] = rest[place] }
      return effects
    }
    return effects
  }
}
