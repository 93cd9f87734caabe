"""Prints a workbook as openpyxl reads it, as JSON: workbook.py FILE

{"title", "created", "modified", "sheets": [{"name", "freeze", "filter", "repeated", "paper", "charts", "colours",
"merged", "widths", "rows": [[cell, …], …]}]}; a cell is null or {"type", "value", "format", "link",
"heading"}, a date's value in ISO 8601, and the type openpyxl's: n a number, d a date, s a text, f a formula.
"""

import datetime
import json
import sys

import openpyxl


def cell(c):
    if c.value is None:
        return None
    value = c.value
    if isinstance(value, (datetime.datetime, datetime.date)):
        value = value.isoformat(timespec="seconds")
    return {"type": c.data_type, "value": value, "format": c.number_format, "link": c.hyperlink is not None,
            "heading": c.fill.fgColor.rgb == "FFE7EDF3"}


book = openpyxl.load_workbook(sys.argv[1])
sheets = [
    {
        "name": sheet.title,
        "freeze": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "repeated": sheet.print_title_rows,
        "paper": sheet.page_setup.paperSize,
        "header": sheet.oddHeader.left.text,
        "charts": [type(chart).__name__ for chart in sheet._charts],
        "colours": [str(ranges.sqref) for ranges in sheet.conditional_formatting],
        "widths": {key: d.width for key, d in sheet.column_dimensions.items()},
        "rows": [[cell(c) for c in row] for row in sheet.iter_rows()],
    }
    for sheet in book.worksheets
]
properties = book.properties
json.dump(
    {
        "title": properties.title,
        "created": properties.created.isoformat(),
        "modified": properties.modified.isoformat(),
        "sheets": sheets,
    },
    sys.stdout,
    ensure_ascii=False,
)
