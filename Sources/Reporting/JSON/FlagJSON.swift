import Aggregation
import Telemetry

/// A flag with its evidence, as JSON.
enum FlagJSON {
  static func value(_ flag: AuditFlag, _ calendar: LocalCalendar) -> JSON {
    .object(
      [
        ("flag", .string(flag.key)), ("factory", .string(flag.factory)),
        ("equipment", flag.equipment.isEmpty ? .null : .string(flag.equipment)),
        ("workshop", .string(flag.place.workshop)), ("line", .string(flag.place.line)),
      ] + evidence(flag.kind, calendar))
  }

  private static func evidence(
    _ kind: AuditFlag.Kind, _ calendar: LocalCalendar
  ) -> [(key: String, value: JSON)] {
    switch kind {
    case .claimWithoutEvidence(let automatic, let last):
      [("automatic", .boolean(automatic)), ("last_reading", .text(last.map(calendar.rfc3339)))]
    case .manualOperation(let manual, let running):
      [
        ("manual_ms", .integer(Int(manual.milliseconds))),
        ("running_ms", .integer(Int(running.milliseconds))),
      ]
    case .sharedSerial(let serial, let other):
      [("serial", .string(serial)), ("with", .string(other.description))]
    case .interleavedBoots(let times): [("times", .integer(times))]
    case .recentlyRetired(let day): [("on", .string(day.description))]
    case .lateShutdown(let range, let entered):
      [
        ("from", .string(calendar.rfc3339(range.lowerBound))),
        ("to", .string(calendar.rfc3339(range.upperBound))),
        ("entered_at", .string(calendar.rfc3339(entered))),
      ]
    case .clockSkew(let skew, let cause):
      [("behind_ms", .integer(Int(skew.milliseconds))), ("cause", .string(cause.rawValue))]
    case .equalTimes(let times): [("times", .integer(times))]
    }
  }
}
