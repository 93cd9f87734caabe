"""What compacting a day costs the collector: the rate at which it collects meanwhile, and otherwise.

A backlog in a real broker is drained while a large closed day is being compacted and, in turn, while none is due; each
time the store is the same, and so is the session. Whichever is first changes from round to round. The rate is from the
subscription to the last message. A round counts only if compacting had begun before half of the backlog was collected
and went on after the last of it; then the compacted day is read back with the rest, and every message must be there.
"""

import os
import shutil
import time
from datetime import date
from pathlib import Path

from load import District
from mqtt import publish
from processes import Broker, Collector, wait_until
from results import Context, Row, Wrong, compared
from stores import day_to_close, held, is_compacted, read, received_on, settle


def cost(context: Context) -> Row:
    broker = Broker(context.work)
    district = District(2000)
    # The same store and session each time; only when days are compacted differs.
    later = Collector(context, "compaction", broker.port, JOURNAL_COMPACT_AFTER="60d")
    due = Collector(context, "compaction", broker.port, JOURNAL_COMPACT_AFTER="1d")
    try:
        kept = 60_000 if context.quick else 600_000
        day = day_to_close()
        closed = store_with_closed_day(context, broker, later, district, kept, day)
        backlog = 60_000 if context.quick else 500_000
        during: list[float] = []
        alone: list[float] = []
        for round in range(max(3, context.rounds)):
            context.note(f"disk: compaction beside collecting, round {round + 1} of {max(3, context.rounds)}")
            turns = [(due, during), (later, alone)]
            # Neither is always the first.
            for collector, rates in turns if round % 2 == 0 else reversed(turns):
                restore(closed, collector.store)
                publish(broker.port, district.messages(backlog))
                rates.append(drain(broker, collector, kept, backlog, day, compacting=collector is due))
    finally:
        later.end()
        due.end()
        broker.stop()
    return compared(
        "disk", "messages a second while a day is compacted", "1/s", during, "without", alone,
        at_least=None if context.quick else 0.9)


def store_with_closed_day(
    context: Context, broker: Broker, collector: Collector, district: District, kept: int, day: date
) -> Path:
    """A copy of a store whose journal holds a day that is closed and not compacted, and has begun the next."""
    context.note(f"disk: a day of {kept:,} messages to compact")
    collector.start()
    publish(broker.port, district.messages(kept))
    wait_until("all is collected", 300, lambda: held(collector.store) >= kept, pause=0.1)
    settle(broker)
    collector.stop()
    collector.check(kept)
    received_on(collector.store, day)
    collector.start()
    roots = collector.store / "roots.sqlite"
    wait_until("the day is closed", 120, lambda: read(roots, "SELECT count(*) FROM day_root") == 1, pause=0.1)
    collector.stop()
    if is_compacted(collector.store, day):
        raise Wrong("the day was compacted before it was due")
    copy = context.work / "closed"
    shutil.copytree(collector.store, copy)
    return copy


def restore(copy: Path, store: Path) -> None:
    shutil.rmtree(store)
    shutil.copytree(copy, store)
    os.sync()


def drain(
    broker: Broker, collector: Collector, kept: int, backlog: int, day: date, compacting: bool
) -> float:
    """Messages a second from the subscription to the last one of the backlog."""
    made = collector.store / "journal" / f"{day}.sqlite.compacting"
    before = held(collector.store, without=day)
    collector.start()
    began = time.perf_counter()
    begun = False
    while (collected := held(collector.store, without=day) - before) < backlog:
        if collected < backlog / 2 and made.exists():
            begun = True
        if time.perf_counter() - began > 120:
            raise Wrong(f"the collector has {collected:,} of {backlog:,} messages")
        time.sleep(0.02)
    rate = backlog / (time.perf_counter() - began)
    is_made = made.exists()
    # What it has not read an acknowledgement of it would send again, to a store that was put back.
    settle(broker)
    if begun != compacting or is_made != compacting:
        raise Wrong("the day was not compacted all the while" if compacting else "a day was compacted")
    if compacting:
        wait_until("the day is compacted", 300, lambda: is_compacted(collector.store, day), pause=0.1)
    collector.stop()
    if collector.verified() != kept + backlog:
        raise Wrong(f"the journal holds {collector.verified():,} messages, not {kept + backlog:,}")
    return rate
