"""Reading a ledger of a million rows from a workbook, beside PyPI's openpyxl in its read-only mode.

`millwright register validate` unpacks and reads every cell and checks every row; openpyxl reads every cell and does
nothing with it. With `--report`, Millwright also writes an answer: a workbook with all rows again, in which the 1,000
rows of a factory that is not registered are coloured and have comments. All read the same workbook of 18 columns in the
same run, each in a process of its own. Peak memory is that of the whole process, resident. Making the workbook is not
measured.
"""

import multiprocessing
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from processes import Finished, finish
from results import Context, Row, Wrong, absolute, compared

NAME = "ledgers"
FACTORIES = 1000
HEADINGS = [
    "equipment_id", "factory_id", "workshop", "line", "name", "category", "automation", "intelligent", "digital",
    "connectable", "report_interval_s", "commissioned_on", "decommissioned_on", "retrofitted_on", "serial",
    "energy_meter", "energy_rollover", "gateway",
]
# Columns of day numbers, which have the style of a day.
DAYS = [HEADINGS.index("commissioned_on"), HEADINGS.index("retrofitted_on")]
# Read by openpyxl as by Millwright: every cell of every row.
PEER = """
import sys, openpyxl
sheet = openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets[0]
cells = sum(len(row) for row in sheet.iter_rows(values_only=True))
print(cells)
"""


def run(context: Context) -> list[Row]:
    rows = 100_000 if context.quick else 1_000_000
    context.note(f"ledgers: making a workbook of {rows:,} rows")
    workbook = context.work / "ledger.xlsx"
    # In a process of its own: a program that is started counts the memory of the one that starts it as its own peak.
    maker = multiprocessing.Process(target=write, args=(workbook, rows))
    maker.start()
    maker.join()
    if maker.exitcode != 0:
        raise Wrong(f"making the workbook ended with {maker.exitcode}")
    factories = context.work / "factories.csv"
    factories.write_text("factory_id\n" + "".join(f"F{number:03d}\n" for number in range(FACTORIES)))
    # Without the last factory, one row of a thousand has a problem.
    fewer = context.work / "fewer.csv"
    fewer.write_text("factory_id\n" + "".join(f"F{number:03d}\n" for number in range(FACTORIES - 1)))
    answer = context.work / "answer.xlsx"
    ours: list[Finished] = []
    answers: list[Finished] = []
    theirs: list[Finished] = []
    for number in range(1 if context.quick else min(3, context.rounds)):
        context.note(f"ledgers: {rows:,} rows, round {number + 1}")
        ours.append(validated(context, workbook, factories))
        answers.append(validated(context, workbook, fewer, "--report", str(answer), status=1))
        theirs.append(read_by_openpyxl(context, workbook))
    check(answer, rows)
    scale = rows / 1_000_000
    seconds = [done.seconds for done in ours]
    peak = max(done.peak for done in ours)
    read = [done.seconds for done in theirs]
    most_read = [max(done.peak for done in theirs)]
    answered = [done.seconds for done in answers]
    most_answered = max(done.peak for done in answers)
    return [
        compared(NAME, f"validating {rows:,} rows of .xlsx", "s", seconds, "openpyxl reading them", read),
        absolute(NAME, f"validating {rows:,} rows of .xlsx, slowest", "s", max(seconds), at_most=10 * scale),
        compared(NAME, f"validating {rows:,} rows of .xlsx, memory", "MiB", [peak], "openpyxl's",
                 most_read),
        absolute(NAME, f"validating {rows:,} rows of .xlsx, most memory", "MiB", peak, at_most=200),
        compared(NAME, f"validating {rows:,} rows with an answer", "s", answered, "openpyxl reading them", read),
        absolute(NAME, f"validating {rows:,} rows with an answer, slowest", "s", max(answered), at_most=10 * scale),
        compared(NAME, f"validating {rows:,} rows with an answer, memory", "MiB", [most_answered], "openpyxl's",
                 most_read),
        absolute(NAME, f"validating {rows:,} rows with an answer, most memory", "MiB", most_answered, at_most=200),
    ]


