"""A registration with its mail, a login and a check are one trace in a real collector of OpenTelemetry.

    traces_test.py --binary IDENTITYD --stubs DIR [UNITTEST ARGUMENTS…]

Needs Go 1.21 or later, which fetches a newer Go, and builds the collector from its modules. The built program stays in
~/.cache/identity-collector.
"""

import hashlib
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

import observability
from ports import free_port

sys.path.insert(0, str(observability.ROOT / "tests" / "k8s"))

COLLECTOR = pathlib.Path(__file__).with_name("collector")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"), "identity-collector")
SMTP_SERVER = observability.ROOT / "tests" / "support" / "python" / "smtp_server.py"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
USER = "quentin-xavier"
PASSWORD = "correct horse battery staple"
LOGIN = "identity.v1.IdentityService/Authenticate"
CHECK = "identity.v1.IdentityService/CheckPermission"
REGISTRATION = "identity.v1.AccountService/Register"


def collector():
    """The collector's program, built when it is not there yet."""
    key = hashlib.sha256(b"".join((COLLECTOR / name).read_bytes() for name in ("go.mod", "go.sum", "main.go")))
    program = CACHE / key.hexdigest()[:16]
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = program.with_suffix(f".{os.getpid()}")
        environment = {**os.environ, "GOTOOLCHAIN": "auto", "GOFLAGS": "", "CGO_ENABLED": "0"}
        subprocess.run(["nice", "-n", "19", "go", "build", "-trimpath", "-ldflags=-s -w", "-o", unfinished, "."],
                       cwd=COLLECTOR, env=environment, check=True)
        unfinished.rename(program)
    return program


class Sink(http.server.ThreadingHTTPServer):
    """What the collector passes the spans on to: OTLP over HTTP, as JSON."""

    class Handler(http.server.BaseHTTPRequestHandler):
        """Keeps what is posted."""

        def do_POST(self):  # pylint: disable=invalid-name
            """One request of OTLP."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.received.append(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):  # pylint: disable=arguments-differ
            """Logs nothing."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.received = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def spans(self):
        """All spans so far."""
        return [span for body in list(self.received) for resource in body["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]

    def services(self):
        """The names of the programs that recorded them."""
        return {attribute["value"]["stringValue"] for body in list(self.received)
                for resource in body["resourceSpans"] for attribute in resource["resource"]["attributes"]
                if attribute["key"] == "service.name"}


class TracesTest(unittest.TestCase):
    """A replica that sends its spans and its mail."""

    @classmethod
    def setUpClass(cls):
        import deployment  # pylint: disable=import-outside-toplevel
        import kubernetes  # pylint: disable=import-outside-toplevel
        kubernetes.require("go")
        scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="identity-traces.")))
        cls.sink = cls.enterClassContext(Sink())
        cls.addClassCleanup(cls.sink.shutdown)
        endpoint = cls._start_collector(scratch)
        mail_port = cls._start_mail_server(scratch)
        cls.enterClassContext(deployment.deploy(
            observability.ARGUMENTS.binary, f"--otlp-endpoint=http://{endpoint}", "--trace-ratio=0",
            f"--smtp-url=smtp://127.0.0.1:{mail_port}", "--smtp-allow-plaintext", "--mail-from=identity@example.com",
            replicas=1))

    @classmethod
    def _start_collector(cls, scratch):
        endpoint = f"127.0.0.1:{free_port()}"
        exporter = {"endpoint": f"http://127.0.0.1:{cls.sink.server_port}", "encoding": "json", "compression": "none"}
        configuration = {
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": endpoint}}}},
            "exporters": {"otlphttp": exporter},
            "service": {"telemetry": {"metrics": {"level": "none"}},
                        "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["otlphttp"]}}}}
        (scratch / "collector.yaml").write_text(json.dumps(configuration), encoding="utf-8")
        log = scratch / "collector.log"
        cls.enterClassContext(observability.running([collector(), f"--config={scratch}/collector.yaml"], log))
        observability.until(lambda: "Everything is ready" in log.read_text(encoding="utf-8"), "the collector serves")
        return endpoint

    @classmethod
    def _start_mail_server(cls, scratch):
        process = subprocess.Popen([sys.executable, "-B", SMTP_SERVER, scratch], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, encoding="utf-8")
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.kill)
        cls.addClassCleanup(process.stdout.close)
        return int(process.stdout.readline())

    def test_a_registration_a_login_and_a_check_are_one_trace(self):
        import client  # pylint: disable=import-outside-toplevel
        import deployment  # pylint: disable=import-outside-toplevel
        from identity.v1 import account_service_pb2  # pylint: disable=import-outside-toplevel
        traced = [("traceparent", f"00-{TRACE}-{CALLER}-01")]
        stranger = client.anonymous(self, metadata=traced)
        stranger.account.Register(account_service_pb2.RegisterRequest(
            username=USER, email=f"{USER}@example.com", password=PASSWORD))
        tokens = stranger.log_in(USER, PASSWORD)
        service = client.with_key(self, deployment.current().service_key, metadata=traced)
        service.check("profile:read", access_token=tokens.access_token)
        expected = {REGISTRATION, LOGIN, CHECK, "queue", "transaction", "hash", "view load", "mail"}
        observability.until(lambda: expected <= {span["name"] for span in self.sink.spans()},
                            lambda: f"spans named {sorted(expected)}, not only {self.sink.spans()}")
        spans = self.sink.spans()
        self.assertEqual({span["traceId"] for span in spans}, {TRACE})
        self.assertEqual(self.sink.services(), {"identityd"})
        names = {span["spanId"]: span["name"] for span in spans}
        parents = {(span["name"], names.get(span["parentSpanId"], span["parentSpanId"])) for span in spans}
        self.assertLessEqual({(LOGIN, CALLER), (CHECK, CALLER), (REGISTRATION, CALLER), ("hash", LOGIN), ("queue", LOGIN),
                              ("transaction", LOGIN), ("view load", CHECK), ("transaction", "view load")}, parents)
        # The mail belongs to the transaction that put it into the outbox.
        self.assertEqual({parent for name, parent in parents if name == "mail"}, {"transaction"})
        for secret in (USER, PASSWORD, tokens.access_token, tokens.refresh_token):
            self.assertNotIn(secret, json.dumps(self.sink.received))


if __name__ == "__main__":
    observability.main()
