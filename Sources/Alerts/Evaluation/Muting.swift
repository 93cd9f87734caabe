import Configuration
import Telemetry

/// A silence that somebody asked for: no alert of a rule, or no further message of one alert, until a moment.
public struct AlertSilence: Equatable, Sendable {
  /// Number in the list of silences.
  public var number: Int64
  /// Name of a rule, or id of an alert.
  public var target: String
  public var from: Timestamp
  public var until: Timestamp
  public var reason: String

  /// A silence.
  public init(number: Int64, target: String, from: Timestamp, until: Timestamp, reason: String) {
    self.number = number
    self.target = target
    self.from = from
    self.until = until
    self.reason = reason
  }
}

/// Whether a moment is muted, and when the newest muted time ended.
struct Muting: Equatable {
  var isMuted: Bool
  /// The newest end that is not after the moment; nil if there is none.
  var mutedUntil: Timestamp?

  /// Judges ranges at a moment.
  init(_ ranges: [Range<Timestamp>], at now: Timestamp) {
    isMuted = ranges.contains { $0.contains(now) }
    mutedUntil = ranges.map(\.upperBound).filter { $0 <= now }.max()
  }

  /// The windows of a rule that began on the last 32 days: no rule waits longer than thirty.
  static func ranges(
    of windows: [MaintenanceWindow], near now: Timestamp, _ calendar: LocalCalendar
  ) -> [Range<Timestamp>] {
    let today = calendar.day(at: now)
    return windows.flatMap { window in (0...32).compactMap { window.range(on: today - $0, calendar) } }
  }
}
