"""What a story's messages amount to: topics and payloads as received become records, or are refused. Written from
the definitions of the native message, without the product's decoder."""

import datetime
import json
import re
from dataclasses import dataclass, field

from spans import DAY, MINUTE

STATES = {"running", "idle", "setup", "stopped", "fault", "maintenance", "off"}
MODES = {"automatic", "manual"}
ID = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
KNOWN = {"ts", "state", "mode", "seq", "boot", "energy_kwh", "good", "total", "alarms", "factory", "workshop",
         "equipment"}


@dataclass
class Reading:
    key: tuple
    workshop: str
    time: int
    received: int
    payload: bytes
    state: str
    mode: str = None
    seq: int = None
    boot: str = None
    # Thousandths.
    energy: int = None
    good: int = None
    total: int = None
    alarms: tuple = ()
    kept_flag: bool = False


@dataclass
class Presence:
    key: tuple
    workshop: str
    time: int
    received: int
    online: bool
    kept_flag: bool = False


@dataclass
class Refusal:
    factory: str
    key: tuple
    workshop: str
    received: int
    reason: str
    time: int = None


@dataclass
class FieldError:
    key: tuple
    time: int
    name: str


class Refused(Exception):
    pass


class Fraction(str):
    """A JSON number with a point or an exponent, as it was written."""


def instant(value):
    if isinstance(value, bool) or value is None:
        raise Refused("invalid_timestamp")
    if isinstance(value, int):
        return value
    if isinstance(value, Fraction) or not isinstance(value, str):
        raise Refused("invalid_timestamp")
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value)
    if not found:
        raise Refused("invalid_timestamp")
    day, h, m, s, part, zone = found.groups()
    try:
        base = datetime.datetime.fromisoformat("%sT%s:%s:%s+00:00" % (day, h, m, s))
    except ValueError:
        raise Refused("invalid_timestamp")
    ms = int(base.timestamp()) * 1000 + int(((part or ".0")[1:] + "00")[:3])
    if zone not in "Zz":
        ahead = (int(zone[1:3]) * 60 + int(zone[4:6])) * MINUTE
        ms -= ahead if zone[0] == "+" else -ahead
    return ms


def thousandths(value):
    """Of a number that is not negative: its thousandths, cut off."""
    if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
        return None
    text = str(value)
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        return None
    whole, _, part = text.partition(".")
    return int(whole) * 1000 + int((part + "000")[:3])


def pairs(found):
    out = {}
    for name, value in found:
        if name in KNOWN and name in out:
            raise Refused("malformed")
        out[name] = value
    return out


