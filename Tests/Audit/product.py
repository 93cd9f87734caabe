"""Puts a scenario through the product: its messages through a real shard into a real store by audit-feed, the rest
through the executable, whose clock is the scenario's by libfaketime."""

import base64
import csv
import io
import json
import os
import shutil
import subprocess
import tempfile

import policies
from spans import rfc3339

ROWS = ["equipment_id", "factory_id", "workshop", "line", "name", "category", "automation", "intelligent", "digital",
        "connectable", "report_interval_s", "commissioned_on", "decommissioned_on", "retrofitted_on", "serial",
        "energy_meter", "energy_rollover", "gateway", "cnc", "process", "key_process", "ideal_cycle_s", "asset_value",
        "meter_kind", "counts_output"]
FACTORIES = ["factory_id", "name_zh", "name_en", "industry"]
CALENDAR = ["factory_id", "workshop", "line", "kind", "from", "to", "weekdays", "start", "end", "note"]


class Failure(Exception):
    """The product said no, or ended as it should not."""


def build_folder():
    return os.environ.get("AUDIT_EXECUTABLES") or os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..", "..", ".build", "release")


class Product:
    def __init__(self, scenario):
        self.scenario = scenario
        memory = "/dev/shm"
        self.folder = tempfile.mkdtemp(prefix="audit-", dir=memory if os.path.isdir(memory) else None)
        self._write("millwright.yaml", "district: { id: park, name_zh: 园区, name_en: Park, timezone: Asia/Shanghai }\n"
                    "store: sqlite:store\n")
        try:
            self._feed()
            self._declare()
            if os.environ.get("AUDIT_REBUILD"):
                scenario = dict(scenario, rebuild="rebuild")
            if scenario.get("rebuild"):
                self._rebuild(scenario["rebuild"])
        except BaseException:
            self.close()
            raise

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def _table(self, name, columns, rows):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([row.get(column, "") for column in columns])
        self._write(name, text.getvalue())

    def _run(self, arguments, text=None, at=None):
        command = arguments
        if at is not None:
            day, clock = rfc3339(at)[:-6].split("T")
            command = ["faketime", "-f", "%s %s" % (day, clock)] + arguments
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "Asia/Shanghai", "HOME": self.folder}
        # faketime names a semaphore by its process id; one that was killed under the same id has left its own.
        for _ in range(20):
            done = subprocess.run(
                command, input=text, cwd=self.folder, env=environment, capture_output=True, timeout=120)
            if b"faketime: sem_open" not in done.stderr:
                break
        if done.returncode != 0:
            raise Failure("%s: exit %d\n%s" % (" ".join(arguments), done.returncode, done.stderr.decode()[-2000:]))
        return done.stdout

    def _feed(self):
        lines = []
        for happening in self.scenario["story"]:
            one = dict(happening)
            if "messages" in one:
                one["messages"] = [
                    {"at": m["at"], "topic": m["topic"], "retained": m["retained"],
                     "payload": base64.b64encode(bytes.fromhex(m["payload"][4:]) if m["payload"].startswith("hex:")
                                                 else m["payload"].encode()).decode()}
                    for m in one["messages"]]
            lines.append(json.dumps(one))
        self._run([os.path.join(build_folder(), "audit-feed"), os.path.join(self.folder, "store")],
                  "".join(line + "\n" for line in lines).encode())

    def _rebuild(self, how):
        """The views made anew from the journal, or held against it, by a clock beyond the story."""
        arguments = [os.path.join(build_folder(), "millwright"), "rebuild"]
        self._run(arguments + (["--verify"] if how == "verify" else []) + ["--config", "millwright.yaml"],
                  at=self.scenario["reports"][0]["now"] if self.scenario["reports"] else None)

    def _declare(self):
        self._table("factories.csv", FACTORIES, [
            {"factory_id": f["id"], "name_zh": f["id"], "name_en": f["id"], "industry": f.get("industry", "")}
            for f in self.scenario["factories"]])
        orders = [("register", one) for one in self.scenario["imports"]]
        orders += [("calendar", one) for one in self.scenario["calendars"]]
        is_first = True
        for kind, one in sorted(orders, key=lambda o: o[1]["at"]):
            if kind == "register":
                self._table("equipment.csv", ROWS, one["rows"])
                arguments = ["register", "import", "equipment.csv", "--effective", one["effective"], "--yes"]
                if is_first:
                    arguments += ["--factories", "factories.csv"]
                if one.get("retire_missing"):
                    arguments.append("--retire-missing")
                is_first = False
            else:
                self._table("calendar.csv", CALENDAR, one["rows"])
                arguments = ["calendar", "import", "calendar.csv"]
            self._run([os.path.join(build_folder(), "millwright")] + arguments + ["--config", "millwright.yaml"],
                      at=one["at"])

    def report(self, request):
        arguments = [os.path.join(build_folder(), "millwright"), "report"] + request["scope"].split(" ")
        if request.get("from"):
            arguments += ["--from", request["from"], "--to", request["to"]]
        elif request.get("as_of") is not None:
            as_of = request["as_of"]
            arguments += ["--as-of", as_of if isinstance(as_of, str) else rfc3339(as_of)]
        if request.get("known_at"):
            arguments += ["--known-at", rfc3339(request["known_at"])]
        for policy in policies.shipped() if request.get("policies") else []:
            arguments += ["--policy", os.path.join(policies.FOLDER, policy + ".yaml")]
        arguments += ["--format", "json", "--config", "millwright.yaml"]
        return json.loads(self._run(arguments, at=request["now"]))
