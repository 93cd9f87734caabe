import Aggregation
import Storage
import Telemetry

/// Notices that a `register` command has changed the register. Used on the session's thread only.
final class RegisterWatch {
  private let register: any RegisterReading
  private let calendar: LocalCalendar
  private var version: Int?
  /// The longest report interval of registered equipment; nil if none declares one.
  private var longestInterval: Span?
  /// The rules by which reports count, in effect.
  var rules: PresenceRules

  init(_ register: any RegisterReading, calendar: LocalCalendar, rules: PresenceRules) {
    self.register = register
    self.calendar = calendar
    self.rules = rules
  }

  /// The keys the register knows, when they may have changed since the last call.
  func poll() throws -> Set<EquipmentKey>? {
    let current = try register.version()
    guard current != version else { return nil }
    let keys = try register.keys()
    longestInterval = try register.longestInterval(on: calendar.day(at: .now))
    version = current
    return keys
  }

  /// The largest horizon of registered equipment.
  var horizon: Span { rules.horizon(declaredInterval: longestInterval) }
}
