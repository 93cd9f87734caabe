"""The figures that forms ask for: numerical control, data points, effectiveness, and ratios by asset value. Each is only
there if the register states what it needs."""

from spans import both, day_of, length, union, without

KEYS = ("cnc_ratio", "key_process_cnc_ratio", "key_process_cnc_any_ratio", "points_ratio",
        "key_energy_automatic_ratio", "oee", "automation_ratio_by_value", "digitalization_ratio_by_value",
        "networked_ratio_by_value")


def thousandths(text):
    whole, _, part = text.partition(".")
    return int(whole) * 1000 + int((part + "000")[:3])


def cycle(row):
    """Milliseconds for one piece; None where none is declared."""
    return thousandths(row["ideal_cycle_s"]) if row.get("ideal_cycle_s") else None


def value(row):
    """Hundredths of a yuan; None where none is declared."""
    return thousandths(row["asset_value"]) // 10 if row.get("asset_value") else None


# Effectiveness.


def sends_pieces(audit, key):
    """Whether it ever sent both counts, in whatever readings."""
    readings = audit.timelines[key].readings
    return any(r.good is not None for r in readings) and any(r.total is not None for r in readings)


def add_day(audit, key, place, row, service, known):
    """Planned time of a machine with an ideal cycle, if it was ever heard, counts and has a calendar."""
    planned = audit.planned_time(place)
    if cycle(row) is None or not known["heard"] or planned is None or not sends_pieces(audit, key):
        return
    seen = union(both(service, known["observed"]) + both(service, known["reading"]))
    time = without(both(service, planned), audit.shut_down(place))
    sums = audit.cycles.setdefault((key, place, cycle(row)), [0] * 6)
    pbt = both(time, seen)
    sums[0] += length(pbt)
    sums[1] += length(without(time, seen))
    sums[2] += length(both(pbt, known["running"]))
    sums[3] += length(both(service, known["running"]))


def add_pieces(audit, key, place, time, good, total):
    row = audit.register.in_service(key, day_of(time))
    sums = audit.cycles.get((key, place, cycle(row))) if row else None
    if sums:
        sums[4] += good
        sums[5] += total


def effectiveness(audit, out, belongs):
    days = range(audit.first, audit.last + 1)
    declared = False
    for key in audit.register.keys():
        rows = [(day, audit.register.in_service(key, day)) for day in days]
        rows = [row for _, row in rows if row]
        if any(cycle(row) is not None for row in rows):
            last = rows[-1]
            declared |= belongs(key, (key[0], last.get("workshop", ""), last.get("line", "")))
    planned = blind = productive = 0
    for (key, place, ideal), (pbt, unobserved, apt, running, good, total) in audit.cycles.items():
        if belongs(key, place):
            planned += pbt
            blind += unobserved
            # Pieces are thousandths. They cannot have taken longer than the machine ran. They are spread evenly over all
            # of that time, and only those of planned time count.
            if ideal * total > running * 1000:
                productive += apt * good // total
            elif running:
                productive += ideal * good * apt // (running * 1000)
    if not (declared or planned or blind):
        return
    audit._bounded(out, "oee", productive, planned, productive, planned + blind, productive + blind, planned + blind)


# Output.


def segment(audit, day):
    """The days of the period around one on which no other import begins to hold."""
    starts = sorted({audit.first} | {one[0] for one in audit.register.imports if audit.first < one[0] <= audit.last})
    begin = max(start for start in starts if start <= day)
    after = [start for start in starts if start > day]
    return range(begin, after[0] if after else audit.last + 1)


def counts_output(audit, key, day):
    """Whether its pieces are what its line puts out."""
    row = audit.register.in_service(key, day)
    if row.get("counts_output"):
        return row.yes("counts_output")
    place = (row.get("workshop", ""), row.get("line", ""))
    for other in audit.register.keys():
        if other[0] != key[0]:
            continue
        for there in segment(audit, day):
            found = audit.register.in_service(other, there)
            if (found and found.yes("counts_output")
                    and (found.get("workshop", ""), found.get("line", "")) == place):
                return False
    return True


