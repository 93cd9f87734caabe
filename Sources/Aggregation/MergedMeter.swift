import Storage
import Telemetry

/// One energy meter that several senders read: their readings form one series, independent of the order of the
/// senders.
///
/// Each sender's readings are judged separately: glitches and jitter are left out, and a reset counts once the sender
/// has confirmed it. The rest is merged by event time: a reading books its excess over the greatest value since the
/// last reset; a reset that another sender has already reported is ignored.
///
/// Only some of a sender's readings are used: the first ever, the two on both sides of each reset and the last of
/// each day (``Storage/EnergyTrace``). The others change no whole day, unless one sender is reset while another goes
/// on at the old value: then they do not read one meter.
///
/// A day depends only on the readings of its members. So periods add up, and a machine that reads another meter
/// changes nothing.
package struct MergedMeter {
  /// A sender, for the days on which it reads the meter.
  package struct Member {
    var days: ClosedRange<CalendarDay>
    var points: [EnergyTrace.Point]
    /// The day on which it began to read the meter: its value of that day is a baseline for the days after it.
    var begins: CalendarDay?

    /// A sender that reads the meter on `days`.
    package init(days: ClosedRange<CalendarDay>, points: [EnergyTrace.Point], begins: CalendarDay? = nil) {
      self.days = days
      self.points = points
      self.begins = begins
    }
  }

  let members: [Member]
  /// Value at which the meter is declared to restart from 0, in thousandths of a kWh; nil when it does not.
  let modulus: Int64?

  /// A meter that `members` read.
  package init(members: [Member], modulus: Int64?) {
    self.members = members
    self.modulus = modulus
  }

  /// Energy counted on each of `days`, in their order, in thousandths of a kWh.
  package func energy(on days: ClosedRange<CalendarDay>) -> [Int64] {
    let count = Int(days.upperBound.number - days.lowerBound.number) + 1
    var energy = Array(repeating: Int64(0), count: count)
    var past = members.map { Past($0.points.prefix { $0.day < days.lowerBound }) }
    for index in 0..<count {
      let day = days.lowerBound + index
      let present = members.indices.filter { members[$0].days.contains(day) }
      // Anew each day: a period that begins with it starts from the same value.
      var series = Self.start(after: present.map { past[$0] })
      var shown: [ArraySlice<EnergyTrace.Point>] = []
      for place in members.indices {
        let points = members[place].points[past[place].count...].prefix { $0.day <= day }
        past[place].pass(points)
        if members[place].days.contains(day), members[place].begins != day { shown.append(points) }
      }
      for point in Self.inOrder(shown) {
        energy[index].add(saturating: series.read(point, modulus: modulus))
      }
    }
    return energy
  }

  /// Merges the points of several senders by time. The points of one sender keep their order, also at one instant; of
  /// two senders at one instant, the one with the lesser points comes first, so that the order of the senders makes
  /// no difference.
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

  /// The points of one sender that were passed.
  private struct Past {
    private(set) var count = 0
    private(set) var last: EnergyTrace.Point?
    private(set) var lastReset: EnergyTrace.Point?

    init(_ points: ArraySlice<EnergyTrace.Point>) { pass(points) }

    /// Passes the points that follow.
    mutating func pass(_ points: ArraySlice<EnergyTrace.Point>) {
      count += points.count
      last = points.last ?? last
      lastReset = points.last { $0.kind != .level } ?? lastReset
    }
  }

  /// The series of some senders after the points that they passed.
  private static func start(after past: [Past]) -> Series {
    var series = Series()
    for reset in past.compactMap(\.lastReset).sorted(by: isBefore) {
      if case .reset(let lastAt, _) = reset.kind, lastAt >= series.since { series.since = reset.at }
    }
    series.level = past.compactMap(\.last).filter { $0.at >= series.since }.map(\.value).max()
    return series
  }

  private struct Series {
    /// The greatest value since the last reset; nil before the first.
    var level: Int64?
    /// Time of that reset.
    var since = Timestamp.distantPast

    /// Reads a point; returns the energy it adds, in thousandths of a kWh.
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
