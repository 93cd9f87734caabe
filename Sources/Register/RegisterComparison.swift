import Telemetry

/// Differences between two states of the register: of two days, or of one day as known at two versions.
///
/// Every equipment is in at most one of the lists; all lists ascend by id or key.
public struct RegisterComparison: Equatable, Sendable {
  /// Equipment that stands elsewhere.
  public struct Move: Equatable, Sendable {
    public var before: RegisteredEquipment
    public var after: RegisteredEquipment
    /// Everything that differs, the place included; in the order of the columns.
    public var attributes: [RegisterDiff.Attribute]
    /// Whether it went to another factory, where it may have another asset number.
    public var isBetweenFactories: Bool { before.key.factory != after.key.factory }
  }

  public var addedFactories: [RegisteredFactory] = []
  /// Known before only, as when an older state is compared with.
  public var removedFactories: [RegisteredFactory] = []
  public var changedFactories: [RegisterDiff.Change<String>] = []
  /// Equipment that came into service or was not registered before; as it is now.
  public var added: [RegisterSnapshot.Entry] = []
  /// Equipment that is decommissioned now and was not before; as it is now.
  public var retired: [RegisterSnapshot.Entry] = []
  /// Equipment no longer registered, or no longer in service without being decommissioned; as it was.
  public var removed: [RegisterSnapshot.Entry] = []
  /// Equipment now in another workshop of its factory, or in another factory.
  public var moved: [Move] = []
  /// Equipment that differs in its attributes only.
  public var changed: [RegisterDiff.Change<EquipmentKey>] = []
  /// Equipment that is the same in both.
  public var unchanged = 0

  /// Whether nothing differs.
  public var isEmpty: Bool {
    addedFactories.isEmpty && removedFactories.isEmpty && changedFactories.isEmpty && added.isEmpty
      && retired.isEmpty && removed.isEmpty && moved.isEmpty && changed.isEmpty
  }

  /// The difference between two snapshots.
  ///
  /// Equipment is the same when its key is. What left one factory and came into service in another counts as
  /// moved when both rows carry the same serial number, and no other equipment that left or came has it.
  /// - Parameters:
  ///   - before, after: whole snapshots, so that moves between factories are seen.
  ///   - factory: only what concerns this factory.
  public init(before: RegisterSnapshot, after: RegisterSnapshot, factory: String? = nil) {
    let (before, after) = (before.registered, after.registered)
    compareFactories(before, after)
    compareEquipment(before, after, factory: factory)
    findMovesBetweenFactories(before)
    guard let factory else { return }
    addedFactories.removeAll { $0.id != factory }
    removedFactories.removeAll { $0.id != factory }
    changedFactories.removeAll { $0.id != factory }
    added.removeAll { $0.equipment.key.factory != factory }
    retired.removeAll { $0.equipment.key.factory != factory }
    removed.removeAll { $0.equipment.key.factory != factory }
    moved.removeAll { $0.before.key.factory != factory && $0.after.key.factory != factory }
    changed.removeAll { $0.id.factory != factory }
  }

  private mutating func compareFactories(_ before: RegisterSnapshot, _ after: RegisterSnapshot) {
    let old = Dictionary(before.factories.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    for new in after.factories {
      guard let old = old[new.id] else {
        addedFactories.append(new)
        continue
      }
      let attributes = RegisterDiff.attributes(FactoryColumn.self) { ($0.text(of: old), $0.text(of: new)) }
      if !attributes.isEmpty { changedFactories.append(.init(id: new.id, attributes: attributes)) }
    }
    let present = Set(after.factories.map(\.id))
    removedFactories = before.factories.filter { !present.contains($0.id) }
  }

  private mutating func compareEquipment(
    _ before: RegisterSnapshot, _ after: RegisterSnapshot, factory: String?
  ) {
    let previous = Self.entries(before)
    for new in after.entries {
      let key = new.equipment.key
      guard let old = previous[key] else {
        added.append(new)
        continue
      }
      switch (old.service, new.service) {
      case (.notYet, .inService), (.retired, .inService): added.append(new)
      case (.notYet, .retired), (.inService, .retired): retired.append(new)
      case (.inService, .notYet): removed.append(old)
      default:
        let attributes = Self.attributes(old.equipment, new.equipment)
        if attributes.isEmpty {
          if factory == nil || key.factory == factory { unchanged += 1 }
        } else if old.equipment.workshop != new.equipment.workshop {
          moved.append(Move(before: old.equipment, after: new.equipment, attributes: attributes))
        } else {
          changed.append(.init(id: key, attributes: attributes))
        }
      }
    }
    let present = Set(after.entries.map(\.equipment.key))
    removed += before.entries.filter { !present.contains($0.equipment.key) }
    removed.sort { $0.equipment.key < $1.equipment.key }
  }

  private mutating func findMovesBetweenFactories(_ before: RegisterSnapshot) {
    let previous = Self.entries(before)
    func bySerial(_ entries: [RegisterSnapshot.Entry]) -> [String: [RegisteredEquipment]] {
      Dictionary(grouping: entries.map(\.equipment).filter { !$0.serial.isEmpty }, by: \.serial)
    }
    let left = bySerial((retired + removed).filter { previous[$0.equipment.key]?.service == .inService })
    let came = bySerial(added.filter { $0.service == .inService })
    var gone: Set<EquipmentKey> = []
    for (serial, here) in came {
      guard let there = left[serial], here.count == 1, there.count == 1, let after = here.first,
        let before = there.first.flatMap({ previous[$0.key]?.equipment }),
        before.key.factory != after.key.factory
      else { continue }
      moved.append(Move(before: before, after: after, attributes: Self.attributes(before, after)))
      gone.formUnion([before.key, after.key])
    }
    guard !gone.isEmpty else { return }
    added.removeAll { gone.contains($0.equipment.key) }
    retired.removeAll { gone.contains($0.equipment.key) }
    removed.removeAll { gone.contains($0.equipment.key) }
    moved.sort { $0.after.key < $1.after.key }
  }

  private static func entries(_ snapshot: RegisterSnapshot) -> [EquipmentKey: RegisterSnapshot.Entry] {
    Dictionary(snapshot.entries.map { ($0.equipment.key, $0) }, uniquingKeysWith: { $1 })
  }

  private static func attributes(
    _ old: RegisteredEquipment, _ new: RegisteredEquipment
  ) -> [RegisterDiff.Attribute] {
    old == new ? [] : RegisterDiff.attributes(EquipmentColumn.self) { ($0.text(of: old), $0.text(of: new)) }
  }
}
