import Telemetry

/// The rows of one import, valid as a whole.
public struct RegisterRows: Equatable, Sendable {
  /// Ascending by id; empty when the import has no factories file.
  public var factories: [RegisteredFactory]
  /// Ascending by key, every key once.
  public var equipment: [RegisteredEquipment]

  /// Notes on parts of the files that were ignored.
  public var notes: [RegisterNote] = []

  /// Rows that are already known to be valid.
  public init(factories: [RegisteredFactory] = [], equipment: [RegisteredEquipment]) {
    self.factories = factories
    self.factories.sort { $0.id < $1.id }
    self.equipment = equipment
    self.equipment.sort { $0.key < $1.key }
  }

  /// These rows, and `absent` equipment with `day` as its first day out of service.
  public func retiring(_ absent: [RegisteredEquipment], on day: CalendarDay) -> RegisterRows {
    let retired = absent.map { one in
      var one = one
      one.decommissionedOn = day
      // Equipment that would have come into service later never does.
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
    let known: KnownFactories
    switch factoryFile {
    case nil:
      known = KnownFactories(
        stored, source: "the register; name its file with --factories", chinese: "台账；请用 --factories 指明企业文件")
    case .some(let file) where file.isReadable:
      known = KnownFactories(
        stored.union(file.ids), source: "\(file.name) or the register", chinese: "\(file.name) 或台账")
    case .some: known = KnownFactories()
    }
    let equipmentFile = EquipmentFile(equipment, factories: known)
    var problems = equipmentFile.problems
    if let factoryFile { problems.add(factoryFile.problems) }
    guard problems.isEmpty else { throw problems }
    var rows = RegisterRows(factories: factoryFile?.factories ?? [], equipment: equipmentFile.equipment)
    rows.notes = equipmentFile.notes
    return rows
  }
}

/// Factories that an equipment row may name.
struct KnownFactories {
  private var ids: Set<String> = []
  private var sorted: [String] = []
  let source: String
  let chinese: String
  /// False when the factories file cannot be read, or any factory is allowed: complaints about ids would only hide
  /// the cause.
  let isKnown: Bool

  /// Allows any factory.
  init() { (source, chinese, isKnown) = ("", "", false) }

  /// Allows the factories `ids`, which come from `source`.
  init(_ ids: Set<String>, source: String, chinese: String) {
    self.ids = ids
    sorted = ids.sorted()
    self.source = source
    self.chinese = chinese
    isKnown = true
  }

  func contains(_ id: String) -> Bool { !isKnown || ids.contains(id) }

  /// The id most similar to a word; nil if none is similar.
  func nearest(to word: String) -> String? { Suggestion.nearest(to: word, among: sorted) }
}

/// The rows and problems of `factories.csv`.
struct FactoryFile {
  let name: String
  private(set) var factories: [RegisteredFactory] = []
  private(set) var problems: RegisterProblems
  let isReadable: Bool
  /// The ids it names, also in rows with problems.
  var ids: Set<String> { Set(factories.map(\.id)) }

  init(_ source: RegisterFile) {
    name = source.name
    var table = RegisterTable<FactoryColumn>(source)
    problems = table.problems
    isReadable = table.isReadable
    var lines: [String: Int] = [:]
    while var reader = table.nextRow(isFull: problems.isFull) {
      if isReadable { read(&reader, &lines) }
      reader.report(to: &problems)
    }
  }

  private mutating func read(_ reader: inout RowReader<FactoryColumn>, _ lines: inout [String: Int]) {
    let factory = RegisteredFactory(
      id: reader.id(.factoryID), nameChinese: reader.text(.nameChinese),
      nameEnglish: reader.text(.nameEnglish), industry: reader.text(.industry),
      district: reader.text(.district), retrofitCompletedOn: reader.day(.retrofitCompletedOn))
    if let first = lines[factory.id], !factory.id.isEmpty {
      reader.refuse(
        .factoryID, .duplicate, "factory \(factory.id) is already on line \(first)",
        "企业 \(factory.id) 已见于第 \(first) 行")
    } else {
      lines[factory.id] = reader.line
    }
    factories.append(factory)
  }
}

/// An equipment file, read.
struct EquipmentFile {
  private(set) var equipment: [RegisteredEquipment] = []
  private(set) var problems: RegisterProblems
  /// Notes on parts of the file that were ignored.
  private(set) var notes: [RegisterNote]

  init(_ source: RegisterFile, factories: KnownFactories) {
    var table = RegisterTable<EquipmentColumn>(source)
    problems = table.problems
    notes = table.layout.rowNumbers.sorted().map { .rowNumbers(file: source.name, column: $0 + 1) }
    let isReadable = table.isReadable
    var lines: [EquipmentKey: Int] = [:]
    while var reader = table.nextRow(isFull: problems.isFull) {
      if isReadable { read(&reader, among: factories, &lines) }
      reader.report(to: &problems)
    }
  }

  private mutating func read(
    _ reader: inout RowReader<EquipmentColumn>, among factories: KnownFactories,
    _ lines: inout [EquipmentKey: Int]
  ) {
    let one = Self.equipment(&reader)
    Self.check(one, among: factories, &reader)
    if let first = lines[one.key], !one.key.factory.isEmpty, !one.key.equipment.isEmpty {
      reader.refuse(
        .equipmentID, .duplicate, "\(one.key) is already on line \(first)", "\(one.key) 已见于第 \(first) 行")
    } else {
      lines[one.key] = reader.line
    }
    // Do not keep rows of a file that is refused anyway.
    if problems.isEmpty { equipment.append(one) }
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
    _ one: RegisteredEquipment, among factories: KnownFactories,
    _ reader: inout RowReader<EquipmentColumn>
  ) {
    let factory = one.key.factory
    if EquipmentKey.isID(factory.utf8), !factories.contains(factory) {
      reader.refuse(
        .factoryID, .unknownFactory,
        "factory '\(factory)' is not in \(factories.source)"
          + (factories.nearest(to: factory).map { " (did you mean '\($0)'?)" } ?? ""),
        "企业“\(factory)”不在\(factories.chinese)中"
          + (factories.nearest(to: factory).map { "（是否应为“\($0)”？）" } ?? ""))
    }
    if let begin = one.commissionedOn, let end = one.decommissionedOn, end <= begin {
      let heading = reader.heading(.commissionedOn)
      reader.refuse(
        .decommissionedOn, .order, "\(end) is not after \(heading) \(begin)",
        "\(end) 不晚于“\(heading)”\(begin)")
    }
  }
}

/// A harmless part of a file that an import ignored.
public enum RegisterNote: Equatable, Sendable {
  /// A column of row numbers, which are not an attribute.
  case rowNumbers(file: String, column: Int)

  /// The note in English.
  public var english: String {
    switch self {
    case .rowNumbers(let file, let column): "\(file): column \(column) holds row numbers and is not stored"
    }
  }

  /// The note in Chinese.
  public var chinese: String {
    switch self {
    case .rowNumbers(let file, let column): "\(file)：第 \(column) 列为序号，不予保存"
    }
  }
}
