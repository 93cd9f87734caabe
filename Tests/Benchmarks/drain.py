"""Draining a backlog: messages queued at QoS 1 in a real mosquitto are collected, or thrown away, in turn.

Millwright journals, decodes, folds and commits every message before it is acknowledged; `mosquitto_sub` throws them
away. Processor time is that of each whole process, start and end included, the broker's not; the rate is from the
start of the process to the last message, so start is part of it. The working set is a district of 179 x 50 machines
that were all heard before. Then the same over TLS, each verifying the broker's certificate.

mq-bridge, as it is set by default, takes the longer over each message the more are queued, so it is given 100,000;
with its limits raised to the most MQTT allows it keeps up to some 100,000 cheaply and is given 50,000, and of its
processor time that of starting is left out. mqtt-logger, which commits each message by itself, gets a hundredth.
"""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from load import District
from mqtt import publish
from processes import Broker, Collector, Peak, finish, memory, processor_time, run_to_end, wait_until
from results import Context, Row, Wrong, absolute, compared, median

SENDERS = 179 * 50


def run(context: Context) -> list[Row]:
    messages = 50_000 if context.quick else 500_000
    broker = Broker(context.work, secure=True)
    collector = Collector(context, "drain", broker.port)
    # The same store and session, over TLS.
    secure = Collector(context, "drain", broker.secure_port, MQTT_TLS_CA_FILE=str(broker.certificate))
    try:
        return measured(context, broker, collector, secure, messages)
    finally:
        collector.end()
        secure.end()
        broker.stop()


def measured(
    context: Context, broker: Broker, collector: Collector, secure: Collector, messages: int
) -> list[Row]:
    district = District(SENDERS)
    broker.keep_session("listener")
    collector.start()
    collected = publish(broker.port, district.messages(SENDERS * 2))
    wait_until("the working set is collected", 60, lambda: collector.journaled() >= collected - 2)
    collector.stop()
    run_to_end(broker.listener("listener", collected))

    ours: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    theirs: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    peak: tuple[float, float] = (0, 0)
    for tls, used in (False, collector), (True, secure):
        rounds = min(3, context.rounds) if tls else context.rounds
        for round in range(rounds):
            context.note(f"drain: {'TLS, ' if tls else ''}round {round + 1} of {rounds}, {messages:,} messages")
            publish(broker.port, district.messages(messages))
            rate, processor, used_memory = drain(used, messages)
            peak = peak if tls else used_memory
            collected += messages
            if collector.verified() != collected:
                raise Wrong(f"the journal holds {collector.verified():,} messages, not {collected:,}")
            ours[tls].append((rate, processor))
            listened = run_to_end(broker.listener("listener", messages, secure=tls))
            theirs[tls].append((messages / listened.seconds, listened.processor / messages * 1e6))
    collector.check(collected)
    # Starting is most of a quick run.
    targets = (None, None) if context.quick else (1.4, 0.75)
    rows = beside_listener("", ours[False], theirs[False], *targets)
    rows += beside_listener("over TLS, ", ours[True], theirs[True])
    rows.append(absolute("drain", "private memory with 179 x 50 machines, peak", "MiB", peak[0]))
    rows.append(absolute("drain", "resident memory with pages of files, peak", "MiB", peak[1]))
    counts = (20_000, 10_000) if context.quick else (100_000, 50_000)
    rows += bridge(context, broker, district, "mq-bridge", counts[0], ours[False], at_most=0.4)
    rows += bridge(context, broker, district, "mq-bridge-raised", counts[1], ours[False], at_most=None)
    rows += logger(context, broker, district, messages // 100, median([cpu for _, cpu in ours[False]]))
    return rows


def beside_listener(
    how: str, ours: list[tuple[float, float]], theirs: list[tuple[float, float]],
    at_least: float | None = None, at_most: float | None = None,
) -> list[Row]:
    return [
        compared("drain", f"{how}messages a second", "1/s", [rate for rate, _ in ours], "mosquitto_sub",
                 [rate for rate, _ in theirs], at_least=at_least),
        compared("drain", f"{how}processor time a message", "us", [cpu for _, cpu in ours], "mosquitto_sub",
                 [cpu for _, cpu in theirs], at_most=at_most),
    ]


def drain(collector: Collector, messages: int) -> tuple[float, float, tuple[float, float]]:
    """Messages a second, microseconds of processor time each, and the peaks of private and resident memory in MiB."""
    before = collector.journaled()
    collector.start(subscribed=False)
    pid, began = collector.pid, collector.began
    peak = Peak()
    # A message that came alone is not counted here: the last few may have.
    wait_until("the backlog is collected", 300,
               peak.during(pid, lambda: collector.journaled() >= before + messages - 2))
    seconds = time.perf_counter() - began
    # The last few are on their way: a stop would leave them at the broker, for the next session.
    time.sleep(0.5)
    resident = memory(pid, "VmHWM")
    finished = collector.stop()
    return messages / seconds, finished.processor / messages * 1e6, (peak.value, resident)


def rows_of(path: Path) -> int:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60) as database:
        table = "message" if path.name.startswith("mq-bridge") else "LOG"
        return database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def start_peer(
    context: Context, name: str, port: int, path: Path, client: str = ""
) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(Path(__file__).with_name("peers.py")), name, str(port), str(path), client]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=(context.work / f"{name}.log").open("w"))
    if process.stdout is None or process.stdout.readline() != b"ready\n":
        process.kill()
        process.wait()
        raise Wrong(f"{name} does not start: {(context.work / f'{name}.log').read_text()[-500:]}")
    return process


