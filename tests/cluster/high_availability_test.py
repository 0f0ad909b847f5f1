"""Faults of databases, networks, clocks and disks under load, and what an application sees of them.

    high_availability_test.py --binary IDENTITYD --load CLUSTER_LOAD --stubs DIRECTORY [--kills N] [TEST…]

Each test has a load of 500 checks and 20 changes a second by the C++ client. With `--kills` it kills the primary so
many times. Needs root.
"""

import argparse
import os
import signal
import sys
import time
import unittest

from cluster import Cluster
from hosts import wait_until

OPTIONS = argparse.Namespace()


class Case(unittest.TestCase):
    def setUp(self):
        self.cluster = CLUSTER
        self.cluster.await_databases()
        self.cluster.await_replicas()
        self.load = self.cluster.start_load(self._testMethodName)
        self.await_changes()

    def await_changes(self, count=20):
        """Waits until so many more changes have been acknowledged."""
        start = time.time()
        wait_until(lambda: sum(begin > start and acknowledged for begin, _, acknowledged in self.load.changes()) >= count,
                   lambda: f"changes succeed:\n{self.cluster.describe()}", 120)

    def longest_gap(self, since):
        """The longest time since then without an acknowledged change, in seconds."""
        ends = [end for _, end, acknowledged in self.load.changes() if acknowledged and end >= since]
        return max(later - earlier for earlier, later in zip([since, *ends], ends))

    def say(self, text):
        print(f"    {self._testMethodName}: {text}", file=sys.stderr, flush=True)

    def judge(self):
        """Ends the load. No check may have failed or had a wrong answer, and no acknowledged change may be lost."""
        summary, verified = self.load.stop()
        self.say(f"{summary}; verified {verified['verified']}")
        faults = [line for line in self.load.journal.read_text(encoding="utf-8").splitlines() if '"event":"check' in line]
        self.assertEqual((summary["checks_failed"], summary["checks_wrong"]), (0, 0), "\n".join(faults[:20]))
        self.assertEqual(verified["lost"], [])
        self.assertGreater(verified["verified"], 0)
        return summary


class PrimaryTest(Case):
    def test_primary_is_killed(self):
        kinds = [self.kill_postgres, self.kill_patroni_and_postgres, self.kill_host]
        for number in range(OPTIONS.kills):
            kill = kinds[number % len(kinds)]
            primary = self.cluster.primary()
            start = time.time()
            limit = kill(primary)
            self.await_changes()
            gap = self.longest_gap(start)
            self.say(f"{number + 1}. {kill.__name__} of {primary.name}: {gap:.1f} s without a change, "
                     f"now {self.cluster.leader()}")
            self.assertLess(gap, limit)
            self.cluster.await_databases()
        self.judge()

    # Each returns the limit in seconds for the time without changes.

    def kill_postgres(self, primary):
        primary.kill_postgres()
        return 10

    def kill_patroni_and_postgres(self, primary):
        primary.patroni.kill()
        primary.kill_postgres()
        wait_until(lambda: self.cluster.leader() not in (None, primary.name), "another database leads")
        primary.start_patroni()
        return 30

    def kill_host(self, primary):
        primary.kill()
        wait_until(lambda: self.cluster.leader() not in (None, primary.name), "another database leads")
        primary.boot()
        primary.start_patroni()
        return 30


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--stubs", required=True)
    parser.add_argument("--kills", type=int, default=3)
    rest = parser.parse_known_args(namespace=OPTIONS)[1]
    global CLUSTER  # pylint: disable=global-variable-undefined
    CLUSTER = Cluster(OPTIONS.binary, OPTIONS.load, OPTIONS.stubs)
    try:
        tests = unittest.main(argv=[sys.argv[0], *rest], exit=False)
    finally:
        CLUSTER.close()
    sys.exit(not tests.result.wasSuccessful())


if __name__ == "__main__":
    main()
