/// One meter of one piece of equipment as defined (metrics.md, "Meters"), with the whole series available: a fall is
/// settled by looking ahead in the readings after it.
struct ReferenceMeter {
  struct Reset {
    var last: Int
    var value: Int

    func isRollover(_ modulus: Int) -> Bool {
      last <= modulus && last * 10 >= modulus * 9 && value * 10 <= modulus
    }
  }
  /// The effect of one reading.
  struct Effect {
    var booked = 0
    var glitches = 0
    var resets: [Reset] = []
    /// Whether a fall was still unsettled with this reading.
    var isFalling = false
  }
  /// A valid value, with the indices of the reading that carried it and of the reading with which it counts.
  struct Shown {
    var reading: Int
    var countedWith: Int
    var value: Int
    /// Set if the meter restarted here: the reading with the greatest value before, and whether the value itself
    /// counts.
    var reset: (last: Int, countsValue: Bool)?
  }
  private(set) var effects: [Effect]
  private(set) var shown: [Shown] = []
  private let points: [Point]

  private struct Point {
    var reading: Int
    var value: Int
    var isFirstOfBoot: Bool
  }

  /// - Parameter unit: number of thousandths in one unit of the meter.
  init(_ readings: [Scenario.Record], of meter: KeyPath<Scenario.Status, Int?>, unit: Int = 1) {
    effects = readings.map { _ in Effect() }
    var points: [Point] = []
    var boot: String?
    var restarts = 0
    var restartsBefore = 0
    for (index, record) in readings.enumerated() {
      guard case .reading(let status) = record.kind else { continue }
      if let now = status.boot, let before = boot, now != before { restarts += 1 }
      boot = status.boot ?? boot
      guard let value = status[keyPath: meter] else { continue }
      points.append(
        Point(
          reading: index, value: value * unit,
          isFirstOfBoot: restarts > restartsBefore))
      restartsBefore = restarts
    }
    self.points = points
    if !points.isEmpty { read(from: 0, countedFrom: 0, reset: nil) }
    for index in effects.indices.dropFirst() where !points.contains(where: { $0.reading == index }) {
      effects[index].isFalling = effects[index - 1].isFalling
    }
  }

  /// Reads the series that begins with a point; effects of points before `counted` count with that point.
  private mutating func read(
    from first: Int, countedFrom counted: Int, reset: (last: Int, countsValue: Bool)?
  ) {
    var greatest = points[first].value
    var shownBy = first
    func countedWith(_ point: Int) -> Int { points[max(point, counted)].reading }
    shown.append(
      Shown(
        reading: points[first].reading, countedWith: countedWith(first), value: greatest, reset: reset))
    var next = first + 1
    while next < points.count {
      let value = points[next].value
      if value >= greatest {
        effects[countedWith(next)].booked += value - greatest
        greatest = value
        shownBy = next
        shown.append(Shown(reading: points[next].reading, countedWith: countedWith(next), value: value))
        next += 1
        continue
      }
      if (greatest - value) * 1000 <= greatest {
        next += 1
        continue
      }
      let further = points.indices.filter { $0 > next }.prefix(2)
      for place in [next] + further where place >= counted {
        if (greatest - points[place].value) * 1000 <= greatest { break }
        if place < next + 2 { effects[points[place].reading].isFalling = true }
      }
      if let back = further.first(where: { (greatest - points[$0].value) * 1000 <= greatest }) {
        if !points[next..<back].allSatisfy({ isOneUnit(greatest, $0.value) }) {
          effects[countedWith(back)].glitches += 1
        }
        next = back
        continue
      }
      guard further.count == 2 else { return }
      let confirming = next + 2
      let countsValue = points[next].isFirstOfBoot && value * 10 < greatest
      effects[countedWith(confirming)].resets.append(Reset(last: greatest, value: value))
      if countsValue { effects[countedWith(confirming)].booked += value }
      read(from: next, countedFrom: confirming, reset: (points[shownBy].reading, countsValue))
      return
    }
  }

  /// Whether a value is one unit of its last digit below another.
  private func isOneUnit(_ greatest: Int, _ value: Int) -> Bool {
    var unit = 1
    while unit < 1000, greatest % (unit * 10) == 0, value % (unit * 10) == 0 { unit *= 10 }
    return greatest - value == unit
  }

  /// Increases of good and all pieces between two readings that carry both while neither was falling, at the index of
  /// the later reading; nil for other readings.
  static func steps(
    _ readings: [Scenario.Record], _ good: ReferenceMeter, _ total: ReferenceMeter
  ) -> [(good: Int, total: Int)?] {
    var last: Int?
    return readings.indices.map { index in
      guard case .reading(let status) = readings[index].kind, status.good != nil, status.total != nil,
        !good.effects[index].isFalling, !total.effects[index].isFalling
      else { return nil }
      defer { last = index }
      return last.map { last in
        (
          good.effects[last + 1...index].reduce(0) { $0 + $1.booked },
          total.effects[last + 1...index].reduce(0) { $0 + $1.booked }
        )
      }
    }
  }
}
