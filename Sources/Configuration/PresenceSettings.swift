import Aggregation

extension Settings {
  /// The section `presence` of the configuration, as reports apply it.
  public var presenceRules: PresenceRules {
    PresenceRules(
      networkedWindow: presence.networkedWindow, horizonFactor: presence.horizonFactor,
      horizonMinimum: presence.horizonMinimum, defaultInterval: presence.defaultInterval)
  }
}
