"""Holds the product's JSON against the audit's figures."""

import flags

MISSING = "missing from the report"


def flat(report):
    """A report's values by the paths that the audit uses."""
    out = {}
    for name in ("sufficient", "as_of", "known_at", "register_version", "calendar_version", "repairs_pending"):
        out[name] = report.get(name, MISSING)
    for name in ("from", "to"):
        out["period/" + name] = report["period"].get(name)
    _group(out, "", report)
    for shop in report.get("workshops", []):
        _group(out, "workshops/%s/" % shop["id"], shop)
        for line in shop.get("lines", []):
            _group(out, "workshops/%s/lines/%s/" % (shop["id"], line["id"]), line)
    for factory in report.get("factories", []):
        factory = {"registered": True, **factory}
        _group(out, "factories/%s/" % factory["id"], factory)
    for kind in ("mean", "median"):
        for key, spread in report.get("rollup", {}).get(kind, {}).items():
            for name, value in (spread or {}).items():
                out["rollup/%s/%s/%s" % (kind, key, name)] = value
    for name, value in report.get("energy", {}).items():
        out["energy/" + name] = value
    for name, value in report["data_quality"].items():
        if isinstance(value, dict):
            for inner, count in value.items():
                out["data_quality/%s/%s" % (name, inner)] = count
        elif isinstance(value, list):
            for one in value:
                path = "data_quality/%s/%s/%s" % (name, one["equipment"], one["field" if name == "field_errors"
                                                                              else "reason"])
                if one["equipment"]:
                    out[path] = out.get(path, 0) + one["messages"]
        else:
            out["data_quality/" + name] = value
    out.update(flags.of_report(report))
    for policy in report.get("policies", []):
        out["policies/%s/met" % policy["name"]] = policy["met"]
        for rule in policy["rules"]:
            for name in ("met", "missing"):
                out["policies/%s/%s/%s" % (policy["name"], rule["metric"], name)] = rule[name]
        for band in policy["bands"]:
            out["policies/%s/%s/band" % (policy["name"], band["metric"])] = band["band"]
    out["ranking"] = [factory["id"] for factory in report.get("factories", []) if factory.get("registered")]
    shared = report.get("shared_meter")
    out["shared_meter"] = (shared["meter"], shared["with"], shared["kwh"]) if shared else None
    for gap in report.get("gaps", []):
        out["gaps/%s/%s/%s" % (gap["reason"], gap["factory"], gap["equipment"])] = True
    for line in (report.get("details") or {}).get("lines", []):
        for name, ours in (("on_ms", "on"), ("off_ms", "off"), ("unobserved_ms", "blind"), ("kwh", "energy")):
            values = [thousandths(v) for v in line[name]] if name == "kwh" else line[name]
            out["details/%s/%s/%s" % (line["workshop"], line["line"], ours)] = values
    for equipment in report.get("equipment", [])[:1] if report["scope"]["kind"] == "equipment" else []:
        for name, value in equipment.items():
            out["equipment/" + name] = value
    return out


def is_nothing(value):
    """Whether a report may leave it out."""
    if isinstance(value, tuple) and len(value) == 3 and isinstance(value[1], int):
        return value[1] == 0
    return not any(value) if isinstance(value, list) else value in (0, None)


def thousandths(text):
    whole, _, part = text.partition(".")
    return int(whole) * 1000 + int((part + "000")[:3])


def _group(out, prefix, group):
    for key, ratio in group.get("metrics", {}).items():
        path = "%smetrics/%s" % (prefix, key)
        out[path] = (ratio["numerator"], ratio["denominator"], ratio.get("percent", ...))
        for name in ("confirmed", "left_out"):
            if name in ratio and key != "oee":
                out["%s/%s" % (path, name)] = ratio[name]
        for bound in ("lower", "upper"):
            if bound in ratio:
                inner = ratio[bound]
                out[path + "/" + bound] = (inner["numerator"], inner["denominator"], inner.get("percent", ...))
    for name, count in group.get("buckets", {}).items():
        out["%sbuckets/%s" % (prefix, name)] = count


def differences(expected, report):
    """[(path, by the audit, by the product)]."""
    found = flat(report)
    out = []
    for path, value in expected.items():
        if path.startswith(("~", "?")):
            continue
        if path in found:
            if found[path] != value:
                out.append((path, value, found[path]))
        elif not is_nothing(value):
            out.append((path, value, MISSING))
    if "~ranking" in expected:
        ratios = [expected["~ranking"](report["ranked_by"], id) for id in found["ranking"]]
        if ratios != sorted(ratios, reverse=True):
            out.append(("ranking", sorted(ratios, reverse=True), found["ranking"]))
    for path, value in found.items():
        # A reason or a gap that the audit does not compute.
        if expected.get("?" + path) == value:
            continue
        if path.startswith(("gaps/", "flags/")) and path not in expected and report["scope"]["kind"] == "factory":
            out.append((path, None, value))
        if (path.startswith("data_quality/rejections/") and path not in expected and value
                and report["scope"]["kind"] in ("district", "factory")):
            out.append((path, 0, value))
    return out


def kind(path):
    """Of a figure, without where it stands."""
    parts = path.split("/")
    while parts[0] in ("workshops", "factories", "lines"):
        parts = parts[2:]
    if parts[0] == "data_quality":
        parts = parts[:2] if parts[1] != "rejections" else parts
    if parts[0] == "policies":
        parts = [parts[0]] + parts[2:]
    if parts[0] in ("gaps", "flags"):
        parts = parts[:2]
    if parts[0] == "details":
        parts = [parts[0], parts[-1]]
    return "/".join(parts)