def check(answer: Path, rows: int) -> None:
    """Refuses an answer that has not every row and every comment."""
    with zipfile.ZipFile(answer) as archive:
        with archive.open("xl/worksheets/sheet2.xml") as part:
            found, rest = 0, b""
            while piece := part.read(1 << 20):
                piece = rest + piece
                found += piece.count(b"<row ")
                rest = piece[-4:]
        comments = archive.read("xl/comments1.xml").count(b"<comment ")
    if found != rows + 1 or comments != rows // FACTORIES:
        raise Wrong(f"the answer has {found:,} rows and {comments:,} comments")


def cells(number: int) -> list[str | int | None]:
    """The cells of a row: ids, serial numbers, names of 300 kinds of machines, words, numbers and days."""
    return [
        f"E{number:07d}", f"F{number % FACTORIES:03d}", f"W{number % 20:02d}", f"L{number % 50:02d}",
        f"数控机床{number % 300}号", f"类别{number % 40}", "automatic", "yes", "yes", "yes", 60, 40_179 + number % 5000, None,
        45_000 + number % 300, f"SN-2019-{number:08d}", "yes", 100_000, f"GW{number % 5000:04d}",
    ]


def write(path: Path, rows: int) -> None:
    """Writes a workbook with the texts in a table of their own, as Excel does."""
    numbers: dict[str, int] = {}
    letters = "ABCDEFGHIJKLMNOPQR"

    def cell(column: int, row: int, value: str | int | None) -> str:
        if value is None:
            return ""
        place = f'<c r="{letters[column]}{row}"'
        if isinstance(value, int):
            style = ' s="1"' if column in DAYS else ""
            return f"{place}{style}><v>{value}</v></c>"
        return f'{place} t="s"><v>{numbers.setdefault(value, len(numbers))}</v></c>'

    def sheet() -> Iterator[str]:
        yield f'<worksheet xmlns="{MAIN}"><sheetData>'
        for row in range(1, rows + 2):
            values = HEADINGS if row == 1 else cells(row - 2)
            yield f'<row r="{row}">' + "".join(cell(i, row, value) for i, value in enumerate(values)) + "</row>"
        yield "</sheetData></worksheet>"

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for text in sheet():
                part.write(text.encode())
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'<sst xmlns="{MAIN}">'.encode())
            for text in numbers:
                part.write(f"<si><t>{text}</t></si>".encode())
            part.write(b"</sst>")
        for name, text in PARTS.items():
            archive.writestr(name, text)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml":
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="/xl/{part}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            f'spreadsheetml.{kind}+xml"/>'
            for part, kind in [("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"),
                               ("sharedStrings", "sharedStrings"), ("styles", "styles")])
        + "</Types>",
    "_rels/.rels":
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels":
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{OFFICE}/sharedStrings" '
        f'Target="sharedStrings.xml"/><Relationship Id="r3" Type="{OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>",
    "xl/styles.xml":
        f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill>'
        '</fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
        '<xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    "xl/workbook.xml":
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="台账" sheetId="1" r:id="r1"/></sheets>'
        "</workbook>",
}


def validated(context: Context, workbook: Path, factories: Path, *more: str, status: int = 0) -> Finished:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MILLWRIGHT_")}
    environment |= {"MILLWRIGHT_STORE": f"sqlite:{context.work / 'store'}", "LANG": "C.UTF-8"}
    return ended(context, [
        str(context.millwright), "register", "validate", str(workbook), "--factories", str(factories), "--config",
        str(context.config), *more], environment, status)


def read_by_openpyxl(context: Context, workbook: Path) -> Finished:
    return ended(context, [sys.executable, "-c", PEER, str(workbook)], dict(os.environ))


def ended(context: Context, arguments: list[str], environment: dict[str, str], status: int = 0) -> Finished:
    errors = context.work / "errors"
    began = time.perf_counter()
    with errors.open("w") as complaints:
        process = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL, stderr=complaints)
        done = finish(process, began, 1800)
    if done.status != status:
        raise Wrong(f"{' '.join(arguments[:3])} ended with {done.status}: {errors.read_text()[:300]}")
    return done
