"""Replicas on loopback addresses, the name that has these addresses, and a load that calls this name."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "bench"))
from deployment import Cluster, Process, wait_until  # pylint: disable=wrong-import-position
from ports import free_port  # pylint: disable=wrong-import-position

NAME = "identity.test"
PASSWORD = "a password for the rolling tests"
CHECKS = re.compile(r'^identity_rpc_total\{[^}]*CheckPermission"[^}]*\} (\S+)$', re.MULTILINE)


def run(*command, text=None):
    """What a command prints."""
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, encoding="utf-8",
                          timeout=120, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


class Names:
    """A DNS server that gives the same addresses for each name, like the one of Kubernetes for a headless Service."""

    def __init__(self):
        self.addresses = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, client = self._socket.recvfrom(512)
            self._socket.sendto(self._answer(query), client)

    def _answer(self, query):
        question = query[12:query.index(b"\0", 12) + 5]  # the name, its end, two bytes of type and two of class
        asks_for_ipv4 = question.endswith(b"\0\1\0\1")
        # Each: a pointer to the name, type, class, a TTL of 0, the length of the address, the address.
        records = [struct.pack(">HHHIH", 0xc00c, 1, 1, 0, 4) + socket.inet_aton(address)
                   for address in (self.addresses if asks_for_ipv4 else ())]
        return b"".join([query[:2], struct.pack(">5H", 0x8580, 1, len(records), 0, 0), question, *records])


class Tls:
    """A CA, and the certificates of servers and clients that it signs."""

    def __init__(self, folder):
        self._folder = folder
        self.root = folder / "ca.crt"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=a test CA", "-keyout", folder / "ca.key", "-out", self.root)
        self.certificate, self.key = self._sign("server", f"subjectAltName=DNS:{NAME}")
        self.client_certificate, self.client_key = self._sign("client", "extendedKeyUsage=clientAuth")

    def renew(self):
        """Replaces the files of the servers, each at once."""
        for new, old in zip(self._sign("renewed", f"subjectAltName=DNS:{NAME}"), (self.certificate, self.key)):
            new.replace(old)

    def serial(self):
        """The serial number of the certificate in the servers' file."""
        return run("openssl", "x509", "-in", self.certificate, "-noout", "-serial").strip().partition("=")[2]

    def _sign(self, name, extension):
        request, certificate, key = (self._folder / f"{name}.{end}" for end in ("csr", "crt", "key"))
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", key, "-out", request)
        (self._folder / "extension").write_text(extension, encoding="ascii")
        run("openssl", "x509", "-req", "-in", request, "-CA", self.root, "-CAkey", self._folder / "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", self._folder / "extension", "-out", certificate)
        return certificate, key

    def context(self):
        """For a client."""
        context = ssl.create_default_context(cafile=self.root)
        context.load_cert_chain(self.client_certificate, self.client_key)
        return context


class Replica:
    """A process `identityd serve` with a loopback address of its own."""

    def __init__(self, service, binary, address, options):
        self.address = address
        self._service = service
        self._command = [binary, "serve", f"--listen-address={address}:{service.port}",
                         f"--admin-address={address}:{service.admin_port}", *options]
        self._process = None
        self.start()

    def start(self):
        """Returns when the replica is ready."""
        log = self._service.folder / f"{self.address}.log"
        self._process = Process(self._command, log)
        wait_until(lambda: not self._process.runs() or self._is_ready(), 30, "the replica is not ready")
        if not self._process.runs():
            raise AssertionError(self._process.end_of_log())

    def _is_ready(self):
        try:
            return self._read("readyz") is not None
        except OSError:
            return False

    def _read(self, page):
        with urllib.request.urlopen(f"http://{self.address}:{self._service.admin_port}/{page}", timeout=5) as answer:
            return answer.read().decode()

    def checks(self):
        """The number of checks that the replica has answered."""
        return sum(float(count) for count in CHECKS.findall(self._read("metrics")))

    def serial(self):
        """The serial number of the certificate that the replica presents."""
        with socket.create_connection((self.address, self._service.port), 5) as connection:
            with self._service.tls.context().wrap_socket(connection, server_hostname=NAME) as secure:
                return secure.getpeercert()["serialNumber"]

    def terminate(self):
        """Sends SIGTERM."""
        os.kill(self._process.pid, signal.SIGTERM)

    def wait(self):
        """Waits for the end of the process, which must be a clean one."""
        wait_until(lambda: not self._process.runs(), 40, "the replica does not end")
        if '"event":"stopped"' not in self._process.end_of_log():
            raise AssertionError(self._process.end_of_log())

    def kill(self):
        self._process.stop(signal.SIGKILL)


