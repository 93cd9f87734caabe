"""The rows a report's sums are made of, as Parquet files, twice.

``sender``, ``day_total``, ``register_import``, ``register_row`` and ``stretch`` are the rows as the store has them, each
sorted as a reader would want it, with the factory beside it; stretches of those machines alone whose readings vouch for
longer than days assume.

``session_event``, ``loss`` and ``session_stretch`` are for the time that sessions alone vouch for, which is not timed:
the onlines and offlines of senders, the connections that found the collector's session lost, and the stretches of those
senders.

``days`` has one row for each machine and day, with all of the register that sums depend on resolved beforehand. The
statement that makes it is the one that ``sums_of_rows`` runs in full.

Row groups of 10,240, compressed with zstd.
"""

import contextlib
import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

STATES = ("running", "idle", "setup", "stopped", "fault", "maintenance", "off")
COUNTS = ("energy", "good", "total", "readings", "missing", "meter_resets", "ties")
# Columns of the views' day totals, and two that are pieces of machines that count both.
TOTALS = STATES + ("automatic_running", "manual_running") + COUNTS
SUMS = TOTALS + ("counted_good", "counted_total")
# Milliseconds that every reading vouches for; of a machine whose readings do for longer, days are added up anew.
HORIZON = 900_000
# The longest that any reading vouches by its horizon.
LONGEST = 86_400_000
# After all times.
FAR = 10**18
# A day of Asia/Shanghai, which the generated district is in, from its start to its end in milliseconds UTC.
DAY, ZONE = 86_400_000, 28_800_000
DAY_START, DAY_END = f"day * {DAY} - {ZONE}", f"(day + 1) * {DAY} - {ZONE}"


@dataclass(frozen=True)
class Files:
    """Parquet files of a store."""

    folder: Path
    # The longest that any reading vouches, in milliseconds.
    horizon: int

    def table(self, name: str) -> str:
        return f"read_parquet('{self.folder / name}.parquet')"

    @property
    def days(self) -> str:
        return self.table("days")


