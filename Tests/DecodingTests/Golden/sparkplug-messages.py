#!/usr/bin/env python3
"""Writes the messages of the golden folders for Sparkplug: Tests/DecodingTests/Golden/sparkplug/*/NN.{topic,payload}.

Needs the package protobuf of PyPI. The fields are those of the payload definition of ISO/IEC 20237, entered here by
number, so that payloads are encoded by another program than the one that reads them. Other files of the folders are
written by hand.
"""
import pathlib
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

TYPES = {"u32": 13, "u64": 4, "bool": 8, "f": 2, "d": 1, "s": 9, "b": 12}
MESSAGES = {
    "Payload": [("timestamp", 1, "u64"), ("metrics", 2, "*Metric"), ("seq", 3, "u64"), ("uuid", 4, "s"), ("body", 5, "b")],
    "Metric": [("name", 1, "s"), ("alias", 2, "u64"), ("timestamp", 3, "u64"), ("datatype", 4, "u32"),
               ("is_historical", 5, "bool"), ("is_transient", 6, "bool"), ("is_null", 7, "bool"),
               ("metadata", 8, "b"), ("properties", 9, "PropertySet"), ("int_value", 10, "u32"),
               ("long_value", 11, "u64"), ("float_value", 12, "f"), ("double_value", 13, "d"),
               ("boolean_value", 14, "bool"), ("string_value", 15, "s"), ("bytes_value", 16, "b"),
               ("dataset_value", 17, "b"), ("template_value", 18, "b")],
    "PropertySet": [("keys", 1, "*s"), ("values", 2, "*PropertyValue")],
    "PropertyValue": [("type", 1, "u32"), ("is_null", 2, "bool"), ("int_value", 3, "u32"), ("long_value", 4, "u64"),
                      ("string_value", 8, "s")],
}


def classes():
    file = descriptor_pb2.FileDescriptorProto(name="golden.proto", package="golden", syntax="proto2")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            entry = message.field.add(name=field, number=number, label=3 if kind[0] == "*" else 1)
            kind = kind.lstrip("*")
            if kind in TYPES:
                entry.type = TYPES[kind]
            else:
                entry.type, entry.type_name = 11, f".golden.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"golden.{name}")) for name in MESSAGES}


CLASS = classes()
#: 2026-11-22T08:00:00+08:00
T0 = 1795305600000
DATATYPES = {"int8": 1, "int16": 2, "int32": 3, "int64": 4, "uint8": 5, "uint16": 6, "uint32": 7, "uint64": 8,
             "float": 9, "double": 10, "boolean": 11, "string": 12, "datetime": 13, "text": 14, "uuid": 15,
             "dataset": 16, "bytes": 17, "file": 18, "template": 19}
FIELDS = {"float": "float_value", "double": "double_value", "boolean": "boolean_value", "string": "string_value",
          "text": "string_value", "uuid": "string_value", "dataset": "dataset_value", "bytes": "bytes_value",
          "file": "bytes_value", "template": "template_value", "int64": "long_value", "uint64": "long_value",
          "datetime": "long_value"}


def metric(name, kind, value, alias=None, at=None, typed=True, quality=None, historical=False):
    """A metric; `kind` is its datatype, which is written only with `typed`. A value of None is null."""
    it = CLASS["Metric"]()
    if name is not None:
        it.name = name
    if alias is not None:
        it.alias = alias
    if at is not None:
        it.timestamp = T0 + at
    if typed:
        it.datatype = DATATYPES[kind]
    if historical:
        it.is_historical = True
    if quality is not None:
        it.properties.keys.extend(["engUnit", "Quality"])
        it.properties.values.add(type=12, string_value="kWh")
        it.properties.values.add(type=3, int_value=quality)
    if value is None:
        it.is_null = True
    else:
        field = FIELDS.get(kind, "int_value")
        if field in ("int_value", "long_value"):
            value &= (1 << (32 if field == "int_value" else 64)) - 1
        setattr(it, field, value)
    return it


def payload(at, seq, *metrics):
    it = CLASS["Payload"]()
    if at is not None:
        it.timestamp = T0 + at
    it.metrics.extend(metrics)
    if seq is not None:
        it.seq = seq
    return it.SerializeToString(deterministic=True)


def bd(value):
    return metric("bdSeq", "int64", value)


STATE, ENERGY, GOOD = "Status/State", "Energy/Total", "Production/GoodCount"


def birth(state="running", energy=100.5, good=10, alias=True):
    a = (lambda n: n) if alias else (lambda n: None)
    return [metric(STATE, "string", state, a(1)), metric(ENERGY, "double", energy, a(2)),
            metric(GOOD, "int64", good, a(3)), metric("Temperature", "float", 20.5, a(4))]


