import Telemetry

/// How long readings of one equipment vouch (T), by when they came: what its row of the register says then. A reading
/// keeps its horizon past midnight and past a change of the register.
struct Horizons: Equatable {
  /// Of readings before any change.
  private(set) var first: Span
  /// From when on another holds; ascending.
  private(set) var changes: [(from: Timestamp, horizon: Span)] = []

  /// The longest there can be: nothing before it matters.
  static let longest = PresenceRules.longestHorizon

  /// One for all time.
  init(_ horizon: Span) { first = horizon }

  /// Has readings from an instant on, later than all before, vouch for another time.
  mutating func change(at instant: Timestamp, to horizon: Span) {
    if horizon != changes.last?.horizon ?? first { changes.append((instant, horizon)) }
  }

  /// Of a reading at an instant.
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
