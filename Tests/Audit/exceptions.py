"""What is known to differ, and why: each difference is counted under its name, never passed over in silence."""

import re

from compare import kind

# Definitions that the product does not follow yet, with the figures that they affect.
NOT_YET = [
    ("meters: a fall is believed at once, whatever comes after", r"energy|meter_|good|quality_ratio"),
    ("one odd optional field refuses the message", r"rejections|field_errors|refusals|readings|missing|equal_times"
     r"|refused|never_seen|not_connectable|bucket"),
    ("refusals are of today, not of the period", r"rejections"),
    ("a mismatch is judged by the register at the period's end", r"workshop_mismatch"),
    ("manual operation weighs a quarter of an hour a reading", r"flags/manual_operation"),
    ("presence words in capitals and with line ends are refused", r"last_online"),
]


def named(difference, strict=False):
    """The name of the exception that a difference falls under; None for one that nobody knows, and where nothing is
    to be excused."""
    if strict:
        return None
    path = kind(difference[1])
    for name, pattern in NOT_YET:
        if re.search(pattern, path):
            return name
    return None
