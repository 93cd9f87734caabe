import Journal

/// Finds the days of a journal that hold given blocks, and opens few others for it.
struct DaySearch {
  private let days: OpenDays
  /// The days that have a file, ascending.
  private let names: [String]
  /// A day that is open already; nil if none is.
  private let current: JournalDay?

  /// A search among the days that have a file now.
  ///
  /// - Parameter current: a day that is open already; nil if none is.
  init(_ days: OpenDays, current: JournalDay? = nil) throws(StoreError) {
    self.days = days
    self.current = current
    names = try JournalFiles.days(in: days.folder)
  }

  /// The block that the oldest day with blocks follows; nil without such a day.
  func firstOpening() throws(StoreError) -> JournalHead? {
    for name in names {
      if let opening = try opening(of: name) { return opening }
    }
    return nil
  }

  /// Lends the days that may hold blocks after `number`, ascending: from the last that follows it or an earlier block.
  /// Each is opened when its turn comes; false ends it. A day that is dropped meanwhile is an error, because the blocks
  /// that are asked for are missing then.
  func forEachDay(holdingAfter number: Int64, _ body: (JournalDay) throws -> Bool) throws {
    let first = try last(following: number) ?? 0
    for name in names[first...] {
      guard try body(open(name)) else { return }
    }
  }

  // MARK: -

  /// The place of the last day that follows block `number` or an earlier one; nil if there is none.
  ///
  /// Days follow one another as their blocks do, so only some of them are opened: the newest, which is wanted most, then
  /// earlier ones in steps that double, then those between.
  private func last(following number: Int64) throws(StoreError) -> Int? {
    var found: Int?
    // The day is `found` or in this range.
    var (lower, upper) = (0, names.count)
    while lower < upper {
      let step = max(1, names.count - upper)
      let middle = lower == 0 ? max(0, upper - step) : lower + (upper - lower) / 2
      guard let (place, opening) = try begun(from: middle, downTo: lower) else {
        lower = middle + 1
        continue
      }
      if opening <= number {
        found = place
        lower = middle + 1
      } else {
        upper = place
      }
    }
    return found
  }

  /// The newest of the days from `last` down to `first` that has an opening, with it; nil if none has.
  private func begun(
    from last: Int, downTo first: Int
  ) throws(StoreError) -> (place: Int, opening: Int64)? {
    for place in (first...last).reversed() {
      if let opening = try opening(of: names[place]) { return (place, opening.number) }
    }
    return nil
  }

  /// The block that a day follows; nil for a file that a crash left without one, and for a day that was dropped after the
  /// listing.
  private func opening(of name: String) throws(StoreError) -> JournalHead? {
    try JournalFiles.unlessDropped(name, in: days.folder) { () throws(StoreError) in try open(name).opening()
    }
  }

  private func open(_ name: String) throws(StoreError) -> JournalDay {
    if let current, current.name == name { return current }
    return try days.open(name)
  }
}
