"""From published to stored and acknowledged: one message at a time, 100 a second, to an idle collector.

What the disk's own fsync takes, measured in between in the same folder, is printed beside it and left out of what the
targets are held against: at most 5 ms at the median and 20 ms at the 99th percentile with window.interval 0. The
default interval is measured too, with as many messages, which wait for one another, and with one after a pause.
"""

import os
import time
from pathlib import Path

from load import District
from mqtt import FloodPeer
from processes import Collector
from results import Context, Row, absolute, percentile

def run(context: Context) -> list[Row]:
    count = 200 if context.quick else 2000
    rows: list[Row] = []
    for name, interval, pause in [
        ("window.interval 0", "0ms", 0.01), ("100ms, 100 messages a second", "100ms", 0.01),
        ("100ms, 5 messages a second", "100ms", 0.2),
    ]:
        context.note(f"latency: {name}")
        waits, syncs = measured(context, interval, pause, count if pause < 0.1 else count // 20)
        own = sorted(waits)
        targets = (5.0, 20.0) if interval == "0ms" else (None, None)
        for share, target in zip((0.5, 0.99), targets):
            label = "median" if share == 0.5 else "p99"
            sync = percentile(syncs, share) * 1e3
            beyond = percentile(own, share) * 1e3 - sync
            rows.append(absolute("latency", f"{name}, beyond the fsync, {label}", "ms", beyond, at_most=target))
            rows.append(absolute("latency", f"{name}, fsync of the folder's disk, {label}", "ms", sync))
        context.note("latency: " + histogram(own))
    return rows


def measured(
    context: Context, interval: str, pause: float, count: int
) -> tuple[list[float], list[float]]:
    """Seconds from sent to PUBACK, and of an fsync now and then."""
    peer = FloodPeer()
    collector = Collector(context, f"latency-{interval}-{pause}", peer.port, WINDOW_INTERVAL=interval)
    district = District(100)
    waits: list[float] = []
    syncs: list[float] = []
    try:
        collector.start(subscribed=False)
        peer.accept()
        for number in range(count):
            began = time.perf_counter()
            peer.next_id = number
            flood = peer.flood(peer.encoded(district.messages(1)), number)
            waits.append(flood.acknowledged[-1][0] - flood.sent[-1][0])
            if number % 10 == 0:
                syncs.append(sync(context.work / "sync"))
            time.sleep(max(0, began + pause - time.perf_counter()))
        peer.hang_up()
        collector.stop()
        collector.check(count)
    finally:
        collector.end()
        peer.close()
    return waits, syncs


def sync(path: Path) -> float:
    """Seconds that appending a page to a file of the folder and having it on the disk takes."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(descriptor, bytes(4096))
        began = time.perf_counter()
        os.fsync(descriptor)
        return time.perf_counter() - began
    finally:
        os.close(descriptor)


def histogram(waits: list[float]) -> str:
    """How many took up to 1, 2, 5, … milliseconds."""
    bounds = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]
    counts = [sum(1 for wait in waits if low < wait * 1e3 <= high) for low, high in zip([0.0] + bounds, bounds)]
    return "ms " + "  ".join(f"≤{bound:g}: {count}" for bound, count in zip(bounds, counts) if count)
