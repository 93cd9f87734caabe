import Storage
import Telemetry

/// Messages that are refused for their time: some devices' clocks were a day ahead on the third day.
struct Refusals {
  private let plan: GeneratorPlan
  private let members: [GeneratedFactory.Member]

  init(_ plan: GeneratorPlan, _ members: [GeneratedFactory.Member]) {
    self.plan = plan
    self.members = members
  }

  private static let ahead = Span.days(1)

  private func forEach(_ body: (GeneratedFactory.Member, Timestamp) -> Void) {
    let noon = plan.calendar.start(of: plan.firstDay + 2) + .hours(12)
    for (number, member) in members.enumerated() where number % 40 == 7 {
      for minute in 0..<3 { body(member, noon + .minutes(Int64(minute)) + .milliseconds(Int64(number))) }
    }
  }

  private static func topic(of member: GeneratedFactory.Member) -> String {
    "factory/\(member.key.factory)/\(member.workshop)/\(member.key.equipment)/status"
  }

  private static func payload(at received: Timestamp) -> String {
    #"{"ts":\#((received + ahead).milliseconds),"state":"idle"}"#
  }

  /// As the collector lists them, in block `block`.
  func quarantined(block: Int64) -> [Quarantined] {
    var rows: [Quarantined] = []
    forEach { member, received in
      let payload = Array(Self.payload(at: received).utf8)
      var row = Quarantined(
        block: block, record: rows.count, received: received, reason: .future, detail: "ts",
        factory: member.key.factory, equipment: member.key.equipment,
        topic: Array(Self.topic(of: member).utf8),
        preview: payload, payloadBytes: payload.count, skew: -Self.ahead.milliseconds,
        content: UInt64(rows.count))
      row.day = plan.calendar.day(at: received)
      row.excerpt = "\((received + Self.ahead).milliseconds)"
      rows.append(row)
    }
    return rows
  }

  /// As they are received.
  func messages() -> [(topic: String, payload: String, received: Int64)] {
    var messages: [(topic: String, payload: String, received: Int64)] = []
    forEach { member, received in
      messages.append((Self.topic(of: member), Self.payload(at: received), received.milliseconds))
    }
    return messages
  }
}
