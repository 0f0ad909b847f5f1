"""A replica with the doors over HTTP, beside those of the deployment and on its database."""

import http.client
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import deployment
from ports import free_port

START_SECONDS = 60
ANSWER_SECONDS = 20


class Answer:
    """An answer of a door."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class HttpServer:
    """A running replica. End it by `stop`. With `is_issuer`, its own address is the issuer of its tokens; without it, the
    deployment's. `limits` are the options of its rate limits."""

    def __init__(self, *options, is_issuer=False, limits=tuple(deployment.NO_LIMITS)):
        here = deployment.current()
        port = free_port() if is_issuer else 0
        self.admin_port = free_port()
        if is_issuer:
            options += (f"--issuer=http://127.0.0.1:{port}",)
        self._folder = tempfile.TemporaryDirectory(prefix="identity-doors.")
        self._log = pathlib.Path(self._folder.name) / "log"
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [here.binary, "serve", "--database-url", here.environment["IDENTITY_DATABASE_URL"],
                 "--master-key-file", here.state / "master.key", "--listen-address", "127.0.0.1:0",
                 "--http-address", f"127.0.0.1:{port}", "--admin-address", f"127.0.0.1:{self.admin_port}",
                 "--drain-delay=0s", *limits,
                 *options], stdout=log, stderr=log)
        self.rpc_address = f"127.0.0.1:{self._port_in('serving')}"
        self.port = self._port_in("serving HTTP")
        self.url = f"http://127.0.0.1:{self.port}"

    def _port_in(self, message):
        """The port in the line of the log with this message."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            for line in self._log.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                if entry.get("event") == message:
                    return int(entry["port"])
            time.sleep(0.02)
        raise AssertionError(self._log.read_text(encoding="utf-8"))

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=60)
        self._folder.cleanup()

    def ask(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, body, dict(headers))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ask_with(self, method, path, headers):
        """The answer to a request without a body. `headers`: pairs, in which a name may stand twice."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.putrequest(method, path)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def metric(self, name):
        """The value of a metric with these labels, as in `identity_decisions_total{reason="granted"}`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics", timeout=ANSWER_SECONDS) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[1])
        raise AssertionError(f"there is no metric {name}")

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def post_form(self, path, form, headers=()):
        """Sends `form`, a dictionary or a list of pairs."""
        return self.ask("POST", path, urllib.parse.urlencode(form),
                        {"Content-Type": "application/x-www-form-urlencoded", **dict(headers)})
