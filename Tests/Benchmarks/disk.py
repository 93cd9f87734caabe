"""Bytes a message on the disk, on its day and compacted, beside the same messages as JSON rows in SQLite; and, by
``compaction``, what compacting costs the collector.

Three plants send through a real broker to the real collector, and every file of its store is counted after a clean
stop: journal, views, roots and whatever else is there. The peer is one table of topic, receipt and payload, written in
WAL mode, checkpointed and vacuumed.

So as not to wait for a day to end, the journal's day is given another name between two runs of the collector: see
``stores``. Before and after, the journal is read back against its chain of hashes and must hold every message, and
rebuilding the views from it must give what they say.

Sizes depend on how many messages a window holds. Of a quiet plant it is two or three; a backlog would fill them. The
steady and the flapping plant are therefore collected with windows of three, the busy one with windows as configured.
Stores whose size alone is asked for lie in memory where the system has a file system for that: a commit for every third
message would be most of the time.

A backlog's receipts follow one another so evenly that they take next to no room. To make up for it the machines' own
clocks tremble by 150 ms instead of 15, which is as much to be stored as receipts that come 10 ms sooner or later.

Left out: a whole day of messages, of which the fixed parts of a store are a smaller share than of some hours; `online`
and `offline`, whose time is that of their receipt and so cannot lie on a day that is over.

A quick run is held against no target: the fixed parts of a store are most of a small one.
"""

import contextlib
import os
import sqlite3
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import compaction
from mqtt import publish
from plants import PLANTS, Plant, heartbeats, next_morning
from processes import Broker, Collector, wait_until
from results import Context, Row, Wrong, absolute
from stores import day_to_close, folder_bytes, held, is_compacted, packed, received_on, settle

NAME = "disk"


def run(context: Context) -> list[Row]:
    rows: list[Row] = []
    for plant in PLANTS:
        rows += sizes(context, plant, 40_000 if context.quick else 400_000)
    rows.append(compaction.cost(context))
    return rows


def sizes(context: Context, plant: Plant, messages: int) -> list[Row]:
    with contextlib.ExitStack() as stack:
        memory = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else context.work
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="millwright-disk-", dir=memory)))
        broker = Broker(context.work)
        stack.callback(broker.stop)
        windows = {"WINDOW_MESSAGES": str(plant.window)} if plant.window else {}
        collector = Collector(replace(context, work=work), plant.name, broker.port, **windows)
        stack.callback(collector.end)
        return measured(context, plant, messages, broker, collector)


def measured(context: Context, plant: Plant, messages: int, broker: Broker, collector: Collector) -> list[Row]:
    day = day_to_close()
    context.note(f"disk: a {plant.name} plant, {messages:,} messages")
    collector.start()
    publish(broker.port, heartbeats(plant, day, messages))
    wait_until("all is collected", 900, lambda: held(collector.store) >= messages, pause=0.2)
    # A few records of the connection are among those held.
    settle(broker)
    collector.stop()
    collector.check(messages)
    live = folder_bytes(collector.store) / messages

    received_on(collector.store, day)
    collector.start()
    publish(broker.port, next_morning(plant, day))
    wait_until("the day is compacted", 600, lambda: is_compacted(collector.store, day), pause=1)
    wait_until("the days of senders are packed", 60, lambda: packed(collector.store) >= plant.machines, pause=0.2)
    collector.stop()
    collector.check(messages + plant.machines)
    compacted = folder_bytes(collector.store) / messages

    json = json_bytes(collector.context.work / "json.sqlite", plant, day, messages) / messages
    of = f"{plant.name} plant"
    return [
        beside(f"{of}, on the day", live, json, None if context.quick else 25),
        beside(f"{of}, compacted", compacted, json, None if context.quick else 8),
        absolute(NAME, f"{of}, a message with its topic", "bytes", message_bytes(plant, day, min(messages, 10_000))),
    ]


def beside(what: str, ours: float, theirs: float, at_most: int | None) -> Row:
    row = Row(NAME, what, ours, "bytes/message", "JSON rows in SQLite", theirs, ours / theirs)
    if at_most is not None:
        row.target, row.holds = f"<= {at_most} bytes", ours <= at_most
    return row


def message_bytes(plant: Plant, day: date, messages: int) -> float:
    return sum(len(topic) + len(payload) for topic, payload in heartbeats(plant, day, messages)) / messages


def json_bytes(path: Path, plant: Plant, day: date, messages: int) -> int:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE message (topic TEXT, received INTEGER, payload TEXT)")
        received = int(time.time() * 1000)
        with database:
            database.executemany(
                "INSERT INTO message VALUES (?, ?, ?)",
                ((topic.decode(), received + number, payload.decode())
                 for number, (topic, payload) in enumerate(heartbeats(plant, day, messages))))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if database.execute("SELECT count(*) FROM message").fetchone()[0] != messages:
            raise Wrong("not every message is in the table")
        size = path.stat().st_size
    return size
