"""Private memory by live equipment, and while ten times more is sent than a plant does, for minutes.

Private memory is anonymous pages, resident or swapped out: what the collector itself takes. Resident memory, printed
beside it, also has the pages of the program and its libraries, which the system reads from files, shares with other
processes and drops when it needs room. The overload is a peer that sends 90,000 messages every second, ten times what
9,000 machines do that report once a second.
"""

import time

from load import District
from mqtt import FloodPeer
from processes import Collector, memory, private
from results import Context, Row, Wrong, absolute

BASE = 20.0
BYTES = 450


def run(context: Context) -> list[Row]:
    sizes = [1_000, 10_000] if context.quick else [1_000, 10_000, 100_000]
    rows: list[Row] = []
    for senders in sizes:
        context.note(f"memory: {senders:,} live equipment")
        rows += by_equipment(context, senders)
    rows += overload(context, 20 if context.quick else 600)
    return rows


def limit(senders: int) -> float:
    return BASE + senders * BYTES / (1 << 20)


def by_equipment(context: Context, senders: int) -> list[Row]:
    peer = FloodPeer()
    collector = Collector(
        context, f"memory-{senders}", peer.port, LIMITS_UNREGISTERED_SENDERS=str(senders))
    district = District(senders)
    try:
        collector.start(subscribed=False)
        peer.accept()
        count = max(senders * 2, 200_000)
        peer.flood(peer.encoded(district.messages(count)), 0)
        time.sleep(1)
        own, found = private(collector.pid), memory(collector.pid)
        peer.hang_up()
        collector.stop()
        collector.check(count)
    finally:
        collector.end()
        peer.close()
    return [
        absolute("memory", f"{senders:,} live equipment, private", "MiB", own, at_most=round(limit(senders), 1)),
        absolute("memory", f"{senders:,} live equipment, resident with pages of files", "MiB", found),
    ]


def overload(context: Context, seconds: float) -> list[Row]:
    """Private memory in the first fifth of the time and at its end, one window of messages after another.

    Once a minute days are looked after: the first two minutes have all that comes again and again.
    """
    senders = 9_000
    peer = FloodPeer()
    collector = Collector(context, "overload", peer.port)
    district = District(senders, began=time.time() - 86_400 * 20)
    samples: list[tuple[float, float]] = []
    try:
        collector.start(subscribed=False)
        peer.accept()
        began = time.monotonic()
        sent = 0
        while time.monotonic() - began < seconds:
            peer.next_id = sent
            # Ten times what so many machines send, a second at a time.
            burst = peer.encoded(district.messages(senders * 10))
            sent += peer.flood(burst, sent).total
            samples.append((time.monotonic() - began, private(collector.pid)))
            if len(samples) % 60 == 1:
                context.note(f"memory: {samples[-1][0]:.0f} s of overload, {samples[-1][1]:.0f} MiB")
            time.sleep(max(0, began + len(samples) - time.monotonic()))
        resident_at_end = memory(collector.pid)
        peer.hang_up()
        collector.stop()
        if collector.verified() != sent:
            raise Wrong(f"{sent:,} messages were sent, the journal holds {collector.verified():,}")
    finally:
        collector.end()
        peer.close()
    # In the first seconds it still holds what starting needed.
    early = max(value for at, value in samples if 5 <= at <= max(seconds / 5, 10))
    late = max(value for at, value in samples if at >= seconds * 0.9)
    return [
        Row("memory", f"last tenth of {seconds:g} s of overload, to the first fifth", late, "MiB", "first fifth", early,
            late / early, "<= 1.1 x", late / early <= 1.1),
        absolute("memory", "resident at the end of it, with pages of files", "MiB", resident_at_end),
        absolute("memory", "messages a second of overload", "1/s", sent / samples[-1][0]),
    ]
