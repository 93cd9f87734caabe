"""Reports beside DuckDB: the sums of a report, by line, from the same rows exported to Parquet.

A district's year is generated as a store. Millwright's time is that of `report-bench measure`: reading, judging and
rendering the report as JSON in a process that runs, the first round not counted. DuckDB's is one statement over Parquet
files, in a connection that stays open, with the files' metadata cached and a thread for each core, up to the rows being
in Python; its first round is not counted either. Both find their files in the page cache. They take turns: all reports,
then all statements, and the ratio is the median of the rounds' ratios.

DuckDB prints, by factory, workshop and line: milliseconds in each of the seven states, running by mode of control,
energy, good and all pieces, pieces of machines that count both, readings, missing messages, meters that fell, and
readings at one instant. Each of these that the report prints is compared with it, for each line or factory and for the
whole, and one that is not the same is an error.

It does so twice. From the same rows a report has: days of senders, and the register's rows, of which it must find the
one that held on each day, with workshop and line, who was in service, whose energy counts of those that share a meter,
and the time in each state of machines whose readings vouch for longer than a quarter of an hour; that is what the
targets are for. And, without a target, from a table that has all of this worked out before, untimed: one row for each
machine and day, of which it is to do nothing but add up.

The time that sessions alone vouch for is found by another statement, which is not timed, so that the whole time vouched
for can be compared as well as that of readings.

Either way DuckDB does not read the calendars, when the collector listened, slots in which data was due, planned time,
alarms, sessions, the worst machines, months one by one, gaps, flags or refusals, nor both ends of a factory's retrofit,
and writes no JSON; a report does all that in the time that is compared.
"""

import contextlib
import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from day_export import STATES, SUMS, Export, Files, sums_of_days, sums_of_rows
from results import Context, Row, Wrong, absolute, compared, median
from session_sums import sums_of_sessions

EPOCH = date(1970, 1, 1)
DISTRICT_YEAR = "district, a year"
# How often each is timed in a round.
TIMES = 5
NAME = "report queries"


@dataclass(frozen=True)
class Size:
    factories: int
    equipment: int
    days: int

    @property
    def options(self) -> list[str]:
        return [f"--{name}={value}" for name, value in vars(self).items()]


@dataclass(frozen=True)
class Subject:
    """A report that was timed: of a factory or, with none, of the district, over days both included."""

    name: str
    factory: str | None
    first: date
    last: date
    # Milliseconds of each round; empty where only the whole command can be timed.
    in_process: list[float]
    command: list[float]

    @property
    def days(self) -> tuple[int, int]:
        return (self.first - EPOCH).days, (self.last - EPOCH).days


Sums = dict[str, int]
# Factory, workshop and line.
Place = tuple[str, str, str]
Found = dict[Place, Sums]
T = TypeVar("T")


def run(context: Context) -> list[Row]:
    size = Size(6, 40, 120) if context.quick else Size(12, 100, 365)
    store = context.work / "report-store"
    context.note(f"report queries: {size.factories} factories with {size.equipment} machines, {size.days} days")
    run_tool([str(context.report_bench), "generate", str(store), *size.options])
    files, count = Export(store, context.work / "parquet").write()
    context.note(f"report queries: {count:,} rows in Parquet")
    product, peer = Product(context, store, size), Peer(files)
    turns: dict[str, list[Turn]] = {}
    for turn in range(context.rounds):
        context.note(f"report queries: round {turn + 1} of {context.rounds}")
        for subject in product.measured(TIMES):
            times, found = peer.timed(subject, sums_of_rows)
            beforehand, same = peer.timed(subject, sums_of_days)
            if found != same:
                raise Wrong(f"{subject.name}: DuckDB says other sums of the rows than of the days")
            turns.setdefault(subject.name, []).append(Turn(subject, times, beforehand))
            if turn == 0:
                compare(subject, with_sessions(found, peer.sessions(subject)), product.report(subject))
    return [row for name, of_subject in turns.items() for row in rows(name, of_subject)]


@dataclass(frozen=True)
class Turn:
    """A report by the product and by DuckDB, one soon after the other."""

    subject: Subject
    theirs: list[float]
    # From rows that were resolved before.
    beforehand: list[float]


