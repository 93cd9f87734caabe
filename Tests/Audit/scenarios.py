"""Random scenarios with what reality contains. A scenario is plain values, so that it can be written down, cut smaller
and read again: factories, imports of the register and of calendars, a story of what the collector received, and the
reports to be made."""

import json
import random

from spans import DAY, HOUR, MINUTE, civil, day_number, day_of, rfc3339, start

STATES = ["running", "running", "running", "idle", "setup", "stopped", "fault", "maintenance", "off"]
INTERVALS = [None, None, 10, 60, 90, 300, 600, 1200, 3600, 7200, 36_000, 2_678_400]
PRESENT = ["online"] * 9 + ["Online\r\n"]
CATEGORIES = ["lathe", "press", "", "milling machine", "lathe", "press", "sensor", "gateway"]


class Maker:
    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(seed)
        # Random numbers for machines that come to name another meter.
        self.wiring = random.Random("wiring %d" % seed)
        r = self.random
        # Random numbers for the attributes of forms, which half of the registers have.
        self.forms = random.Random("forms %d" % seed)
        self.states_forms = self.forms.random() < 0.5
        self.first = day_number("2026-09-07") + r.randrange(30)
        self.days = r.choice([1, 2, 2, 3, 3, 4, 5, 8])
        self.begin = start(self.first) + r.choice([0, 0, 8 * HOUR, r.randrange(DAY)])
        self.end = start(self.first + self.days) + r.choice([0, r.randrange(DAY)])
        self.factories = ["F%d" % (i + 1) for i in range(r.choice([1, 1, 1, 2, 3]))]
        self.machines = []
        # What the counters of shared meters begin with; one of them may be like any other.
        self.counters = {"M1": 70_000_000, "M2": self.wiring.choice([70_000_000, 70_000_000, 13_000_000, 20_000])}
        # Machines that come to name another meter; of them, (from when on, the meter that their values are of), and
        # the spans in which they send nothing.
        self.rewired = set()
        self.wired, self.silences = {}, {}
        # Meters with a row of their own.
        self.metering = set()

    def chance(self, p):
        return self.random.random() < p

    def make(self):
        imports = self.imports()
        story = self.story()
        calendars = self.calendars()
        return {"seed": self.seed, "factories": [{"id": f} for f in self.factories], "imports": imports,
                "calendars": calendars, "story": story, "reports": self.reports(imports, calendars, story),
                "rebuild": self.random.choice([None, "rebuild", "verify", "verify"])}

    # The register.

    def row(self, factory, equipment):
        r = self.random
        interval = r.choice(INTERVALS)
        row = {
            "equipment_id": equipment, "factory_id": factory, "workshop": r.choice(["W1", "W1", "W2", "W3"]),
            "line": r.choice(["", "L1", "L2"]), "name": "", "category": r.choice(CATEGORIES),
            "automation": r.choice(["manual", "semi_automatic", "automatic", "automatic", "unclassified"]),
            "intelligent": r.choice(["yes", "no", "no"]), "digital": r.choice(["yes", "yes", "yes", "no"]),
            "connectable": r.choice(["yes", "yes", "yes", "no"]),
            "report_interval_s": str(interval) if interval else ""}
        if self.chance(0.4):
            row["commissioned_on"] = civil(self.first + r.choice([-400, -30, -2, 0, 1, 2]))
        if self.chance(0.1):
            out = self.first + r.choice([1, 2, 3, 20])
            if not row.get("commissioned_on") or day_number(row["commissioned_on"]) < out:
                row["decommissioned_on"] = civil(out)
        if self.chance(0.25):
            row["energy_meter"] = r.choice(["M1", "M2"])
        if self.chance(0.2):
            row["serial"] = r.choice(["S1", "S2", "S3", "S4", "S5"])
        if self.chance(0.15):
            row["energy_rollover"] = r.choice(["1000", "9999.999"])
        if self.states_forms:
            row.update(self.form_attributes())
        return row

    def form_attributes(self):
        r = self.forms
        row = {"cnc": r.choice(["yes", "yes", "no", ""]), "process": r.choice(["", "P1", "P1", "P2", "工序"]),
               "asset_value": r.choice(["", "0", "1000", "250000.05"]),
               "ideal_cycle_s": r.choice(["", "0.001", "12.5", "3600"]),
               "counts_output": r.choice(["", "", "yes", "no"]),
               "meter_kind": r.choice(["", "", "", "none", "gas"])}
        row["key_process"] = r.choice(["", "yes", "no"]) if row["process"] else ""
        return row

    def imports(self):
        r = self.random
        rows = []
        for factory in self.factories:
            for i in range(r.choice([1, 2, 3, 4, 6])):
                rows.append(self.row(factory, "E%d" % (i + 1)))
        first = self.first + r.choice([-100, -10, -1, 0, 0, 1])
        imports = [{"at": start(self.first - 20) + 9 * HOUR, "effective": civil(first), "rows": rows}]
        at = imports[0]["at"]
        current = rows
        self.machines = [(row["factory_id"], row["equipment_id"], row["workshop"]) for row in rows]
        self.meters = {(row["factory_id"], row["equipment_id"]): row["energy_meter"] for row in rows
                       if row.get("energy_meter")}
        for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
            at += r.choice([HOUR, 10 * DAY, 15 * DAY, DAY])
            factory = r.choice(self.factories)
            changed = [dict(row) for row in current if row["factory_id"] == factory]
            retire = False
            for row in changed:
                if self.chance(0.5):
                    fresh = self.row(factory, row["equipment_id"])
                    for name in r.sample(sorted(fresh), r.choice([1, 2, 4])):
                        row[name] = fresh[name]
                    begun, out = row.get("commissioned_on"), row.get("decommissioned_on")
                    if begun and out and out <= begun:
                        row["decommissioned_on"] = ""
                    if row.get("key_process") == "yes" and not row.get("process"):
                        row["key_process"] = ""
            if len(changed) > 1 and self.chance(0.3):
                del changed[r.randrange(len(changed))]
                retire = self.chance(0.5)
            if self.chance(0.3):
                fresh = self.row(factory, "E%d" % r.choice([7, 8]))
                if fresh["equipment_id"] not in {row["equipment_id"] for row in changed}:
                    changed.append(fresh)
            seen = {row["equipment_id"] for row in changed}
            effective = first + r.choice([0, 1, 2, 3, self.days])
            imports.append({"at": at, "effective": civil(effective), "rows": changed, "retire_missing": retire})
            current = [row for row in current if row["factory_id"] != factory or row["equipment_id"] not in seen]
            current += changed
            self.machines += [(row["factory_id"], row["equipment_id"], row["workshop"]) for row in changed]
        return imports + (self.rewirings(imports, current) if self.wiring.random() < 0.5 else [])

    def rewirings(self, imports, current):
        """Imports in which machines come to name another meter."""
        r = self.wiring
        out, at = [], imports[-1]["at"]
        for _ in range(r.choice([1, 1, 2, 3])):
            at += r.choice([HOUR, DAY, 5 * DAY])
            factory = r.choice(self.factories)
            rows = [dict(row) for row in current if row["factory_id"] == factory]
            effective = self.first + r.choice([-1, 0] + [min(max(1, self.days - 1), r.choice([1, 1, 2, 3]))] * 6)
            if r.random() < 0.15:
                effective = day_number(r.choice(imports)["effective"])
            # The first snapshot stays the first.
            effective = max(effective, day_number(imports[0]["effective"]))
            machines = [row for row in rows if row["equipment_id"] not in self.counters]
            for row in r.sample(machines, min(len(machines), r.choice([1, 2, 2, 3]))):
                self.rewire(row, effective)
            if factory == self.factories[0] and r.random() < 0.3:
                self.register_meter(rows, r.choice(["M1", "M2"]))
            out.append({"at": at, "effective": civil(effective), "rows": rows})
            current = [row for row in current if row["factory_id"] != factory] + rows
        return out

    def rewire(self, row, effective):
        """Its values may become those of the other meter at midnight, some hours off, or not at all. It may be silent
        around the change."""
        r = self.wiring
        key = row["factory_id"], row["equipment_id"]
        meter = r.choice([name for name in ("", "M1", "M1", "M2") if name != row.get("energy_meter", "")])
        self.rewired.add(key)
        # Its own id is as good as nothing.
        row["energy_meter"] = key[1] if meter == "" and r.random() < 0.2 else meter
        if r.random() < 0.8:
            begins = start(effective) + r.choice([0, 0, 0, 10, -3]) * HOUR
            self.wired.setdefault(key, []).append((begins, meter))
        if r.random() < 0.4:
            span = start(effective) - r.choice([0, 4, 20]) * HOUR, start(effective) + r.choice([6, 20, 30, 50]) * HOUR
            self.silences.setdefault(key, []).append(span)

    def register_meter(self, rows, meter):
        if meter in {row["equipment_id"] for row in rows}:
            return
        rows.append({"equipment_id": meter, "factory_id": self.factories[0], "workshop": "W1", "line": "L2",
                     "name": "", "category": "meter", "automation": "manual",
                     "meter_kind": self.forms.choice(["", "electricity", "none"]) if self.states_forms else ""})
        self.metering.add(meter)

    def calendars(self):
        r = self.random
        out = []
        at = start(self.first - 15)
        for _ in range(r.choice([0, 1, 1, 2])):
            rows = []
            for factory in self.factories:
                if self.chance(0.8):
                    rows += self.calendar(factory, at)
            if rows:
                out.append({"at": at, "rows": rows})
            at += r.choice([DAY, 16 * DAY + 7 * HOUR, 18 * DAY])
        if out and self.chance(0.4):
            # The same rows again, with a shutdown that may have begun.
            rows = [dict(row) for row in out[-1]["rows"]]
            begun = self.first + r.randrange(self.days)
            rows.append({"factory_id": rows[0]["factory_id"], "kind": "shutdown", "workshop": "",
                         "from": civil(begun) + " 06:00", "to": civil(begun) + " 18:30"})
            out.append({"at": max(out[-1]["at"] + HOUR, start(begun) + r.choice([-2, 8]) * HOUR), "rows": rows})
        return out

    def calendar(self, factory, at):
        r = self.random
        whole = {"from": civil(self.first - 60), "to": civil(self.first + 60)}
        places = [("", "")] + ([("W1", "")] if self.chance(0.3) else []) + ([("W1", "L1")] if self.chance(0.2) else [])
        rows = []
        for workshop, line in places:
            begin, end = r.choice([("08:00", "20:00"), ("20:00", "08:00"), ("00:00", "24:00"), ("06:30", "14:30")])
            rows.append(dict(whole, factory_id=factory, workshop=workshop, line=line, kind="shift",
                             weekdays=r.choice(["", "1-5", "1,3,5", "1-6"]), start=begin, end=end))
        if self.chance(0.3):
            day = civil(self.first + r.randrange(self.days))
            rows.append({"factory_id": factory, "kind": "holiday", "from": day, "to": day})
        for _ in range(r.choice([0, 0, 1, 2])):
            workshop = r.choice(["", "W1", "W2"])
            begun = self.first + r.randrange(-1, self.days)
            rows.append({"factory_id": factory, "kind": "shutdown", "workshop": workshop,
                         "line": r.choice(["", "L1"]) if workshop else "",
                         "from": civil(begun) + r.choice([" 00:00", " 09:15", " 22:00"]),
                         "to": civil(begun + r.choice([1, 1, 2])) + r.choice([" 00:00", " 07:45"])})
        unique = []
        for row in rows:
            if row not in unique:
                unique.append(row)
        return unique

    # The telemetry.

    def story(self):
        r = self.random
        messages = []
        topics = {}
        for factory, equipment, workshop in sorted(set(self.machines)):
            topics.setdefault((factory, equipment), workshop)
        senders = [(f, e, w) for (f, e), w in topics.items() if not self.chance(0.15)]
        for meter in ("M1", "M2"):
            if self.chance(0.15) or meter in self.metering:
                senders.append((self.factories[0], meter, "W1"))
        if self.chance(0.3):
            senders.append((self.factories[0], "X9", "W1"))
        if self.chance(0.1):
            senders.append(("F9", "E1", "W1"))
        for factory, equipment, workshop in senders:
            if self.chance(0.05):
                workshop = "W8"
            messages += Machine(self, factory, equipment, workshop).messages()
        messages.sort(key=lambda m: m["at"])
        return self.connect(messages)

    def connect(self, messages):
        """The collector's connections, and what reaches it over them."""
        r = self.random
        story = []
        at = self.begin - r.choice([0, HOUR, 12 * HOUR]) if not self.chance(0.15) else self.begin + 5 * HOUR
        resumed = False
        stop = self.end + r.choice([0, 1 * MINUTE, 10 * HOUR])
        waiting = []
        rest = [m for m in messages if m["at"] >= at]
        recent = []
        ended_cleanly = False
        while at < stop:
            length = r.choice([3 * HOUR, 20 * HOUR, 3 * DAY, 10 * DAY])
            until = min(at + length, stop)
            story.append({"kind": "connected", "at": at, "resumed": resumed})
            window = []
            if resumed and not ended_cleanly and recent and self.chance(0.6):
                # Messages without an acknowledgement at the broker are delivered again, in order.
                again = recent[-r.choice([1, 2, 4]):]
                while len(again) < len(recent) and not any(m["is_reading"] for m in again):
                    again = recent[-len(again) - 1:]
                if any(m["is_reading"] for m in again):
                    window += [dict(m, at=at, again=True) for m in again]
            queued = [dict(m, at=at + 1 + i // 20) for i, m in enumerate(waiting)] if resumed else []
            here = [m for m in rest if m["at"] < until]
            rest = [m for m in rest if m["at"] >= until]
            coming = queued + [dict(m, at=max(m["at"], queued[-1]["at"])) if queued else m for m in here]
            coming = [m for m in coming if m["at"] < until]
            last = at
            recent = []
            quiet = self.chance(0.5)
            for m in coming:
                if quiet and m["at"] - last > 40_000 and self.chance(0.2):
                    if window:
                        story.append({"kind": "window", "messages": window})
                        window = []
                    story.append({"kind": "observed", "at": (last + m["at"]) // 2})
                if window and (len(window) >= 1 + r.randrange(9) and not window[0].get("again") or len(window) > 12):
                    story.append({"kind": "window", "messages": window})
                    window = []
                if window and window[0].get("again") and m["at"] > at + 1000:
                    story.append({"kind": "window", "messages": window})
                    window = []
                window.append(m)
                recent.append(m)
                last = m["at"]
            if window:
                story.append({"kind": "window", "messages": window})
            ending = r.choice(["lost", "stopped", "killed", "killed"])
            if until - last >= 20_000 and self.chance(0.8):
                story.append({"kind": "observed", "at": until - 5_000})
            if until >= stop and self.chance(0.5):
                break
            story.append({"kind": ending, "at": until})
            ended_cleanly = ending == "stopped"
            gap = r.choice([MINUTE, 10 * MINUTE, 2 * HOUR, 9 * HOUR])
            waiting = [m for m in rest if m["at"] < until + gap]
            rest = [m for m in rest if m["at"] >= until + gap]
            resumed = self.chance(0.7)
            at = until + gap
            if self.chance(0.3):
                story.append({"kind": "repair"})
            if self.chance(0.2):
                story.append({"kind": "pack"})
        for happening in story:
            for message in happening.get("messages", []):
                message.pop("is_reading", None)
        return story

    # The reports.

    def reports(self, imports, calendars, story):
        r = self.random
        now = self.end + r.choice([MINUTE, HOUR, 20 * HOUR, 3 * DAY])
        last = max([h.get("at") or h["messages"][-1]["at"] for h in story if "at" in h or "messages" in h] or [now])
        now = max(now, last + 1000)
        if self.chance(0.3):
            # At once: the minutes that a fast clock already reports are still in the future.
            now = last + 1000
        # All imports are known by then; --known-at reads earlier states.
        now = max([now] + [one["at"] + 1000 for one in imports + calendars]) // 1000 * 1000
        last = day_of(now)
        times = [{"now": now}]
        day = self.first + r.randrange(self.days)
        times.append({"now": now, "from": civil(self.first), "to": civil(min(last, self.first + self.days))})
        times.append({"now": now, "from": civil(day), "to": civil(min(last, day + r.choice([0, 0, 1])))})
        if day_of(now) > day:
            times.append({"now": now, "as_of": civil(day)})
        times.append({"now": now, "as_of": min(now, self.begin + r.randrange(max(1, self.end - self.begin)))})
        if len(imports) > 1:
            times.append({"now": now, "from": civil(self.first), "to": civil(day),
                          "known_at": imports[-1]["at"] - 1})
        times = [t for t in times if "from" not in t or t["from"] <= t["to"]]
        if self.chance(0.3):
            times.append({"now": now, "from": civil(day), "to": civil(last + r.choice([1, 5]))})
        if self.chance(0.3):
            times.append({"now": now, "as_of": now + r.choice([HOUR, 5 * DAY])})
        reports = []
        machine = r.choice(self.machines)
        for time in times:
            scope = r.choice(["factory F1"] * 4 + ["district"] * 2 + [
                "equipment %s/%s" % machine[:2], "workshop %s/%s" % (machine[0], machine[2])])
            reports.append(dict(time, scope=scope, policies=self.chance(0.3)))
        return reports


class Machine:
    """One sender and what it sends."""

    def __init__(self, maker, factory, equipment, workshop):
        self.maker, self.random = maker, maker.random
        self.topic = "factory/%s/%s/%s/" % (factory, workshop, equipment)
        r = self.random
        self.step = r.choice([20_000, MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR])
        self.has_energy = maker.chance(0.6)
        self.has_pieces = maker.chance(0.5)
        self.has_total = maker.chance(0.8)
        self.numbers = maker.chance(0.5)
        self.presents = maker.chance(0.4)
        self.energy = r.choice([0, 5_600, 990_000, 13_423_700])
        self.modulus = r.choice([None, None, 1_000_000])
        # A meter that several machines read, and those that came after it.
        self.meter = maker.meters.get((factory, equipment)) or (equipment if equipment in ("M1", "M2") else None)
        self.wired = sorted(maker.wired.get((factory, equipment), []))
        self.silences = maker.silences.get((factory, equipment), [])
        if (factory, equipment) in maker.rewired:
            # It mostly sends before and after.
            self.has_energy = self.has_energy or maker.wiring.random() < 0.8
            self.step = max(self.step, maker.wiring.choice([0, 20 * MINUTE, HOUR, HOUR, 2 * HOUR]))
        self.good, self.total = r.choice([(0, 0), (5000, 5010), (10, 10)])
        self.digit = r.choice([1, 10, 100, 100])
        self.boot, self.seq = 0, r.choice([0, 1, 4000])
        self.stride = 10 if maker.chance(0.1) else 1
        self.skew = r.choice([0, 0, 0, 0, 0, 2 * MINUTE, -5 * MINUTE, 8 * HOUR]) if maker.chance(0.3) else 0
        self.says_mode = maker.chance(0.5)
        self.words = maker.chance(0.8)
        self.state = r.choice(STATES)
        self.count = 0

    def send(self, out, at, payload, kind="status", retained=False):
        out.append({"at": at, "topic": self.topic + kind, "payload": payload, "retained": retained,
                    "is_reading": kind == "status"})

    def messages(self):
        maker, r = self.maker, self.random
        out = []
        t = maker.begin + r.choice([0, r.randrange(DAY)]) + r.randrange(1000)
        late_until = 0
        online = False
        limit = 90
        while t < maker.end and len(out) < limit:
            if self.presents and not online:
                self.send(out, t, r.choice(PRESENT), "connection")
                online = True
            burst = r.choice([1, 3, 8, 20])
            # A stretch without a network: all its messages arrive when it is over.
            late = maker.chance(0.12)
            delay = r.choice([2 * MINUTE, 3 * HOUR, 20 * HOUR])
            begun = len(out)
            for _ in range(burst):
                if t >= maker.end or len(out) >= limit:
                    break
                self.reading(out, t)
                t += self.step + (r.randrange(-2000, 2000) if maker.chance(0.5) else 0)
            if late:
                for m in out[begun:]:
                    if m["is_reading"]:
                        m["at"] = t + delay
            if maker.chance(0.1):
                self.odd(out, t)
            if maker.chance(0.4):
                if self.presents and maker.chance(0.7):
                    self.send(out, t + r.randrange(1, 60_000), "offline", "connection")
                    online = False
                t += r.choice([HOUR, 5 * HOUR, 20 * HOUR, 40 * MINUTE])
            t += 60_000
        return out

    def odd(self, out, t):
        """Messages that are refused."""
        r = self.random
        self.count += 1
        n = self.count
        ts = t + self.skew
        what = r.randrange(8)
        payload = [
            '{"ts":%d,"state":"running"' % ts, '{"ts":%d,"state":"sleeping%d"}' % (ts, n),
            '{"state":"running","n":%d}' % n, '{"ts":%d,"state":"running","n":%d}' % (t + 2 * HOUR, n),
            '{"ts":%d,"state":"running"}' % (t - 100 * DAY + n),
            '{"ts":%d,"state":"running","equipment":"Z%d"}' % (ts, n), '{"ts":"today %d","state":"running"}' % n,
            'rubbish %d' % n][what]
        self.send(out, t + r.randrange(1000), payload)

    def spoiled(self, body):
        """A field that cannot be read, words in capitals, bytes around the text."""
        r = self.random
        field, value = r.choice([("mode", "auto"), ("alarms", [201]), ("energy_kwh", "12.5"), ("seq", "5"), ("boot", 7),
                                 ("good", -1), ("total", "many"), ("state", self.state.upper()), ("", b"\xef\xbb\xbf"),
                                 ("", b"\0\0")])
        if field == "":
            text = self.text(body).encode()
            return "hex:" + (value + text if value[0] else text + value).hex()
        return self.text([(n, v) for n, v in body if n != field] + [(field, value)])

    @staticmethod
    def text(body):
        return "{" + ",".join('"%s":%s' % (name, value if isinstance(value, Number) else json.dumps(
            value, separators=(",", ":"))) for name, value in body) + "}"

    def meter_at(self, t):
        return next((meter for begins, meter in reversed(self.wired) if begins <= t), self.meter)

    def reading(self, out, t):
        maker, r = self.maker, self.random
        if maker.chance(0.3):
            self.state = r.choice(STATES)
        if maker.chance(0.03):
            # A restart.
            self.boot += 1
            self.seq = r.choice([0, 1])
            if maker.chance(0.3):
                self.energy, self.good, self.total = 0, 0, 0
        elif maker.chance(0.03):
            # The meters restart.
            self.energy, self.good, self.total = r.choice([0, self.digit * 3]), 0, 0
        self.seq += self.stride * (1 + (r.randrange(1, 5) if maker.chance(0.04) else 0))
        self.energy += self.digit * r.choice([0, 1, 5, 130])
        if self.modulus and self.energy >= self.modulus:
            self.energy -= self.modulus
        made = r.choice([0, 1, 3, 10])
        self.total += made
        self.good += made if maker.chance(0.7) else r.randrange(made + 1)
        body = [("ts", t + self.skew), ("state", self.state)]
        if maker.chance(0.3):
            body[0] = ("ts", rfc3339(t + self.skew))
        if self.says_mode and maker.chance(0.9):
            body.append(("mode", r.choice(["automatic", "automatic", "manual"])))
        if self.numbers:
            body += [("seq", self.seq), ("boot", "b%d" % self.boot)]
        energy, good, total = self.energy, self.good, self.total
        meter = self.meter_at(t)
        if meter:
            energy = maker.counters[meter] + (t - maker.begin) // MINUTE * 100
        trick = r.random()
        if trick < 0.03:
            energy, good, total = 0, 0, 0
        elif trick < 0.06:
            energy = max(0, energy - self.digit)
        elif trick < 0.07:
            energy = energy * 1001 // 1000
        if self.has_energy and maker.chance(0.9):
            body.append(("energy_kwh", Number(energy, self.digit)))
        if self.has_pieces and maker.chance(0.9):
            body.append(("good", good))
            if self.has_total and maker.chance(0.95):
                body.append(("total", total))
        if maker.chance(0.05):
            body.append(("alarms", r.sample(["A1", "A2", "A3"], r.choice([1, 2]))))
        payload = self.spoiled(body) if maker.chance(0.02) else self.text(body)
        if self.numbers and maker.chance(0.02):
            # Lost on its way.
            return
        if any(begins <= t < ends for begins, ends in self.silences):
            return
        at = t + r.choice([0, 3, 50, 1500, 4000])
        self.send(out, at, payload)
        if maker.chance(0.03):
            # Sent twice; and two messages of one instant.
            self.send(out, at + r.choice([0, 30_000, 6 * HOUR]), payload)
        if maker.chance(0.02):
            self.send(out, at + 10, payload.replace('"%s"' % self.state, '"idle"'))
        if maker.chance(0.03):
            self.send(out, at + r.choice([0, 90_000]), payload, retained=True)


class Number:
    """Thousandths, written with as many digits as a meter shows."""

    def __init__(self, value, digit):
        self.text = {1: "%d.%03d" % divmod(value, 1000), 10: "%d.%02d" % (value // 1000, value % 1000 // 10),
                     100: "%d.%d" % (value // 1000, value % 1000 // 100)}[digit]

    def __str__(self):
        return self.text


def make(seed):
    return Maker(seed).make()
