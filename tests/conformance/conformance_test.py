"""Holds a client to the table of cases in tests/cases/client.

    conformance_test.py --binary IDENTITYD [--case NAME]… [--lacks NEED]… [--list] -- DRIVER…

DRIVER is the command that runs the client's driver (README.md). NAME is that of a case, or the beginning of several.
With --lacks, the cases that need NEED are left out: the client's platform cannot do it, and the client's README says
so. Prints a line for each case. Fails if a case fails.
"""

import argparse
import contextlib
import json
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CASES = ROOT / "tests" / "cases" / "client"
sys.path.insert(0, str(ROOT / "tests" / "interop"))

POST = {"org": "acme", "post": {"id": "p1"}}
ANSWER_SECONDS = 60
UNTIL_SECONDS = 60


class Driver:
    """A running driver."""

    def __init__(self, command):
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self._answers = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def send(self, command):
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def answer(self):
        try:
            return json.loads(self._answers.get(timeout=ANSWER_SECONDS))
        except (queue.Empty, ValueError):
            self._process.kill()  # so that no later case takes a late answer for its own
            raise AssertionError("the driver gave no answer") from None

    def has_ended(self):
        return self._process.poll() is not None

    def stop(self):
        """Ends its input. A driver that does not end then is killed."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()


class Case(unittest.TestCase):
    """A case of the table."""

    maxDiff = None

    def __init__(self, described, suite):
        super().__init__("run_steps")
        self._described = described
        self._suite = suite
        self._last = None
        self._port = None

    def __str__(self):
        return self._described["name"]

    def id(self):
        return self._described["name"]

    def run_steps(self):
        self._host = self._suite.host
        self._names = self._host.begin(self._described)
        self._connect()
        if self._described.get("serve"):
            self._port = self._command({"do": "serve"})["port"]
        for number, step in enumerate(self._described["steps"], 1):
            try:
                self._take(step)
            except Exception as error:
                error.add_note(f"in step {number}: {json.dumps(step, ensure_ascii=False)}")
                raise

    def _connect(self):
        connection = {"address": "$main", "plaintext": True, "credential": {"text": "$service_key"}}
        connection.update(self._described.get("connect", {}))
        self.assertEqual(self._command({"do": "connect", **connection}), {"ok": True})

    def _take(self, step):
        if "until" in step:
            self._repeat(step["until"])
        else:
            self._once(step)

    def _repeat(self, step):
        """Takes the step until it succeeds. Until then it may fail only as its `meanwhile` says."""
        end = time.monotonic() + UNTIL_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(AssertionError):
                return self._once(step)
            if "meanwhile" in step:
                self.assertIn(self._last, step["meanwhile"])
            time.sleep(0.1)
        return self._once(step)

    def _once(self, step):
        """Takes the step, and compares its answer."""
        about = ("expect", "keep", "while", "meanwhile")
        said = self._filled_in({name: value for name, value in step.items() if name not in about})
        if "host" in said:
            answer = getattr(self._host, said.pop("host").replace(" ", "_"))(**said)
        elif "call" in said:
            import host
            answer = host.call(self._port, said["call"], said.get("request", POST), said.get("metadata", []))
        else:
            answer = self._command(said, step.get("while", ()))
            self._names.update({name: answer[member] for name, member in step.get("keep", {}).items()})
        self._last = answer
        if "expect" in step:
            self._compare(answer, self._filled_in(step["expect"]))

    def _filled_in(self, value):
        return self._host.filled_in(value, self._names)

    def _command(self, command, meanwhile=()):
        """What the driver answers. The steps `meanwhile` are taken while it works."""
        driver = self._suite.driver()
        driver.send(self._filled_in(command))
        for step in meanwhile:
            self._once(step)
        answer = driver.answer()
        self.assertNotIn("fault", answer)
        return answer

    def _compare(self, answer, expected):
        """`one_of` has the possible answers; `from` and `to` are the least and the greatest number. `with` has members
        that an answer must have beside others; `has` has the names of all its members. `only` has the kinds of answers
        that a count may have, `some` those that it must have."""
        if not isinstance(expected, dict):
            self.assertEqual(answer, expected)
        elif set(expected) == {"one_of"}:
            self.assertIn(answer, expected["one_of"])
        elif set(expected) == {"from", "to"}:
            self.assertIn(answer, range(expected["from"], expected["to"] + 1))
        elif set(expected) == {"has"}:
            self.assertEqual(set(answer), set(expected["has"]))
        elif set(expected) == {"with"}:
            self.assertEqual({**answer, **expected["with"]}, answer)
        elif "only" in expected:
            self.assertLessEqual(set(answer), set(expected["only"]))
            self.assertLessEqual(set(expected.get("some", ())), set(answer))
        else:
            self.assertEqual(set(answer), set(expected))
            for name, value in expected.items():
                self._compare(answer[name], value)


class HostedSuite(unittest.TestSuite):
    """The cases. Their host and their driver exist while they run."""

    def __init__(self, binary, command, cases):
        super().__init__(Case(case, self) for case in cases)
        self._binary = binary
        self._command = command
        self._driver = None
        self.host = None

    def run(self, result, debug=False):
        import deployment
        import host  # it needs the stubs
        import run
        with contextlib.ExitStack() as stack:
            stack.enter_context(deployment.deploy(self._binary, *run.OTHER_ALGORITHMS, replicas=1))
            self.host = host.Host(json.loads((CASES / "world.json").read_text(encoding="utf-8")), stack)
            self._driver = Driver(self._command)
            stack.callback(lambda: self._driver.stop())
            return super().run(result, debug)

    def driver(self):
        """The driver, or a new one after the last has failed."""
        if self._driver.has_ended():
            self._driver.stop()
            self._driver = Driver(self._command)
        return self._driver


def make_stubs(folder):
    """Generates the modules for the contract and for the guarded service, and makes them importable."""
    import run
    protos = [*(ROOT / "proto" / "identity").rglob("*.proto"), *(ROOT / "proto" / "google").rglob("*.proto")]
    plugin = shutil.which("grpc_python_plugin")
    subprocess.run(["protoc", "-I", ROOT / "proto", "-I", HERE, f"--python_out={folder}", f"--grpc_out={folder}",
                    f"--plugin=protoc-gen-grpc={plugin}", *protos, HERE / "guestbook.proto"], check=True)
    run.use_stubs(folder)


def cases_of(names, lacking):
    """The cases of the table, or those whose names begin so. Without those that need what is lacking."""
    files = (path for path in sorted(CASES.glob("*.json")) if path.name != "world.json")
    cases = [case for path in files for case in json.loads(path.read_text(encoding="utf-8"))["cases"]]
    unknown = set(lacking) - {case["needs"] for case in cases if "needs" in case}
    if unknown:
        sys.exit(f"no case needs {', '.join(unknown)}")
    return [case for case in cases
            if case.get("needs") not in lacking and (not names or case["name"].startswith(tuple(names)))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--lacks", action="append", default=[])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("driver", nargs="+")
    arguments = parser.parse_args()
    cases = cases_of(arguments.case, arguments.lacks)
    if arguments.list:
        print("\n".join(case["name"] for case in cases))
        return
    if not cases:
        sys.exit("there are no such cases")
    with tempfile.TemporaryDirectory(prefix="identity-conformance.") as stubs:
        make_stubs(pathlib.Path(stubs))
        runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2)
        result = runner.run(HostedSuite(arguments.binary.resolve(), arguments.driver, cases))
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
