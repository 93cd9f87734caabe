"""A node of the package pysparkplug: python pysparkplug_node.py PORT EDGE DEVICE… [--hours-ahead N] [--deaf]

The library publishes births, will and death, and it writes every payload. Data has aliases only. It has no answer to a
rebirth request, so this program publishes the births again, with the session number of the first.
"""

import threading
import time

from console import arguments, obey, say

options = arguments(__doc__)

import pysparkplug as psp  # after the clock is set

GROUP = "F001"
REBIRTH = "Node Control/Rebirth"
SESSION = psp.Metric(timestamp=None, name="bdSeq", datatype=psp.DataType.INT64, value=0)
publishing = threading.Lock()
sequence = len(options.devices)


def now() -> int:
    return int(time.time() * 1000)


def aliased(device: str, number: int, name: str, datatype: psp.DataType, value: object) -> psp.Metric:
    alias = options.devices.index(device) * 10 + number
    return psp.Metric(timestamp=now(), name=name or None, datatype=datatype, value=value, alias=alias)


def metrics(device: str, state: str, good: int, named: bool) -> tuple[psp.Metric, ...]:
    return (
        aliased(device, 1, "Status/State" if named else "", psp.DataType.STRING, state),
        aliased(device, 2, "Production/GoodCount" if named else "", psp.DataType.INT64, good),
    )


def publish(kind: psp.MessageType, device: str | None, payload: object) -> None:
    topic = psp.Topic(message_type=kind, group_id=GROUP, edge_node_id=options.edge, device_id=device)
    client.publish(psp.Message(topic=topic, payload=payload, qos=psp.QoS.AT_MOST_ONCE, retain=False))


def numbered() -> int:
    global sequence
    sequence = (sequence + 1) % 256
    return sequence


latest = {device: ("running", 100) for device in options.devices}


def command(_: psp.EdgeNode, message: psp.Message) -> None:
    global sequence
    if not any(metric.name == REBIRTH and metric.value is True for metric in message.payload.metrics):
        return
    say("rebirth requested")
    if options.deaf:
        return
    with publishing:
        sequence = 0
        own = tuple(node.metrics.values())
        publish(psp.MessageType.NBIRTH, None, psp.NBirth(timestamp=now(), seq=0, metrics=(*own, SESSION)))
        for device, (state, good) in latest.items():
            birth = psp.DBirth(timestamp=now(), seq=numbered(), metrics=metrics(device, state, good, named=True))
            publish(psp.MessageType.DBIRTH, device, birth)
    say("born again")


def data(device: str, state: str, good: int, is_lost: bool) -> None:
    with publishing:
        latest[device] = (state, good)
        payload = psp.DData(timestamp=now(), seq=numbered(), metrics=metrics(device, state, good, named=False))
        if not is_lost:
            publish(psp.MessageType.DDATA, device, payload)


client = psp.Client(client_id=f"node-{options.edge}")
rebirth = psp.Metric(timestamp=now(), name=REBIRTH, datatype=psp.DataType.BOOLEAN, value=False)
node = psp.EdgeNode(GROUP, options.edge, metrics=(rebirth,), client=client, cmd_callback=command)
for device in options.devices:
    node.register(psp.Device(device, metrics(device, *latest[device], named=True)))
node.connect("127.0.0.1", port=options.port)
say("started")
obey(data, node.disconnect)
