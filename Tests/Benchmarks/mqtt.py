"""Just enough MQTT for load: a publisher at QoS 1, and a peer that floods one subscriber and times every PUBACK."""

import array
import select
import socket
import struct
import time
from collections.abc import Iterable

from results import Wrong

Message = tuple[bytes, bytes]


def varint(number: int) -> bytes:
    out = bytearray()
    while True:
        low, number = number & 127, number >> 7
        out.append(low | (128 if number else 0))
        if not number:
            return bytes(out)


def text(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def publish_packet(message: Message, packet_id: int, version: int) -> bytes:
    topic, payload = message
    body = text(topic) + struct.pack(">H", packet_id) + (b"\0" if version == 5 else b"") + payload
    return b"\x32" + varint(len(body)) + body


def publish(port: int, messages: Iterable[Message], in_flight: int = 20_000) -> int:
    """Publishes at QoS 1 and returns how many messages there were, once the broker has acknowledged them all."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        body = text(b"MQTT") + b"\4\2\0\0" + text(b"bench-publisher")
        connection.sendall(b"\x10" + varint(len(body)) + body)
        if connection.recv(4, socket.MSG_WAITALL) != b"\x20\x02\0\0":
            raise Wrong("the broker refused the publisher")
        sent = acknowledged = 0
        chunk = bytearray()
        for message in messages:
            chunk += publish_packet(message, sent % 65_535 + 1, 4)
            sent += 1
            if len(chunk) < 1 << 17:
                continue
            connection.sendall(chunk)
            chunk.clear()
            while sent - acknowledged // 4 > in_flight:
                acknowledged += received(connection)
        connection.sendall(chunk)
        while acknowledged // 4 < sent:
            acknowledged += received(connection)
        connection.sendall(b"\xe0\0")
        return sent


def received(connection: socket.socket) -> int:
    count = len(connection.recv(1 << 20))
    if count == 0:
        raise Wrong("the broker closed the publisher's connection")
    return count


class FloodPeer:
    """Takes one subscriber at a time, as a broker would, and sends it what it is told to."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connection: socket.socket | None = None
        self.version = 4
        self.receive_maximum = 65_535
        self.next_id = 0

    def close(self) -> None:
        self.hang_up()
        self.listener.close()

    def hang_up(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    # Answering a subscriber

    def accept(self, seconds: float = 30) -> None:
        """Waits for a subscriber and answers it up to its first SUBSCRIBE."""
        self.hang_up()
        deadline = time.monotonic() + seconds
        while True:
            self.listener.settimeout(max(0.01, deadline - time.monotonic()))
            connection, _ = self.listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(seconds)
            self.connection = connection
            try:
                kind, body = self.packet()
                # One that only looked whether somebody listens.
                if kind >> 4 != 1:
                    raise Wrong("the subscriber does not begin with CONNECT")
            except EOFError:
                continue
            break
        self.read_connect(body)
        connection.sendall(b"\x20\x03\0\0\0" if self.version == 5 else b"\x20\x02\0\0")
        self.answer_until_subscribed()
        self.next_id = 0

    def packet(self) -> tuple[int, bytes]:
        assert self.connection
        first = self.exactly(1)[0]
        length = shift = 0
        while True:
            byte = self.exactly(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return first, self.exactly(length)

    def exactly(self, count: int) -> bytes:
        assert self.connection
        data = self.connection.recv(count, socket.MSG_WAITALL) if count else b""
        if len(data) != count:
            raise EOFError
        return data

    def read_connect(self, body: bytes) -> None:
        self.version = body[6]
        self.receive_maximum = 65_535
        if self.version == 5:
            length, at = body[10], 11
            properties = body[at : at + length]
            # 0x11 session expiry, four bytes; 0x21 receive maximum, two.
            place = 0
            while place < len(properties):
                if properties[place] == 0x21:
                    self.receive_maximum = int.from_bytes(properties[place + 1 : place + 3], "big")
                place += {0x11: 5, 0x21: 3}.get(properties[place], len(properties))

    def answer_until_subscribed(self) -> None:
        while True:
            kind, body = self.packet()
            if self.answer(kind, body):
                return

    def answer(self, kind: int, body: bytes) -> bool:
        """Answers what is no PUBACK; whether it was a SUBSCRIBE."""
        assert self.connection
        if kind >> 4 == 12:
            self.connection.sendall(b"\xd0\0")
        elif kind >> 4 == 8:
            at = 2 + (1 + body[2] if self.version == 5 else 0)
            grants = bytearray()
            while at < len(body):
                at += 2 + int.from_bytes(body[at : at + 2], "big")
                grants.append(body[at] & 3)
                at += 1
            answer = body[:2] + (b"\0" if self.version == 5 else b"") + bytes(grants)
            self.connection.sendall(b"\x90" + varint(len(answer)) + answer)
            return True
        elif kind >> 4 == 14:
            raise EOFError
        elif kind >> 4 == 3 and kind >> 1 & 3 == 1:
            # The collector's probe, which is not sent back.
            at = 2 + int.from_bytes(body[:2], "big")
            self.connection.sendall(b"\x40\x02" + body[at : at + 2])
        elif kind >> 4 != 4:
            raise Wrong(f"the subscriber sent a packet of kind {kind >> 4}")
        return False

    # Sending

    def encoded(self, messages: Iterable[Message]) -> list[tuple[bytes, int]]:
        """Packets for the subscriber there is, in chunks of about 64 KiB, with how many are in each."""
        chunks: list[tuple[bytes, int]] = []
        chunk, count = bytearray(), 0
        for message in messages:
            chunk += publish_packet(message, self.next_id % 65_535 + 1, self.version)
            self.next_id += 1
            count += 1
            if len(chunk) >= 1 << 16:
                chunks.append((bytes(chunk), count))
                chunk, count = bytearray(), 0
        if count:
            chunks.append((bytes(chunk), count))
        return chunks

    def flood(self, chunks: list[tuple[bytes, int]], first_id: int, seconds: float = 120) -> "Flood":
        """Sends as fast as the subscriber takes it and waits for every PUBACK, each in its turn.

        No more are in flight than the subscriber allows, and no packet identifier twice.
        """
        assert self.connection
        connection = self.connection
        connection.setblocking(False)
        total = sum(count for _, count in chunks)
        window = min(self.receive_maximum, 60_000)
        flood = Flood(total)
        deadline = time.monotonic() + seconds
        acknowledged = sent = place = offset = 0
        pending = bytearray()
        poller = select.poll()
        poller.register(connection, select.POLLIN | select.POLLOUT)
        wanted = select.POLLIN | select.POLLOUT
        flood.began = time.perf_counter()
        while acknowledged < total:
            if time.monotonic() > deadline:
                raise Wrong(f"{total - acknowledged} of {total} messages were never acknowledged")
            may_send = place < len(chunks) and sent - acknowledged + chunks[place][1] <= window
            interest = select.POLLIN | (select.POLLOUT if may_send or offset else 0)
            if interest != wanted:
                poller.modify(connection, interest)
                wanted = interest
            for _, events in poller.poll(1000):
                if events & select.POLLOUT and (may_send or offset):
                    data, count = chunks[place]
                    offset += connection.send(memoryview(data)[offset:])
                    if offset == len(data):
                        sent, place, offset = sent + count, place + 1, 0
                        flood.sent.append((time.perf_counter(), sent))
                if events & (select.POLLIN | select.POLLHUP):
                    data = connection.recv(1 << 18)
                    if not data:
                        raise Wrong("the subscriber hung up")
                    pending += data
                    count = self.take_acknowledgements(pending, first_id + acknowledged)
                    if count:
                        acknowledged += count
                        flood.acknowledged.append((time.perf_counter(), acknowledged))
        connection.settimeout(30)
        return flood

    def take_acknowledgements(self, pending: bytearray, number: int) -> int:
        """Takes whole packets from what was received; PUBACKs must be those that follow message `number`."""
        taken = 0
        while len(pending) >= 4 and pending[0] == 0x40 and pending[1] == 2:
            count = len(pending) // 4
            expected = acknowledgements(number + taken, count)
            matching = count if pending[: 4 * count] == expected else 1
            if matching == 1 and bytes(pending[:4]) != expected[:4]:
                raise Wrong(f"PUBACK {pending[:4].hex()} where {expected[:4].hex()} is due")
            del pending[: 4 * matching]
            taken += matching
        if len(pending) >= 2 and pending[0] != 0x40:
            length = 2 + pending[1]
            if len(pending) >= length:
                self.answer(pending[0], bytes(pending[2:length]))
                del pending[:length]
        return taken


def acknowledgements(number: int, count: int) -> bytes:
    """The PUBACKs of messages from `number` on."""
    out = array.array("I", [0x4002_0000 | ((number + place) % 65_535 + 1) for place in range(count)])
    out.byteswap()
    return out.tobytes()


class Flood:
    """When messages were sent and acknowledged."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.began = 0.0
        # (time, how many by then)
        self.sent: list[tuple[float, int]] = []
        self.acknowledged: list[tuple[float, int]] = []

    @property
    def rate(self) -> float:
        """Messages a second, from the first byte sent to the last PUBACK."""
        return self.total / (self.acknowledged[-1][0] - self.began)

    def latencies(self) -> list[float]:
        """Seconds from when a message had left to its PUBACK, in order."""
        out: list[float] = []
        place = 0
        for at, count in self.acknowledged:
            while len(out) < count:
                while self.sent[place][1] <= len(out):
                    place += 1
                upto = min(count, self.sent[place][1])
                out.extend([at - self.sent[place][0]] * (upto - len(out)))
        return out
