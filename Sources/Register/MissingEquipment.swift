import Telemetry

/// Finds the equipment of the register that the files of an import lack, while their rows are read one at a time.
public struct MissingEquipment {
  private let entries: [EquipmentKey: RegisteredEquipment]
  private var factories: Set<String> = []
  private var present: Set<EquipmentKey> = []

  /// Looks for equipment that is not retired in `before`, the register on the day from which the import is valid.
  public init(before: RegisterSnapshot) {
    let kept = before.entries.lazy.filter { !$0.registeredLater && $0.service != .retired }
    entries = Dictionary(kept.map { ($0.equipment.key, $0.equipment) }, uniquingKeysWith: { $1 })
  }

  /// Notes a row of the files.
  public mutating func add(_ one: RegisteredEquipment) {
    factories.insert(one.key.factory)
    if entries[one.key] != nil { present.insert(one.key) }
  }

  /// The missing equipment of the factories that the rows name; ascending by key.
  public var equipment: [RegisteredEquipment] {
    entries.values.filter { factories.contains($0.key.factory) && !present.contains($0.key) }
      .sorted { $0.key < $1.key }
  }

  /// The missing equipment with `day` as its first day out of service; ascending by key.
  public func retired(on day: CalendarDay) -> [RegisteredEquipment] { equipment.map { $0.retired(on: day) } }

  /// Differences in the missing equipment after its retirement on `day`; ascending by key.
  public func changes(on day: CalendarDay) -> [RegisterDiff.Change<EquipmentKey>] {
    equipment.map { old in
      let new = old.retired(on: day)
      return RegisterDiff.Change(
        id: old.key,
        attributes: RegisterDiff.attributes(EquipmentColumn.self) { ($0.text(of: old), $0.text(of: new)) })
    }
  }
}

extension RegisteredEquipment {
  /// The equipment with `day` as its first day out of service. Equipment that would have come into service later never
  /// does.
  func retired(on day: CalendarDay) -> RegisteredEquipment {
    var one = self
    one.decommissionedOn = day
    if let commissioned = one.commissionedOn, commissioned >= day { one.commissionedOn = nil }
    return one
  }
}
