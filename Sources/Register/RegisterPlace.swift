/// A place in a register file, as a problem or a rule names it.
public struct RegisterPlace: Sendable {
  /// The file's name as the user gave it.
  public var file: String
  /// The sheet of a workbook; empty for a text file.
  public var sheet: String
  /// The line or the sheet's row, from 1; nil when the file or the column as a whole is meant.
  public var row: Int?
  /// The column as the user finds it: number from 1, and heading as the file spells it (empty when none).
  public var column: (number: Int, heading: String)?

  /// A place in `file`.
  public init(
    file: String, sheet: String = "", row: Int? = nil, column: (number: Int, heading: String)? = nil
  ) {
    self.file = file
    self.sheet = sheet
    self.row = row
    self.column = column
  }

  /// A column as spreadsheets call it: 1 is `A`, 28 is `AB`.
  public static func letters(_ column: Int) -> String {
    var letters = ""
    var left = column
    while left > 0 {
      let (rest, letter) = (left - 1).quotientAndRemainder(dividingBy: 26)
      letters = String(UnicodeScalar(UInt8(0x41 + letter))) + letters
      left = rest
    }
    return letters
  }

  /// `equipment.csv:12:automation (column 7)` or `ledger.xlsx:Sheet1:G12 (automation)`.
  public var english: String {
    guard sheet.isEmpty else {
      var place = "\(file):\(sheet)"
      if row != nil || column != nil { place += ":\(inside.english)" }
      if let column, !column.heading.isEmpty { place += " (\(column.heading))" }
      return place
    }
    var place = file
    if let row { place += ":\(row)" }
    if let column {
      place +=
        column.heading.isEmpty ? ":column \(column.number)" : ":\(column.heading) (column \(column.number))"
    }
    return place
  }

  /// `equipment.csv 第 12 行“自动化程度”（第 7 列）` or `ledger.xlsx 工作表“台账”G12“自动化程度”`.
  public var chinese: String {
    guard sheet.isEmpty else {
      var place = "\(file) 工作表“\(sheet)”"
      if row != nil || column != nil { place += inside.chinese }
      if let column, !column.heading.isEmpty { place += "“\(column.heading)”" }
      return place
    }
    var place = file
    if let row { place += " 第 \(row) 行" }
    if let column {
      place +=
        column.heading.isEmpty ? "第 \(column.number) 列" : "“\(column.heading)”（第 \(column.number) 列）"
    }
    return place
  }

  /// The place within its file and sheet: `line 12`, or in a workbook `G12`, `row 12` or `column G`.
  var inside: (english: String, chinese: String) {
    guard !sheet.isEmpty else {
      if let row { return ("line \(row)", "第 \(row) 行") }
      return ("column \(column?.number ?? 0)", "第 \(column?.number ?? 0) 列")
    }
    guard let column else { return ("row \(row ?? 0)", "第 \(row ?? 0) 行") }
    let letters = Self.letters(column.number)
    guard let row else { return ("column \(letters)", "\(letters) 列") }
    return ("\(letters)\(row)", "\(letters)\(row)")
  }

  /// The column of the place: its heading and where it is.
  var columnName: (english: String, chinese: String) {
    let number = column?.number ?? 0
    let heading = column?.heading ?? ""
    let (english, chinese) =
      sheet.isEmpty
      ? ("column \(number)", "第 \(number) 列")
      : ("column \(Self.letters(number))", "\(Self.letters(number)) 列")
    if heading.isEmpty { return (english, chinese) }
    return ("\(heading) (\(english))", "“\(heading)”（\(chinese)）")
  }
}