def data(state=None, energy=None, good=None, temperature=None):
    rows = [(1, "string", state), (2, "double", energy), (3, "int64", good), (4, "float", temperature)]
    return [metric(None, kind, value, alias, typed=False) for alias, kind, value in rows if value is not None]


N = "spBv1.0/F001/{}/W01"
D = "spBv1.0/F001/{}/W01/M1"
CASES = {}


def case(function):
    """A case: a list of (milliseconds after T0 at receipt, topic, payload), or "restart"."""
    CASES[function.__name__.replace("_", "-")] = function()
    return function


def born(*device):
    return [(10, N.format("NBIRTH"), payload(0, 0, bd(7), metric("Node Control/Rebirth", "boolean", False))),
            (20, D.format("DBIRTH"), payload(5, 1, *(device or birth())))]


@case
def birth_and_data_by_alias():
    return born() + [(1010, D.format("DDATA"), payload(1000, 2, *data("idle", 101.25, 12, 21.0)))]


@case
def data_by_name():
    changed = [metric(STATE, "string", "fault"), metric("Temperature", "float", 1.0)]
    untyped = [metric(GOOD, "int64", 11, typed=False)]
    return born(*birth(alias=False)) + [(1010, D.format("DDATA"), payload(1000, 2, *changed)),
                                        (2010, D.format("DDATA"), payload(2000, 3, *untyped))]


@case
def datatypes():
    out = [(10, N.format("NBIRTH"), payload(0, 0, bd(7)))]
    values = [("int8", 6), ("int16", 6), ("int32", 6), ("int64", 6), ("uint8", 6), ("uint16", 6), ("uint32", 6),
              ("uint64", 6), ("float", 6.0), ("double", 6.0), ("boolean", True), ("string", "6"), ("text", "run"),
              ("datetime", 6), ("int8", -1), ("int16", -1), ("int32", -1), ("int64", -1), ("uint64", (1 << 64) - 1)]
    for place, (kind, value) in enumerate(values):
        seq = place + 1
        rows = [metric(STATE, kind, value, 1), metric(GOOD, kind if kind != "text" else "uint32", value if kind != "text" else 5, 2)]
        out.append((1000 * seq + 10, D.format("DBIRTH"), payload(1000 * seq, seq, *rows)))
    return out


@case
def report_by_exception():
    return born() + [(1010, D.format("DDATA"), payload(1000, 2, *data(energy=101.0))),
                     (3_600_010, D.format("DDATA"), payload(3_600_000, 3, *data(good=11))),
                     (3_601_010, D.format("DDATA"), payload(3_601_000, 4, *data(temperature=30.0))),
                     (3_602_010, D.format("DDATA"), payload(3_602_000, 5)),
                     (3_603_010, D.format("DDATA"), payload(3_603_000, 6, *data(state="stopped")))]


@case
def node_death():
    second = [(30, "spBv1.0/F001/DBIRTH/W01/M2", payload(6, 2, *[metric(STATE, "string", "idle", 11)]))]
    return born() + second + [(5000, N.format("NDEATH"), payload(None, None, bd(6))),
                              (6000, D.format("DDATA"), payload(5990, 3, *data("idle"))),
                              (7000, N.format("NDEATH"), payload(None, None, bd(7))),
                              (8000, N.format("NDEATH"), payload(None, None, bd(7))),
                              (9000, D.format("DDATA"), payload(8990, 4, *data("running")))]


@case
def device_death():
    death = D.format("DDEATH")
    return born() + [(10_000, D.format("DDATA"), payload(9000, 2, *data("idle"))),
                     (20_000, death, payload(19_500, 3)),
                     (21_000, death, payload(20_500, 4)),
                     (30_000, D.format("DBIRTH"), payload(29_900, 5, *birth())),
                     (40_000, death, payload(15_000, 6)),
                     (50_000, D.format("DBIRTH"), payload(49_900, 7, *birth())),
                     (60_000, death, payload(90_000, 8)),
                     (60_000, D.format("DBIRTH"), payload(59_900, 9, *birth("idle"))),
                     (70_000, death, payload(None, 10)),
                     (71_000, D.format("DDATA"), payload(70_900, 11, *data("running")))]


@case
def rebirth():
    again = [metric(GOOD, "int64", 20, 1), metric(STATE, "string", "setup", 2)]
    return born() + [(1000, N.format("NBIRTH"), payload(990, 40, bd(7))),
                     (1100, D.format("DDATA"), payload(1090, 41, *data("idle"))),
                     (1200, D.format("DBIRTH"), payload(1190, 42, *again)),
                     (1300, D.format("DDATA"), payload(1290, 43, metric(None, "int64", 21, 1, typed=False)))]


