/// Reads ledgers one after the other as parts of one import.
struct LedgerReading {
  private(set) var equipment: EquipmentFile
  /// How each sheet was read.
  private(set) var sheets: [LedgerSheet] = []
  private let options: LedgerOptions
  private var known: KnownFactories
  private var names: FactoryNames { known.names }

  init(
    _ options: LedgerOptions, factories: KnownFactories, receive: ((RegisteredEquipment) -> Void)?
  ) {
    self.options = options
    known = factories
    equipment = EquipmentFile(factories: factories, receive: receive)
  }

  /// Reads the sheets of a ledger that the options choose.
  mutating func read(_ source: LedgerSource) {
    equipment.problems.beginFile()
    do throws(RegisterProblem) {
      let ledger = try source.open()
      let chosen = try sheets(of: ledger)
      for sheet in chosen.sheets { try read(ledger, sheet, skipped: chosen.skipped) }
    } catch {
      equipment.problems.add(error)
    }
  }

  /// The sheets to read, and those that have no headings.
  private func sheets(of ledger: Ledger) throws(RegisterProblem) -> (sheets: [String], skipped: [String]) {
    guard ledger.sheets != [""] else { return ([""], []) }
    let quoted = RegisterRule.quoted
    if let name = options.sheet {
      guard (ledger.sheets + ledger.hidden).contains(name) else {
        let all = quoted(ledger.sheets + ledger.hidden)
        throw RegisterProblem(
          .form, file: ledger.name, message: "there is no sheet '\(name)'; the file has \(all.english)",
          chinese: "没有工作表“\(name)”；文件中有\(all.chinese)")
      }
      return ([name], ledger.sheets.filter { $0 != name })
    }
    guard ledger.sheets.count > 1 else { return (ledger.sheets, []) }
    var found: [String] = []
    for sheet in ledger.sheets where try hasHeadings(ledger, sheet) { found.append(sheet) }
    if found.isEmpty { found = Array(ledger.sheets.prefix(1)) }
    guard found.count == 1 || options.factorySource == .sheet else {
      let several = quoted(found)
      throw RegisterProblem(
        .form, file: ledger.name,
        message:
          "several sheets have headings: \(several.english); name one with --sheet, or give --factory-from sheet "
          + "if each is a factory's",
        chinese: "多个工作表含有表头：\(several.chinese)；请用 --sheet 指明其一；如每个工作表对应一家企业，请用 --factory-from sheet"
      ).forSender(
        "several sheets have headings: \(several.english); send a file with one of them",
        "多个工作表含有表头：\(several.chinese)；请只保留一个")
    }
    return (found, ledger.sheets.filter { !found.contains($0) })
  }

  private func hasHeadings(_ ledger: Ledger, _ sheet: String) throws(RegisterProblem) -> Bool {
    var rows = try ledger.open(sheet)
    return try HeadingSearch<EquipmentColumn>.isFound(in: &rows, options.interpretation)
  }

  private mutating func read(
    _ ledger: Ledger, _ sheet: String, skipped: [String]
  ) throws(RegisterProblem) {
    // The factory is put in its place when the rows above the headings have been read.
    var table = RegisterTable<EquipmentColumn>(
      try ledger.open(sheet), options.interpretation,
      constants: options.factorySource == nil ? [:] : [.factoryID: ""], factories: names)
    if sheets.last?.file != ledger.name || options.factorySource != .sheet {
      let place = RegisterPlace(file: ledger.name, sheet: sheet)
      let hidden = ledger.hidden.filter { $0 != sheet }
      if !skipped.isEmpty { table.rules.add(RegisterRule(.otherSheets, at: place, sheets: skipped)) }
      if !hidden.isEmpty { table.rules.add(RegisterRule(.hiddenSheets, at: place, sheets: hidden)) }
    }
    if options.interpretation.fillsDown, sheet.isEmpty {
      table.rules.add(RegisterRule(.withoutMerges, at: RegisterPlace(file: ledger.name)))
    }
    if table.layout.columns[.factoryID] != nil {
      table.setFactory(nil)
    } else if let source = options.factorySource, table.problems.isEmpty {
      do throws(RegisterProblem) {
        try give(source, to: &table)
      } catch {
        // The rows are read nevertheless, so that everything wrong with them is said.
        equipment.problems.add(error)
      }
    }
    let before = equipment.count
    equipment.read(&table, expecting: expected(in: table))
    let count = equipment.count - before
    sheets.append(
      LedgerSheet(
        file: ledger.name, sheet: sheet, format: (ledger.english, ledger.chinese),
        headingRow: table.layout.headingRow, equipment: count, rules: table.rules.list(rows: count),
        factories: equipment.named.sorted()))
  }

