"""Every figure of a report, computed from the messages, the register and the calendars alone, as a map from where it
stands in the report to what it must be. Written from the definitions, not from the product."""

from fractions import Fraction

import forms
import policies
from flags import count_flags, raise_flags
from meters import Value, book, book_pairs, changes, is_of_change, merge, of_this_meter, turning_points
from register import Calendars, Register
from spans import (DAY, HOUR, MINUTE, both, civil, day_number, day_of, holds, length, rfc3339, start, union, weekday,
                   without)
from timeline import Timeline

BUSY = {"running", "setup", "idle", "stopped", "fault"}
DEFAULT_INTERVAL = 5 * MINUTE
GREATEST = 2**63 - 1


def tenths(numerator, denominator, up=False):
    if denominator == 0:
        return None
    tenth = -(-numerator * 1000 // denominator) if up else numerator * 1000 // denominator
    return "%d.%d" % (tenth // 10, tenth % 10)


def number(thousandths):
    """Exact, as reports write it."""
    whole, part = divmod(thousandths, 1000)
    return str(whole) if part == 0 else ("%d.%03d" % (whole, part)).rstrip("0")


class Sums:
    """Of a group of equipment; adds up."""

    def __init__(self):
        self.counts = {}

    def add(self, name, value):
        total = self.counts.get(name, 0) + value
        # Sums of values from devices are capped at the greatest number.
        self.counts[name] = min(total, GREATEST) if name in ("energy", "good", "good_not_output") else total

    def __getitem__(self, name):
        return self.counts.get(name, 0)

    def __iadd__(self, other):
        for name, value in other.counts.items():
            self.add(name, value)
        return self


class Audit:
    """A report's figures; `request` says of which period, as known when."""

    def __init__(self, scenario, evidence, request):
        self.scenario, self.evidence, self.request = scenario, evidence, request
        now = request["now"]
        self.known_at = min(request.get("known_at") or now, now)
        self.register = Register(scenario, self.known_at)
        self.calendars = Calendars(scenario, self.known_at)
        self._period(now)
        self.observed = self._observation()
        # Where nobody listens at the end, nobody knows how things stand.
        self.is_over = self.is_over or not any(
            begin < self.until and until >= self.until - MINUTE for begin, until in self.observed)
        # Open sessions last while the broker keeps the collector's own session, which is known until a minute after
        # its last note.
        stretches = evidence.stretches
        held = [(a[1], b[0]) for a, b in zip(stretches, stretches[1:]) if b[2]]
        if stretches:
            held.append((stretches[-1][1], stretches[-1][1] + MINUTE + 1))
        self.listening = union(self.observed + held)
        self.window = max(30 * DAY, self.until - self.begin)
        self.timelines = {}
        keys = set(evidence.readings) | set(evidence.presence) | set(self.register.keys())
        for key in sorted(keys):
            self.timelines[key] = Timeline(evidence, key, self.register, self.as_of)
        self.day = day_of(self.as_of)
        # Sums by equipment and place; steps of a period by place, day and name.
        self.sums, self.steps = {}, {}
        self._shut, self._planned = {}, {}
        # Of machines with an ideal cycle, by equipment, place and cycle.
        self.cycles = {}
        # Energy of machines that read a meter alone, and of those that share one: its name, the others, energy.
        self.alone, self.shared = {}, {}
        for key in sorted(keys):
            self._account(key)
        self._meters()

    # The period.

    def _period(self, now):
        request = self.request
        if request.get("from"):
            self.first, self.last = day_number(request["from"]), day_number(request["to"])
            self.begin, until = start(self.first), start(self.last + 1)
            # Clipped to now.
            self.until = min(until, now)
            self.as_of = self.until - 1
            self.printed_last = min(self.last, day_of(now))
            self.last = day_of(self.as_of)
            # Of days that are over states at their end say nothing; of a period that goes on they are those of now.
            self.is_over = self.until < now
        else:
            self.is_over = False
            as_of = request.get("as_of")
            if as_of is None:
                self.as_of = now
            elif isinstance(as_of, str):
                self.as_of = min(start(day_number(as_of) + 1) - 1, now)
            else:
                self.as_of = min(as_of, now)
            self.printed_last = self.last = day_of(self.as_of)
            self.first = self.last - 29
            # The day of the as-of counts up to it; the as-of is the period's last millisecond.
            self.begin, self.until = start(self.first), self.as_of + 1

    def _observation(self):
        return union((a, b) for a, b, _ in self.evidence.stretches)

    # Time.

    def _account(self, key):
        """Everything over time of one equipment, day by day, where it stood on that day."""
        line = self.timelines[key]
        heard = line.ever_heard()
        observed = without(both(self.observed, [(self.begin, self.until)]), line.gaps)
        session = both(line.sessions, self.listening)
        known = {"observed": observed, "reading": line.by_reading, "all": union(line.by_reading + session),
                 "running": line.state_spans({"running"}), "busy": line.state_spans(BUSY), "heard": heard}
        places = {}
        for day in range(self.first, self.last + 1):
            row = self.register.in_service(key, day)
            if row:
                place = (key[0], row.get("workshop", ""), row.get("line", ""))
                sums = self.sums.setdefault((key, place), Sums())
                before = {name: sums["all_24x7_" + name] for name in ("on", "off", "blind")}
                span = (max(start(day), self.begin), min(start(day + 1), self.until))
                places.setdefault(place, []).append((span, row))
                self._day(sums, place, [span], known)
                forms.add_day(self, key, place, row, [span], known)
                for name, value in before.items():
                    self.steps[place, day, name] = (self.steps.get((place, day, name), 0)
                                                    + sums["all_24x7_" + name] - value)
        stays = [(span, row, place) for place, days in places.items() for span, row in days]
        self._upload(key, line, sorted(stays, key=lambda stay: stay[0]))
        for place, days in places.items():
            service = union(span for span, _ in days)
            sums = self.sums[key, place]
            sums.add("readings", sum(1 for r in line.readings if holds(service, r.time)))
            sums.add("equal_times", sum(1 for t in line.ties if holds(service, t)))
            sums.add("missing", sum(n for t, n in line.missing if holds(service, t)))

    def _day(self, sums, place, service, known):
        shut, observed, running = self.shut_down(place), known["observed"], known["running"]
        self._connectivity(sums, "all", service, known["all"], observed, shut, known["heard"])
        self._connectivity(sums, "reading", service, known["reading"], observed, shut, known["heard"])
        if not known["heard"]:
            return
        # States are known from readings: an open session does not state any.
        seen = union(both(service, observed) + both(service, known["reading"]))
        sums.add("running", length(both(service, running)))
        sums.add("running_observed", length(seen))
        sums.add("service", length(service))
        sums.add("service_unobserved", length(without(service, seen)))
        planned = self.planned_time(place)
        if planned is not None:
            busy_time = without(both(service, planned), shut)
            pbt = both(busy_time, seen)
            sums.add("pbt", length(pbt))
            sums.add("pbt_unobserved", length(without(busy_time, seen)))
            sums.add("apt", length(both(pbt, running)))
            sums.add("aubt", length(both(pbt, known["busy"])))

    def shut_down(self, place):
        if place not in self._shut:
            self._shut[place] = self.calendars.shut(*place)
        return self._shut[place]

    def planned_time(self, place):
        if place not in self._planned:
            self._planned[place] = self.calendars.planned(*place, self.first, self.last)
        return self._planned[place]

    def _connectivity(self, sums, name, service, vouched, observed, shut, heard):
        for suffix, time in (("", without(service, shut)), ("_24x7", service)):
            on = both(time, vouched)
            off = without(both(time, observed), vouched)
            blind = without(without(time, vouched), observed)
            prefix = "%s%s_" % (name, suffix)
            if heard:
                sums.add(prefix + "on", length(on))
                sums.add(prefix + "off", length(off))
                sums.add(prefix + "blind", length(blind))
            sums.add("networked_%son" % prefix, length(on))
            sums.add("networked_%soff" % prefix, length(off))
            sums.add("networked_%sblind" % prefix, length(blind))

    def _upload(self, key, line, days):
        """Intervals due and those with a reading, over days in service that follow one another with one interval:
        another interval, or a break, begins anew."""
        stretch = []
        for one in days:
            if stretch and (self._due(one[1]) != self._due(stretch[-1][1])
                            or day_of(one[0][0]) != day_of(stretch[-1][0][0]) + 1):
                self._upload_evenly(key, line, stretch)
                stretch = []
            stretch.append(one)
        if stretch:
            self._upload_evenly(key, line, stretch)

    @staticmethod
    def _due(row):
        return row.interval or DEFAULT_INTERVAL

    def _upload_evenly(self, key, line, days):
        """With one interval. Due are whole intervals, as they are completed. A sequence gap is unobserved where not
        vouched."""
        observed = without(self.observed, without(line.gaps, line.by_reading))
        interval = self._due(days[0][1])
        first = day_of(days[0][0][0])
        time = touched = due = received = 0
        seen = set()
        for span, _, place in days:
            here = without(both([span], observed), self.shut_down(place))
            time += length(here)
            day, fresh, count = day_of(span[0]), set(), 0
            for reading in line.readings:
                if not span[0] <= reading.time < span[1]:
                    continue
                count += 1
                # Minutes are stored: one that was due in part counts.
                minute = (reading.time - start(day)) // MINUTE
                begins = start(day) + minute * MINUTE
                if both(here, [(begins, begins + MINUTE)]):
                    # From the first day on, intervals follow one another over midnight.
                    offset = (day - first) * DAY + minute * MINUTE
                    fresh.update(range(offset // interval, (offset + MINUTE - 1) // interval + 1))
            fresh -= seen
            seen |= fresh
            # Of intervals that are no whole minutes as many as the minutes of a day touch and its readings allow.
            touched += min(len(fresh), count)
            before = (due, received)
            due = time // interval
            received = min(touched, due)
            self.sums[key, place].add("upload_due", due - before[0])
            self.sums[key, place].add("upload_received", received - before[1])

    # Meters.

    def _meters(self):
        """Energy by meter, pieces by machine."""
        self.resets = []
        self.glitches = []
        self.left_out = []
        # By sender, the days on which its energy meter became another.
        self.changes = {}
        # By sender, what it booked of energy; and of good and of all pieces, as times and thousandths.
        self.energies, self.pieces = {}, {}
        energies = self.energies
        for key, line in self.timelines.items():
            values = [Value(r.time, key, boots, r.energy) for r, boots in zip(line.readings, line.boots)
                      if r.energy is not None]
            if values:
                energies[key] = book(values, self.modulus)
                self.changes[key] = changes(
                    energies[key].shown, lambda day: self.register.meter(key, day), day_of)
                self._note(key, "energy", energies[key])
        self._share(energies)
        for key, line in self.timelines.items():
            booked = {}
            for name in ("good", "total"):
                booked[name] = book([Value(r.time, key, line.boots[i], getattr(r, name))
                                     for i, r in enumerate(line.readings) if getattr(r, name) is not None])
                self._note(key, name, booked[name])
            self.pieces[key] = [*booked["good"].deltas, *booked["total"].deltas]
            for time, delta in booked["good"].deltas:
                place = self._place(key, time)
                if place:
                    self.sums[key, place].add("good", delta)
                    if not forms.counts_output(self, key, day_of(time)):
                        self.sums[key, place].add("good_not_output", delta)
            places = {name: iter(range(len(line.readings))) for name in booked}
            counted, left_out = book_pairs(
                [(r.time, *(next(places[name]) if getattr(r, name) is not None else None for name in booked))
                 for r in line.readings], booked["good"], booked["total"])
            for time, good, total in counted:
                place = self._place(key, time)
                if place:
                    self.sums[key, place].add("quality_good", good)
                    self.sums[key, place].add("quality_total", total)
                    forms.add_pieces(self, key, place, time, good, total)
            for time in left_out:
                if self._place(key, time):
                    self.left_out.append((key, time))

    def meter(self, key, day):
        """What an equipment's energy is read from: the meter that its row names, else its own."""
        row = self.register.row(key, day)
        return key[0], (row.get("energy_meter") if row else None) or key[1]

    def modulus(self, value):
        return self.limit(value.machine, day_of(value.time))

    def limit(self, key, day):
        """Where an equipment's meter is declared to begin again, in thousandths."""
        row = self.register.row(key, day)
        text = row.get("energy_rollover") if row else None
        if not text:
            return None
        whole, _, part = text.partition(".")
        return int(whole) * 1000 + int((part + "000")[:3])

    def _share(self, energies):
        """Energy of each meter once, over days on which one register holds. Those that read a meter are the machines
        that name it and, if registered, the meter itself."""
        cuts = {one[0] for one in self.register.imports if self.first < one[0] <= self.last}
        bounds = sorted({self.first, self.last + 1} | cuts)
        for first, after in zip(bounds, bounds[1:]):
            days, readers = range(first, after), {}
            for key in self.register.keys():
                there = [day for day in days if self.register.is_there(key, day)]
                if there:
                    readers.setdefault(self.meter(key, there[0]), {})[key] = there
            for meter, members in readers.items():
                self._book_energy(meter, members, energies)

    def _book_energy(self, meter, members, energies):
        """Where one sends, its own energy counts. Several are one series. It stands where the meter itself does, else
        where the first machine by id does."""
        machines = [key for key, days in members.items() if self.register.row(key, days[0]).is_production]
        senders = [key for key in members if key in energies]
        if not machines:
            return
        at = meter if meter in members else machines[0]
        row = self.register.row(at, members[at][0])
        place = (at[0], row.get("workshop", ""), row.get("line", ""))
        if len(senders) == 1:
            energy = self._energy_of_one(senders[0], members[senders[0]], energies)
        else:
            energy = self._energy_of_several(meter, members, senders, energies)
        # On other days no machine in service reads it.
        read = {day for key in machines for day in members[key]}
        energy = {day: delta for day, delta in energy.items() if day in read}
        for day, delta in energy.items():
            step = (place, day, "energy")
            self.steps[step] = min(self.steps.get(step, 0) + delta, GREATEST)
        total = min(sum(energy.values()), GREATEST) if senders else None
        if total is not None:
            # Of the group, not of the machine.
            sums = self.sums.setdefault((at, place), Sums())
            sums.add("energy", total)
            sums.add("has_energy", 1)
        alone = machines if len(machines) == 1 else []
        if meter in members and meter not in machines:
            alone = alone + [meter]
        for key in alone if total is not None else []:
            self.alone[key] = self.alone.get(key, 0) + total
        for key in machines if len(machines) > 1 else []:
            name, others, of_all = self.shared.get(key, (None, set(), None))
            if name != meter[1]:
                others, of_all = set(), None
            of_all = total if of_all is None else of_all + (total or 0)
            self.shared[key] = (meter[1], others | set(machines) - {key}, of_all)

    def _energy_of_one(self, sender, days, energies):
        """By day, what a sender itself booked. On a day of change it may hold the difference of two meters."""
        out = {}
        changed = {change.day for change in self.changes[sender]}
        for time, delta in energies[sender].deltas:
            day = day_of(time)
            if day in days and day not in changed and self.begin <= time < self.until:
                out[day] = out.get(day, 0) + delta
        return out

    def _energy_of_several(self, meter, members, senders, energies):
        """By day, what the meter that they read adds up to."""
        out = {}
        limits = [self.limit(key, members[key][0]) for key in [meter] * (meter in members) + list(members)]
        limit = next((found for found in limits if found), None)
        points = {key: turning_points(energies[key].shown, day_of) for key in senders}
        for day in sorted({day for key in senders for day in members[key]}):
            there = [of_this_meter(points[key], self.changes[key], day,
                                   lambda day, key=key: self.register.meter(key, day), day_of)
                     for key in senders if day in members[key]]
            out[day] = merge(there, day, day_of, limit)
        return out

    def _note(self, key, name, booked):
        """Falls of a machine's counters that became what they are while it was in service."""
        inside = lambda t: self._place(key, t)
        changed = self.changes[key] if name == "energy" else []
        self.resets += [(key, name, t) for t, top_at in booked.resets
                        if inside(t) and not is_of_change(t, top_at, changed, day_of)]
        self.glitches += [(key, name, t) for t in booked.glitches if inside(t)]

    def _place(self, key, time):
        """Where it stood in service at an instant of the period."""
        if not self.begin <= time < self.until:
            return None
        row = self.register.in_service(key, day_of(time))
        return (key[0], row.get("workshop", ""), row.get("line", "")) if row else None

    # The report's content.

    def base(self):
        return [k for k in self.register.keys() if self.register.in_service(k, self.day)]

    def stands(self, key):
        row = self.register.row(key, self.day)
        return (key[0], row.get("workshop", ""), row.get("line", ""))

    def bucket(self, key):
        line, row, t = self.timelines[key], self.register.row(key, self.day), self.as_of
        if line.vouching(t):
            return "reporting"
        if line.in_session(t, self.listening):
            return "silent"
        if line.ever_heard():
            return "offline"
        if self._refused(key):
            return "refused"
        if not row.yes("digital") or not row.yes("connectable"):
            return "not_connectable"
        return "never_seen"

    def _refused(self, key):
        return any(r.key == key and self.as_of - self.window < r.received <= self.as_of
                   for r in self.evidence.refusals)

    def group(self, belongs):
        """Figures of a scope; `belongs` takes an equipment and where it stands: (factory, workshop, line)."""
        out = {}
        base = [k for k in self.base() if belongs(k, self.stands(k))]
        rows = {k: self.register.row(k, self.day) for k in base}
        networked = {k for k in base if self.timelines[k].heard_since(self.as_of - self.window)}
        buckets = {k: self.bucket(k) for k in base}
        digital = {k for k in base if rows[k].yes("digital")}
        metrics = {
            "automation_ratio": (sum(1 for k in base if rows[k].get("automation") == "automatic"
                                     or rows[k].yes("intelligent")), len(base)),
            "intelligent_ratio": (sum(1 for k in base if rows[k].yes("intelligent")), len(base)),
            "digitalization_ratio": (len(digital), len(base)),
            "connectable_ratio": (sum(1 for k in digital if rows[k].yes("connectable")), len(base)),
            "networked_ratio": (len(networked), len(base)),
            "networked_of_digital_ratio": (len(networked & digital), len(digital)),
            "online_ratio": (sum(1 for k in networked if buckets[k] in ("reporting", "silent")), len(networked)),
            "reporting_ratio": (sum(1 for k in networked if buckets[k] == "reporting"), len(networked)),
        }
        if not networked and not both(self.observed, [(self.begin, self.until)]):
            # An unobserved period has no such count.
            for key in ("networked_ratio", "networked_of_digital_ratio"):
                metrics[key] = (0, 0)
        for key, (n, d) in metrics.items():
            self._ratio(out, "metrics/" + key, n, d)
        for name in ("reporting", "silent", "offline", "refused", "never_seen", "not_connectable"):
            out["buckets/" + name] = sum(1 for b in buckets.values() if b == name)
        sums = Sums()
        for (key, place), one in self.sums.items():
            if belongs(key, place):
                sums += one
        self._over_time(out, sums)
        forms.add_figures(self, out, belongs, rows, networked)
        return out

    def _over_time(self, out, sums):
        for key, prefix in (("time_weighted_connectivity", "all_"), ("time_weighted_connectivity_24x7", "all_24x7_"),
                            ("time_weighted_reporting", "reading_"), ("networked_time_ratio", "networked_all_")):
            on, off, blind = sums[prefix + "on"], sums[prefix + "off"], sums[prefix + "blind"]
            self._bounded(out, key, on, on + off, on, on + off + blind, on + blind, on + off + blind)
        apt, pbt, blind = sums["apt"], sums["pbt"], sums["pbt_unobserved"]
        self._bounded(out, "availability", apt, pbt, apt, pbt + blind, apt + blind, pbt + blind)
        self._ratio(out, "metrics/utilization_efficiency", apt, sums["aubt"])
        self._bounded(out, "calendar_running_ratio", sums["running"], sums["running_observed"], sums["running"],
                      sums["service"], sums["running"] + sums["service_unobserved"], sums["service"])
        self._ratio(out, "metrics/quality_ratio", sums["quality_good"], sums["quality_total"])
        self._ratio(out, "metrics/upload_ratio", sums["upload_received"], sums["upload_due"])
        # An unobserved period has no such count.
        is_known = sums["good"] or sums["energy"] or both(self.observed, [(self.begin, self.until)])
        out["energy/kwh"] = number(sums["energy"]) if sums["has_energy"] and is_known else None
        out["energy/good"] = number(sums["good"]) if is_known else None
        out["energy/energy_intensity"] = (
            None if not sums["has_energy"] or sums["good"] == sums["good_not_output"]
            else "%d.%06d" % divmod(sums["energy"] * 1_000_000 // (sums["good"] - sums["good_not_output"]), 1_000_000))
        out["data_quality/readings"] = sums["readings"]
        out["data_quality/missing"] = sums["missing"]
        out["data_quality/equal_times"] = sums["equal_times"]

    def _ratio(self, out, path, n, d):
        out[path] = (n, d, tenths(n, d))

    def _bounded(self, out, key, n, d, ln, ld, un, ud):
        path = "metrics/" + key
        out[path] = (n, d, tenths(n, d))
        out[path + "/lower"] = (ln, ld, tenths(ln, ld))
        out[path + "/upper"] = (un, ud, tenths(un, ud, up=True))

    def report(self, scope):
        """Of `district`, `factory F1`, `workshop F1/W1`, `line F1/W1/L1` or `equipment F1/E1`."""
        kind, _, path = scope.partition(" ")
        parts = tuple(path.split("/")) if path else ()
        if kind == "equipment":
            belongs = lambda key, place: key == parts
        else:
            belongs = lambda key, place: place[:len(parts)] == parts
        out = self.group(belongs)
        out["sufficient"] = None
        covered = length(both(self.observed, [(self.begin, self.until)]))
        self._ratio(out, "metrics/observation_coverage", covered, self.until - self.begin)
        out["sufficient"] = covered * 100 >= 95 * (self.until - self.begin)
        out["as_of"] = rfc3339(self.as_of)
        out["known_at"] = rfc3339(self.known_at)
        out["period/from"], out["period/to"] = civil(self.first), civil(self.printed_last)
        out["register_version"] = self.register.version
        out["calendar_version"] = self.calendars.version
        out["repairs_pending"] = 0
        places = {place for (_, place) in self.sums} | {self.stands(k) for k in self.base()}
        if kind == "factory":
            for shop in sorted({p[1] for p in places if p[0] == parts[0]}):
                self._inside(out, "workshops/%s/" % shop, parts + (shop,))
                for line in sorted({p[2] for p in places if p[:2] == parts + (shop,)}):
                    self._inside(out, "workshops/%s/lines/%s/" % (shop, line), parts + (shop, line))
        if kind == "district":
            for factory in self.register.factories:
                self._inside(out, "factories/%s/" % factory, (factory,))
            # Best first, those without the figure last.
            ratio = lambda key, id: out["factories/%s/metrics/%s" % (id, key)]
            out["~ranking"] = lambda key, id: Fraction(*ratio(key, id)[:2]) if ratio(key, id)[1] else -1
            self._spread(out)
            count_flags(self, out)
        if kind in ("district", "factory"):
            self._outside(out, kind, parts)
        if kind == "factory":
            self._gaps(out, lambda factory: factory == parts[0])
            raise_flags(self, out, parts[0])
        if kind == "equipment":
            out.update(self._equipment(parts))
            self._own_energy(out, parts)
        if kind == "factory" and self.last - self.first < 62:
            days = range(self.first, self.printed_last + 1)
            for place in sorted(p for p in places if p[0] == parts[0]):
                for name in ("on", "off", "blind", "energy"):
                    values = [self.steps.get((place, day, name), 0) for day in days]
                    out["details/%s/%s/%s" % (place[1], place[2], name)] = values
        if self.request.get("policies"):
            policies.hold(out)
        out["~base"] = len([k for k in self.base() if belongs(k, self.stands(k))])
        return out

    def _inside(self, out, prefix, parts):
        inside = self.group(lambda key, place: place[:len(parts)] == parts)
        out.update({prefix + k: v for k, v in inside.items() if k.startswith(("metrics/", "buckets/"))})

    def _gaps(self, out, of):
        """What is not connected, not registered or stands elsewhere than registered."""
        for key in self.base():
            bucket = self.bucket(key)
            is_state = bucket in ("offline", "silent")
            if of(key[0]) and bucket != "reporting" and not (is_state and self.is_over):
                out["gaps/%s/%s/%s" % (bucket, *key)] = True
        for key in self._unregistered():
            if of(key[0]):
                out["gaps/unregistered/%s/%s" % key] = True
        for key in self.register.rows:
            if not of(key[0]):
                continue
            line = self.timelines[key]
            heard = [r.time for r in line.readings] + [p.time for p in line.presence if p.online]
            row = self.register.row(key, self.day) or self.register.coming(key)
            standing = self.standing(key)
            if heard and (standing == "not_yet_in_service"
                          or standing == "retired" and max(heard) >= start(row.day("decommissioned_on"))):
                out["gaps/sends_out_of_service/%s/%s" % key] = True
            records = [r for r in line.readings + line.presence if r.time < self.until]
            if not records:
                continue
            newest = max(records, key=lambda record: (record.time, record.workshop))
            last = max([t for t in heard if t < self.until], default=newest.time)
            if last < self.begin:
                continue
            day = day_of(last)
            then = self.register.row(key, day) or self.register.coming(key)
            if then.get("workshop") and newest.workshop and then["workshop"] != newest.workshop:
                out["gaps/workshop_mismatch/%s/%s" % key] = True

    def standing(self, key):
        """At the as-of."""
        if key not in self.register.rows:
            return "unregistered"
        known = self.register.row(key, self.day)
        standing = self.register.standing(known or self.register.coming(key), self.day)
        return "not_yet_in_service" if standing == "in_service" and not known else standing

    def _unregistered(self):
        """Senders that the register does not know."""
        senders = {k for k, line in self.timelines.items() if line.ever_heard()}
        senders |= {r.key for r in self.evidence.refusals if r.key and self._refused(r.key)}
        return sorted(senders - set(self.register.rows))

    def _spread(self, out):
        """Mean and median over the factories that have the figure, in millionths."""
        values = {}
        for path, value in out.items():
            if path.startswith("factories/") and isinstance(value, tuple) and not path.endswith(("lower", "upper")):
                if value[1] > 0:
                    values.setdefault(path.split("/")[-1], []).append(value[0] * 1_000_000 // value[1])
        for key, found in values.items():
            found.sort()
            n = len(found)
            median = found[n // 2] if n % 2 else (found[n // 2 - 1] + found[n // 2]) // 2
            out["rollup/mean/%s/factories" % key] = n
            out["rollup/median/%s/factories" % key] = n
            out["rollup/median/%s/millionths" % key] = median
            mean = sum(found) // n
            out["rollup/mean/%s/millionths" % key] = mean

    def _outside(self, out, kind, parts):
        """Senders outside the base, refusals, meters that fell."""
        of = lambda factory: kind == "district" or factory == parts[0]
        out["buckets/retired"] = sum(
            1 for k in self.register.keys() if of(k[0]) and self.standing(k) == "retired")
        out["buckets/unregistered"] = sum(1 for k in self._unregistered() if of(k[0]))
        reasons = {}
        for r in self.evidence.refusals:
            if r.factory and of(r.factory) and self.begin <= r.received < self.until:
                reasons[r.reason] = reasons.get(r.reason, 0) + 1
        for reason, count in reasons.items():
            out["data_quality/rejections/" + reason] = count
        for name, found in (("meter_resets", self.resets), ("meter_glitches", self.glitches),
                            ("good_above_total", self.left_out)):
            out["data_quality/" + name] = sum(1 for one in found if of(one[0][0]))
        if kind == "factory":
            for error in self.evidence.field_errors:
                if of(error.key[0]) and self.begin <= error.time < self.until:
                    path = "data_quality/field_errors/%s/%s" % (error.key[1], error.name)
                    out[path] = out.get(path, 0) + 1
            for r in self.evidence.refusals:
                if r.key and of(r.factory) and self.begin <= r.received < self.until:
                    path = "data_quality/refusals/%s/%s" % (r.key[1], r.reason)
                    out[path] = out.get(path, 0) + 1

    def _own_energy(self, out, key):
        """A shared meter says nothing of one machine."""
        energy = self.alone.get(key)
        out["energy/kwh"] = number(energy) if energy is not None else None
        good = sum(sums["good"] for (k, _), sums in self.sums.items() if k == key)
        out["energy/energy_intensity"] = (
            "%d.%06d" % divmod(energy * 1_000_000 // good, 1_000_000) if energy is not None and good else None)
        shared = self.shared.get(key)
        out["shared_meter"] = (shared[0], sorted(k[1] for k in shared[1]),
                               number(shared[2]) if shared[2] is not None else None) if shared else None

    def _equipment(self, key):
        line = self.timelines.get(key)
        out = {"equipment/standing": self.standing(key)}
        in_base = out["equipment/standing"] == "in_service"
        if line is None:
            return out
        for r in self.evidence.refusals:
            if r.key == key and self.begin <= r.received < self.until:
                path = "data_quality/rejections/" + r.reason
                out[path] = out.get(path, 0) + 1
        reading = line.vouching(self.as_of)
        newest = max((r.time for r in line.readings), default=None)
        online = max((p.time for p in line.presence if p.online), default=None)
        out["equipment/bucket"] = self.bucket(key) if in_base else None
        networked = in_base and line.heard_since(self.as_of - self.window)
        out["equipment/networked"] = networked
        out["equipment/reporting"] = networked and reading is not None
        out["equipment/online"] = networked and (reading is not None or line.in_session(self.as_of, self.listening))
        out["equipment/state"] = reading.state if reading else None
        out["equipment/mode"] = (reading.mode or "unstated") if reading else None
        out["equipment/last_reading"] = rfc3339(newest) if newest is not None else None
        out["equipment/last_online"] = rfc3339(online) if online is not None else None
        return out
