import Aggregation
import Telemetry

/// A flag with its evidence, as JSON.
enum FlagJSON {
  static func value(_ flag: AuditFlag, _ calendar: LocalCalendar) -> JSON {
    .object(
      [
        ("flag", .string(flag.kind.rawValue)), ("factory", .string(flag.factory)),
        ("equipment", flag.equipment.isEmpty ? .null : .string(flag.equipment)),
        ("workshop", .string(flag.place.workshop)), ("line", .string(flag.place.line)),
      ] + flag.evidence.map { ($0.key, value($0.fact, calendar)) })
  }

  static func value(_ count: FlagCount) -> JSON {
    .object([
      ("flag", .string(count.kind.rawValue)), ("flags", .integer(count.flags)),
      ("factories", .integer(count.factories)),
    ])
  }

  private static func value(_ fact: AuditFlag.Fact, _ calendar: LocalCalendar) -> JSON {
    switch fact {
    case .number(let number): .integer(number)
    case .span(let span): .integer(Int(span.milliseconds))
    case .instant(let instant): .string(calendar.rfc3339(instant))
    case .day(let day): .string(day.description)
    case .text(let text): .string(text)
    case .truth(let isTrue): .boolean(isTrue)
    case .missing: .null
    }
  }
}
