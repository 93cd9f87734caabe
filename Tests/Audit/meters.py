"""What meters add up to. All values are thousandths."""

from dataclasses import dataclass, field


@dataclass
class Value:
    """What one reading says of a counter."""
    time: int
    # The sender: boots are compared within one machine.
    machine: tuple
    boot: str
    value: int
    # The unit of its last digit.
    unit: int = 1


@dataclass
class Booked:
    # Deltas as (time, thousandths), each at the time of its reading; and the times at which falls were settled.
    deltas: list = field(default_factory=list)
    glitches: list = field(default_factory=list)
    resets: list = field(default_factory=list)
    rollovers: list = field(default_factory=list)
    is_provisional: bool = False


def is_jitter(top, value):
    return (top - value) * 1000 <= top


def book(values, modulus=None):
    """`values` in order of time, of one meter; `modulus`: of a value, where its meter begins again, if declared."""
    out = Booked()
    if not values:
        return out
    top = values[0].value
    boots = {values[0].machine: values[0].boot}
    # Since a fall: its first reading, whether the boot changed there, and the readings since.
    fall = None
    for one in values[1:]:
        before = boots.get(one.machine)
        boots[one.machine] = one.boot
        if fall is None:
            if one.value >= top:
                out.deltas.append((one.time, one.value - top))
                top = one.value
            elif not is_jitter(top, one.value):
                rebooted = one.boot is not None and before is not None and before != one.boot
                fall = [one, rebooted, []]
            continue
        first, rebooted, since = fall
        if one.value >= top or is_jitter(top, one.value):
            # The value came back: the fall was a glitch.
            out.deltas.append((one.time, max(0, one.value - top)))
            lowest = min([first.value] + [s.value for s in since])
            if top - lowest > max(first.unit, one.unit):
                out.glitches.append(one.time)
            top = max(top, one.value)
            fall = None
            continue
        since.append(one)
        if len(since) < 2:
            continue
        highest = max(s.value for s in since)
        risen = max(0, highest - first.value)
        limit = modulus(one) if modulus else None
        if limit and top * 10 >= limit * 9 and top <= limit and first.value * 10 <= limit:
            out.deltas.append((one.time, limit - top + first.value + risen))
            out.rollovers.append(one.time)
        else:
            if rebooted and first.value * 10 < top:
                risen += first.value
            out.deltas.append((one.time, risen))
            out.resets.append(one.time)
        top = max(first.value, highest)
        fall = None
    out.is_provisional = fall is not None
    return out


def book_pairs(values):
    """Good and total of readings that carry both: [(time, good, total)] of the steps that count, and the times of
    steps that were left out because more was good than was made."""
    good = book([v[0] for v in values])
    total = book([v[1] for v in values])
    steps = {}
    for time, delta in good.deltas:
        steps.setdefault(time, [0, 0])[0] += delta
    for time, delta in total.deltas:
        steps.setdefault(time, [0, 0])[1] += delta
    counted, left_out = [], []
    for time in sorted(steps):
        g, t = steps[time]
        if g > t:
            left_out.append(time)
        else:
            counted.append((time, g, t))
    return counted, left_out
