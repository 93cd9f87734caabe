"""Other programs that keep MQTT messages, each in a process of its own: python3 peers.py NAME PORT FILE [CLIENT]

mq-bridge is a Rust engine: its route takes messages at QoS 1 from a session of the broker's, inserts them into
SQLite a batch at a time and acknowledges them then. mqtt-logger is a Python recorder at QoS 0: it acknowledges
nothing and inserts one by one. Both keep topic or payload as they came, and compute nothing.
"""

import signal
import sqlite3
import sys
import time


def bridge(port: int, path: str, client: str, raised: bool = False) -> None:
    import mq_bridge

    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, payload BLOB)")
    route = mq_bridge.Route.from_config({
        "input": {"mqtt": {
            "url": f"tcp://127.0.0.1:{port}", "topic": "factory/#", "client_id": client, "qos": 1,
            "clean_session": False, "session_expiry_interval": 86_400,
            **({"max_inflight": 65_535, "queue_capacity": 65_535} if raised else {})}},
        "output": {"sqlx": {
            "url": f"sqlite://{path}", "table": "message",
            "insert_query": "INSERT INTO message (payload) VALUES (?)"}},
        "startup_timeout_ms": 60_000,
        **({"batch_size": 1000} if raised else {}),
    })
    signal.signal(signal.SIGTERM, lambda *_: route.stop())
    with route:
        print("ready", flush=True)
        route.join()


def logger(port: int, path: str) -> None:
    from mqtt_logger import Recorder

    recorder = Recorder(sqlite_database_path=path, topics=["factory/#"], broker_address="127.0.0.1", port=port)
    ending: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    recorder.start()
    print("ready", flush=True)
    while not ending:
        time.sleep(0.05)
    recorder.stop()


if __name__ == "__main__":
    name, port, path, client = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    if name == "mqtt-logger":
        logger(port, path)
    else:
        bridge(port, path, client, raised=name == "mq-bridge-raised")
