"""Prints workbooks as openpyxl reads them, as a JSON array: workbook.py FILE…

{"title", "created", "modified", "sheets": [{"name", "freeze", "filter", "repeated", "paper", "breaks", "charts", "colours",
"merged", "validations", "widths", "heights", "rows": [[cell, …], …]}]}; a cell is null or {"type", "value", "format", "link",
"heading", "fill", "wraps", "comment"}, a date's value in ISO 8601, and the type openpyxl's: n a number, d a date, s a text, f a formula.
"""

import datetime
import json
import sys

import openpyxl


def cell(c):
    fill = c.fill.fgColor.rgb if c.fill.fill_type == "solid" else None
    if c.value is None and (fill is None or c.comment is None):
        return None
    value = "" if c.value is None else c.value
    if isinstance(value, (datetime.datetime, datetime.date)):
        value = value.isoformat(timespec="seconds")
    return {"type": c.data_type, "value": value, "format": c.number_format, "link": c.hyperlink is not None,
            "heading": c.fill.fgColor.rgb == "FFE7EDF3", "fill": fill, "wraps": bool(c.alignment.wrap_text),
            "comment": c.comment and c.comment.text}


def rule(v):
    return {"cells": str(v.sqref), "type": v.type, "first": v.formula1, "second": v.formula2,
            "blank": bool(v.allowBlank), "prompt": v.prompt, "error": v.error}


def sheet(s):
    return {
        "name": s.title,
        "freeze": s.freeze_panes,
        "filter": s.auto_filter.ref,
        "repeated": s.print_title_rows,
        "paper": s.page_setup.paperSize,
        "breaks": [b.id for b in s.row_breaks.brk],
        "header": s.oddHeader.left.text,
        "charts": [type(chart).__name__ for chart in s._charts],
        "colours": [str(ranges.sqref) for ranges in s.conditional_formatting],
        "merged": sorted(str(ranges) for ranges in s.merged_cells.ranges),
        "validations": [rule(v) for v in s.data_validations.dataValidation],
        "widths": {key: d.width for key, d in s.column_dimensions.items()},
        "heights": {str(key): d.height for key, d in s.row_dimensions.items() if d.height is not None},
        "rows": [[cell(c) for c in row] for row in s.iter_rows()],
    }


def workbook(name):
    book = openpyxl.load_workbook(name)
    return {
        "title": book.properties.title,
        "created": book.properties.created.isoformat(),
        "modified": book.properties.modified.isoformat(),
        "sheets": [sheet(s) for s in book.worksheets],
    }


json.dump([workbook(name) for name in sys.argv[1:]], sys.stdout, ensure_ascii=False)
