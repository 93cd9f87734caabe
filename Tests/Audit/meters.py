"""What meters add up to. All values are thousandths."""

from dataclasses import dataclass, field, replace


@dataclass
class Value:
    """What one reading says of a counter."""
    time: int
    # The sender: its boots are compared with its own.
    machine: tuple
    # How often its boot changed before, in whatever readings.
    boots: int
    value: int


@dataclass
class Booked:
    # Deltas as (time, thousandths), each at the time of its reading; and the times at which falls were settled, of
    # resets and rollovers each with the time at which the greatest value before was last shown.
    deltas: list = field(default_factory=list)
    glitches: list = field(default_factory=list)
    resets: list = field(default_factory=list)
    rollovers: list = field(default_factory=list)
    # Of each reading, whether a fall was still provisional with it.
    falling: list = field(default_factory=list)
    # The values that held: neither glitches nor jitter.
    shown: list = field(default_factory=list)


@dataclass
class Shown:
    """A value that held."""
    time: int
    value: int
    # When its effect is booked: that of a reset with the reading that confirms it.
    booked_at: int
    # Where the series begins anew: when the greatest value before was last shown; and whether the value itself counts.
    after: int = None
    counts_value: bool = False


def is_jitter(top, value):
    return (top - value) * 1000 <= top


def is_last_digit(top, value):
    """Whether it is one less in the last digit of both that is not zero."""
    unit = next(u for u in (1000, 100, 10, 1) if top % u == value % u == 0)
    return top - value == unit


def is_rollover(top, value, limit):
    """From the top tenth below the limit to the bottom tenth."""
    return bool(limit) and limit * 9 <= top * 10 <= limit * 10 and value * 10 <= limit


def book(values, modulus=None):
    """`values` in order of time, of one meter; `modulus`: of a value, where its meter begins again, if declared."""
    out = Booked()
    top = top_at = None
    boots = {}
    # Since a fall, its readings; and which readings came first after a boot.
    fall, firsts = [], []

    def read(one):
        """What one reading adds to the series that begins with the last reset."""
        nonlocal top, top_at, fall
        if top is None:
            top, top_at = one.value, one.time
            out.shown.append(Shown(one.time, one.value, settling.time))
            return 0
        if one.value >= top or is_jitter(top, one.value):
            if fall and not all(is_last_digit(top, f.value) for f in fall):
                # The value came back: the fall was a glitch.
                out.glitches.append(settling.time)
            fall = []
            if one.value < top:
                return 0
            delta = one.value - top
            top, top_at = one.value, one.time
            out.shown.append(Shown(one.time, one.value, settling.time))
            return delta
        fall.append(one)
        if len(fall) < 3:
            return 0
        # Two further readings stayed below: the series begins anew with the first, and the two follow it.
        first, second, third = fall
        counts_value = any(first is one for one in firsts) and first.value * 10 < top
        out.shown.append(Shown(first.time, first.value, settling.time, top_at, counts_value))
        limit = modulus(third) if modulus else None
        if is_rollover(top, first.value, limit):
            delta = limit - top + first.value
            out.rollovers.append((settling.time, top_at))
        else:
            delta = first.value if counts_value else 0
            out.resets.append((settling.time, top_at))
        top, top_at, fall = first.value, first.time, []
        return delta + read(second) + read(third)

    for settling in values:
        if boots.setdefault(settling.machine, settling.boots) != settling.boots:
            firsts.append(settling)
        boots[settling.machine] = settling.boots
        out.deltas.append((settling.time, read(settling)))
        out.falling.append(bool(fall))
    return out


def book_pairs(readings, good, total):
    """Good and total of readings that carry both while neither is falling: [(time, good, total)] of the steps between
    them that count, and the times of steps that were left out because more was good than was made. `readings` are
    (time, of good, of total) with the place of its values among what was booked, None where it has none."""
    counted, left_out = [], []
    step = None
    for time, *places in readings:
        if step is not None:
            for i, (booked, place) in enumerate(zip((good, total), places)):
                step[i] += booked.deltas[place][1] if place is not None else 0
        if None in places or good.falling[places[0]] or total.falling[places[1]]:
            continue
        if step is not None:
            if step[0] > step[1]:
                left_out.append(time)
            else:
                counted.append((time, *step))
        step = [0, 0]
    return counted, left_out


def turning_points(shown, day_of):
    """Of a sender's values its first, those on both sides of a reset, and the last of each day."""
    out = []
    for i, one in enumerate(shown):
        after = shown[i + 1] if i + 1 < len(shown) else None
        if (i == 0 or after is None or one.after is not None or after.after is not None
                or day_of(after.booked_at) != day_of(one.booked_at)):
            out.append(one)
    return out


@dataclass
class Change:
    """A sender's first day with values of another meter, and the ids of both."""
    day: int
    before: str
    after: str


def changes(shown, meter_on, day_of):
    """A sender's days of change, by the days on which its values count and the meter on each."""
    days = sorted({day_of(one.booked_at) for one in shown})
    named = [(day, meter_on(day)) for day in days]
    return [Change(day, before, after) for (_, before), (day, after) in zip(named, named[1:]) if before != after]


def of_this_meter(points, changed, day, meter_on, day_of):
    """A sender's turning points that belong to the meter of a day: none before its first value of that meter, none on
    the day of the change; after it, of that day only the last value, which is no reset."""
    by_then = [one for one in points if day_of(one.booked_at) <= day]
    if by_then and meter_on(day_of(by_then[-1].booked_at)) != meter_on(day):
        return []
    since = max((change.day for change in changed if change.day <= day), default=None)
    if since is None:
        return points
    if since == day:
        return []
    here = [one for one in points if day_of(one.booked_at) == since]
    later = [one for one in points if day_of(one.booked_at) > since]
    return [replace(here[-1], after=None, counts_value=False)] + later


def is_of_change(at, top_at, changed, day_of):
    """Whether a fall is one from the meter before to another: it is no reset."""
    return any(change.day == day_of(at) > day_of(top_at) for change in changed)


def merge(senders, day, day_of, limit):
    """What one meter adds up to on a day, by the turning points of those that read it."""

    def rank(one):
        return one.time, one.after is not None, one.value

    # The series as the days before left it: since the last reset, of whoever showed something after it.
    earlier = [[one for one in points if day_of(one.booked_at) < day] for points in senders]
    since = float("-inf")
    resets = [[one for one in points if one.after is not None][-1:] for points in earlier]
    for reset in sorted((one for found in resets for one in found), key=rank):
        if reset.after >= since:
            since = reset.time
    top = max((points[-1].value for points in earlier if points and points[-1].time >= since), default=None)
    # Each sender's values stay in order.
    rest = [found for found in ([one for one in points if day_of(one.booked_at) == day] for points in senders) if found]
    energy = 0
    while rest:
        first = min(rest, key=lambda points: [rank(one) for one in points])
        one = first.pop(0)
        rest = [points for points in rest if points]
        if one.time < since:
            continue
        if top is None:
            top = one.value
        elif one.after is not None and one.after >= since:
            if is_rollover(top, one.value, limit):
                energy += limit - top + one.value
            elif one.counts_value:
                energy += one.value
            since, top = one.time, one.value
        else:
            energy += max(0, one.value - top)
            top = max(top, one.value)
    return energy
