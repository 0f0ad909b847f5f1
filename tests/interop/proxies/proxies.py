"""Proxies in front of a small backend, which ask the doors of Identity about each request."""

import contextlib
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import documents
from ports import free_port

SECONDS = 30
IDENTITY_HEADERS = ("X-Identity-Principal-Id", "X-Identity-Principal-Type", "X-Identity-Username",
                    "X-Identity-Session-Id", "X-Identity-Scopes")


class Backend(http.server.ThreadingHTTPServer):
    """Answers each request with what it saw of it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Echo)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def stop(self):
        self.shutdown()
        self.server_close()


class _Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {}
        for name, value in self.headers.items():
            headers.setdefault(name.lower(), []).append(value)
        body = json.dumps({"method": self.command, "target": self.path, "headers": headers}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = _answer

    def log_message(self, *_):
        pass


class Proxy:
    """A running proxy. Subclasses write its configuration and say how it starts."""

    program = ""

    def __init__(self, backend_port, doors, gateway_key):
        self._folder = tempfile.TemporaryDirectory(prefix="identity-proxy.")
        self.folder = pathlib.Path(self._folder.name)
        self.port = free_port()
        self.log = self.folder / "log"
        command = self.configure(backend_port, doors, gateway_key)
        with self.log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder,
                                             env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder)})
        self._wait()

    @classmethod
    def path(cls):
        """The program, or None when it is not installed."""
        return shutil.which(cls.program, path="/usr/sbin:/usr/bin:/sbin:/bin")

    def configure(self, backend_port, doors, gateway_key):
        """Writes the configuration, and returns the command."""
        raise NotImplementedError

    def adapted(self, text, backend_port, doors, gateway_key):
        """The documented configuration with the ports of this test."""
        ports = {"8000": backend_port, "8080": doors.port, "8081": self.port, "50051": doors.rpc_address.split(":")[1]}
        text = re.sub(r"\b(8000|8080|8081|50051)\b", lambda match: str(ports[match[0]]), text)
        return text.replace("GATEWAY_KEY", gateway_key)

    def _wait(self):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def stop(self):
        self._process.terminate()
        self._process.wait(timeout=SECONDS)
        self._folder.cleanup()

    def ask(self, target, method="GET", host="shop.example", headers=()):
        """The status, the headers and the JSON of the answer. `target` is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, answer.headers, json.loads(body) if body and is_json else {}
        finally:
            connection.close()


def documented(language):
    """The configuration of docs/proxies.md in the block of this language; of several, the longest."""
    return max(documents.blocks("docs/proxies.md", language), key=len)


class Nginx(Proxy):
    program = "nginx"

    def configure(self, backend_port, doors, gateway_key):
        paths = " ".join(f"{name}_temp_path {self.folder}/{name};"
                         for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {self.folder}/pid; error_log stderr warn; events {{}}\n"
            f"http {{ access_log off; {paths}\n"
            f"{self.adapted(documented('nginx'), backend_port, doors, gateway_key)} }}\n", encoding="utf-8")
        return [self.path(), "-p", self.folder, "-c", self.folder / "nginx.conf"]


class Caddy(Proxy):
    program = "caddy"

    def configure(self, backend_port, doors, gateway_key):
        (self.folder / "Caddyfile").write_text(
            f"{{\n  admin off\n  auto_https off\n  http_port {self.port}\n  default_bind 127.0.0.1\n}}\n"
            f"{self.adapted(documented('caddyfile'), backend_port, doors, gateway_key)}", encoding="utf-8")
        return [self.path(), "run", "--config", self.folder / "Caddyfile", "--adapter", "caddyfile"]


class Envoy(Proxy):
    """Debian has no Envoy, so the environment names the program."""

    program = "envoy"

    @classmethod
    def path(cls):
        return os.environ.get("IDENTITY_ENVOY")

    def configure(self, backend_port, doors, gateway_key):
        (self.folder / "envoy.yaml").write_text(
            self.adapted(documented("yaml"), backend_port, doors, gateway_key), encoding="utf-8")
        return [self.path(), "-c", self.folder / "envoy.yaml", "--concurrency", "1", "--use-dynamic-base-id",
                "--log-level", "warning"]
