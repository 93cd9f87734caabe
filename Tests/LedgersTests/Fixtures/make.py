"""Makes the workbooks of this folder by programs other than Millwright. They are checked in; to make them again:

    python3 -m venv /tmp/hands
    /tmp/hands/bin/pip install openpyxl==3.1.5 xlwt==1.3.0 XlsxWriter==3.3.1 msoffcrypto-tool==6.1.0
    apt-get install --no-install-recommends gnumeric
    /tmp/hands/bin/python make.py
"""

import datetime
import io
import subprocess
import zipfile
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import xlsxwriter
import xlwt

HERE = Path(__file__).parent
DAY = datetime.date(2024, 3, 5)
MOMENT = datetime.datetime(2024, 3, 5, 13, 30)
CHINESE_DAY = 'yyyy"年"m"月"d"日"'


def by_openpyxl() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "台账"
    sheet["A1"] = "设备台账"
    sheet.merge_cells("A1:F1")
    for column, heading in enumerate(["设备编号*", "名称", "投用日期", "资产净值（万元）", "是否联网", "备注"], 1):
        sheet.cell(3, column, heading)
    for row in [
        ["E001", "数控车床", DAY, 45.3, True, "无"],
        ["E002", "加工中心 & <铣>", MOMENT, 0.1 + 0.2, False, "#N/A"],
        ["E003", None, 45356, 123456789012345678, "√", 1e21],
    ]:
        sheet.append(row)
    sheet["C4"].number_format = CHINESE_DAY
    sheet["C6"].number_format = "[$-804]yyyy/m/d;@"
    sheet["F5"].data_type = "e"
    sheet.cell(8, 1, "一车间")
    sheet.merge_cells("A8:A10")
    sheet.cell(9, 2, "钻床")
    sheet.row_dimensions[9].hidden = True
    sheet.cell(11, 5, 0.5).number_format = "h:mm"
    sheet.cell(11, 6, " 两端有空格 ")
    hidden = book.create_sheet("选项")
    hidden["A1"] = "自动"
    hidden.sheet_state = "hidden"
    book.create_sheet("空表")
    book.save(HERE / "openpyxl.xlsx")

    streamed = openpyxl.Workbook(write_only=True)
    sheet = streamed.create_sheet("Sheet & 1")
    sheet.append(["equipment_id", "name"])
    sheet.append(["E1", "lathe <big>\nsecond line"])
    sheet.append([None, None, "third"])
    streamed.save(HERE / "openpyxl-streamed.xlsx")

    formulas = openpyxl.Workbook()
    formulas.active.append(["数量", "合计"])
    formulas.active.append([2, "=SUM(A2:A2)"])
    formulas.save(HERE / "openpyxl-formula.xlsx")

    several = openpyxl.Workbook()
    several.active.title = "一月"
    several.active["A1"] = "E1"
    several.create_sheet("二月")["A1"] = "E2"
    several.save(HERE / "openpyxl-several.xlsx")


def by_xlsxwriter() -> None:
    book = xlsxwriter.Workbook(HERE / "xlsxwriter.xlsx", {"date_1904": True})
    sheet = book.add_worksheet("1904")
    bold = book.add_format({"bold": True})
    day = book.add_format({"num_format": CHINESE_DAY})
    sheet.write_rich_string("A1", "数控", bold, "车", "床")
    sheet.write_datetime("B1", MOMENT, day)
    sheet.write_formula("C1", "=1+1", None, 2)
    sheet.write_formula("D1", '="a"&"b"', None, "ab")
    sheet.write_formula("E1", "=1/0", None, "#DIV/0!")
    sheet.write_formula("F1", "=TRUE", None, True)
    sheet.write_string("A2", "a\rb_x0041_c")
    sheet.write_number("B2", 0, day)
    sheet.write_blank("C2", None, day)
    sheet.write_number("D2", -1.5e-7)
    sheet.write_string("XFD2", "last column")
    sheet.write_string("A1048576", "last row")
    book.close()


def by_xlwt() -> None:
    book = xlwt.Workbook(encoding="utf-8")

    def style(code: str) -> xlwt.XFStyle:
        made = xlwt.XFStyle()
        made.num_format_str = code
        return made

    sheet = book.add_sheet("台账")
    sheet.write_merge(0, 0, 0, 5, "设备台账")
    for column, heading in enumerate(["设备编号", "名称", "投用日期", "资产净值", "是否联网", "备注"]):
        sheet.write(1, column, heading)
    for column, value in enumerate(["E001", "数控车床", 45356, 12.5, True]):
        sheet.write(2, column, value, *([style(CHINESE_DAY)] if column == 2 else []))
    sheet.write(2, 5, xlwt.Formula("1/0"))
    for column, value in enumerate([123456789012, "é“x”" + "长" * 5000, 45356.5, 0.1, False]):
        sheet.write(3, column, value, *([style("yyyy-mm-dd")] if column == 2 else []))
    sheet.row(3).set_cell_error(5, 0x2A)
    for column, value in enumerate([60, 1, 0, -4, 2958466, 0.5]):
        sheet.write(4, column, value, style("h:mm" if column == 5 else "yyyy-mm-dd"))
    sheet.write_merge(6, 8, 0, 0, "一车间")
    sheet.row(7).hidden = True
    sheet.write(7, 1, "钻床")
    hidden = book.add_sheet("选项")
    hidden.write(0, 0, "自动")
    hidden.visibility = 1
    book.add_sheet("空表")
    book.save(str(HERE / "xlwt.xls"))


