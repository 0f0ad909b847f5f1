#!/usr/bin/python3
"""Tests the login frontend against a real Identity, with a real browser.

    frontend_test.py --binary IDENTITYD [--pictures FOLDER] [TEST…]

TEST is a unittest name, as session_attacks_test.ForgeryTest; without a TEST, all *_test.py beside this file run. The
tests of accessibility need axe-core: IDENTITY_AXE names its axe.min.js, unless it is in node_modules. With --pictures,
FOLDER gets a picture of each page.
"""

import argparse
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import world  # pylint: disable=wrong-import-position


class WorldSuite(unittest.TestSuite):
    """Tests that share a world. It exists while they run."""

    def __init__(self, binary, tests):
        super().__init__(tests)
        self._binary = binary

    def run(self, result, debug=False):
        with world.make(self._binary):
            return super().run(result, debug)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    if arguments.pictures:
        os.environ["IDENTITY_PICTURES"] = str(arguments.pictures.resolve())
    loader = unittest.TestLoader()
    tests = loader.loadTestsFromNames(arguments.tests) if arguments.tests else loader.discover(str(HERE), "*_test.py")
    if tests.countTestCases() == 0:
        sys.exit("there are no tests")
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2)
    sys.exit(not runner.run(WorldSuite(arguments.binary.resolve(), tests)).wasSuccessful())


if __name__ == "__main__":
    main()
