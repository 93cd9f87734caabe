"""Importing the register of an office: what a row costs among many and among few, and files in which every row is wrong.

A row of a million costs as much as one of a hundred thousand: processor time a row, which grows no faster than the rows
do. Peak memory is that of the whole command, resident, with the file that it reads. Of wrong rows the first thousand
problems are printed and the others counted by kind: 300,000 rows with five wrong cells each, and as many of factories
that nobody knows, beside as many rows that are right.
"""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from processes import Finished, finish
from results import Context, Row, Wrong, absolute, compared

NAME = "register"
HEADINGS = "equipment_id,factory_id,workshop,automation,digital,report_interval_s,commissioned_on\n"
FACTORIES = 1000


def run(context: Context) -> list[Row]:
    scale = 10 if context.quick else 1
    few, many, wrong = 100_000 // scale, 1_000_000 // scale, 300_000 // scale
    factories = context.work / "factories.csv"
    factories.write_text("factory_id\n" + "".join(f"F{number:03d}\n" for number in range(FACTORIES)))
    files = {size: written(context, f"{size}", size, right) for size in (few, many, wrong)}
    costs: dict[int, list[float]] = {few: [], many: []}
    peaks: dict[int, float] = {few: 0, many: 0}
    for number in range(min(3, context.rounds)):
        for size in (few, many):
            context.note(f"register: import of {size:,} rows, round {number + 1}")
            done = command(context, "import", files[size], factories, f"store-{size}-{number}")
            costs[size].append(done.processor / size * 1e6)
            peaks[size] = max(peaks[size], done.peak)
    rows = [
        compared(NAME, f"import of a row among {many:,}", "us", costs[many], f"among {few:,}", costs[few], at_most=1.25),
        compared(NAME, f"import of {many:,} rows, memory", "MiB", [peaks[many]], "ten times that of a tenth",
                 [10 * peaks[few]], at_most=1.25),
    ]
    good = command(context, "validate", files[wrong], factories, "store-good")
    for what, row, problems in [("wrong in five cells", ill, 5 * wrong), ("of unknown factories", unknown, wrong)]:
        context.note(f"register: {wrong:,} rows {what}")
        done = command(context, "validate", written(context, what.replace(" ", "-"), wrong, row), factories, "store-bad",
                       problems)
        rows += [
            compared(NAME, f"{wrong:,} rows {what}", "s", [done.processor], "as many that are right", [good.processor],
                     at_most=None if context.quick else 4),
            absolute(NAME, f"{wrong:,} rows {what}, memory", "MiB", done.peak, at_most=max(256, good.peak)),
        ]
    return rows


def right(number: int) -> str:
    return f"E{number},F{number % FACTORIES:03d},W01,automatic,yes,60,2020-01-01\n"


def ill(number: int) -> str:
    return f"E {number},F{number % FACTORIES:03d},W01,autmatic,yess,sixty,2020-13-01\n"


def unknown(number: int) -> str:
    return f"E{number},G{number},W01,automatic,yes,60,2020-01-01\n"


def written(context: Context, name: str, rows: int, row: Callable[[int], str]) -> Path:
    path = context.work / f"equipment-{name}.csv"
    with path.open("w") as file:
        file.write(HEADINGS)
        file.writelines(row(number) for number in range(rows))
    return path


def command(
    context: Context, verb: str, equipment: Path, factories: Path, store: str, problems: int = 0
) -> Finished:
    """Runs ``register import`` or ``validate``; of a file with problems it must name a thousand and count the rest."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MILLWRIGHT_")}
    environment |= {"MILLWRIGHT_STORE": f"sqlite:{context.work / store}", "LANG": "C.UTF-8"}
    arguments = [str(context.millwright), "register", verb, str(equipment), "--factories", str(factories)]
    errors = context.work / "errors"
    began = time.perf_counter()
    with errors.open("w") as complaints:
        done = finish(
            subprocess.Popen(
                [*arguments, *(["--yes"] if verb == "import" else []), "--config", str(context.config)],
                env=environment, stdout=subprocess.DEVNULL, stderr=complaints),
            began, 600)
    lines = errors.read_text().splitlines()
    if done.status != (1 if problems else 0):
        raise Wrong(f"register {verb} ended with {done.status}: {' '.join(lines)[:300]}")
    if problems and (len(lines) != 1001 or not lines[-1].startswith(f"… and {problems - 1000} more: ")):
        raise Wrong(f"register {verb} printed {len(lines)} lines, the last: {lines[-1] if lines else ''}")
    return done
