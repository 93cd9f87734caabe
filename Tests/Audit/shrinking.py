"""Makes a scenario smaller while what differs stays."""

import copy

from product import Failure
from spans import rfc3339


def smallest(scenario, wanted, examine, kind):
    """Drops reports, messages, connections, imports, rows and fields, as long as the same figure differs."""
    state = {"difference": wanted}

    def differs(candidate):
        try:
            found, _ = examine(candidate)
        except (Failure, Exception):
            return False
        for difference in found:
            if kind(difference[1]) == kind(wanted[1]):
                state["difference"] = difference
                return True
        return False

    current = copy.deepcopy(scenario)
    current["reports"] = [wanted[0]]
    if not differs(current):
        return scenario, wanted

    def cut(get, put):
        """Drops runs of a list's items, long ones first."""
        nonlocal current
        size = max(1, len(get(current)) // 2)
        while size >= 1:
            i = 0
            while i < len(get(current)):
                candidate = copy.deepcopy(current)
                items = get(candidate)
                put(candidate, items[:i] + items[i + size:])
                if differs(candidate):
                    current = candidate
                else:
                    i += size
            size //= 2

    def messages(c):
        return [m for h in c["story"] for m in h.get("messages", [])]

    def keep(c, kept):
        """The story with those messages only; connections stay as they were."""
        kept = {id(m) for m in kept}
        for h in c["story"]:
            if "messages" in h:
                h["messages"] = [m for m in h["messages"] if id(m) in kept]
        c["story"] = [h for h in c["story"] if h.get("messages") != []]

    before = None
    while before != current:
        before = copy.deepcopy(current)
        for name in ("calendars", "imports"):
            cut(lambda c: c[name], lambda c, items: c.update({name: items}))
        cut(messages, keep)
        for name in ("imports", "calendars"):
            for i in range(len(current[name])):
                cut(lambda c: c[name][i]["rows"], lambda c, items: c[name][i].update(rows=items))
        for i in range(len(current["imports"])):
            for j in range(len(current["imports"][i]["rows"])):
                for field in list(current["imports"][i]["rows"][j]):
                    if field in ("equipment_id", "factory_id"):
                        continue
                    candidate = copy.deepcopy(current)
                    del candidate["imports"][i]["rows"][j][field]
                    if differs(candidate):
                        current = candidate
    differs(current)
    return current, state["difference"]


def text(scenario):
    out = []
    for one in scenario["imports"]:
        out.append("%s register effective %s%s" % (rfc3339(one["at"]), one["effective"],
                                                   " retire-missing" if one.get("retire_missing") else ""))
        out += ["    %s" % {k: v for k, v in row.items() if v} for row in one["rows"]]
    for one in scenario["calendars"]:
        out.append("%s calendar" % rfc3339(one["at"]))
        out += ["    %s" % {k: v for k, v in row.items() if v} for row in one["rows"]]
    for h in scenario["story"]:
        if "messages" in h:
            for m in h["messages"]:
                out.append("%s %s%s%s %s" % (rfc3339(m["at"]), "retained " if m["retained"] else "",
                                             "again " if m.get("again") else "", m["topic"], m["payload"]))
        else:
            out.append("%s %s%s" % (rfc3339(h["at"]) if "at" in h else "", h["kind"],
                                    " resumed" if h.get("resumed") else ""))
    return "\n".join(out)