# Points.


def reads(audit, key):
    """Whether a reading of it came within the window."""
    return any(audit.as_of - audit.window < r.time <= audit.as_of for r in audit.timelines[key].readings)


def energy_came(audit, meter):
    """Whether equipment that names a meter booked energy in the period, on a day on which it is in service."""
    for key, booked in audit.energies.items():
        changed = {change.day for change in audit.changes[key]}
        for time, delta in booked.deltas:
            day = day_of(time)
            if (delta > 0 and audit.begin <= time < audit.until and day not in changed
                    and audit.register.is_there(key, day) and audit.meter(key, day) == meter):
                return True
    return False


def pieces_came(audit, key):
    """Whether a machine booked pieces in the period while it was in service."""
    return any(delta > 0 and audit._place(key, time) for time, delta in audit.pieces[key])


def points(audit, out, belongs):
    all_points, delivered, required, heard = 0, 0, 0, 0
    for key in audit.register.keys():
        if not audit.register.is_there(key, audit.day) or not belongs(key, audit.stands(key)):
            continue
        row = audit.register.row(key, audit.day)
        if row.get("meter_kind"):
            came = reads(audit, key) or energy_came(audit, key)
            all_points += 1
            delivered += came
            if row["meter_kind"] != "none":
                required += 1
                heard += came
        if row.yes("counts_output") and row.is_production:
            all_points += 1
            delivered += pieces_came(audit, key)
    is_blind = not both(audit.observed, [(audit.begin, audit.until)])
    for name, n, d in (("points_ratio", delivered, all_points), ("key_energy_automatic_ratio", heard, required)):
        if d:
            audit._ratio(out, "metrics/" + name, n, 0 if is_blind and n == 0 else d)


# Declarations.


def add_figures(audit, out, belongs, rows, networked):
    is_known = networked or both(audit.observed, [(audit.begin, audit.until)])
    if any(row.get("cnc") for row in rows.values()):
        controlled = {key for key, row in rows.items() if row.yes("cnc")}
        audit._ratio(out, "metrics/cnc_ratio", len(controlled), len(rows))
        if is_known:
            out["metrics/cnc_ratio/confirmed"] = len(controlled & networked)
    steps(audit, out, rows, networked, is_known)
    points(audit, out, belongs)
    effectiveness(audit, out, belongs)
    values = {key: value(row) for key, row in rows.items() if value(row) is not None}
    if values:
        total = sum(values.values())
        automated = {k for k in values if rows[k].get("automation") == "automatic" or rows[k].yes("intelligent")}
        digital = {k for k in values if rows[k].yes("digital")}
        for name, members, base in (("automation_ratio", automated, total), ("digitalization_ratio", digital, total),
                                    ("networked_ratio", networked & set(values), total if is_known else 0)):
            path = "metrics/%s_by_value" % name
            audit._ratio(out, path, sum(values[k] for k in members), base)
            out[path + "/left_out"] = len(rows) - len(values)


def steps(audit, out, rows, networked, is_known):
    found = {}
    for key, row in rows.items():
        if row.get("process"):
            found.setdefault((key[0], row["process"]), []).append(key)
    key_steps = [keys for keys in found.values() if any(rows[k].yes("key_process") for k in keys)]
    if not key_steps:
        return
    for name, enough in (("key_process_cnc_ratio", all), ("key_process_cnc_any_ratio", any)):
        controlled = [keys for keys in key_steps if enough(rows[k].yes("cnc") for k in keys)]
        path = "metrics/" + name
        audit._ratio(out, path, len(controlled), len(key_steps))
        if is_known:
            out[path + "/confirmed"] = sum(
                1 for keys in controlled if enough(k in networked for k in keys if rows[k].yes("cnc")))
