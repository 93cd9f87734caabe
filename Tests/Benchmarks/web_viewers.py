"""Viewers of the live page: python3 web_viewers.py PORT COUNT

One process holds so many connections with events and throws away what it reads. It prints `ready` when every viewer has
the head of its answer, and at SIGTERM, as JSON, the bytes that it read, the fewest of one viewer, and how many viewers
were cut off.
"""

import json
import os
import selectors
import signal
import socket
import sys
import time

REQUEST = b"GET /events?lang=en HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"


def main(port: int, count: int) -> None:
    # As if on another machine: the processor goes first to those who are measured.
    os.nice(19)
    ending: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    selector = selectors.DefaultSelector()
    heads: dict[socket.socket, bytes] = {}
    received: dict[socket.socket, int] = {}
    for _ in range(count):
        viewer = socket.create_connection(("127.0.0.1", port), timeout=30)
        viewer.sendall(REQUEST)
        viewer.setblocking(False)
        selector.register(viewer, selectors.EVENT_READ)
        heads[viewer], received[viewer] = b"", 0
    lost = 0
    waiting = count
    deadline = time.monotonic() + 60
    while not ending:
        if waiting and time.monotonic() > deadline:
            sys.exit(f"{waiting} viewers have no answer")
        for key, _ in selector.select(0.5):
            viewer = key.fileobj
            assert isinstance(viewer, socket.socket)
            try:
                data = viewer.recv(1 << 18)
            except OSError:
                data = b""
            if not data:
                selector.unregister(viewer)
                viewer.close()
                lost += 1
                continue
            received[viewer] += len(data)
            if viewer in heads:
                heads[viewer] += data
                if b"\r\n\r\n" in heads[viewer]:
                    if not heads.pop(viewer).startswith(b"HTTP/1.1 200 "):
                        sys.exit("a viewer is refused")
                    waiting -= 1
                    if not waiting:
                        print("ready", flush=True)
    print(json.dumps({"bytes": sum(received.values()), "least": min(received.values()), "lost": lost}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
