import Decoding

extension CollectorStatus {
  /// Counts of Sparkplug messages and values that could not be used since the start, and of the host application's work.
  public struct Sparkplug: Codable, Equatable, Sendable {
    /// Messages of an edge node or a device whose birth is not known.
    public var withoutBirth = 0
    /// Metrics with an alias that no birth names.
    public var unknownAliases = 0
    /// Deaths of edge nodes that end an earlier session than the present one, or do not say which.
    public var otherDeaths = 0
    /// Values that are null or not of good quality.
    public var badValues = 0
    /// Historical values without a known state at their time.
    public var historicalWithoutState = 0
    /// Values of datatypes that are no field.
    public var skippedValues = 0
    /// Gaps in the numbers of messages.
    public var gaps = 0
    /// Gaps that were filled in time.
    public var gapsFilled = 0
    /// Messages without a valid number.
    public var withoutSequence = 0
    /// Requests for births.
    public var rebirthRequests = 0
    /// Times at which the host had to state again that it is online.
    public var statesRepeated = 0

    /// nil if everything is zero.
    init?(_ counts: SparkplugCounts) {
      guard counts != SparkplugCounts() else { return nil }
      withoutBirth = counts.decoding.withoutBirth
      unknownAliases = counts.decoding.unknownAliases
      otherDeaths = counts.decoding.otherDeaths
      badValues = counts.decoding.badValues
      historicalWithoutState = counts.decoding.historicalWithoutState
      skippedValues = counts.decoding.skippedValues
      gaps = counts.session.gaps
      gapsFilled = counts.session.gapsFilled
      withoutSequence = counts.session.withoutSequence
      rebirthRequests = counts.session.rebirthRequests
      statesRepeated = counts.session.statesRepeated
    }
  }
}
