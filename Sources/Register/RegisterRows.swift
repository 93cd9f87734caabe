import Telemetry

/// The rows of one import, valid as a whole.
public struct RegisterRows: Equatable, Sendable {
  /// Ascending by id; empty when the import has no factories file.
  public var factories: [RegisteredFactory]
  /// Ascending by key, every key once.
  public var equipment: [RegisteredEquipment]

  /// How each sheet of the equipment files was read.
  public var sheets: [LedgerSheet] = []
  /// How the factories' workbook was read; nil for a text file.
  public var factorySheet: LedgerSheet?

  /// Rows are equal however they were read.
  public static func == (a: RegisterRows, b: RegisterRows) -> Bool {
    a.factories == b.factories && a.equipment == b.equipment
  }

  /// Rows that are already known to be valid.
  public init(factories: [RegisteredFactory] = [], equipment: [RegisteredEquipment]) {
    self.factories = factories
    self.factories.sort { $0.id < $1.id }
    self.equipment = equipment
    self.equipment.sort { $0.key < $1.key }
  }

  /// These rows, and `absent` equipment with `day` as its first day out of service.
  public func retiring(_ absent: [RegisteredEquipment], on day: CalendarDay) -> RegisterRows {
    RegisterRows(factories: factories, equipment: equipment + absent.map { $0.retired(on: day) })
  }

  /// Reads an equipment file of comma-separated values and, if given, a factories file.
  ///
  /// - Parameters:
  ///   - stored: ids of the factories the register already has.
  /// - Throws: everything that is wrong with either file, at once.
  public static func read(
    equipment: RegisterFile, factories: RegisterFile?, stored: Set<String> = []
  ) throws(RegisterProblems) -> RegisterRows {
    try read(
      ledgers: [LedgerSource(equipment)], factories: factories.map { LedgerSource($0) },
      registered: stored.map { RegisteredFactory(id: $0) })
  }

  /// Reads the ledgers of an import and, if given, a factories file.
  ///
  /// - Parameters:
  ///   - factories: a workbook is read as a ledger, a text as it stands.
  ///   - registered: the factories the register already has.
  ///   - receive: receives the rows of equipment one at a time in the order of the files, up to the first problem. The
  ///     result then has none, so that a million rows take little memory. Nil to keep the rows.
  /// - Throws: everything that is wrong with any file, at once.
  public static func read(
    ledgers: [LedgerSource], factories: LedgerSource?, registered: [RegisteredFactory],
    options: LedgerOptions = LedgerOptions(), receive: ((RegisteredEquipment) -> Void)? = nil
  ) throws(RegisterProblems) -> RegisterRows {
    let factoryFile = factories.map { FactoryFile($0) }
    let stored = Set(registered.map(\.id))
    var known: KnownFactories
    switch factoryFile {
    case nil:
      known = KnownFactories(
        stored, source: "the register; name its file with --factories", chinese: "台账",
        chineseRemedy: "；请用 --factories 指明企业文件")
    case .some(let file) where file.isReadable:
      known = KnownFactories(
        stored.union(file.ids), source: "\(file.name) or the register", chinese: "\(file.name) 或台账")
    case .some: known = KnownFactories()
    }
    known.names = FactoryNames(registered + (factoryFile?.factories ?? []))
    var reading = LedgerReading(options, factories: known, receive: receive)
    for ledger in ledgers { reading.read(ledger) }
    var problems = reading.equipment.problems
    problems.beginFile()
    if let factoryFile { problems.add(factoryFile.problems) }
    guard problems.isEmpty else {
      problems.sheets = reading.sheets
      throw problems
    }
    var rows = RegisterRows(factories: factoryFile?.factories ?? [], equipment: reading.equipment.equipment)
    rows.sheets = reading.sheets
    rows.factorySheet = factoryFile?.sheet
    return rows
  }
}

/// Factories that an equipment row may name.
struct KnownFactories {
  private var ids: Set<String> = []
  private var sorted: [String] = []
  /// Hints that were looked for: often all rows of a file have the same unknown factory.
  private var hints: [String: (english: String, chinese: String)] = [:]
  /// Factories by name.
  var names = FactoryNames()
  let source: String
  let chinese: String
  /// The remedy in Chinese for an id that is missing there, behind a sentence; empty if the source names it.
  let chineseRemedy: String
  /// The source in Chinese behind a Chinese word: a space parts it from a file's name.
  var chineseAfterWord: String { (chinese.utf8.first ?? 0x80) < 0x80 ? " " + chinese : chinese }
  /// False when the factories file cannot be read, or any factory is allowed: complaints about ids would only hide
  /// the cause.
  let isKnown: Bool

  /// Allows any factory.
  init() { (source, chinese, chineseRemedy, isKnown) = ("", "", "", false) }

  /// Allows the factories `ids`, which come from `source`.
  init(_ ids: Set<String>, source: String, chinese: String, chineseRemedy: String = "") {
    self.ids = ids
    sorted = ids.sorted()
    self.source = source
    self.chinese = chinese
    self.chineseRemedy = chineseRemedy
    isKnown = true
  }

  func contains(_ id: String) -> Bool { !isKnown || ids.contains(id) }

  /// The factory that an unknown word may mean, as a question behind a sentence: by the most similar id, or by its name.
  /// Empty if no factory is similar.
  mutating func hint(for word: String) -> (english: String, chinese: String) {
    if let known = hints[word] { return known }
    let id = Suggestion.nearest(to: word, among: sorted)
    let hint =
      id.map { (" (did you mean '\($0)'?)", "（是否应为“\($0)”？）") } ?? names.question(for: word)
    hints[word] = hint
    return hint
  }
}

