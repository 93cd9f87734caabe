import Storage
import Telemetry

/// Rules by which a sender counts as networked and a reading vouches (`presence` in the configuration).
public struct PresenceRules: Equatable, Sendable {
  /// Time for which a reading or a live `online` makes an equipment networked.
  public var networkedWindow: Span
  /// The horizon in declared report intervals.
  public var horizonFactor: Int
  /// The shortest horizon, and the horizon of equipment without a declared interval.
  public var horizonMinimum: Span
  /// The interval in which equipment that declares none is to send.
  public var defaultInterval: Span

  /// Rules; the defaults are 30 × 24 h, 3 intervals, 15 min and 5 min.
  public init(
    networkedWindow: Span = .days(30), horizonFactor: Int = 3, horizonMinimum: Span = .minutes(15),
    defaultInterval: Span = .minutes(5)
  ) {
    self.networkedWindow = networkedWindow
    self.horizonFactor = horizonFactor
    self.horizonMinimum = horizonMinimum
    self.defaultInterval = defaultInterval
  }

  /// The longest a reading vouches, whatever interval is declared.
  public static let longestHorizon = Span.hours(24)

  /// The horizon of a reading: T = min(24 h, max(factor × declared interval, minimum)).
  public func horizon(declaredInterval: Span?) -> Span {
    guard let interval = declaredInterval else { return min(horizonMinimum, Self.longestHorizon) }
    let (product, overflow) = interval.milliseconds.multipliedReportingOverflow(by: Int64(horizonFactor))
    return min(
      Self.longestHorizon, overflow ? Self.longestHorizon : max(horizonMinimum, .milliseconds(product)))
  }

  /// The same for a period: its whole length counts as networked where that is longer.
  func covering(_ period: Period) -> PresenceRules {
    var rules = self
    rules.networkedWindow = max(networkedWindow, period.until - period.from)
    return rules
  }

  /// The interval in which data of equipment is due.
  public func dueInterval(declared: Span?) -> Span {
    if let declared, declared > .zero { return declared }
    return max(defaultInterval, .milliseconds(1))
  }

  /// Presence of one sender at t.
  public struct Presence: Equatable, Sendable {
    /// A reading or a live `online` at or before t.
    public var heard = false
    /// A reading or a live `online` in (t − window, t].
    public var networked = false
    /// A reading in (t − window, t].
    public var read = false
    /// A reading vouches for it at t.
    public var vouchedByReading = false
    /// A session opened by a live `online` is open at t.
    public var sessionOpen = false
    /// A message was refused in (t − window, t].
    public var refused = false

    /// Facts of equipment that was not heard.
    public init() {}

    /// Vouched for at t, by a reading or by its session.
    public var online: Bool { vouchedByReading || sessionOpen }
    /// It sends, whether or not its messages can be counted.
    public var speaks: Bool { heard || refused }
  }

  /// The presence of one sender at `t` under a horizon. Only what happened at or before `t` counts, so that
  /// a fast clock gains nothing.
  public func presence(of evidence: EquipmentEvidence, at t: Timestamp, horizon: Span) -> Presence {
    var presence = Presence()
    presence.sessionOpen = evidence.sessionOpen
    presence.heard = evidence.sessionOpen
    let opens = t - networkedWindow
    if let last = evidence.readings?.last, last <= t {
      presence.heard = true
      presence.networked = last > opens
      presence.read = last > opens
      presence.vouchedByReading = evidence.vouchedByReading(at: t, horizon: horizon)
    }
    presence.refused = evidence.refusals.contains { $0.newest > opens && $0.newest <= t }
    if let online = evidence.lastOnline, online <= t {
      presence.heard = true
      presence.networked = presence.networked || online > opens
    }
    return presence
  }
}
