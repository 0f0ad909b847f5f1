"""Faults of databases, networks, clocks and disks under load, and what an application sees of them.

    high_availability_test.py --binary IDENTITYD --load CLUSTER_LOAD --stubs DIRECTORY [--kills N] [TEST…]

Each test has a load of 500 checks and 20 changes a second by the C++ client. With `--kills` it kills the primary so
many times. Needs root.
"""

import argparse
import json
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

    def start_load(self, *options):
        self.load = self.cluster.start_load(self._testMethodName, *options)
        self.await_changes()

    def await_refused_changes(self, count):
        """Waits until so many more changes have ended without an acknowledgement."""
        start = time.time()
        wait_until(lambda: self.count_changes(start, False) >= count, "changes fail", 120)

    def await_changes(self, count=20):
        """Waits until so many more changes have been acknowledged."""
        start = time.time()
        wait_until(lambda: self.count_changes(start, True) >= count,
                   lambda: f"changes succeed:\n{self.cluster.describe()}", 120)

    def count_changes(self, since, acknowledged):
        return sum(begin > since and outcome == acknowledged for begin, _, outcome in self.load.changes())

    def longest_gap(self, since):
        """The longest time since then without an acknowledged change, in seconds."""
        ends = [end for _, end, acknowledged in self.load.changes() if acknowledged and end >= since]
        return max(later - earlier for earlier, later in zip([since, *ends], ends))

    def say(self, text):
        print(f"    {self._testMethodName}: {text}", file=sys.stderr, flush=True)

    def judge(self, away=True, unknown=()):
        """Ends the load. No answer may be wrong, and no acknowledged change lost.

        No check without a consistency token may fail, except of kinds of objects that are `unknown` to a replica. One
        with a token may fail only if the primary was `away` from a replica.
        """
        summary, verified = self.load.stop()
        self.say(f"{json.dumps(summary)}; verified {verified['verified']}")
        with_token = self.load.faults(with_token=True)
        self.say(f"failed checks with a token: {dict(with_token)}")
        self.assertEqual(summary["checks_wrong"], 0, with_token)
        # A failover loses no acknowledged change, so each token is known for ever.
        self.assertNotIn("FAILED_PRECONDITION", {fault[1] for fault in with_token})
        faults = self.load.faults(with_token=False)
        self.say(f"failed checks without a token: {dict(faults)}")
        self.assertEqual([fault for fault in faults if fault[-1] not in unknown], [])
        if not away:
            self.assertEqual(dict(with_token), {})
        self.assertEqual(verified["lost"], [])
        self.assertGreater(verified["verified"], 0)
        return summary


class PrimaryTest(Case):
    def test_primary_is_killed(self):
        self.start_load()
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
            with self.subTest(kill=number + 1):
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

    def test_primary_is_cut_off(self):
        self.start_load()
        primary = self.cluster.primary()
        self.addCleanup(primary.reconnect, "back")
        start = time.time()
        primary.cut_off("back")
        wait_until(lambda: self.cluster.leader() not in (None, primary.name), "another database leads")
        self.await_changes()
        gap = self.longest_gap(start)
        self.say(f"{gap:.1f} s without a change")
        self.assertLess(gap, 30)
        # Nobody can write to it any more, long before it is back.
        wait_until(lambda: primary.sql("SELECT pg_is_in_recovery()") == "t", "it is a standby")
        primary.reconnect("back")
        self.cluster.await_databases()
        self.await_changes()
        self.judge()

    def test_no_standby_is_left(self):
        self.start_load()
        primary = self.cluster.primary()
        standbys = [database for database in self.cluster.databases.values() if database is not primary]
        for standby in standbys:
            standby.kill()
        self.await_refused_changes(100)
        start = time.time()
        for standby in standbys:
            standby.boot()
            standby.start_patroni()
        self.await_changes()
        self.say(f"{self.longest_gap(start):.1f} s from their start to the first change")
        self.cluster.await_databases()
        self.judge()


