"""The days of a store as one Parquet file, with all of the register that sums of them depend on resolved.

One row for each machine and day, sorted by factory and day, in row groups of 10,240 compressed with zstd: what a report
would have to work out first is already in it. See ``report_queries`` for what that spares whoever reads it.
"""

import contextlib
import csv
import sqlite3
from collections.abc import Iterator
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
# After all times.
FAR = 10**18
# A day of Asia/Shanghai, which the generated district is in, from its start to its end in milliseconds UTC.
DAY_START, DAY_END = "day * 86400000 - 28800000", "day * 86400000 + 57600000"


class Export:
    """The days of a store as one Parquet file, with all of the register that their sums depend on resolved."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.database = duckdb.connect()

    def write(self, path: Path) -> int:
        """Writes the file and returns its rows."""
        self.load()
        for statement in (RULES, COUNTED_METERS, LONG_STRETCHES, LONG_DAYS, DAYS):
            self.database.execute(statement)
        self.database.execute(
            f"COPY (SELECT * FROM days ORDER BY factory, day, equipment) TO '{path}' "
            "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10240)")
        rows: int = self.database.execute("SELECT COUNT(*) FROM days").fetchall()[0][0]
        self.database.close()
        return rows

    def load(self) -> None:
        counters = ", ".join(f"{name} BIGINT" for name in TOTALS)
        self.take("views", "sender",
                  "number INTEGER, factory TEXT, equipment TEXT, energy BOOLEAN, both_pieces BOOLEAN",
                  """SELECT number, factory, equipment.equipment, energy_meter IS NOT NULL,
                     good_meter IS NOT NULL AND total_meter IS NOT NULL
                     FROM equipment LEFT JOIN live ON live.equipment = number""")
        self.take("views", "day_total", f"sender INTEGER, day BIGINT, {counters}",
                  f"""SELECT equipment, day, {", ".join(TOTALS)} FROM day_total
                      UNION ALL SELECT equipment, day, {", ".join(map(live, TOTALS))}
                      FROM live WHERE day IS NOT NULL""")
        self.take("register", "register_import", "version INTEGER, effective_on INTEGER",
                  "SELECT version, effective_on FROM import")
        self.take("register", "register_row",
                  """factory TEXT, equipment TEXT, version INTEGER, workshop TEXT, line TEXT, category TEXT,
                     horizon BIGINT, from_day INTEGER, out_day INTEGER, meter TEXT""",
                  f"""SELECT factory, equipment, version, workshop, line, lower(category),
                     max({HORIZON}, 3 * coalesce(report_interval_ms, 0)), commissioned_on, decommissioned_on,
                     CASE energy_meter WHEN '' THEN equipment ELSE energy_meter END FROM equipment_row""")
        # Stretches are needed of those alone whose readings ever vouch for longer than the days assume.
        long = self.database.execute(
            f"""SELECT number FROM sender s WHERE EXISTS (SELECT 1 FROM register_row r WHERE r.factory = s.factory
               AND r.equipment = s.equipment AND r.horizon > {HORIZON})""").fetchall()
        named = ",".join(str(number) for number, in long) or "-1"
        self.take("views", "stretch",
                  "sender INTEGER, start BIGINT, last BIGINT, cut BIGINT, state INTEGER, mode INTEGER",
                  f"""SELECT equipment, start, last, cut, state, mode FROM interval WHERE equipment IN ({named})
                      UNION ALL SELECT equipment, stretch_start, newest, cut, state, mode FROM live
                      WHERE stretch_start IS NOT NULL AND equipment IN ({named})""")

    def take(self, file: str, table: str, columns: str, statement: str) -> None:
        """Copies what a statement says of one of the store's databases into a table."""
        path = self.store.parent / f"{table}.csv"
        with contextlib.closing(sqlite3.connect(f"file:{self.store}/{file}.sqlite?mode=ro", uri=True)) as source:
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


# For each machine, which row of the register holds from which day to which: one for every import, of whomever.
RULES = """
CREATE TABLE rule AS
WITH segment AS (
  SELECT effective_on AS first_day, lead(effective_on, 1, 1000000) OVER (ORDER BY effective_on) - 1 AS last_day
  FROM (SELECT DISTINCT effective_on FROM register_import)),
held AS (
  SELECT s.first_day, s.last_day, r.*,
    row_number() OVER (
      PARTITION BY s.first_day, r.factory, r.equipment ORDER BY i.effective_on DESC, i.version DESC) AS place
  FROM segment s JOIN register_import i ON i.effective_on <= s.first_day JOIN register_row r USING (version))
SELECT n.number AS sender, h.factory, h.equipment, h.workshop, h.line, h.meter, h.horizon, n.energy, n.both_pieces,
  h.category NOT IN ('gateway', 'meter', 'sensor') AS production, h.first_day AS segment,
  greatest(h.first_day, coalesce(h.from_day, h.first_day)) AS first_day,
  least(h.last_day, coalesce(h.out_day - 1, h.last_day)) AS last_day
FROM held h JOIN sender n ON n.factory = h.factory AND n.equipment = h.equipment
WHERE h.place = 1
  AND greatest(h.first_day, coalesce(h.from_day, h.first_day)) <= least(h.last_day, coalesce(h.out_day - 1, h.last_day))
"""

# Whose energy counts while a row holds: the meter's own sender's, or that of the first machine that names it.
COUNTED_METERS = """
CREATE TABLE counted AS
SELECT m.factory, m.segment, coalesce(max(own.equipment), min(m.equipment) FILTER (m.energy)) AS equipment
FROM rule m LEFT JOIN rule own
  ON own.factory = m.factory AND own.segment = m.segment AND own.equipment = m.meter AND own.energy
WHERE m.production GROUP BY m.factory, m.segment, m.meter
"""

LONG_STRETCHES = f"""
CREATE TABLE ending AS
SELECT *, lead(start, 1, {FAR}) OVER (PARTITION BY sender ORDER BY start) AS following FROM stretch
"""

# Milliseconds in each state on each day of those that vouch for longer than a quarter of an hour.
LONG_DAYS = f"""
CREATE TABLE long_day AS
WITH clipped AS (
  SELECT r.sender, d.day, e.state, e.mode,
    least(e.following, e.last + r.horizon, coalesce(e.cut, {FAR}), d.{DAY_END})
      - greatest(e.start, d.{DAY_START}) AS length
  FROM rule r JOIN ending e ON e.sender = r.sender
  JOIN (SELECT DISTINCT day FROM day_total) d ON d.day BETWEEN r.first_day AND r.last_day
    AND e.start < d.{DAY_END} AND e.last + r.horizon > d.{DAY_START}
  WHERE r.horizon > {HORIZON})
SELECT sender, day, {", ".join(f"sum(length) FILTER (state = {at}) AS {name}" for at, name in enumerate(STATES, 1))}
FROM clipped WHERE length > 0 GROUP BY sender, day
"""

DAYS = f"""
CREATE TABLE days AS
SELECT r.factory, r.workshop, r.line, r.equipment, d.day,
  {", ".join(
      f"CASE WHEN NOT r.production THEN 0 WHEN r.horizon > {HORIZON} THEN coalesce(l.{name}, 0) ELSE d.{name} END "
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