def rows(name: str, turns: list[Turn]) -> list[Row]:
    """A factory's report may take DuckDB's time once, a district's year twice."""
    theirs = [median(turn.theirs) for turn in turns]
    most = 2 if name == DISTRICT_YEAR else None if name.startswith("district") else 1
    commands = [median(turn.subject.command) for turn in turns]
    if not all(turn.subject.in_process for turn in turns):
        return [compared(NAME, f"{name}, the whole command", "ms", commands, "DuckDB", theirs, at_most=most)]
    ours = [median(turn.subject.in_process) for turn in turns]
    beforehand = [median(turn.beforehand) for turn in turns]
    return [compared(NAME, name, "ms", ours, "DuckDB", theirs, at_most=most),
            compared(NAME, f"{name}, where only adding up is left", "ms", ours, "DuckDB", beforehand),
            absolute(NAME, f"{name}, the whole command", "ms", median(commands))]


class Product:
    """The product over the generated store."""

    def __init__(self, context: Context, store: Path, size: Size) -> None:
        self.context, self.store, self.size = context, store, size
        with contextlib.closing(sqlite3.connect(f"file:{store}/views.sqlite?mode=ro", uri=True)) as views:
            views.execute(f"ATTACH 'file:{store}/live.sqlite?mode=ro' AS live_rows")
            first, last = views.execute(
                "SELECT (SELECT MIN(day) FROM day_total), (SELECT MAX(day) FROM live)").fetchone()
        self.first, self.last = day(first), day(last)

    def measured(self, times: int) -> list[Subject]:
        """What `report-bench measure` says, and a year of the whole district by its command where that does not."""
        path = self.context.work / "reports.json"
        run_tool([str(self.context.report_bench), "measure", str(self.store), "--millwright",
                  str(self.context.millwright), "--json", str(path), "--rounds", str(times), *self.size.options])
        subjects = [self.subject(one) for one in json.loads(path.read_text())["reports"]]
        if not any(subject.name == DISTRICT_YEAR for subject in subjects):
            year = Subject(DISTRICT_YEAR, None, self.first, self.last, [], [])
            commands = [timed(lambda: self.printed(year))[0] for _ in range(times + 1)][1:]
            subjects.append(replace(year, command=commands))
        return subjects

    def subject(self, one: dict[str, Any]) -> Subject:
        # Named by what they are: the first factory, or the fourth, which is the first with a calendar.
        name = one["report"]
        factory = None if name.startswith("district") else "F004" if name.endswith("calendar") else "F001"
        return Subject(name, factory, date.fromisoformat(one["from"]), date.fromisoformat(one["to"]),
                       one["in_process_ms"], one["command_ms"])

    def report(self, subject: Subject) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.printed(subject))
        return report

    def printed(self, subject: Subject) -> str:
        scope = ["factory", subject.factory] if subject.factory else ["district"]
        end = date.fromordinal(self.last.toordinal() + 1)
        return run_tool(
            [str(self.context.millwright), "report", *scope, "--from", str(subject.first), "--to", str(subject.last),
             "--known-at", f"{end}T00:00:00+08:00", "--format", "json", "--config", str(self.store / "bench.yaml")])


def run_tool(command: list[str]) -> str:
    """What a program prints, which must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    if done.returncode != 0:
        raise Wrong(f"{Path(command[0]).name} {command[1]}: {done.stderr.strip()[-500:]}")
    return done.stdout


def day(number: int) -> date:
    return date.fromordinal(EPOCH.toordinal() + number)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Milliseconds, and what came of it."""
    began = time.perf_counter()
    result = work()
    return (time.perf_counter() - began) * 1e3, result


