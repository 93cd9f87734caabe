import Register

/// A workbook in an archive (ECMA-376): an `.xlsx` or `.xlsm` file.
final class WorkbookFile {
  struct Sheet {
    let name: String
    let isHidden: Bool
    /// The path of the sheet's document in the archive.
    let part: String
  }

  private let archive: ZipArchive
  /// Sheets with cells, in their order; sheets that are charts only are left out.
  let sheets: [Sheet]
  private let is1904: Bool
  private let styles: Styles
  private let stringsPart: String?
  private var texts: SharedTexts?
  private var merges: [Int: SheetMerges] = [:]

  var file: String { archive.file }

  /// The workbook in an archive.
  ///
  /// - Throws: a problem for an archive that is another document or none, and for a damaged workbook.
  init(_ archive: ZipArchive) throws(RegisterProblem) {
    self.archive = archive
    let package = try Relationships(of: "", in: archive)
    let part = package.path(ofKind: "officeDocument") ?? "xl/workbook.xml"
    try Self.refuseOthers(archive, part)
    let workbook = try WorkbookPart(part, of: archive)
    let parts = try Relationships(of: part, in: archive)
    sheets = workbook.sheets.compactMap { sheet in
      guard let (kind, path) = parts.targets[sheet.relationship], kind == "worksheet" else { return nil }
      return Sheet(name: sheet.name, isHidden: sheet.isHidden, part: path)
    }
    is1904 = workbook.is1904
    styles = try Styles(parts.path(ofKind: "styles"), of: archive)
    stringsPart = parts.path(ofKind: "sharedStrings")
    guard !sheets.isEmpty else {
      throw LedgerProblem.problem(
        archive.file, "the workbook has no sheet with cells; open it in Excel or WPS and save it",
        "工作簿中没有含单元格的工作表；请用 Excel 或 WPS 打开后另存")
    }
  }

  func rows(of position: Int, usesExpat: Bool) throws(RegisterProblem) -> WorkbookRows {
    // The search for merged cells runs while the texts are read.
    let found = merges[position] ?? SheetMerges(sheets[position].part, of: archive)
    merges[position] = found
    let texts: SharedTexts
    if let known = self.texts {
      texts = known
    } else {
      texts = try SharedStrings(stringsPart, of: archive).texts
    }
    self.texts = texts
    let sheet = sheets[position]
    let builder = RowBuilder(
      file: file, sheet: sheet.name, is1904: is1904, styles: styles, texts: texts)
    let source: any RowSource =
      if let large = archive.fileOfLarge(sheet.part) {
        try RowsAhead(sheet.part, of: large, builder: builder, usesExpat: usesExpat)
      } else {
        try SheetReader(sheet.part, of: archive, builder: builder, usesExpat: usesExpat)
      }
    return WorkbookRows(source, of: archive, sheet: sheet.name, merges: found)
  }

  /// Refuses archives that are something else, by their parts.
  private static func refuseOthers(_ archive: ZipArchive, _ part: String) throws(RegisterProblem) {
    let file = archive.file
    if part.hasSuffix(".bin") || (archive.has("xl/workbook.bin") && !archive.has(part)) {
      throw LedgerProblem.otherFormat(file, "a binary workbook (.xlsb)", "二进制工作簿（.xlsb）")
    }
    if archive.has("content.xml"), archive.has("META-INF/manifest.xml") {
      throw LedgerProblem.otherFormat(file, "an OpenDocument file (.ods)", " OpenDocument 文件（.ods）")
    }
    if archive.has("word/document.xml") {
      throw LedgerProblem.problem(
        file, "this is a Word document (.docx); copy its table to a workbook and save it as .xlsx",
        "这是 Word 文档（.docx）；请将其中的表格复制到工作簿，另存为 .xlsx")
    }
    if archive.has("ppt/presentation.xml") {
      throw LedgerProblem.problem(
        file, "this is a presentation (.pptx); copy its table to a workbook and save it as .xlsx",
        "这是演示文稿（.pptx）；请将其中的表格复制到工作簿，另存为 .xlsx")
    }
    if archive.hasEntry(withSuffix: ".iwa") {
      throw LedgerProblem.problem(
        file, "this is an Apple Numbers file; export it as Excel (.xlsx)",
        "这是苹果 Numbers 文件；请导出为 Excel（.xlsx）格式")
    }
    guard archive.has(part) else {
      throw LedgerProblem.problem(
        file, "this is an archive (zip), not a workbook; unpack it and name the files in it",
        "这是压缩包（zip），不是工作簿；请解压后指定其中的文件")
    }
  }
}