def by_gnumeric() -> None:
    # Excel 95 wrote texts in the code page of its language.
    environment = {"LC_ALL": "C.UTF-8", "WINDOWS_LANGUAGE": "zh_CN", "PATH": "/usr/bin:/bin"}
    for exporter, name in [
        ("Excel:excel_biff7", "gnumeric-95.xls"), ("Excel:excel_biff8", "gnumeric.xls"),
        ("Excel:xlsx2", "gnumeric.xlsx"), ("OpenCalc:odf", "gnumeric.ods"),
    ]:
        subprocess.run(
            ["ssconvert", f"--export-type=Gnumeric_{exporter}", HERE / "openpyxl.xlsx", HERE / name], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


def with_password() -> None:
    made = io.BytesIO()
    with (HERE / "openpyxl-several.xlsx").open("rb") as plain:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("secret", made)
    (HERE / "password.xlsx").write_bytes(made.getvalue())


STRICT = "http://purl.oclc.org/ooxml/"
ODD_SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><!-- rows --><x:sheetData>
<x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c><x:c t="d"><x:v>2024-03-05T00:00:00</x:v></x:c></x:row>
<x:row r="4"><x:c r="C4"><x:v>3</x:v></x:c><x:c r="A4"><x:v>1</x:v></x:c>
<x:c t="inlineStr"><x:is><x:r><x:t>数</x:t></x:r><x:r><x:t xml:space="preserve"> 控</x:t></x:r>
<x:rPh><x:t>shu</x:t></x:rPh></x:is></x:c></x:row>
<x:row><x:c t="str"><x:f>A1</x:f><x:v><![CDATA[<a>]]>&#x4E00;</x:v></x:c><x:c s="9"/></x:row>
</x:sheetData><x:mergeCells><x:mergeCell ref="B5:A7"/></x:mergeCells></x:worksheet>
"""
ODD_STRINGS = """<sst xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"><si><r><t>设备</t></r><r><t>编号</t></r>
<rPh sb="0" eb="2"><t>シェーベイ</t></rPh></si><si><t xml:space="preserve"> a_x000A_b_x005F_x0041_ </t></si></sst>"""


def by_hand() -> None:
    """A workbook of the strict kind with prefixes, comments, missing references and readings."""
    package = "http://schemas.openxmlformats.org/package/2006/relationships"

    def relationships(*targets: tuple[str, str]) -> str:
        return f'<Relationships xmlns="{package}">' + "".join(
            f'<Relationship Id="r{number}" Type="{STRICT}officeDocument/relationships/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(targets)) + "</Relationships>"

    with zipfile.ZipFile(HERE / "strict.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relationships(("officeDocument", "/book/main.xml")))
        archive.writestr("book/_rels/main.xml.rels", relationships(
            ("worksheet", "../sheets/one.xml"), ("sharedStrings", "strings.xml"), ("chartsheet", "chart.xml")))
        archive.writestr(
            "book/main.xml",
            f'<workbook xmlns="{STRICT}spreadsheetml/main" xmlns:r="{STRICT}officeDocument/relationships"><sheets>'
            '<sheet name="图" sheetId="2" r:id="r2"/><sheet name="表" sheetId="1" r:id="r0"/></sheets></workbook>')
        archive.writestr("book/strings.xml", ODD_STRINGS)
        archive.writestr("sheets/one.xml", ODD_SHEET)


def others() -> None:
    for name, part in [("binary.xlsb", "xl/workbook.bin"), ("word.docx", "word/document.xml"), ("other.zip", "a.txt")]:
        with zipfile.ZipFile(HERE / name, "w") as archive:
            archive.writestr(part, "x")
    # 300 MiB of blanks in 300 kB.
    source = zipfile.ZipFile(HERE / "strict.xlsx")
    with zipfile.ZipFile(HERE / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in source.namelist():
            content = source.read(name)
            if name == "sheets/one.xml":
                content = content.replace(b"<x:sheetData>", b"<x:sheetData>" + b" " * (300 << 20), 1)
            archive.writestr(name, content)


if __name__ == "__main__":
    by_openpyxl()
    by_xlsxwriter()
    by_xlwt()
    by_gnumeric()
    with_password()
    by_hand()
    others()