class Peer:
    """DuckDB over the Parquet files."""

    def __init__(self, files: Files) -> None:
        self.database = duckdb.connect()
        self.database.execute(f"SET threads = {os.cpu_count() or 1}")
        self.database.execute("SET parquet_metadata_cache = true")
        self.files = files

    def sums(self, statement: str) -> Found:
        rows = self.database.execute(statement).fetchall()
        # A line of which there is nothing to count has a row by one way and none by the other.
        found = {row[:3]: dict(zip(SUMS, map(int, row[3:]))) for row in rows}
        return {place: sums for place, sums in found.items() if any(sums.values())}

    def sessions(self, subject: Subject) -> dict[Place, int]:
        """Milliseconds that sessions alone vouch for."""
        statement = sums_of_sessions(self.files, *subject.days, subject.factory)
        return {row[:3]: int(row[3]) for row in self.database.execute(statement).fetchall() if row[3]}

    def timed(
        self, subject: Subject, statement: Callable[[Files, int, int, str | None], str]
    ) -> tuple[list[float], Found]:
        """Milliseconds of each round, and what it found: the same each time."""
        text = statement(self.files, *subject.days, subject.factory)
        found = self.sums(text)
        times: list[float] = []
        for _ in range(TIMES):
            took, again = timed(lambda: self.sums(text))
            if again != found:
                raise Wrong(f"{subject.name}: DuckDB says different sums")
            times.append(took)
        return times, found


# Comparing


def with_sessions(found: Found, sessions: dict[Place, int]) -> Found:
    """The sums of every place that has any, with what sessions alone vouch for."""
    nothing = dict.fromkeys(SUMS, 0)
    return {place: found.get(place, nothing) | {"sessions": sessions.get(place, 0)} for place in found | sessions}


def compare(subject: Subject, found: Found, report: dict[str, Any]) -> None:
    """Every sum of DuckDB's that the report prints is what it prints."""
    quality = report["data_quality"]
    whole = added(found.values())
    same(subject.name, whole, report["metrics"])
    expect(subject.name, "good pieces", whole["good"], thousandths(report["energy"]["good"]))
    expect(subject.name, "energy", whole["energy"], thousandths(report["energy"]["kwh"] or "0"))
    printed = {"readings": "readings", "missing": "missing", "meter_resets": "meter_resets", "ties": "equal_times"}
    for name, key in printed.items():
        expect(subject.name, name, whole[name], quality[key])
    if subject.factory:
        compare_lines(subject, found, report)
    else:
        compare_factories(subject, found, report)


def compare_lines(subject: Subject, found: Found, report: dict[str, Any]) -> None:
    lines = {(workshop["id"], line["id"]): line for workshop in report["workshops"] for line in workshop["lines"]}
    energy = {(line["workshop"], line["line"]): sum(map(thousandths, line["kwh"]))
              for line in report["details"]["lines"]}
    for (_, workshop, line), sums in found.items():
        name = f"{subject.name}, {workshop}/{line}"
        if (workshop, line) in lines:
            same(name, sums, lines[workshop, line]["metrics"])
        expect(name, "energy", sums["energy"], energy.get((workshop, line), 0))


def compare_factories(subject: Subject, found: Found, report: dict[str, Any]) -> None:
    for factory in report["factories"]:
        sums = added(sums for (id, _, _), sums in found.items() if id == factory["id"])
        same(f"{subject.name}, {factory['id']}", sums, factory["metrics"])


def same(name: str, sums: Sums, metrics: dict[str, Any]) -> None:
    expect(name, "running", sums["running"], metrics["calendar_running_ratio"]["numerator"])
    by_readings = sum(sums[state] for state in STATES)
    on = metrics["time_weighted_connectivity_24x7"]["numerator"]
    expect(name, "time vouched for", by_readings + sums["sessions"], on)
    # The report prints that of readings without planned shutdowns: it is the whole where none has any time in it.
    if metrics["time_weighted_connectivity"]["numerator"] == on:
        expect(name, "time that readings vouch for", by_readings, metrics["time_weighted_reporting"]["numerator"])
    quality = metrics["quality_ratio"]
    expect(name, "good pieces of those that count both", sums["counted_good"], quality["numerator"])
    expect(name, "all pieces of those that count both", sums["counted_total"], quality["denominator"])


def expect(name: str, what: str, theirs: int, ours: int) -> None:
    if theirs != ours:
        raise Wrong(f"{name}: {what}: DuckDB says {theirs:,}, the report {ours:,}")


def added(all_sums: Iterable[Sums]) -> Sums:
    total = dict.fromkeys((*SUMS, "sessions"), 0)
    for sums in all_sums:
        for name, value in sums.items():
            total[name] += value
    return total


def thousandths(text: str) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole) * 1000 + int(fraction.ljust(3, "0"))
