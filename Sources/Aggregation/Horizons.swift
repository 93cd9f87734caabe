import Telemetry

/// Horizons T of one equipment's readings by event time, as its register row of that day declares. A reading
/// keeps its horizon past midnight and past a change of the register.
struct Horizons: Equatable {
  /// The horizon before the first change.
  private(set) var first: Span
  /// Start times of later horizons, ascending.
  private(set) var changes: [(from: Timestamp, horizon: Span)] = []

  /// Where sessions of it were open and heard, ascending and disjoint, if any of its readings vouches by a session.
  private var sessions: [Range<Timestamp>]?
  /// Beginning of the period that they lie in.
  private var start = Timestamp.distantPast

  /// The longest there can be: nothing before it matters.
  static let longest = PresenceRules.longestHorizon

  /// One for all time.
  init(_ horizon: Span) { first = horizon }

  /// Has readings from an instant on, later than all before, vouch for another time.
  mutating func change(at instant: Timestamp, to horizon: Span) {
    if horizon != changes.last?.horizon ?? first { changes.append((instant, horizon)) }
  }

  /// Has readings that vouch by a session do so while it was open and heard.
  ///
  /// - Parameters:
  ///   - sessions: open sessions, ascending and disjoint, in a period from `start` on. One that begins with the period
  ///     was open before.
  ///   - unobserved: when nobody listened in the period.
  mutating func holdStates(in sessions: [Range<Timestamp>], from start: Timestamp, unobserved: TimeRanges) {
    var heard: [Range<Timestamp>] = []
    for session in sessions {
      var reached = session.lowerBound
      unobserved.forEach(from: session.lowerBound, until: session.upperBound) { blind in
        if reached < blind.lowerBound { heard.append(reached..<blind.lowerBound) }
        reached = blind.upperBound
      }
      if reached < session.upperBound { heard.append(reached..<session.upperBound) }
    }
    self.sessions = heard
    self.start = start
  }

  /// Up to when the last reading of a stretch vouches, if nothing comes before.
  func end(of stretch: StateInterval) -> Timestamp {
    let end = stretch.last + at(stretch.last)
    // Where messages are missing after it, a change of state may be among them.
    guard stretch.vouching == .session, stretch.lostUntil == nil, let sessions else { return end }
    let instant = max(stretch.last, start)
    let next = sessions.partitioningIndex { $0.upperBound > instant }
    guard next < sessions.count, sessions[next].lowerBound <= instant else { return end }
    return max(end, sessions[next].upperBound)
  }

  /// The horizon of a reading at an instant.
  func at(_ instant: Timestamp) -> Span {
    if changes.isEmpty { return first }
    return changes.last { $0.from <= instant }?.horizon ?? first
  }

  /// Whether every reading that may vouch for an instant of a range does so for `horizon`.
  func isAlways(_ horizon: Span, from: Timestamp, until: Timestamp) -> Bool {
    if sessions != nil { return false }
    if changes.isEmpty { return first == horizon }
    guard at(from - Self.longest) == horizon else { return false }
    return changes.allSatisfy {
      $0.horizon == horizon || $0.from >= until || $0.from <= from - Self.longest
    }
  }

  static func == (a: Horizons, b: Horizons) -> Bool {
    a.first == b.first && a.sessions == b.sessions && a.changes.elementsEqual(b.changes) { $0 == $1 }
  }
}

extension [Range<Timestamp>] {
  /// The first place from which on `isAfter` holds; it must hold at all places after one where it does.
  fileprivate func partitioningIndex(_ isAfter: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
