import Telemetry

/// Reads the cells of one row as values, and notes every one that is none.
struct RowReader<Column: RegisterColumn> {
  private let table: SharedLayout<Column>
  private var layout: TableLayout<Column> { table.layout }
  private let row: SheetRow
  /// Whether problems are only counted.
  let isFull: Bool
  private var problems: [RegisterProblem] = []
  private var counted: [(kind: RegisterProblem.Kind, column: Int?)] = []
  /// Rules that were applied to the row, each once for a column.
  private var applied: [(kind: RegisterRule.Kind, column: Column, before: String, after: String)] = []
  /// Whether the reader of the sheet gave no row, but a problem.
  var isUnreadable = false

  /// The longest text a cell may hold, in characters.
  static var longestText: Int { 200 }

  init(_ row: SheetRow, of table: SharedLayout<Column>, isFull: Bool) {
    self.row = row
    self.table = table
    self.isFull = isFull
  }

  /// The row's line in the file.
  var line: Int { row.number }
  /// Whether the row is one of a ledger.
  var isLedger: Bool { layout.isLedger }
  /// Whether the row is one of a workbook's.
  var isWorkbook: Bool { !layout.sheet.isEmpty }
  /// The row's place in the file.
  func place(_ column: Column) -> RegisterPlace { layout.place(row.number, layout.columns[column]?.position) }
  /// Number of problems found in the row.
  var problemCount: Int { problems.count + counted.count }

  /// The heading of a column as the file spells it.
  func heading(_ column: Column, inChinese: Bool = false) -> String {
    layout.columns[column]?.heading ?? (inChinese ? column.chinese : column.rawValue)
  }

  /// Notes a wrong cell; the messages are only made if they are kept.
  ///
  /// - Parameter sender: the messages for the sender of the file; nil for the same.
  mutating func refuse(
    _ column: Column, _ kind: RegisterProblem.Kind, _ message: @autoclosure () -> String,
    _ chinese: @autoclosure () -> String, forSender sender: @autoclosure () -> (String, String)? = nil
  ) {
    guard !isFull else { return counted.append((kind, layout.place(column)?.number)) }
    let problem = RegisterProblem(
      kind, file: layout.file, sheet: layout.sheet, line: row.number, column: layout.place(column),
      message: message(), chinese: chinese())
    problems.append(sender().map { problem.forSender($0.0, $0.1) } ?? problem)
  }

  /// Notes a problem of the row's form.
  mutating func refuse(_ problem: RegisterProblem) {
    if isFull { counted.append((problem.kind, problem.column?.number)) } else { problems.append(problem) }
  }

  /// Adds the row's problems to those of its file, in the order of lines and columns.
  func report(to all: inout RegisterProblems) {
    guard problemCount > 0 else { return }
    let sorted = problems.enumerated().sorted { a, b in
      (a.element.line ?? 0, a.element.column?.number ?? 0, a.offset)
        < (b.element.line ?? 0, b.element.column?.number ?? 0, b.offset)
    }
    all.add(sorted.map(\.element))
    for (kind, column) in counted {
      all.count(kind, file: layout.file, sheet: layout.sheet, line: row.number, column: column)
    }
  }

  /// Notes that a rule was applied to a cell.
  mutating func apply(_ kind: RegisterRule.Kind, _ column: Column, _ before: String, _ after: String) {
    applied.append((kind, column, before, after))
  }

  /// Adds the row's rules to those of its sheet.
  func report(to rules: inout RegisterRules) {
    for one in applied {
      let position = layout.columns[one.column]?.position
      rules.add(
        RegisterRule(
          one.kind, at: layout.place(row.number, position), before: Self.shown(one.before),
          after: Self.shown(one.after)),
        one.kind, column: (position ?? -1) + 1)
    }
  }

  /// The raw cell of a column; empty if the table has none.
  func rawCell(_ column: Column) -> SheetCell {
    guard let position = layout.position(column), position < row.cells.count else { return .empty }
    return row.cells[position]
  }

  /// The factor of a column whose heading names another unit.
  func factor(_ column: Column) -> (size: Int64, divisor: Int64)? { layout.factors[column] }
  /// Ids of the factories that the name in a cell stands for; empty if the cell has an id.
  func factories(named cell: SheetCell) -> [String] {
    guard case .text(let text) = cell, !layout.factories.contains(text) else { return [] }
    return layout.factories.ids(of: text)
  }

  /// A cell's text; empty for an empty cell, and after a problem.
  mutating func cell(_ column: Column, as use: CellUse = .text) -> String {
    text(of: rawCell(column), column, as: use)
  }

  mutating func text(of raw: SheetCell, _ column: Column, as use: CellUse) -> String {
    layout.isLedger ? ledgerText(raw, column, as: use) : raw.shown
  }