class ReplicaTest(Case):
    def test_replica_is_cut_off_from_the_database(self):
        replica = self.cluster.replicas[0]
        self.restart(replica, "--max-staleness=10s")
        self.addCleanup(self.restart, replica)
        self.start_load("--staleness=10")
        self.addCleanup(replica.reconnect, "back")
        start = time.time()
        replica.cut_off("back")
        wait_until(replica.obstacles, "it is not ready")
        self.say(f"not ready after {time.time() - start:.1f} s: {replica.obstacles()}")
        self.assertEqual(replica.obstacles(), ["no_recent_facts"])
        self.await_changes(100)
        self.say(f"{self.longest_gap(start):.1f} s without a change")
        start = time.time()
        replica.reconnect("back")
        self.cluster.await_replicas()
        self.say(f"ready {time.time() - start:.1f} s after the connection was back")
        self.await_changes(100)
        # It never heard of the API keys that were issued in the meantime.
        self.judge(unknown=["api_key"])

    def test_clock_of_a_replica_is_wrong(self):
        replica = self.cluster.replicas[0]
        replica.set_clock(3)
        self.restart(replica)
        self.addCleanup(self.restart, replica)
        self.addCleanup(replica.set_clock)
        self.assertAlmostEqual(replica.metric("identity_clock_skew_seconds"), 3, delta=1)
        self.start_load()
        self.await_changes(200)
        self.assertEqual(replica.obstacles(), [])
        self.judge(away=False)

    def restart(self, replica, *options):
        replica.process.signal(signal.SIGKILL)
        replica.process.wait()
        self.cluster.serve(replica, *options)
        self.cluster.await_replicas()


class NetworkTest(Case):
    def test_network_is_slow(self):
        # Changes take turns, and each needs several round trips to the database.
        self.start_load("--changes-per-second=1", "--deadline=10")
        for replica in self.cluster.replicas:
            for switch in ("front", "back"):
                replica.slow_down(switch, 50, 0.02)
                self.addCleanup(replica.speed_up, switch)
        self.await_changes(60)
        self.judge(away=False)


class DiskTest(Case):
    def test_disk_of_the_primary_is_full(self):
        self.start_load()
        primary = self.cluster.primary()
        primary.fill_disk(str(primary.data))
        self.addCleanup(primary.free_disk, str(primary.data))
        self.await_refused_changes(40)
        self.assertEqual(self.cluster.leader(), primary.name)
        start = time.time()
        primary.free_disk(str(primary.data))
        self.await_changes()
        self.say(f"{self.longest_gap(start):.1f} s from the free space to the first change")
        self.judge()

    def test_disk_of_the_log_is_full(self):
        self.start_load()
        primary = self.cluster.primary()
        primary.fill_disk(str(primary.wal))
        self.addCleanup(primary.free_disk, str(primary.wal))
        start = time.time()
        wait_until(lambda: self.needs_log(primary), "PostgreSQL ends for want of space")
        wait_until(lambda: self.cluster.leader() not in (None, primary.name), "another database leads")
        self.await_changes()
        gap = self.longest_gap(start)
        self.say(f"{gap:.1f} s without a change")
        self.assertLess(gap, 30)
        primary.free_disk(str(primary.wal))
        self.cluster.await_databases()
        self.judge()

    @staticmethod
    def needs_log(primary):
        """Makes PostgreSQL begin a new segment. True: it could not."""
        try:
            primary.sql("SELECT pg_switch_wal(); CREATE TABLE IF NOT EXISTS segments (n int); DROP TABLE segments")
        except AssertionError:
            return True
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--stubs", required=True)
    parser.add_argument("--kills", type=int, default=3)
    rest = parser.parse_known_args(namespace=OPTIONS)[1]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # closes the cluster
    global CLUSTER  # pylint: disable=global-variable-undefined
    CLUSTER = Cluster(OPTIONS.binary, OPTIONS.load, OPTIONS.stubs)
    try:
        tests = unittest.main(argv=[sys.argv[0], *rest], exit=False)
    finally:
        CLUSTER.close()
    sys.exit(not tests.result.wasSuccessful())


if __name__ == "__main__":
    main()
