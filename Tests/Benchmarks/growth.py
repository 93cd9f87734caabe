"""How cost grows with equipment: processor time a message, and the time of a report, from 1,000 to 1,000,000.

For each size every equipment is heard before what is measured, also since the collector was started: it has its
topic then. Processor time is that of the collector from the first byte sent after that to the last PUBACK, plus what it
still writes until it has stopped. Equipment takes turns, and so every message of a million is another's: the worst there
is for caches, and for live timelines, which are written once a second. The
report is `millwright report district --format json` of the day, a whole command, over a register of none but with all
senders unknown to it counted, and of factories of 50.
"""

import time

from load import District
from mqtt import FloodPeer
from plot import Series, line_plot
from processes import Collector, processor_time
from results import Context, Row, absolute, median


def run(context: Context) -> list[Row]:
    sizes = [1_000, 10_000, 100_000] if context.quick else [1_000, 10_000, 100_000, 1_000_000]
    costs: list[float] = []
    reports: list[float] = []
    for size in sizes:
        cost, report = measured(context, size)
        costs.append(cost)
        reports.append(report)
        context.note(f"growth: {size:,} equipment, {cost:.2f} us a message, report {report:.2f} s")
    middle = (max(costs) + min(costs)) / 2
    spread = max(costs) / middle - 1
    # What the largest costs more than the smallest, by equipment, beside the two sizes between them.
    slope = [(b - a) / (n - m) for a, b, m, n in zip(reports, reports[1:], sizes, sizes[1:])]
    (context.results / "growth.svg").write_text(
        line_plot(
            "What equipment costs", "equipment", sizes,
            [
                Series("processor time a message, us", costs),
                Series("report, s for 100,000 equipment", [t / n * 1e5 for t, n in zip(reports, sizes)]),
            ]))
    rows = [absolute("growth", f"processor time a message, {size:,} equipment", "us", cost)
            for size, cost in zip(sizes, costs)]
    rows.append(
        Row("growth", "the dearest and cheapest, from the middle", spread * 100, "%", target="<= 25",
            holds=spread <= 0.25))
    rows += [absolute("growth", f"district report, {size:,} equipment", "s", report)
             for size, report in zip(sizes, reports)]
    rows.append(
        Row("growth", "report, s a million equipment more", slope[-1] * 1e6, "s", "one size less", slope[-2] * 1e6,
            slope[-1] / slope[-2], "<= 1.25 x", slope[-1] / slope[-2] <= 1.25))
    return rows


def measured(context: Context, senders: int) -> tuple[float, float]:
    """Microseconds of processor time a message, and seconds of a report."""
    peer = FloodPeer()
    collector = Collector(context, f"growth-{senders}", peer.port, LIMITS_UNREGISTERED_SENDERS=str(senders))
    district = District(senders)
    messages = max(2 * senders, 1_000_000)
    sent = 0
    costs: list[float] = []
    try:
        collector.start(subscribed=False)
        peer.accept(60)
        peer.flood(peer.encoded(district.messages(senders)), 0, seconds=600)
        sent += senders
        peer.hang_up()
        collector.stop(seconds=120)
        for _ in range(min(3, context.rounds)):
            collector.start(subscribed=False)
            peer.accept(60)
            peer.flood(peer.encoded(district.messages(senders)), 0, seconds=600)
            sent += senders
            # What it has of them is written once a second.
            time.sleep(2)
            chunks = peer.encoded(district.messages(messages))
            before = processor_time(collector.pid)
            peer.flood(chunks, senders, seconds=600)
            sent += messages
            peer.hang_up()
            costs.append((collector.stop(seconds=120).processor - before) / messages * 1e6)
        times: list[float] = []
        for _ in range(3):
            began = time.perf_counter()
            collector.run("report", "district", "--format", "json")
            times.append(time.perf_counter() - began)
        collector.check(sent)
    finally:
        collector.end()
        peer.close()
    return median(costs), median(times)
