import Telemetry

/// Horizons T of one equipment's readings by event time, as its register row of that day declares. A reading
/// keeps its horizon past midnight and past a change of the register.
struct Horizons: Equatable {
  /// The horizon before the first change.
  private(set) var first: Span
  /// Start times of later horizons, ascending.
  private(set) var changes: [(from: Timestamp, horizon: Span)] = []

  /// The longest there can be: nothing before it matters.
  static let longest = PresenceRules.longestHorizon

  /// One for all time.
  init(_ horizon: Span) { first = horizon }

  /// Has readings from an instant on, later than all before, vouch for another time.
  mutating func change(at instant: Timestamp, to horizon: Span) {
    if horizon != changes.last?.horizon ?? first { changes.append((instant, horizon)) }
  }

  /// The horizon of a reading at an instant.
  func at(_ instant: Timestamp) -> Span {
    if changes.isEmpty { return first }
    return changes.last { $0.from <= instant }?.horizon ?? first
  }

  /// Whether every reading that may vouch for an instant of a range does so for `horizon`.
  func isAlways(_ horizon: Span, from: Timestamp, until: Timestamp) -> Bool {
    if changes.isEmpty { return first == horizon }
    guard at(from - Self.longest) == horizon else { return false }
    return changes.allSatisfy {
      $0.horizon == horizon || $0.from >= until || $0.from <= from - Self.longest
    }
  }

  static func == (a: Horizons, b: Horizons) -> Bool {
    a.first == b.first && a.changes.elementsEqual(b.changes) { $0 == $1 }
  }
}
