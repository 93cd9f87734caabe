import Storage
import Telemetry

/// Rollovers of a meter that is declared to restart from 0 at a value: a reset from the top tenth below that value to
/// the bottom tenth above 0.
enum MeterRollover {
  /// Whether a reset is a rollover.
  static func isRollover(from last: Int64, to value: Int64, modulus: Int64) -> Bool {
    last <= modulus && Int128(last) * 10 >= Int128(modulus) * 9 && Int128(value) * 10 <= Int128(modulus)
  }

  /// Energy counted from one value to the other, for which ``isRollover(from:to:modulus:)`` holds.
  static func counted(from last: Int64, to value: Int64, modulus: Int64) -> Int64 {
    value.addingSaturated(modulus.subtractingSaturated(last))
  }
}

extension TimeFigures {
  /// Corrects resets of a meter that is declared to roll over at `modulus`: counts them no longer as resets, and adds
  /// the energy up to the rollover on days whose energy counts.
  mutating func rollOver(
    _ evidence: PeriodEvidence, modulus: Int64, _ account: TimeAccount, _ service: ClosedRange<CalendarDay>
  ) {
    for reset in evidence.meterResets where reset.isRollover(at: modulus) {
      let day = account.period.calendar.day(at: reset.at)
      guard service.contains(day) else { continue }
      meterResets -= 1
      guard !evidence.daysLeftOut.contains(day) else { continue }
      let counted = MeterRollover.counted(from: reset.last, to: reset.value, modulus: modulus)
      energy.add(saturating: reset.countsValue ? counted.subtractingSaturated(reset.value) : counted)
    }
  }
}

extension MeterReset {
  /// Whether it is a rollover of an energy meter that is declared to restart from 0 at `modulus`.
  func isRollover(at modulus: Int64) -> Bool {
    meter == .energy && MeterRollover.isRollover(from: last, to: value, modulus: modulus)
  }
}
