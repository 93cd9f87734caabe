"""Plants by how their machines behave: heartbeats of machines whose clocks tremble, the same each time.

The clocks tremble by 150 ms instead of the 15 of a machine that is right: see ``disk`` for why.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from mqtt import Message

# The configuration's district is in Asia/Shanghai, which has no summer time.
ZONE = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Plant:
    """Machines that send a heartbeat every `interval` seconds; of `change` heartbeats one brings another state."""

    name: str
    machines: int
    interval: int
    change: int
    # Messages of a window; 0 for as many as are configured.
    window: int
    # Of so many changes of state one is a restart: another boot, and sequence numbers from 1.
    restart: int = 0


PLANTS = (
    Plant("steady", machines=100, interval=5, change=400, window=3),
    Plant("busy", machines=300, interval=1, change=120, window=0),
    Plant("flapping", machines=100, interval=5, change=10, window=3, restart=20),
)


class Machine:
    """A machine whose clock trembles and whose meters rise by a little more or less."""

    STATES = ("running", "idle", "running", "fault", "running", "setup")

    def __init__(self, number: int, plant: Plant, draw: random.Random) -> None:
        self.plant, self.draw = plant, draw
        self.topic = f"factory/F001/W01/M{1000 + number}/status".encode()
        self.boot = f"{draw.getrandbits(32):x}"
        self.phase = draw.randrange(1000)
        self.sequence = draw.randrange(100_000)
        self.energy = draw.randrange(50_000_000)
        self.good = draw.randrange(100_000)
        self.total = self.good + draw.randrange(1000)
        self.changes = 0

    def heartbeat(self, at: datetime) -> Message:
        draw = self.draw.random
        if draw() * self.plant.change < 1:
            self.changes += 1
            if self.plant.restart and draw() * self.plant.restart < 1:
                self.boot, self.sequence = f"{self.draw.getrandbits(32):x}", 0
        state = self.STATES[self.changes % len(self.STATES)]
        self.sequence += 1
        if state == "running":
            self.energy += 12 + int(draw() * 6)
            if draw() < 0.25:
                self.total += 1
                self.good += draw() > 0.02
        alarms = f',"alarms":["E{201 + self.changes % 7}"]' if state == "fault" else ""
        sent = (at + timedelta(milliseconds=self.phase + int(draw() * 150))).isoformat(timespec="milliseconds")
        payload = (
            f'{{"ts":"{sent}","state":"{state}","mode":"automatic","seq":{self.sequence},"boot":"{self.boot}",'
            f'"energy_kwh":{self.energy // 1000}.{self.energy % 1000:03d},"good":{self.good},"total":{self.total}'
            f"{alarms}}}"
        )
        return self.topic, payload.encode()


def heartbeats(plant: Plant, day: date, count: int) -> Iterator[Message]:
    """The first `count` messages of a plant from the morning of a day on: the same each time."""
    draw = random.Random(plant.name)
    machines = [Machine(number, plant, draw) for number in range(plant.machines)]
    morning = datetime(day.year, day.month, day.day, 7, tzinfo=ZONE)
    left, second = count, 0
    while left:
        due = [one for number, one in enumerate(machines) if number % plant.interval == second % plant.interval]
        due.sort(key=lambda machine: machine.phase)
        at = morning + timedelta(seconds=second)
        for machine in due[:left]:
            yield machine.heartbeat(at)
        left -= min(left, len(due))
        second += 1


def next_morning(plant: Plant, day: date) -> Iterator[Message]:
    """One message of each, by which its day is over."""
    draw = random.Random("next")
    after = day + timedelta(days=1)
    at = datetime(after.year, after.month, after.day, 7, tzinfo=ZONE)
    return (Machine(number, plant, draw).heartbeat(at) for number in range(plant.machines))
