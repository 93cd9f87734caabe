import Foundation
import TestSupport
import Testing

@Suite("Ledgers that are made to take memory do not take it") struct LedgerMemoryTests {
  /// Writes a workbook with one cell in the last column of each row and checks it; prints the peak memory in MiB.
  private static let script = """
    import resource, subprocess, sys, zipfile
    program, path, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = "".join('<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (r, r) for r in range(2, rows + 2))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r0" Type="%s/worksheet" Target="worksheets/sheet1.xml"/></Relationships>' % office)
        book.writestr("xl/workbook.xml",
            '<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="S" sheetId="1" r:id="r0"/></sheets></workbook>'
            % (main, office))
        book.writestr("xl/worksheets/sheet1.xml",
            '<worksheet xmlns="%s"><sheetData><!-- read by expat -->'
            '<row r="1"><c r="A1" t="str"><v>equipment_id</v></c><c r="B1" t="str"><v>factory_id</v></c></row>'
            '%s</sheetData></worksheet>' % (main, cells))
    done = subprocess.run([program, "register", "validate", path], capture_output=True, timeout=120)
    print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
    """

  @Test("1,500 rows with a cell in the last column take less than 200 MiB") func wideRows() throws {
    let folder = try TemporaryDirectory()
    let result = try run(
      "/usr/bin/python3", ["-c", Self.script, Installation.executable, folder.file("wide.xlsx"), "1500"],
      environment: ["LANG": "en_US.UTF-8"])
    let numbers = result.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    #expect(numbers.first == 1, "\(result.output)\(result.errors)")
    #expect((numbers.last ?? .max) < 200, "\(result.output)")
  }
}
