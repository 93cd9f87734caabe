import Register

/// The format of a ledger, as its content shows.
public enum LedgerFormat: String, Sendable {
  /// A workbook of Excel 2007 and later, WPS, LibreOffice and others (ECMA-376).
  case xlsx
  /// A workbook of Excel 5 to 2003.
  case xls
  /// Cells in lines of text.
  case text
}

/// Recognises the format of a file by its content. Names decide nothing, except that text in a file named as a workbook
/// is refused.
enum FormatRecognition {
  private static let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  private static let emptyZip: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
  private static let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0]

  /// The number of bytes from the beginning that ``format(_:file:)`` needs.
  static let needed = 4096

  /// The format of a file that begins with `head`.
  ///
  /// - Throws: a problem for an empty file and for content that is none of the formats.
  static func format(_ head: some Collection<UInt8>, file: String) throws(RegisterProblem) -> LedgerFormat {
    if head.isEmpty { throw LedgerProblem.empty(file) }
    if head.starts(with: zip) || head.starts(with: emptyZip) { return .xlsx }
    if head.starts(with: compound) { return .xls }
    // Workbooks of Excel 2 to 5 without a container begin with the record BOF.
    if let second = head.dropFirst().first, head.first == 0x09, [0x00, 0x02, 0x04, 0x08].contains(second),
      head.dropFirst(2).starts(with: [0x04, 0x00]) || head.dropFirst(2).starts(with: [0x06, 0x00])
        || head.dropFirst(2).starts(with: [0x08, 0x00])
    {
      throw LedgerProblem.otherFormat(file, "a workbook of a very old Excel", "早期版本 Excel 的工作簿")
    }
    try refuseMarkup(head, file)
    try refuseDocuments(head, file)
    return .text
  }

  /// Refuses text in a file whose name says that it is a workbook.
  static func checkName(ofText file: String) throws(RegisterProblem) {
    guard let ending = ending(file), ["xls", "xlsx", "xlsm", "et"].contains(ending) else { return }
    throw LedgerProblem.problem(
      file,
      "this is text, not a workbook; rename it to end with .csv, or save it as 'Excel Workbook (.xlsx)'",
      "这是文本文件，不是工作簿；请将扩展名改为 .csv，或另存为“Excel 工作簿（.xlsx）”")
  }

  /// The ending of a file's name in small letters, without the point; nil if it has none.
  static func ending(_ file: String) -> String? {
    guard let name = file.split(separator: "/").last, let point = name.lastIndex(of: ".") else { return nil }
    return name[name.index(after: point)...].lowercased()
  }

  private static func refuseMarkup(_ head: some Collection<UInt8>, _ file: String) throws(RegisterProblem) {
    // Pages in UTF-16 have zeros between the letters.
    let plain = head.prefix(needed).filter { $0 != 0 && $0 < 0x80 }
    let text = String(decoding: plain, as: UTF8.self).lowercased()
    let start = text.drop { $0.isWhitespace }
    if start.hasPrefix("<?xml") || start.hasPrefix("<workbook") {
      if text.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        throw LedgerProblem.otherFormat(file, "an 'XML Spreadsheet 2003'", "“XML 电子表格 2003”文件")
      }
      guard text.contains("<html") else {
        throw LedgerProblem.otherFormat(file, "an XML document", " XML 文档")
      }
    }
    let isPage =
      ["<!doctype html", "<html", "<table", "<head", "<meta", "<style", "<body", "<div"].contains {
        start.hasPrefix($0)
      } || (start.hasPrefix("<") && (text.contains("<html") || text.contains("<table")))
    if isPage {
      let isNamed = ["html", "htm"].contains(ending(file) ?? "")
      throw LedgerProblem.otherFormat(
        file, isNamed ? "a web page (HTML)" : "a web page (HTML), whatever its name ends with",
        isNamed ? "网页（HTML）文件" : "网页（HTML）文件，并非其扩展名所示的格式")
    }
    if start.hasPrefix("mime-version:") {
      throw LedgerProblem.otherFormat(file, "a web archive (MHTML)", "网页存档（MHTML）文件")
    }
  }

  private static func refuseDocuments(_ head: some Collection<UInt8>, _ file: String) throws(RegisterProblem)
  {
    let kinds: [([UInt8], String, String)] = [
      (Array("%PDF".utf8), "a PDF", " PDF 文件"),
      (Array("{\\rtf".utf8), "a text document (RTF)", " RTF 文档"),
      ([0x89, 0x50, 0x4E, 0x47], "a picture", "图片"), ([0xFF, 0xD8, 0xFF], "a picture", "图片"),
      (Array("Rar!".utf8), "an archive (RAR)", " RAR 压缩包"),
      ([0x37, 0x7A, 0xBC, 0xAF], "an archive (7z)", " 7z 压缩包"),
      ([0x1F, 0x8B], "an archive (gzip)", " gzip 压缩包"),
    ]
    for (mark, english, chinese) in kinds where head.starts(with: mark) {
      throw LedgerProblem.problem(
        file, "this is \(english), not a ledger; ask its sender for the workbook itself (.xlsx)",
        "这是\(chinese)，不是台账；请向报送单位索取电子表格（.xlsx）")
    }
  }
}
