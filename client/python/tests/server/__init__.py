"""Tests against a real server: the program that the environment variable IDENTITYD names."""

import atexit
import os
import pathlib
import subprocess
import tempfile
import uuid

import identity
from identity.v1.account_service_pb2 import RegisterRequest
from identity.v1.admin_service_pb2 import CreateBindingRequest, CreateRoleRequest, CreateServiceAccountRequest
from identity.v1.identity_service_pb2 import AuthenticateRequest, IssueApiKeyRequest

PYTHON = pathlib.Path(__file__).resolve().parents[2]
_RUN = PYTHON.parents[1] / "scripts" / "run"
_PASSWORD = "correct horse battery staple"
_OPTIONS = ["--calls-per-minute=0", "--login-failures-per-minute=0", "--registrations-per-hour=0"]


class Service:
    """A running Identity, and people who use it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="identity-python.")
        self._run("--detach", "--binary", os.environ["IDENTITYD"], "--port", "0", "--", *_OPTIONS)
        lines = pathlib.Path(self._folder.name, "env").read_text(encoding="utf-8").splitlines()
        env = dict(line.split("=", 1) for line in lines)
        self.address, self.key = env["IDENTITY_ADDRESS"], env["IDENTITY_SERVICE_KEY"]
        self.anyone = identity.Client(self.address, plaintext=True, timeout=20)
        self.backend = self.anyone.with_credential(self.key)
        admin = self._log_in(env["IDENTITY_ADMIN_LOGIN"], env["IDENTITY_ADMIN_PASSWORD"])
        self.admin = self.anyone.with_credential(identity.Session(self.anyone, admin))

    def stop(self):
        self.anyone.close()
        self._run("--reset")
        self._folder.cleanup()

    def _run(self, *arguments):
        done = subprocess.run([_RUN, "--state", self._folder.name, *arguments], check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        if done.returncode != 0:
            raise AssertionError(done.stdout)

    def _log_in(self, login, password, scopes=()):
        request = AuthenticateRequest(password={"login": login, "password": password}, scopes=scopes)
        return self.anyone.call(request).tokens

    def role(self, *permissions):
        """The name of a new role."""
        name = f"r{uuid.uuid4().hex}"
        self.admin.call(CreateRoleRequest(role={"name": name, "permissions": permissions}))
        return name

    def bind(self, principal_id, role, resource=""):
        binding = {"principal_id": principal_id, "role": role, "resource": resource}
        self.admin.call(CreateBindingRequest(binding=binding))

    def user(self, name):
        """The id and the login of a new user."""
        login = f"{name}-{uuid.uuid4().hex[:12]}"
        request = RegisterRequest(username=login, email=f"{login}@example.com", password=_PASSWORD)
        return self.anyone.call(request).account.id, login

    def tokens(self, login, scopes=()):
        return self._log_in(login, _PASSWORD, scopes)

    def program(self, role, resource="", **key):
        """The API key of a new service account with a role."""
        request = CreateServiceAccountRequest(name=f"program-{uuid.uuid4().hex[:12]}")
        id = self.admin.call(request).service_account.id
        self.bind(id, role, resource)
        return self.admin.call(IssueApiKeyRequest(owner_id=id, display_name="tests", **key)).secret


_service = None


def service():
    """The service of all tests. It starts with the first that needs it, and stops at the end of the program."""
    global _service
    if _service is None:
        _service = Service()
        atexit.register(_service.stop)
    return _service
