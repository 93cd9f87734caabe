"""Sets of instants, as sorted lists of disjoint spans [a, b) in milliseconds UTC; and the calendar of a zone that is
eight hours ahead, in which days are counted from 1970-01-01."""

import bisect

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000
OFFSET = 8 * HOUR


def union(spans):
    """The set of all instants of any spans, however they lie."""
    out = []
    for a, b in sorted(spans):
        if a >= b:
            continue
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return out


def both(xs, ys):
    out, i, j = [], 0, 0
    while i < len(xs) and j < len(ys):
        a, b = max(xs[i][0], ys[j][0]), min(xs[i][1], ys[j][1])
        if a < b:
            out.append((a, b))
        if xs[i][1] < ys[j][1]:
            i += 1
        else:
            j += 1
    return out


def without(xs, ys):
    out, j = [], 0
    for a, b in xs:
        while j < len(ys) and ys[j][1] <= a:
            j += 1
        k = j
        while k < len(ys) and ys[k][0] < b:
            if a < ys[k][0]:
                out.append((a, ys[k][0]))
            a = max(a, ys[k][1])
            k += 1
        if a < b:
            out.append((a, b))
    return out


def length(xs):
    return sum(b - a for a, b in xs)


def holds(xs, t):
    i = bisect.bisect_right(xs, (t, float("inf"))) - 1
    return i >= 0 and xs[i][0] <= t < xs[i][1]


# Days.


def start(day):
    return day * DAY - OFFSET


def day_of(t):
    return (t + OFFSET) // DAY


def weekday(day):
    """1 is Monday; 1970-01-01 was a Thursday."""
    return (day + 3) % 7 + 1


def civil(day):
    """YYYY-MM-DD of a day."""
    import datetime

    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()


def day_number(text):
    import datetime

    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


def rfc3339(t):
    rest = (t + OFFSET) % DAY
    return "%sT%02d:%02d:%02d.%03d+08:00" % (
        civil(day_of(t)), rest // HOUR, rest // MINUTE % 60, rest // 1000 % 60, rest % 1000)
