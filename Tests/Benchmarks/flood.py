"""Against a flooding peer: a broker of a few lines sends one subscriber messages at full speed and times every PUBACK.

The collector and `mosquitto_sub` take turns. The rate is from the first byte sent to the last PUBACK, each of which
must be the next one due; with the collector it means on the disk.
"""

import subprocess
import time

from load import District
from mqtt import Flood, FloodPeer
from processes import Collector, finish, processor_time
from results import Context, Row, Wrong, absolute, compared, median, percentile

SENDERS = 179 * 50


def run(context: Context) -> list[Row]:
    messages = 50_000 if context.quick else 300_000
    peer = FloodPeer()
    collector = Collector(context, "flood", peer.port)
    try:
        return measured(context, peer, collector, messages)
    finally:
        collector.end()
        peer.close()


def measured(context: Context, peer: FloodPeer, collector: Collector, messages: int) -> list[Row]:
    district = District(SENDERS)
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    waits: list[float] = []
    collected = 0
    for round in range(-1, context.rounds):
        context.note(f"flood: round {round + 1} of {context.rounds}, {messages:,} messages")
        # The round before the first makes the working set known.
        count = messages if round >= 0 else SENDERS * 2
        flood, processor = flood_collector(peer, collector, district, count)
        collected += count
        if round < 0:
            continue
        ours.append((flood.rate, processor))
        waits += flood.latencies()
        theirs.append(flood_listener(peer, district, messages))
    collector.check(collected)
    return [
        compared("flood", "messages a second", "1/s", [rate for rate, _ in ours], "mosquitto_sub",
                 [rate for rate, _ in theirs], at_least=1.3),
        compared("flood", "processor time a message", "us", [cpu for _, cpu in ours], "mosquitto_sub",
                 [cpu for _, cpu in theirs], at_most=0.75),
        absolute("flood", "from sent to PUBACK at full speed, median", "ms", median(waits) * 1e3),
        absolute("flood", "from sent to PUBACK at full speed, p99", "ms", percentile(waits, 0.99) * 1e3),
    ]


def flood_collector(
    peer: FloodPeer, collector: Collector, district: District, messages: int
) -> tuple[Flood, float]:
    collector.start(subscribed=False)
    peer.accept()
    chunks = peer.encoded(district.messages(messages))
    used = processor_time(collector.pid)
    flood = peer.flood(chunks, 0)
    processor = (processor_time(collector.pid) - used) / messages * 1e6
    peer.hang_up()
    collector.stop()
    return flood, processor


def flood_listener(peer: FloodPeer, district: District, messages: int) -> tuple[float, float]:
    process = subprocess.Popen(
        ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(peer.port), "-i", "listener", "-c", "-q", "1",
         "-t", "factory/#"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.perf_counter()
    try:
        peer.accept()
        chunks = peer.encoded(district.messages(messages))
        used = processor_time(process.pid)
        flood = peer.flood(chunks, 0)
        processor = (processor_time(process.pid) - used) / messages * 1e6
    finally:
        process.terminate()
        finish(process, began, 30)
        peer.hang_up()
    if flood.total != messages:
        raise Wrong("not every message was sent")
    return flood.rate, processor