  mutating func text(_ column: Column) -> String {
    let text = cell(column, as: Self.isIdentifying(column) ? .identifier : .text)
    if text.utf8.count > Self.longestText, text.count > Self.longestText {
      refuse(
        column, .length, "\(text.count) characters, where \(Self.longestText) are the most",
        "共 \(text.count) 个字符，最多允许 \(Self.longestText) 个")
    }
    return text
  }

  /// An id as topics and scopes use it; empty when the cell is and the column is not required.
  mutating func id(_ column: Column) -> String {
    if let constant = layout.constants[column] { return constant }
    let raw = rawCell(column)
    if isLedger, column.rawValue == EquipmentColumn.factoryID.rawValue, let id = factory(named: raw, column) {
      return id
    }
    let found = problemCount
    let text = text(of: raw, column, as: .id)
    if text.isEmpty {
      if column.isRequired, problemCount == found {
        let isKey = isLedger && column == Column.allCases.first
        refuse(
          column, .missingValue,
          "a value is required" + (isKey ? "; delete the row if it is no equipment" : ""),
          "必须填写" + (isKey ? "；若本行不是设备，请删除本行" : ""))
      }
    } else if !EquipmentKey.isID(text.utf8), problemCount == found {
      let isFactory = isLedger && column.rawValue == EquipmentColumn.factoryID.rawValue
      let hint = isFactory && !isFull ? layout.factories.question(for: text) : ("", "")
      let english = "'\(Self.shown(text))' is not an id: 1 to 64 of A–Z a–z 0–9 _ . -"
      let chinese = "“\(Self.shown(text))”不是有效编号：应为 1 至 64 个字母、数字或 _ . -"
      refuse(
        column, .identifier, english + hint.0, chinese + hint.1,
        forSender: (english, chinese))
    }
    return text
  }

  /// yes, true, 1, 是 or no, false, 0, 否 in any letter case; an empty cell is no.
  mutating func flag(_ column: Column) -> Bool { statedFlag(column) ?? false }

  /// As ``flag(_:)``, but nil for an empty cell.
  mutating func statedFlag(_ column: Column) -> Bool? {
    let raw = rawCell(column)
    if case .truth(let value) = raw { return value }
    let text = text(of: raw, column, as: .flag)
    switch text {
    case "yes", "1": return true
    case "no", "0": return false
    case "": return nil
    case "是": return true
    case "否": return false
    default: break
    }
    switch text.lowercased() {
    case "yes", "true": return true
    case "no", "false": return false
    default:
      if let marked = mark(text, column) { return marked }
      refuse(
        column, .word, "'\(Self.shown(text))' is neither yes (true, 1, 是) nor no (false, 0, 否)",
        "“\(Self.shown(text))”应为“是”（yes、true、1）或“否”（no、false、0）")
      return false
    }
  }

  /// Reads a word of ``Automation/words``, in any letter case; an empty cell is unclassified.
  ///
  /// Only misspelt English words get a suggestion: in Chinese, one character more or less changes the meaning.
  mutating func automation(_ column: Column) -> Automation {
    let text = cell(column, as: .word)
    if text.isEmpty { return .unclassified }
    if let known = Automation(word: text) {
      if layout.isLedger, text != known.rawValue, text.lowercased() != known.rawValue, text != known.chinese {
        apply(.word, column, text, known.rawValue)
      }
      return known
    }
    let choices = Automation.allCases
    func suggestion() -> String? {
      guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
      return Suggestion.nearest(to: text, among: choices.map(\.rawValue))
    }
    refuse(
      column, .word,
      "'\(Self.shown(text))' is not one of "
        + choices.map { "\($0.rawValue) \($0.chinese)" }.joined(separator: ", ")
        + (suggestion().map { " (did you mean '\($0)'?)" } ?? ""),
      "“\(Self.shown(text))”应为" + choices.map { "\($0.chinese)" }.joined(separator: "、") + "之一"
        + (suggestion().map { "（是否应为“\($0)”？）" } ?? ""))
    return .unclassified
  }

  /// A word of ``MeterKind/words``, in any letter case; nil for an empty cell.
  mutating func meterKind(_ column: Column) -> MeterKind? {
    let text = cell(column, as: .word)
    if text.isEmpty { return nil }
    guard let kind = MeterKind(word: text) else {
      let words = MeterKind.allCases.map { "\($0.rawValue) \($0.chinese)" }
      refuse(
        column, .word, "'\(Self.shown(text))' is not one of \(words.joined(separator: ", "))",
        "“\(Self.shown(text))”应为\(MeterKind.allCases.map(\.chinese).joined(separator: "、"))之一")
      return nil
    }
    return kind
  }

  /// A cell as an error quotes it: not endlessly.
  static func shown(_ text: String) -> String {
    text.count <= 60 ? text : text.prefix(60) + "…"
  }
}
