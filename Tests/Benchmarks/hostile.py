"""Messages made to be expensive, beside ordinary ones of as many bytes: collecting them, compacting their day, and the
district's report.

Every kind is published to a real broker and collected into a store of its own, which is then read back; then its day
ends as in ``stores`` and is compacted by the next collector. Processor time is the collector's, from its start to its
end. The peers are ordinary heartbeats in the same run, as many bytes of them; of noise it is a tenth of the same, since
what matters there is that cost does not grow faster than the messages do.

Alarms are lists that fill a payload of 64 KiB, no two of them alike. Digits are payloads of ten megabytes, which are
refused for their size. Noise are short payloads that are no JSON, no two alike: none says the same as another, so each
is listed by itself.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from load import District
from mqtt import Message, publish
from processes import Broker, Collector, Peak, processor_time, wait_until
from results import Context, Row, Wrong, absolute, compared
from stores import day_to_close, held, is_compacted, received_on, settle

NAME = "hostile"
TOPIC = b"factory/F001/W01/E001/status"


@dataclass
class Cost:
    """Of one kind of message: seconds of processor time, the peak of private memory in MiB, bytes of the report."""

    messages: int
    bytes: int
    collecting: float
    compacting: float
    peak: float
    report: int


def run(context: Context) -> list[Row]:
    scale = 10 if context.quick else 1
    rows: list[Row] = []
    alarms = measured(context, "alarms", alarm_lists(600 // scale))
    digits = measured(context, "digits", digit_payloads(1 if context.quick else 4))
    for what, cost in [("alarm lists", alarms), ("digits", digits)]:
        ordinary = measured(context, f"as-{what.split()[0]}", heartbeats(bytes_at_least=cost.bytes))
        rows += [
            beside(f"{what}: collecting", "s", cost.collecting, ordinary.collecting, 2),
            beside(f"{what}: compacting", "s", cost.compacting, ordinary.compacting, None if context.quick else 2),
            beside(f"{what}: memory", "MiB", cost.peak, ordinary.peak, 2),
            beside(f"{what}: district report", "bytes", cost.report, ordinary.report, 1.5),
        ]
    return rows + noise(context, 725_000 // scale)


def beside(what: str, unit: str, ours: float, theirs: float, at_most: float | None) -> Row:
    return compared(NAME, what, unit, [ours], "ordinary messages, as many bytes", [theirs], at_most=at_most)


def noise(context: Context, messages: int) -> list[Row]:
    """A message of noise costs as much among many as among few: what it costs grows no faster than they do."""
    few = measured(context, "noise-few", noise_payloads(messages // 10))
    many = measured(context, "noise", noise_payloads(messages))
    peer = "a tenth of them"
    return [
        compared(NAME, "noise: collecting a message", "us", [many.collecting / many.messages * 1e6], peer,
                 [few.collecting / few.messages * 1e6], at_most=1.25),
        compared(NAME, "noise: compacting a message", "us", [many.compacting / many.messages * 1e6], peer,
                 [few.compacting / few.messages * 1e6], at_most=1.25),
        compared(NAME, "noise: district report", "bytes", [many.report], peer, [few.report], at_most=1.25),
        absolute(NAME, "noise: memory", "MiB", many.peak),
    ]


def measured(context: Context, name: str, messages: Iterator[Message]) -> Cost:
    context.note(f"hostile: {name}")
    broker = Broker(context.work)
    collector = Collector(context, name, broker.port, JOURNAL_COMPACT_AFTER="1d")
    sizes: list[int] = []
    peak = Peak()

    def counted() -> Iterator[Message]:
        for topic, payload in messages:
            sizes.append(len(payload))
            yield topic, payload

    try:
        collector.start()
        publish(broker.port, counted(), in_flight=200)
        wait_until("all is collected", 600,
                   peak.during(collector.pid, lambda: held(collector.store) >= len(sizes)), pause=0.02)
        settle(broker)
        collecting = collector.stop().processor
        collector.check(len(sizes))
        report = len(collector.run("report", "district", "--format", "html"))
        day = day_to_close()
        received_on(collector.store, day)
        collector.start()
        wait_until("the day is compacted", 600,
                   peak.during(collector.pid, lambda: is_compacted(collector.store, day)), pause=0.02)
        compacting = collector.stop().processor
        if collector.verified() != len(sizes):
            raise Wrong(f"the journal holds {collector.verified():,} messages, not {len(sizes):,}")
    finally:
        collector.end()
        broker.stop()
    return Cost(len(sizes), sum(sizes), collecting, compacting, peak.value, report)


def heartbeats(bytes_at_least: int = 0, messages: int = 0) -> Iterator[Message]:
    district = District(2000)
    sent = 0
    for number in count():
        if (messages and number >= messages) or (bytes_at_least and sent >= bytes_at_least):
            return
        message = district.message(number)
        sent += len(message[1])
        yield message


def alarm_lists(messages: int) -> Iterator[Message]:
    district = District(1)
    for number in range(messages):
        text = district.message(number)[1].decode()[:-1] + ',"alarms":['
        codes = []
        # Codes of one to five characters, different in each message.
        code, room = number * 21_000, 65_000 - len(text)
        while room > 8:
            codes.append(f'"{code % 1_000_000:x}"')
            room -= len(codes[-1]) + 1
            code += 1
        yield TOPIC, (text + ",".join(codes) + "]}").encode()


def digit_payloads(messages: int) -> Iterator[Message]:
    rng = random.Random(5)
    digits = bytes(ord("0") + value % 10 for value in range(256))
    for _ in range(messages):
        yield TOPIC, rng.randbytes(10_000_000).translate(digits)


def noise_payloads(messages: int) -> Iterator[Message]:
    rng = random.Random(7)
    for _ in range(messages):
        yield TOPIC, rng.randbytes(100).hex().encode()