class Service:
    """A database of its own and three replicas, which the name `target` has. Use it as a context."""

    def __init__(self, cluster, binary, number):
        self.binary = binary
        self._cluster = cluster
        self._database = f"identity{number}"
        self._hosts = (f"127.0.{number}.{host}" for host in itertools.count(1))
        self.port, self.admin_port = free_port(), free_port()
        self.names = Names()
        self.target = f"dns://127.0.0.1:{self.names.port}/{NAME}:{self.port}"
        self.replicas = []
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        self.folder = pathlib.Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="identity-rolling.")))
        self.tls = Tls(self.folder)
        self.master_key_file = self.folder / "master.key"
        self.master_key_file.touch(0o600)
        self.master_key_file.write_text(os.urandom(32).hex() + "\n", encoding="ascii")
        self._cluster.execute("postgres", f"CREATE DATABASE {self._database} OWNER identity_owner")
        self.migrate(self.binary)
        run(self.binary, "bootstrap", "--database-url", self.url("identity_server"), "--username=admin",
            "--email=admin@example.com", "--password-stdin", text=PASSWORD + "\n")
        self._stack.callback(lambda: [replica.kill() for replica in self.replicas])
        for _ in range(3):
            self.add()
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def url(self, role):
        return self._cluster.url(role, self._database)

    def execute(self, sql):
        self._cluster.execute(self._database, sql)

    def migrate(self, binary):
        return run(binary, "migrate", "--database-url", self.url("identity_owner"))

    def add(self, *options, binary=None):
        """Starts a replica at a new address. When it is ready, the name gets the address."""
        replica = Replica(self, binary or self.binary, next(self._hosts), [
            "--database-url", self.url("identity_server"), f"--master-key-file={self.master_key_file}",
            f"--tls-certificate-file={self.tls.certificate}", f"--tls-key-file={self.tls.key}",
            f"--tls-client-ca-file={self.tls.root}", *options])
        self.replicas.append(replica)
        self._publish()
        return replica

    def remove(self, replica):
        """As Kubernetes does: the name loses the address, and the process gets SIGTERM."""
        self.replicas.remove(replica)
        self._publish()
        replica.terminate()

    def _publish(self):
        self.names.addresses = [replica.address for replica in self.replicas]

    def replace(self, *options, binary=None):
        """Replaces all replicas, as a Deployment does that may have one more than it wants: as soon as a new one is ready, an
        old one ends. Returns when the new ones alone answer the load."""
        ending = list(self.replicas)
        for old in ending:
            self.add(*options, binary=binary)
            self.remove(old)
        for old in ending:
            old.wait()
        self.await_load()

    def await_load(self):
        """Waits until each replica answers checks of the load."""
        before = {replica: replica.checks() for replica in self.replicas}
        wait_until(lambda: all(replica.checks() > count + 100 for replica, count in before.items()), 90,
                   "a replica gets no checks")

    def channel(self, **options):
        """A channel of Python's gRPC."""
        import grpc  # pylint: disable=import-outside-toplevel
        credentials = grpc.ssl_channel_credentials(*(file.read_bytes() for file in (
            self.tls.root, self.tls.client_key, self.tls.client_certificate)))
        return grpc.secure_channel(self.target, credentials, [(f"grpc.{name}", value) for name, value in options.items()])


class Load:
    """A running cluster_load. It calls the service as an application does, until it is stopped."""

    def __init__(self, program, service, credential_file, *options):
        self._command = [program, "--target", service.target, "--tls-root-file", service.tls.root,
                         "--tls-certificate-file", service.tls.client_certificate, "--tls-key-file",
                         service.tls.client_key, "--admin-credential-file", credential_file, "--journal",
                         service.folder / "journal"]
        self._journal = service.folder / "journal"
        self._log = service.folder / "load.log"
        self._log.unlink(missing_ok=True)
        self._process = Process([*self._command, *options], self._log, subprocess.PIPE)
        wait_until(lambda: not self._process.runs() or "checks" in self._log.read_text(encoding="utf-8"), 30,
                   "the load does not begin")
        service.await_load()

    def stop(self):
        """Ends the load, and returns its summary."""
        os.kill(self._process.pid, signal.SIGTERM)
        return self.end(30)

    def end(self, seconds):
        """Waits until the load has made all its calls, and returns its summary."""
        return json.loads(self._process.output(seconds))

    def faults(self):
        """The lines of the journal that tell of a fault."""
        lines = self._journal.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if '"event":"check_' in line or '"outcome":"acknowledged"' not in line]

    def verify(self):
        """Compares the service with the journal. Fails if the service has lost a change."""
        return json.loads(run(*self._command, "--verify"))

    def kill(self):
        self._process.stop(signal.SIGKILL)
