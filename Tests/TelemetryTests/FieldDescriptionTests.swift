import Telemetry
import Testing
import TestSupport

@Suite("The fields of a timeline and of its day") struct FieldDescriptionTests {
  private let morning = Timestamp(milliseconds: 1_795_305_600_000)

  private var filled: Timeline {
    var timeline = Timeline()
    var filler = FieldFiller(base: morning, day: CalendarDay(number: 20_779))
    timeline.code(with: &filler)
    return timeline
  }

  /// Stored properties of `value` that are as those of `other`, by their paths. Values of the description itself are
  /// taken apart; all others are one.
  private func alike(_ value: Any, _ other: Any, _ path: String = "") -> [String] {
    let isTakenApart =
      value is Timeline || value is DayTotals || value is DayNumbers || value is InlineStates
      || value is MeterOddities || value is Meters
    guard isTakenApart else { return "\(value)" == "\(other)" ? [path] : [] }
    return zip(Mirror(reflecting: value).children, Mirror(reflecting: other).children).flatMap {
      alike($0.value, $1.value, path.isEmpty ? $0.label ?? "" : "\(path).\($0.label ?? "")")
    }
  }

  @Test("No stored property is left out of their description") func complete() {
    #expect(alike(filled, Timeline()) == [])
    var odd = MeterOddities()
    var filler = FieldFiller(base: morning, day: CalendarDay(number: 0))
    odd.code(with: &filler)
    #expect(alike(odd, MeterOddities()) == [])
    // The comparison itself finds one.
    var timeline = filled
    timeline.totals.ties = 0
    #expect(alike(timeline, Timeline()) == ["totals.numbers.ties"])
  }

  @Test("Each has a name of its own, in this order, in which stores keep them") func names() {
    var timeline = Timeline()
    var filler = FieldFiller(base: morning, day: CalendarDay(number: 0))
    timeline.code(with: &filler)
    #expect(
      filler.names == [
        "newest", "stretch_start", "cut", "state", "mode", "vouching", "sequence", "boot", "previous_boot",
        "alarms", "last_offline", "last_offline_received", "offlines", "last_online", "first_heard",
        "first_reading", "newest_received", "clock", "boot_steps", "boot_leaps", "energy_meter",
        "good_meter", "total_meter", "energy_at", "meter_marks", "meter_doubts", "day", "running", "idle",
        "setup", "stopped", "fault", "maintenance", "off", "automatic_running", "manual_running", "energy",
        "good", "total", "readings", "missing", "meter_resets", "ties", "boot_returns", "skew",
        "live_readings", "late_readings", "sequence_jumps", "glitches", "good_above_total", "open_falls",
        "unpaired_good", "unpaired_total", "minutes",
      ])
    #expect(Set(filler.names).count == filler.names.count)
  }
}
