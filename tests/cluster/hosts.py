"""Hosts on one machine: namespaces of Linux, with networks of their own. Needs root and iproute2.

Nothing of a host outlives this process, however it ends: the kernel kills the first process of each host then, and with
it all others of the host, its networks and its mounts.
"""

import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time

SLOW_LINK = pathlib.Path(__file__).with_name("slow_link.py")
FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"
# A first process must reap the orphans of the others, as bash does.
FIRST = "trap : TERM INT HUP; echo ready; exec >&-; while :; do sleep 3600 & wait; done"


def run(*command, **options):
    """The output of a command that must succeed."""
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def wait_until(condition, what, seconds=60):
    """Returns the first true value of condition()."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} seconds: {what() if callable(what) else what}")
        time.sleep(0.05)
    return value


def first_child(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return int(children[0]) if children else None


class Namespaces:
    """A first process with namespaces of its own, for other processes to enter."""

    def __init__(self):
        self._outer = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
             "--mount-proc", "bash", "-c", FIRST],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
        assert self._outer.stdout.readline() == "ready\n"
        self.pid = first_child(self._outer.pid)
        self._processes = os.readlink(f"/proc/{self.pid}/ns/pid")

    def ip(self, *arguments):
        return run("nsenter", f"--target={self.pid}", "--net", "ip", *arguments)

    def inside(self, *command):
        """The command that runs `command` inside."""
        return ["nsenter", f"--target={self.pid}", "--net", "--mount", "--pid", "--", *map(str, command)]

    def path(self, inside):
        """Where this process finds a file of its mounts."""
        return pathlib.Path(f"/proc/{self.pid}/root{inside}")

    def processes(self, *beginning):
        """The ids, for this process, of the processes inside whose command line begins so."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_text(encoding="utf-8").split("\0")
                if command[:len(beginning)] == list(beginning) and os.readlink(process / "ns/pid") == self._processes:
                    found.append(int(process.name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):  # it has ended since
                continue
        return found

    def kill(self):
        """Kills all processes inside at once."""
        os.kill(self.pid, signal.SIGKILL)
        self._outer.wait()
        self._outer.stdout.close()


class Process:
    """A process of a host. Its log is a file."""

    def __init__(self, host, command, user, log, environment):
        switch = [] if user == "root" else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        with open(log, "ab") as output:
            self._entered = subprocess.Popen(host.namespaces.inside(*switch, *command), stdin=subprocess.DEVNULL,
                                             stdout=output, stderr=output, cwd="/", env=environment)

    def signal(self, number):
        if pid := first_child(self._entered.pid):
            os.kill(pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self._entered.wait()

    def wait(self):
        return self._entered.wait()


class Network:
    """Switches, to which hosts are connected by cables. Closing it ends all hosts."""

    def __init__(self, *switches):
        self.namespaces = Namespaces()
        self.hosts = []
        for switch in switches:
            self.namespaces.ip("link", "add", switch, "type", "bridge")
            self.namespaces.ip("link", "set", switch, "up")

    def close(self):
        for host in self.hosts:
            host.kill()
        self.namespaces.kill()


class Host:
    """A host with an address at some switches: {"front": "10.1.0.2"}. `folder` has its disks and logs."""

    def __init__(self, network, name, addresses, folder):
        self.name = name
        self.addresses = addresses
        self.folder = folder
        self.namespaces = None
        self._network = network
        self._disks = {}
        self._slow = {}
        self._processes = []
        self._clock = []
        self._environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        network.hosts.append(self)
        self.boot()

    def boot(self):
        """Starts the host without processes. Its disks have what they had."""
        # The kernel removes the cables of a killed host some time later.
        wait_until(lambda: f"{self.name}-" not in self._network.namespaces.ip("-brief", "link"), "the cables are free")
        self.namespaces = Namespaces()
        self.namespaces.ip("link", "set", "lo", "up")
        for switch, address in self.addresses.items():
            self._network.namespaces.ip("link", "add", self._port(switch), "type", "veth", "peer", "name", switch,
                                        "netns", str(self.namespaces.pid))
            self._network.namespaces.ip("link", "set", self._port(switch), "up", "master", switch)
            self.namespaces.ip("address", "add", f"{address}/24", "dev", switch)
            self.namespaces.ip("link", "set", switch, "up")
        for path, (image, user) in self._disks.items():
            self._mount(path, image, user)

    def kill(self):
        """The power fails."""
        if self.namespaces:
            self.namespaces.kill()
            self.namespaces = None
            self._slow = {}
            for process in self._processes:
                process.wait()
            self._processes = []

    @property
    def is_up(self):
        return self.namespaces is not None

    def _port(self, switch):
        return f"{self.name}-{switch}"

    def start(self, *command, user="root", name=None, **environment):
        """Starts a process. Its log is NAME.log in the folder."""
        self._processes.append(Process(
            self, [*self._clock, *command], user, self.folder / f"{name or pathlib.Path(command[0]).name}.log",
            {**self._environment, **environment}))
        return self._processes[-1]

    def run(self, *command):
        """The output of a command that must succeed."""
        return run(*self.namespaces.inside(*command), cwd="/", env=self._environment)

    # ---- faults

    def cut_off(self, switch):
        """The switch forwards nothing from or to the host. The host does not notice: its link stays up."""
        self._network.namespaces.ip("link", "set", self._port(switch), "nomaster")

    def reconnect(self, switch):
        self._network.namespaces.ip("link", "set", self._port(switch), "master", switch)

    def slow_down(self, switch, milliseconds, loss):
        """Delays each frame that the host sends, and loses this share of them. Connections stay."""
        address = self.addresses[switch]
        mac = self.namespaces.ip("-o", "link", "show", switch).split("link/ether ")[1].split()[0]
        link = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", sys.executable, "-B", SLOW_LINK, str(self.namespaces.pid),
             str(self._network.namespaces.pid), str(milliseconds), str(loss), f"{self.name}-{switch}-s"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8")
        assert link.stdout.readline() == "ready\n"
        self._slow[switch] = link
        self._network.namespaces.ip("link", "set", f"{self.name}-{switch}-s", "up", "master", switch)
        slow = f"{switch}-s"
        self.namespaces.ip("link", "set", slow, "address", mac)
        self.namespaces.ip("link", "set", switch, "down")
        self.namespaces.ip("address", "del", f"{address}/24", "dev", switch)
        self.namespaces.ip("address", "add", f"{address}/24", "dev", slow)
        self.namespaces.ip("link", "set", slow, "up")

    def speed_up(self, switch):
        link = self._slow.pop(switch)
        self.namespaces.ip("address", "add", f"{self.addresses[switch]}/24", "dev", switch)
        link.kill()
        link.wait()
        link.stdout.close()
        self.namespaces.ip("link", "set", switch, "up")

    def set_clock(self, seconds=None):
        """The time of day differs by this for processes that start from now on.

        CLOCK_REALTIME has no namespace, so a library that each process loads adds the difference. Patroni does not
        bear this library.
        """
        self._clock = [] if seconds is None else ["env", f"LD_PRELOAD={FAKETIME}", f"FAKETIME={seconds:+}s",
                                                  "FAKETIME_DONT_FAKE_MONOTONIC=1"]

    def add_disk(self, path, megabytes, user):
        """Mounts a new disk at `path`, for the user."""
        image = self.folder / f"disk{len(self._disks)}"
        with open(image, "wb") as file:
            file.truncate(megabytes << 20)
        run("mkfs.ext4", "-q", "-m", "0", image)
        self._disks[path] = (image, user)
        pathlib.Path(path).mkdir(parents=True, exist_ok=True)
        self._mount(path, image, user)

    def _mount(self, path, image, user):
        # The kernel removes the mounts of a killed host some time later.
        wait_until(lambda: not run("losetup", "--associated", image), "the disk is free")
        self.run("mount", "-o", "loop", image, path)
        self.run("chown", user, path)
        self.run("chmod", "700", path)

    def fill_disk(self, path):
        """Leaves no free block."""
        with open(self.namespaces.path(path) / "filler", "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:  # it is full
                    continue

    def free_disk(self, path):
        (self.namespaces.path(path) / "filler").unlink(missing_ok=True)


def enter_network(pid):
    """Moves this thread into the network namespace of a process."""
    with open(f"/proc/{pid}/ns/net", "rb") as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
