"""A web server for tests: it answers by a plan and writes down what it gets.

Usage: receiver.py PORT PLAN LOG. PLAN has a line for each answer: a status, a space, and the body; the last line is used
for all further requests. A status of 0 closes the connection without an answer, one from 300 to 399 names the body as
Location. LOG gets a line of JSON for each request.
"""

import http.server
import json
import sys

PORT, PLAN, LOG = int(sys.argv[1]), sys.argv[2], sys.argv[3]
answered = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global answered
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(PLAN, encoding="utf-8") as file:
            plan = file.read().splitlines()
        status, _, text = plan[min(answered, len(plan) - 1)].partition(" ")
        answered += 1
        with open(LOG, "a", encoding="utf-8") as file:
            headers = {name.lower(): value for name, value in self.headers.items()}
            entry = {"method": self.command, "path": self.path, "headers": headers, "body": body.decode()}
            file.write(json.dumps(entry) + "\n")
        if status == "0":
            self.close_connection = True
            return
        self.send_response(int(status))
        payload = text.encode()
        if text.startswith("BYTES "):
            payload = b"x" * int(text[6:])
        if status.startswith("3"):
            self.send_header("Location", text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        try:
            self.wfile.write(payload)
        except OSError:
            pass

    do_GET = do_POST

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
