import Telemetry

/// The rows of one import, valid as a whole.
public struct RegisterRows: Equatable, Sendable {
  /// Ascending by id; empty when the import has no factories file.
  public var factories: [RegisteredFactory]
  /// Ascending by key, every key once.
  public var equipment: [RegisteredEquipment]

  /// Rows that are already known to be valid.
  public init(factories: [RegisteredFactory] = [], equipment: [RegisteredEquipment]) {
    self.factories = factories.sorted { $0.id < $1.id }
    self.equipment = equipment.sorted { $0.key < $1.key }
  }

  /// These rows, and `absent` equipment with `day` as its first day out of service.
  public func retiring(_ absent: [RegisteredEquipment], on day: CalendarDay) -> RegisterRows {
    let retired = absent.map { one in
      var one = one
      one.decommissionedOn = day
      // What would have come into service later never does.
      if let commissioned = one.commissionedOn, commissioned >= day { one.commissionedOn = nil }
      return one
    }
    return RegisterRows(factories: factories, equipment: equipment + retired)
  }

  /// Reads an equipment file and, if given, a factories file.
  ///
  /// - Parameters:
  ///   - stored: ids of the factories the register already has.
  /// - Throws: everything that is wrong with either file, at once.
  public static func read(
    equipment: RegisterFile, factories: RegisterFile?, stored: Set<String> = []
  ) throws(RegisterProblems) -> RegisterRows {
    let factoryFile = factories.map { FactoryFile($0) }
    let known: FactoryFile.Known
    switch factoryFile {
    case nil: known = .ids(stored, source: "the register; name its file with --factories")
    case .some(let file) where file.isReadable:
      known = .ids(stored.union(file.ids), source: "\(file.name) or the register")
    case .some: known = .unknown
    }
    let equipmentFile = EquipmentFile(equipment, factories: known)
    let problems = equipmentFile.problems + (factoryFile?.problems ?? [])
    guard problems.isEmpty else { throw RegisterProblems(problems) }
    return RegisterRows(factories: factoryFile?.factories ?? [], equipment: equipmentFile.equipment)
  }
}

/// `factories.csv`, read.
struct FactoryFile {
  /// Which factories an equipment row may name.
  enum Known {
    case ids(Set<String>, source: String)
    /// The factories file cannot be read: complaints about its ids would only hide that.
    case unknown
  }

  let name: String
  private(set) var factories: [RegisteredFactory] = []
  private(set) var problems: [RegisterProblem]
  let isReadable: Bool
  /// The ids it names, also in rows with problems.
  var ids: Set<String> { Set(factories.map(\.id)) }

  init(_ source: RegisterFile) {
    name = source.name
    let table = RegisterTable<FactoryColumn>(source)
    problems = table.problems
    isReadable = table.isReadable
    guard isReadable else { return }
    var lines: [String: Int] = [:]
    for row in table.rows {
      var reader = RowReader(row, of: table)
      let factory = RegisteredFactory(
        id: reader.id(.factoryID), nameChinese: reader.text(.nameChinese),
        nameEnglish: reader.text(.nameEnglish), industry: reader.text(.industry),
        district: reader.text(.district), retrofitCompletedOn: reader.day(.retrofitCompletedOn))
      if let first = lines[factory.id], !factory.id.isEmpty {
        reader.refuse(.factoryID, "factory \(factory.id) is already on line \(first)")
      } else {
        lines[factory.id] = row.line
      }
      problems += reader.problems
      factories.append(factory)
    }
    problems.sortByPlace()
  }
}

/// An equipment file, read.
struct EquipmentFile {
  private(set) var equipment: [RegisteredEquipment] = []
  private(set) var problems: [RegisterProblem]

  init(_ source: RegisterFile, factories: FactoryFile.Known) {
    let table = RegisterTable<EquipmentColumn>(source)
    problems = table.problems
    guard table.isReadable else { return }
    equipment.reserveCapacity(table.rows.count)
    var lines: [EquipmentKey: Int] = [:]
    for row in table.rows {
      var reader = RowReader(row, of: table)
      let one = Self.equipment(&reader)
      Self.check(one, among: factories, &reader)
      if let first = lines[one.key], !one.key.factory.isEmpty, !one.key.equipment.isEmpty {
        reader.refuse(.equipmentID, "\(one.key) is already on line \(first)")
      } else {
        lines[one.key] = row.line
      }
      problems += reader.problems
      equipment.append(one)
    }
    problems.sortByPlace()
  }

  private static func equipment(_ reader: inout RowReader<EquipmentColumn>) -> RegisteredEquipment {
    RegisteredEquipment(
      key: EquipmentKey(factory: reader.id(.factoryID), equipment: reader.id(.equipmentID)),
      workshop: reader.id(.workshop), line: reader.id(.line), name: reader.text(.name),
      category: reader.text(.category), automation: reader.automation(.automation),
      intelligent: reader.flag(.intelligent), digital: reader.flag(.digital),
      connectable: reader.flag(.connectable), reportInterval: reader.interval(.reportInterval),
      commissionedOn: reader.day(.commissionedOn), decommissionedOn: reader.day(.decommissionedOn),
      retrofittedOn: reader.day(.retrofittedOn), serial: reader.text(.serial),
      energyMeter: reader.text(.energyMeter), energyRollover: reader.thousandths(.energyRollover),
      gateway: reader.text(.gateway))
  }

  private static func check(
    _ one: RegisteredEquipment, among factories: FactoryFile.Known,
    _ reader: inout RowReader<EquipmentColumn>
  ) {
    if case .ids(let known, let source) = factories, EquipmentKey.isID(one.key.factory.utf8),
      !known.contains(one.key.factory)
    {
      reader.refuse(
        .factoryID,
        "factory '\(one.key.factory)' is not in \(source)"
          + Suggestion.phrase(for: one.key.factory, among: known.sorted()))
    }
    if let begin = one.commissionedOn, let end = one.decommissionedOn, end <= begin {
      reader.refuse(.decommissionedOn, "\(end) is not after \(reader.heading(.commissionedOn)) \(begin)")
    }
  }
}

extension [RegisterProblem] {
  /// Into the order of lines and columns, as a reader of the file meets them.
  fileprivate mutating func sortByPlace() {
    let places = enumerated().sorted { a, b in
      let left = (a.element.line ?? 0, a.element.column?.number ?? 0, a.offset)
      let right = (b.element.line ?? 0, b.element.column?.number ?? 0, b.offset)
      return left < right
    }
    self = places.map(\.element)
  }
}
