import Storage
import Telemetry

/// One energy meter that several senders read: their readings are one series, whatever order the senders come in.
///
/// Each sender's readings are judged by themselves: glitches and jitter are left out, and a reset counts once the
/// sender has confirmed it. What is left is merged by event time: a reading books what it is above the greatest value
/// since the last reset; a reset that another sender has told already is none.
///
/// Of a sender's readings there count the first ever, the two on both sides of each reset and the last of each day
/// (``Storage/EnergyTrace``). The others make no difference to any whole day, unless one sender is reset while another
/// goes on at the old value: then they do not read one meter.
///
/// A day depends on nothing but what its members ever showed. So periods add up, and a machine that reads another
/// meter changes nothing.
package struct MergedMeter {
  /// A sender, for the days on which it reads the meter.
  package struct Member {
    var days: ClosedRange<CalendarDay>
    var points: [EnergyTrace.Point]

    /// A sender that reads the meter on `days`.
    package init(days: ClosedRange<CalendarDay>, points: [EnergyTrace.Point]) {
      self.days = days
      self.points = points
    }
  }

  let members: [Member]
  /// At which value the meter is declared to begin anew; nil when it does not.
  let modulus: Int64?

  /// A meter that `members` read.
  package init(members: [Member], modulus: Int64?) {
    self.members = members
    self.modulus = modulus
  }

  /// What the meter counted on each of `days`, in their order.
  package func energy(on days: ClosedRange<CalendarDay>) -> [Int64] {
    let count = Int(days.upperBound.number - days.lowerBound.number) + 1
    var energy = Array(repeating: Int64(0), count: count)
    var series: Series?
    var present: [Bool] = []
    /// By member, the next point.
    var next = members.map { $0.points.prefix { $0.day < days.lowerBound }.count }
    for index in 0..<count {
      let day = days.lowerBound + index
      let now = members.map { $0.days.contains(day) }
      if series == nil || now != present {
        series = start(of: now, before: next)
        present = now
      }
      var shown: [ArraySlice<EnergyTrace.Point>] = []
      for place in members.indices {
        let first = next[place]
        while next[place] < members[place].points.count, members[place].points[next[place]].day <= day {
          next[place] += 1
        }
        if now[place] { shown.append(members[place].points[first..<next[place]]) }
      }
      for point in Self.inOrder(shown) {
        energy[index].add(saturating: series?.read(point, modulus: modulus) ?? 0)
      }
    }
    return energy
  }

  /// The points of several senders in the order of time. Those of one sender keep theirs, also at one instant; of two
  /// senders at one instant the one whose points are less comes first, so that the order of senders makes no
  /// difference.
  private static func inOrder(_ senders: [ArraySlice<EnergyTrace.Point>]) -> [EnergyTrace.Point] {
    var left = senders.filter { !$0.isEmpty }
    if left.count == 1 { return Array(left[0]) }
    var points: [EnergyTrace.Point] = []
    while let first = left.indices.min(by: { left[$0].lexicographicallyPrecedes(left[$1], by: isBefore) }) {
      points.append(left[first].removeFirst())
      if left[first].isEmpty { left.remove(at: first) }
    }
    return points
  }

  private static func isBefore(_ a: EnergyTrace.Point, _ b: EnergyTrace.Point) -> Bool {
    (a.at.milliseconds, a.kind == .level ? 0 : 1, a.value)
      < (b.at.milliseconds, b.kind == .level ? 0 : 1, b.value)
  }

  /// The series of some members as the points before some show it.
  private func start(of members: [Bool], before next: [Int]) -> Series {
    let shown = self.members.indices.filter { members[$0] }.map { self.members[$0].points[..<next[$0]] }
    var series = Series()
    let resets = shown.compactMap { $0.last { $0.kind != .level } }
    for reset in resets.sorted(by: Self.isBefore) {
      if case .reset(let lastAt, _) = reset.kind, lastAt >= series.since { series.since = reset.at }
    }
    series.level = shown.compactMap(\.last).filter { $0.at >= series.since }.map(\.value).max()
    return series
  }

  private struct Series {
    /// The greatest value since the last reset; nil before the first.
    var level: Int64?
    /// When that reset was.
    var since = Timestamp.distantPast

    /// Reads a point; returns what it books.
    mutating func read(_ point: EnergyTrace.Point, modulus: Int64?) -> Int64 {
      guard point.at >= since else { return 0 }
      if case .reset(let lastAt, let countsValue) = point.kind, lastAt >= since, let last = level {
        since = point.at
        level = point.value
        if let modulus, MeterRollover.isRollover(from: last, to: point.value, modulus: modulus) {
          return MeterRollover.counted(from: last, to: point.value, modulus: modulus)
        }
        return countsValue ? point.value : 0
      }
      defer { level = max(level ?? point.value, point.value) }
      return max(0, point.value.subtractingSaturated(level ?? point.value))
    }
  }
}

/// A meter that is declared to begin anew at a value: a reset from the top tenth below that to the bottom tenth above 0
/// is none.
enum MeterRollover {
  /// Whether a reset is a rollover.
  static func isRollover(from last: Int64, to value: Int64, modulus: Int64) -> Bool {
    last <= modulus && Int128(last) * 10 >= Int128(modulus) * 9 && Int128(value) * 10 <= Int128(modulus)
  }

  /// What the meter counted from one value to the other; both as ``isRollover(from:to:modulus:)`` has them.
  static func counted(from last: Int64, to value: Int64, modulus: Int64) -> Int64 {
    value.addingSaturated(modulus.subtractingSaturated(last))
  }
}
