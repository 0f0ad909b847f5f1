"""Runs the *_test.py files of a folder against one deployment of two replicas.

    run.py --binary IDENTITYD --stubs DIR [--folder NAME] [TEST…]

NAME is a folder beside this file; without it, the files beside this one run. TEST is a unittest name, as
access_token_test.ForgedTokenTest; without a TEST, all tests of the folder run.
"""

import argparse
import pathlib
import sys
import unittest

import google

import deployment

HERE = pathlib.Path(__file__).parent
OTHER_ALGORITHMS = ["--audience-algorithm=es256.example=ES256", "--audience-algorithm=rs256.example=RS256"]


class DeployedSuite(unittest.TestSuite):
    """Tests that share a deployment. It exists while they run."""

    def __init__(self, binary, tests):
        super().__init__(tests)
        self._binary = binary

    def run(self, result, debug=False):
        with deployment.deploy(self._binary, *OTHER_ALGORITHMS):
            return super().run(result, debug)


def use_stubs(directory):
    """Makes the generated modules importable, with google.rpc next to the installed google.protobuf."""
    sys.path.insert(0, str(directory))
    google.__path__ = [str(directory / "google"), *google.__path__]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--stubs", type=pathlib.Path, required=True)
    parser.add_argument("--folder", default=".")
    parser.add_argument("tests", nargs="*")
    arguments = parser.parse_args()
    use_stubs(arguments.stubs.resolve())
    folder = HERE / arguments.folder
    sys.path.insert(0, str(folder))
    loader = unittest.TestLoader()
    tests = loader.loadTestsFromNames(arguments.tests) if arguments.tests else loader.discover(folder, "*_test.py")
    if tests.countTestCases() == 0:
        sys.exit("there are no tests")
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2)
    sys.exit(not runner.run(DeployedSuite(arguments.binary.resolve(), tests)).wasSuccessful())


if __name__ == "__main__":
    main()
