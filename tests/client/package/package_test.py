#!/usr/bin/python3
"""Installs the C++ client as a package, and uses it from another project: by CMake and by pkg-config.

    package_test.py --build DIR --binary IDENTITYD --stubs DIR

The package is built below --build, and stays there: the next run builds only what has changed.
"""

import argparse
import contextlib
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CHECK = ROOT / "client" / "cpp" / "examples" / "check.cc"
sys.path.insert(0, str(ROOT / "tests" / "interop"))

import deployment  # noqa: E402
import run  # noqa: E402

# The package's own settings would take minutes.
QUICK = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS=-O0 -g0"]
COMPILER = ["c++", "-std=c++20", "-O0", "-Wall", "-Wextra", "-Werror"]


def call(*command, **options):
    """The output of a command that must succeed."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                          **options)
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(map(str, command))}\n{done.stdout}")
    return done.stdout


class Package:
    """The installed package."""

    def __init__(self, folder):
        self.folder = folder
        self.prefix = folder / "prefix"

    def install(self):
        build = self.folder / "build"
        launcher = f"-DCMAKE_CXX_COMPILER_LAUNCHER={shutil.which('ccache') or ''}"
        call("cmake", "-S", ROOT / "client" / "cpp", "-B", build, *QUICK, launcher)
        call("cmake", "--build", build)
        call("cmake", "--install", build, "--prefix", self.prefix)

    def build_with_cmake(self):
        """The folder of programs that find_package has made possible."""
        build = self.folder / "with_cmake"
        call("cmake", "-S", HERE, "-B", build, *QUICK, f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCHECK_SOURCE={CHECK}")
        call("cmake", "--build", build)
        return build

    def build_with_pkg_config(self):
        """The same by pkg-config."""
        build = self.folder / "with_pkg_config"
        build.mkdir(exist_ok=True)
        pkg_config = {**os.environ, "PKG_CONFIG_PATH": str(next(self.prefix.rglob("pkgconfig")))}
        for name, source, modules in (("check", CHECK, ["identity-client"]),
                                      ("all_headers", HERE / "all_headers.cc",
                                       ["identity-local_verification", "identity-client"])):
            flags = shlex.split(call("pkg-config", "--cflags", "--libs", *modules, env=pkg_config))
            call(*COMPILER, source, "-o", build / name, *flags)
        return build


class PackageTest(unittest.TestCase):
    """`options` are those of the command line."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.package = Package(cls.options.build)
        cls.package.install()
        cls.stack.enter_context(deployment.deploy(cls.options.binary.resolve(), replicas=1))
        import client as interop
        here = deployment.current()
        with contextlib.closing(interop.Client()) as entry:
            cls.token = entry.log_in(here.admin_login, here.admin_password).access_token
        cls.here = here

    def check(self, program, token):
        """The exit code and the output of the example."""
        address = self.here.environment["IDENTITY_ADDRESS"]
        done = subprocess.run([program, address, "plaintext", token, "posts:read", "orgs/acme"], check=False,
                              env={**os.environ, "IDENTITY_API_KEY": self.here.service_key},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=60)
        return done.returncode, done.stdout

    def use(self, programs):
        call(programs / "all_headers")
        self.assertEqual(self.check(programs / "check", self.token), (0, "REASON_GRANTED\n"))
        self.assertEqual(self.check(programs / "check", "nonsense"), (1, "REASON_CREDENTIAL_INVALID\n"))

    def test_a_project_of_cmake_finds_it(self):
        self.use(self.package.build_with_cmake())

    def test_pkg_config_finds_it(self):
        self.use(self.package.build_with_pkg_config())

    def test_no_installed_file_names_its_folder_or_the_server(self):
        for path in self.package.prefix.rglob("*"):
            if path.is_file() and path.suffix != ".a":
                text = path.read_text(encoding="utf-8").replace(str(self.package.prefix), "")
                self.assertNotIn(str(ROOT), text, path)
                self.assertNotIn('"server/', text, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--stubs", type=pathlib.Path, required=True)
    PackageTest.options = parser.parse_args()
    PackageTest.options.build = PackageTest.options.build.resolve()
    PackageTest.options.build.mkdir(exist_ok=True)
    run.use_stubs(PackageTest.options.stubs.resolve())
    unittest.main(argv=sys.argv[:1], verbosity=2)


if __name__ == "__main__":
    main()
