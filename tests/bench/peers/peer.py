"""What the runner needs of each peer."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
import typing

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent))

from deployment import Failure, Process, wait_until  # pylint: disable=wrong-import-position

VERSIONS = json.loads((FOLDER / "versions.json").read_text(encoding="utf-8"))
START_SECONDS = 300
SHIPPED, BEST = "as shipped", "at its best"


class NotHad(Failure):
    """The reason why a peer cannot be installed."""


def install(*command, seconds=1800, **environment):
    """Runs a program that installs something. Prints its messages if it fails."""
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, encoding="utf-8", check=False,
                              timeout=seconds, env={**os.environ, **environment})
    except FileNotFoundError:
        raise NotHad(f"there is no {command[0]}") from None
    except subprocess.TimeoutExpired:
        raise NotHad(f"{command[0]} takes more than {seconds} s") from None
    if done.returncode != 0:
        print(done.stdout[-2000:], done.stderr[-2000:], file=sys.stderr)
        raise NotHad(f"{command[0]} failed with {done.returncode}")


def go_install(folder, module, package, version):
    """Builds a program of the module, and returns its path."""
    programs = folder / version
    program = programs / pathlib.PurePath(package).name
    if not program.exists():
        shared = folder.parent / "go"
        install("go", "install", f"{module}/{package}@{version}", GOBIN=str(programs), GOPATH=str(shared),
                GOMODCACHE=str(shared / "pkg" / "mod"), GOFLAGS="-buildvcs=false -modcacherw")
    return program


def tree(pid):
    """A process and all its descendants."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text(encoding="ascii", errors="replace")
                                                 .rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            pass
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


@contextlib.contextmanager
def running(bench, command, is_ready, name):
    """A server that is ready when `is_ready` returns true."""
    process = Process(command, bench.file(f"{name}.log"))

    def ready():
        if not process.runs():
            raise Failure(f"{name}: {process.end_of_log()}")
        return is_ready()

    try:
        wait_until(ready, START_SECONDS, f"{name} does not serve")
        yield process
    finally:
        family = tree(process.pid)
        process.stop()
        for pid in family:  # those that the first one has left
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def accepts_grpc(bench, address):
    """A function that is true when a gRPC server says at the address that it serves."""
    probe = bench.start_tool("await-serving", "--address", address, "--timeout", START_SECONDS)
    return lambda: not probe.runs() and bool(probe.output(5))  # fails if the probe has failed


@dataclasses.dataclass(frozen=True)
class Asked:
    """Requests to one server: the arguments of identity_bench, without its duration and rate."""
    arguments: list
    requests: pathlib.Path
    # How many calls there are at once, by option.
    slots: dict = dataclasses.field(default_factory=lambda: {"--connections": 4, "--in-flight": 16})

    def command(self, *options):
        return [*self.arguments, "--requests", self.requests, *flat(self.slots), *options]

    def one_by_one(self, requests):
        """Asks these requests instead, once."""
        return [*self.arguments, "--requests", requests, "--once", *flat(dict.fromkeys(self.slots, 1))]


def flat(options):
    return [part for option in options.items() for part in option]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The same questions for a peer and for Identity."""
    title: str
    theirs: Asked
    ours: Asked
    # Questions that both must deny.
    theirs_denied: pathlib.Path = None
    ours_denied: pathlib.Path = None
    # Fails if an answer is wrong: for answers that identity_bench cannot verify.
    verify: typing.Callable = None
    decisions: int = 1  # in each answer
    closed_seconds: float = 2
    open_seconds: float = 2
    warm_up_seconds: float = 1
    # Whether PostgreSQL works for Identity's answers, too.
    with_database: bool = False
    # Whether the bars hold: not for logins, whose time is that of a password hash.
    has_bars: bool = True


class Peer:
    """One peer. `settings` has a text for each way to run it."""
    name = ""
    settings = {}

    def __init__(self, folder):
        self.folder = folder / self.key()
        self.version = VERSIONS[self.key()]

    @classmethod
    def key(cls):
        return cls.name.lower()

    def get(self):
        """Installs the peer unless it is installed. Raises NotHad."""
        raise NotImplementedError

    def serving(self, context, setting):
        """A context with the running server, which has the model. `setting` is a key of `settings`."""
        raise NotImplementedError

    def comparisons(self, context, ours, theirs):
        """The comparisons between Identity's server and the peer's."""
        raise NotImplementedError
