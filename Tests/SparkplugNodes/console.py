"""What both node programs share: arguments, the clock, and the commands that a test writes to their standard input."""

import argparse
import sys
import time
from collections.abc import Callable


def arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("port", type=int, help="the broker's port on 127.0.0.1")
    parser.add_argument("edge", help="name of the edge node, in group F001")
    parser.add_argument("devices", nargs="*", help="names of its devices")
    parser.add_argument("--hours-ahead", type=int, default=0, help="hours by which the node's clock is ahead")
    parser.add_argument("--deaf", action="store_true", help="answer no rebirth request")
    options = parser.parse_args()
    if options.hours_ahead:
        right = time.time
        time.time = lambda: right() + options.hours_ahead * 3600
    return options


def say(text: str) -> None:
    print(text, flush=True)


def obey(publish: Callable[[str, str, int, bool], None], leave: Callable[[], None]) -> None:
    """Carries out commands, each a line, and says `done` after each.

    `data DEVICE STATE GOOD` publishes; `lose DEVICE STATE GOOD` numbers the message and does not publish it; `leave`
    ends the session as the library does.
    """
    for line in sys.stdin:
        verb, *words = line.split()
        if verb == "leave":
            leave()
            say("done")
            return
        device, state, good = words
        publish(device, state, int(good), verb == "lose")
        say("done")
