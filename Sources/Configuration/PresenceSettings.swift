import Aggregation

extension Settings {
  /// What `presence` of the configuration says, as reports apply it.
  public var presenceRules: PresenceRules {
    PresenceRules(
      networkedWindow: presence.networkedWindow, horizonFactor: presence.horizonFactor,
      horizonMinimum: presence.horizonMinimum, defaultInterval: presence.defaultInterval)
  }
}
