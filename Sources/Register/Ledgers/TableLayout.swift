/// The columns given by the headings of a table.
struct TableLayout<Column: RegisterColumn> {
  let file: String
  let sheet: String
  /// Whether the table is read as a ledger, by rules that are said, and not as it stands.
  let isLedger: Bool
  /// Position and heading of each column in the file.
  private(set) var columns: [Column: (position: Int, heading: String)] = [:]
  /// Positions by the number of the column; -1 if the file lacks it. Rows find their cells here.
  private var positions = [Int](repeating: -1, count: Column.allCases.count)
  /// Values of columns for all rows.
  var constants: [Column: String] = [:]
  /// Factories by name.
  var factories = FactoryNames()
  /// Factors of columns whose headings name another unit.
  private(set) var factors: [Column: (size: Int64, divisor: Int64)] = [:]
  /// Positions without a heading: spreadsheets save empty columns too.
  private(set) var unnamed: Set<Int> = []
  /// Positions of headings of row numbers, such as 序号.
  private(set) var rowNumbers: Set<Int> = []
  private(set) var width = 0
  /// The headings as they stand, trimmed.
  private(set) var headings: [String] = []
  /// The row of the headings, from 1.
  var headingRow = 1
  /// The row in which a spreadsheet shows the headings, from 1.
  var shownHeadingRow = 1
  /// Rows above the headings.
  var titles: [SheetRow] = []

  init(file: String, sheet: String, isLedger: Bool) {
    self.file = file
    self.sheet = sheet
    self.isLedger = isLedger
  }

  /// Position of a column in the file; nil if the file lacks it.
  func position(_ column: Column) -> Int? {
    let number = column.number
    guard positions.indices.contains(number), positions[number] >= 0 else { return nil }
    return positions[number]
  }

  /// Position of the first of all columns, which has the key of a row; nil if the file lacks it.
  var keyPosition: Int? { positions.first.flatMap { $0 >= 0 ? $0 : nil } }

  /// Number (from 1) and heading of a column, for problems; nil if the file lacks it.
  func place(_ column: Column) -> (number: Int, heading: String)? {
    columns[column].map { ($0.position + 1, $0.heading) }
  }

  /// A place in the table.
  func place(_ row: Int?, _ column: Int? = nil) -> RegisterPlace {
    let named = column.map { ($0 + 1, $0 < headings.count ? headings[$0] : "") }
    return RegisterPlace(file: file, sheet: sheet, row: row, column: named)
  }

  /// The line or row that a spreadsheet shows as `shownRow`: found by the nearest row read above it, or by the headings.
  func row(shownAs shownRow: Int) -> Int {
    let known = titles.map { ($0.number, $0.shownRow) } + [(headingRow, shownHeadingRow)]
    let (number, shown) = known.last { $0.1 <= shownRow } ?? known[0]
    return max(1, number + shownRow - shown)
  }

  /// A problem of form with the heading of its column.
  func withHeading(_ problem: RegisterProblem, _ row: SheetRow? = nil) -> RegisterProblem {
    guard let column = problem.column, column.heading.isEmpty else { return problem }
    let cells = row.map { $0.cells.map(\.shown) } ?? headings
    guard column.number >= 1, column.number <= cells.count else { return problem }
    var problem = problem
    problem.column = (column.number, cells[column.number - 1])
    return problem
  }

