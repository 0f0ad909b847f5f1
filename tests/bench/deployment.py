"""The processes of a benchmark: a private PostgreSQL, servers, and the measuring tools.

Every child ends with this process, even if this process is killed: then the kernel sends the signal.
"""

import contextlib
import ctypes
import glob
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support" / "python"))

from ports import free_port  # pylint: disable=wrong-import-position

SET_PARENT_DEATH_SIGNAL = 1  # of prctl(2)
# All load comes from one address.
NO_LIMITS = ["--login-failures-per-minute=0", "--registrations-per-hour=0", "--mails-per-hour=0", "--calls-per-minute=0",
             "--new-passwords-per-minute=0", "--session-calls-per-minute=0"]
LIBC = ctypes.CDLL(None)


class Failure(Exception):
    """The reason why a row has no figure, as a text for people."""


def wait_until(holds, seconds, what):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def about_processes(pids, file):
    """The texts of a file in /proc. Those that have ended meanwhile have none."""
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            yield pathlib.Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8", errors="replace")


def processor_seconds(pids):
    """The processor time of the processes until now, and that of their children that have ended."""
    ticks = sum(sum(map(int, stat.rpartition(")")[2].split()[11:15])) for stat in about_processes(pids, "stat"))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(pids):
    lines = "".join(about_processes(pids, "status")).splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


class Process:
    """A child process in its own process group. So Ctrl-C reaches only this script, which then ends the child.

    All children are in one session. Linux first shares the processors among sessions. In different sessions,
    low-priority threads of the server would not yield to the load generator.
    """

    def __init__(self, command, log, stdout=None):
        self.log = log
        with open(log, "ab") as out:
            self._popen = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                           stdout=stdout or out, stderr=out, process_group=0, cwd="/",
                                           preexec_fn=lambda: LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL))
        self.pid = self._popen.pid

    def runs(self):
        return self._popen.poll() is None

    def stop(self, with_signal=signal.SIGTERM):
        if self.runs():
            os.kill(self.pid, with_signal)
            try:
                self._popen.wait(15)
            except subprocess.TimeoutExpired:
                os.kill(self.pid, signal.SIGKILL)
        self._popen.wait(15)

    def output(self, timeout):
        """Waits for the end of the process, and returns its output to the pipe."""
        try:
            text, _ = self._popen.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.stop(signal.SIGKILL)
            raise Failure(f"{self.what()} takes more than {timeout} s") from None
        if self._popen.returncode != 0:
            raise Failure(f"{self.what()}: {self.end_of_log()}")
        return text.decode()

    def what(self):
        return " ".join(map(str, self._popen.args[:2]))

    def end_of_log(self):
        text = pathlib.Path(self.log).read_text(encoding="utf-8", errors="replace").strip()
        return text[-600:] or f"ended with {self._popen.returncode}"

    def resident_bytes(self):
        return resident_bytes([self.pid])

    def processor_seconds(self):
        return processor_seconds([self.pid])