/// The equipment of any number of files, read.
struct EquipmentFile {
  private(set) var equipment: [RegisteredEquipment] = []
  var problems = RegisterProblems()
  /// Number of valid rows.
  private(set) var count = 0
  /// Maximum number of factories of a table that are kept.
  private static let mostNamed = 10_000
  /// Known factories that rows of the last table name, also rows with problems; at most 10,000.
  private(set) var named: Set<String> = []
  private var lastNamed = ""
  private var factories: KnownFactories
  private let receive: ((RegisteredEquipment) -> Void)?
  private var keys = KeyIndex()
  /// File and sheet of each table read.
  private var tables: [(file: String, sheet: String)] = []

  init(factories: KnownFactories, receive: ((RegisteredEquipment) -> Void)?) {
    self.factories = factories
    self.receive = receive
  }

  /// Reads all rows of a table, and counts the rules that were applied in it.
  ///
  /// - Parameter factory: the factory that the rows should have; nil if it is not known.
  mutating func read(_ table: inout RegisterTable<EquipmentColumn>, expecting factory: String? = nil) {
    tables.append((table.layout.file, table.layout.sheet))
    named = []
    lastNamed = ""
    problems.add(table.problems)
    let isReadable = table.isReadable
    while var reader = table.nextRow(isFull: problems.isFull) {
      if isReadable, !reader.isUnreadable { read(&reader, expecting: factory) }
      reader.report(to: &problems)
      reader.report(to: &table.rules)
    }
  }

  private mutating func read(_ reader: inout RowReader<EquipmentColumn>, expecting factory: String?) {
    let one = Self.equipment(&reader)
    if let factory, !one.key.factory.isEmpty, one.key.factory != factory {
      reader.apply(.otherFactory, .factoryID, one.key.factory, factory)
    }
    if !isKnown(one.key.factory) { refuseUnknown(one.key.factory, &reader) }
    Self.check(one, &reader)
    if !one.key.factory.isEmpty, !one.key.equipment.isEmpty {
      switch keys.add(one.key, at: KeyIndex.Place(sheet: tables.count - 1, row: reader.line)) {
      case .same(let first): refuse(one.key, at: first, &reader)
      case .similar(let other): reader.apply(.similarIDs, .equipmentID, one.key.equipment, other.equipment)
      case nil: break
      }
    }
    count += 1
    // Do not keep rows of files that are refused anyway.
    guard problems.isEmpty, reader.problemCount == 0 else { return }
    if let receive { receive(one) } else { equipment.append(one) }
  }

  /// Whether the factory of a row is a known one, which is noted then. Most rows have one that was noted before.
  private mutating func isKnown(_ factory: String) -> Bool {
    if factory == lastNamed || named.contains(factory) { return true }
    guard EquipmentKey.isID(factory.utf8), factories.contains(factory) else { return false }
    if named.count < Self.mostNamed { named.insert(factory) }
    lastNamed = factory
    return true
  }

  /// Refuses an id that is none of a known factory. Other texts, and an empty cell, were refused as ids.
  private mutating func refuseUnknown(_ factory: String, _ reader: inout RowReader<EquipmentColumn>) {
    guard EquipmentKey.isID(factory.utf8) else { return }
    let hint = reader.isFull ? ("", "") : factories.hint(for: factory)
    reader.refuse(
      .factoryID, .unknownFactory, "factory '\(factory)' is not in \(factories.source)\(hint.0)",
      "企业“\(factory)”不在\(factories.chineseAfterWord)中\(factories.chineseRemedy)\(hint.1)",
      forSender: ("factory '\(factory)' is not registered\(hint.0)", "企业“\(factory)”未登记\(hint.1)"))
  }

  private func refuse(
    _ key: EquipmentKey, at first: KeyIndex.Place, _ reader: inout RowReader<EquipmentColumn>
  ) {
    let table = tables[first.sheet]
    let place = RegisterPlace(file: table.file, sheet: table.sheet, row: first.row)
    if first.sheet == tables.count - 1 {
      reader.refuse(
        .equipmentID, .duplicate,
        "\(key) is already \(table.sheet.isEmpty ? "on" : "in") \(place.inside.english)",
        "\(key) 已见于\(place.inside.chinese)")
    } else {
      reader.refuse(
        .equipmentID, .duplicate, "\(key) is already in \(place.english)", "\(key) 已见于 \(place.chinese)",
        forSender: table.file == tables.last?.file
          ? nil : ("\(key) is already in another ledger", "\(key) 已见于另一份台账"))
    }
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
      gateway: reader.text(.gateway), cnc: reader.statedFlag(.cnc), process: reader.text(.process),
      keyProcess: reader.statedFlag(.keyProcess), idealCycle: reader.cycle(.idealCycle),
      assetValue: reader.money(.assetValue), meterKind: reader.meterKind(.meterKind),
      countsOutput: reader.statedFlag(.countsOutput))
  }

  private static func check(_ one: RegisteredEquipment, _ reader: inout RowReader<EquipmentColumn>) {
    if let begin = one.commissionedOn, let end = one.decommissionedOn, end <= begin {
      let heading = reader.heading(.commissionedOn)
      reader.refuse(
        .decommissionedOn, .order, "\(end) is not after \(heading) \(begin)",
        "\(end) 不晚于“\(heading)”\(begin)")
    }
    // Key steps are counted by name.
    if one.keyProcess == true, one.process.isEmpty {
      let (heading, chinese) = (reader.heading(.process), reader.heading(.process, inChinese: true))
      reader.refuse(
        .keyProcess, .missingValue, "a key process step needs its name in the column '\(heading)'",
        "标为关键工序的设备须在“\(chinese)”列填写工序名称")
    }
  }
}