@case
def new_session_without_death():
    return born() + [(5000, N.format("NBIRTH"), payload(4990, 0, bd(8))),
                     (5000, D.format("DBIRTH"), payload(4995, 1, *birth("idle"))),
                     (6000, N.format("NDEATH"), payload(None, None, bd(7))),
                     (7000, D.format("DDATA"), payload(6990, 2, *data("running")))]


@case
def restart_while_nodes_go_on():
    return born() + ["restart", (5000, D.format("DDATA"), payload(4990, 90, *data(energy=102.0))), "restart",
                     (6000, D.format("DDEATH"), payload(5990, 91)), "restart",
                     (7000, D.format("DDATA"), payload(6990, 92, *data("idle"))),
                     (8000, N.format("NDEATH"), payload(None, None, bd(7)))]


@case
def data_before_birth():
    return [(10, D.format("DDATA"), payload(0, 5, *data("running"))),
            (20, N.format("NDATA"), payload(0, 6, metric("Uptime", "int64", 1))),
            (30, N.format("NBIRTH"), payload(20, 7, bd(1))),
            (40, D.format("DDATA"), payload(30, 8, *data("running"))),
            (50, D.format("DBIRTH"), payload(40, 9, *birth())),
            (60, D.format("DDATA"), payload(50, 10, *data("idle"))),
            (70, D.format("DDATA"), payload(60, 11, metric(None, "int64", 1, 99, typed=False), *data(good=11))),
            (80, "spBv1.0/F001/DBIRTH/W02/M9", payload(70, 1, *birth("idle")))]


@case
def historical_values():
    h = dict(typed=False, historical=True)
    return born() + [(900_000, D.format("DDATA"), payload(899_000, 2,
                     metric(None, "string", "fault", 1, at=300_000, **h), metric(None, "double", 110.0, 2, at=300_000, **h),
                     metric(None, "double", 115.0, 2, at=400_000, **h),
                     metric(None, "string", "idle", 1, at=898_000, typed=False))),
                     (901_000, D.format("DDATA"), payload(900_900, 3, metric(None, "double", 120.0, 2, at=500_000, **h))),
                     (902_000, D.format("DDATA"), payload(901_900, 4, *data(good=12)))]


@case
def quality_and_null():
    def one(alias, kind, value, quality=None):
        return metric(None, kind, value, alias, typed=False, quality=quality)
    return born() + [(1000, D.format("DDATA"), payload(990, 2, one(2, "double", 101.0, 192))),
                     (2000, D.format("DDATA"), payload(1990, 3, one(2, "double", 9.0, 0), one(3, "int64", 11, 192))),
                     (3000, D.format("DDATA"), payload(2990, 4, one(1, "string", "fault", 500))),
                     (4000, D.format("DDATA"), payload(3990, 5, one(2, "double", 102.0))),
                     (5000, D.format("DDATA"), payload(4990, 6, one(1, "string", "idle", 192))),
                     (6000, D.format("DDATA"), payload(5990, 7, one(1, "string", None))),
                     (7000, D.format("DDATA"), payload(6990, 8, one(3, "int64", 12))),
                     (8000, D.format("DDATA"), payload(7990, 9, one(3, "int64", None), one(1, "string", "running")))]


@case
def datasets_and_templates():
    rows = [metric("Recipe", "dataset", b"\x08\x01", 20), metric("Axis", "template", b"\x2a\x00", 21),
            metric("Image", "file", b"\x89PNG", 22)]
    return born(*birth(), *rows) + [
        (1000, D.format("DDATA"), payload(990, 2, metric(None, "dataset", b"\x08\x02", 20, typed=False), *data("idle"))),
        (2000, D.format("DDATA"), payload(1990, 3, metric(None, "template", b"\x2a\x00", 2, typed=False), *data(good=11)))]


@case
def conditions():
    def rows(run, alarm):
        return [metric("Run", "boolean", run, 1), metric("Alarm/Code", "int32", alarm, 2)]
    def d(**v):
        return [metric(None, k, v[n], a, typed=False) for n, a, k in (("run", 1, "boolean"), ("alarm", 2, "int32")) if n in v]
    return born(*rows(True, 0)) + [(1000, D.format("DDATA"), payload(990, 2, *d(alarm=17))),
                                   (2000, D.format("DDATA"), payload(1990, 3, *d(run=False))),
                                   (3000, D.format("DDATA"), payload(2990, 4, *d(alarm=0))),
                                   (4000, D.format("DDATA"), payload(3990, 5, *d(run=None))),
                                   (5000, D.format("DDATA"), payload(4990, 6, *d(alarm=0))),
                                   (6000, D.format("DDATA"), payload(5990, 7, *d(run=True)))]


