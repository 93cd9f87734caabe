import Storage
import Telemetry

/// `opening.json`: what was known of the factory before the journal's first day. It is in the pack only if the journal
/// does not begin with the store. What has no value, or is empty, is left out.
struct OpeningJSON: Codable {
  struct RefusedMessages: Codable {
    var equipment: String
    var day: String
    var reason: String
    var detail: String
    var fault: String
    var messages: Int
    var newest_ms: Int64
    var excerpt: String
    /// Place of the newest message in the journal.
    var block: Int64
    var record: Int
  }

  struct RetainedMessages: Codable {
    var day: String
    var retained: Int?
    var live: Int?
  }

  struct Connection: Codable {
    var number: Int64
    var from_ms: Int64
    var through_ms: Int64
    var resumed: Bool
    var ended: Bool
  }

  struct SilentStretch: Codable {
    var since_ms: Int64
    var until_ms: Int64
    /// Number of the connection in which it was noted.
    var connection: Int64
  }

  struct DroppedMessages: Codable {
    var at_ms: Int64
    var total: Int64
  }

  /// The last day of event time that is final.
  var final_through: String?
  var senders: [SenderJSON]?
  var refused: [RefusedMessages]?
  var retained: [RetainedMessages]?
  var connections: [Connection]?
  var silence: SilentStretch?
  /// The broker's count of messages that it dropped.
  var dropped_by_broker: DroppedMessages?
}

extension OpeningJSON {
  static let reasons = Dictionary(uniqueKeysWithValues: RejectionReason.allCases.map { ($0.name, $0) })
  static let faults = Dictionary(uniqueKeysWithValues: Fault.allCases.map { ($0.name, $0) })

  init(_ state: OpeningState) {
    final_through = state.finalThrough?.description
    senders = state.senders.map { SenderJSON($0) }.unlessEmpty
    refused =
      state.refusals.map { one in
        RefusedMessages(
          equipment: one.equipment, day: "\(one.day)", reason: one.refusal.reason.name,
          detail: one.refusal.detail, fault: one.refusal.fault.name, messages: one.refusal.messages,
          newest_ms: one.refusal.newest.milliseconds, excerpt: one.refusal.excerpt,
          block: one.refusal.place?.block ?? 0, record: one.refusal.place?.record ?? 0)
      }.unlessEmpty
    retained =
      state.retainFlags.map {
        RetainedMessages(day: "\($0.day)", retained: $0.retained.unlessZero, live: $0.live.unlessZero)
      }.unlessEmpty
    connections =
      state.observations.map {
        Connection(
          number: $0.number, from_ms: $0.from.milliseconds, through_ms: $0.through.milliseconds,
          resumed: $0.resumed, ended: $0.ended)
      }.unlessEmpty
    silence = state.silence.map {
      SilentStretch(
        since_ms: $0.since.milliseconds, until_ms: $0.until.milliseconds, connection: $0.stretch)
    }
    dropped_by_broker = state.brokerDrops.map { DroppedMessages(at_ms: $0.at.milliseconds, total: $0.total) }
  }

  /// The state, every number and text within its bounds.
  func state(of factory: String, _ check: PackCheck) throws(EvidenceError) -> OpeningState {
    var state = OpeningState()
    state.finalThrough = try check.day(final_through, "final_through")
    var known: Set<String> = []
    for one in try check.list(senders, most: PackBounds.senders, "senders") {
      let check = check.at("sender \(try check.id(one.equipment, "senders"))")
      try check.require(known.insert(one.equipment).inserted, "equipment")
      state.senders.append(try one.value(EquipmentNumber(clamping: state.senders.count), check))
    }
    for one in try check.list(refused, most: PackBounds.refusals, "refused") {
      state.refusals.append(try one.value(check.at("refused")))
    }
    for one in try check.list(retained, most: PackBounds.senders, "retained") {
      let day: CalendarDay = try check.day(one.day, "retained")
      try check.require(state.retainFlags.last.map { $0.day < day } ?? true, "retained")
      let (retained, live) = (try check.amount(one.retained, "retained"), try check.amount(one.live, "live"))
      try check.require(max(retained, live) <= PackBounds.messages, "retained")
      state.retainFlags.append(RetainFlagCount(factory: factory, day: day, retained: retained, live: live))
    }
    try readConnections(&state, check)
    return state
  }

  private func readConnections(_ state: inout OpeningState, _ check: PackCheck) throws(EvidenceError) {
    for one in try check.list(connections, most: PackBounds.refusals, "connections") {
      let number = try check.number(one.number, 0...PackBounds.number, "connections")
      try check.require(state.observations.last.map { $0.number < number } ?? true, "connections")
      state.observations.append(
        ObservedStretch(
          number: number, from: try check.instant(one.from_ms, "from_ms"),
          through: try check.instant(one.through_ms, "through_ms"), resumed: one.resumed, ended: one.ended))
    }
    if let silence {
      state.silence = Silence(
        since: try check.instant(silence.since_ms, "since_ms"),
        until: try check.instant(silence.until_ms, "until_ms"),
        stretch: try check.number(silence.connection, 0...PackBounds.number, "connection"))
    }
    if let dropped_by_broker {
      state.brokerDrops = BrokerDropCount(
        at: try check.instant(dropped_by_broker.at_ms, "at_ms"),
        total: try check.number(dropped_by_broker.total, 0...PackBounds.number, "total"))
    }
  }
}

extension OpeningJSON.RefusedMessages {
  fileprivate func value(_ check: PackCheck) throws(EvidenceError) -> OpeningState.RefusedMessages {
    OpeningState.RefusedMessages(
      equipment: equipment.isEmpty ? "" : try check.id(equipment, "equipment"),
      day: try check.day(day, "day"),
      refusal: Refusal(
        try check.named(reason, OpeningJSON.reasons, "reason"), try check.text(detail, "detail"),
        try check.named(fault, OpeningJSON.faults, "fault"),
        messages: try check.number(messages, 0...PackBounds.messages, "messages"),
        newest: try check.instant(newest_ms, "newest_ms"), excerpt: try check.text(excerpt, "excerpt"),
        place: .init(
          block: try check.number(block, 0...PackBounds.number, "block"),
          record: try check.number(record, 0...Int(Int32.max), "record"))))
  }
}
