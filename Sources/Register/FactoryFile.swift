/// The rows and problems of a factories file.
struct FactoryFile {
  private(set) var name = ""
  private(set) var factories: [RegisteredFactory] = []
  private(set) var problems = RegisterProblems()
  private(set) var isReadable = false
  /// How a workbook was read; nil for a text file.
  private(set) var sheet: LedgerSheet?
  /// The ids it names, also in rows with problems.
  var ids: Set<String> { Set(factories.map(\.id)) }

  /// Reads a text of comma-separated values as it stands, and a workbook as a ledger.
  init(_ source: LedgerSource) {
    do throws(RegisterProblem) {
      let ledger = try source.open()
      name = ledger.name
      try read(ledger)
    } catch {
      if name.isEmpty { name = error.file }
      isReadable = false
      problems.add(error)
    }
  }

  private mutating func read(_ ledger: Ledger) throws(RegisterProblem) {
    let isText = ledger.sheets == [""]
    let chosen = isText ? "" : try Self.sheet(of: ledger)
    var table = RegisterTable<FactoryColumn>(
      try ledger.open(chosen), isText ? nil : Self.interpretation)
    problems.add(table.problems)
    isReadable = table.isReadable
    let others = ledger.sheets.filter { $0 != chosen }
    if !others.isEmpty {
      table.rules.add(
        RegisterRule(
          .otherSheets, at: table.layout.place(nil), before: others.prefix(20).joined(separator: " / ")))
    }
    var lines: [String: Int] = [:]
    while var reader = table.nextRow(isFull: problems.isFull) {
      if isReadable, !reader.isUnreadable { read(&reader, &lines) }
      reader.report(to: &problems)
      reader.report(to: &table.rules)
    }
    guard !isText else { return }
    sheet = LedgerSheet(
      file: name, sheet: chosen, format: (ledger.english, ledger.chinese),
      headingRow: table.layout.headingRow, equipment: factories.count,
      rules: table.rules.list(rows: factories.count), factories: [], hasFactories: true)
  }

  private static let interpretation = LedgerInterpretation()

  /// The sheet that has headings of factories; the first one if none has.
  private static func sheet(of ledger: Ledger) throws(RegisterProblem) -> String {
    var found: [String] = []
    for sheet in ledger.sheets {
      var rows = try ledger.open(sheet)
      if try HeadingSearch<FactoryColumn>.isFound(in: &rows, interpretation) { found.append(sheet) }
    }
    guard found.count < 2 else {
      let shown = found.prefix(20).map { RowReader<FactoryColumn>.shown($0) }
      throw RegisterProblem(
        .form, file: ledger.name,
        message:
          "several sheets have headings of factories: \(shown.map { "'\($0)'" }.joined(separator: ", ")); "
          + "keep one of them",
        chinese: "多个工作表含有企业名录的表头：\(shown.map { "“\($0)”" }.joined(separator: "、"))；请只保留一个")
    }
    return found.first ?? ledger.sheets.first ?? ""
  }

  private mutating func read(_ reader: inout RowReader<FactoryColumn>, _ lines: inout [String: Int]) {
    let factory = RegisteredFactory(
      id: reader.id(.factoryID), nameChinese: reader.text(.nameChinese),
      nameEnglish: reader.text(.nameEnglish), industry: reader.text(.industry),
      district: reader.text(.district), retrofitCompletedOn: reader.day(.retrofitCompletedOn))
    if let first = lines[factory.id], !factory.id.isEmpty {
      let place = reader.isWorkbook ? "in row" : "on line"
      reader.refuse(
        .factoryID, .duplicate, "factory \(factory.id) is already \(place) \(first)",
        "企业 \(factory.id) 已见于第 \(first) 行")
    } else {
      lines[factory.id] = reader.line
    }
    factories.append(factory)
  }
}
