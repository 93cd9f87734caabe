"""Makes the ledgers of this folder as offices make them: each has faults of its own.

    python3 -m venv venv && venv/bin/pip install openpyxl==3.1.5 xlwt==1.3.0 && venv/bin/python make.py

F023 to F025 are written by LibreOffice (`soffice`, 7.4). The files are checked in, so the tests need none of these. `accepted` is imported in one command; every ledger of
`refused` has faults that an import refuses.
"""

import datetime
import os
import shutil
import subprocess
import tempfile
import zipfile

import openpyxl
import xlwt

top = os.path.dirname(os.path.abspath(__file__))
accepted, refused = os.path.join(top, "accepted"), os.path.join(top, "refused")
for folder in (accepted, refused):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)

names = {1: "渝北精密机械厂", 2: "高新电子", 3: "曾家冲压", 4: "金凤涂装", 5: "含谷模具", 6: "西永仪表", 7: "白市驿汽配", 8: "走马铸造",
         9: "石板热处理", 10: "巴福塑料", 11: "虎溪轴承", 12: "陈家桥齿轮", 13: "土主电机", 14: "回龙坝泵业", 15: "青木关阀门",
         16: "凤凰标准件", 17: "大学城传感", 18: "香炉山焊接", 19: "微电园封装", 20: "台资园线缆", 21: "熙街包装", 22: "曾家园印刷", 23: "物流园机器人", 24: "团结村轨道", 25: "井口铸锻"}


def write(folder, name, text, encoding="utf-8"):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(text.encode(encoding))


def lines(rows, separator=","):
    return "".join(separator.join(str(cell) for cell in row) + "\r\n" for row in rows)


def xlsx(folder, name, rows, title="设备台账", prepare=None, book=None):
    book = book or openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            if value is not None and value != "":
                sheet.cell(row, column, value)
    if prepare:
        prepare(sheet)
    book.properties.created = book.properties.modified = datetime.datetime(2026, 11, 1)
    path = os.path.join(folder, name)
    book.save(path)
    still(path)


