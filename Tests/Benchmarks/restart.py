"""Starting, stopping and catching up with very many live equipment.

Start is from the process to its CONNECT, clean stop from the signal to the end of the process. For catching up the
collector is killed with a tail of 100,000 messages in the journal that its views lack.
"""

import signal
import time

from load import District
from mqtt import FloodPeer
from processes import Collector
from results import Context, Row, absolute, median


def run(context: Context) -> list[Row]:
    senders = 100_000 if context.quick else 1_000_000
    tail = 10_000 if context.quick else 100_000
    peer = FloodPeer()
    collector = Collector(context, "restart", peer.port, LIMITS_UNREGISTERED_SENDERS=str(senders))
    district = District(senders)
    try:
        context.note(f"restart: {senders:,} equipment are heard for the first time")
        collector.start(subscribed=False)
        peer.accept()
        peer.flood(peer.encoded(district.messages(senders)), 0, seconds=600)
        sent = senders
        peer.hang_up()
        collector.stop(seconds=120)
        starts, stops = [], []
        for _ in range(context.rounds):
            starts.append(start(collector, peer))
            # So that there is something to write when it stops.
            peer.flood(peer.encoded(district.messages(tail)), 0)
            sent += tail
            peer.hang_up()
            stops.append(collector.stop(seconds=120).seconds)
            context.note(f"restart: start {starts[-1]:.2f} s, stop {stops[-1]:.2f} s")
        ups = [catch_up(context, collector, peer, district, tail) for _ in range(context.rounds)]
        sent += tail * context.rounds
        collector.check(sent)
    finally:
        collector.end()
        peer.close()
    return [
        absolute("restart", f"start with {senders:,} equipment", "s", median(starts), at_most=3),
        absolute("restart", "clean stop", "s", median(stops), at_most=1),
        absolute("restart", f"catching up with {tail:,} messages, beyond a start", "s",
                 median(ups) - median(starts), at_most=2),
    ]


def start(collector: Collector, peer: FloodPeer) -> float:
    collector.start(subscribed=False)
    peer.accept(seconds=120)
    return time.perf_counter() - collector.began


def catch_up(context: Context, collector: Collector, peer: FloodPeer, district: District, tail: int) -> float:
    """Seconds of a start after the collector was killed with messages that only its journal has."""
    start(collector, peer)
    peer.flood(peer.encoded(district.messages(tail)), 0)
    process = collector.process
    if process is not None:
        process.send_signal(signal.SIGKILL)
        process.wait()
    collector.end()
    peer.hang_up()
    found = start(collector, peer)
    context.note(f"restart: caught up in {found:.2f} s")
    peer.hang_up()
    collector.stop(seconds=120)
    return found
