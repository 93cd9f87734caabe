import Telemetry

/// Options of a shard's store; fixed while it is claimed.
public struct ShardOptions {
  /// Of the district's time zone, by which days are cut.
  public var calendar: LocalCalendar
  /// Gaps longer than this are kept as rows; see ``Telemetry/TimelineFold``.
  public var horizonMinimum: Span
  public var journal: JournalSettings
  /// Returns the current time. If set, days that a clock leapt to are filed under the right days once the clock is
  /// right again; without it, days stay as they are.
  public var clock: (() -> Timestamp)?
  /// Receives sentences that concern the operator.
  public var notice: ((String) -> Void)?

  /// Options without a clock.
  public init(
    calendar: LocalCalendar, horizonMinimum: Span, journal: JournalSettings = JournalSettings(),
    clock: (() -> Timestamp)? = nil, notice: ((String) -> Void)? = nil
  ) {
    self.calendar = calendar
    self.horizonMinimum = horizonMinimum
    self.journal = journal
    self.clock = clock
    self.notice = notice
  }
}

/// Retention and compaction of the journal's days.
public struct JournalSettings: Equatable, Sendable {
  /// Closed days that are kept; older ones are dropped.
  public var keptDays: Int
  /// Days after its end at which a day is compacted.
  public var compactAfterDays: Int
  /// Pause between two rounds of closing, compacting and dropping days.
  public var pause: Duration
  /// The policies in use, which are bound by a day's root (``Journal/DayRoot/policies``).
  public var policies: String

  /// By default 90 days are kept, and a day is compacted once the next one is over too.
  public init(
    keptDays: Int = 90, compactAfterDays: Int = 1, pause: Duration = .seconds(60), policies: String = ""
  ) {
    self.policies = policies
    self.keptDays = max(1, keptDays)
    self.compactAfterDays = max(0, compactAfterDays)
    self.pause = pause
  }
}