def bridge(
    context: Context, broker: Broker, district: District, name: str, messages: int,
    ours: list[tuple[float, float]], at_most: float | None,
) -> list[Row]:
    theirs: list[tuple[float, float]] = []
    for round in range(min(3, context.rounds)):
        context.note(f"drain: {name}, round {round + 1}, {messages:,} messages")
        client = f"{name}-{round}"
        broker.keep_session(client, version=5)
        publish(broker.port, district.messages(messages))
        path = context.work / f"{client}.db"
        began = time.perf_counter()
        process = start_peer(context, name, broker.port, path, client)
        started = processor_time(process.pid)
        try:
            wait_until(f"{name} inserts", 300, lambda: rows_of(path) >= messages, pause=0.1)
            seconds = time.perf_counter() - began
            processor = processor_time(process.pid) - (started if at_most is None else 0)
        finally:
            process.kill()
            process.wait()
        if rows_of(path) != messages:
            raise Wrong(f"{name} holds {rows_of(path):,} messages, not {messages:,}")
        theirs.append((messages / seconds, processor / messages * 1e6))
        path.unlink()
    label = name if at_most is not None else "mq-bridge, raised"
    ours = ours[: len(theirs)]
    return [
        compared("drain", "messages a second", "1/s", [rate for rate, _ in ours], label,
                 [rate for rate, _ in theirs]),
        compared("drain", "processor time a message", "us", [cpu for _, cpu in ours], label,
                 [cpu for _, cpu in theirs], at_most=at_most),
    ]


def logger(
    context: Context, broker: Broker, district: District, messages: int, processor: float
) -> list[Row]:
    """It takes what is published while it is there, at QoS 0."""
    context.note("drain: mqtt-logger")
    path = context.work / "mqtt-logger.db"
    process = start_peer(context, "mqtt-logger", broker.port, path)
    began = time.perf_counter()
    try:
        wait_until("mqtt-logger subscribes", 10, lambda: heard_by(broker, district, path), pause=0.1)
        before, used = rows_of(path), processor_time(process.pid)
        publish(broker.port, district.messages(messages))
        wait_until("mqtt-logger inserts", 300, lambda: rows_of(path) >= before + messages, pause=1)
        theirs = (processor_time(process.pid) - used) / messages * 1e6
    finally:
        process.terminate()
        finish(process, began, 60)
    return [
        Row("drain", "processor time a message", processor, "us", "mqtt-logger", theirs, processor / theirs)
    ]


def heard_by(broker: Broker, district: District, path: Path) -> bool:
    publish(broker.port, district.messages(1))
    return rows_of(path) > 0
