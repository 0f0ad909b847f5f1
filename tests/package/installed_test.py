"""The package on a bare Debian, whose systemd runs the unit: the commands of docs/installation.md, and then the server.

    installed_test.py --build DIRECTORY --stubs DIRECTORY [TEST…]

Needs root. The machine has no network but loopback while it runs. Here a system call that the unit does not allow kills
the server; in the unit it returns an error. Stops skip the delay of the drain.
"""

import argparse
import importlib
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import grpc

from machine import Machine, leave_network, wait_until
from package import ROOT, pack, run

sys.path.insert(0, str(ROOT / "tests/interop"))
import run as interop  # noqa: E402 pylint: disable=wrong-import-position

DOCUMENT = ROOT / "docs/installation.md"
PASSWORD = "seven purple lanterns drift"
STRICT = "[Service]\nSystemCallErrorNumber=kill\nEnvironment=IDENTITY_DRAIN_DELAY=0\n"
CONFIGURATION = "/etc/identity/identityd.env"
ADMIN_PORT = 9464
PORT = 50051
ADDRESS = f"127.0.0.1:{PORT}"
SCHED_IDLE = "5"

arguments = argparse.Namespace()
identity = argparse.Namespace()  # the generated modules


def blocks(heading):
    """The commands that a section tells its reader to run."""
    document = DOCUMENT.read_text(encoding="utf-8")
    section = re.search(rf"^#+ {heading}$(.*?)(?=^##|\Z)", document, re.MULTILINE | re.DOTALL)
    return [re.sub(r"^ {3}", "", block, flags=re.MULTILINE)
            for block in re.findall(r"^ *```bash\n(.*?)^ *```$", section[1], re.MULTILINE | re.DOTALL)]


def log_in(password, address=ADDRESS):
    """The access token of the first super admin."""
    request = identity.service.AuthenticateRequest(password={"login": "admin", "password": password})
    with grpc.insecure_channel(address) as channel:
        stub = identity.service_stubs.IdentityServiceStub(channel)
        return stub.Authenticate(request, timeout=20).tokens.access_token


def is_ready():
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{ADMIN_PORT}/readyz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def make_certificate(directory):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=identity", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory / "tls.key", "-out",
        directory / "tls.crt")


class InstalledTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="identity-installed.")))
        package = pack(arguments.build, cls.scratch / "package")
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.stop)
        cls.machine.install(package, "postgresql", "openssl")
        leave_network()
        cls.machine.start()
        *install, start = blocks("As a Debian package")
        cls.installed = [cls.machine.shell(block) for block in install]
        drop_in = cls.machine.root / "etc/systemd/system/identityd.service.d/strict.conf"
        drop_in.parent.mkdir()
        drop_in.write_text(STRICT, encoding="utf-8")
        cls.machine.shell(start)
        cls.machine.wait_until(is_ready, "the server is ready")
        secret = re.search(r"one-time secret: (\S+)", cls.installed[-1])[1]
        cls._change_password(secret)

    @classmethod
    def _change_password(cls, secret):
        request = identity.account.ChangePasswordRequest(new_password=PASSWORD, proof={"current_password": secret})
        with grpc.insecure_channel(ADDRESS) as channel:
            identity.account_stubs.AccountServiceStub(channel).ChangePassword(
                request, metadata=[("authorization", f"Bearer {log_in(secret)}")], timeout=20)

    def tearDown(self):
        """No test ends the server unexpectedly."""
        self.assertEqual(self.machine.show("Result"), "success")

    def configure(self, **options):
        """Starts the server anew with options that replace those of the package until the end of the test."""
        file = self.machine.root / CONFIGURATION.lstrip("/")
        before = file.read_text(encoding="utf-8")
        more = "".join(f"IDENTITY_{name}={value}\n" for name, value in options.items())
        file.write_text(before + more, encoding="utf-8")

        def restore():
            file.write_text(before, encoding="utf-8")
            self.restart()
        self.addCleanup(restore)
        self.restart()

    def restart(self):
        self.machine.run("systemctl", "restart", "identityd")
        self.machine.wait_until(is_ready, "the server is ready")

    def test_a_login_hashes_on_threads_of_idle_priority(self):
        self.assertTrue(log_in(PASSWORD))
        policies = set()
        for task in (self.machine.process() / "task").iterdir():
            if (task / "comm").read_text(encoding="utf-8").strip() == "hash":
                policies.add((task / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[38])
        self.assertEqual(policies, {SCHED_IDLE})

    def test_the_server_has_few_rights(self):
        status = (self.machine.process() / "status").read_text(encoding="utf-8")
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
            self.assertIn(line, status)
        uid = self.machine.run("id", "--user", "identity").strip()
        self.assertIn(f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}", status)
        limits = (self.machine.process() / "limits").read_text(encoding="utf-8")
        soft, hard = re.search(r"Max open files\s+(\d+)\s+(\d+)", limits).groups()
        self.assertEqual(soft, hard)

    def test_a_renewed_certificate_needs_no_restart(self):
        tls = self.machine.root / "etc/identity/tls"
        tls.mkdir()
        self.addCleanup(shutil.rmtree, tls)
        make_certificate(tls)
        self.machine.run("chgrp", "--recursive", "identity", "/etc/identity/tls")
        self.machine.run("chmod", "0640", "/etc/identity/tls/tls.key")
        self.configure(LISTEN_ADDRESS=f"0.0.0.0:{PORT}", TLS_CERTIFICATE_FILE="/etc/identity/tls/tls.crt",
                       TLS_KEY_FILE="/etc/identity/tls/tls.key")

        def served():
            return ssl.get_server_certificate(("127.0.0.1", PORT)).strip()
        self.assertEqual(served(), (tls / "tls.crt").read_text(encoding="utf-8").strip())
        process = self.machine.process()
        make_certificate(self.scratch)
        for name in ("tls.key", "tls.crt"):
            (tls / name).write_bytes((self.scratch / name).read_bytes())
        new = (tls / "tls.crt").read_text(encoding="utf-8").strip()
        wait_until(lambda: served() == new, "the server uses the new certificate")
        self.assertEqual(self.machine.process(), process)

    def test_every_user_may_connect_to_a_unix_socket(self):
        self.configure(LISTEN_ADDRESS="unix:/run/identity/identityd.sock")
        # Paths of Unix sockets are short, so the link has a short name.
        link = self.scratch / "run"
        link.symlink_to(self.machine.inside("/run/identity"))
        self.assertEqual((link / "identityd.sock").stat().st_mode & 0o777, 0o666)
        self.assertTrue(log_in(PASSWORD, f"unix:{link}/identityd.sock"))

    def test_mail_leaves_with_a_password_that_only_root_can_read(self):
        make_certificate(self.scratch)
        authority = self.machine.root / "etc/identity/mail.pem"
        shutil.copy(self.scratch / "tls.crt", authority)
        self.addCleanup(authority.unlink)
        secret = self.machine.root / "etc/identity/secrets/smtp-password"
        secret.write_text("open sesame\n", encoding="utf-8")
        secret.chmod(0o600)
        self.addCleanup(secret.unlink)
        mails = self.scratch / "mails"
        mails.mkdir()
        server = self.enterContext(subprocess.Popen(
            ["/usr/bin/python3", ROOT / "tests/support/python/smtp_server.py", mails, "--tls", self.scratch / "tls.crt",
             self.scratch / "tls.key", "--login", "identity:open sesame"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"))
        self.addCleanup(server.kill)
        self.configure(
            SMTP_URL=f"smtp://127.0.0.1:{server.stdout.readline().strip()}", SMTP_USERNAME="identity",
            SMTP_PASSWORD_FILE="/run/credentials/identityd.service/secrets_smtp-password",
            SMTP_CA_FILE="/etc/identity/mail.pem", MAIL_FROM="identity@example.com",
            VERIFY_EMAIL_URL="https://example.com/verify?token=", RESET_PASSWORD_URL="https://example.com/reset?token=")
        with grpc.insecure_channel(ADDRESS) as channel:
            identity.account_stubs.AccountServiceStub(channel).RequestPasswordReset(
                identity.account.RequestPasswordResetRequest(login="admin"), timeout=20)
        mail = wait_until(lambda: next(mails.glob("*.eml"), None), "a mail arrives")
        self.assertIn("X-Session: tls identity", mail.read_text(encoding="utf-8"))

    def test_a_killed_server_starts_again(self):
        first = self.machine.show("MainPID")
        self.machine.run("systemctl", "kill", "--signal=KILL", "identityd")
        wait_until(lambda: self.machine.show("MainPID") not in (first, "0") and is_ready(), "another server is ready")

    def test_a_stop_lets_the_server_drain(self):
        self.addCleanup(self.restart)
        self.machine.run("systemctl", "stop", "identityd")
        self.assertEqual(self.machine.show("ExecMainStatus"), "0")
        log = self.machine.run("journalctl", "--unit=identityd", "--output=cat", "--lines=20", "--no-pager")
        self.assertIn('"event":"stopped"', log.replace('": "', '":"'))

    def test_without_a_master_key_it_does_not_start_again_and_again(self):
        keys = self.machine.root / "etc/identity/secrets/master-keys"
        elsewhere = keys.rename(self.machine.root / "root/master-keys")

        def restore():
            elsewhere.rename(keys)
            self.machine.run("systemctl", "reset-failed", "identityd")
            self.restart()
        try:
            self.machine.run("systemctl", "restart", "identityd")
            wait_until(lambda: self.machine.show("ActiveState") == "failed", "the server has failed")
            self.assertEqual(self.machine.show("NRestarts"), "0")
        finally:
            restore()

    def test_the_commands_of_an_upgrade_and_a_removal(self):
        process = self.machine.process()
        self.machine.shell("apt-get install --yes --reinstall ./identityd_*.deb")
        self.assertEqual(self.machine.process(), process)
        for block in blocks("Upgrade"):
            self.machine.shell(block)
        self.machine.wait_until(is_ready, "the server is ready")
        self.assertNotEqual(self.machine.process(), process)

        self.machine.shell("apt-get purge --yes identityd")
        self.addCleanup(self.reinstall)
        self.assertFalse(is_ready())
        self.assertFalse((self.machine.root / CONFIGURATION.lstrip("/")).exists())
        enabled = self.machine.root / "etc/systemd/system/multi-user.target.wants"
        self.assertEqual(list(enabled.glob("identityd*")), [])
        self.assertTrue((self.machine.root / "etc/identity/secrets/master-keys").exists())

    def reinstall(self):
        self.machine.shell(blocks("As a Debian package")[0])
        self.machine.shell(blocks("As a Debian package")[-1])
        self.machine.wait_until(is_ready, "the server is ready")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("build", "stubs"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    rest = parser.parse_known_args(namespace=arguments)[1]
    interop.use_stubs(arguments.stubs.resolve())
    identity.service = importlib.import_module("identity.v1.identity_service_pb2")
    identity.service_stubs = importlib.import_module("identity.v1.identity_service_pb2_grpc")
    identity.account = importlib.import_module("identity.v1.account_service_pb2")
    identity.account_stubs = importlib.import_module("identity.v1.account_service_pb2_grpc")
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
