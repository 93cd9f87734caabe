/// A rule by which a ledger was read other than as it stands: something was skipped, converted or understood by a
/// synonym. The preview of an import lists every rule, so that nothing is guessed silently.
public struct RegisterRule: Equatable, Sendable {
  /// Kinds of rules, in the order of the preview.
  public enum Kind: Int, CaseIterable, Sendable {
    // Rows and columns.
    case otherSheets, hiddenSheets, titleRows, headingRows, factoryGiven, withoutMerges, blankRows,
      numberedRows
    case blankColumns, totalRows, footerRows, repeatedHeadings, hiddenRows, hiddenColumns
    case rowNumbers, notAttribute, ignoredColumn, duplicateColumn
    // Headings.
    case synonym, bracketWords, unit
    // Cells.
    case filledDown, coveredValue, factoryName, dateForm, dayNumber, timeOfDay, mark, noneMark, word, width,
      invisible,
      wholeNumber, shownNumber
    case thousands
    // Cells to check.
    case numberID, roundedID, similarIDs, otherFactory
  }

  public var kind: Kind
  /// The first place where it was applied; the column's heading as the file spells it.
  public var place: RegisterPlace
  /// Number of rows concerned; for rules about a column, of all rows of equipment.
  public var rows: Int
  /// The first cell before and after the rule; `after` is empty where nothing remains.
  public var before: String
  public var after: String
  /// Names of the sheets that a rule about sheets concerns.
  public var sheets: [String] = []
  /// A remark of the table of synonyms.
  public var remark: (english: String, chinese: String)

  /// A rule with the first place where it was applied.
  public init(
    _ kind: Kind, at place: RegisterPlace, rows: Int = 1, before: String = "", after: String = "",
    remark: (english: String, chinese: String) = ("", "")
  ) {
    self.kind = kind
    self.place = place
    self.rows = rows
    self.before = before
    self.after = after
    self.remark = remark
  }

  /// A rule about sheets of a file.
  init(_ kind: Kind, at place: RegisterPlace, sheets: [String]) {
    self.init(kind, at: place)
    self.sheets = sheets
  }

  /// The first names of sheets in quotes of both languages.
  static func quoted(_ sheets: [String]) -> (english: String, chinese: String) {
    let shown = sheets.prefix(20).map { RowReader<EquipmentColumn>.shown($0) }
    let rest = sheets.count > 20 ? ("…", "等 \(sheets.count) 个") : nil
    return (
      (shown.map { "'\($0)'" } + (rest.map { [$0.0] } ?? [])).joined(separator: ", "),
      shown.map { "“\($0)”" }.joined(separator: "、") + (rest?.1 ?? "")
    )
  }

  public static func == (a: RegisterRule, b: RegisterRule) -> Bool { a.english == b.english }

  /// The rule in English: what was done, to how many rows, and an example.
  public var english: String { english(kind.english) }

  /// The rule in Chinese.
  public var chinese: String { chinese(kind.chinese) }

  /// The rule in both languages for the sender of the file, without options of commands.
  public var forSender: (english: String, chinese: String) {
    (english(kind.forSender.english), chinese(kind.forSender.chinese))
  }

  private func english(_ words: String) -> String {
    let count = "\(rows) \(rows == 1 ? "row" : "rows")"
    let name = place.columnName.english
    let first = "first \(place.inside.english)"
    let text: String
    switch kind.subject {
    case .file: text = words
    case .sheet:
      let named = sheets.isEmpty ? "'\(before)'" : Self.quoted(sheets).english
      text = "\(words): \(named)" + (after.isEmpty ? "" : " → \(after)")
    case .rows:
      text = "\(words): \(count), first \(rowPlace.english)" + (before.isEmpty ? "" : ": '\(before)'")
    case .column:
      // Without readable rows there is nothing to count.
      text =
        "\(name): \(words)" + (after.isEmpty ? "" : " \(after)") + (rows == 0 ? "" : ", \(count)")
    case .cells:
      let change = [before, after].map { $0.isEmpty ? "empty" : "'\($0)'" }.joined(separator: " → ")
      text = "\(name): \(words): \(count), \(first): \(change)"
    case .warning:
      text =
        "\(name): \(words): \(count), \(first): '\(before)'" + (after.isEmpty ? "" : " and '\(after)'")
    }
    return remark.english.isEmpty ? text : "\(text); \(remark.english)"
  }

  private func chinese(_ words: String) -> String {
    let name = place.columnName.chinese
    let inside = place.inside.chinese
    let first = "首见于" + (inside.hasPrefix("第") ? "" : " ") + inside
    let text: String
    switch kind.subject {
    case .file: text = words
    case .sheet:
      let named = sheets.isEmpty ? "“\(before)”" : Self.quoted(sheets).chinese
      text = "\(words)：\(named)" + (after.isEmpty ? "" : "→\(after)")
    case .rows:
      text = "\(words)：共 \(rows) 行，首见于\(rowPlace.chinese)" + (before.isEmpty ? "" : "：“\(before)”")
    case .column:
      // The column's Chinese name is the last word.
      let column = after.split(separator: " ").last.map { "“\($0)”" } ?? ""
      text = "\(name)：\(words)\(column)" + (rows == 0 ? "" : "，共 \(rows) 行")
    case .cells:
      let change = [before, afterChinese].map { $0.isEmpty ? "空" : "“\($0)”" }.joined(separator: "→")
      text = "\(name)：\(words)，共 \(rows) 行，\(first)：\(change)"
    case .warning:
      text = "\(name)：\(words)，共 \(rows) 行，\(first)：“\(before)”" + (after.isEmpty ? "" : "与“\(after)”")
    }
    return remark.chinese.isEmpty ? text : "\(text)；\(remark.chinese)"
  }

  /// The new value of a cell, in the words of a Chinese file.
  private var afterChinese: String {
    switch kind {
    case .mark: after == "yes" ? "是" : "否"
    case .word: Automation(rawValue: after)?.chinese ?? after
    default: after
    }
  }

  private var rowPlace: (english: String, chinese: String) {
    RegisterPlace(file: place.file, sheet: place.sheet, row: place.row).inside
  }
}

/// The rules that were applied to one sheet.
struct RegisterRules {
  private struct Key: Hashable {
    var kind: RegisterRule.Kind
    var column: Int
  }
  private var applied: [Key: RegisterRule] = [:]

  /// Counts an application of a rule to `rows` rows; the first one is the example.
  mutating func add(
    _ rule: @autoclosure () -> RegisterRule, _ kind: RegisterRule.Kind, column: Int = 0, rows: Int = 1
  ) {
    let key = Key(kind: kind, column: column)
    if applied[key] != nil {
      applied[key]?.rows += rows
    } else {
      var first = rule()
      first.rows = rows
      applied[key] = first
    }
  }

  /// Counts an application of a rule; the first one is the example.
  mutating func add(_ rule: RegisterRule) {
    add(rule, rule.kind, column: rule.place.column?.number ?? 0, rows: rule.rows)
  }

  /// All rules in the order of the kinds and columns; those about a whole column concern `rows` rows of equipment.
  func list(rows: Int) -> [RegisterRule] {
    applied.sorted { ($0.key.kind.rawValue, $0.key.column) < ($1.key.kind.rawValue, $1.key.column) }.map {
      var rule = $0.value
      if rule.kind.subject == .column { rule.rows = rows }
      return rule
    }
  }
}
