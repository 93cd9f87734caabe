"""Opens HTML files in a headless Chromium and prints as JSON what it finds.

browser.py CHROMIUM AXE PROFILE FILE...

The browser is spoken to over pipes of its own (--remote-debugging-pipe), so no port is opened; it is ended before
the script ends, however it ends.
"""

import base64
import json
import os
import pathlib
import select
import subprocess
import sys
import time

WIDTHS = [360, 768, 1440]
SCHEMES = ["light", "dark"]


class Browser:
    def __init__(self, program, profile):
        to_browser, self.commands = os.pipe()
        self.messages, from_browser = os.pipe()

        def connect():
            # Chromium reads commands from 3 and writes messages to 4.
            reads, writes = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        arguments = [
            program, "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe", f"--user-data-dir={profile}",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        self.process = subprocess.Popen(
            arguments + ["about:blank"], preexec_fn=connect, pass_fds=(3, 4, to_browser, from_browser),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.number = 0
        self.rest = b""
        self.events = []

    def message(self):
        deadline = time.monotonic() + 60
        while b"\0" not in self.rest:
            if not select.select([self.messages], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser said nothing for 60 s")
            part = os.read(self.messages, 1 << 20)
            if not part:
                raise EOFError("the browser ended")
            self.rest += part
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    def call(self, method, session=None, **parameters):
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait_for(self, event):
        while not any(message.get("method") == event for message in self.events):
            self.events.append(self.message())

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def evaluate(browser, session, expression):
    result = browser.call(
        "Runtime.evaluate", session, expression=expression, awaitPromise=True, returnByValue=True)
    if "exceptionDetails" in result:
        raise RuntimeError(json.dumps(result["exceptionDetails"]))
    return result["result"].get("value")


def complaints(events):
    """What the page logged, threw or asked for from elsewhere."""
    found = []
    for event in events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            found.append("console: " + json.dumps(parameters["args"]))
        elif method == "Runtime.exceptionThrown":
            found.append("exception: " + parameters["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            found.append("log: " + parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent" and not parameters["request"]["url"].startswith("file:"):
            found.append("request: " + parameters["request"]["url"][:200])
    return found


# Every box that reaches beyond the page and is not inside one that scrolls on its own.
OVERFLOW = "Math.max(0, document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth)"


def look(browser, path, axe):
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    browser.events.clear()
    for domain in ["Page", "Runtime", "Log", "Network"]:
        browser.call(domain + ".enable", session)
    browser.call("Page.navigate", session, url=pathlib.Path(path).resolve().as_uri())
    browser.wait_for("Page.loadEventFired")
    seen = {"title": evaluate(browser, session, "document.title"),
            "text": evaluate(browser, session, "document.body.innerText"), "overflow": {}, "violations": []}
    seen["complaints"] = complaints(browser.events)
    evaluate(browser, session, axe + "; 0")
    pictures = os.environ.get("SCREENSHOTS")
    for scheme in SCHEMES:
        browser.call("Emulation.setEmulatedMedia", session,
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
        for width in WIDTHS:
            browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=900,
                         deviceScaleFactor=1, mobile=False)
            seen["overflow"][f"{width} {scheme}"] = evaluate(browser, session, OVERFLOW)
            if pictures:
                shot = browser.call("Page.captureScreenshot", session, captureBeyondViewport=True)
                name = f"{pathlib.Path(path).stem}-{width}-{scheme}.png"
                (pathlib.Path(pictures) / name).write_bytes(base64.b64decode(shot["data"]))
            found = evaluate(browser, session, "axe.run(document).then(r => r.violations.map(v => "
                             "[v.id, v.impact, v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(', ')]))")
            seen["violations"] += [
                f"{impact} {rule} at {width} {scheme}: {where}" for rule, impact, where in found]
    browser.call("Target.closeTarget", targetId=target)
    return seen


def main():
    program, axe, profile, *files = sys.argv[1:]
    library = pathlib.Path(axe).read_text(encoding="utf-8")
    browser = Browser(program, profile)
    try:
        print(json.dumps([look(browser, file, library) for file in files]))
    finally:
        browser.end()


main()
