"""The servers that drivers meet: identityd, one that refuses all calls, and one that publishes keys."""

import collections
import concurrent.futures
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from identity.v1 import identity_service_pb2

import deployment
from ports import free_port
import run

SECONDS = 60


class Identityd:
    """A replica on the database of the deployment, on the same ports after each start."""

    def __init__(self):
        self.port, self._http_port, self._admin_port = (free_port() for _ in range(3))
        self.address = f"127.0.0.1:{self.port}"
        self.jwks = f"http://127.0.0.1:{self._http_port}/.well-known/jwks.json"
        self._process = None
        self._is_paused = False
        self._log = tempfile.NamedTemporaryFile(prefix="identity-conformance.", suffix=".log")

    def start(self):
        """Starts it unless it runs, and waits until it is ready."""
        if self._is_paused:
            self.resume()
        if self._process is None:
            here = deployment.current()
            self._process = subprocess.Popen(
                [here.binary, "serve", "--database-url", here.environment["IDENTITY_DATABASE_URL"], "--master-key-file",
                 here.state / "master.key", "--listen-address", self.address, "--http-address",
                 f"127.0.0.1:{self._http_port}", "--admin-address", f"127.0.0.1:{self._admin_port}", "--drain-delay=0s",
                 *deployment.NO_LIMITS, *run.OTHER_ALGORITHMS], stdout=self._log, stderr=self._log)
        end = time.monotonic() + SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError(pathlib.Path(self._log.name).read_text(encoding="utf-8"))
            time.sleep(0.02)

    def _is_ready(self):
        try:
            return bool(self._page("readyz"))
        except OSError:
            return False

    def _page(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self._admin_port}/{name}", timeout=SECONDS) as answer:
            return answer.read().decode()

    def answered(self):
        """How many calls of each method it has answered since its start. None, if it does not run."""
        counts = collections.Counter()
        page = self._page("metrics") if self._process else ""
        for method, count in re.findall(r'^identity_rpc_total{method="[^"/]*/(\w+)",.*} (\d+)$', page, re.M):
            counts[method] += int(count)
        return counts

    def kill(self):
        """Ends it at once, as a crash does."""
        self._end(signal.SIGKILL)

    def stop(self):
        """Ends it as a rolling update does: calls that run may finish."""
        self._end(signal.SIGTERM)

    def _end(self, signal_number):
        if self._process:
            self._process.send_signal(signal_number)
            self._process.wait(timeout=SECONDS)
            self._process = None

    def pause(self):
        """Lets it hang: it keeps its connections and answers nothing."""
        os.kill(self._process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)  # its threads stop one after the other
        self._is_paused = True

    def resume(self):
        os.kill(self._process.pid, signal.SIGCONT)
        self._is_paused = False


class Refuser(grpc.GenericRpcHandler):
    """A server that answers every call with the same error, and counts the calls. It grants logins by password, if it
    must refuse only their refresh."""

    def __init__(self):
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(8), handlers=[self])
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        self.refuse("UNAVAILABLE")

    def refuse(self, code, reason="", retry_seconds=None, grant_logins=False):
        """From now on this is the error; OK: an empty answer. Forgets the calls so far."""
        self._calls = collections.Counter()
        self._grants_logins = grant_logins
        self._code = grpc.StatusCode[code]
        status = status_pb2.Status(code=self._code.value[0])
        if reason:
            status.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason, domain="identity.v1"))
        if retry_seconds is not None:
            delay = Duration()
            delay.FromMilliseconds(int(retry_seconds * 1000))
            status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
        self._trailer = (("grpc-status-details-bin", status.SerializeToString()),) if status.details else ()

    def calls(self):
        """How many calls of each method have come."""
        return dict(self._calls)

    def stop(self):
        self._server.stop(None).wait()

    def service(self, handler_call_details):
        method = handler_call_details.method.rpartition("/")[2]
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._answer(method, context))

    def _answer(self, method, context):
        if method == "Authenticate" and self._grants_logins:
            answer = identity_service_pb2.AuthenticateResponse()
            answer.tokens.access_token = "an-access-token"
            answer.tokens.refresh_token = "a-refresh-token"
            answer.tokens.expires_in.FromSeconds(900)
            return answer.SerializeToString()
        self._calls[method] += 1
        if self._code is grpc.StatusCode.OK:
            return b""
        context.set_trailing_metadata(self._trailer)
        context.abort(self._code, "refused")


class KeyServer:
    """Publishes public keys by HTTP, and counts how often they are fetched."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.fetches += 1
                self.send_response(301 if outer._moves and not self.path.endswith("/moved") else 200)
                self.send_header("Location", f"{self.path}/moved")
                self.send_header("Content-Type", "application/jwk-set+json")
                self.send_header("Content-Length", str(len(outer._body)))
                if outer._cache_control:
                    self.send_header("Cache-Control", outer._cache_control)
                self.end_headers()
                self.wfile.write(outer._body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.publish([])

    def url(self, path):
        """The address of the keys; the path makes it another one for drivers, which keep a verifier for each."""
        return f"http://127.0.0.1:{self._server.server_port}/{path}"

    def publish(self, keys, cache_control=None, moves=False, padding=0):
        """Replaces the keys, and forgets the fetches so far. `moves`: a redirect leads to them. `padding`: so many more
        bytes."""
        self.fetches = 0
        self._cache_control = cache_control
        self._moves = moves
        self._body = json.dumps({"keys": keys}).encode() + b" " * padding

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
