"""Starting, watching and ending what is measured: brokers, the collector, listeners."""

import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from results import Context, Wrong

TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until(what: str, seconds: float, condition: Callable[[], bool], pause: float = 0.01) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Wrong(f"{what}: not within {seconds:g} s")
        time.sleep(pause)


def processor_time(pid: int) -> float:
    """Seconds of processor time, user and system, that a running process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def private(pid: int) -> float:
    """Private (anonymous) memory in MiB, resident or swapped out: what the process itself takes."""
    return memory(pid, "RssAnon") + memory(pid, "VmSwap")


def memory(pid: int, field: str = "VmRSS") -> float:
    """A field of the process's status in MiB: by default resident memory, pages of files included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise Wrong(f"process {pid} is gone")


class Peak:
    """The most private memory of a process, in MiB, of the moments at which it was looked at."""

    def __init__(self) -> None:
        self.value = 0.0

    def during(self, pid: int, condition: Callable[[], bool]) -> Callable[[], bool]:
        """The condition, looking at the process each time it is asked."""

        def looking() -> bool:
            self.value = max(self.value, private(pid))
            return condition()

        return looking


class Finished:
    """A process that ran to its end: how long it took, its processor time, and its peak of resident memory in MiB."""

    def __init__(self, process: subprocess.Popen[bytes], began: float, usage: resource.struct_rusage) -> None:
        self.seconds = time.perf_counter() - began
        self.processor = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024
        self.status = process.returncode


def finish(process: subprocess.Popen[bytes], began: float, seconds: float) -> Finished:
    """Waits for the end of a process, and ends it where it does not."""
    deadline = time.monotonic() + seconds
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return Finished(process, began, usage)
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise Wrong(f"{process.args} did not end within {seconds:g} s")
        time.sleep(0.002)


