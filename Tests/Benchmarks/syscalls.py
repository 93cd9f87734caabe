"""System calls a message of draining a backlog, as strace counts them in all threads of the collector.

Once with each libmosquitto that is here: the system's, and those that Scripts/lib/mosquitto-versions builds. The
backlog is queued in a real mosquitto. Calls of a start and a stop without messages are counted before and taken off.
The note before each row is the collector's own log line: the library and whether its reads and writes are gathered.
"""

import subprocess
from pathlib import Path

from load import District
from mqtt import publish
from processes import Broker, Collector, wait_until
from results import Context, Row, Wrong, absolute

TOP = Path(__file__).resolve().parents[2]
SENDERS = 1_000
SOCKET_CALLS = ("read", "recvfrom", "write", "sendto", "poll", "setsockopt")


def run(context: Context) -> list[Row]:
    messages = 20_000 if context.quick else 200_000
    rows: list[Row] = []
    for version, folder in libraries():
        rows += counted(context, version, folder, messages)
    return rows


def libraries() -> list[tuple[str, str]]:
    """Versions, and the folder of each; none for the system's."""
    ours = subprocess.run(["pkg-config", "--modversion", "libmosquitto"], capture_output=True, text=True, check=True)
    others = subprocess.run([TOP / "Scripts/lib/mosquitto-versions"], stdout=subprocess.PIPE, text=True)
    found = [(ours.stdout.strip(), "")]
    for line in others.stdout.splitlines():
        version, folder = line.split(maxsplit=1)
        if version != found[0][0]:
            found.append((version, folder))
    return found


def counted(context: Context, version: str, folder: str, messages: int) -> list[Row]:
    broker = Broker(context.work)
    counts = context.work / f"calls-{version}"
    collector = Collector(context, f"syscalls-{version}", broker.port)
    collector.behind = ["strace", "-c", "-f", "-o", str(counts)]
    if folder:
        collector.environment["LD_LIBRARY_PATH"] = folder
    try:
        collector.start()
        collector.stop()
        idle = calls(counts)
        publish(broker.port, District(SENDERS).messages(messages))
        collector.start(subscribed=False)
        wait_until("the backlog is collected", 300, lambda: collector.journaled() >= messages - 2)
        collector.stop()
        if collector.verified() != messages:
            raise Wrong(f"the journal holds {collector.verified():,} messages, not {messages:,}")
    finally:
        collector.end()
        broker.stop()
    lines = [line for line in collector.log.read_text().splitlines() if "connected and subscribed" in line]
    context.note(f"syscalls: {lines[-1]}")
    drained = calls(counts)
    made = {name: max(0, drained[name] - idle.get(name, 0)) for name in drained}
    most = 0.1 if "transport=buffered" in lines[-1] else None
    label = f"libmosquitto {version}: "
    return [
        absolute("syscalls", f"{label}system calls a message", "", sum(made.values()) / messages, at_most=most),
        absolute("syscalls", f"{label}of them {', '.join(SOCKET_CALLS)}", "",
                 sum(made.get(name, 0) for name in SOCKET_CALLS) / messages),
    ]


def calls(table: Path) -> dict[str, int]:
    """How often each system call was made, from strace's summary."""
    found: dict[str, int] = {}
    for line in table.read_text().splitlines():
        fields = line.split()
        # % time, seconds, usecs/call, calls, errors if there were any, name
        if len(fields) in (5, 6) and fields[3].isdigit() and fields[-1] != "total":
            found[fields[-1]] = int(fields[3])
    return found
