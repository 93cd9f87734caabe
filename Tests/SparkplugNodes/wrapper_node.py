"""A node of the package mqtt-spb-wrapper: python wrapper_node.py PORT EDGE DEVICE… [--hours-ahead N] [--deaf]

The library publishes births, data, wills and deaths. The node and each of its devices have a connection of their own.
The library has no answer of its own to a rebirth request: it takes the result of a call for one, and the request ends the
thread of its connection. Users have to set a function, and this program does: it has the births published again.
"""

import threading

from console import arguments, obey, say

options = arguments(__doc__)

from mqtt_spb_wrapper import MqttSpbEntityDevice, MqttSpbEntityEdgeNode  # after the clock is set

GROUP = "F001"
publishing = threading.Lock()
node = MqttSpbEntityEdgeNode(GROUP, options.edge)
node.attributes.set_value("vendor", "x")
devices = {name: MqttSpbEntityDevice(GROUP, options.edge, name) for name in options.devices}


def publish_births() -> None:
    with publishing:
        node.publish_birth()
        # The broker may read the connections of devices before that of the node, and a device that is born before its
        # node has the host ask for births. The answer to a message behind the node's birth shows that the broker has it.
        node._mqtt.publish("order/of/births", qos=1).wait_for_publish(30)
        for device in devices.values():
            device.publish_birth()


def rebirth(is_requested: bool) -> None:
    if is_requested:
        say("rebirth requested")
        if options.deaf:
            return
        publish_births()
        say("born again")


def data(name: str, state: str, good: int, is_lost: bool) -> None:
    with publishing:
        device = devices[name]
        device.data.set_value("Status/State", state)
        device.data.set_value("Production/GoodCount", good)
        if is_lost:
            device.serialize_payload_data()
        else:
            device.publish_data()


def leave() -> None:
    for device in devices.values():
        device.disconnect()
    node.disconnect()


node.commands.set_callback("Node Control/Rebirth", rebirth)
for place, device in enumerate(devices.values()):
    device.data.set_value("Status/State", "running", spb_alias_num=place * 10 + 1)
    device.data.set_value("Production/GoodCount", 100, spb_alias_num=place * 10 + 2)
for entity in [node, *devices.values()]:
    if not entity.connect("127.0.0.1", options.port):
        raise SystemExit("no connection")
publish_births()
say("started")
obey(data, leave)
