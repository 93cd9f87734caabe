import Storage
import Telemetry

/// Horizons T of one equipment's readings by event time, as its register row of that day declares. A reading
/// keeps its horizon past midnight and past a change of the register.
struct Horizons: Equatable {
  /// The horizon before the first change.
  private(set) var first: Span
  /// Start times of later horizons, ascending.
  private(set) var changes: [(from: Timestamp, horizon: Span)] = []

  /// When states of readings that vouch by a session hold; nil if none of its readings does.
  private var held: HeldTime?

  /// The longest there can be: nothing before it matters.
  static let longest = PresenceRules.longestHorizon

  /// One for all time.
  init(_ horizon: Span) { first = horizon }

  /// Has readings from an instant on, later than all before, vouch for another time.
  mutating func change(at instant: Timestamp, to horizon: Span) {
    if horizon != changes.last?.horizon ?? first { changes.append((instant, horizon)) }
  }

  /// Has readings that vouch by a session hold their states.
  mutating func holdStates(in held: HeldTime) { self.held = held }

  /// Up to when the last reading of a stretch vouches, if nothing comes before.
  func end(of stretch: StateInterval) -> Timestamp {
    let horizon = at(stretch.last)
    guard let held else { return stretch.last + horizon }
    return held.end(
      ofReadingAt: stretch.last, horizon: horizon, vouching: stretch.vouching, lostUntil: stretch.lostUntil)
  }

  /// The horizon of a reading at an instant.
  func at(_ instant: Timestamp) -> Span {
    if changes.isEmpty { return first }
    return changes.last { $0.from <= instant }?.horizon ?? first
  }

  /// Whether every reading that may vouch for an instant of a range does so for `horizon`.
  func isAlways(_ horizon: Span, from: Timestamp, until: Timestamp) -> Bool {
    if held != nil { return false }
    if changes.isEmpty { return first == horizon }
    guard at(from - Self.longest) == horizon else { return false }
    return changes.allSatisfy {
      $0.horizon == horizon || $0.from >= until || $0.from <= from - Self.longest
    }
  }

  static func == (a: Horizons, b: Horizons) -> Bool {
    a.first == b.first && a.held == b.held && a.changes.elementsEqual(b.changes) { $0 == $1 }
  }
}
