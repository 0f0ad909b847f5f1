"""What the tests of this folder share: the command line, and other programs as peers."""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "interop"), str(ROOT / "tests" / "support" / "python")]

DEADLINE_SECONDS = 30
ARGUMENTS = argparse.Namespace()


def until(condition, what):
    """Waits until `condition()` is true. `what` describes it for people; a function is called at the end."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {DEADLINE_SECONDS} s: {what() if callable(what) else what}")
        time.sleep(0.1)


@contextlib.contextmanager
def running(command, log):
    """A process that ends with the block."""
    with open(log, "wb") as out:
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def main():
    """Runs the tests of the program that calls it, with --binary and --stubs from its command line."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--stubs", type=pathlib.Path, required=True)
    _, remaining = parser.parse_known_args(namespace=ARGUMENTS)
    import run  # pylint: disable=import-outside-toplevel
    run.use_stubs(ARGUMENTS.stubs.resolve())
    unittest.main(argv=[sys.argv[0], *remaining], testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=2))
