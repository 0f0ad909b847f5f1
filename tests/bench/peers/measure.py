"""Measures a peer and Identity in turn."""

import dataclasses
import functools
import statistics

import messages
import rows
from deployment import Failure, processor_seconds, resident_bytes
from peer import tree
from rows import alternate

ROUNDS = 3
WARM_UP = 0.4


class Side:
    """A server and what it is asked. The processor time includes that of the processes `helpers`."""

    def __init__(self, bench, server, asked, helpers=()):
        self._bench = bench
        self._server = server
        self._helpers = helpers
        self._asked = asked

    def warm_up(self, seconds):
        self._load(seconds, 0)

    def closed_loop(self, seconds):
        """Adds to the result: the processor time of each answer in µs, and the resident bytes."""
        before = self._processor_seconds()
        result = self._load(seconds, WARM_UP)
        spent = self._processor_seconds() - before
        return {**result, "processor_us": spent * 1e6 / result["all_calls"],
                "resident": resident_bytes(tree(self._server.pid))}

    def open_loop(self, seconds, rate):
        return self._load(seconds, WARM_UP, "--rate", rate)

    def _processor_seconds(self):
        return sum(processor_seconds(tree(pid)) for pid in (self._server.pid, *self._helpers))

    def _load(self, seconds, warm_up, *options):
        return rows.without_failures(self._bench.tool(
            *self._asked.command(*options), "--seconds", seconds, "--warm-up", warm_up, timeout=120))


def assert_denied(bench, asked, requests, name):
    """Every one of these questions must get an answer, and none may be the allowing one."""
    count = len(list(messages.read(requests)))
    result = bench.tool(*asked.one_by_one(requests), "--seconds", 60, timeout=90)
    if result["wrong"] != count:
        raise Failure(f"of {count} questions without a grant {name} denied {result['wrong']}; {result['failures']} "
                      f"failed {result['failures_by_code'] or ''}")


@dataclasses.dataclass(frozen=True)
class Median:
    """The medians of one side's runs. The first two are those of a decision, and the p99 is that of a call."""
    per_second: float
    processor_us: float
    p99_ms: float
    resident_mib: float


def median(closed, opened, decisions):
    def of(results, key):
        return statistics.median(result[key] for result in results)

    return Median(of(closed, "calls_per_second") * decisions, of(closed, "processor_us") / decisions,
                  rows.p99(opened), of(closed, "resident") / 2**20)


def half_of_slowest(*runs):
    """A rate that both can keep, with two digits."""
    rate = min(map(rows.rate, runs)) / 2
    digits = len(str(int(rate)))
    return max(1, int(rate) // 10 ** max(0, digits - 2) * 10 ** max(0, digits - 2))


def postmaster(cluster):
    return int((cluster.directory / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])


def compare(bench, comparison, theirs, ours):
    """The medians of the peer and of Identity, the equal rate, and all runs."""
    for asked, requests, name in ((comparison.theirs, comparison.theirs_denied, "the peer"),
                                  (comparison.ours, comparison.ours_denied, "Identity")):
        if requests:
            assert_denied(bench, asked, requests, name)
    if comparison.verify:
        comparison.verify()
    helpers = [postmaster(bench.cluster)] if comparison.with_database else []
    sides = [Side(bench, theirs, comparison.theirs), Side(bench, ours, comparison.ours, helpers)]
    for side in sides:
        side.warm_up(comparison.warm_up_seconds)
    closed = alternate(ROUNDS, *(functools.partial(side.closed_loop, comparison.closed_seconds) for side in sides))
    rate = half_of_slowest(*closed)
    opened = alternate(ROUNDS, *(functools.partial(side.open_loop, comparison.open_seconds, rate) for side in sides))
    medians = [median(*runs, comparison.decisions) for runs in zip(closed, opened)]
    return *medians, rate, {"closed": closed, "open": opened}
