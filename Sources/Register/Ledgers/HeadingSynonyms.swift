import Telemetry

/// The columns of a table of synonyms.
enum SynonymColumn: String, RegisterColumn {
  case column
  case synonym
  case noteEnglish = "note_en"
  case noteChinese = "note_zh"

  var chinese: String {
    switch self {
    case .column: "列"
    case .synonym: "同义表头"
    case .noteEnglish: "英文说明"
    case .noteChinese: "说明"
    }
  }

  var isRequired: Bool { self == .column || self == .synonym }
}

/// Headings of ledgers that are read as columns of the register, and headings that are none of its attributes.
public struct HeadingSynonyms: Sendable {
  /// What a heading stands for.
  enum Meaning: Sendable {
    case column(EquipmentColumn, english: String, chinese: String)
    /// No attribute of the register.
    case notAttribute(english: String, chinese: String)
  }
  /// By heading in its plain form.
  private(set) var meanings: [String: Meaning] = [:]

  /// No synonyms.
  public init() {}

  /// The table of `Config/register/synonyms.csv`.
  public static let shipped: HeadingSynonyms = {
    var shipped = HeadingSynonyms()
    // A test reads the table and holds it against the file.
    try? shipped.add(RegisterFile(name: "synonyms.csv", bytes: Array(shippedTable.utf8)))
    return shipped
  }()

  /// Adds a table of synonyms: columns `column` and `synonym`, and a note in two languages that the preview of an import
  /// repeats. The column `-` marks headings that are no attribute. The table replaces earlier meanings of its synonyms.
  ///
  /// - Throws: everything that is wrong with the file, for instance a synonym of two columns.
  public mutating func add(_ file: RegisterFile) throws(RegisterProblems) {
    var table = RegisterTable<SynonymColumn>(file)
    var problems = table.problems
    let isReadable = table.isReadable
    var added: [String: (column: String, line: Int, meaning: Meaning)] = [:]
    while var reader = table.nextRow(isFull: problems.isFull) {
      if isReadable { Self.read(&reader, &added) }
      reader.report(to: &problems)
    }
    guard problems.isEmpty else { throw problems }
    for (heading, entry) in added { meanings[heading] = entry.meaning }
  }

  private static func read(
    _ reader: inout RowReader<SynonymColumn>,
    _ added: inout [String: (column: String, line: Int, meaning: Meaning)]
  ) {
    let (name, synonym) = (reader.text(.column), reader.text(.synonym))
    let notes = (reader.text(.noteEnglish), reader.text(.noteChinese))
    for (column, text) in [(SynonymColumn.column, name), (.synonym, synonym)] where text.isEmpty {
      reader.refuse(column, .missingValue, "a value is required", "必须填写")
      return
    }
    let names = EquipmentColumn.allCases.map(\.rawValue)
    let column = EquipmentColumn.allCases.first { $0.rawValue == name || $0.chinese == name }
    guard column != nil || name == "-" else {
      reader.refuse(
        .column, .word,
        "'\(RowReader<SynonymColumn>.shown(name))' is no column of equipment files, and not '-'"
          + Suggestion.phrase(for: name, among: names),
        "“\(RowReader<SynonymColumn>.shown(name))”不是设备台账的列名，也不是“-”")
      return
    }
    let plain = HeadingText.plain(synonym)
    if let known = EquipmentColumn.allCases.first(where: { HeadingText.isName(plain, of: $0) }),
      known != column
    {
      reader.refuse(
        .synonym, .duplicate, "'\(synonym)' is the heading of the column \(known.rawValue)",
        "“\(synonym)”是“\(known.chinese)”列的表头")
      return
    }
    if let first = added[plain], first.column != name {
      reader.refuse(
        .synonym, .duplicate, "'\(synonym)' is already a synonym of \(first.column) on line \(first.line)",
        "“\(synonym)”已在第 \(first.line) 行作为“\(first.column)”的同义表头")
      return
    }
    let meaning =
      column.map { Meaning.column($0, english: notes.0, chinese: notes.1) }
      ?? .notAttribute(english: notes.0, chinese: notes.1)
    added[plain] = (name, reader.line, meaning)
  }
}

/// Headings in the form in which they are compared.
enum HeadingText {
  /// Without stars, white space at the ends, line ends and invisible characters; full-width characters folded; in small
  /// letters, with underscores for spaces and hyphens. Chinese headings are written without spaces.
  static func plain(_ heading: String) -> String {
    let folded = CellText(heading, .folded).text
    var text = folded[...]
    let isStar = { (character: Character) in "*★☆※".contains(character) || character.isWhitespace }
    while let first = text.first, isStar(first) { text.removeFirst() }
    while let last = text.last, isStar(last) { text.removeLast() }
    let isChinese = !text.utf8.allSatisfy { $0 < 0x80 }
    var plain = ""
    for character in text.lowercased() {
      if character.isWhitespace {
        if !isChinese, !character.isNewline || plain.last != "_" { plain.append("_") }
      } else {
        plain.append(character == "-" ? "_" : character)
      }
    }
    return plain
  }

  /// Whether a plain heading is a column's English or Chinese name.
  static func isName(_ plain: String, of column: some RegisterColumn) -> Bool {
    plain == column.rawValue || plain == column.chinese
  }

  /// A heading without the words in brackets at its end or its front, and those words; nil if it has none. A slash or
  /// colon before the last word counts as brackets, as in `标准节拍/秒`.
  static func parted(_ plain: String) -> (base: String, words: [String])? {
    let pairs: [(Character, Character)] = [("(", ")"), ("[", "]"), ("【", "】"), ("〔", "〕")]
    for (open, close) in pairs {
      if plain.last == close, let start = plain.firstIndex(of: open), start > plain.startIndex {
        return (String(plain[..<start]), words(plain[plain.index(after: start)...].dropLast()))
      }
      if plain.first == open, let end = plain.firstIndex(of: close), plain.index(after: end) < plain.endIndex
      {
        return (
          String(plain[plain.index(after: end)...]), words(plain[plain.index(after: plain.startIndex)..<end])
        )
      }
    }
    for mark in ["/", ":"] as [Character] {
      guard let start = plain.lastIndex(of: mark), start > plain.startIndex else { continue }
      let word = String(plain[plain.index(after: start)...])
      if HeadingUnit(word) != nil { return (String(plain[..<start]), [word]) }
    }
    return nil
  }

  private static func words(_ text: Substring) -> [String] {
    // Units have slashes of their own only where they are no unit of a column.
    if isHint(String(text)) { return [] }
    return text.split(whereSeparator: { ",，、/;；|_".contains($0) }).map(String.init)
  }

  /// Whether words in brackets explain how to fill in a column and say nothing else.
  static func isHint(_ word: String) -> Bool {
    let known = [
      "必填", "必填项", "选填", "可选", "可不填", "required", "optional", "是", "否", "yes", "no", "y", "n", "√", "×",
      "年", "月", "日", "年月日", "年.月.日", "yyyy", "mm", "dd", "日期", "台", "单选", "下拉选择", "文本", "格式",
    ]
    return known.contains(word) || Automation(word: word) != nil
      || ["如", "例", "格式", "e.g", "单位:"].contains { word.hasPrefix($0) && HeadingUnit(word) == nil }
  }
}
