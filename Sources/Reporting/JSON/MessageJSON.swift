import Aggregation
import Telemetry

/// Refused messages and fields left out, as JSON. Lists that grow with messages are bounded; `omitted` states the
/// number of entries left out.
enum MessageJSON {
  /// Maximum number of entries in a list that grows with messages.
  static let most = 1000
  /// Maximum number of entries in a list that grows with the register and its senders.
  static let mostListed = 10_000

  static func fault(
    _ reason: RejectionReason, _ detail: String, _ fault: Fault, _ excerpt: String
  ) -> [(key: String, value: JSON)] {
    [
      ("reason", .string(reason.name)), ("field", .string(RejectionDetail.shown(detail))),
      ("fault", .string(fault.name)),
      ("excerpt", .string(excerpt)),
    ]
  }

  static func fault(_ field: OptionalField, _ fault: Fault, _ excerpt: String) -> [(key: String, value: JSON)]
  {
    [("field", .string(field.name)), ("fault", .string(fault.name)), ("excerpt", .string(excerpt))]
  }

  static func refusals(_ refusals: [SenderRefusal], _ calendar: LocalCalendar) -> JSON {
    .array(
      refusals.prefix(most).map { one in
        .object(
          [("equipment", .string(one.key.equipment)), ("messages", .integer(one.refusal.messages))]
            + fault(one.refusal.reason, one.refusal.detail, one.refusal.fault, one.refusal.excerpt)
            + [("newest", .string(calendar.rfc3339(one.refusal.newest)))])
      })
  }

  static func fieldErrors(_ errors: [FieldError]) -> JSON {
    .array(
      errors.prefix(most).map { error in
        .object(
          [("equipment", .string(error.key.equipment)), ("messages", .integer(error.messages))]
            + fault(error.field, error.fault, error.excerpt))
      })
  }

  static func omitted(_ report: Report) -> JSON {
    func left(_ count: Int, _ most: Int) -> JSON { .integer(max(0, count - most)) }
    return .object([
      ("alarms", left(report.alarms.count, most)),
      ("refusals", left(report.refusals.count, most)), ("field_errors", left(report.fieldErrors.count, most)),
      ("flags", left(report.flags.count, mostListed)), ("gaps", left(report.gaps.count, mostListed)),
    ])
  }
}