def two_edges():
    out = []
    for place, edge in enumerate(("A", "B")):
        at = 1000 * place
        out += [(at + 10, f"spBv1.0/F001/NBIRTH/{edge}", payload(at, 0, bd(place))),
                (at + 20, f"spBv1.0/F001/DBIRTH/{edge}/M1", payload(at + 5, 1, *birth("running" if place == 0 else "idle")))]
    return out + [(3000, "spBv1.0/F001/DDATA/A/M1", payload(2990, 2, *data(good=11))),
                  (4000, "spBv1.0/F001/DDATA/B/M1", payload(3990, 2, *data("fault"))),
                  (5000, "spBv1.0/F001/NDEATH/B", payload(None, None, bd(1)))]


@case
def two_edges_with_one_device_name():
    return two_edges() + [(6000, "spBv1.0/F001/NDEATH/A", payload(None, None, bd(0))),
                          (7000, "spBv1.0/F001/NBIRTH/B", payload(6990, 0, bd(2))),
                          (7010, "spBv1.0/F001/DBIRTH/B/M1", payload(7000, 1, *birth("setup")))]


@case
def two_edges_with_a_pattern():
    return two_edges()


@case
def local_time_as_utc():
    eight = 8 * 3600 * 1000
    return [(10, N.format("NBIRTH"), payload(eight, 0, bd(7))),
            (20, D.format("DBIRTH"), payload(eight + 5, 1, *birth())),
            (1000, D.format("DDATA"), payload(eight + 990, 2, *data("idle"))),
            (2000, N.format("NDEATH"), payload(None, None, bd(7)))]


@case
def edge_as_equipment():
    return [(10, "spBv1.0/F001/NBIRTH/M1", payload(0, 0, bd(7), metric(STATE, "string", "running", 1))),
            (20, "spBv1.0/F001/DBIRTH/M1/meter", payload(5, 1, metric(ENERGY, "double", 100.0, 2))),
            (1000, "spBv1.0/F001/DDATA/M1/meter", payload(990, 2, metric(None, "double", 101.0, 2, typed=False))),
            (2000, "spBv1.0/F001/DDEATH/M1/meter", payload(1990, 3)),
            (3000, "spBv1.0/F001/NDATA/M1", payload(2990, 4, metric(None, "string", "idle", 1, typed=False))),
            (4000, "spBv1.0/F001/NDEATH/M1", payload(None, None, bd(7)))]


@case
def malformed():
    return born() + [(1000, D.format("DDATA"), payload(990, 2, *data("idle"))[:-3]),
                     (2000, D.format("DDATA"), b"\x0a\x01\x01"),
                     (3000, D.format("DBIRTH"), payload(2990, 3, *birth())[:-2]),
                     (4000, D.format("DDATA"), b'{"state":"idle"}'),
                     (5000, D.format("DDATA"), payload(4990, 4, *data("broken"))),
                     (6000, D.format("DDATA"), payload(5990, 5, *data(good=12))),
                     (7000, D.format("DDATA"), payload(6990, 6, *data("idle"))),
                     (8000, "spBv1.0/F001/DDATA/W01/M 1", payload(7990, 7, *data("idle"))),
                     (9000, "spBv1.0/F001/NCMD/W01", payload(8990, None))]


@case
def packml():
    def s(n):
        return metric("Status/StateCurrent", "int32", n, 1)
    return born(s(6)) + [(1000 * i, D.format("DDATA"), payload(1000 * i - 10, i + 1, metric(None, "int32", n, 1, typed=False)))
                         for i, n in enumerate((4, 11, 9, 16, 17, 2, 1, 0), 1)]


@case
def chinese_names():
    return born(metric("状态", "string", "运行", 1), metric("电能/累计", "float", 12.5, 2)) + [
        (1000, D.format("DDATA"), payload(990, 2, metric("状态", "string", "报警", typed=False))),
        (2000, D.format("DDATA"), payload(1990, 3, metric("状态", "string", " 待机 ", typed=False)))]


def main():
    root = pathlib.Path(__file__).resolve().parent / "sparkplug"
    for name, messages in CASES.items():
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in list(folder.glob("*.topic")) + list(folder.glob("*.payload")):
            old.unlink()
        for number, message in enumerate(messages, 1):
            if message == "restart":
                (folder / f"{number:02}.topic").write_text("restart\n")
                continue
            received, topic, content = message
            seconds, milliseconds = divmod(received, 1000)
            minutes, second = divmod(seconds, 60)
            hour, minute = divmod(minutes, 60)
            stamp = f"2026-11-22T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z"
            (folder / f"{number:02}.topic").write_text(f"{stamp} {topic}\n")
            (folder / f"{number:02}.payload").write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
