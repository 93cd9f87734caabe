"""What is known of one equipment from when to when."""

from spans import both, holds, union, without


def order(readings):
    """Readings of one instant: of one boot by seq, else by payload; the last one wins."""
    one_boot = (all(r.seq is not None and r.boot is not None for r in readings)
                and len({r.boot for r in readings}) == 1)
    return sorted(readings, key=lambda r: (r.seq, r.payload) if one_boot else (0, r.payload))


class Timeline:
    def __init__(self, evidence, key, register, as_of):
        self.key = key
        self.presence = sorted((p for p in evidence.presence.get(key, []) if p.time <= as_of),
                               key=lambda p: (p.time, not p.online))
        by_time = {}
        for reading in evidence.readings.get(key, []):
            if reading.time <= as_of:
                by_time.setdefault(reading.time, []).append(reading)
        self.readings = []
        self.instants = []
        self.ties = []
        for time in sorted(by_time):
            ordered = order(by_time[time])
            self.readings += ordered
            self.instants.append(ordered[-1])
            self.ties += [time] * (len(ordered) - 1)
        # Of each reading, how often the boot has changed since the first.
        self.boots = []
        boot = None
        for reading in self.readings:
            changed = None not in (reading.boot, boot) and reading.boot != boot
            self.boots.append((self.boots[-1] if self.boots else 0) + changed)
            boot = reading.boot if reading.boot is not None else boot
        self.spans = self._vouched(register)
        self.by_reading = union((a, b) for a, b, _ in self.spans)
        self.sessions = self._sessions(evidence.stretches)
        self.gaps, self.missing = self._gaps()

    def _vouched(self, register):
        """(from, until, reading) for which a reading vouches."""
        offlines = [p for p in self.presence if not p.online]
        out = []
        for i, reading in enumerate(self.instants):
            end = reading.time + register.horizon(self.key, reading.time)
            if i + 1 < len(self.instants):
                end = min(end, self.instants[i + 1].time)
            for offline in offlines:
                # A reading vouches past an offline only if both its event time and its receipt are later.
                if not (reading.time > offline.time and reading.received > offline.received):
                    end = min(end, max(offline.time, reading.time))
            if end > reading.time:
                out.append((reading.time, end, reading))
        return out

    def _sessions(self, stretches):
        """When a session was open: until an offline, or the loss of the collector's own."""
        marks = [(p.time, 0 if p.online else 1, "on" if p.online else "off") for p in self.presence]
        for before, after in zip(stretches, stretches[1:]):
            if not after[2]:
                # If the broker lost the session, nothing is known from the end of the connection on.
                marks.append((before[1], 2, "off"))
        out, opened = [], None
        for time, _, what in sorted(marks):
            if what == "on" and opened is None:
                opened = time
            elif what == "off" and opened is not None:
                out.append((opened, time))
                opened = None
        if opened is not None:
            out.append((opened, float("inf")))
        return union(out)

    def _gaps(self):
        """Where sequence numbers are missing: spans between readings, and (time of the later, how many). Within a boot
        a leap counts once the counter has shown to be the machine's own: three steps of one, and twice as many of
        them as leaps."""
        spans, missing = [], []
        seq = boot = before = None
        ones = leaps = 0
        for reading in self.readings:
            rebooted = reading.boot is not None and boot is not None and reading.boot != boot
            if rebooted:
                ones = leaps = 0
            step = reading.seq - seq if not rebooted and None not in (reading.seq, seq) else 0
            if step > 1 and ones >= 3 and ones >= 2 * leaps:
                spans.append((before.time, reading.time))
                missing.append((reading.time, step - 1))
            ones += step == 1
            leaps += step > 1
            seq = reading.seq if reading.seq is not None else seq
            boot = reading.boot if reading.boot is not None else boot
            before = reading
        return union(spans), missing

    def state_spans(self, states):
        return union((a, b) for a, b, r in self.spans if r.state in states)

    def ever_heard(self):
        return bool(self.readings) or any(p.online for p in self.presence)

    def heard_since(self, after):
        """By a reading or an online later than that instant."""
        return (any(r.time > after for r in self.readings)
                or any(p.online and p.time > after for p in self.presence))

    def vouching(self, t):
        for a, b, reading in self.spans:
            if a <= t < b:
                return reading
        return None

    def in_session(self, t, observed):
        return holds(self.sessions, t) and holds(observed, t)
