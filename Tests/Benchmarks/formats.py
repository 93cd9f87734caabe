"""What decoding a message of each format costs, without transport and storage: nanoseconds and instructions.

Mapped JSON is measured beside Foundation's JSONDecoder, which decodes the same bytes to a type, and Sparkplug beside
swift-protobuf, which decodes the same payload to its metrics; neither checks times, states and senders, or keeps
aliases. Messages of 64 machines take turns, and turns with the peers in each round. The instructions are those that
callgrind counts, the difference of two runs, so that the start is no part of them. Before, random Sparkplug payloads
are compared: both readers must read the same.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from results import Context, Row, Wrong, absolute, compared

TOP = Path(__file__).resolve().parents[2]
NAME = "formats"
# Formats whose instructions are counted.
COUNTED = ["status", "json", "pubsub", "sparkplug"]


def run(context: Context) -> list[Row]:
    program = built(context)
    compared_payloads = 10_000 if context.quick else 200_000
    alike = subprocess.run([program, "compare", str(compared_payloads)], stdout=subprocess.PIPE, text=True)
    context.note(f"{NAME}: Sparkplug payloads beside swift-protobuf: {alike.stdout.strip()[-300:]}")
    if alike.returncode != 0:
        raise Wrong("Sparkplug payloads are read otherwise than by swift-protobuf")
    messages = 30_000 if context.quick else 300_000
    context.note(f"{NAME}: {context.rounds} rounds of {messages:,} messages of each format")
    done = subprocess.run([program, "measure", str(context.rounds), str(messages)], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Wrong("the program that decodes has failed")
    rows: list[Row] = []
    for line in map(json.loads, done.stdout.splitlines()):
        what = f"{line['text']}, {line['bytes']} bytes"
        # The least of the rounds: other processes only make a round slower.
        rows.append(absolute(NAME, what, "ns a message", min(line["ours"]), at_most=line.get("target")))
        if line.get("peer"):
            rows.append(compared(NAME, what, "ns a message", line["ours"], line["peer"], line["theirs"]))
    for name in COUNTED:
        rows.append(absolute(NAME, f"{name}, instructions", "a message", instructions(context, program, name)))
    return rows


def built(context: Context) -> Path:
    """Builds the program in a package of its own, which has swift-protobuf, from the sources of the checkout."""
    folder = TOP / ".build/format-bench"
    package = folder / "package"
    package.mkdir(parents=True, exist_ok=True)
    for name, path in [("Sources", "Sources"), ("FormatBenchmark", "Tests/FormatBenchmark")]:
        link = package / name
        link.unlink(missing_ok=True)
        link.symlink_to(TOP / path)
    shutil.copyfile(TOP / "Tests/FormatBenchmark/Package.swift", package / "Package.swift")
    options = ["--package-path", package, "--scratch-path", folder / "build", "-c", "release"]
    context.note(f"{NAME}: building (the first time takes a few minutes)")
    done = subprocess.run(["swift", "build", *options, "--product", "format-bench"], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Wrong(f"the program that decodes cannot be built:\n{done.stdout}")
    shown = subprocess.run(
        ["swift", "build", *options, "--show-bin-path"], stdout=subprocess.PIPE, text=True, check=True)
    return Path(shown.stdout.strip()) / "format-bench"


def instructions(context: Context, program: Path, name: str) -> float:
    """Instructions a message, by a run of few messages and one of twice as many."""
    # valgrind does not read the debugging symbols of Swift.
    stripped = context.work / "format-bench"
    if not stripped.exists():
        subprocess.run(["strip", "--strip-debug", "-o", stripped, program], check=True)
    # Everything that chooses code by the processor or by chance is held still.
    environment = {
        "PATH": os.environ["PATH"], "SWIFT_DETERMINISTIC_HASHING": "1", "SIMDJSON_FORCE_IMPLEMENTATION": "westmere",
        "TZ": "UTC", "LANG": "C", "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-AVX512F_Usable",
    }
    counts = []
    for messages in (2_000, 4_000):
        log = context.work / "callgrind"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={context.work}/profile", f"--log-file={log}",
             stripped, "decode", name, str(messages)], env=environment)
        collected = [line.split(":")[-1] for line in log.read_text().splitlines() if "Collected :" in line]
        if done.returncode != 0 or not collected:
            raise Wrong(f"callgrind cannot count the instructions of {name}")
        counts.append(int(collected[-1]))
    return (counts[1] - counts[0]) / 2_000