class Broker:
    """A mosquitto of our own that queues without a limit; with ``secure`` it also listens with TLS."""

    def __init__(self, work: Path, secure: bool = False) -> None:
        self.port = free_port()
        settings = work / f"mosquitto-{self.port}.conf"
        text = (
            f"user {os.environ.get('USER', 'root')}\nlistener {self.port} 127.0.0.1\nallow_anonymous true\n"
            "max_queued_messages 0\nmax_inflight_messages 0\nlog_type error\n"
        )
        if secure:
            self.secure_port = free_port()
            self.certificate = self.make_certificate(work)
            key = self.certificate.with_suffix(".key")
            text += f"listener {self.secure_port} 127.0.0.1\ncertfile {self.certificate}\nkeyfile {key}\n"
        settings.write_text(text)
        path = f"{os.environ['PATH']}:/usr/sbin"
        program = shutil.which("mosquitto", path=path)
        if not program:
            raise Wrong("mosquitto is not installed: apt-get install mosquitto")
        self.log = work / f"mosquitto-{self.port}.log"
        self.process = subprocess.Popen([program, "-c", str(settings)], stderr=self.log.open("w"))
        wait_until("the broker starts", 10, self.answers)

    @staticmethod
    def make_certificate(work: Path) -> Path:
        """A certificate that signs itself, for 127.0.0.1; its key lies beside it."""
        made = work / "broker.pem"
        run_to_end(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", str(made), "-keyout",
             str(made.with_suffix(".key"))], quiet=True)
        return made

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise Wrong(f"the broker ended: {self.log.read_text()[-300:]}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def keep_session(self, client: str, version: int = 4) -> None:
        """Has the broker queue for a client that is not there."""
        expiry = ["-V", "5", "-x", "86400"] if version == 5 else []
        listen = self.listener(client, 0) + expiry + ["-E"]
        subprocess.run(listen, check=True, timeout=30, stdout=subprocess.DEVNULL)

    def listener(self, client: str, count: int, secure: bool = False) -> list[str]:
        port = ["-p", str(self.secure_port), "--cafile", str(self.certificate)] if secure else ["-p", str(self.port)]
        arguments = ["mosquitto_sub", "-h", "127.0.0.1", *port, "-i", client, "-c", "-q", "1"]
        return arguments + ["-t", "factory/#"] + (["-C", str(count)] if count else [])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


class Collector:
    """The collector over a store of its own, started and stopped as often as is asked."""

    def __init__(self, context: Context, name: str, port: int, **settings: str) -> None:
        self.context = context
        self.store = context.work / name
        self.log = context.work / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.began = 0.0
        # A program and its arguments that the collector is started by, such as strace.
        self.behind: list[str] = []
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("MILLWRIGHT_")}
        self.environment |= {
            "MILLWRIGHT_MQTT_PORT": str(port), "MILLWRIGHT_STORE": f"sqlite:{self.store}",
            "MILLWRIGHT_MQTT_CLIENT_ID": "bench-collector", "LANG": "C.UTF-8",
        } | {f"MILLWRIGHT_{key}": value for key, value in settings.items()}
        self.databases: dict[Path, sqlite3.Connection] = {}

    def run(self, *arguments: str, seconds: float = 600) -> str:
        """What another command of the product prints; it must succeed."""
        command = [str(self.context.millwright), *arguments, "--config", str(self.context.config)]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=seconds)
        if done.returncode != 0:
            raise Wrong(f"millwright {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def start(self, subscribed: bool = True) -> None:
        """Starts it; with `subscribed` waits until the broker has granted what it asked for."""
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [*self.behind, str(self.context.millwright), "collect", "--config", str(self.context.config)],
            env=self.environment, stderr=self.log.open("w"))
        if subscribed:
            wait_until("the collector connects", 60, self.is_subscribed, pause=0.002)

    def is_subscribed(self) -> bool:
        text = self.log.read_text()
        if self.process is None or self.process.poll() is not None:
            raise Wrong(f"the collector ended: {text[-500:]}")
        return "connected and subscribed" in text

    @property
    def pid(self) -> int:
        if self.process is None:
            raise Wrong("the collector does not run")
        if not self.behind:
            return self.process.pid
        own = self.process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        if not children:
            raise Wrong(f"{self.behind[0]} runs no collector")
        return int(children[0])

    def journaled(self) -> int:
        """Messages in the journal, fast: what counts is what ``verified`` says.

        Blocks of one record are the connection's; a message that came alone is missed.
        """
        return self.total("SELECT COALESCE(SUM(records), 0) FROM block WHERE records > 1")

    def records(self) -> int:
        """Records in the journal, also in packed blocks, and also those that are no messages."""
        return self.total("SELECT COALESCE(SUM(records), 0) FROM (SELECT records FROM block"
                          " UNION ALL SELECT records FROM span)")

    def total(self, query: str) -> int:
        """The sum of a query's results over the days of the journal."""
        total = 0
        for path in sorted((self.store / "journal").glob("*.sqlite")):
            if path not in self.databases:
                self.databases[path] = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            total += self.databases[path].execute(query).fetchone()[0]
        return total

    def forget(self) -> None:
        for database in self.databases.values():
            database.close()
        self.databases.clear()

    def stop(self, seconds: float = 60) -> Finished:
        """Stops it as systemd does and waits for its end."""
        self.forget()
        pid = self.pid
        process, self.process = self.process, None
        if process is None:
            raise Wrong("the collector does not run")
        began = time.perf_counter()
        os.kill(pid, signal.SIGTERM)
        finished = finish(process, began, seconds)
        if finished.status != 0:
            raise Wrong(f"the collector ended with {finished.status}: {self.log.read_text()[-500:]}")
        return finished

    def end(self) -> None:
        """Ends what may still run, whatever happened."""
        self.forget()
        if self.process is not None:
            if self.behind and self.process.poll() is None:
                os.kill(self.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
            self.process = None

    def verified(self) -> int:
        """Messages in the journal, each block read back and held against its hash."""
        for line in self.run("journal", "verify").splitlines():
            if line.startswith("messages"):
                return int(line.split()[1].replace(",", ""))
        raise Wrong("journal verify does not say how many messages there are")

    def check(self, messages: int) -> None:
        """The journal holds exactly so many messages, and every figure is what they make."""
        found = self.verified()
        if found != messages:
            raise Wrong(f"the journal holds {found:,} messages, not {messages:,}")
        self.run("rebuild", "--verify", seconds=1800)


def run_to_end(command: Sequence[str], seconds: float = 300, quiet: bool = False) -> Finished:
    """Runs a program that throws its output away, what it complains of too if ``quiet``, and must succeed."""
    began = time.perf_counter()
    complaints = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(list(command), stdout=subprocess.DEVNULL, stderr=complaints)
    finished = finish(process, began, seconds)
    if finished.status != 0:
        raise Wrong(f"{command[0]} ended with {finished.status}")
    return finished
