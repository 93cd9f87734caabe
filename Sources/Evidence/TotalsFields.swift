import Telemetry

/// Totals of one day in a pack. `_ms` are milliseconds, `_wh` thousandths of a kilowatt hour, `_thousandths` of a piece.
extension DayTotals: PackFields {
  static var blank: DayTotals { DayTotals() }

  mutating func code<Coder: PackFieldCoder>(with coder: inout Coder) throws {
    try coder.amount("running_ms", &self.states[.running])
    try coder.amount("idle_ms", &self.states[.idle])
    try coder.amount("setup_ms", &self.states[.setup])
    try coder.amount("stopped_ms", &self.states[.stopped])
    try coder.amount("fault_ms", &self.states[.fault])
    try coder.amount("maintenance_ms", &self.states[.maintenance])
    try coder.amount("off_ms", &self.states[.off])
    try coder.amount("automatic_running_ms", &self.automaticRunning)
    try coder.amount("manual_running_ms", &self.manualRunning)
    try coder.amount("readings", &self.readings)
    try coder.amount("missing", &self.missing)
    try coder.amount("meter_resets", &self.meterResets)
    try coder.amount("ties", &self.ties)
    try coder.amount("boot_returns", &self.bootReturns)
    try coder.amount("live_readings", &self.live)
    try coder.amount("late_readings", &self.late)
    try coder.amount("sequence_jumps", &self.sequenceJumps)
    try coder.amount("energy_wh", &self.energy)
    try coder.amount("good_thousandths", &self.good)
    try coder.amount("total_thousandths", &self.total)
    var odd = odd
    try coder.amount("glitches", &odd.glitches)
    try coder.amount("good_above_total", &odd.goodAboveTotal)
    try coder.amount("open_falls", &odd.openFalls)
    try coder.balance("unpaired_good_thousandths", &odd.unpairedGood, .min ... .max)
    try coder.balance("unpaired_total_thousandths", &odd.unpairedTotal, .min ... .max)
    self.odd = odd
    // The least difference receipt − event time of live readings; left out without one.
    try coder.number("clock_behind_ms", &self.skew, PackBounds.clocks)
    // From local midnight: runs such as `0-59,70-70`.
    try coder.minutes("minutes", &minutes)
  }
}

/// Minutes of a day as text.
enum MinuteText {
  /// Minutes that a local day can have, with clocks set twice as far back as anywhere.
  private static let most = 2 * 1440

  /// Runs such as `0-59,70-70`; nil for no minute.
  static func text(_ minutes: MinuteSet) -> String? {
    minutes.isEmpty
      ? nil : minutes.runs.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
  }

  /// The minutes of a text; nil for one that ``text(_:)`` does not write.
  static func minutes(_ text: String?) -> MinuteSet? {
    guard let text else { return MinuteSet() }
    guard text.utf8.count <= 5 * 2 * most else { return nil }
    var minutes = MinuteSet()
    for run in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = run.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count == 2, let first = Int(ends[0]), let last = Int(ends[1]), first >= 0, first <= last,
        last < most, first > minutes.newest + (minutes.isEmpty ? 0 : 1)
      else { return nil }
      for minute in first...last { minutes.insert(minute) }
    }
    return minutes
  }
}
