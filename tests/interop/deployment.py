"""A running Identity with two replicas and its own PostgreSQL, made by scripts/run."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "support" / "python"))

# All calls of the tests come from one address, so no limit by address may apply.
NO_LIMITS = ["--login-failures-per-minute=0", "--registrations-per-hour=0", "--mails-per-hour=0", "--calls-per-minute=0",
             "--new-passwords-per-minute=0"]

_current = None


class Deployment:
    """A running deployment. `environment` holds the variables that scripts/run writes for shells."""

    def __init__(self, binary, state):
        self.binary = binary
        self.state = state
        lines = (state / "env").read_text(encoding="utf-8").splitlines()
        self.environment = dict(line.split("=", 1) for line in lines)
        self.addresses = self.environment["IDENTITY_ADDRESSES"].split(",")
        self.admin_login = self.environment["IDENTITY_ADMIN_LOGIN"]
        self.admin_password = self.environment["IDENTITY_ADMIN_PASSWORD"]
        self.service_key = self.environment["IDENTITY_SERVICE_KEY"]

    def identityd(self, *arguments):
        """The output of a subcommand that works on the database."""
        return subprocess.run([self.binary, *arguments], env={**os.environ, **self.environment}, check=True,
                              stdout=subprocess.PIPE, encoding="utf-8", timeout=60).stdout

    def publish_next_keys(self):
        """Makes the next signing keys old enough to sign: verifiers had the time to learn of them."""
        url = self.environment["IDENTITY_DATABASE_URL"].replace("identity_server", "identity_owner")
        subprocess.run(["psql", "--quiet", url, "-c", "UPDATE identity.all_signing_keys "
                        "SET create_time = create_time - interval '6 minutes' WHERE state = 'next'"],
                       check=True, timeout=60)


def current():
    """The deployment that the tests run against."""
    return _current


@contextlib.contextmanager
def deploy(binary, *options, replicas=2):
    """Starts a deployment whose servers have these options. Deletes it with all its data at the end."""
    global _current
    state = pathlib.Path(tempfile.mkdtemp(prefix="identity-interop."))
    try:
        _scripts_run("--detach", "--state", state, "--binary", binary, "--port", "0", "--replicas", str(replicas), "--",
                     "--drain-delay=0s", *NO_LIMITS, *options)
        _current = Deployment(binary, state)
        yield
    finally:
        _current = None
        _scripts_run("--reset", "--state", state)
        shutil.rmtree(state, ignore_errors=True)


def _scripts_run(*arguments):
    done = subprocess.run([ROOT / "scripts" / "run", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", timeout=180, check=False)
    if done.returncode != 0:
        sys.exit(f"scripts/run failed:\n{done.stdout}")
