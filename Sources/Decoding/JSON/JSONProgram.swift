import Telemetry

/// A plan with what the reading of each value needs, in one object: messages are read without counting references to
/// its parts.
final class JSONProgram: Sendable {
  /// The fields that get the value of a place.
  struct Target: Sendable {
    /// The first field that gets it; -1 for none.
    var field: Int32
    /// Whether other fields get it too.
    var hasMore: Bool
    /// Whether the elements of an array are alarms.
    var hasElements: Bool
  }

  let plan: JSONPlan
  let map: ReadingMap
  /// Whether a field or the plan's paths name the sender.
  let namesSender: Bool
  let isByException: Bool
  let hasFilters: Bool
  let hasTags: Bool
  /// By place, of the values of ``JSONPlan/wants``.
  let targets: ContiguousArray<Target>
  let hasRecords: Bool
  /// Numbers of the fields by the hash of their names; of tags.
  let tagFields: [UInt64: Int]

  init(_ plan: JSONPlan) {
    self.plan = plan
    map = plan.map
    namesSender = plan.equipment != nil || plan.workshop != nil
    isByException = plan.map.isByException
    hasFilters = !plan.only.isEmpty
    hasRecords = plan.hasRecords
    hasTags = plan.tags != nil
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
