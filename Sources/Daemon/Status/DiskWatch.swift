import Storage

/// Warns while less than a twentieth of the store's disk is free: in the status at once, in the log at most once an hour.
package struct DiskWatch: Sendable {
  /// Free and total bytes in words, for a line of the log.
  package struct Line: Equatable, Sendable {
    package var free: String
    package var total: String
  }

  private static let pause = Duration.seconds(3600)

  private var loggedAt: ContinuousClock.Instant?

  /// Nothing was logged yet.
  package init() {}

  /// Returns the warning to show, and the line to log now; nil for none. A space of nil is not known.
  package mutating func look(
    at space: StoreSpace?, _ now: ContinuousClock.Instant
  ) -> (warning: CollectorStatus.Warning?, line: Line?) {
    guard let space, space.total > 0, space.free < space.total / 20 else { return (nil, nil) }
    let line = Line(free: ByteText.of(space.free), total: ByteText.of(space.total))
    let warning = CollectorStatus.Warning(onlyFree: line.free, of: line.total)
    if let loggedAt, now - loggedAt < Self.pause { return (warning, nil) }
    loggedAt = now
    return (warning, line)
  }
}
