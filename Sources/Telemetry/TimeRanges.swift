/// Disjoint stretches of time, ascending, that can be asked how much of a span they cover.
public struct TimeRanges: Equatable, Sendable {
  /// Ascending, disjoint, none empty.
  public let ranges: [Range<Timestamp>]
  /// Milliseconds of all ranges before each.
  private let before: [Int64]

  /// The union of ranges in any order.
  public init(merging ranges: some Sequence<Range<Timestamp>>) {
    var merged: [Range<Timestamp>] = []
    for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    self.init(disjoint: merged)
  }

  /// No time at all.
  public static let none = TimeRanges(disjoint: [])

  private init(disjoint ranges: [Range<Timestamp>]) {
    self.ranges = ranges
    var sum: Int64 = 0
    before = ranges.map { range in
      defer { sum += (range.upperBound - range.lowerBound).milliseconds }
      return sum
    }
  }

  /// Whether it covers nothing.
  public var isEmpty: Bool { ranges.isEmpty }

  /// Milliseconds of `from` ..< `until` that it covers.
  public func milliseconds(from: Timestamp, until: Timestamp) -> Int64 {
    guard from < until, !ranges.isEmpty else { return 0 }
    return covered(until: until) - covered(until: from)
  }

  /// Whether it covers any of `from` ..< `until`.
  public func intersects(from: Timestamp, until: Timestamp) -> Bool {
    let next = firstRange(endingAfter: from)
    return next < ranges.count && ranges[next].lowerBound < until
  }

  /// The whole range that an instant lies in; nil if it covers none.
  public func range(containing instant: Timestamp) -> Range<Timestamp>? {
    let next = firstRange(endingAfter: instant)
    return next < ranges.count && ranges[next].lowerBound <= instant ? ranges[next] : nil
  }

  /// Calls `body` with each part of `from` ..< `until` that it covers, ascending.
  public func forEach(from: Timestamp, until: Timestamp, _ body: (Range<Timestamp>) -> Void) {
    var index = firstRange(endingAfter: from)
    while index < ranges.count, ranges[index].lowerBound < until {
      let (start, end) = (max(ranges[index].lowerBound, from), min(ranges[index].upperBound, until))
      if start < end { body(start..<end) }
      index += 1
    }
  }

  /// Asks how much of one span after another it covers, going forwards only: a step instead of a search.
  public struct Cursor {
    private let ranges: [Range<Timestamp>]
    private var next: Int

    /// A cursor for spans that begin at or after `start`.
    public init(_ all: TimeRanges, from start: Timestamp) {
      ranges = all.ranges
      next = all.firstRange(endingAfter: start)
    }

    /// Milliseconds of `from` ..< `until` that are covered; `from` never goes back.
    public mutating func milliseconds(from: Timestamp, until: Timestamp) -> Int64 {
      while next < ranges.count, ranges[next].upperBound <= from { next += 1 }
      var sum: Int64 = 0
      var index = next
      while index < ranges.count, ranges[index].lowerBound < until {
        let range = ranges[index]
        sum += (min(range.upperBound, until) - max(range.lowerBound, from)).milliseconds
        index += 1
      }
      return sum
    }
  }

  /// The time that both cover.
  public func intersection(_ other: TimeRanges) -> TimeRanges {
    guard let first = ranges.first, let others = other.ranges.first else { return .none }
    var found: [Range<Timestamp>] = []
    // One often has a few ranges where the other has hundreds.
    var a = firstRange(endingAfter: others.lowerBound)
    var b = other.firstRange(endingAfter: first.lowerBound)
    while a < ranges.count, b < other.ranges.count {
      let from = max(ranges[a].lowerBound, other.ranges[b].lowerBound)
      let until = min(ranges[a].upperBound, other.ranges[b].upperBound)
      if from < until { found.append(from..<until) }
      if ranges[a].upperBound < other.ranges[b].upperBound { a += 1 } else { b += 1 }
    }
    return TimeRanges(disjoint: found)
  }

  /// The time that it covers and the other does not.
  public func subtracting(_ other: TimeRanges) -> TimeRanges {
    guard let first = ranges.first, let last = ranges.last else { return .none }
    var gaps: [Range<Timestamp>] = []
    var from = first.lowerBound
    for range in other.ranges {
      if from < range.lowerBound { gaps.append(from..<range.lowerBound) }
      from = max(from, range.upperBound)
    }
    if from < last.upperBound { gaps.append(from..<last.upperBound) }
    return intersection(TimeRanges(disjoint: gaps))
  }

  /// The index of the first range that ends after an instant; the number of ranges when none does.
  private func firstRange(endingAfter instant: Timestamp) -> Int {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= instant { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Milliseconds covered before an instant.
  private func covered(until instant: Timestamp) -> Int64 {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound < instant { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return 0 }
    let last = ranges[low - 1]
    return before[low - 1] + (min(instant, last.upperBound) - last.lowerBound).milliseconds
  }
}
