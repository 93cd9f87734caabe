"""Reads CSV files as a stranger would and says what is wrong with them: records.py FILE…

Every record has as many fields as the first, lines end with CRLF, and no field is what a spreadsheet would run.
"""

import csv
import io
import re
import sys

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?( ?%)?")
found = False


def say(name, line, problem):
    global found
    found = True
    print(f"{name}: record {line}: {problem}")


for name in sys.argv[1:]:
    with open(name, "rb") as file:
        data = file.read()
    text = data.decode("utf-8-sig")
    if not text.endswith("\r\n") or "\n" in text.replace("\r\n", ""):
        say(name, 0, "lines do not end with CRLF")
    width = None
    # Where semicolons part cells, too.
    for delimiter in ",;":
        for line, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=delimiter == ","), 1):
            if delimiter == ",":
                width = width or len(record)
                if len(record) != width:
                    say(name, line, f"{len(record)} fields, not {width}")
            for field in record:
                start = field.lstrip(" \"\u3000\u00a0")
                if start[:1] in tuple("=+-@\t\r＝＋－＠") and start and not NUMBER.fullmatch(field):
                    say(name, line, f"would be run: {field!r}")
sys.exit(1 if found else 0)