def still(path):
    """Packs a workbook again with one date, so that making it twice gives the same bytes."""
    with zipfile.ZipFile(path) as source:
        parts = [(one.filename, source.read(one)) for one in source.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part, content in parts:
            if part == "docProps/core.xml":
                start, end = content.index(b"<dcterms:modified"), content.index(b"</dcterms:modified>")
                value = content.index(b">", start) + 1
                content = content[:value] + b"2026-11-01T00:00:00Z" + content[end:]
            target.writestr(zipfile.ZipInfo(part, (2026, 11, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def xls(folder, name, rows, title="设备台账", prepare=None, date_columns=()):
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(title, cell_overwrite_ok=True)
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if value is None or value == "":
                continue
            if isinstance(value, datetime.date):
                sheet.write(row, column, value, day)
            else:
                sheet.write(row, column, value)
    if prepare:
        prepare(book, sheet)
    book.save(os.path.join(folder, name))


def libreoffice(folder, name, rows, prepare=None, options=""):
    """Has LibreOffice open a workbook and write it as `name`: every part of the file is then LibreOffice's own."""
    stem, ending = os.path.splitext(name)
    with tempfile.TemporaryDirectory() as work:
        xlsx(work, stem + ".source.xlsx", rows, prepare=prepare)
        source = os.path.join(work, stem + ".xlsx")
        os.rename(os.path.join(work, stem + ".source.xlsx"), source)
        subprocess.run(["soffice", f"-env:UserInstallation=file://{work}/profile", "--headless", "--convert-to", ending[1:] + options,
                        "--outdir", os.path.join(work, "out"), source], check=True, stdout=subprocess.DEVNULL)
        shutil.copy(os.path.join(work, "out", name), os.path.join(folder, name))
    if ending == ".xlsx":
        still(os.path.join(folder, name))


head = ["资产编号", "设备名称", "类别", "自动化程度", "数字化", "可联网"]

# Text files.
write(accepted, "F001.csv", "﻿" + lines([head, ["E1", "1号车床", "车床", "自动", "是", "是"], ["E2", "2号车床", "车床", "手动", "否", "否"]]))
write(accepted, "F002.csv", lines([head + ["投用日期"], ["E1", "贴片机", "贴片", "自动", "是", "是", "2016/4/18"],
                                   ["E2", "回流焊", "焊接", "半自动", "是", "否", "2019/12/1"]]), "gb18030")
write(accepted, "F003.csv", lines([["资产编号", "车间", "设备名称", "类别"], ["P1", "W01", "压装", "压装"], ["P2", "W02", "涂装", "涂装"],
                                   ["P3", "W03", "模压", "模压"]]), "gb18030")
write(accepted, "F004.csv", lines([head, ["E1", "喷涂线,前处理", "涂装", "自动", "是", "是"]], ";"))
write(accepted, "F005.txt", "﻿" + lines([head, ["E1", "注塑机", "注塑", "半自动", "是", "是"]], "\t"), "utf-16-le")
write(accepted, "F006.csv", "sep=;\r\n" + lines([head, ["E1", "示波器装配台", "装配", "手动", "否", "否"]], ";"), "gb18030")

# Titles, totals, signatures, blank rows and columns.
xlsx(accepted, "F007.xlsx", [
    ["2024年生产设备台账"], ["单位：白市驿汽配", None, None, "填报日期：2024年3月5日"], [],
    ["序号", "资产编号", None, "设备名称", "自动化程度"],
    [1, "E1", None, "冲床", "手动"], [2, "E2", None, "机器人", "自动"], [], ["小计", None, None, 2],
    [3, "E3", None, "压铸机", "半自动"], ["合  计：", None, None, 3], [], ["填表人：张三", None, None, "审核人：李四"],
    ["注：以上数据真实有效。"]])

# A workshop over several rows.
def merge_workshops(sheet):
    sheet.merge_cells("B2:B4")
    sheet.merge_cells("B5:B6")


xlsx(accepted, "F008.xlsx", [
    ["资产编号", "车间", "设备名称"], ["E1", "W01", "造型机"], ["E2", None, "混砂机"], ["E3", None, "抛丸机"],
    ["E4", "W02", "打磨机"], ["E5", None, "切割机"]], prepare=merge_workshops)

# Stars, hints and units in the headings.
xlsx(accepted, "F009.xlsx", [
    ["＊资产编号", "设备名称（必填）", "上报周期（分钟）", "智能化（是/否）", "电表量程（万kWh）", "资产净值（万元）", "标准节拍（秒）", "是否数控"],
    ["E1", "热处理炉", 1.5, "是", 10, 35.2, 12.5, "是"], ["E2", "回火炉", 5, "否", 0.5, "1,234", None, "/"]])

# Other names of columns, and columns that are no attribute.
xlsx(accepted, "F010.xlsx", [
    ["固定资产编号", "设备名", "规格型号", "生产厂家", "是否联网", "购置日期", "启用日期", "备注"],
    ["ZS-01", "注塑机", "HTF120", "海天", "是", "2019-01-01", "2019-03-01", "二手"], ["ZS-02", "干燥机", "THD-50", "信易", "否", "2018-05-01", "2018-06-01", None]])

# Dates in all forms that are clear.
xlsx(accepted, "F011.xlsx", [
    ["资产编号", "设备名称", "投用日期"], ["E1", "磨床", "2024年3月5日"], ["E2", "磨床", "2024.3.5"], ["E3", "磨床", "20240305"],
    ["E4", "磨床", "2024-03-05 08:30:00"], ["E5", "磨床", "2024/3/5"]])


def show_days(sheet):
    for cell in ("C2", "D2"):
        sheet[cell].number_format = "yyyy-mm-dd"


xlsx(accepted, "F012.xlsx", [
    ["资产编号", "设备名称", "投用日期", "改造日期"], ["E1", "滚齿机", 43832, 45356], ["E2", "插齿机", 43832, 20240305]], prepare=show_days)

# Marks for yes, no and none.
xlsx(accepted, "F013.xlsx", [
    ["资产编号", "设备名称", "数字化", "智能化", "可联网", "序列号", "退役日期"], ["E1", "绕线机", "√", "×", "√", "/", "/"],
    ["E2", "嵌线机", "有", "无", "Y", "—", "无"], ["E3", "浸漆炉", None, "N", "✗", "SN-3", None]])

# Full-width characters and other words for degrees of automation.
xlsx(accepted, "F014.xlsx", [
    ["资产编号", "设备名称", "自动化程度", "投用日期"], ["Ｅ１", "１号泵试验台", "全自动", "２０２４－０３－０５"], ["E2", "装配台（２号）", "人工", None],
    ["E3", "清洗机", "半自动化", None]])

# Invisible characters.
xlsx(accepted, "F015.xlsx", [["资产编号", "设备名称", "类别"], ["E\u200b1", "阀门试压台", "试压"], ["\ufeffE2", "阀门\u00ad研磨机", "研磨"], ["E3 ", "流量计", "传感器\u200b"]])

# Numbers as ids.
xlsx(accepted, "F016.xlsx", [["资产编号", "设备名称", "上报周期秒", "序列号"], [101, "搓丝机", 60, 20190001], [102, "冷镦机", 300.0, "20190002"], [103, "热镦机", 30, None]])


# Workbooks of Excel 97.
def merge_title(book, sheet):
    sheet.write_merge(0, 0, 0, 3, "大学城传感设备台账")


xls(accepted, "F017.xls", [["大学城传感设备台账"], [], ["设备编号", "设备名称", "自动化程度", "备注"], ["E1", "点胶机", "自动", "进口"], ["E2", "老化箱", "手动", None],
                           ["合计", 2, None, None]], prepare=merge_title)
xls(accepted, "F018.xls", [["资产编号", None, "设备名称", "投用日期", "上报周期（秒）"], ["E1", None, "焊机", datetime.date(2020, 5, 1), 60.0],
                           ["E2", None, "焊接机器人", datetime.date(2023, 11, 20), 30.0]])


# Headings in two rows.
def merge_headings(sheet):
    for cells in ("A2:A3", "B2:B3", "C2:E2", "A1:E1"):
        sheet.merge_cells(cells)


xlsx(accepted, "F019.xlsx", [["微电园封装生产设备登记表"], ["资产编号", "设备名称", "数字化情况"], [None, None, "数字化", "可联网", "自动化程度"],
                             ["E1", "固晶机", "是", "是", "自动"], ["E2", "焊线机", "是", "否", "自动"]], prepare=merge_headings)

# Several sheets.
book = openpyxl.Workbook()
notes = book.create_sheet("填写说明")
notes["A1"] = "请逐台填写。"
old = book.create_sheet("2022年")
old.append(["资产编号", "设备名称"])
old.append(["E9", "旧拉丝机"])
old.sheet_state = "hidden"
xlsx(accepted, "F020.xlsx", [["资产编号", "设备名称"], ["E1", "拉丝机"], ["E2", "挤塑机"]], title="2024年", book=book)


# Headings on every printed page, and a hidden row.
def hide(sheet):
    sheet.row_dimensions[6].hidden = True


xlsx(accepted, "F021.xlsx", [["资产编号", "设备名称", "工作车间编号"], ["E1", "模切机", "W01"], ["E2", "糊盒机", "W01"], ["车间小计", 2],
                             ["资产编号", "设备名称", "工作车间编号"], ["E3", "分切机", "W02"], ["e3", "覆膜机", "W02"], ["车间小计", 2]], prepare=hide)

# The factory's name is the file's.
xls(accepted, "曾家园印刷.xls", [["资产编号", "设备名称", "数字化"], ["E1", "胶印机", "是"], ["E2", "切纸机", "否"]])



# Written by LibreOffice: dates, booleans, computed cells, filters, merged cells, and numbers as text.
def dress(sheet):
    sheet.merge_cells("A1:H1")
    sheet.merge_cells("B4:B5")
    sheet.auto_filter.ref = "A3:H6"
    sheet.freeze_panes = "A4"
    for row in range(4, 7):
        sheet.cell(row, 5).number_format = "yyyy/m/d"
        sheet.cell(row, 7).number_format = "@"


rows = [["团结村设备台账（二〇二六年）"], ["填报单位：", "见文件名"], ["设备编号", "车间", "设备名称", "是否联网", "投用日期", "标准节拍（秒）", "序列号", "资产净值（元）"],
        ["E1", "W01", "关节机器人", True, datetime.date(2021, 6, 30), "=60/4", "500101202106300017", 125000.5],
        ["E2", None, "码垛机器人", False, datetime.date(2022, 1, 1), 12.5, "500101202201010025", "=H4*2"],
        ["E3", "W02", '="激光"&"焊接机"', True, datetime.date(2023, 12, 31), None, None, None],
        ["总计", None, "=COUNTA(C4:C6)"]]
libreoffice(accepted, "F023.xlsx", rows, prepare=dress)
libreoffice(accepted, "F024.xls", rows, prepare=dress)
libreoffice(accepted, "F025.csv", rows[2:6], options=":Text - txt - csv (StarCalc):44,34,56,1")

write(accepted, "~$F007.xlsx", "locked")
write(accepted, ".hidden.csv", "hidden")
write(accepted, "说明.doc", "no ledger")

factories = "factory_id,name_zh\n" + "".join(f"F{number:03},{name}\n" for number, name in names.items())
write(top, "factories.csv", factories)
write(top, "synonyms.csv", "column,synonym,note_en,note_zh\nworkshop,工作车间编号,,\n")

# Faults that are refused.
xlsx(refused, "F001.xlsx", [
    ["资产编号", "设备名称", "投用日期"], ["E1", "车床", "3/5/2024"], ["E2", "车床", "24.3.5"], ["E3", "车床", "2024年3月"], ["E4", "车床", "2024-02-30"]])
xlsx(refused, "F002.xlsx", [
    ["资产编号", "设备名称", "数字化", "自动化程度"], [500101202403050017, "贴片机", "X", "自动的"], ["1.23457E+11", "回流焊", "也许", "高"],
    ["=1/0", "波峰焊", "是", "自动"]])
write(refused, "F003.csv", lines([["资产编号", "设备名称", "序列号"], ["E1", "压装机", "5.00101E+17"], ["E2", "#N/A", "50010120240305000"], ["E1", "涂装线", ""]]), "gb18030")


def merge_cells(sheet):
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("B4:C4")


xlsx(refused, "F004.xlsx", [["资产编号", "车间", "产线"], ["E1", "W01", "L1"], ["E2", None, "L2"], ["E3", "W02", None]], prepare=merge_cells)
xls(refused, "F005.xls", [["设备编号", "固定资产编号", "改造前自动化程度", "标准节拍（元）", "上报周期"], ["E1", "A1", "手动", 3, 60]])
xlsx(refused, "F006.xlsx", [["资产编号", "企业编号"], ["E1", "F001"], ["E2", "F099"], ["E\u00a03", "F006"], ["E4", "F006", "无表头"]])
write(refused, "F006b.csv", lines([["资产编号", "企业编号"], ["E4", "F006"]]))
write(refused, "无此企业.csv", lines([["资产编号", "设备名称"], ["E1", "车床"]]))
write(refused, "F009.xls", "<html><table><tr><td>资产编号</td></tr></table></html>")
