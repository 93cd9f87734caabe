"""A headless Chromium, spoken to by the DevTools protocol over pipes of its own, so that no port is opened."""

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

# Virtual key codes of Windows, by which the protocol names keys, and the text that a key types.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r")}


class Browser:
    """A browser with a profile of its own; end() removes both. Of all hosts it reaches only 127.0.0.1."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="millwright-browser-")
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
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe",
            f"--user-data-dir={self.profile}",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        self.process = subprocess.Popen(
            arguments + ["about:blank"], preexec_fn=connect, pass_fds=(3, 4, to_browser, from_browser),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self.number = 0
        self.rest = b""
        # Events by session.
        self.events = {}

    def message(self):
        deadline = time.monotonic() + 120
        while b"\0" not in self.rest:
            if not select.select([self.messages], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser said nothing for 120 s")
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
            self.keep(message)

    def keep(self, message):
        self.events.setdefault(message.get("sessionId"), []).append(message)

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # Its children write into the profile for a moment longer.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for _ in range(100):
            shutil.rmtree(self.profile, ignore_errors=True)
            if not os.path.exists(self.profile):
                return
            time.sleep(0.05)


class Page:
    """A tab."""

    def __init__(self, browser):
        self.browser = browser
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(domain + ".enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        self.browser.events.pop(self.session, None)

    def go(self, url):
        """Loads a page. What the tab did before is forgotten."""
        self.forget()
        failure = self.call("Page.navigate", url=url).get("errorText")
        if failure:
            raise RuntimeError(f"{url}: {failure}")
        self.await_load()

    def forget(self):
        self.browser.events[self.session] = []

    def await_load(self):
        while not any(event["method"] == "Page.loadEventFired" for event in self.browser.events[self.session]):
            self.browser.keep(self.browser.message())

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def wait(self, expression, seconds):
        """The value of an expression as soon as it is true."""
        deadline = time.monotonic() + seconds
        while True:
            value = self.evaluate(expression)
            if value:
                return value
            if time.monotonic() > deadline:
                text = self.evaluate("document.body.innerText")
                raise TimeoutError(f"not true within {seconds} s: {expression}\n{text[:600]}")
            time.sleep(0.02)

    def press(self, key):
        code, text = KEYS[key]
        for kind in ["keyDown", "keyUp"]:
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                text=text if kind == "keyDown" else "")

    def size(self, width, height):
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, scheme, kind="screen"):
        self.call(
            "Emulation.setEmulatedMedia", media=kind, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def complaints(self, origin):
        """What the page logged, threw, or asked for at an address that does not begin with `origin`."""
        found = []
        for event in self.browser.events.get(self.session, []):
            method, parameters = event["method"], event.get("params", {})
            if method == "Runtime.consoleAPICalled":
                found.append("console: " + json.dumps(parameters["args"]))
            elif method == "Runtime.exceptionThrown":
                found.append("exception: " + parameters["exceptionDetails"]["text"])
            elif method == "Log.entryAdded":
                found.append("log: " + parameters["entry"]["text"])
            elif method == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if not url.startswith(origin):
                    found.append("request: " + url[:200])
        return found

    def picture(self, path):
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def paper(self, path):
        """Prints the page as PDF, on the paper that its style sheet asks for."""
        pdf = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        pathlib.Path(path).write_bytes(base64.b64decode(pdf["data"]))
