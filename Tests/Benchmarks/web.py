"""The live page of a district of 179 factories with 300 machines each, and its cost to collecting.

The store is generated: 65 days that end two days ago, so that messages of the last day follow. It has the month of the
page, and the one before with which the page is compared. Server time is measured by a client of this machine that asks
as a browser does, from the request to the last byte, which is a little more. A cold page is the first of a server that
was just started: it reads the store, whose files are in the page cache. A warm page is one of the same snapshot. The
bytes are those of the page with its style sheet and script, packed as they are sent.

What viewers cost is measured with a backlog in a real mosquitto that the collector drains at full speed, in turn with
viewers of the events and without; the server runs during both. The viewers are one process with a low priority, as if
they were other machines; its processor time and the server's are printed. web_attacks.py does the rest.
"""

import http.client
from datetime import datetime, timedelta

import web_attacks
from drain import drain
from load import District
from mqtt import Message, publish
from plants import ZONE
from processes import Broker, Collector, run_to_end
from results import Context, Row, Wrong, absolute, compared, median, percentile
from web_server import Answer, Server, Viewers, ask, assets, serving

VIEWERS = 200
DAYS = 65


class RegisteredDistrict(District):
    """Of each factory of the generated register the first 50 machines."""

    def message(self, number: int) -> Message:
        topic, payload = super().message(number)
        _, factory, _, equipment, kind = topic.split(b"/")
        place = int(equipment[1:])
        return b"/".join([b"factory", factory, b"W%02d" % (place // 50 + 1), b"E%03d" % place, kind]), payload


def run(context: Context) -> list[Row]:
    factories, equipment, days = (18, 60, 10) if context.quick else (179, 300, DAYS)
    broker = Broker(context.work)
    collector = Collector(context, "web", broker.port)
    try:
        generate(context, collector, factories, equipment, days)
        rows = pages(context, collector)
        district = RegisteredDistrict(factories * 50)
        rows += viewers(context, broker, collector, district)
        rows += web_attacks.run(context, broker, collector, district, VIEWERS)
        return rows
    finally:
        collector.end()
        broker.stop()


def generate(context: Context, collector: Collector, factories: int, equipment: int, days: int) -> None:
    context.note(f"web: generating {factories} factories with {equipment} machines each, {days} days")
    begin = datetime.now(ZONE).date() - timedelta(days=days + 1)
    run_to_end(
        [str(context.report_bench), "generate", str(collector.store), f"--factories={factories}",
         f"--equipment={equipment}", f"--days={days}", f"--from={begin}"], seconds=3600, quiet=True)
    # The export for other benchmarks is not part of a store.
    (collector.store / "live.sqlite").unlink()


# Pages


def pages(context: Context, collector: Collector) -> list[Row]:
    colds: list[float] = []
    for round in range(context.rounds):
        with serving(context, collector) as server:
            colds.append(checked(server.get()).seconds)
            context.note(f"web: page of a new server {colds[-1]:.2f} s")
            server.stop()
    with serving(context, collector) as server:
        page = checked(server.get())
        wire = page.wire + sum(checked(server.get(path)).wire for path in assets(page.text))
        warms = warm(server, 200 if context.quick else 2000)
        own = server.private()
        server.stop()
    return [
        absolute("web", "district page, first snapshot, median", "s", median(colds), at_most=1.2),
        absolute("web", "district page, cached snapshot, median", "ms", median(warms) * 1e3, at_most=20),
        absolute("web", "district page, cached snapshot, p99", "ms", percentile(warms, 0.99) * 1e3, at_most=20),
        absolute("web", "district page with style and script, as sent", "kB", wire / 1e3, at_most=200),
        absolute("web", "private memory of the server", "MiB", own),
    ]


def checked(answer: Answer) -> Answer:
    if answer.status != 200:
        raise Wrong(f"the server answers {answer.status}: {answer.text[:300]}")
    return answer


def warm(server: Server, count: int) -> list[float]:
    """Seconds of pages over a connection that stays open."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        return [checked(ask(connection, "/?lang=en")).seconds for _ in range(count)]
    finally:
        connection.close()


# Viewers


class Cost:
    """What one drain took: the rate, and shares of a processor that the server and the viewers used meanwhile."""

    def __init__(self, rate: float, server: float, viewers: float) -> None:
        self.rate, self.server, self.viewers = rate, server, viewers


def viewers(context: Context, broker: Broker, collector: Collector, district: District) -> list[Row]:
    messages = 50_000 if context.quick else 1_000_000
    # The broker queues for the collector from here on.
    collector.start()
    collector.stop()
    # The first round makes the working set known.
    collected = district.senders * 2
    publish(broker.port, district.messages(collected))
    drain(collector, collected)
    runs: dict[bool, list[Cost]] = {False: [], True: []}
    with serving(context, collector) as server:
        context.note("web: the server reads the past")
        server.settle(600, pause=2 if context.quick else 20)
        for round in range(context.rounds):
            for watched in (True, False) if round % 2 else (False, True):
                publish(broker.port, district.messages(messages))
                collected += messages
                cost = drained(context, collector, server, messages, VIEWERS if watched else 0)
                runs[watched].append(cost)
                context.note(f"web: {'with' if watched else 'without'} viewers {cost.rate:,.0f} messages a second,"
                             f" server {cost.server:.2f}, viewers {cost.viewers:.2f} of a processor")
        server.stop()
    if collector.verified() != collected:
        raise Wrong(f"the journal holds {collector.verified():,} messages, not {collected:,}")
    with_viewers = runs[True]
    return [
        compared("web", f"messages a second with {VIEWERS} viewers", "1/s", [cost.rate for cost in with_viewers],
                 "without", [cost.rate for cost in runs[False]], at_least=0.95),
        absolute("web", f"server with {VIEWERS} viewers, of a processor", "", median(
            [cost.server for cost in with_viewers])),
        absolute("web", "the process of the viewers, of a processor", "", median(
            [cost.viewers for cost in with_viewers])),
    ]


def drained(context: Context, collector: Collector, server: Server, messages: int, count: int) -> Cost:
    watching = Viewers(context, server, count) if count else None
    try:
        served, watched = server.processor(), watching.processor() if watching else 0
        rate, _, _ = drain(collector, messages)
        seconds = messages / rate
        served = server.processor() - served
        watched = watching.processor() - watched if watching else 0
        if watching:
            found = watching.stop()
            if found["lost"] or not found["least"]:
                raise Wrong(f"{found['lost']} viewers were cut off, one has {found['least']} bytes")
        return Cost(rate, served / seconds, watched / seconds)
    finally:
        if watching:
            watching.end()
