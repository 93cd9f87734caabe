"""What benchmarks print: one row for each figure, beside its peer and its target, and the same as JSON."""

import json
import platform
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Callable, Sequence


@dataclass
class Row:
    """One figure. `ratio` is of `value` and `peer_value`; `holds` is None where there is no target."""

    subject: str
    what: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    target: str = ""
    holds: bool | None = None


@dataclass
class Context:
    """What every benchmark is given."""

    millwright: Path
    report_bench: Path
    config: Path
    work: Path
    # Where plots go.
    results: Path
    rounds: int
    quick: bool
    note: Callable[[str], None]


class Wrong(Exception):
    """What was measured was not done, or done wrongly: no figure of it counts."""


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not exceed; the nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -(-int(len(ordered) * share * 1000) // 1000) - 1))]


def compared(
    subject: str, what: str, unit: str, ours: Sequence[float], peer: str, theirs: Sequence[float],
    at_least: float | None = None, at_most: float | None = None,
) -> Row:
    """A row of two runs that took turns: the ratio is the median of the rounds' ratios."""
    ratio = median([a / b for a, b in zip(ours, theirs)])
    target, holds = "", None
    if at_least is not None:
        target, holds = f">= {at_least:g} x", ratio >= at_least
    if at_most is not None:
        target, holds = f"<= {at_most:g} x", ratio <= at_most
    return Row(subject, what, median(ours), unit, peer, median(theirs), ratio, target, holds)


def absolute(
    subject: str, what: str, unit: str, value: float, at_most: float | None = None, at_least: float | None = None
) -> Row:
    """A row without a peer."""
    if at_most is not None:
        return Row(subject, what, value, unit, target=f"<= {at_most:g}", holds=value <= at_most)
    if at_least is not None:
        return Row(subject, what, value, unit, target=f">= {at_least:g}", holds=value >= at_least)
    return Row(subject, what, value, unit)


def number(value: float | None) -> str:
    if value is None:
        return ""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def table(rows: Sequence[Row]) -> str:
    """Ratios first; figures that depend on the machine are marked with the word `absolute`."""
    head = ["what", "ratio", "target", "holds", "absolute", "unit", "peer", "peer's"]
    lines: list[list[str]] = []
    subject = ""
    for row in rows:
        if row.subject != subject:
            subject = row.subject
            lines.append([subject])
        lines.append(
            [
                "  " + row.what,
                "" if row.ratio is None else f"{row.ratio:.2f} x",
                row.target,
                "" if row.holds is None else ("yes" if row.holds else "NO"),
                number(row.value), row.unit, row.peer, number(row.peer_value),
            ]
        )
    cells = [line for line in [head] + lines if len(line) > 1]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    numeric = {1, 2, 4, 7}

    def text(line: list[str]) -> str:
        return "  ".join(
            cell.rjust(widths[column]) if column in numeric else cell.ljust(widths[column])
            for column, cell in enumerate(line)
        ).rstrip()

    return "\n".join(line[0] if len(line) == 1 else text(line) for line in [head] + lines)


def write_json(path: Path, rows: Sequence[Row]) -> None:
    machine = {"system": platform.platform(), "processor": processor(), "python": sys.version.split()[0]}
    path.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=1) + "\n")


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
