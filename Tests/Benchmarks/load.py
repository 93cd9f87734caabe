"""The messages of a district: heartbeats of machines that change state now and then, in the order of time."""

import time
from collections.abc import Iterator

from mqtt import Message

STATES = ("running", "idle", "fault", "setup")


class District:
    """`senders` machines, 50 to a factory, each of which sends once a second.

    Messages are numbered on for ever, so that no two are alike and times go forward from one call to the next.
    """

    def __init__(self, senders: int, began: float | None = None) -> None:
        self.senders = senders
        # A day ago, so that hours of it are over when they are sent.
        self.began = int(((began or time.time()) - 86_400) * 1000)
        self.next = 0

    def messages(self, count: int) -> Iterator[Message]:
        first, self.next = self.next, self.next + count
        return (self.message(number) for number in range(first, first + count))

    def message(self, number: int) -> Message:
        machine, step = number % self.senders, number // self.senders
        factory, place = machine // 50 + 1, machine % 50 + 1
        state = STATES[(step // 7 + machine) % 4]
        at = self.began + step * 1000 + machine % 1000
        topic = f"factory/F{factory:03d}/W{(place - 1) // 10 + 1:02d}/E{place:03d}/status"
        payload = (
            f'{{"ts":{at},"state":"{state}","mode":"automatic","seq":{step},"boot":"a1b2",'
            f'"energy_kwh":{1000 + step}.25,"good":{step},"total":{step}}}'
        )
        return topic.encode(), payload.encode()
