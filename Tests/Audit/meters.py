"""What meters add up to. All values are thousandths."""

from dataclasses import dataclass, field


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
    # Deltas as (time, thousandths), each at the time of its reading; and the times at which falls were settled.
    deltas: list = field(default_factory=list)
    glitches: list = field(default_factory=list)
    resets: list = field(default_factory=list)
    rollovers: list = field(default_factory=list)
    # Of each reading, whether a fall was still provisional with it.
    falling: list = field(default_factory=list)
    is_provisional: bool = False


def is_jitter(top, value):
    return (top - value) * 1000 <= top


def is_last_digit(top, value):
    """Whether it is one less in the last digit of both that is not zero."""
    unit = next(u for u in (1000, 100, 10, 1) if top % u == value % u == 0)
    return top - value == unit


def book(values, modulus=None):
    """`values` in order of time, of one meter; `modulus`: of a value, where its meter begins again, if declared."""
    out = Booked()
    top = None
    boots = {}
    # Since a fall: its readings, and whether the boot changed at the first.
    fall, rebooted = [], False

    def read(one, is_first_of_boot=False):
        """What one reading adds to the series that begins with the last reset."""
        nonlocal top, fall, rebooted
        if top is None:
            top = one.value
            return 0
        if one.value >= top or is_jitter(top, one.value):
            if fall and not all(is_last_digit(top, f.value) for f in fall):
                # The value came back: the fall was a glitch.
                out.glitches.append(settling.time)
            fall = []
            delta = max(0, one.value - top)
            top = max(top, one.value)
            return delta
        if not fall:
            rebooted = is_first_of_boot
        fall.append(one)
        if len(fall) < 3:
            return 0
        # Two further readings stayed below: the series begins anew with the first, and the two follow it.
        first, second, third = fall
        limit = modulus(third) if modulus else None
        if limit and limit * 9 <= top * 10 <= limit * 10 and first.value * 10 <= limit:
            delta = limit - top + first.value
            out.rollovers.append(settling.time)
        else:
            delta = first.value if rebooted and first.value * 10 < top else 0
            out.resets.append(settling.time)
        top, fall = first.value, []
        return delta + read(second) + read(third)

    for settling in values:
        rebooted_here = boots.setdefault(settling.machine, settling.boots) != settling.boots
        boots[settling.machine] = settling.boots
        out.deltas.append((settling.time, read(settling, rebooted_here)))
        out.falling.append(bool(fall))
    out.is_provisional = bool(fall)
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
