import Foundation
import Ledgers
import Register
import TestSupport
import Testing

@Suite("A file is what its content is, or says what it is instead")
struct RecognitionTests {
  static let saved = (
    "; open it in Excel or WPS and save it as 'Excel Workbook (.xlsx)'",
    "；请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”"
  )

  @Test(
    "Other documents are called by their names",
    arguments: [
      ("binary.xlsb", "a binary workbook (.xlsb)", "二进制工作簿（.xlsb）"),
      ("gnumeric.ods", "an OpenDocument file (.ods)", " OpenDocument 文件（.ods）"),
    ])
  func savedAgain(_ name: String, _ english: String, _ chinese: String) {
    #expect(
      Sample.problem { _ = try Sample.fixture(name) } == [
        "\(name): this is \(english)\(Self.saved.0)", "\(name)：这是\(chinese)\(Self.saved.1)",
      ])
  }

  @Test("Word documents and other archives name what to do") func otherArchives() {
    #expect(
      Sample.problem { _ = try Sample.fixture("word.docx") } == [
        "word.docx: this is a Word document (.docx); copy its table to a workbook and save it as .xlsx",
        "word.docx：这是 Word 文档（.docx）；请将其中的表格复制到工作簿，另存为 .xlsx",
      ])
    #expect(
      Sample.problem { _ = try Sample.fixture("other.zip") } == [
        "other.zip: this is an archive (zip), not a workbook; unpack it and name the files in it",
        "other.zip：这是压缩包（zip），不是工作簿；请解压后指定其中的文件",
      ])
  }

  @Test(
    "Web pages and XML named .xls",
    arguments: [
      ("<html><table><tr><td>1</td></tr></table></html>", "a web page (HTML), whatever its name ends with"),
      ("\n <TABLE><tr>", "a web page (HTML), whatever its name ends with"),
      ("<?xml version=\"1.0\"?><html><body>", "a web page (HTML), whatever its name ends with"),
      (
        "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>"
          + "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "an 'XML Spreadsheet 2003'"
      ),
      ("<?xml version=\"1.0\"?><ledger/>", "an XML document"),
      ("MIME-Version: 1.0\r\n", "a web archive (MHTML)"),
    ])
  func markup(_ text: String, _ english: String) {
    #expect(
      Sample.problem { _ = try LedgerFile.open(bytes: Array(text.utf8), name: "a.xls") }.first
        == "a.xls: this is \(english)\(Self.saved.0)")
  }

  @Test(
    "Documents without cells",
    arguments: [
      (Array("%PDF-1.7".utf8), "a PDF"), ([0x89, 0x50, 0x4E, 0x47, 0x0D], "a picture"),
      ([0xFF, 0xD8, 0xFF, 0xE0], "a picture"), (Array("Rar!".utf8), "an archive (RAR)"),
    ] as [([UInt8], String)])
  func documents(_ bytes: [UInt8], _ english: String) {
    #expect(
      Sample.problem { _ = try LedgerFile.open(bytes: bytes, name: "a.xls") }.first
        == "a.xls: this is \(english), not a ledger; ask its sender for the workbook itself (.xlsx)")
  }

  @Test("Text named as a workbook is refused, a workbook under any name is read") func names() throws {
    #expect(
      Sample.problem { _ = try LedgerFile.open(bytes: Array("a\tb\n1\t2\n".utf8), name: "a.XLS") } == [
        "a.XLS: this is text, not a workbook; rename it to end with .csv, or save it as 'Excel Workbook (.xlsx)'",
        "a.XLS：这是文本文件，不是工作簿；请将扩展名改为 .csv，或另存为“Excel 工作簿（.xlsx）”",
      ])
    for name in ["a", "a.csv", "a.xls", "folder.xls/a"] {
      let workbook = try LedgerFile.open(bytes: Sample.bytes("openpyxl.xlsx"), name: name)
      #expect(workbook.format == .xlsx)
      let binary = try LedgerFile.open(bytes: Sample.bytes("xlwt.xls"), name: name)
      #expect(binary.format == .xls)
    }
    #expect(try LedgerFile.open(bytes: Array("a,b\n".utf8), name: "folder.xls/a").format == .text)
  }

  @Test("Empty, missing and cut files, and folders") func incomplete() throws {
    let folder = try TemporaryDirectory()
    #expect(
      Sample.problem { _ = try LedgerFile.open(bytes: [UInt8](), name: "a.xlsx") } == [
        "a.xlsx: the file is empty; ask its sender for it again", "a.xlsx：文件为空；请向报送单位重新索取",
      ])
    for path in [folder.file("none.xlsx"), folder.path] {
      #expect(
        Sample.problem { _ = try LedgerFile.open(path: path, name: "a.xlsx") }.first
          == "a.xlsx: the file cannot be read; check that it exists and that you may read it")
    }
    let bytes = try Sample.bytes("openpyxl.xlsx")
    #expect(
      Sample.problem { _ = try LedgerFile.open(bytes: bytes.dropLast(100), name: "a.xlsx") } == [
        "a.xlsx: the workbook is damaged or incomplete; copy it again, or open it in Excel or WPS and save it",
        "a.xlsx：工作簿已损坏或不完整；请重新复制该文件，或用 Excel 或 WPS 打开后另存",
      ])
  }

  @Test("Pipes and devices are refused without waiting for them") func pipes() throws {
    let folder = try TemporaryDirectory()
    let pipe = folder.file("pipe.csv")
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [pipe, "/dev/zero"] {
      #expect(
        Sample.problem { _ = try LedgerFile.open(path: path, name: "a.csv") } == [
          "a.csv: this is a pipe or a device, not a file; save its content to a file and name that one",
          "a.csv：这是管道或设备，不是文件；请将其内容保存为文件后再指定",
        ])
    }
  }

  @Test("A web page is not said to have another ending than its own") func page() {
    let page = Array("<html><table><tr><td>1</td></tr></table></html>".utf8)
    for name in ["a.html", "folder/b.HTM"] {
      #expect(
        Sample.problem { _ = try LedgerFile.open(bytes: page, name: name) } == [
          "\(name): this is a web page (HTML)\(Self.saved.0)", "\(name)：这是网页（HTML）文件\(Self.saved.1)",
        ])
    }
    #expect(
      Sample.problem { _ = try LedgerFile.open(bytes: page, name: "a.xls") }.last
        == "a.xls：这是网页（HTML）文件，并非其扩展名所示的格式\(Self.saved.1)")
  }

  @Test("An archive that unpacks to far more than it has is refused while it is unpacked") func bomb() throws
  {
    let ledger = try Sample.fixture("bomb.xlsx")
    for usesExpat in [false, true] {
      #expect(
        Sample.problem { _ = try Sample.rows(ledger, usesExpat: usesExpat) } == [
          "bomb.xlsx: the workbook unpacks to far more than a ledger has; "
            + "copy the ledger's cells to a new workbook and save it",
          "bomb.xlsx：工作簿解压后的大小远超正常台账；请将台账内容复制到新工作簿后保存",
        ])
    }
  }
}
