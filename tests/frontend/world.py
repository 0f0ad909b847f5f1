"""What the tests run against: a deployment of Identity, a mail server, and the frontend."""

import base64
import contextlib
import http.client
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid

from passlib.hash import argon2

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "client"), str(ROOT / "client" / "python"), str(ROOT / "tests" / "interop")]

import authority  # pylint: disable=wrong-import-position
import deployment  # pylint: disable=wrong-import-position
from frontend.cookies import Seals  # pylint: disable=wrong-import-position
from identity import Client  # pylint: disable=wrong-import-position
from identity.v1 import admin_service_pb2 as admin  # pylint: disable=wrong-import-position
from identity.v1 import identity_service_pb2 as identity  # pylint: disable=wrong-import-position
from ports import free_port  # pylint: disable=wrong-import-position

SECONDS = 30
MODULES = os.pathsep.join([str(ROOT / "client"), str(ROOT / "client" / "python"), os.environ.get("PYTHONPATH", "")])
PASSWORD = "correct horse battery staple é"
PASSWORD_HASH = argon2.using(type="ID", memory_cost=19456, rounds=2, parallelism=1).hash(PASSWORD)

_current = None


def current():
    return _current


def wait_for(condition, what):
    """The first true value of the condition."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"there is no {what} after {SECONDS} s")


class Mailbox:
    """A running mail server, and the mails that it got."""

    def __init__(self, folder):
        self._folder = folder
        folder.mkdir()
        script = ROOT / "tests" / "support" / "python" / "smtp_server.py"
        self._process = subprocess.Popen(["/usr/bin/python3", script, folder], stdout=subprocess.PIPE, encoding="utf-8")
        self.url = f"smtp://127.0.0.1:{int(self._process.stdout.readline())}"

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def link_to(self, address, page):
        """The newest link to this page in a mail to the address."""
        def find():
            for mail in sorted(self._folder.glob("*.eml"), reverse=True):
                text = mail.read_text(encoding="utf-8").replace("=\n", "").replace("=3D", "=")
                link = re.search(rf"http\S*/links/{page}\?token=\S+", text)
                if f"X-Envelope-To: {address}" in text and link:
                    return link.group()
            return None
        return wait_for(find, f"mail to {address}")


class Frontend:
    """A running frontend. `environment` has further settings. End it by `stop`."""

    def __init__(self, folder, address, api_key, port, **environment):
        folder.mkdir()
        self.port = port
        self.origin = f"http://localhost:{port}"
        (folder / "api.key").write_text(api_key, encoding="utf-8")
        key = secrets.token_bytes(32)
        (folder / "cookie.key").write_bytes(base64.b64encode(key))
        self.seals = Seals((key,))
        settings = {"API_KEY_FILE": folder / "api.key", "COOKIE_KEY_FILE": folder / "cookie.key", "ORIGIN": self.origin,
                    "LISTEN": f"127.0.0.1:{port}", "PLAINTEXT": "true", **environment}
        self.environment = {"IDENTITY_ADDRESS": address,
                            **{f"IDENTITY_FRONTEND_{name}": str(value) for name, value in settings.items()}}
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["/usr/bin/python3", "-m", "frontend"], stdout=log, stderr=log,
                env={**os.environ, "PYTHONPATH": MODULES, **self.environment})
        wait_for(self._answers, f"frontend: {self.log}")

    @property
    def log(self):
        return self._log.read_text(encoding="utf-8")

    def _answers(self):
        if self._process.poll() is not None:
            raise AssertionError(self.log)
        with contextlib.suppress(OSError):
            return Visitor(self).get("/livez").status == 200

    def stop(self):
        """Nothing that visitors did may have been a fault."""
        self._process.terminate()
        self._process.wait(timeout=SECONDS)
        if "Traceback" in self.log:
            raise AssertionError(self.log)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()
        self.cookies = response.headers.get_all("set-cookie") or []


class Visitor:
    """A browser without a screen: it keeps cookies and fills in forms. Follows redirects only on request."""

    def __init__(self, frontend, **headers):
        self.frontend = frontend
        self.cookies = {}
        self.headers = headers

    def ask(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.frontend.port, timeout=SECONDS)
        sent = {"Host": f"localhost:{self.frontend.port}", **self.headers, **dict(headers)}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        for line in answer.cookies:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            if "Max-Age=0" in line:
                del self.cookies[name]
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def follow(self, answer):
        """The page to which redirects lead."""
        while answer.status in (302, 303, 307):
            answer = self.get(answer.headers["location"])
        return answer

    def form_token(self, path="/login"):
        return re.search(r'name="form_token" value="([^"]+)"', self.get(path).text).group(1)

    def post(self, path, form=(), page=None, **headers):
        """Sends a form with the token of the page `page`, or of the path itself."""
        form = {"form_token": self.form_token(page or path), **dict(form)}
        return self.post_raw(path, form, **headers)

    def post_raw(self, path, form, **headers):
        """Sends exactly this form."""
        own = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.frontend.origin}
        return self.ask("POST", path, urllib.parse.urlencode(form), {**own, **headers})

    def log_in(self, login, password=PASSWORD, **form):
        return self.post("/login", {"login": login, "password": password, **form})


class Caller:
    """Calls Identity, each time on a connection of its own. The server ends old connections. A login or a change that
    meets the end fails, since it must not be repeated."""

    def __init__(self, address, credential=None):
        self._address = address
        self._credential = credential

    def with_credential(self, credential):
        return Caller(self._address, credential)

    def call(self, request):
        with Client(self._address, self._credential, plaintext=True, timeout=SECONDS) as client:
            return client.call(request)


class World:
    """The deployment, with a service account for the frontend."""

    def __init__(self, folder, mailbox, port, ca):
        self.folder = folder
        self.authority = ca
        self.mailbox = mailbox
        self.here = deployment.current()
        self.admin_login, self.admin_password = self.here.admin_login, self.here.admin_password
        self.client = Caller(self.here.addresses[0])
        self.admin = self.client.with_credential(self.log_in(self.admin_login, self.admin_password).access_token)
        self.api_key = self._make_key()
        self.frontend = self.start_frontend(port)

    def start_frontend(self, port=None, address=None, **environment):
        return Frontend(self.folder / f"frontend-{uuid.uuid4().hex}", address or self.here.addresses[0], self.api_key,
                        port or free_port(), **environment)

    def _make_key(self):
        name = f"frontend-{uuid.uuid4().hex[:12]}"
        account = self.admin.call(admin.CreateServiceAccountRequest(name=name)).service_account
        self.bind(account.id, "frontend")
        return self.admin.call(identity.IssueApiKeyRequest(owner_id=account.id,
                                                           scopes=["identity:client_info:vouch"])).secret

    def log_in(self, login, password=PASSWORD):
        return self.client.call(identity.AuthenticateRequest(password={"login": login, "password": password})).tokens

    def bind(self, principal, role, resource=""):
        binding = {"principal_id": principal, "role": role, "resource": resource}
        self.admin.call(admin.CreateBindingRequest(binding=binding))

    def add_user(self, *roles):
        """Makes a user who logs in with PASSWORD. Returns the name."""
        name = f"user-{uuid.uuid4().hex[:12]}"
        user = self.admin.call(admin.CreateUserRequest(username=name, email=f"{name}@example.com",
                                                       password_hash=PASSWORD_HASH)).user
        for role in roles:
            self.bind(user.id, role)
        return name


@contextlib.contextmanager
def make(binary):
    """Starts the world. Deletes it at the end."""
    global _current
    with tempfile.TemporaryDirectory(prefix="identity-frontend.") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        mailbox = Mailbox(folder / "mails")
        stack.callback(mailbox.stop)
        ca = authority.Authority(folder, "authority")
        port = free_port()
        links = f"http://localhost:{port}/links"
        stack.enter_context(deployment.deploy(
            binary, f"--smtp-url={mailbox.url}", "--smtp-allow-plaintext",
            "--mail-from=Identity <no-reply@example.com>",
            f"--verify-email-url={links}/verify-email?token=", f"--reset-password-url={links}/reset-password?token=",
            f"--provider-ca-file={ca.file}", "--provider-networks=127.0.0.1 ::1",
            "--session-calls-per-minute=0",  # one administrator prepares all tests
            replicas=1))
        _current = World(folder, mailbox, port, ca)
        stack.callback(lambda: _current.frontend.stop())
        yield _current
