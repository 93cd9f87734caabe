import Journal
import Telemetry

/// Minutes of a day with a reading, as bytes that slots are counted from without being unpacked.
///
/// Runs of minutes ascending, those alike together: for each group the minutes from the end of the run before
/// to the first minute, how many more minutes the run has, and how often the like follows. A machine that
/// reports every five minutes is one group.
package enum MinuteRuns {
  private static let damage = StoreError(
    .corrupt, "a row's minutes are not what they must be; the file is damaged")
  private static let limit = Int(UInt16.max)

  /// Appends the runs of a set.
  package static func append(_ set: MinuteSet, to bytes: inout [UInt8]) {
    var writer = Writer()
    var end = 0
    for run in set.runs {
      writer.add(gap: run.lowerBound - end, more: run.upperBound - run.lowerBound, to: &bytes)
      end = run.upperBound
    }
    writer.finish(&bytes)
  }

  /// Appends runs as a row has them (``MinuteSet/encoded``).
  package static func append(
    row: UnsafeRawBufferPointer, to bytes: inout [UInt8]
  ) throws(StoreError) {
    var writer = Writer()
    var position = 0
    func integer() throws(StoreError) -> Int {
      var value = 0
      var shift = 0
      while position < row.count, shift <= 14 {
        let byte = row[position]
        position += 1
        value |= Int(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      throw damage
    }
    var end = 0
    var isFirst = true
    while position < row.count {
      let gap = try integer()
      let more = try integer()
      guard isFirst || gap > 1, end + gap + more <= limit else { throw damage }
      writer.add(gap: gap, more: more, to: &bytes)
      end += gap + more
      isFirst = false
    }
    writer.finish(&bytes)
  }

  /// Of the slots `due` (ascending, disjoint) of `length` minutes, how many have a minute in them. `range` of
  /// `bytes` are runs; as many bytes as ``VarintCursor/padding`` follow.
  package static func count(
    slots length: Int, among due: [Range<Int>], in bytes: UnsafeRawBufferPointer, _ range: Range<Int>
  ) throws(StoreError) -> Int {
    guard !range.isEmpty, let first = due.first else { return 0 }
    var cursor = try VarintCursor(bytes, range)
    // Nearly always all slots of the day are due.
    let whole = due.count == 1 && first.lowerBound == 0 ? first.upperBound : 0
    var tally = SlotTally(length: length)
    var end = 0
    while !cursor.isAtEnd {
      let gap = try cursor.count(limit: limit)
      let more = try cursor.count(limit: limit)
      let repeats = 1 + (try cursor.count(limit: limit))
      try cursor.check()
      let through = end + repeats * (gap + more)
      if length == 1, through < whole {
        tally.count += repeats * (more + 1)
      } else if more == 0, gap >= length, through < whole * length {
        // Each in a slot of its own, but for the first, which may share the one before it.
        tally.addApart(first: end + gap, last: through, count: repeats)
      } else {
        for place in 0..<repeats {
          let first = end + place * (gap + more) + gap
          tally.add(first, first + more, among: due)
        }
      }
      end = through
    }
    return tally.count
  }

  /// Calls `body` with the first and the last minute of each run. `range` of `bytes` are runs; as many bytes as
  /// ``VarintCursor/padding`` follow.
  package static func forEach(
    in bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (_ first: Int, _ last: Int) -> Void
  ) throws(StoreError) {
    guard !range.isEmpty else { return }
    var cursor = try VarintCursor(bytes, range)
    var end = 0
    while !cursor.isAtEnd {
      let gap = try cursor.count(limit: limit)
      let more = try cursor.count(limit: limit)
      let repeats = 1 + (try cursor.count(limit: limit))
      try cursor.check()
      for _ in 0..<repeats {
        body(end + gap, end + gap + more)
        end += gap + more
      }
    }
  }

  /// Joins like runs.
  private struct Writer {
    private var gap = -1
    private var more = 0
    private var repeats = 0

    mutating func add(gap: Int, more: Int, to bytes: inout [UInt8]) {
      if gap == self.gap, more == self.more {
        repeats += 1
        return
      }
      finish(&bytes)
      (self.gap, self.more, repeats) = (gap, more, 0)
    }

    mutating func finish(_ bytes: inout [UInt8]) {
      guard gap >= 0 else { return }
      bytes.appendVarint(UInt64(gap))
      bytes.appendVarint(UInt64(more))
      bytes.appendVarint(UInt64(repeats))
    }
  }

  /// Counts slots from ascending runs of minutes, each once.
  private struct SlotTally {
    let length: Int
    var count = 0
    /// The newest slot that a run reached.
    private var reached = -1
    private var next = 0

    init(length: Int) { self.length = length }

    mutating func add(_ first: Int, _ last: Int, among due: [Range<Int>]) {
      let from = max(first / length, reached + 1)
      let through = last / length
      reached = max(reached, through)
      guard from <= through else { return }
      while next < due.count, due[next].upperBound <= from { next += 1 }
      var index = next
      while index < due.count, due[index].lowerBound <= through {
        count += min(through, due[index].upperBound - 1) - max(from, due[index].lowerBound) + 1
        index += 1
      }
    }

    /// Runs of a minute each that lie at least a slot apart, all of them before the end of what is due.
    mutating func addApart(first: Int, last: Int, count added: Int) {
      count += first / length > reached ? added : added - 1
      reached = last / length
    }
  }
}

/// Number of slots with a reading in whole days, for the most frequent report intervals. Kept because days of many
/// runs would be counted again and again.
package struct SlotCounts: Equatable, Sendable {
  /// Minutes.
  package static let lengths = [1, 5, 10, 15, 30, 60]

  private var one: UInt16 = 0
  private var five: UInt16 = 0
  private var ten: UInt16 = 0
  private var fifteen: UInt16 = 0
  private var thirty: UInt16 = 0
  private var sixty: UInt16 = 0

  /// The counts in the order of ``lengths``.
  @inline(__always)
  package init(_ next: () -> UInt16) {
    one = next()
    five = next()
    ten = next()
    fifteen = next()
    thirty = next()
    sixty = next()
  }

  /// The count of slots of `length` minutes; nil for a length that is none of ``lengths``.
  @inline(__always)
  package func count(of length: Int) -> Int? {
    switch length {
    case 1: Int(one)
    case 5: Int(five)
    case 10: Int(ten)
    case 15: Int(fifteen)
    case 30: Int(thirty)
    case 60: Int(sixty)
    default: nil
    }
  }
}
