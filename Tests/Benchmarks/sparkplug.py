"""1,000 Sparkplug edge nodes, each with a connection and a device of 20 aliased metrics, publish at QoS 0 as fast as they
can through a real mosquitto; the collector and `mosquitto_sub`, which writes payloads to a file, listen in turn.

Every message has all 20 metrics; four of them are fields of a reading, the others are passed over. A metric counts as
kept when its message is committed to the journal. Processor time is the collector's between births and the last message,
and that of the whole process of `mosquitto_sub`. After each round the journal is read back and holds every message; at
the end every figure is computed again, and the report counts every reading.
"""

import dataclasses
import json
import socket
import struct
import subprocess
import time

from mqtt import text, varint
from processes import Broker, Collector, finish, processor_time, wait_until
from results import Context, Row, Wrong, absolute, compared

NODES = 1000
METRICS = 20
STATES = (b"running", b"idle", b"fault", b"setup")
SETTINGS = """
district: { id: bench, name_zh: 测试, name_en: Bench, timezone: Asia/Shanghai }
sources:
  - { format: sparkplug, host_id: bench }
store: sqlite:store
"""


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def number(name: int, value: int) -> bytes:
    return varint(name << 3) + varint(value)


def double(value: float) -> bytes:
    return b"\x69" + struct.pack("<d", value)


