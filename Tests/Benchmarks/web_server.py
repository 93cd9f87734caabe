"""The web server under measurement: started over a store, asked for pages, watched and ended."""

import contextlib
import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from processes import Collector, finish, private, processor_time, wait_until
from results import Context, Wrong

# What Chromium sends over TLS and to this machine.
ENCODINGS = "gzip, deflate, br, zstd"


@dataclass(frozen=True)
class Answer:
    """An answer, and the bytes of its head and body as they came over the connection."""

    status: int
    seconds: float
    wire: int
    text: str


class Server:
    """`millwright serve` over the store of a collector."""

    def __init__(self, context: Context, collector: Collector) -> None:
        self.log = context.work / "serve.log"
        command = [str(context.millwright), "serve", "--listen", "127.0.0.1:0", "--config", str(context.config)]
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command, env=collector.environment, stdout=subprocess.PIPE, stderr=self.log.open("w"))
        line = self.process.stdout.readline().decode() if self.process.stdout else ""
        found = re.match(r"serving http://127\.0\.0\.1:(\d+)/", line)
        if not found:
            self.end()
            raise Wrong(f"the server does not start: {line}{self.log.read_text()[-500:]}")
        self.port = int(found[1])

    @property
    def pid(self) -> int:
        if self.process.poll() is not None:
            raise Wrong(f"the server ended with {self.process.returncode}: {self.log.read_text()[-500:]}")
        return self.process.pid

    def private(self) -> float:
        return private(self.pid)

    def processor(self) -> float:
        return processor_time(self.pid)

    def sockets(self) -> int:
        """Sockets that the server has open."""
        folder = f"/proc/{self.pid}/fd"
        return sum(target.startswith("socket:") for target in map(target_of, os.scandir(folder)))

    def get(self, path: str = "/?lang=en", seconds: float = 60) -> Answer:
        """Asks over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            return ask(connection, path)
        finally:
            connection.close()

    def answers(self, seconds: float) -> bool:
        """Whether a page comes within that time, over a connection of its own."""
        try:
            return self.get(seconds=seconds).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def settle(self, seconds: float, pause: float) -> None:
        """Waits until the server has read the days that its page compares with: it does so in rests after its start."""
        used = -1.0

        def is_idle() -> bool:
            nonlocal used
            self.get()
            before, used = used, self.processor()
            return used - before < 0.1

        wait_until("the server has read the past", seconds, is_idle, pause)

    def stop(self) -> float:
        """Seconds from the signal to the end of the process, which must be clean."""
        began = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        finished = finish(self.process, began, 30)
        if finished.status != 0:
            raise Wrong(f"the server ended with {finished.status}: {self.log.read_text()[-500:]}")
        return finished.seconds

    def end(self) -> None:
        """Ends it, whatever happened."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def serving(context: Context, collector: Collector) -> Iterator[Server]:
    server = Server(context, collector)
    try:
        yield server
    finally:
        server.end()


class Viewers:
    """A process with viewers that have the first answer."""

    def __init__(self, context: Context, server: Server, count: int) -> None:
        self.log = context.work / "viewers.log"
        program = Path(__file__).with_name("web_viewers.py")
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(server.port), str(count)], stdout=subprocess.PIPE,
            stderr=self.log.open("w"))
        self.output = self.process.stdout
        if self.output is None or self.output.readline() != b"ready\n":
            self.end()
            raise Wrong(f"the viewers do not begin: {self.log.read_text()[-300:]}")

    def processor(self) -> float:
        return processor_time(self.process.pid)

    def stop(self) -> dict[str, int]:
        self.process.send_signal(signal.SIGTERM)
        text = self.output.read() if self.output else b""
        self.process.wait(timeout=30)
        if self.process.returncode != 0:
            raise Wrong(f"the viewers ended with {self.process.returncode}: {self.log.read_text()[-300:]}")
        found: dict[str, int] = json.loads(text)
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def target_of(entry: "os.DirEntry[str]") -> str:
    try:
        return os.readlink(entry.path)
    except OSError:
        return ""


def ask(connection: http.client.HTTPConnection, path: str) -> Answer:
    """Asks as a browser does; the time is until the last byte."""
    began = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": ENCODINGS, "Accept": "text/html"})
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - began
    head = sum(len(name) + len(value) + 4 for name, value in response.getheaders()) + 19
    encoding = response.getheader("content-encoding", "identity")
    if encoding not in ("identity", "gzip"):
        raise Wrong(f"the answer is in {encoding}")
    text = (gzip.decompress(body) if encoding == "gzip" else body).decode(errors="replace")
    return Answer(response.status, seconds, head + len(body), text)


def assets(page: str) -> list[str]:
    """The files that a page loads."""
    return sorted(set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)))

