"""The register and the calendars as they were known at an instant."""

from spans import DAY, MINUTE, both, civil, day_number, day_of, start, union, weekday, without

AUXILIARY = {"gateway", "meter", "sensor", "网关", "电表", "仪表", "计量表", "传感器"}
YES = {"yes", "true", "1", "是"}


class Row(dict):
    def day(self, name):
        return day_number(self[name]) if self.get(name) else None

    def yes(self, name):
        return self.get(name, "no") in YES

    @property
    def key(self):
        return self["factory_id"], self["equipment_id"]

    @property
    def is_production(self):
        return self.get("category", "") not in AUXILIARY

    @property
    def interval(self):
        """Milliseconds, or None."""
        return int(self["report_interval_s"]) * 1000 if self.get("report_interval_s") else None


class Register:
    def __init__(self, scenario, known_at):
        self.version = 0
        self.imports = []
        for one in scenario["imports"]:
            if one["at"] <= known_at:
                self.version += 1
                self.imports.append((day_number(one["effective"]), self.version, [Row(r) for r in one["rows"]],
                                     one.get("retire_missing", False), one["at"]))
        self._retire()
        self.factories = sorted({f["id"] for f in scenario["factories"]} if self.imports else [])
        # By key, its rows in the order in which they hold: (first day, version, row).
        self.rows = {}
        first = {}
        for effective, version, rows, _, _ in self.imports:
            for row in rows:
                first.setdefault(row["factory_id"], effective)
        for effective, version, rows, _, _ in self.imports:
            for row in rows:
                self.rows.setdefault(row.key, []).append((effective, version, row))
        self.first = first
        for rows in self.rows.values():
            rows.sort(key=lambda r: (r[0], r[1]))
        self._cache = {}

    def _retire(self):
        """--retire-missing: what is absent gets the effective day as its first day out."""
        done = []
        for effective, version, rows, retires, at in self.imports:
            if retires:
                named = {row["factory_id"] for row in rows}
                present = {row.key for row in rows}
                before = {}
                for e, v, known, _, _ in sorted(done, key=lambda d: (d[0], d[1])):
                    if e <= effective:
                        for row in known:
                            before[row.key] = row
                extra = []
                for key, row in before.items():
                    out = row.day("decommissioned_on")
                    if key[0] in named and key not in present and (out is None or out > effective):
                        extra.append(Row(row, decommissioned_on=civil(effective)))
                rows = rows + extra
            done.append((effective, version, rows, retires, at))
        self.imports = done

    def row(self, key, day):
        """What the register says of an equipment on a day; None when it does not know it then."""
        if (key, day) in self._cache:
            return self._cache[key, day]
        found = None
        for effective, version, row in self.rows.get(key, []):
            if effective <= day:
                found = row
        if found is None:
            # A factory's first snapshot, and its corrections, reach back to each row's commissioning.
            corrected = [row for effective, _, row in self.rows.get(key, []) if effective == self.first[key[0]]]
            if corrected and corrected[-1].get("commissioned_on") and corrected[-1].day("commissioned_on") <= day:
                found = corrected[-1]
        self._cache[key, day] = found
        return found

    def coming(self, key):
        """The first row of an equipment, which may hold from a later day on."""
        rows = self.rows[key]
        return [row for effective, _, row in rows if effective == rows[0][0]][-1]

    def meter(self, key, day):
        """The id of what an equipment's energy is read from, in service or not: what its row names, else its own.
        Before its first row that row speaks."""
        if key not in self.rows:
            return key[1]
        by_then = [row for effective, _, row in self.rows[key] if effective <= day]
        row = by_then[-1] if by_then else self.coming(key)
        return row.get("energy_meter") or key[1]

    def keys(self):
        return sorted(self.rows)

    @staticmethod
    def standing(row, day):
        if row is None:
            return None
        if not row.is_production:
            return "auxiliary"
        return Register.service(row, day)

    @staticmethod
    def service(row, day):
        """Of a row, production equipment or not."""
        begun, out = row.day("commissioned_on"), row.day("decommissioned_on")
        if out is not None and day >= out:
            return "retired"
        if begun is not None and day < begun:
            return "not_yet_in_service"
        return "in_service"

    def in_service(self, key, day):
        row = self.row(key, day)
        return row if self.standing(row, day) == "in_service" else None

    def is_there(self, key, day):
        """Whether it is in service, or would be were it production equipment."""
        row = self.row(key, day)
        return self.standing(row and Row(row, category=""), day) == "in_service"

    def horizon(self, key, t):
        """T of a reading at t."""
        row = self.row(key, day_of(t))
        if row is None:
            # A factory's first snapshot also holds for the time before it.
            for effective, _, first in self.rows.get(key, []):
                if effective == self.first[key[0]]:
                    row = first
        interval = row.interval if row else None
        return min(DAY, max(3 * (interval or 0), 15 * MINUTE))


