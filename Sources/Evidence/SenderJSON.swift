import Storage
import Telemetry

/// One sender of `opening.json`.
struct SenderJSON: Codable {
  struct Day: Codable {
    var day: String
    var totals: FieldsJSON<DayTotals>?
  }

  struct LastDay: Codable {
    var workshop: String
    var timeline: FieldsJSON<Timeline>
  }

  struct PresenceEvent: Codable {
    var at_ms: Int64
    var online: Bool
  }

  struct Alarms: Codable {
    var since_ms: Int64
    var codes: [String]?
  }

  struct Reset: Codable {
    /// `energy`, `good` or `total`.
    var meter: String
    /// Event time of the reading that confirmed it.
    var at_ms: Int64
    var last_thousandths: Int64
    var last_at_ms: Int64?
    var value_thousandths: Int64
    var fell_at_ms: Int64
    /// Whether the value itself was counted.
    var counts_value: Bool
  }

  struct LeftOutField: Codable {
    var day: String
    var field: String
    var fault: String
    var messages: Int
    var excerpt: String
  }

  var equipment: String
  var workshop: String
  /// Whether it was heard under different workshops.
  var moved: Bool
  var timeline: FieldsJSON<Timeline>?
  var last_day: LastDay?
  var days: [Day]?
  var presence: [PresenceEvent]?
  var alarms: Alarms?
  var meter_resets: [Reset]?
  var left_out_fields: [LeftOutField]?

  private static let meters: [(word: String, meter: MeterReset.Meter)] = [
    ("energy", .energy), ("good", .good), ("total", .total),
  ]
  private static let fields = Dictionary(uniqueKeysWithValues: OptionalField.allCases.map { ($0.name, $0) })
}

extension SenderJSON {
  init(_ sender: OpeningState.Sender) {
    equipment = sender.equipment
    workshop = sender.workshop
    moved = sender.hasMoved
    timeline = sender.timeline.map { FieldsJSON($0) }
    last_day = sender.lastDay.map { LastDay(workshop: $0.workshop, timeline: FieldsJSON($0.timeline)) }
    days =
      sender.days.map { Day(day: "\($0.day)", totals: $0.totals.isEmpty ? nil : FieldsJSON($0.totals)) }
      .unlessEmpty
    presence =
      sender.presence.map { PresenceEvent(at_ms: $0.at.milliseconds, online: $0.presence == .online) }
      .unlessEmpty
    alarms = sender.alarms.map { Alarms(since_ms: $0.at.milliseconds, codes: $0.codes.unlessEmpty) }
    meter_resets =
      sender.meterResets.map { reset in
        Reset(
          meter: Self.meters.first { $0.meter == reset.meter }?.word ?? "", at_ms: reset.at.milliseconds,
          last_thousandths: reset.last, last_at_ms: reset.lastAt?.milliseconds,
          value_thousandths: reset.value, fell_at_ms: reset.fellAt.milliseconds,
          counts_value: reset.countsValue)
      }.unlessEmpty
    left_out_fields =
      sender.fieldErrors.map { error in
        LeftOutField(
          day: "\(error.day)", field: error.field.name, fault: error.fault.name, messages: error.messages,
          excerpt: error.excerpt)
      }.unlessEmpty
  }

  /// The sender with its number in the state.
  func value(_ number: EquipmentNumber, _ check: PackCheck) throws(EvidenceError) -> OpeningState.Sender {
    var sender = OpeningState.Sender(
      equipment: equipment, workshop: try check.text(workshop, "workshop"), hasMoved: moved)
    if let timeline { sender.timeline = try timeline.value(check) }
    if let last_day {
      let timeline = try last_day.timeline.value(check)
      try check.require(timeline.day.number != .min && timeline.totals.isEmpty, "last_day")
      sender.lastDay = OpeningState.LastDay(
        timeline: timeline, workshop: try check.text(last_day.workshop, "last_day"))
    }
    for one in try check.list(days, most: PackBounds.rowsOfSender, "days") {
      let day: CalendarDay = try check.day(one.day, "days")
      try check.require(sender.days.last.map { $0.day < day } ?? true, "days")
      let totals = try one.totals?.value(check.at("\(check.place), \(day)"))
      try check.require(totals?.isEmpty != true, "totals")
      sender.days.append(OpeningState.Day(day: day, totals: totals ?? DayTotals()))
    }
    try readEvents(&sender, number, check)
    try readLeftOutFields(&sender, number, check)
    return sender
  }

  private func readEvents(
    _ sender: inout OpeningState.Sender, _ number: EquipmentNumber, _ check: PackCheck
  ) throws(EvidenceError) {
    for one in try check.list(presence, most: PackBounds.rowsOfSender, "presence") {
      sender.presence.append(
        SessionEvent(
          equipment: number, at: try check.instant(one.at_ms, "presence"),
          presence: one.online ? .online : .offline))
    }
    if let alarms {
      let codes = try check.list(alarms.codes, most: PackBounds.rowsOfSender, "codes")
      for code in codes { _ = try check.text(code, "codes") }
      sender.alarms = AlarmChange(
        equipment: number, at: try check.instant(alarms.since_ms, "since_ms"), digest: 0, codes: codes)
    }
    for one in try check.list(meter_resets, most: PackBounds.rowsOfSender, "meter_resets") {
      guard let meter = Self.meters.first(where: { $0.word == one.meter })?.meter else {
        throw check.misfit("meter")
      }
      try check.require(one.last_thousandths >= 0 && one.value_thousandths >= 0, "meter_resets")
      var reset = MeterReset(
        equipment: number, at: try check.instant(one.at_ms, "at_ms"), meter: meter,
        last: one.last_thousandths, value: one.value_thousandths,
        fellAt: try check.instant(one.fell_at_ms, "fell_at_ms"), countsValue: one.counts_value)
      if let at = one.last_at_ms { reset.lastAt = try check.instant(at, "last_at_ms") }
      sender.meterResets.append(reset)
    }
  }

  private func readLeftOutFields(
    _ sender: inout OpeningState.Sender, _ number: EquipmentNumber, _ check: PackCheck
  ) throws(EvidenceError) {
    for one in try check.list(left_out_fields, most: PackBounds.rows, "left_out_fields") {
      sender.fieldErrors.append(
        FieldErrorCount(
          equipment: number, day: try check.day(one.day, "left_out_fields"),
          field: try check.named(one.field, Self.fields, "field"),
          fault: try check.named(one.fault, OpeningJSON.faults, "fault"),
          messages: try check.number(one.messages, 0...PackBounds.messages, "messages"),
          excerpt: try check.text(one.excerpt, "excerpt")))
    }
  }
}
