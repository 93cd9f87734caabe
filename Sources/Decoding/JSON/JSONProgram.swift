import Telemetry

/// A plan with what the reading of each value needs, in one object: messages are read without counting references to
/// its parts.
final class JSONProgram: Sendable {
  /// What becomes of the value of a place.
  struct Target: Sendable {
    /// The first field that gets it; -1 for none.
    var field: Int32
    /// Whether other fields get it too.
    var hasMore: Bool
    /// Whether the elements of an array are alarms.
    var hasElements: Bool
  }

  let plan: JSONPlan
  /// By place, of the values of ``JSONPlan/wants``.
  let targets: ContiguousArray<Target>
  let hasRecords: Bool
  /// Numbers of the fields by the hash of their names; of tags.
  let tagFields: [UInt64: Int]

  init(_ plan: JSONPlan) {
    self.plan = plan
    hasRecords = plan.hasRecords
    targets = ContiguousArray(
      plan.wants.map { want in
        Target(
          field: Int32(truncatingIfNeeded: want.fields.first ?? -1), hasMore: want.fields.count > 1,
          hasElements: want.hasElements)
      })
    var tagFields: [UInt64: Int] = [:]
    for (place, name) in plan.map.fields.enumerated() where !JSONFormat.isPointer(name) {
      tagFields[Array(name.utf8).withUnsafeBytes(\.fnv1a)] = place
    }
    self.tagFields = tagFields
  }
}
