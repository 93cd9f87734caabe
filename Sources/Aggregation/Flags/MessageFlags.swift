import Register
import Storage
import Telemetry

extension AuditFlag {
  /// Flags for refused messages and for fields that could not be read. A sender's refused messages are one flag with
  /// the number of kinds of faults and the most frequent one. Senders that are not in the register are
  /// included; senders without an assessment are not.
  static func ofMessages(
    _ evidence: StoreEvidence, _ assessment: (EquipmentKey) -> Assessment?
  ) -> [AuditFlag] {
    func flag(_ key: EquipmentKey, _ kind: Kind, _ facts: KeyValuePairs<String, Fact>) -> AuditFlag? {
      assessment(key).map { one in
        AuditFlag(
          kind: kind, factory: key.factory, equipment: key.equipment,
          place: .init(workshop: one.workshop, line: one.line),
          evidence: facts.map { Evidence(key: $0.key, fact: $0.value) })
      }
    }
    let refused = Dictionary(grouping: evidence.refusals, by: \.key).mapValues { $0.map(\.refusal) }
    let refusals = refused.compactMap { key, refusals -> AuditFlag? in
      guard let most = refusals.first else { return nil }
      return flag(
        key, .refusedMessages,
        [
          "messages": .number(refusals.reduce(0) { $0.addingSaturated($1.messages) }),
          "kinds": .number(refusals.count),
          "reason": .text(most.reason.name), "field": .text(most.detail), "fault": .text(most.fault.name),
          "excerpt": .text(most.excerpt),
        ])
    }
    return refusals
      + evidence.fieldErrors.compactMap { error in
        flag(
          error.key, .unreadableField,
          [
            "messages": .number(error.messages), "field": .text(error.field.name),
            "fault": .text(error.fault.name), "excerpt": .text(error.excerpt),
          ])
      }
  }
}
