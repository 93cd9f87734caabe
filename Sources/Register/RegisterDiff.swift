import Telemetry

/// Changes that an import would make to the register on its first day.
public struct RegisterDiff: Equatable, Sendable {
  /// One attribute that differs.
  public struct Attribute: Equatable, Sendable {
    /// The English heading of its column.
    public var name: String
    /// The heading in Chinese.
    public var chinese: String
    /// As files write it; empty when there is none.
    public var old: String
    public var new: String

    /// `name` from `old` to `new`.
    public init(name: String, chinese: String, old: String, new: String) {
      self.name = name
      self.chinese = chinese
      self.old = old
      self.new = new
    }
  }
  /// One factory or equipment that differs.
  public struct Change<ID: Equatable & Sendable>: Equatable, Sendable {
    public var id: ID
    /// Never empty; in the order of the columns.
    public var attributes: [Attribute]

    /// Differences in `id`.
    public init(id: ID, attributes: [Attribute]) {
      self.id = id
      self.attributes = attributes
    }
  }

  public var addedFactories: [RegisteredFactory] = []
  public var changedFactories: [Change<String>] = []
  public var added: [RegisteredEquipment] = []
  public var changed: [Change<EquipmentKey>] = []
  /// Equipment not retired, of factories the equipment file names, that has no row in it: kept as it is.
  public var absent: [RegisteredEquipment] = []
  /// Equipment rows that say what the register already says.
  public var unchanged = 0

  /// Whether the files say nothing new. Absent rows are no change, since they are kept.
  public var isEmpty: Bool {
    addedFactories.isEmpty && changedFactories.isEmpty && added.isEmpty && changed.isEmpty
  }

  /// No changes.
  public init() {}

  /// The difference between the register `before`, on the import's effective day, and its rows.
  ///
  /// All lists ascend by id or key.
  public init(before: RegisterSnapshot, rows: RegisterRows) {
    let factories = Dictionary(before.factories.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    for factory in rows.factories {
      guard let old = factories[factory.id] else {
        addedFactories.append(factory)
        continue
      }
      let attributes = Self.attributes(FactoryColumn.self) { ($0.text(of: old), $0.text(of: factory)) }
      if !attributes.isEmpty { changedFactories.append(Change(id: factory.id, attributes: attributes)) }
    }
    let equipment = Dictionary(
      before.registered.entries.map { ($0.equipment.key, $0.equipment) }, uniquingKeysWith: { $1 })
    var missing = MissingEquipment(before: before)
    for one in rows.equipment {
      missing.add(one)
      guard let old = equipment[one.key] else {
        added.append(one)
        continue
      }
      if old == one {
        unchanged += 1
        continue
      }
      let attributes = Self.attributes(EquipmentColumn.self) { ($0.text(of: old), $0.text(of: one)) }
      changed.append(Change(id: one.key, attributes: attributes))
    }
    absent = missing.equipment
  }

  /// The columns whose texts differ.
  static func attributes<Column: RegisterColumn>(
    _: Column.Type, _ texts: (Column) -> (old: String, new: String)
  ) -> [Attribute] {
    Column.allCases.compactMap { column in
      let (old, new) = texts(column)
      guard old != new else { return nil }
      return Attribute(name: column.rawValue, chinese: column.chinese, old: old, new: new)
    }
  }
}
