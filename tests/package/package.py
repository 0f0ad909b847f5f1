"""Packs the identityd of a build, as scripts/package does for a release."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
EPOCH = 1_700_000_000


def run(*command, **options):
    """The output of a command that succeeds."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                          errors="replace", **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def pack(build, directory):
    """The path of a new package in a directory. It is compressed quickly, since a test binary can be large."""
    run("cpack", "--config", build / "CPackConfig.cmake", "-B", directory, "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip",
        env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)}, umask=0o022)
    return next(pathlib.Path(directory).glob("*.deb"))