  /// Reads the headings, and returns the rules that were applied to them and their problems.
  mutating func read(
    _ cells: [String], _ names: HeadingNames<Column>, _ row: Int
  ) -> (rules: [RegisterRule], problems: [RegisterProblem]) {
    headings = cells
    width = (cells.lastIndex { !$0.isEmpty } ?? -1) + 1
    if !isLedger { width = cells.count }
    var rules: [RegisterRule] = []
    var problems: [RegisterProblem] = []
    let meanings = cells.map { names.meaning($0) }
    // A column's own name comes before its synonyms.
    var named: Set<Column> = []
    for case .name(let column) in meanings { named.insert(column) }
    for (position, heading) in cells.enumerated() where position < width {
      if heading.isEmpty {
        unnamed.insert(position)
        if isLedger { rules.append(RegisterRule(.blankColumns, at: place(nil, position))) }
        continue
      }
      var isName = false
      if case .name = meanings[position] { isName = true }
      if let column = meanings[position].column, !isName, named.contains(column) {
        rules.append(
          RegisterRule(
            .duplicateColumn, at: place(nil, position), after: "\(column.rawValue) \(column.chinese)"))
      } else {
        read(meanings[position], position, row, names, &rules, &problems)
      }
    }
    for column in Column.allCases
    where column.isRequired && columns[column] == nil && constants[column] == nil {
      problems.append(missing(column, row))
    }
    return (rules, problems)
  }

  private func missing(_ column: Column, _ row: Int) -> RegisterProblem {
    let isFactory =
      isLedger && column.rawValue == EquipmentColumn.factoryID.rawValue && Column.self == EquipmentColumn.self
    let english = "there is no column '\(column.rawValue)' ('\(column.chinese)')"
    let chinese = "缺少“\(column.chinese)”（\(column.rawValue)）列"
    return RegisterProblem(
      .heading, file: file, sheet: sheet, line: row,
      message: english + (isFactory ? "; say where the factory is with --factory-from" : ""),
      chinese: chinese + (isFactory ? "；请用 --factory-from 指明企业的来源" : "")
    ).forSender(english + (isLedger ? "; add it" : ""), chinese + (isLedger ? "；请增加该列" : ""))
  }

  private mutating func read(
    _ meaning: HeadingNames<Column>.Meaning, _ position: Int, _ row: Int, _ names: HeadingNames<Column>,
    _ rules: inout [RegisterRule], _ problems: inout [RegisterProblem]
  ) {
    let heading = headings[position]
    /// Remedies follow the message: the first for the command's user, the second for the sender of the file.
    func refuse(
      _ message: String, _ chinese: String, _ remedy: (String, String) = ("", ""),
      forSender other: (String, String)? = nil
    ) {
      let other = other ?? remedy
      problems.append(
        RegisterProblem(
          .heading, file: file, sheet: sheet, line: row, column: (position + 1, heading),
          message: message + remedy.0, chinese: chinese + remedy.1
        ).forSender(message + other.0, chinese + other.1))
    }
    func apply(_ kind: RegisterRule.Kind, _ column: Column?, _ remark: (String, String) = ("", "")) {
      let name = column.map { "\($0.rawValue) \($0.chinese)" } ?? ""
      rules.append(RegisterRule(kind, at: place(nil, position), after: name, remark: remark))
    }
    if let column = meaning.column, let first = columns[column] {
      let other = RegisterPlace(file: file, sheet: sheet, column: (first.position + 1, "")).columnName
      let gap = sheet.isEmpty ? "" : " "
      let remedy =
        isLedger ? ("; leave one out with --ignore-columns", "；请用 --ignore-columns 指明不读取的一列") : ("", "")
      refuse(
        "this heading repeats \(other.english), '\(first.heading)'",
        "与\(gap)\(other.chinese)“\(first.heading)”重复", remedy,
        forSender: isLedger ? ("; remove one of the two columns", "；请删除其中一列") : nil)
      return
    }
    switch meaning {
    case .name: break
    case .synonym(let column, let english, let chinese): apply(.synonym, column, (english, chinese))
    case .explained(let column): apply(.bracketWords, column)
    case .unit(let column, let size, let divisor, _): factors[column] = (size, divisor)
    case .rowNumber:
      rowNumbers.insert(position)
      apply(.rowNumbers, nil)
    case .notAttribute(let english, let chinese): apply(.notAttribute, nil, (english, chinese))
    case .ignored: apply(.ignoredColumn, nil)
    case .wrongUnit(let column, let name):
      refuse(
        "'\(name)' is no unit of \(column.rawValue)", "“\(name)”不是“\(column.chinese)”的计量单位")
    case .withoutUnit:
      refuse(
        "the heading does not say the unit; write it in brackets, for instance \(heading)（\(unitExample(meaning.column))）",
        "表头未注明计量单位；请在括号内注明，例如 \(heading)（\(unitExample(meaning.column))）")
    case .unknown:
      let suggested = names.suggestions(for: heading)
      let question = Self.question(suggested.map(\.name))
      let remedy = isLedger ? Self.remedy(unknown: heading, suggested.first?.column) : ("", "")
      refuse(
        "unknown heading" + question.0, "无法识别的表头" + question.1, remedy,
        forSender: isLedger
          ? ("; use a heading of the template, or remove the column", "；请改用模板表头，或删除该列") : nil)
    }
    guard let column = meaning.column else { return }
    columns[column] = (position, heading)
    if positions.indices.contains(column.number) { positions[column.number] = position }
  }