class Cluster:
    """A PostgreSQL with its defaults, except for settings that keep other work out of the measured time: checkpoints
    come late, there is no autovacuum, and shared buffers are large. Commits reach the disk, as by default. It listens
    on a Unix socket only."""

    SETTINGS = {
        "listen_addresses": "", "max_connections": "300", "shared_buffers": "1GB", "max_wal_size": "16GB",
        "checkpoint_timeout": "30min", "maintenance_work_mem": "512MB", "autovacuum": "off",
    }

    def __init__(self, scratch):
        self._bin = max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
        self.directory = scratch / "postgres"
        self.directory.mkdir()
        self.log = self.directory / "log"
        self._process = None
        # PostgreSQL refuses to run as root.
        self._as_user = []
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        self._run([*self._as_user, f"{self._bin}/initdb", "-D", self.directory / "data", "-U", "postgres", "-A",
                   "trust", "-E", "UTF8", "--locale=C.UTF-8"], 60)
        self.start()

    def start(self):
        """Starts PostgreSQL if it is not running."""
        if self._process is not None and self._process.runs():
            return
        settings = {**self.SETTINGS, "unix_socket_directories": str(self.directory)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        # The change of user clears the parent-death signal, so setpriv sets it again.
        user = [*(self._as_user or ["setpriv"]), "--pdeathsig", "QUIT"]
        self._process = Process([*user, f"{self._bin}/postgres", "-D", self.directory / "data", *options], self.log)
        wait_until(self._accepts, 30, "PostgreSQL does not start")

    def _accepts(self):
        if not self._process.runs():
            raise Failure(f"PostgreSQL does not start: {self._process.end_of_log()}")
        asked = subprocess.run([f"{self._bin}/pg_isready", "-q", "-h", self.directory], check=False, timeout=10)
        return asked.returncode == 0

    def stop(self, with_signal=signal.SIGINT):
        """Stops PostgreSQL and closes its connections immediately. With SIGQUIT it writes no data to the disk."""
        if self._process is not None:
            self._process.stop(with_signal)

    def url(self, user, database):
        return f"host={self.directory} user={user} dbname={database}"

    def execute(self, database, sql, timeout=180):
        """Runs SQL as the superuser, without the checks of foreign keys; returns what psql prints."""
        command = [f"{self._bin}/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.directory, "-U",
                   "postgres", "-d", database]
        settings = "-c session_replication_role=replica -c search_path=identity,public -c timezone=UTC"
        return self._run(command, timeout, text=sql, env={**os.environ, "PGOPTIONS": settings}).strip()

    def pgbench(self, database, script, clients, transactions, variables, timeout):
        """Returns the transactions a second. `transactions` is the number of each client."""
        defined = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
        command = [f"{self._bin}/pgbench", "-h", self.directory, "-U", "identity_server", "-n", "-M", "prepared", "-f",
                   script, "-c", clients, "-j", min(clients, os.cpu_count()), "-t", transactions, *defined, database]
        settings = "-c search_path=identity -c timezone=UTC"
        out = self._run(command, timeout, env={**os.environ, "PGOPTIONS": settings})
        for line in out.splitlines():
            if line.startswith("tps = "):
                return float(line.split()[2])
        raise Failure(f"pgbench: {out}")

    @staticmethod
    def _run(command, timeout, text=None, env=None):
        try:
            done = subprocess.run([str(part) for part in command], input=text, capture_output=True, encoding="utf-8",
                                  timeout=timeout, check=False, env=env, cwd="/")
        except subprocess.TimeoutExpired:
            raise Failure(f"{pathlib.Path(command[0]).name} takes more than {timeout} s") from None
        if done.returncode != 0:
            raise Failure(f"{pathlib.Path(command[0]).name}: {done.stderr.strip()[-600:]}")
        return done.stdout


class Bench:
    """The environment of the rows: programs, a scratch directory, the cluster, and running servers."""

    def __init__(self, identityd, tool, say, under=()):
        """The servers run under the program `under`, if there is one."""
        self.identityd = identityd
        self._under = under
        self.tool_path = tool
        self.say = say
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="identity-bench."))
        self.scratch.chmod(0o755)  # the user postgres needs access to its subdirectory
        self._stack = contextlib.ExitStack()
        self._stack.callback(shutil.rmtree, self.scratch, ignore_errors=True)
        self._master_key = None
        self._count = 0
        self.cluster = None

    def __enter__(self):
        try:
            self.cluster = Cluster(self.scratch)
            self._stack.callback(self.cluster.stop, signal.SIGQUIT)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *exception):
        self._stack.close()

    def file(self, name):
        """A new file's path."""
        self._count += 1
        return self.scratch / f"{self._count}-{name}"

    def master_key_file(self):
        if self._master_key is None:
            self._master_key = self.file("master.key")
            with open(os.open(self._master_key, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as out:
                out.write(os.urandom(32).hex() + "\n")
        return self._master_key

    def start_tool(self, *arguments):
        return Process([self.tool_path, *arguments], self.file("tool.log"), subprocess.PIPE)

    def tool(self, *arguments, timeout=60):
        """Runs identity_bench and returns its result."""
        process = self.start_tool(*arguments)
        try:
            return json.loads(process.output(timeout))
        finally:
            process.stop(signal.SIGKILL)

    def run_identityd(self, *arguments, text=None):
        done = subprocess.run([str(self.identityd), *arguments], input=text, capture_output=True, encoding="utf-8",
                              timeout=60, check=False)
        if done.returncode != 0:
            raise Failure(f"identityd {arguments[0]}: {done.stderr.strip()[-600:]}")
        return done.stdout

    @contextlib.contextmanager
    def serving(self, database, *flags):
        """An identityd that serves a database, with metrics, over HTTP, too, and with `flags`."""
        address, http_address = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        command = [*self._under, self.identityd, "serve", "--database-url",
                   self.cluster.url("identity_server", database), "--listen-address", address, "--master-key-file",
                   self.master_key_file(), "--log-level", "warning", "--admin-address", f"127.0.0.1:{free_port()}",
                   "--http-address", http_address, "--drain-delay", "0s", *NO_LIMITS, *flags]
        with self._running(command, address) as server:
            server.http_address = http_address
            yield server

    @contextlib.contextmanager
    def empty_server(self, response_bytes, *flags):
        address, http_address = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        command = [self.tool_path, "empty-server", "--listen-address", address, "--http-address", http_address,
                   "--response-bytes", response_bytes, *flags]
        with self._running(command, address) as server:
            server.http_address = http_address
            yield server

    @contextlib.contextmanager
    def _running(self, command, address):
        probe = self.start_tool("await-serving", "--address", address, "--timeout", "60")
        started = time.monotonic()
        process = Process(command, self.file("server.log"))
        try:
            wait_until(lambda: not (probe.runs() and process.runs()), 60, f"{command[0]} does not serve")
            if not process.runs():
                raise Failure(f"{process.what()}: {process.end_of_log()}")
            process.address = address
            process.start_seconds = json.loads(probe.output(5))["monotonic_seconds"] - started
            yield process
        finally:
            probe.stop(signal.SIGKILL)
            process.stop()
