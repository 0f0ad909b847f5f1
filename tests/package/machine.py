"""A bare Debian in a container of systemd-nspawn, with systemd as its first process. Needs root."""

import ctypes
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from package import run

NEW_NETWORK = 0x40000000  # CLONE_NEWNET of unshare(2)


def wait_until(condition, what, seconds=60):
    """Returns the first true value of condition()."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} seconds: {what}")
        time.sleep(0.05)
    return value


def leave_network():
    """Gives this process, with all that it starts from now on, a network of its own with a loopback interface only."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    run("ip", "link", "set", "lo", "up")


class Machine:
    """The release of Debian of this machine, with the network of this process. Its files are below `root`."""

    def __init__(self):
        self._directory = pathlib.Path(tempfile.mkdtemp(prefix="identity-machine."))
        self.root = self._directory / "root"
        self._console = self._directory / "console"
        self._container = None
        self._leader = None

    def install(self, package, *others):
        """Makes the files, with a package in /. Downloads what apt-get needs to install it and others without network."""
        release = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
        suite = re.search(r"^VERSION_CODENAME=(\S+)$", release, re.MULTILINE)[1]
        run("debootstrap", "--variant=minbase", "--include=systemd-sysv,dbus,ca-certificates", suite, self.root)
        shutil.copy(package, self.root)
        for file in pathlib.Path("/etc/apt/apt.conf.d").glob("*proxy*"):
            shutil.copy(file, self.root / "etc/apt/apt.conf.d")
        (self.root / "etc/apt/apt.conf.d/99keep").write_text('Binary::apt-get::APT::Keep-Downloaded-Packages "true";\n',
                                                             encoding="utf-8")
        chroot = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--directory", self.root]
        run(*chroot, "apt-get", "update", stdin=subprocess.DEVNULL)
        run(*chroot, "apt-get", "install", "--yes", "--download-only", "./" + package.name, *others,
            stdin=subprocess.DEVNULL)

    def start(self):
        with open(self._console, "w", encoding="utf-8") as console:
            self._container = subprocess.Popen(  # pylint: disable=consider-using-with
                ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--console=pipe", "--boot", "--directory",
                 self.root], stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
        children = pathlib.Path(f"/proc/{self._container.pid}/task/{self._container.pid}/children")
        wait_until(self._has_booted(children), "the machine has booted")

    def _has_booted(self, children):
        def booted():
            self._leader = (children.read_text(encoding="utf-8").split() or [None])[0]
            if not self._leader:
                return False
            return self._enter("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")
        return booted

    def stop(self):
        if self._container is not None:
            self._container.terminate()  # an orderly shutdown
            self._container.wait(timeout=90)
        shutil.rmtree(self._directory)

    def _enter(self, *command):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                       "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(
            ["nsenter", f"--target={self._leader}", "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd",
             *command], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", env=environment, timeout=300)

    def run(self, *command):
        """The output of a command that succeeds, run as root in the machine."""
        done = self._enter(*command)
        if done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n"
                                 f"{self._enter('journalctl', '--no-pager', '--lines=50').stdout}")
        return done.stdout

    def wait_until(self, condition, what):
        """As the function, and shows the end of the machine's log when the condition does not come true."""
        try:
            return wait_until(condition, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.run('journalctl', '--no-pager', '--lines=50')}") from error

    def shell(self, commands):
        return self.run("bash", "-euc", commands)

    def show(self, name, unit="identityd"):
        """A property of a unit."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def process(self, unit="identityd"):
        """The directory of the unit's main process in /proc of this process."""
        inside = self.show("MainPID", unit)
        namespace = os.readlink(f"/proc/{self._leader}/ns/pid")
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                status = (process / "status").read_text(encoding="utf-8")
                if status.split("NSpid:")[1].split("\n")[0].split()[-1] == inside and \
                        os.readlink(process / "ns/pid") == namespace:
                    return process
            except (FileNotFoundError, ProcessLookupError):  # it has ended since
                continue
        raise AssertionError(f"{unit} has no process")

    def inside(self, path):
        """Where this process finds a file of the running machine, also of its file systems in memory."""
        return pathlib.Path(f"/proc/{self._leader}/root{path}")