class Node:
    """An edge node with a connection of its own; its messages are those of a machine that counts and changes state."""

    def __init__(self, place: int, port: int) -> None:
        self.place = place
        self.group = f"F{place // 50 + 1:03d}".encode()
        self.edge = f"GW{place + 1:04d}".encode()
        self.device = f"M{place + 1:04d}".encode()
        self.sequence = 0
        self.step = 0
        self.began = int(time.time() * 1000) - 60_000
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        death = field(2, field(1, b"bdSeq") + number(4, 4) + number(11, 0))
        # Clean session, a will at QoS 1, no keep-alive.
        body = text(b"MQTT") + b"\4\x0e\0\0" + text(self.edge) + text(self.topic(b"NDEATH")) + text(death)
        self.connection.sendall(b"\x10" + varint(len(body)) + body)
        if self.connection.recv(4, socket.MSG_WAITALL) != b"\x20\x02\0\0":
            raise Wrong("the broker refused a node")

    def topic(self, verb: bytes) -> bytes:
        return b"/".join([b"spBv1.0", self.group, verb, self.edge] + ([self.device] if verb[:1] == b"D" else []))

    def packet(self, verb: bytes, metrics: bytes) -> bytes:
        at = self.began + self.step * 100
        body = text(self.topic(verb)) + number(1, at) + metrics + number(3, self.sequence)
        self.sequence = (self.sequence + 1) % 256
        return b"\x30" + varint(len(body)) + body

    def values(self) -> list[tuple[bytes, int, bytes]]:
        """Name, datatype and value of each metric."""
        state = STATES[(self.step // 7 + self.place) % 4]
        found = [
            (b"Status/State", 12, field(15, state)), (b"Energy/Total", 10, double(1000 + self.step / 4)),
            (b"Production/GoodCount", 4, number(11, self.step)), (b"Production/TotalCount", 4, number(11, self.step)),
        ]
        return found + [
            (f"Process/Value{index}".encode(), 10, double(self.step + index)) for index in range(METRICS - len(found))
        ]

    def births(self) -> bytes:
        self.sequence = 0
        self.step += 1
        session = field(2, field(1, b"bdSeq") + number(4, 4) + number(11, 0))
        metrics = b"".join(
            field(2, field(1, name) + number(2, alias) + number(4, datatype) + value)
            for alias, (name, datatype, value) in enumerate(self.values()))
        return self.packet(b"NBIRTH", session) + self.packet(b"DBIRTH", metrics)

    def data(self, count: int) -> bytes:
        packets = bytearray()
        for _ in range(count):
            self.step += 1
            metrics = b"".join(
                field(2, number(2, alias) + value) for alias, (_, _, value) in enumerate(self.values()))
            packets += self.packet(b"DDATA", metrics)
        return bytes(packets)


class Plant:
    """All nodes. What they send is made before it is timed."""

    def __init__(self, port: int) -> None:
        self.nodes = [Node(place, port) for place in range(NODES)]

    def send(self, chunks: list[bytes]) -> None:
        for node, chunk in zip(self.nodes, chunks):
            node.connection.sendall(chunk)

    def births(self) -> list[bytes]:
        return [node.births() for node in self.nodes]

    def turns(self, messages: int, at_once: int = 5) -> list[list[bytes]]:
        """The nodes take turns, each with a few messages."""
        return [[node.data(at_once) for node in self.nodes] for _ in range(messages // NODES // at_once)]


def run(context: Context) -> list[Row]:
    messages = 20_000 if context.quick else 200_000
    settings = context.work / "sparkplug.yaml"
    settings.write_text(SETTINGS)
    broker = Broker(context.work)
    collector = Collector(dataclasses.replace(context, config=settings), "sparkplug", broker.port)
    plant = Plant(broker.port)
    try:
        register(context, collector, plant)
        return measured(context, broker, collector, plant, messages)
    finally:
        for node in plant.nodes:
            node.connection.close()
        collector.end()
        broker.stop()


def register(context: Context, collector: Collector, plant: Plant) -> None:
    equipment, factories = context.work / "equipment.csv", context.work / "factories.csv"
    rows = [f"{node.device.decode()},{node.group.decode()}\n" for node in plant.nodes]
    equipment.write_text("equipment_id,factory_id\n" + "".join(rows))
    groups = sorted({node.group.decode() for node in plant.nodes})
    factories.write_text("factory_id,name_zh\n" + "".join(f"{group},{group}\n" for group in groups))
    collector.run("register", "import", str(equipment), "--factories", str(factories), "--yes")


def measured(context: Context, broker: Broker, collector: Collector, plant: Plant, messages: int) -> list[Row]:
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    sent = lost = 0
    for round in range(context.rounds):
        context.note(f"sparkplug: round {round + 1} of {context.rounds}, {messages:,} messages of {METRICS} metrics")
        ours.append(collect(broker, collector, plant, messages))
        sent += 2 * NODES + messages
        lost = sent - collector.verified()
        theirs.append(listen(context, broker, plant, messages))
    collector.check(sent)
    counted = json.loads(collector.run("report", "district", "--format", "json"))["data_quality"]["readings"]
    # All but the births of the nodes themselves.
    if counted != sent - NODES * context.rounds:
        raise Wrong(f"the report counts {counted:,} readings, not {sent - NODES * context.rounds:,}")
    rates, processor = [rate for rate, _ in ours], [cpu for _, cpu in ours]
    listened, used = [rate for rate, _ in theirs], [cpu for _, cpu in theirs]
    return [
        compared("sparkplug", f"{NODES:,} nodes, messages a second", "1/s", rates, "mosquitto_sub", listened),
        compared("sparkplug", f"metrics a second, {METRICS} a message", "1/s", [rate * METRICS for rate in rates],
                 "mosquitto_sub", [rate * METRICS for rate in listened]),
        compared("sparkplug", "processor time a message", "us", processor, "mosquitto_sub", used),
        absolute("sparkplug", "messages lost", "", lost, at_most=0),
    ]


def collect(broker: Broker, collector: Collector, plant: Plant, messages: int) -> tuple[float, float]:
    """Messages a second and microseconds of processor time each. Stops the collector at the end."""
    collector.start()
    wait_until("the host states that it is online", 30, lambda: is_online(broker))
    before = collector.records()
    plant.send(plant.births())
    wait_until("the births are collected", 60, lambda: collector.records() >= before + 2 * NODES)
    turns = plant.turns(messages)
    before, used = collector.records(), processor_time(collector.pid)
    began = time.perf_counter()
    for turn in turns:
        plant.send(turn)
    # A record that is no message, such as the probe's, may be among them.
    wait_until("the messages are collected", 120, lambda: collector.records() >= before + messages)
    seconds = time.perf_counter() - began
    used = processor_time(collector.pid) - used
    # The last few are on their way, and the broker keeps none of QoS 0.
    time.sleep(0.5)
    collector.stop()
    return messages / seconds, used / messages * 1e6


def is_online(broker: Broker) -> bool:
    said = subprocess.run(
        ["mosquitto_sub", "-p", str(broker.port), "-t", "spBv1.0/STATE/bench", "-C", "1", "-W", "5"],
        capture_output=True, timeout=30)
    return b'"online":true' in said.stdout


def listen(context: Context, broker: Broker, plant: Plant, messages: int) -> tuple[float, float]:
    """The same of `mosquitto_sub`, which writes payloads to a file."""
    subprocess.run(
        ["mosquitto_pub", "-p", str(broker.port), "-t", "bench/ready", "-r", "-m", "ready"], check=True, timeout=30)
    path = context.work / "listened"
    # The retained message shows that it has subscribed: the broker grants all filters before it reads on.
    expected = 1 + 2 * NODES + messages
    command = ["mosquitto_sub", "-p", str(broker.port), "-t", "spBv1.0/+/NBIRTH/+", "-t", "spBv1.0/+/DBIRTH/+/+", "-t",
               "spBv1.0/+/DDATA/+/+", "-t", "bench/ready", "-C", str(expected)]
    with path.open("wb") as output:
        began = time.perf_counter()
        listener = subprocess.Popen(command, stdout=output)
    try:
        wait_until("mosquitto_sub subscribes", 30, lambda: path.stat().st_size > 0)
        plant.send(plant.births())
        turns = plant.turns(messages)
        start = time.perf_counter()
        for turn in turns:
            plant.send(turn)
        finished = finish(listener, began, 120)
    finally:
        if listener.poll() is None:
            listener.kill()
            listener.wait()
    seconds = began + finished.seconds - start
    if finished.status != 0:
        raise Wrong(f"mosquitto_sub ended with {finished.status}")
    path.unlink()
    return messages / seconds, finished.processor / messages * 1e6