def decode_status(key, workshop, payload, received, oldest, errors):
    """A reading; what cannot be read of the optional fields is left out and noted in `errors`."""
    if payload.startswith(b"\xef\xbb\xbf"):
        payload = payload[3:]
    payload = payload.rstrip(b"\0")
    try:
        def constant(text):
            raise ValueError(text)

        body = json.loads(payload.decode("utf-8"), parse_float=Fraction, parse_constant=constant,
                          object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        raise Refused("malformed")
    if not isinstance(body, dict):
        raise Refused("malformed")
    for name, said in zip(("factory", "workshop", "equipment"), (key[0], workshop, key[1])):
        if name in body and body[name] != said:
            raise Refused("identity_mismatch")
    if "ts" not in body or "state" not in body:
        raise Refused("missing_field")
    time = instant(body["ts"])
    state = body["state"]
    state = state.lower() if isinstance(state, str) and not isinstance(state, Fraction) else None
    if state not in STATES:
        raise Refused("unknown_state")
    if time > received + 5 * MINUTE:
        raise Refused("future")
    if time < received - oldest:
        raise Refused("too_late")
    reading = Reading(key, workshop, time, received, payload, state)

    def bad(name):
        errors.append(FieldError(key, time, name))

    mode = body.get("mode")
    if mode is not None:
        if isinstance(mode, str) and mode.lower() in MODES:
            reading.mode = mode.lower()
        else:
            bad("mode")
    seq = body.get("seq")
    if seq is not None:
        if isinstance(seq, int) and not isinstance(seq, bool) and seq >= 0:
            reading.seq = seq
        else:
            bad("seq")
    boot = body.get("boot")
    if boot is not None:
        if isinstance(boot, str) and not isinstance(boot, Fraction):
            reading.boot = boot
        else:
            bad("boot")
    for name in ("energy_kwh", "good", "total"):
        if body.get(name) is None:
            continue
        value = thousandths(body[name])
        if value is None:
            bad(name)
        else:
            setattr(reading, "energy" if name == "energy_kwh" else name, value)
    alarms = body.get("alarms")
    if alarms is not None:
        if isinstance(alarms, list) and all(isinstance(a, str) and not isinstance(a, Fraction) for a in alarms):
            reading.alarms = tuple(alarms)
        else:
            bad("alarms")
    return reading


@dataclass
class Evidence:
    """All that was received: distinct records, and what was observed."""
    readings: dict = field(default_factory=dict)
    presence: dict = field(default_factory=dict)
    refusals: list = field(default_factory=list)
    field_errors: list = field(default_factory=list)
    # [from, through, resumed]
    stretches: list = field(default_factory=list)
    retained: int = 0
    workshops: dict = field(default_factory=dict)


def read_story(story, oldest=88 * DAY):
    """Goes through a story the way it was received."""
    out = Evidence()
    seen = {}
    stretch = None
    last = None
    connected_new = None
    refused = set()
    for happening in story:
        kind = happening["kind"]
        if kind == "connected":
            stretch = [happening["at"], happening["at"], happening["resumed"]]
            out.stretches.append(stretch)
            last = happening["at"]
            if not happening["resumed"]:
                connected_new = happening["at"]
        elif kind == "observed":
            if stretch and happening["at"] - last >= 10_000:
                stretch[1] = last = happening["at"]
        elif kind in ("lost", "stopped"):
            if stretch:
                stretch[1] = happening["at"]
            stretch = None
        elif kind == "killed":
            stretch = None
        elif kind == "window":
            for message in happening["messages"]:
                take(out, message, seen, refused, connected_new, oldest)
                if stretch:
                    stretch[1] = max(stretch[1], message["at"])
                    last = message["at"]
    return out


def take(out, message, seen, refused, connected_new, oldest):
    topic, at = message["topic"], message["at"]
    payload = message["payload"]
    payload = bytes.fromhex(payload[4:]) if payload.startswith("hex:") else payload.encode()
    parts = topic.split("/")
    factory = parts[1] if len(parts) > 1 and parts[0] == "factory" and ID.match(parts[1]) else None
    good_topic = (len(parts) == 5 and parts[0] == "factory" and all(ID.match(p) for p in parts[1:4])
                  and parts[4] in ("status", "connection"))
    if message["retained"]:
        if not payload:
            return
        if connected_new is not None and at - connected_new < MINUTE:
            if good_topic:
                out.workshops.setdefault((parts[1], parts[3]), parts[2])
            return
        out.retained += 0 if message.get("again") else 1
    # Delivered again by the broker after a connection ended because its acknowledgement was lost.
    is_again = message.get("again")

    def refuse(key, workshop, reason):
        # Of one receipt it is one; sent again, it is refused again.
        if not is_again and (topic, payload, at) not in refused:
            refused.add((topic, payload, at))
            out.refusals.append(Refusal(factory, key, workshop, at, reason))

    if not good_topic:
        refuse(None, None, "unmatched_topic")
        return
    key, workshop = (parts[1], parts[3]), parts[2]
    if parts[4] == "connection":
        if is_again:
            return
        word = payload.decode("utf-8", "replace").strip().lower()
        if word in ("online", "offline"):
            # Its time is its receipt; of one instant, online comes before offline.
            out.presence.setdefault(key, []).append(
                Presence(key, workshop, at, at, word == "online", message["retained"]))
        else:
            refuse(key, workshop, "malformed")
        return
    if (topic, payload) in seen:
        return
    errors = []
    try:
        reading = decode_status(key, workshop, payload, at, oldest, errors)
    except Refused as reason:
        # Only a later receipt can make it acceptable.
        refuse(key, workshop, str(reason))
        return
    reading.payload = payload
    reading.kept_flag = message["retained"]
    seen[topic, payload] = True
    out.readings.setdefault(key, []).append(reading)
    out.field_errors += errors
