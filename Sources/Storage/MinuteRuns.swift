import Telemetry

/// Minutes of a day with a reading, as bytes that slots are counted from without being unpacked.
///
/// Runs of minutes ascending, those alike together: for each group the minutes from the end of the run before
/// to the first minute, how many more minutes the run has, and how often the like follows. A machine that
/// reports every five minutes is one group.
enum MinuteRuns {
  private static let damage = StoreError(
    .corrupt, "a row's minutes are not what they must be; the file is damaged")

  /// Appends the runs of a set.
  static func append(_ set: MinuteSet, to bytes: inout [UInt8]) {
    var writer = Writer()
    var end = 0
    for run in set.runs {
      writer.add(gap: run.lowerBound - end, more: run.upperBound - run.lowerBound, to: &bytes)
      end = run.upperBound
    }
    writer.finish(&bytes)
  }

  /// Appends runs as a row has them (``MinuteSet/encoded``).
  static func append(row: UnsafeRawBufferPointer, to bytes: inout [UInt8]) throws(StoreError) {
    var writer = Writer()
    var cursor = PackedCursor(row)
    var last = -1
    var end = 0
    while !cursor.isAtEnd {
      let gap = try cursor.count(limit: Int(UInt16.max))
      let more = try cursor.count(limit: Int(UInt16.max))
      guard last < 0 || gap > 1, end + gap + more <= Int(UInt16.max) else { throw damage }
      writer.add(gap: gap, more: more, to: &bytes)
      end += gap + more
      last = end
    }
    writer.finish(&bytes)
  }

  /// Of the slots `due` (ascending, disjoint) of `length` minutes, how many have a minute in them.
  static func count(
    slots length: Int, among due: [Range<Int>], in bytes: UnsafeRawBufferPointer
  ) throws(StoreError) -> Int {
    guard !bytes.isEmpty, let last = due.last else { return 0 }
    var cursor = PackedCursor(bytes)
    var tally = SlotTally(length: length, due: due)
    var end = 0
    while !cursor.isAtEnd {
      let gap = try cursor.count(limit: Int(UInt16.max))
      let more = try cursor.count(limit: Int(UInt16.max))
      var repeats = 1 + (try cursor.count(limit: Int(UInt16.max)))
      let through = end + repeats * (gap + more)
      if due.count == 1, more == 0, gap >= length, last.lowerBound == 0, through / length < last.upperBound {
        // Each in a slot of its own, but for the first, which may share the one before it.
        tally.addApart(first: end + gap, last: through, count: repeats)
      } else {
        while repeats > 0 {
          let first = end + gap
          end = first + more
          tally.add(first, end)
          repeats -= 1
        }
      }
      end = through
    }
    return tally.count
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
      bytes.appendPacked(UInt64(gap))
      bytes.appendPacked(UInt64(more))
      bytes.appendPacked(UInt64(repeats))
    }
  }

  /// Counts slots from ascending runs of minutes, each once.
  private struct SlotTally {
    let length: Int
    let due: [Range<Int>]
    private(set) var count = 0
    /// The newest slot that a run reached.
    private var reached = -1
    private var next = 0

    init(length: Int, due: [Range<Int>]) {
      self.length = length
      self.due = due
    }

    mutating func add(_ first: Int, _ last: Int) {
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

    /// Runs of a minute each that lie at least a slot apart, all of them before the only due range's end.
    mutating func addApart(first: Int, last: Int, count added: Int) {
      count += first / length > reached ? added : added - 1
      reached = last / length
    }
  }
}
