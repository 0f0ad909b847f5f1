"""Measurements that take many minutes or much memory. They run only when they are named."""

import contextlib
import json
import statistics
import time

import rows
import seed
from deployment import Failure
from rows import alternate, rate, without_failures

TEN_MILLION = 10_000_000

BARS = {
    "revocation_flood": [("revocation_flood", "ms, p99 of a Revoke, at 100,000 a minute for 10 minutes", None, 250),
                         ("revocation_flood_lag", "ms, p99 of the worst minute", None, 50),
                         ("revocation_flood_memory", "bytes of memory for each revocation", None, 300)],
    "ten_million": [("ten_million", "of the throughput with 100", 0.85, None),
                    ("ten_million_memory", "bytes for each principal", None, 300),
                    ("ten_million_busy_tenth", "of the throughput with 100", 0.85, None),
                    ("ten_million_start", "s", None, 1),
                    ("ten_million_mass_change", "s until 100,000 users that are disabled are denied", None, 5),
                    ("ten_million_role_change", "s until roles of all users no longer grant", None, 5)],
}


def revocation_flood(context, minutes=10, a_minute=100_000):
    """Two replicas revoke sessions at a fixed rate. Each minute, the lag of a hundred others is measured."""
    share, probes = minutes * a_minute // 2, 100
    database = context.databases.get(users=2 * share + minutes * probes, name="_flood")
    admin = context.bearer(seed.ADMIN)
    with context.bench.serving(database) as one, context.bench.serving(database) as other:
        before = other.resident_bytes()
        loads, lags = [], []
        started = time.monotonic()
        for number, replica in enumerate((one, other)):
            requests = context.requests("revoke", share, "--first", 1 + number * share, "--users", share)
            loads.append(context.bench.start_tool(
                "load", "--address", replica.address, "--method", rows.REVOKE, "--requests", requests,
                "--authorization-file", admin, "--seconds", minutes * 60, "--warm-up", 0, "--once", "--rate",
                a_minute / 2 / 60, "--connections", 4, "--in-flight", 16))
        try:
            for minute in range(minutes):
                time.sleep(max(0, started + 60 * minute + 30 - time.monotonic()))
                lags.append(rows.measure_lag(context, database, one, other, 2 * share + minute * probes + 1, probes,
                                             "--parallel", 1, "--poll-interval", 0.001))
            ended = [without_failures(json.loads(load.output(minutes * 60 + 60))) for load in loads]
        finally:
            for load in loads:
                load.stop()
        revoked = sum(load["calls"] for load in ended)
        grown = other.resident_bytes() - before
    stored = context.bench.cluster.execute(database, "SELECT count(*) || ' rows, ' || "
                                           "pg_size_pretty(pg_total_relation_size('changes')) FROM changes")
    context.details["revocation_flood"] = {"loads": ended, "lags": lags, "bytes": grown}
    worst = max(lag["lag_ms"]["p99"] for lag in lags)
    slowest = max(load["latency_ms"]["p99"] for load in ended)
    return [(slowest, f"{revoked:,} over two replicas, in {minutes} minutes"),
            (worst, f"median {statistics.median(lag['lag_ms']['p50'] for lag in lags):.2f} ms, most "
                    f"{max(lag['lag_ms']['max'] for lag in lags):.2f} ms"),
            (grown / revoked, f"{grown / 2**20:,.0f} MiB; the table changes has {stored}")]


