import Telemetry

/// Totals of one day. `_ms` are milliseconds, `_wh` thousandths of a kilowatt hour, `_thousandths` of a piece; what is
/// 0 is left out.
struct TotalsJSON: Codable, Equatable {
  var running_ms: Int32?
  var idle_ms: Int32?
  var setup_ms: Int32?
  var stopped_ms: Int32?
  var fault_ms: Int32?
  var maintenance_ms: Int32?
  var off_ms: Int32?
  var automatic_running_ms: Int32?
  var manual_running_ms: Int32?
  var readings: Int32?
  var missing: Int32?
  var meter_resets: Int32?
  var ties: Int32?
  var boot_returns: Int32?
  var live_readings: Int32?
  var late_readings: Int32?
  var sequence_jumps: Int32?
  var energy_wh: Int64?
  var good_thousandths: Int64?
  var total_thousandths: Int64?
  var glitches: Int32?
  var good_above_total: Int32?
  var open_falls: Int32?
  var unpaired_good_thousandths: Int64?
  var unpaired_total_thousandths: Int64?
  /// Least difference receipt − event time of live readings; left out without one.
  var clock_behind_ms: Int64?
  /// Minutes with a reading, from local midnight: runs such as `0-59,70-70`.
  var minutes: String?

  /// Nothing.
  init() {}
}

extension TotalsJSON {
  init(_ totals: DayTotals) {
    running_ms = totals.states[.running].unlessZero
    idle_ms = totals.states[.idle].unlessZero
    setup_ms = totals.states[.setup].unlessZero
    stopped_ms = totals.states[.stopped].unlessZero
    fault_ms = totals.states[.fault].unlessZero
    maintenance_ms = totals.states[.maintenance].unlessZero
    off_ms = totals.states[.off].unlessZero
    automatic_running_ms = totals.automaticRunning.unlessZero
    manual_running_ms = totals.manualRunning.unlessZero
    readings = totals.readings.unlessZero
    missing = totals.missing.unlessZero
    meter_resets = totals.meterResets.unlessZero
    ties = totals.ties.unlessZero
    boot_returns = totals.bootReturns.unlessZero
    live_readings = totals.live.unlessZero
    late_readings = totals.late.unlessZero
    sequence_jumps = totals.sequenceJumps.unlessZero
    energy_wh = totals.energy.unlessZero
    good_thousandths = totals.good.unlessZero
    total_thousandths = totals.total.unlessZero
    let odd = totals.odd
    glitches = odd.glitches.unlessZero
    good_above_total = odd.goodAboveTotal.unlessZero
    open_falls = odd.openFalls.unlessZero
    unpaired_good_thousandths = odd.unpairedGood.unlessZero
    unpaired_total_thousandths = odd.unpairedTotal.unlessZero
    clock_behind_ms = totals.skew
    minutes = MinuteText.text(totals.minutes)
  }

  func value(_ check: PackCheck) throws(EvidenceError) -> DayTotals {
    var totals = DayTotals()
    totals.states[.running] = try check.amount(running_ms, "running_ms")
    totals.states[.idle] = try check.amount(idle_ms, "idle_ms")
    totals.states[.setup] = try check.amount(setup_ms, "setup_ms")
    totals.states[.stopped] = try check.amount(stopped_ms, "stopped_ms")
    totals.states[.fault] = try check.amount(fault_ms, "fault_ms")
    totals.states[.maintenance] = try check.amount(maintenance_ms, "maintenance_ms")
    totals.states[.off] = try check.amount(off_ms, "off_ms")
    totals.automaticRunning = try check.amount(automatic_running_ms, "automatic_running_ms")
    totals.manualRunning = try check.amount(manual_running_ms, "manual_running_ms")
    totals.readings = try check.amount(readings, "readings")
    totals.missing = try check.amount(missing, "missing")
    totals.meterResets = try check.amount(meter_resets, "meter_resets")
    totals.ties = try check.amount(ties, "ties")
    totals.bootReturns = try check.amount(boot_returns, "boot_returns")
    totals.live = try check.amount(live_readings, "live_readings")
    totals.late = try check.amount(late_readings, "late_readings")
    totals.sequenceJumps = try check.amount(sequence_jumps, "sequence_jumps")
    totals.energy = try check.amount(energy_wh, "energy_wh")
    totals.good = try check.amount(good_thousandths, "good_thousandths")
    totals.total = try check.amount(total_thousandths, "total_thousandths")
    var odd = MeterOddities()
    odd.glitches = try check.amount(glitches, "glitches")
    odd.goodAboveTotal = try check.amount(good_above_total, "good_above_total")
    odd.openFalls = try check.amount(open_falls, "open_falls")
    odd.unpairedGood = try check.balance(unpaired_good_thousandths, "unpaired_good_thousandths")
    odd.unpairedTotal = try check.balance(unpaired_total_thousandths, "unpaired_total_thousandths")
    totals.odd = odd
    let clock = try check.number(clock_behind_ms ?? 0, TimelineJSON.clocks, "clock_behind_ms")
    totals.skew = clock_behind_ms == nil ? nil : clock
    guard let minutes = MinuteText.minutes(minutes) else { throw check.misfit("minutes") }
    totals.minutes = minutes
    return totals
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