  /// Names of columns as a question in both languages; empty without one.
  private static func question(_ names: [String]) -> (String, String) {
    guard let last = names.last else { return ("", "") }
    let (english, chinese) = (names.map { "'\($0)'" }, names.map { "“\($0)”" })
    guard names.count > 1 else { return (" (did you mean '\(last)'?)", "（是否应为“\(last)”？）") }
    return (
      " (did you mean \(english.dropLast().joined(separator: ", ")) or '\(last)'?)",
      "（是否应为\(chinese.dropLast().joined(separator: "、"))或“\(last)”？）"
    )
  }

  /// The remedy for an unknown heading in both languages. For a Chinese one that may be a column's, it has the lines of a
  /// table of synonyms; of an English one the spelling is wrong.
  private static func remedy(unknown heading: String, _ column: Column?) -> (String, String) {
    let remedy = (
      "; leave it out with --ignore-columns, or name its column with --synonyms",
      "；可用 --ignore-columns 不读取此列，或用 --synonyms 指明其含义"
    )
    guard let column, heading.count <= 40, !heading.utf8.allSatisfy({ $0 < 0x80 }) else { return remedy }
    var writer = CSVWriter()
    writer.append([column.rawValue, heading])
    let line = String(decoding: writer.bytes.dropLast(2), as: UTF8.self)
    return (
      remedy.0 + ", a CSV file with the lines column,synonym and \(line)",
      remedy.1 + "（CSV 文件，首行为 column,synonym，次行如 \(line)）"
    )
  }

  private func unitExample(_ column: Column?) -> String {
    switch column.flatMap({ HeadingUnit(column: $0.rawValue) })?.quantity {
    case .money: "元"
    case .energy: "kWh"
    default: "秒"
    }
  }
}

/// A layout in one place for all rows: a row that had a copy of it would count references to each of its dictionaries.
final class SharedLayout<Column: RegisterColumn> {
  let layout: TableLayout<Column>

  init(_ layout: TableLayout<Column>) { self.layout = layout }
}

extension SheetCell {
  /// The cell's value as a problem quotes it.
  public var shown: String {
    switch self {
    case .empty: ""
    case .text(let text), .number(let text), .formatted(_, let text), .error(let text): text
    case .day(let day): day.description
    case .truth(let value): value ? "TRUE" : "FALSE"
    }
  }

  /// Whether the cell has nothing that a reader of the sheet sees.
  var isBlank: Bool {
    switch self {
    case .empty: true
    case .text(let text):
      text.isEmpty || (text.utf8.first ?? 0) <= 0x20 && text.allSatisfy(\.isWhitespace) || isHidden(text)
    default: false
    }
  }

  private func isHidden(_ text: String) -> Bool {
    // Invisible characters and special spaces begin with these bytes.
    guard let first = text.utf8.first, [0xC2, 0xE1, 0xE2, 0xE3, 0xEF].contains(first) else { return false }
    return CellText(text, .text).text.isEmpty
  }
}