def ten_million(context):
    """Ten million principals in the view, and in the database of a view with room for a tenth of them."""
    few, tenth = 100, TEN_MILLION // 10
    database = context.databases.get(users=TEN_MILLION, sessions=False)
    requests = {users: context.requests("check-principal", min(users, rows.MILLION), "--users", users)
                for users in (few, tenth, TEN_MILLION)}
    with contextlib.ExitStack() as stack:
        small = stack.enter_context(context.bench.serving(context.databases.get()))
        busy = stack.enter_context(context.bench.serving(database, "--view-memory-mib=600"))
        large = stack.enter_context(context.bench.serving(database, "--view-memory-mib=6144"))
        for server, users in ((small, few), (busy, tenth), (large, TEN_MILLION)):
            rows.touch(context, server, users, TEN_MILLION)
        memory = large.resident_bytes() - small.resident_bytes()
        least, busiest, most = alternate(
            3, lambda: context.check(small, requests[few], "--random"),
            lambda: context.check(busy, requests[tenth], "--random"),
            lambda: context.check(large, requests[TEN_MILLION], "--random"))
        start = large.start_seconds
        denied_after, beside = change_many(context, database, busy)
        denied_by_role_after = change_roles(context, database, large)
    context.details["ten_million"] = {"few": least, "busy": busiest, "all": most, "bytes": memory, "beside": beside}
    return [(rate(most) / rate(least), f"{rate(most):,.0f} to {rate(least):,.0f} calls/s"),
            (memory / TEN_MILLION, f"{memory / 2**20:,.0f} MiB"),
            (rate(busiest) / rate(least), f"{rate(busiest):,.0f} to {rate(least):,.0f} calls/s; a million is in use"),
            (start, "10,000,000 principals"),
            (denied_after, f"beside it, {beside['calls_per_second']:,.0f} checks/s of others had a p99 of "
                           f"{beside['latency_ms']['p99']:.2f} ms and at most {beside['latency_ms']['max']:.0f} ms"),
            (denied_by_role_after, "10 roles, each of 3,000,000 users; the view has all")]


def commit(context, database, change, entries):
    """Commits a change and its entries for the feeds, as a server does. Returns the time of its end."""
    context.bench.cluster.execute(
        database, f"BEGIN; UPDATE revision SET value = value + 1; {change}; "
        f"INSERT INTO changes (revision, what, whose) SELECT value, entries.* FROM revision, ({entries}) AS entries; "
        "SELECT pg_notify('identity_changes', value::text) FROM revision; COMMIT")
    return time.monotonic()


def are_denied(context, server, requests, count):
    """Whether the server denies all `count` checks of the requests."""
    result = context.bench.tool(*context.load_arguments(server, rows.CHECK, requests, "--expect-allowed", "--once",
                                                        seconds=30, warm_up=0))
    if result["failures"] or result["calls"] != count:
        raise Failure(f"{result['failures']} of {count} checks failed")
    return result["wrong"] == count


def seconds_until_denied(context, server, users, since):
    """How long after `since` the server denies users that it has allowed."""
    requests = context.requests("check-principal", 100, *users)
    while not are_denied(context, server, requests, 100):
        if time.monotonic() > since + 60:
            raise Failure("users are still allowed 60 s after the change")
    return time.monotonic() - since


def change_many(context, database, server, count=100_000):
    """Disables `count` users in one transaction. Returns the time from its end until the server denies all of them, and
    how checks of other users went meanwhile."""
    others = context.requests("check-principal", 100_000, "--first", count + 1, "--users", TEN_MILLION // 10 - count)
    disabled = context.requests("check-principal", count, "--users", count)
    load = context.bench.start_tool(*context.load_arguments(
        server, rows.CHECK, others, "--expect-allowed", "--random", "--rate", 1_000, seconds=30, warm_up=1))
    try:
        numbers = f"generate_series(1, {count}) AS i"
        ended = commit(context, database,
                       f"UPDATE principals SET disabled_time = now() FROM {numbers} WHERE id = {seed.user()}",
                       f"SELECT 'principal', {seed.user()}::text FROM {numbers}")
        seconds = seconds_until_denied(context, server, ("--users", count), ended)
        if not are_denied(context, server, disabled, count):
            raise Failure("some disabled users are still allowed")
        return seconds, without_failures(json.loads(load.output(60)))
    finally:
        load.stop()


def change_roles(context, database, server):
    """Takes their permissions from all roles of the users, in one transaction. Returns the time from its end until the
    server denies users."""
    ended = commit(context, database,
                   "UPDATE roles SET permissions = '{other:read}' WHERE name LIKE 'role-%'; "
                   "UPDATE roles_version SET value = gen_random_uuid()",  # a trigger does it for a server
                   "SELECT 'role', name FROM roles WHERE name LIKE 'role-%'")
    return seconds_until_denied(context, server, ("--first", TEN_MILLION // 2, "--users", 100), ended)
