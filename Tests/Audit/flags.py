"""What a factory's report must say is conspicuous, of the kinds whose definition leaves no choice."""

from spans import DAY, both, civil, day_of, length, rfc3339, start, union

# Kinds computed here: a report must not show other flags of these kinds.
KINDS = {"claim_without_evidence", "manual_operation", "shared_serial", "late_shutdown", "equal_times",
         "meter_changed"}
# Facts by which flags of a kind are told apart, where an equipment or a place may have several.
TOLD_APART = {"late_shutdown": "from", "meter_changed": "on"}
# Kinds whose number in a district is computed: flags of a place without equipment are optional.
COUNTED = sorted(KINDS - {"late_shutdown"})


def raise_flags(audit, out, factory, of_district=False):
    def flag(kind, who, **values):
        out["flags/%s/%s/%s" % (kind, factory, who)] = values

    base = [key for key in audit.base() if key[0] == factory]
    for key in base:
        row, line = audit.register.row(key, audit.day), audit.timelines[key]
        newest = max((r.time for r in line.readings), default=None)
        automatic = row.get("automation") == "automatic"
        others = automatic or row.yes("digital") and row.yes("connectable")
        if (others or row.yes("cnc")) and (newest is None or newest <= audit.as_of - 30 * DAY):
            flag("claim_without_evidence", key[1], automatic=automatic,
                 last_reading=rfc3339(newest) if newest is not None else None, **({} if others else {"cnc": True}))
    for key in audit.register.keys():
        # What a machine did in the period, whether or not it is still in service at its end.
        days = [day for day in range(audit.first, audit.last + 1) if audit.register.in_service(key, day)]
        if key[0] == factory and days:
            over_time(audit, flag, key, days)
    # The first of the keys that share a serial number is named by the others; gateways and sensors have one too.
    seen = set()
    for key in audit.register.keys():
        # A factory's list compares its own, a district all.
        if key[0] != factory and not of_district:
            continue
        row = audit.register.row(key, audit.day)
        if row is None or not row.get("serial") or audit.register.service(row, audit.day) != "in_service":
            continue
        if row["serial"] in seen and key[0] == factory:
            flag("shared_serial", key[1], serial=row["serial"])
        seen.add(row["serial"])
    for row, begun, ended, entered, in_time in audit.calendars.shutdowns(factory):
        covers = any(k[0] == factory and audit.calendars.covers(row, *place[1:]) for k, place in audit.sums)
        if not in_time and begun < audit.until and ended > audit.begin:
            place = "%s/%s %s" % (row.get("workshop", ""), row.get("line", ""), rfc3339(begun))
            values = dict(to=rfc3339(ended), entered_at=rfc3339(entered))
            # A flag of a place without equipment is optional.
            path = "flags/late_shutdown/%s/%s" % (factory, place)
            out[path if covers else "?" + path] = values


def count_flags(audit, out):
    """Numbers of a district: the sums over its factories' lists, with serial numbers that factories share."""
    lists = {}
    for factory in audit.register.factories:
        raise_flags(audit, lists, factory, of_district=True)
    listed = [path.split("/")[1:3] for path in lists if path.startswith("flags/")]
    for kind in COUNTED:
        factories = [factory for one, factory in listed if one == kind]
        out["flag_counts/%s/flags" % kind] = len(factories)
        out["flag_counts/%s/factories" % kind] = len(set(factories))


def over_time(audit, flag, key, days):
    line, row = audit.timelines[key], audit.register.row(key, days[-1])
    if row.get("automation") == "automatic" or row.yes("intelligent"):
        service = union((max(start(day), audit.begin), min(start(day + 1), audit.until)) for day in days)
        running = both(service, union((a, b) for a, b, r in line.spans if r.state == "running"))
        manual = both(running, union((a, b) for a, b, r in line.spans if r.mode == "manual"))
        if 2 * length(manual) > length(running):
            flag("manual_operation", key[1], manual_ms=length(manual), running_ms=length(running))
    ties = sum(1 for t in line.ties if audit.begin <= t < audit.until)
    if ties and audit.register.row(key, audit.day).is_production:
        flag("equal_times", key[1], times=ties)
    for change in audit.changes.get(key, []):
        if change.day in days:
            flag("meter_changed", "%s %s" % (key[1], civil(change.day)),
                 **{"from": change.before, "to": change.after})


def of_report(report):
    out = {}
    for count in report["flag_counts"]:
        for name in ("flags", "factories"):
            out["flag_counts/%s/%s" % (count["flag"], name)] = count[name]
    for flag in report["flags"]:
        if flag["flag"] not in KINDS:
            continue
        kind = flag["flag"]
        who = "%s/%s" % (flag["workshop"], flag["line"]) if kind == "late_shutdown" else flag["equipment"]
        if kind in TOLD_APART:
            who += " " + flag[TOLD_APART[kind]]
        inside = {"flag", "factory", "equipment", "workshop", "line", "with", TOLD_APART.get(kind)}
        path = "flags/%s/%s/%s" % (kind, flag["factory"], who)
        values = {name: value for name, value in flag.items() if name not in inside}
        # Of a day there is one.
        out[path] = "twice" if kind == "meter_changed" and path in out else values
    return out
