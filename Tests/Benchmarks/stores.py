"""Looking into a collector's store, and ending its journal's day before the day is over.

A day is told by when messages came, and is packed tightly a day after it ended. So as not to wait for that, the file of
the day on which messages came is given the name of a day before yesterday while no collector runs; their own times had
better lie on that day. From there on everything is the collector's doing: it closes the day, compacts it and packs the
days of senders that have moved on.
"""

import contextlib
import sqlite3
import time
from datetime import date, datetime, timedelta
from pathlib import Path

from plants import ZONE
from processes import Broker, processor_time
from results import Wrong


def day_to_close() -> date:
    """The last day before yesterday with which a group of days ends that the views pack together."""
    day = datetime.now(ZONE).date() - timedelta(days=2)
    while day.day not in (7, 14, 21) and (day + timedelta(days=1)).day != 1:
        day -= timedelta(days=1)
    return day


def received_on(store: Path, day: date) -> None:
    """Has what the journal holds been received on that day: its only file gets another name."""
    files = sorted((store / "journal").glob("*.sqlite"))
    if len(files) != 1:
        raise Wrong("midnight passed while messages were collected: again, please")
    for ending in ("-wal", "-shm"):
        beside = files[0].with_name(files[0].name + ending)
        if beside.exists() and ending == "-wal" and beside.stat().st_size:
            raise Wrong(f"{beside.name} is not empty after a clean stop")
        beside.unlink(missing_ok=True)
    files[0].rename(files[0].with_name(f"{day}.sqlite"))


def read(path: Path, statement: str) -> int:
    """One number from a database, which another process may just be replacing; 0 where there is none."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return int(database.execute(statement).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def held(store: Path, without: date | None = None) -> int:
    """Records in the journal, in blocks and in spans of them; those of the connection are a few more.

    A day `without` which they are asked for is not opened: a reader may put off that it is compacted.
    """
    statement = "SELECT (SELECT coalesce(sum(records), 0) FROM block) + (SELECT coalesce(sum(records), 0) FROM span)"
    files = (store / "journal").glob("*.sqlite")
    return sum(read(path, statement) for path in files if path.stem != str(without))


def is_compacted(store: Path, day: date) -> bool:
    path = store / "journal" / f"{day}.sqlite"
    return read(path, """SELECT NOT EXISTS (SELECT 1 FROM block) AND EXISTS (SELECT 1 FROM part)
                         AND NOT EXISTS (SELECT 1 FROM part WHERE factory IS NULL)""") == 1


def packed(store: Path) -> int:
    return read(store / "views.sqlite", "SELECT count(DISTINCT equipment) FROM packed_days")


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def settle(broker: Broker, seconds: float = 60) -> None:
    """Waits until a broker has nothing more to do: it has then read every acknowledgement."""
    deadline = time.monotonic() + seconds
    used = -1.0
    while used != (used := processor_time(broker.process.pid)):
        if time.monotonic() > deadline:
            raise Wrong("the broker has no end of things to do")
        time.sleep(0.5)
