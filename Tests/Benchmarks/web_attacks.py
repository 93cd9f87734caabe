"""Floods, slow and broken requests against the web server, while messages are collected.

A publisher sends the messages of 9,000 machines, one a second each, through a real mosquitto. During each attack all of
them must be collected in time, and none may be lost. After it the server must answer within 5 s, keep no connection of
it, and its memory must be bounded. All that attacks has a low priority, as if it were on other machines.
"""

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from load import District
from mqtt import Message, publish
from processes import Broker, Collector, wait_until
from results import Context, Row, Wrong, absolute
from web_server import ENCODINGS, Server, Viewers, serving

RATE = 9000
# Memory that an attack may take on top: answers that are being sent, and buffers of so many connections.
GROWTH = 128.0
POURED = 512 << 20


class Stream:
    """Messages at a steady rate, published until it is ended."""

    def __init__(self, broker: Broker, district: District, collector: Collector) -> None:
        self.district = district
        self.collector = collector
        self.before = collector.records()
        self.sent = 0
        self.ending = False
        self.failure: Exception | None = None
        self.thread = threading.Thread(target=self.run, args=(broker.port,))
        self.thread.start()

    def run(self, port: int) -> None:
        try:
            publish(port, self.messages())
        except Exception as failure:
            self.failure = failure

    def messages(self) -> Iterator[Message]:
        began = time.monotonic()
        while not self.ending:
            for message in self.district.messages(RATE // 20):
                yield message
                self.sent += 1
            time.sleep(max(0.0, began + self.sent / RATE - time.monotonic()))

    def delay(self, sent: int, began: float) -> float:
        """Seconds from an instant until the first `sent` messages are collected."""
        wait_until("messages are collected", 120, lambda: self.collector.records() >= self.before + sent)
        return time.perf_counter() - began

    def end(self) -> int:
        """Messages that the broker has acknowledged: all."""
        self.ending = True
        self.thread.join(60)
        if self.failure or self.thread.is_alive():
            raise Wrong(f"the publisher failed: {self.failure}")
        return self.sent


class Watch:
    """The most private memory of the server until it is ended."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.most = 0.0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.ending.wait(0.05):
            try:
                self.most = max(self.most, self.server.private())
            except (OSError, Wrong):
                return

    def end(self) -> float:
        self.ending.set()
        self.thread.join()
        return self.most


@dataclass(frozen=True)
class Attack:
    name: str
    run: Callable[[Server, float], str]


def run(
    context: Context, broker: Broker, collector: Collector, district: District, viewers: int
) -> list[Row]:
    seconds = 3.0 if context.quick else 15.0
    before = collector.verified()
    with serving(context, collector) as server:
        server.get()
        collector.start()
        stream = Stream(broker, district, collector)
        try:
            wait_until("messages are sent", 30, lambda: stream.sent > RATE)
            memory, sockets = server.private(), server.sockets()
            found = [one(context, server, stream, attack, seconds) for attack in ATTACKS]
        finally:
            sent = stream.end()
        stream.delay(sent, time.perf_counter())
        # Records of the connection are among those that are counted: the last few messages may be on their way.
        time.sleep(0.5)
        collector.stop()
        wait_until("the connections end", 30, lambda: server.sockets() <= sockets, pause=0.2)
        stopping = stop_with_viewers(context, server, viewers)
    lost = before + sent - collector.verified()
    return [row for outcome in found for row in outcome.rows] + [
        absolute("web", "messages lost under attack", "", lost, at_most=0),
        absolute("web", "longest delay of messages under an attack", "s", max(
            outcome.delay for outcome in found), at_most=1),
        absolute("web", "fewest messages a second under an attack", "1/s", min(
            outcome.rate for outcome in found), at_least=RATE * 0.98),
        absolute("web", "private memory before the attacks", "MiB", memory),
        absolute("web", "most under an attack, on top", "MiB", max(
            outcome.memory for outcome in found) - memory, at_most=GROWTH),
        absolute("web", f"stop with {viewers} viewers", "s", stopping, at_most=5),
    ]


@dataclass(frozen=True)
class Outcome:
    rows: list[Row]
    # Of messages at its end, in seconds, and how many came a second.
    delay: float
    rate: float
    # The most private memory, in MiB.
    memory: float


def one(
    context: Context, server: Server, stream: Stream, attack: Attack, seconds: float
) -> Outcome:
    sent = stream.sent
    used, began = server.processor(), time.perf_counter()
    watch = Watch(server)
    try:
        figure = attack.run(server, seconds)
        took = time.perf_counter() - began
        rate, processor = (stream.sent - sent) / took, (server.processor() - used) / took
        sent, ended = stream.sent, time.perf_counter()
        wait_until(f"the server answers after {attack.name}", 60, lambda: server.answers(30), pause=0.05)
        after = time.perf_counter() - ended
        delay = stream.delay(sent, ended)
    finally:
        most = watch.end()
    context.note(f"web: {attack.name}: {figure}; {rate:,.0f} messages a second, {delay:.2f} s late, server"
                 f" {processor:.2f} of a processor,"
                 f" {most:.0f} MiB, answers after {after:.2f} s")
    return Outcome([absolute("web", f"answer after {attack.name}", "s", after, at_most=5)], delay, rate, most)


def stop_with_viewers(context: Context, server: Server, viewers: int) -> float:
    watching = Viewers(context, server, viewers)
    try:
        return server.stop()
    finally:
        watching.end()


# Attacks: each returns a figure of what it did.


def as_others(command: list[str], seconds: float) -> str:
    """What a program with the lowest priority prints."""
    done = subprocess.run(["nice", "-n", "19", *command], capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode != 0:
        raise Wrong(f"{command[0]} ended with {done.returncode}: {(done.stderr or done.stdout)[-300:]}")
    return done.stdout


def wrk(path: str) -> Callable[[Server, float], str]:
    def run(server: Server, seconds: float) -> str:
        text = as_others(
            ["wrk", "-t1", "-c64", f"-d{seconds:.0f}s", "--timeout", "30s", "-H", f"Accept-Encoding: {ENCODINGS}",
             f"http://127.0.0.1:{server.port}{path}"], seconds)
        rate = [line.split()[1] for line in text.splitlines() if line.startswith("Requests/sec")]
        return f"{rate[0] if rate else 0} answers a second"

    return run


def slow(*kind: str, path: str = "/?lang=en") -> Callable[[Server, float], str]:
    def run(server: Server, seconds: float) -> str:
        text = as_others(
            ["slowhttptest", *kind, "-c", "400", "-r", "200", "-i", "2", "-l", f"{seconds:.0f}", "-p", "5",
             "-u", f"http://127.0.0.1:{server.port}{path}"], seconds)
        state = [line.strip() for line in text.splitlines() if line.startswith("connected") or "exit status" in line.lower()]
        return "; ".join(state[-2:])

    return run


def pour(begin: bytes, block: bytes) -> Callable[[Server, float], str]:
    """Sends a beginning and then a block again and again, on eight connections, each anew when it is closed."""

    def run(server: Server, seconds: float) -> str:
        deadline = time.monotonic() + seconds
        poured = [0] * 8
        connections = [0] * 8

        def one(number: int) -> None:
            while time.monotonic() < deadline and sum(poured) < POURED:
                try:
                    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as peer:
                        connections[number] += 1
                        peer.sendall(begin)
                        while time.monotonic() < deadline and sum(poured) < POURED:
                            peer.sendall(block)
                            poured[number] += len(block)
                except OSError:
                    time.sleep(0.01)

        in_threads(one, len(poured))
        return f"{sum(poured) / (1 << 20):,.0f} MiB on {sum(connections):,} connections"

    return run


def in_threads(body: Callable[[int], None], count: int) -> None:
    def with_low_priority(number: int) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        body(number)

    threads = [threading.Thread(target=with_low_priority, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def hold(request: bytes, count: int) -> Callable[[Server, float], str]:
    """Opens so many connections, sends something on each, and reads nothing; more than the server takes wait or fail."""

    def run(server: Server, seconds: float) -> str:
        held: list[socket.socket] = []
        try:
            for _ in range(count):
                peer = socket.socket()
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                held.append(peer)
                peer.settimeout(0.2)
                try:
                    peer.connect(("127.0.0.1", server.port))
                    peer.sendall(request)
                except OSError:
                    continue
            time.sleep(seconds)
            return f"{len(held)} connections"
        finally:
            for peer in held:
                peer.close()

    return run


HEAD = b"GET /?lang=en HTTP/1.1\r\nHost: 127.0.0.1\r\n"
LOGIN = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
NOISE = os.urandom(1 << 20)

ATTACKS = [
    Attack("wrk", wrk("/?lang=en")),
    Attack("wrk on a page without a route", wrk("/none")),
    Attack("slow heads", slow("-H")),
    Attack("slow bodies", slow("-B", path="/login")),
    Attack("ranges", slow("-R")),
    Attack("slow readers", slow("-X", "-k", "3")),
    Attack("512 MiB of noise", pour(b"", NOISE)),
    Attack("a body of 512 MiB", pour(LOGIN + b"Content-Length: 536870912\r\n\r\n", NOISE)),
    Attack("a body that a page does not take", pour(HEAD + b"Transfer-Encoding: chunked\r\n\r\n20000000\r\n", NOISE)),
    Attack("an endless head", pour(HEAD + b"X-Long: ", b"x" * 65_536)),
    Attack("endless fields", pour(HEAD, b"X-Many: 1\r\n" * 4096)),
    Attack("an endless address", pour(b"GET /", b"a" * 65_536)),
    Attack("half-open connections", hold(HEAD, 600)),
    Attack("viewers that do not read", hold(HEAD.replace(b"/?", b"/events?") + b"\r\n", 300)),
]
