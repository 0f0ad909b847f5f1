"""The Debian package: its files, its unit, its documents.

    package_test.py --build DIRECTORY --binary IDENTITYD [TEST…]

Packs the program of a build. Some tests use lintian, systemd-analyze, mandoc and man.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from package import EPOCH, ROOT, pack, run

# Every file, with its mode. All belong to root.
CONTENTS = """
drwxr-xr-x ./etc/
drwxr-xr-x ./etc/identity/
-rw-r--r-- ./etc/identity/identityd.env
drwx------ ./etc/identity/secrets/
drwxr-xr-x ./usr/
drwxr-xr-x ./usr/lib/
drwxr-xr-x ./usr/lib/systemd/
drwxr-xr-x ./usr/lib/systemd/system/
-rw-r--r-- ./usr/lib/systemd/system/identityd.service
drwxr-xr-x ./usr/lib/sysusers.d/
-rw-r--r-- ./usr/lib/sysusers.d/identityd.conf
drwxr-xr-x ./usr/sbin/
-rwxr-xr-x ./usr/sbin/identityd
drwxr-xr-x ./usr/share/
drwxr-xr-x ./usr/share/doc/
drwxr-xr-x ./usr/share/doc/identityd/
-rw-r--r-- ./usr/share/doc/identityd/changelog.Debian.gz
-rw-r--r-- ./usr/share/doc/identityd/changelog.gz
-rw-r--r-- ./usr/share/doc/identityd/copyright
drwxr-xr-x ./usr/share/lintian/
drwxr-xr-x ./usr/share/lintian/overrides/
-rw-r--r-- ./usr/share/lintian/overrides/identityd
drwxr-xr-x ./usr/share/man/
drwxr-xr-x ./usr/share/man/man8/
-rw-r--r-- ./usr/share/man/man8/identityd.8.gz
"""
# The highest exposure that is allowed, in tenths.
EXPOSURE = 20
VARIABLE = re.compile(r"^#? ?(IDENTITY_[A-Z0-9_]+)=(.*)$", re.MULTILINE)
KEY = re.compile(r"PRIVATE KEY|\b[A-Za-z0-9+/]{43}=")

arguments = argparse.Namespace()


def exit_code(*flags, **environment):
    """The exit code of `identityd serve` without a database that can be reached."""
    return subprocess.run([arguments.binary, "serve", *flags], env={**os.environ, **environment}, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60).returncode


def commands(*group):
    """All subcommands of the program."""
    shown = run(arguments.binary, *group, "--help")
    _, *listed = re.split(r"^subcommands:$", shown, flags=re.MULTILINE | re.IGNORECASE)
    if not listed:
        return [group]
    return [command for name in re.findall(r"^\s{1,4}([a-z-]+)\s", listed[0], re.MULTILINE)
            for command in commands(*group, name)]


def options(*command):
    """The names of a subcommand's options, such as --config."""
    return set(re.findall(r"^\s+(?:-h,\s*)?(--[a-z0-9-]+)", run(arguments.binary, *command, "--help"), re.MULTILINE))


class PackageTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="identity-package.")))
        cls.package = pack(arguments.build, cls.directory / "first")
        cls.root = cls.directory / "root"
        run("dpkg-deb", "--extract", cls.package, cls.root)
        cls.unit = cls.root / "usr/lib/systemd/system/identityd.service"
        cls.man = cls.root / "usr/share/man/man8/identityd.8.gz"
        cls.configuration = (cls.root / "etc/identity/identityd.env").read_text(encoding="utf-8")

    def settings(self, name):
        return re.findall(rf"^{name}=(.*)$", self.unit.read_text(encoding="utf-8"), re.MULTILINE)

    def test_it_has_these_files(self):
        lines = [line.split() for line in run("dpkg-deb", "--contents", self.package).splitlines()]
        self.assertEqual({line[1] for line in lines}, {"root/root"})
        self.assertEqual([f"{line[0]} {line[5]}" for line in lines], CONTENTS.strip().splitlines())

    def test_it_is_the_same_a_second_time_and_elsewhere(self):
        other = pack(arguments.build, self.directory / "the second")
        self.assertEqual(self.package.read_bytes(), other.read_bytes())

    def test_its_name_has_the_version_and_the_architecture(self):
        version = run(arguments.binary, "version").split()[1]
        self.assertEqual(self.package.name, f"identityd_{version}-1_{run('dpkg', '--print-architecture').strip()}.deb")

    def test_it_depends_on_the_libraries_of_the_program(self):
        depends = run("dpkg-deb", "--field", self.package, "Depends")
        for name in ("libgrpc++", "libpqxx-", "libpq5", "libsodium", "systemd"):
            self.assertRegex(depends, rf"(^|, ){re.escape(name)}")

    def test_lintian_finds_nothing(self):
        run("lintian", "--fail-on", "error,warning", self.package, stdin=subprocess.DEVNULL)

    def test_no_file_holds_a_key(self):
        for path in self.root.rglob("*"):
            if path.is_file() and path.name != "identityd":
                content = run("zcat", "--force", path)
                with self.subTest(path.name):
                    self.assertIsNone(KEY.search(content))

    def test_the_unit_is_correct(self):
        root = self.directory / "system"
        shutil.copytree(self.root, root, symlinks=True)
        shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True, dirs_exist_ok=True)
        done = subprocess.run(["systemd-analyze", "verify", f"--root={root}", "--man=no", "identityd.service"],
                              check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        ours = [line for line in done.stdout.splitlines() if "identityd" in line]
        self.assertEqual((done.returncode, ours), (0, []), done.stdout)

    def test_the_unit_exposes_little(self):
        run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", self.unit)

    def test_the_unit_gives_the_server_time_to_drain(self):
        shown = run(arguments.binary, "serve", "--help")
        drain = sum(int(re.search(rf"--drain-{name} TIME\D*(\d+)s", shown)[1]) for name in ("delay", "timeout"))
        self.assertGreater(int(self.settings("TimeoutStopSec")[0]), drain)

    def test_the_unit_repeats_no_start_with_wrong_options(self):
        final = set(map(int, self.settings("RestartPreventExitStatus")[0].split()))
        url = "postgresql://identity@127.0.0.1:1/identity"
        self.assertIn(exit_code(), final)
        self.assertIn(exit_code("--no-such-option"), final)
        self.assertIn(exit_code("--config=/no/such/file"), final)
        self.assertIn(exit_code(IDENTITY_DATABASE_URL=url, IDENTITY_MASTER_KEY_FILE="/no/such/file"), final)
        self.assertIn(exit_code(IDENTITY_DATABASE_URL=url, IDENTITY_WORKERS="many"), final)
        self.assertNotIn(exit_code(IDENTITY_DATABASE_URL=url, IDENTITY_MASTER_KEY="A" * 43 + "="), final)

    def test_it_makes_a_user_who_cannot_log_in(self):
        root = self.directory / "users"
        shutil.copytree(self.root, root)
        run("systemd-sysusers", f"--root={root}")
        user = next(line for line in (root / "etc/passwd").read_text(encoding="utf-8").splitlines()
                    if line.startswith("identity:"))
        self.assertRegex(user, r":Identity service:/:/usr/sbin/nologin$")
        self.assertEqual(self.settings("User"), ["identity"])

    def test_the_configuration_names_options_of_the_server(self):
        variables = VARIABLE.findall(self.configuration)
        self.assertGreater(len(variables), 15)
        names = {f"--{name.removeprefix('IDENTITY_').lower().replace('_', '-')}" for name, _ in variables}
        self.assertEqual(names - options("serve"), set())

    def test_the_server_accepts_the_configuration(self):
        lines = [line for line in self.configuration.splitlines() if line and not line.startswith("#")]
        environment = dict(line.split("=", 1) for line in lines)
        self.assertIn("IDENTITY_ISSUER", environment)
        environment |= {"IDENTITY_DATABASE_URL": "postgresql://identity@127.0.0.1:1/identity",
                        "IDENTITY_WAIT_FOR_DATABASE": "0", "IDENTITY_MASTER_KEY": "A" * 43 + "="}
        self.assertEqual(exit_code(**environment), 1)  # it found no database

    def test_the_man_page_has_every_option_of_every_subcommand(self):
        self.assertEqual(run("mandoc", "-T", "lint", "-W", "warning", self.man), "")
        done = subprocess.run(["man", "--warnings", "--local-file", self.man], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8",
                              env={"MANWIDTH": "500", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        self.assertEqual(done.stderr, "")
        found = commands()
        self.assertIn(("keys", "rewrap"), found)
        for command in found:
            name = " ".join(command)
            section = re.search(rf"^   {name}$(.*?)(?=^   \S|^\S)", done.stdout, re.MULTILINE | re.DOTALL)[1]
            with self.subTest(name):
                shown = set(re.findall(r"^ +(--[a-z0-9-]+)(?:[ ,].*)?$\n +\S", section, re.MULTILINE))
                self.assertEqual(shown, options(*command) - {"--help"})

    def test_the_documents_have_the_date_of_the_commit(self):
        changelog = run("dpkg-parsechangelog", "--file", "-", "--show-field", "Timestamp",
                        input=run("zcat", self.root / "usr/share/doc/identityd/changelog.Debian.gz"))
        self.assertEqual(changelog.strip(), str(EPOCH))
        self.assertEqual(run("zcat", self.root / "usr/share/doc/identityd/changelog.gz"),
                         (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.parse_known_args(namespace=arguments)
    unittest.main(argv=[sys.argv[0], *parser.parse_known_args()[1]], verbosity=2)


if __name__ == "__main__":
    main()
