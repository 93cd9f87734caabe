"""The time that sessions vouch for and no reading does, by DuckDB: not timed, since only the report needs it.

An online opens a session until the next offline or the loss of the collector's own session. At equal times an online is
before an offline. An instant is vouched for by a reading within its horizon or by a session; a session adds what no
reading vouches for.
"""

from day_export import DAY, FAR, ZONE, Files, chosen, register, vouched


def sums_of_sessions(files: Files, first: int, last: int, factory: str | None) -> str:
    """Milliseconds by factory, workshop and line."""
    return f"""WITH
      {register(files, factory)},
      session_event AS (FROM {files.table("session_event")} WHERE {chosen(factory)}),
      loss AS (FROM {files.table("loss")}),
      {vouched(files, "session_stretch", first, last, factory)},
      session AS ({SESSIONS}), added AS ({ADDED})
      SELECT factory, workshop, line, sum(length)
      FROM ({CLIPPED.format(first=first, last=last)}) GROUP BY ALL"""


# A second online of a session makes a part of the same session.
SESSIONS = f"""
WITH event AS (
  SELECT *, min(instant) FILTER (presence = 2) OVER (
    PARTITION BY sender ORDER BY instant, presence ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS offline
  FROM session_event)
SELECT factory, sender, instant AS start,
  least(coalesce(offline, {FAR}), coalesce((SELECT min(since) FROM loss WHERE noticed > instant), {FAR})) AS until
FROM event WHERE presence = 1
"""

# All time vouched for, each instant once, and what readings vouch for taken off again.
ADDED = f"""
WITH piece AS (
  SELECT factory, sender, start, until FROM vouched WHERE start < until
  UNION ALL SELECT factory, sender, start, until FROM session WHERE start < until),
whole AS (
  SELECT factory, sender, until, greatest(start, coalesce(max(until) OVER (
    PARTITION BY sender ORDER BY start, until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -{FAR})) AS start
  FROM piece)
SELECT factory, sender, start, until, 1 AS factor FROM whole WHERE start < until
UNION ALL SELECT factory, sender, start, until, -1 FROM vouched WHERE start < until
"""

# Within the period and the days of service of each row of the register.
CLIPPED = f"""
SELECT r.factory, r.workshop, r.line, a.factor * greatest(0,
  least(a.until, (least(r.last_day, {{last}}) + 1)::BIGINT * {DAY} - {ZONE})
  - greatest(a.start, greatest(r.first_day, {{first}})::BIGINT * {DAY} - {ZONE})) AS length
FROM added a JOIN rule r ON r.sender = a.sender WHERE r.production
"""
