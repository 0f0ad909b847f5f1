"""Counts the instructions of calls, and compares them with the counts that the repository keeps.

Unlike a time, a count is the same on a busy machine. valgrind's callgrind counts what our own code, and the libraries
that it calls, do for a call: neither gRPC, nor the kernel, nor other threads, such as those that hash passwords.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from platform import machine

import rows
from bench import aligned, first_match, say, server_of, tool_of
from deployment import Bench, Failure

KEPT = pathlib.Path(__file__).with_name("instructions.json")
TOLERANCE = 0.03  # of the kept count

# The functions whose calls are counted. gRPC calls the first with a request that is not parsed yet; it returns when the
# answer is serialized. The other admits a call and makes its result, for a login or a refresh on a worker.
ANSWER_CHECK = re.compile(r"RpcService::Serve<.*v1::CheckPermissionRequest.*_M_invoke")
HANDLE = re.compile(r"^identity::CallRunner::Handle\(")
USERS = 100
CHEAP_HASH = ("--argon2-memory-mib=19",)


def inclusive_cost(profile, function):
    """The instructions of all calls of `function`, a pattern of its name, and how many calls there were."""
    names, costs, calls = {}, collections.Counter(), collections.Counter()
    called, times = None, None
    for line in profile.read_text(encoding="utf-8").splitlines():
        if line.startswith("cfn="):
            number, _, name = line[4:].partition(" ")
            names.setdefault(number, name)
            called = names[number]
        elif line.startswith("fn="):
            number, _, name = line[3:].partition(" ")
            names.setdefault(number, name)
        elif line.startswith("calls="):
            times = int(line[6:].split()[0])
        elif times is not None:  # the cost of these calls
            costs[called] += int(line.split()[1])
            calls[called] += times
            times = None
    found = [name for name in costs if function.search(name)]
    if len(found) != 1:
        raise Failure(f"the profile has {len(found)} functions that match {function.pattern}")
    return costs[found[0]], calls[found[0]]


class CallCounter:
    """Counts the instructions of one server's calls. The server runs under callgrind."""

    ONE_BY_ONE = {"connections": 1, "in_flight": 1, "warm_up": 0}

    def __init__(self, context, server, profiles):
        self.context = context
        self._server = server
        self._profiles = profiles

    def _control(self, option):
        done = subprocess.run(["callgrind_control", option, str(self._server.pid)], check=False, capture_output=True,
                              encoding="utf-8", timeout=60)
        if done.returncode != 0:
            raise Failure(f"callgrind_control: {done.stderr.strip() or done.stdout.strip()}")

    def of(self, function, run):
        """The instructions of one call. `run` is called once before, so that caches are warm."""
        run()
        before = set(self._profiles.iterdir())
        self._control("--zero")
        rpcs = run()["all_calls"]
        self._control("--dump")
        profiles = set(self._profiles.iterdir()) - before
        if len(profiles) != 1:
            raise Failure(f"callgrind wrote {len(profiles)} profiles instead of one")
        (profile,) = profiles
        # A call that memory cannot answer is handled twice. So both counts differ if a check was not warm.
        for counted in (function, HANDLE):
            cost, calls = inclusive_cost(profile, counted)
            if calls != rpcs:
                raise Failure(f"{rpcs} RPCs made {calls} calls of {counted.pattern}")
        return inclusive_cost(profile, function)[0] / rpcs

    def warm_check(self):
        checks = self.context.tokens()
        return self.of(ANSWER_CHECK, lambda: self.context.check(self._server, checks, seconds=3, **self.ONE_BY_ONE))

    def login(self):
        firsts = iter(range(1, USERS, USERS // 2))
        return self.of(HANDLE, lambda: self._once(
            rows.AUTHENTICATE, "login", USERS // 2, "--first", next(firsts), "--password", rows.seed.PASSWORD))

    def refresh(self, epoch):
        firsts = iter(range(1, USERS, USERS // 2))
        return self.of(HANDLE, lambda: self._once(
            rows.REFRESH, "refresh", USERS // 2, "--first", next(firsts), "--token-epoch", epoch))

    def _once(self, method, kind, count, *options):
        requests = self.context.requests(kind, count, "--users", count, *options)
        return self.context.load(self._server, method, requests, "--once", seconds=90, timeout=100, **self.ONE_BY_ONE)


def count_all(programs):
    """The instructions of each kind of call."""
    with tempfile.TemporaryDirectory(prefix="identity-profiles.") as directory:
        profiles = pathlib.Path(directory)
        under = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={profiles}/calls")
        with Bench(server_of(programs), tool_of(programs), say, under) as bench:
            context = rows.Context(bench)
            database = rows.with_passwords(context, USERS, *CHEAP_HASH)[0]
            epoch = rows.make_refresh_tokens(context, database, USERS)
            with bench.serving(database, *CHEAP_HASH) as server:
                counter = CallCounter(context, server, profiles)
                return {"warm check": counter.warm_check(), "refresh": counter.refresh(epoch),
                        "login": counter.login()}


def system_name():
    """What decides how many instructions a call takes: the compiler and the libraries, and what the processor has, by
    which libraries choose their code."""
    version = subprocess.run(["pkg-config", "--modversion", "grpc++"], check=True, capture_output=True, encoding="ascii",
                             timeout=10).stdout.strip()
    return (f"{first_match('/etc/os-release', 'PRETTY_NAME')}, {machine()} {'with' if has_avx2() else 'without'} "
            f"AVX2, gRPC {version}")


def has_avx2():
    return " avx2 " in first_match("/proc/cpuinfo", "flags") + " "


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, required=True, help="the build directory")
    parser.add_argument("--keep", action="store_true", help="keep the counts of this run, for later runs")
    arguments = parser.parse_args()
    here, kept = system_name(), json.loads(KEPT.read_text(encoding="utf-8"))
    try:
        counts = count_all(arguments.programs)
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        sys.exit(f"instructions: {failure}")
    before = kept.get(here, {})
    if arguments.keep:
        kept[here] = {name: round(count) for name, count in counts.items()}
        KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    lines, missed = [("instructions of a", "kept", "now", "now / kept")], []
    for name, count in counts.items():
        usual = before.get(name)
        lines.append((name, f"{usual:,}" if usual else "none", f"{count:,.0f}",
                      f"{count / usual:.3f}" if usual else ""))
        if not usual or abs(count / usual - 1) > TOLERANCE:
            missed.append(name)
    print(f"{here}\n\n{aligned(lines)}")
    if arguments.keep:
        say(f"kept in {KEPT.name}")
        return
    if not before:
        sys.exit(f"instructions: counts are kept for {', '.join(kept)}, not for this system: add them with --keep")
    if missed:
        sys.exit(f"instructions: more than {TOLERANCE:.0%} away from the kept count: {', '.join(missed)}. If the change "
                 "is right, keep the new counts with --keep")


if __name__ == "__main__":
    main()