class Export:
    """Takes the rows of a generated store out of its databases; live timelines are rows of live.sqlite."""

    def __init__(self, store: Path, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.database = duckdb.connect()

    def write(self) -> tuple[Files, int]:
        """Writes the files; returns them and how many days of machines there are."""
        self.folder.mkdir()
        self.load()
        for table, order in SORTED.items():
            self.copy(f"SELECT * FROM {table} ORDER BY {order}", table)
        (horizon, first, last), = self.database.execute(
            "SELECT (SELECT max(horizon) FROM register_row), min(day), max(day) FROM day_total").fetchall()
        files = Files(self.folder, horizon)
        statement = resolved(files, first, last, None)
        self.copy(f"{statement} SELECT * FROM days ORDER BY factory, day, equipment", "days")
        count: int = self.database.execute(f"SELECT COUNT(*) FROM {files.days}").fetchall()[0][0]
        self.database.close()
        return files, count

    def copy(self, statement: str, table: str) -> None:
        self.database.execute(
            f"COPY ({statement}) TO '{self.folder / table}.parquet' "
            "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)")

    def load(self) -> None:
        counters = ", ".join(f"{name} BIGINT" for name in TOTALS)
        self.take("views", "sender",
                  "number INTEGER, factory TEXT, equipment TEXT, energy BOOLEAN, both_pieces BOOLEAN",
                  """SELECT number, factory, equipment.equipment, energy_meter IS NOT NULL,
                     good_meter IS NOT NULL AND total_meter IS NOT NULL
                     FROM equipment LEFT JOIN live ON live.equipment = number""")
        self.take("views", "day_total", f"factory TEXT, sender INTEGER, day BIGINT, {counters}",
                  f"""SELECT factory, t.* FROM equipment JOIN (
                        SELECT equipment AS sender, day, {", ".join(TOTALS)} FROM day_total
                        UNION ALL SELECT equipment, day, {", ".join(map(live, TOTALS))}
                        FROM live WHERE day IS NOT NULL) t ON t.sender = equipment.number""")
        self.take("register", "register_import", "version INTEGER, effective_on INTEGER",
                  "SELECT version, effective_on FROM import")
        self.take("register", "register_row",
                  """factory TEXT, equipment TEXT, version INTEGER, workshop TEXT, line TEXT, category TEXT,
                     horizon BIGINT, from_day INTEGER, out_day INTEGER, meter TEXT""",
                  f"""SELECT factory, equipment, version, workshop, line, lower(category),
                     min({LONGEST}, max({HORIZON}, 3 * coalesce(report_interval_ms, 0))),
                     commissioned_on, decommissioned_on,
                     CASE energy_meter WHEN '' THEN equipment ELSE energy_meter END FROM equipment_row""")
        # Stretches are needed of those alone whose readings ever vouch for longer than the days assume.
        long = self.database.execute(
            f"""SELECT number FROM sender s WHERE EXISTS (SELECT 1 FROM register_row r WHERE r.factory = s.factory
               AND r.equipment = s.equipment AND r.horizon > {HORIZON})""").fetchall()
        self.take_stretches("stretch", ",".join(str(number) for number, in long) or "-1")
        self.take("views", "session_event", "factory TEXT, sender INTEGER, instant BIGINT, presence INTEGER",
                  """SELECT factory, session_event.*
                     FROM equipment JOIN session_event ON session_event.equipment = equipment.number""")
        # The broker had lost the session: it ended at the last moment observed before.
        self.take("views", "loss", "noticed BIGINT, since BIGINT",
                  """SELECT start, before FROM (
                       SELECT start, resumed, lag(through) OVER (ORDER BY number) AS before FROM observation)
                     WHERE before IS NOT NULL AND NOT resumed""")
        self.take_stretches("session_stretch", "SELECT equipment FROM session_event")

    def take_stretches(self, table: str, senders: str) -> None:
        """Copies the stretches of senders, given by their numbers or by a statement that finds them."""
        self.take("views", table,
                  "factory TEXT, sender INTEGER, start BIGINT, last BIGINT, cut BIGINT, state INTEGER, mode INTEGER",
                  f"""SELECT factory, t.* FROM equipment JOIN (
                        SELECT equipment AS sender, start, last, cut, state, mode FROM interval
                        UNION ALL SELECT equipment, stretch_start, newest, cut, state, mode FROM live
                        WHERE stretch_start IS NOT NULL) t ON t.sender = equipment.number
                      WHERE t.sender IN ({senders})""")

    def take(self, file: str, table: str, columns: str, statement: str) -> None:
        """Copies what a statement says of one of the store's databases into a table."""
        path = self.folder / f"{table}.csv"
        with contextlib.closing(sqlite3.connect(f"file:{self.store}/{file}.sqlite?mode=ro", uri=True)) as source:
            source.execute(f"ATTACH 'file:{self.store}/live.sqlite?mode=ro' AS live_rows")
            with path.open("w", newline="") as out:
                csv.writer(out).writerows(nulls_apart(source.execute(statement)))
        self.database.execute(f"CREATE TABLE {table} ({columns})")
        self.database.execute(f"COPY {table} FROM '{path}' (HEADER false, NULLSTR '\\N')")
        path.unlink()


def live(name: str) -> str:
    """A column of the day that is still open, in which the newest reading vouches on, at most to the day's end."""
    if name not in STATES:
        return name
    until = f"min(newest + {HORIZON}, coalesce(cut, {FAR}), {DAY_END})"
    return f"{name} + CASE state WHEN {STATES.index(name) + 1} THEN max(0, {until} - newest) ELSE 0 END"


def nulls_apart(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[Any]]:
    return ([r"\N" if value is None else value for value in row] for row in rows)


# What the rows' files are sorted by.
SORTED = {"sender": "factory, number", "day_total": "factory, day, sender", "register_import": "version",
          "register_row": "factory, equipment, version", "stretch": "factory, sender, start",
          "session_event": "factory, sender, instant, presence", "loss": "noticed",
          "session_stretch": "factory, sender, start"}


def sums_of_days(files: Files, first: int, last: int, factory: str | None) -> str:
    """The sums by factory, workshop and line, of days that were resolved beforehand."""
    return (f"SELECT factory, workshop, line, {SUMMED} FROM {files.days} "
            f"WHERE day BETWEEN {first} AND {last} AND {chosen(factory)} GROUP BY ALL")


def sums_of_rows(files: Files, first: int, last: int, factory: str | None) -> str:
    """The sums by factory, workshop and line, of the rows as the store has them."""
    return f"{resolved(files, first, last, factory)} SELECT factory, workshop, line, {SUMMED} FROM days GROUP BY ALL"


SUMMED = ", ".join(f"sum({name})" for name in SUMS)


def resolved(files: Files, first: int, last: int, factory: str | None) -> str:
    """The beginning of a statement that has ``days``: of a period, and of one factory or all."""
    return f"""WITH
      {register(files, factory)},
      day_total AS (
        FROM {files.table("day_total")} WHERE {chosen(factory)} AND day BETWEEN {first} AND {last}),
      {vouched(files, "stretch", first, last, factory)},
      long_day AS ({LONG_DAYS.format(first=first, last=last)}), days AS ({DAYS})"""


def chosen(factory: str | None) -> str:
    """The condition for rows of one factory or all."""
    return f"factory = '{factory}'" if factory else "true"


def register(files: Files, factory: str | None) -> str:
    """The part of a statement that has ``rule``, the register by day, and ``counted``."""
    of = chosen(factory)
    return f"""sender AS (FROM {files.table("sender")} WHERE {of}),
      register_import AS (FROM {files.table("register_import")}),
      register_row AS (FROM {files.table("register_row")} WHERE {of}),
      held AS ({HELD}), rule AS ({RULES}), counted AS ({COUNTED_METERS})"""


def vouched(files: Files, stretches: str, first: int, last: int, factory: str | None) -> str:
    """The part of a statement that has ``vouched``: for which time the readings of ``stretches`` vouch."""
    start, end = first * DAY - ZONE, (last + 1) * DAY - ZONE
    return f"""stretch AS (
        FROM {files.table(stretches)}
        WHERE {chosen(factory)} AND start < {end} AND last > {start} - {files.horizon}),
      vouched AS ({VOUCHED})"""


# For each machine, which row of the register holds from which day to which: one for every import, of whomever.
HELD = f"""
WITH segment AS (
  SELECT effective_on AS first_day, lead(effective_on, 1, 1000000) OVER (ORDER BY effective_on) - 1 AS last_day
  FROM (SELECT DISTINCT effective_on FROM register_import)),
ranked AS (
  SELECT s.first_day, s.last_day, r.*,
    row_number() OVER (
      PARTITION BY s.first_day, r.factory, r.equipment ORDER BY i.effective_on DESC, i.version DESC) AS place
  FROM segment s JOIN register_import i ON i.effective_on <= s.first_day JOIN register_row r USING (version))
SELECT n.number AS sender, n.energy, n.both_pieces, h.*,
  max(h.horizon) OVER (PARTITION BY n.number) > {HORIZON} AS by_stretches
FROM ranked h JOIN sender n ON n.factory = h.factory AND n.equipment = h.equipment
WHERE h.place = 1
"""

# Of those, the days on which the machine is in service.
RULES = """
SELECT sender, factory, equipment, workshop, line, meter, energy, both_pieces, by_stretches,
  category NOT IN ('gateway', 'meter', 'sensor') AS production, first_day AS segment,
  greatest(first_day, coalesce(from_day, first_day)) AS first_day,
  least(last_day, coalesce(out_day - 1, last_day)) AS last_day
FROM held
WHERE greatest(first_day, coalesce(from_day, first_day)) <= least(last_day, coalesce(out_day - 1, last_day))
"""

# Whose energy counts while a row holds: the meter's own sender's, or that of the first machine that names it.
COUNTED_METERS = """
SELECT m.factory, m.segment, coalesce(max(own.equipment), min(m.equipment) FILTER (m.energy)) AS equipment
FROM rule m LEFT JOIN rule own
  ON own.factory = m.factory AND own.segment = m.segment AND own.equipment = m.meter AND own.energy
WHERE m.production GROUP BY m.factory, m.segment, m.meter
"""

# A reading vouches until the next one or an offline, at most for the horizon of the register's row of its own day: it
# keeps that past midnight and past a change of the register.
VOUCHED = f"""
WITH ending AS (SELECT *, lead(start, 1, {FAR}) OVER (PARTITION BY sender ORDER BY start) AS following FROM stretch)
SELECT e.factory, e.sender, e.state, e.start,
  least(e.following, e.last + coalesce(h.horizon, {HORIZON}), coalesce(e.cut, {FAR})) AS until
FROM ending e
LEFT JOIN held h ON h.sender = e.sender AND (e.last + {ZONE}) // {DAY} BETWEEN h.first_day AND h.last_day
"""

# Milliseconds in each state on each day of those whose readings ever vouch for longer than a quarter of an hour.
LONG_DAYS = f"""
WITH reached AS (
  SELECT *, unnest(range(
    greatest({{first}}, (start + {ZONE}) // {DAY}), least({{last}}, (until - 1 + {ZONE}) // {DAY}) + 1)) AS day
  FROM vouched),
clipped AS (
  SELECT sender, day, state, least(until, {DAY_END}) - greatest(start, {DAY_START}) AS length FROM reached)
SELECT sender, day, {", ".join(f"sum(length) FILTER (state = {at}) AS {name}" for at, name in enumerate(STATES, 1))}
FROM clipped WHERE length > 0 GROUP BY sender, day
"""

DAYS = f"""
SELECT r.factory, r.workshop, r.line, r.equipment, d.day,
  {", ".join(
      f"CASE WHEN NOT r.production THEN 0 WHEN r.by_stretches THEN coalesce(l.{name}, 0) ELSE d.{name} END "
      f"AS {name}"
      for name in STATES)},
  {", ".join(f"CASE WHEN r.production THEN d.{name} ELSE 0 END AS {name}"
             for name in ("automatic_running", "manual_running") + COUNTS if name != "energy")},
  CASE WHEN c.equipment IS NOT NULL THEN d.energy ELSE 0 END AS energy,
  CASE WHEN r.production AND r.both_pieces THEN d.good ELSE 0 END AS counted_good,
  CASE WHEN r.production AND r.both_pieces THEN d.total ELSE 0 END AS counted_total
FROM (SELECT coalesce(t.sender, l.sender) AS sender, coalesce(t.day, l.day) AS day,
        {", ".join(f"coalesce(t.{name}, 0) AS {name}" for name in TOTALS)}
      FROM day_total t FULL JOIN long_day l ON l.sender = t.sender AND l.day = t.day) d
JOIN rule r ON r.sender = d.sender AND d.day BETWEEN r.first_day AND r.last_day
LEFT JOIN long_day l ON l.sender = d.sender AND l.day = d.day
LEFT JOIN counted c ON c.factory = r.factory AND c.segment = r.segment AND c.equipment = r.equipment
WHERE r.production OR c.equipment IS NOT NULL
"""
