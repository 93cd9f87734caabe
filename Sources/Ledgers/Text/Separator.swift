import Register

/// The character between the cells of a text table.
public enum Separator: String, CaseIterable, Sendable {
  case comma, semicolon, tab

  /// The character.
  public var byte: UInt8 {
    switch self {
    case .comma: UInt8(ascii: ",")
    case .semicolon: UInt8(ascii: ";")
    case .tab: 0x09
    }
  }

  /// Its name in Chinese.
  public var chinese: String {
    switch self {
    case .comma: "逗号"
    case .semicolon: "分号"
    case .tab: "制表符"
    }
  }
}

/// How the separator of a text table became known.
public enum SeparatorSource: String, Sendable {
  /// The user named it.
  case named
  /// The first line is `sep=` and the separator.
  case line
  /// The first rows have equally many cells with this separator only.
  case rows
  /// No row has a separator: the table has one column.
  case oneColumn
}

/// Finds the separator of a text table.
struct SeparatorRecognition {
  let separator: Separator
  let source: SeparatorSource
  /// The first line of the table: the one after a line `sep=`.
  let firstLine: Int

  /// The region of titles and headings, in rows and in bytes.
  private static let (rows, region) = (20, 1 << 16)

  /// The separator of a text.
  ///
  /// - Parameter named: the separator that the user names; nil to find it.
  /// - Throws: a problem if two separators are about equally plausible, or if the cells are separated otherwise.
  init(_ text: [UInt8], file: String, named: Separator?) throws(RegisterProblem) {
    let line = Self.line(text)
    firstLine = line == nil ? 1 : 2
    if let named {
      (separator, source) = (named, .named)
      return
    }
    if let line {
      guard let found = Separator.allCases.first(where: { [$0.byte] == line }) else {
        throw LedgerProblem.problem(
          file,
          "line 1 names a separator that is none of comma, semicolon and tab; save the file as 'CSV UTF-8'",
          "第 1 行指明的分隔符不是逗号、分号或制表符；请将文件另存为“CSV UTF-8”")
      }
      (separator, source) = (found, .line)
      return
    }
    let heading = Array(text.prefix(Self.region))
    let scores = Separator.allCases.map { ($0, Self.score($0, heading)) }.sorted { $0.1 > $1.1 }
    if scores[0].1 == 0 {
      try Self.refuseWideSeparators(heading, file)
      (separator, source) = (.comma, .oneColumn)
      return
    }
    guard scores[0].1 >= 2 * scores[1].1 else {
      let (first, second) = (scores[0].0, scores[1].0)
      throw LedgerProblem.problem(
        file,
        "the cells may be separated by \(first.rawValue) or by \(second.rawValue); "
          + "name one with --separator \(first.rawValue) or --separator \(second.rawValue)",
        "无法判断单元格以\(first.chinese)还是\(second.chinese)分隔；"
          + "请用 --separator \(first.rawValue) 或 --separator \(second.rawValue) 指明"
      ).forSender(
        "the cells may be separated by \(first.rawValue) or by \(second.rawValue); save the file as an .xlsx workbook",
        "无法判断单元格以\(first.chinese)还是\(second.chinese)分隔；请将文件另存为 .xlsx 工作簿")
    }
    (separator, source) = (scores[0].0, .rows)
  }

  /// What stands after `sep=` in the first line, with or without quotes; nil if it is another line.
  private static func line(_ text: [UInt8]) -> [UInt8]? {
    let line = text.prefix(8).prefix { $0 != 0x0A && $0 != 0x0D }.filter { $0 != UInt8(ascii: "\"") }
    guard line.count == 5, String(decoding: line.prefix(4), as: UTF8.self).lowercased() == "sep=" else {
      return nil
    }
    return Array(line.suffix(1))
  }

  /// Number of cells in the first rows of the most usual width; rows of one cell do not count.
  private static func score(_ separator: Separator, _ heading: [UInt8]) -> Int {
    var parser = CSVParser(heading, separator: separator.byte)
    var rowsOfWidth: [Int: Int] = [:]
    var count = 0
    while count < rows, let (record, _) = parser.next() {
      count += 1
      if record.cells.count > 1 { rowsOfWidth[record.cells.count, default: 0] += 1 }
    }
    return rowsOfWidth.map { $0.key * $0.value }.max() ?? 0
  }

  private static func refuseWideSeparators(_ heading: [UInt8], _ file: String) throws(RegisterProblem) {
    var parser = CSVParser(heading)
    for _ in 0..<rows {
      guard let cell = parser.next()?.record.cells.first else { return }
      for (wide, name, chinese) in [("，", "wide commas", "全角逗号"), ("；", "wide semicolons", "全角分号")]
      where cell.count(where: { String($0) == wide }) > 1 {
        throw LedgerProblem.problem(
          file, "the cells are separated by \(name); save the file as CSV separated by commas",
          "单元格以\(chinese)分隔；请另存为以英文逗号分隔的 CSV 文件")
      }
    }
  }
}
