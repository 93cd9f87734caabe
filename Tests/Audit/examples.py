#!/usr/bin/env python3
"""Holds the audit itself against the figures worked out by hand in Tests/WorkedExamples: no product is involved.

    Tests/Audit/examples.py [FOLDER OF EXAMPLES]"""

import csv
import glob
import json
import os
import re
import sys

from compare import MISSING, flat
from figures import Audit
from messages import read_story
from spans import DAY, HOUR, MINUTE, OFFSET, day_number, rfc3339, start

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "WorkedExamples", "Examples")
INSTANT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?"


def instant(text):
    day, clock = text.split(" ")
    hour, minute, second = clock.split(":")
    return start(day_number(day)) + int(hour) * HOUR + int(minute) * MINUTE + round(float(second) * 1000)


def span(text):
    number, unit = re.fullmatch(r"([+-]?\d+)(ms|s|m|h)", text).groups()
    return int(number) * {"ms": 1, "s": 1000, "m": MINUTE, "h": HOUR}[unit]


def instants(text):
    """The instants that a line begins with, and the rest of it."""
    found = re.match(r"\s*(%s)(?: \.\. (%s) every (\S+))?\s*" % (INSTANT, INSTANT), text)
    first, last, step = found.groups()
    times = [instant(first)]
    if last:
        times = list(range(times[0], instant(last) + 1, span(step)))
    return times, text[found.end():]


def table(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8-sig") as file:
        return [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]


def read(folder):
    """The scenario of an example: its story in order, with everything at its instant."""
    scenario = {"factories": [], "imports": [], "calendars": [], "story": [], "reports": []}
    events = []
    with open(os.path.join(folder, "events.txt"), encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line and not line.startswith("#"):
                events += happenings(folder, line, scenario)
    scenario["story"] = sorted(events, key=lambda e: e["at"])
    scenario["imports"].sort(key=lambda one: one["at"])
    scenario["calendars"].sort(key=lambda one: one["at"])
    return scenario


def happenings(folder, line, scenario):
    received, rest = instants(line)
    word = rest.split(" ")[0]
    if word == "register":
        words = rest.split()
        factories = words[2] if words[2] != "effective" else None
        if factories:
            known = {f["id"] for f in scenario["factories"]}
            scenario["factories"] += [{"id": row["factory_id"]} for row in table(folder, factories)
                                      if row["factory_id"] not in known]
        scenario["imports"].append({
            "at": received[0], "effective": words[words.index("effective") + 1], "rows": table(folder, words[1]),
            "retire_missing": "retire-missing" in words})
        return []
    if word == "calendar":
        scenario["calendars"].append({"at": received[0], "rows": table(folder, rest.split()[1])})
        return []
    if word in ("connected", "observed", "disconnected", "killed"):
        kind = {"disconnected": "lost"}.get(word, word)
        return [{"kind": kind, "at": t, "resumed": "resumed" in rest} for t in received]
    sent, retained = received, False
    while True:
        if rest.startswith("retained "):
            retained, rest = True, rest[9:].lstrip()
        elif rest.startswith("sent "):
            sent, rest = instants(rest[5:])
        elif rest.startswith("clock "):
            ahead, rest = rest[6:].lstrip().split(" ", 1)
            sent, rest = [t + span(ahead) for t in received], rest.lstrip()
        else:
            break
    topic, _, payload = rest.partition(" ")
    out = []
    for i in range(max(len(received), len(sent))):
        at = received[i if len(received) > 1 else 0]
        text = payload.strip().replace("TS", '"%s"' % rfc3339(sent[i if len(sent) > 1 else 0]))
        out.append({"kind": "window", "at": at,
                    "messages": [{"at": at, "topic": topic, "payload": text, "retained": retained}]})
    return out


def known_by(scenario, now):
    """What had happened by an instant."""
    return dict(scenario, story=[h for h in scenario["story"] if h["at"] <= now])


def request_of(one):
    request = {"now": instant(one["at"]), "scope": one["report"]}
    for name in ("from", "to"):
        if name in one:
            request[name] = one[name]
    for name in ("as_of", "known_at"):
        if name in one:
            request[name] = instant(one[name])
    return request


def worked_out(expected):
    """The figures of an example's expected.json by the audit's paths."""
    whole = {"period": {}, "data_quality": {}, **expected, "flags": [], "flag_counts": [], "gaps": [], "policies": []}
    whole["period"] = {"from": None, "to": None, **whole["period"]}
    found = {}
    for path, value in flat_or_less(whole).items():
        if path.startswith(("metrics/", "buckets/", "energy/", "workshops/", "factories/", "rollup/", "data_quality/",
                            "equipment/", "shared_meter")) or path in ("sufficient", "register_version"):
            found[path] = value
    return found


def flat_or_less(whole):
    scope = {"kind": "equipment"}
    return {path: value for path, value in flat({"scope": scope, **whole}).items()
            if value != MISSING and (path != "shared_meter" or "shared_meter" in whole)}


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else FOLDER
    examples = figures = 0
    differing = []
    for path in sorted(glob.glob(os.path.join(folder, "*", "expected.json"))):
        examples += 1
        scenario = read(os.path.dirname(path))
        with open(path, encoding="utf-8") as file:
            requests = json.load(file)
        for one in requests:
            if one.get("unrepaired"):
                continue
            request = request_of(one)
            then = known_by(scenario, request["now"])
            audit = Audit(then, read_story(then["story"]), request).report(one["report"])
            for figure, value in worked_out(one.get("expected", {})).items():
                if figure not in audit:
                    continue
                figures += 1
                ours = audit[figure]
                if isinstance(value, tuple) and isinstance(ours, tuple) and value[2] is Ellipsis:
                    ours, value = ours[:2], value[:2]
                if ours != value:
                    differing.append("%s, %s: %s: by hand %s, audit %s" % (
                        os.path.basename(os.path.dirname(path)), json.dumps(request), figure, value, ours))
    print("\n".join(differing))
    print("%d examples, %d figures worked out by hand, %d differ" % (examples, figures, len(differing)))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
