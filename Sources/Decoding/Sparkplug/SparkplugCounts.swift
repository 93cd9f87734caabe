/// Counts of Sparkplug messages and values that could not be used, and of the host application's work.
public struct SparkplugCounts: Equatable, Sendable {
  /// Counts of the decoders.
  public var decoding = SparkplugDecoder.Counters()
  /// Counts of the host application's sessions.
  public var session = SparkplugSession.Counters()

  /// Counts at zero.
  public init() {}
}

extension SparkplugDecoder.Counters {
  /// Adds other counts.
  public mutating func add(_ other: Self) {
    withoutBirth += other.withoutBirth
    unknownAliases += other.unknownAliases
    otherDeaths += other.otherDeaths
    badValues += other.badValues
    historicalWithoutState += other.historicalWithoutState
    skippedValues += other.skippedValues
  }
}

extension SparkplugSession.Counters {
  /// Adds what has been counted since `earlier` in `later`, which are counts of one session.
  public mutating func add(_ later: Self, since earlier: Self) {
    gaps += later.gaps - earlier.gaps
    gapsFilled += later.gapsFilled - earlier.gapsFilled
    rebirthRequests += later.rebirthRequests - earlier.rebirthRequests
    withoutSequence += later.withoutSequence - earlier.withoutSequence
    statesRepeated += later.statesRepeated - earlier.statesRepeated
  }
}