  /// The text that a source has, and its place.
  private static func text(
    of source: FactorySource, _ layout: TableLayout<EquipmentColumn>
  ) -> (text: String, place: RegisterPlace) {
    var place = RegisterPlace(file: layout.file, sheet: layout.sheet)
    switch source {
    case .sheet: return (layout.sheet, place)
    case .file: return (stem(layout.file), place)
    case .cell(let row, let column):
      place = layout.place(layout.row(shownAs: row))
      place.column = (column, "")
      let cells = layout.titles.first { $0.shownRow == row }?.cells ?? []
      return (column <= cells.count ? cells[column - 1].shown : "", place)
    }
  }

  /// The factory that the source names for a table with a column of factories; nil if it does not name exactly one.
  private func expected(in table: RegisterTable<EquipmentColumn>) -> String? {
    guard let source = options.factorySource, table.layout.columns[.factoryID] != nil else { return nil }
    let found = factories(of: Self.text(of: source, table.layout).text)
    return found.count == 1 ? found[0] : nil
  }

  /// Gives all rows of a table the factory that the source names.
  private mutating func give(
    _ source: FactorySource, to table: inout RegisterTable<EquipmentColumn>
  ) throws(RegisterProblem) {
    let layout = table.layout
    let (text, place) = Self.text(of: source, layout)
    let problem: (String, String)
    let forSender: (String, String)
    let found = factories(of: text)
    if let id = found.first, found.count == 1 {
      var rule = RegisterRule(.factoryGiven, at: place, before: text, after: id == text ? "" : id)
      rule.before = RowReader<EquipmentColumn>.shown(text)
      table.rules.add(rule)
      table.setFactory(id)
      return
    } else if found.count > 1 {
      problem = (
        "several factories have the name '\(text)': \(found.joined(separator: ", "))",
        "多家企业使用名称“\(text)”：\(found.joined(separator: "、"))"
      )
      forSender = ("several factories have the name '\(text)'; write the id", "多家企业使用名称“\(text)”；请填写企业编号")
    } else if CellText(text, .text).text.isEmpty {
      problem = (
        "the factory is missing: --factory-from names a cell above the headings, which are in row \(layout.shownHeadingRow)",
        "缺少企业：--factory-from 应指明表头（第 \(layout.shownHeadingRow) 行）以上有内容的单元格"
      )
      forSender = ("the factory is missing; write its id or name here", "缺少企业；请在此填写企业编号或名称")
    } else if !known.isKnown {
      table.setFactory("")
      return
    } else {
      let shown = RowReader<EquipmentColumn>.shown(text)
      let hint = known.hint(for: Self.withoutLabel(text))
      problem = (
        "'\(shown)' is neither the id nor the exact name of a factory in \(known.source)\(hint.english)",
        "“\(shown)”作为企业编号或完整名称均未见于\(known.chineseAfterWord)\(known.chineseRemedy)\(hint.chinese)"
      )
      forSender = (
        "'\(shown)' is neither the id nor the exact name of a registered factory",
        "“\(shown)”不是已登记企业的编号或完整名称"
      )
    }
    throw RegisterProblem(
      .unknownFactory, file: layout.file, sheet: layout.sheet, line: place.row, column: place.column,
      message: problem.0, chinese: problem.1
    ).forSender(forSender.0, forSender.1)
  }

  /// Ids of the factories that a text names: its id or its exact name, also behind a label such as `企业名称：`.
  private func factories(of text: String) -> [String] {
    for part in [CellText(text, .folded).text, Self.withoutLabel(text)] where !part.isEmpty {
      if names.contains(part) { return [part] }
      let found = names.ids(of: part)
      if !found.isEmpty { return found }
    }
    return []
  }

  /// The text behind the last colon, or the whole of it.
  private static func withoutLabel(_ text: String) -> String {
    let whole = CellText(text, .folded).text
    guard let colon = whole.lastIndex(of: ":") else { return whole }
    return CellText(String(whole[whole.index(after: colon)...]), .folded).text
  }

  /// A file's name without folder and ending.
  private static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let point = name.lastIndex(of: "."), point > name.startIndex else { return name }
    return String(name[..<point])
  }
}