def instant_of(text):
    """Of a calendar file: 2026-12-20 08:00, local."""
    day, clock = text.split(" ")
    hour, minute = clock.split(":")
    return start(day_number(day)) + (int(hour) * 60 + int(minute)) * MINUTE


class Calendars:
    def __init__(self, scenario, known_at):
        self.version = 0
        self.rows = {}
        entered = {}
        for one in scenario["calendars"]:
            if one["at"] > known_at:
                continue
            self.version += 1
            named = {row["factory_id"] for row in one["rows"]}
            for factory in named:
                self.rows[factory] = [row for row in one["rows"] if row["factory_id"] == factory]
            for row in one["rows"]:
                if row["kind"] == "shutdown":
                    entered.setdefault(self._identity(row), one["at"])
        self.entered = entered

    @staticmethod
    def _identity(row):
        return tuple(row.get(name, "") for name in ("factory_id", "workshop", "line", "from", "to"))

    @staticmethod
    def covers(row, workshop, line):
        return row.get("workshop", "") in ("", workshop) and row.get("line", "") in ("", line)

    def shutdowns(self, factory):
        """(row, from, until, entered, in time)."""
        for row in self.rows.get(factory, []):
            if row["kind"] == "shutdown":
                a, b = instant_of(row["from"]), instant_of(row["to"])
                entered = self.entered[self._identity(row)]
                yield row, a, b, entered, entered <= a

    def shut(self, factory, workshop, line):
        return union((a, b) for row, a, b, _, in_time in self.shutdowns(factory)
                     if in_time and self.covers(row, workshop, line))

    def planned(self, factory, workshop, line, first, last):
        """Planned to produce, holidays left out, shutdowns not; None where no shift speaks."""
        rows = [row for row in self.rows.get(factory, []) if row["kind"] == "shift"]
        shifts = None
        for place in ((workshop, line), (workshop, ""), ("", "")):
            if place[1] == "" and place[0] == "" or place != ("", ""):
                found = [r for r in rows if (r.get("workshop", ""), r.get("line", "")) == place]
                if found:
                    shifts = found
                    break
        if shifts is None:
            return None
        holidays = set()
        for row in self.rows.get(factory, []):
            if row["kind"] == "holiday" and self.covers(row, workshop, line):
                holidays |= set(range(day_number(row["from"]), day_number(row["to"]) + 1))
        out = []
        for row in shifts:
            days = weekdays(row.get("weekdays", ""))
            begin, end = minutes(row["start"]), minutes(row["end"])
            if end <= begin:
                end += 24 * 60
            for day in range(max(first - 2, day_number(row["from"])), min(last + 2, day_number(row["to"])) + 1):
                if weekday(day) in days and day not in holidays:
                    out.append((start(day) + begin * MINUTE, start(day) + end * MINUTE))
        return union(out)


def minutes(text):
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def weekdays(text):
    if not text:
        return set(range(1, 8))
    out = set()
    for part in text.split(","):
        a, _, b = part.partition("-")
        out |= set(range(int(a), int(b or a) + 1))
    return out
