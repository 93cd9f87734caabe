import Aggregation
import Register
import Telemetry

/// One equipment in a line's or its own report as JSON: whether and why it is counted, and the evidence.
package enum EquipmentJSON {
  package static func value(_ assessment: Assessment, _ report: Report) -> JSON {
    let calendar = report.calendar
    let evidence = assessment.evidence
    let reason = reasonMembers(assessment.reason, calendar)
    return .object([
      ("id", .string(assessment.key.equipment)), ("name", .string(assessment.name)),
      ("workshop", .string(assessment.workshop)), ("line", .string(assessment.line)),
      ("standing", .string(standing(assessment.standing))), ("bucket", .text(assessment.bucket?.key)),
      ("networked", .boolean(assessment.isNetworked)), ("online", .boolean(assessment.isOnline)),
      ("reporting", .boolean(assessment.isReporting)), ("reason", .object(reason)),
      ("horizon_ms", .integer(Int(assessment.horizon.milliseconds))),
      ("state", assessment.presence.vouchedByReading ? .text(evidence?.readings?.state.name) : .null),
      ("mode", assessment.presence.vouchedByReading ? .text(evidence?.readings?.mode.name) : .null),
      ("last_reading", .text(assessment.lastReading.map(calendar.rfc3339))),
      ("last_reading_exact", .boolean(evidence?.readings?.isExact ?? true)),
      ("last_online", .text(evidence?.lastOnline.map(calendar.rfc3339))),
      ("session_open", .boolean(evidence?.sessionOpen ?? false)),
      ("topic_workshop", .text(evidence?.topicWorkshop)),
      ("rejections", .integer(evidence?.rejections ?? 0)),
      ("register", assessment.entry.map(register) ?? .null),
    ])
  }

  private static func register(_ entry: RegisterSnapshot.Entry) -> JSON {
    let equipment = entry.equipment
    return .object(
      [
        ("category", .string(equipment.category)), ("automation", .string(equipment.automation.rawValue)),
        ("intelligent", .boolean(equipment.intelligent)), ("digital", .boolean(equipment.digital)),
        ("connectable", .boolean(equipment.connectable)),
        ("report_interval_ms", .number(equipment.reportInterval.map { Int($0.milliseconds) })),
        ("commissioned_on", .text(equipment.commissionedOn?.description)),
        ("decommissioned_on", .text(equipment.decommissionedOn?.description)),
        ("retrofitted_on", .text(equipment.retrofittedOn?.description)),
        ("assumed", .boolean(entry.assumed)),
      ] + formAttributes(equipment))
  }

  /// The attributes for forms that the register states.
  private static func formAttributes(_ equipment: RegisteredEquipment) -> [(key: String, value: JSON)] {
    let stated: [(key: String, value: JSON?)] = [
      ("cnc", equipment.cnc.map { .boolean($0) }),
      ("process", equipment.process.isEmpty ? nil : .string(equipment.process)),
      ("key_process", equipment.keyProcess.map { .boolean($0) }),
      ("ideal_cycle_ms", equipment.idealCycle.map { .integer(Int($0.milliseconds)) }),
      ("asset_value", equipment.assetValue.map { .string(Money.text($0)) }),
      ("meter_kind", equipment.meterKind.map { .string($0.rawValue) }),
      ("counts_output", equipment.countsOutput.map { .boolean($0) }),
    ]
    return stated.compactMap { key, value in value.map { (key, $0) } }
  }

  private static func standing(_ standing: Standing) -> String {
    switch standing {
    case .counted: "in_service"
    case .retired: "retired"
    case .notYetInService: "not_yet_in_service"
    case .auxiliary: "auxiliary"
    case .unregistered: "unregistered"
    }
  }

  private static func reasonMembers(
    _ reason: Assessment.Reason, _ calendar: LocalCalendar
  ) -> [(key: String, value: JSON)] {
    func code(_ code: String) -> (key: String, value: JSON) { ("code", .string(code)) }
    func instant(_ key: String, _ t: Timestamp?) -> (key: String, value: JSON) {
      (key, .text(t.map(calendar.rfc3339)))
    }
    switch reason {
    case .readingVouches(let last, let until):
      return [code("reading_vouches"), instant("reading", last), instant("vouched_until", until)]
    case .sessionWithoutReading(let last, let since):
      return [code("session_without_reading"), instant("reading", last), instant("online", since)]
    case .readingTooOld(let last, let until):
      return [code("reading_too_old"), instant("reading", last), instant("vouched_until", until)]
    case .wentOffline(let last, let at):
      return [code("went_offline"), instant("reading", last), instant("offline", at)]
    case .sessionEnded(let online): return [code("session_ended"), instant("online", online)]
    case .declaredNotConnectable(let digital, let connectable):
      return [
        code("declared_not_connectable"), ("digital", .boolean(digital)),
        ("connectable", .boolean(connectable)),
      ]
    case .onlyRejections(let messages, _): return [code("only_rejections"), ("messages", .integer(messages))]
    case .nothingHeard: return [code("nothing_heard")]
    case .retired(let day): return [code("retired"), ("on", .text(day?.description))]
    case .notYetInService(let day): return [code("not_yet_in_service"), ("on", .text(day?.description))]
    case .auxiliary(let category): return [code("auxiliary"), ("category", .string(category))]
    case .unregistered: return [code("unregistered")]
    }
  }
}
