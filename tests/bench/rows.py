"""The measurements: for each row a function that returns its figures. docs/performance.md explains them."""

import contextlib
import dataclasses
import functools
import json
import statistics
import time

import seed
from deployment import Failure

CHECK = "/identity.v1.IdentityService/CheckPermission"
BATCH = "/identity.v1.IdentityService/BatchCheckPermissions"
AUTHENTICATE = "/identity.v1.IdentityService/Authenticate"
REFRESH = "/identity.v1.IdentityService/Refresh"
REVOKE = "/identity.v1.IdentityService/Revoke"
BIND = "/identity.v1.AdminService/CreateBinding"
CREATE = "/identity.v1.AdminService/CreateServiceAccount"
EXT_AUTHZ = "/envoy.service.auth.v3.Authorization/Check"
EMPTY = "/identity.bench.EmptyService/Call"

WITH_TOKENS = ("check-token", "ext-authz", "introspection", "evaluation")

MAX_STALENESS_SECONDS = 30
MILLION = 1_000_000
ROOM_FOR_A_MILLION = "--view-memory-mib=2048"


@dataclasses.dataclass
class Figure:
    name: str
    value: float
    unit: str
    at_least: float = None
    at_most: float = None
    note: str = ""

    def met(self):
        if self.value is None:
            return False
        return self.value >= self.at_least if self.at_least is not None else self.value <= self.at_most

    def bar(self):
        return f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"


# The figures of each row and their bars, in the order in which the rows run. A row that fails has these figures without
# a value.
BARS = {
    "check_warm": [("check_warm", "of an empty RPC's throughput", 0.95, None),
                   ("check_warm_p99", "× an empty RPC's p99", None, 1.15),
                   ("check_warm_processor", "× an empty RPC's processor time", None, 1.15)],
    "check_workload": [("check_workload_p99", "× the p99 with own tokens", None, 1.25)],
    "check_first_seen": [("check_first_seen", "of the computed limit", 0.90, None),
                         ("check_first_seen_beside_empty", "of an empty RPC that verifies a signature", 0.90, None)],
    "ext_authz": [("ext_authz", "of an empty RPC's throughput", 0.80, None)],
    "introspection": [("introspection", "of an empty HTTP request's throughput", 0.80, None)],
    "evaluation": [("evaluation", "of an empty HTTP request's throughput", 0.80, None)],
    "batch_100": [("batch_100", "× single checks a second", 10, None)],
    "growth_principals": [("growth_principals", "of the throughput with 100", 0.85, None)],
    "memory_per_principal": [("memory_per_principal", "bytes", None, 300)],
    "growth_roles": [("growth_roles", "of the throughput with 10", 0.85, None)],
    "growth_depth": [("growth_depth", "of the throughput at depth 1", 0.85, None)],
    "authenticate": [("authenticate", "of libsodium's hashes a second", 0.90, None)],
    "login_storm": [("login_storm", "× the p99 without it", None, 2),
                    ("login_storm_beside_empty", "× the p99 of an empty RPC beside the same hashes", None, 1.15)],
    "login_uniformity": [("login_uniformity", "ms between medians", None, 2)],
    "refresh": [("refresh", "of pgbench's transactions a second", 0.70, None)],
    "changes": [(f"changes_{kind}", "of pgbench's commits a second", 0.50, None)
                for kind in ("bind", "revoke", "create")],
    "revocation_lag": [("revocation_lag", "ms, p99", None, 50),
                       ("revocation_lag_without_notifications", "ms, p99", None, 1000)],
    "start_to_ready": [("start_to_ready", "s", None, 1)],
    "idle_memory": [("idle_memory", "MiB", None, 64)],
    "database_outage": [("database_outage", "failed checks", None, 0),
                        ("database_outage_age", "s, oldest facts", None, MAX_STALENESS_SECONDS)],
    "throughput": [],
}


class Context:
    """The bench, its databases, and all results, for the plots and for details.json."""

    def __init__(self, bench):
        self.bench = bench
        self.databases = seed.Databases(bench)
        self.details = {}
        self._outcomes = {}

    def once(self, measure):
        """Runs `measure` once for all rows that need it, and returns its result or raises its failure."""
        if measure not in self._outcomes:
            try:
                self._outcomes[measure] = (measure(self), None)
            except Failure as failure:
                self._outcomes[measure] = (None, failure)
        result, failure = self._outcomes[measure]
        if failure is not None:
            raise failure
        return result

    @functools.cached_property
    def backend(self):
        """The file with the metadata of a backend with the permission to check. It is the same for all databases."""
        return self.bearer(seed.BACKEND)

    def bearer(self, caller):
        out = self.bench.file("bearer")
        self.bench.tool("bearer", "--caller", caller, "--out", out, *self.keys(self.databases.template()))
        return out

    def keys(self, database):
        return ["--database-url", self.bench.cluster.url("identity_server", database), "--master-key-file",
                self.bench.master_key_file()]

    def requests(self, kind, count, *options):
        out = self.bench.file(f"{kind}.requests")
        keys = self.keys(self.databases.template()) if kind in WITH_TOKENS else []
        self.bench.tool("requests", "--kind", kind, "--out", out, "--count", count, *keys, *options, timeout=120)
        return out

    def tokens(self, count=100, users=100, *options):
        return self.requests("check-token", count, "--users", users, *options)

    def load_arguments(self, server, method, requests, *flags, seconds=2.0, warm_up=0.4, connections=4, in_flight=16):
        caller = [] if method in (AUTHENTICATE, REFRESH) else ["--authorization-file", self.backend]
        return ["load", "--address", server.address, "--method", method, "--requests", requests, "--seconds", seconds,
                "--warm-up", warm_up, "--connections", connections, "--in-flight", in_flight, *caller, *flags]

    def load(self, server, method, requests, *flags, timeout=60, **shape):
        before = server.processor_seconds()
        result = without_failures(
            self.bench.tool(*self.load_arguments(server, method, requests, *flags, **shape), timeout=timeout))
        result["server_seconds"] = server.processor_seconds() - before
        return result

    def check(self, server, requests, *flags, **shape):
        return self.load(server, CHECK, requests, "--expect-allowed", *flags, **shape)

    def http_load(self, server, requests, *flags, seconds=2.0):
        return without_failures(
            self.bench.tool("http-load", "--address", server.http_address, "--requests", requests, "--seconds", seconds,
                            "--warm-up", 0.4, "--connections", 64, *flags))

    def empty_twin(self, sample, *flags):
        """An empty server and its requests, with the same message sizes as the calls of `sample`."""
        fillings = self.requests("filling", 1, "--bytes", sample["request_bytes"])
        return self.bench.empty_server(sample["response_bytes"], *flags), fillings


def without_failures(result):
    if result["failures"] or result["wrong"] or not result["calls"]:
        codes = ", ".join(f"{count} with code {code}" for code, count in result["failures_by_code"].items())
        raise Failure(f"of {result['calls'] + result['failures']} calls {result['failures']} failed "
                      f"({codes or 'none'}) and {result['wrong']} had a wrong answer")
    return result


def alternate(rounds, *measures):
    """Runs `measures` in turn, so that a slow period of the machine affects all of them. Returns the results of each."""
    results = [[] for _ in measures]
    for _ in range(rounds):
        for result, measure in zip(results, measures):
            result.append(measure())
    return results


def rate(results):
    return statistics.median(result["calls_per_second"] for result in results)


def p99(results):
    return statistics.median(result["latency_ms"]["p99"] for result in results)


def processor_time(results):
    """The server's processor time for a call, in µs. The calls of a warm-up count, too."""
    return statistics.median(1e6 * result["server_seconds"] / result["all_calls"] for result in results)


def check_warm(context):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(context.bench.serving(context.databases.get()))
        requests = context.tokens()
        twin, fillings = context.empty_twin(context.check(server, requests, seconds=0.5))
        empty = stack.enter_context(twin)
        ours, limit = alternate(5, lambda: context.check(server, requests),
                                lambda: context.load(empty, EMPTY, fillings))
    context.details["check_warm"] = {"checks": ours, "empty": limit}
    return [(rate(ours) / rate(limit), f"{rate(ours):,.0f} of {rate(limit):,.0f} calls/s"),
            (p99(ours) / p99(limit), f"{p99(ours):.2f} of {p99(limit):.2f} ms"),
            (processor_time(ours) / processor_time(limit),
             f"{processor_time(ours):.1f} of {processor_time(limit):.1f} µs a call")]


def check_workload(context):
    """Checks of tokens that Kubernetes gives to pods, beside checks of the service's own tokens."""
    keys = context.bench.file("workload-keys.json")
    workloads = context.requests("check-workload", 100, "--users", 100, "--keys-out", keys)
    database = context.databases.get(name="_workloads")
    context.bench.cluster.execute(database, seed.workloads(100))
    with context.bench.serving(database, "--provider-keys", f"{seed.WORKLOAD_ISSUER}={keys}") as server:
        own = context.tokens()
        theirs, ours = alternate(5, lambda: context.check(server, workloads), lambda: context.check(server, own))
    context.details["check_workload"] = {"workloads": theirs, "own": ours}
    return [(p99(theirs) / p99(ours), f"{p99(theirs):.2f} of {p99(ours):.2f} ms; {rate(theirs):,.0f} of "
                                      f"{rate(ours):,.0f} calls/s")]


def throughput(context):
    """The curve of docs/throughput.svg. It has no bar."""
    curve = []
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(context.bench.serving(context.databases.get()))
        requests = context.tokens()
        twin, fillings = context.empty_twin(context.check(server, requests, seconds=0.5))
        empty = stack.enter_context(twin)
        for concurrency in (1, 2, 4, 8, 16, 32, 64, 128):
            shape = {"connections": min(4, concurrency), "in_flight": max(1, concurrency // 4), "seconds": 1.2,
                     "warm_up": 0.2}
            curve.append({"concurrency": concurrency,
                          "checks": context.check(server, requests, **shape)["calls_per_second"],
                          "empty": context.load(empty, EMPTY, fillings, **shape)["calls_per_second"]})
    context.details["throughput"] = curve
    return []


def check_first_seen(context):
    """Checks of tokens that the server has not seen, beside the sum of an empty RPC and a signature, and beside an empty
    RPC that verifies a signature. The sum leaves out that calls end one by one when each takes long."""
    verify = context.bench.tool("signatures", "--seconds", 1.5)["per_second"]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(context.bench.serving(context.databases.get()))
        sample = context.check(server, context.tokens(), seconds=0.5)
        twin, fillings = context.empty_twin(sample)
        empty = stack.enter_context(twin)
        verifying = stack.enter_context(context.empty_twin(sample, "--verify-signatures")[0])
        unseen = [context.tokens(50_000) for _ in range(3)]
        ours, limit, measured = alternate(3, lambda: context.check(server, unseen.pop(), "--once"),
                                          lambda: context.load(empty, EMPTY, fillings),
                                          lambda: context.load(verifying, EMPTY, fillings))
    computed = 1 / (1 / rate(limit) + 1 / verify)
    context.details["check_first_seen"] = {"checks": ours, "empty": limit, "signatures_per_second": verify,
                                           "limit": computed, "verifying": measured}
    return [(rate(ours) / computed, f"{rate(ours):,.0f} of {computed:,.0f} calls/s; {verify:,.0f} signatures/s"),
            (rate(ours) / rate(measured), f"{rate(ours):,.0f} of {rate(measured):,.0f} calls/s; "
                                          f"{processor_time(ours):.1f} of {processor_time(measured):.1f} µs a call")]


def routes(context, roles=10):
    """A file of route rules that ask for the permission of each role, as the requests of `ext-authz` expect."""
    path = context.bench.file("routes.yaml")
    rules = "".join(f"  - path: /r{role}/{{resource...}}\n    permission: r{role}:read\n    resource: '{{resource}}'\n"
                    for role in range(roles))
    path.write_text(f"version: 1\nrules:\n{rules}", encoding="utf-8")
    return path


def ext_authz(context):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(context.bench.serving(context.databases.get(), "--routes", routes(context)))
        requests = context.requests("ext-authz", 100, "--users", 100)

        def ours(**shape):
            return context.load(server, EXT_AUTHZ, requests, "--expect-authorized", **shape)

        twin, fillings = context.empty_twin(ours(seconds=0.5))
        empty = stack.enter_context(twin)
        decisions, limit = alternate(5, ours, lambda: context.load(empty, EMPTY, fillings))
    context.details["ext_authz"] = {"decisions": decisions, "empty": limit}
    return [(rate(decisions) / rate(limit), f"{rate(decisions):,.0f} of {rate(limit):,.0f} calls/s")]


def over_http(context, kind, expected):
    """The throughput of a door over HTTP, beside an empty server that gets the same requests."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(context.bench.serving(context.databases.get()))
        requests = context.requests(kind, 100, "--users", 100, "--bearer-file", context.backend)

        def ours(**shape):
            return context.http_load(server, requests, "--expect", expected, **shape)

        empty = stack.enter_context(context.bench.empty_server(ours(seconds=0.5)["response_bytes"]))
        answers, limit = alternate(5, ours, lambda: context.http_load(empty, requests))
    context.details[kind] = {"answers": answers, "empty": limit}
    return [(rate(answers) / rate(limit), f"{rate(answers):,.0f} of {rate(limit):,.0f} requests/s")]


def introspection(context):
    return over_http(context, "introspection", '"active":true')


def evaluation(context):
    return over_http(context, "evaluation", '"decision":true')


def batch_100(context):
    with context.bench.serving(context.databases.get()) as server:
        singles = context.tokens()
        batches = context.tokens(16, 100, "--batch", 100)
        batch, single = alternate(3, lambda: context.load(server, BATCH, batches, "--expect-allowed-batch"),
                                  lambda: context.check(server, singles))
    context.details["batch_100"] = {"batches": batch, "checks": single}
    return [(rate(batch) * 100 / rate(single), f"{rate(batch) * 100:,.0f} to {rate(single):,.0f} checks/s")]


def touch(context, server, users, checks=MILLION):
    """Makes a server load all its principals, by so many checks in batches of a thousand."""
    batches = context.requests("check-principal", checks // 1000, "--users", users, "--batch", 1000)
    context.load(server, BATCH, batches, "--once", "--expect-allowed-batch", connections=1, in_flight=4, warm_up=0,
                 seconds=checks // 10_000, timeout=30 + checks // 10_000)


def among_a_million(context):
    """Throughput by number of principals, and the memory of both servers."""
    small_size, sizes = 100, (1_000, 10_000, 100_000, MILLION)
    requests = {size: context.requests("check-principal", size, "--users", size) for size in (small_size, *sizes)}
    with contextlib.ExitStack() as stack:
        small = stack.enter_context(context.bench.serving(context.databases.get(), ROOM_FOR_A_MILLION))
        large = stack.enter_context(
            context.bench.serving(context.databases.get(users=MILLION, sessions=False), ROOM_FOR_A_MILLION))
        touch(context, small, small_size)
        touch(context, large, MILLION)
        memory = (small.resident_bytes(), large.resident_bytes())
        few, many = alternate(3, lambda: context.check(small, requests[small_size], "--random"),
                              lambda: context.check(large, requests[MILLION], "--random"))
        curve = [(small_size, rate(few))]
        curve += [(size, context.check(large, requests[size], "--random", seconds=1)["calls_per_second"])
                  for size in sizes[:-1]]
        curve.append((MILLION, rate(many)))
    context.details["growth_principals"] = {"few": few, "many": many, "curve": curve}
    context.details["memory_per_principal"] = {"few": memory[0], "many": memory[1]}
    return curve, memory


def growth(curve):
    (_, first), (_, last) = curve[0], curve[-1]
    return [(last / first, f"{last:,.0f} to {first:,.0f} calls/s")]


def growth_principals(context):
    curve, _ = context.once(among_a_million)
    return growth(curve)


def memory_per_principal(context):
    _, (few, many) = context.once(among_a_million)
    return [((many - few) / (MILLION - 100), f"{few / 2**20:,.0f} MiB with 100, {many / 2**20:,.0f} with a million")]


def growth_roles(context):
    sizes = (10, 100, 1_000, 10_000)
    with contextlib.ExitStack() as stack:
        measures = []
        for roles in sizes:
            server = stack.enter_context(context.bench.serving(context.databases.get(roles=roles)))
            requests = context.tokens(100, 100, "--roles", roles)
            measures.append(functools.partial(context.check, server, requests, seconds=1.5))
        results = alternate(3, *measures)
    curve = [(size, rate(result)) for size, result in zip(sizes, results)]
    context.details["growth_roles"] = {"runs": results, "curve": curve}
    return growth(curve)


def growth_depth(context):
    depths = (1, 2, 4, 8, 16)
    length = 31  # the length of every resource, so that all messages have the same size
    database = context.databases.get(name="_depth")
    # One binding above the deep paths, and one on the path of depth 1.
    context.bench.cluster.execute(
        database, "INSERT INTO bindings (principal_id, role, resource) "
        f"SELECT {seed.user()}, 'role-' || i * 7 % 10, resource FROM generate_series(1, 100) AS i, "
        f"unnest(ARRAY['x', repeat('x', {length})]) AS resource ON CONFLICT DO NOTHING")
    with context.bench.serving(database) as server:
        measures = []
        for depth in depths:
            resource = "x/" * (depth - 1) + "x" * (length - 2 * (depth - 1))
            requests = context.tokens(100, 100, "--resource", resource)
            measures.append(functools.partial(context.check, server, requests, seconds=1.5))
        results = alternate(3, *measures)
    curve = [(depth, rate(result)) for depth, result in zip(depths, results)]
    context.details["growth_depth"] = {"runs": results, "curve": curve}
    return growth(curve)


def with_passwords(context, users=500, *options):
    """A database whose users can log in with seed.PASSWORD. `options` of the tool: how the passwords are hashed."""
    database = context.databases.get(users=users, name="_logins")
    password = context.bench.tool("seeds", "--password", seed.PASSWORD, *options)["password_hash"]
    context.bench.cluster.execute(
        database, f"INSERT INTO passwords (principal_id, hash) SELECT {seed.user()}, '{password}' "
        f"FROM generate_series(1, {users}) AS i ON CONFLICT DO NOTHING")
    return database, context.requests("login", users, "--users", users, "--password", seed.PASSWORD)


def authenticate(context):
    database, logins = with_passwords(context)
    with context.bench.serving(database) as server:
        ours, limit = alternate(
            2, lambda: context.load(server, AUTHENTICATE, logins, connections=2, in_flight=4, seconds=5, warm_up=1),
            lambda: context.bench.tool("passwords", "--seconds", 3))
    hashes = statistics.median(result["per_second"] for result in limit)
    context.details["authenticate"] = {"logins": ours, "hashes": limit}
    return [(rate(ours) / hashes, f"{rate(ours):.1f} logins of {hashes:.1f} hashes/s")]


def login_storm(context):
    """Checks while clients log in; and empty RPCs while another process does the same hashes as these logins."""
    checks_a_second = 2_000
    database, logins = with_passwords(context)
    storms, hashes = [], []
    shape = {"seconds": 4, "warm_up": 1}

    def beside(process, ended, measure):
        try:
            result = measure()
            ended.append(json.loads(process.output(60)))
            return result
        finally:
            process.stop()

    with contextlib.ExitStack() as stack:
        server = stack.enter_context(context.bench.serving(database))
        requests = context.tokens()
        twin, fillings = context.empty_twin(context.check(server, requests, seconds=0.5))
        empty = stack.enter_context(twin)

        def checks():
            return context.check(server, requests, "--rate", checks_a_second, **shape)

        def checks_in_a_storm():
            return beside(context.bench.start_tool(*context.load_arguments(
                server, AUTHENTICATE, logins, "--honor-retry-info", connections=10, in_flight=50, seconds=6,
                warm_up=0)), storms, checks)

        def empty_beside_hashes():
            return beside(context.bench.start_tool("passwords", "--idle-priority", "--seconds", 6), hashes,
                          lambda: context.load(empty, EMPTY, fillings, "--rate", checks_a_second, **shape))

        quiet, stormy, machine = alternate(3, checks, checks_in_a_storm, empty_beside_hashes)
    context.details["login_storm"] = {"quiet": quiet, "stormy": stormy, "empty": machine, "storms": storms,
                                      "hashes": hashes}
    logins_a_second = rate(storms)
    if not logins_a_second:
        raise Failure("nobody logged in during the storm")
    hashes_a_second = statistics.median(result["per_second"] for result in hashes)
    return [(p99(stormy) / p99(quiet), f"{p99(stormy):.2f} to {p99(quiet):.2f} ms at {checks_a_second:,} checks/s and "
                                       f"{logins_a_second:.0f} logins/s"),
            (p99(stormy) / p99(machine), f"{p99(stormy):.2f} to {p99(machine):.2f} ms beside {hashes_a_second:.0f} "
                                         "hashes/s")]


def login_uniformity(context):
    """All refused logins must take the same time. Otherwise the time reveals which accounts exist."""
    kinds, users, memory_mib = ("wrong password", "locked", "disabled", "no password", "unknown"), 250, 19
    database = context.databases.get(users=4 * users, name="_refused")
    password = context.bench.tool("seeds", "--password", seed.PASSWORD, "--argon2-memory-mib", memory_mib)
    # The server makes each refusal cost as much as the most expensive stored hash. The first administrator's costs more
    # than those of this row.
    context.bench.cluster.execute(
        database, "DELETE FROM passwords; INSERT INTO passwords (principal_id, hash, locked_until) "
        f"SELECT {seed.user()}, '{password['password_hash']}', "
        f"CASE WHEN i > {users} AND i <= {2 * users} THEN now() + interval '1 day' ELSE '-infinity' END "
        f"FROM generate_series(1, {3 * users}) AS i; "
        f"UPDATE principals SET disabled_time = now() FROM generate_series({2 * users + 1}, {3 * users}) AS i "
        f"WHERE id = {seed.user()}")
    with context.bench.serving(database, f"--argon2-memory-mib={memory_mib}") as server:
        # A fifth wrong password would lock.
        result = context.bench.tool("refused-logins", "--address", server.address, "--password", "a wrong password",
                                    "--kinds", len(kinds), "--users", users, "--rounds", 4, "--parallel", 2,
                                    timeout=600)
    latencies = dict(zip(kinds, result["latency_ms"], strict=True))
    context.details["login_uniformity"] = latencies
    medians = [latency["p50"] for latency in latencies.values()]
    return [(max(medians) - min(medians), ", ".join(f"{kind} {latency['p50']:.2f} ({latency['p10']:.2f} to "
                                                    f"{latency['p90']:.2f})" for kind, latency in latencies.items()))]


def lean_rotation(epoch):
    """A script of pgbench: the leanest statement that spends a refresh token, writes its child and one audit row. The ids
    follow from the client's counter, so no function makes them."""
    token, child, event = (f"('{epoch[:8]}-{epoch[8:]}-{kind}-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid"
                           for kind in ("7000", "7001", "7002"))
    return ("\\set n :base + :client_id * :each + :turn\n"
            "\\set turn :turn + 1\n"
            "WITH spent AS ("
            "UPDATE refresh_tokens SET spend_time = clock_timestamp() "
            f"WHERE id = {token} AND spend_time IS NULL RETURNING session_id, hash, expire_time), "
            "child AS ("
            "INSERT INTO refresh_tokens (id, session_id, hash, expire_time) "
            f"SELECT {child}, session_id, hash, expire_time FROM spent) "
            "INSERT INTO audit_events (id, event_time, event, outcome, target) "
            f"SELECT {event}, clock_timestamp(), 'refresh', 'success', session_id::text FROM spent;\n")


def make_refresh_tokens(context, database, users):
    """A token for the session of each user. Returns the tokens' epoch, with which the tool makes requests of them."""
    epoch = f"{int(time.time() * 1000):012x}"  # an id begins with its time, which selects the partition
    token_hash = context.bench.tool("seeds", "--password", seed.PASSWORD)["refresh_token_hash"]
    context.bench.cluster.execute(
        database, "INSERT INTO refresh_tokens (id, session_id, hash, expire_time) "
        f"SELECT ('{epoch[:8]}-{epoch[8:]}-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, {seed.session()}, "
        f"'{token_hash}', now() + interval '7 days' FROM generate_series(1, {users}) AS i; ANALYZE refresh_tokens")
    return epoch


def refresh(context):
    bench, rounds, users, concurrency = context.bench, 2, 60_000, 16
    database = context.databases.get(users=users, name="_refresh")
    epoch = make_refresh_tokens(context, database, users)
    script = bench.file("refresh.sql")
    script.write_text(lean_rotation(epoch), encoding="utf-8")
    script.chmod(0o644)
    share = users // 2 // rounds  # tokens that one round of the server or of pgbench may spend
    firsts = iter(range(1, users, share))

    def ours_once(server):
        requests = context.requests("refresh", share, "--token-epoch", epoch, "--users", share, "--first", next(firsts))
        return context.load(server, REFRESH, requests, "--once", connections=4, in_flight=concurrency // 4, seconds=5)

    with bench.serving(database) as server:
        ours, limit = alternate(rounds, lambda: ours_once(server),
                                lambda: pgbench_refresh(context, database, script, next(firsts), concurrency))
    tps = statistics.median(limit)
    context.details["refresh"] = {"refreshes": ours, "pgbench": limit, "script": script.read_text(encoding="utf-8")}
    return [(rate(ours) / tps, f"{rate(ours):,.0f} of {tps:,.0f} transactions/s at {concurrency} at once")]


def pgbench_refresh(context, database, script, first, clients, each=400):
    """Returns the transactions a second. Fails unless each transaction spent a token."""
    cluster = context.bench.cluster
    spent = "SELECT count(*) FROM refresh_tokens WHERE spend_time IS NOT NULL"
    before = int(cluster.execute(database, spent))
    tps = cluster.pgbench(database, script, clients, each, {"base": first, "each": each, "turn": 0}, 60)
    if int(cluster.execute(database, spent)) - before != clients * each:
        raise Failure("pgbench has not spent a token with each transaction")
    return tps


def changes(context, concurrency=64, seconds=3, rounds=3):
    """Changes of three kinds over two replicas, beside commits of one small row."""
    methods = {"bind": BIND, "revoke": REVOKE, "create": CREATE}
    users, share = 100_000, 15_000  # what one replica may use up in one round
    database = context.databases.get(users=users, name="_changed")
    context.bench.cluster.execute(database, "CREATE TABLE commits (n bigint); GRANT INSERT ON commits TO PUBLIC")
    script = context.bench.file("commit.sql")
    script.write_text("INSERT INTO commits VALUES (1);\n", encoding="utf-8")
    script.chmod(0o644)
    admin = context.bearer(seed.ADMIN)
    firsts = {kind: iter(range(1, users, share)) for kind in methods}

    def ours(replicas, kind):
        """Both replicas at the same time."""
        loads = []
        for replica in replicas:
            requests = context.requests(kind, share, "--first", next(firsts[kind]), "--users", share)
            loads.append(["load", "--address", replica.address, "--method", methods[kind], "--requests", requests,
                          "--authorization-file", admin, "--seconds", seconds, "--warm-up", 0.4, "--once",
                          "--connections", 4, "--in-flight", concurrency // len(replicas) // 4])
        running = [context.bench.start_tool(*load) for load in loads]
        return [without_failures(json.loads(load.output(60))) for load in running]

    def commits():
        return context.bench.cluster.pgbench(database, script, concurrency, 300, {}, 60)

    with context.bench.serving(database) as one, context.bench.serving(database) as other:
        measures = [functools.partial(ours, (one, other), kind) for kind in methods]
        *found, limit = alternate(rounds, *measures, commits)
    tps = statistics.median(limit)
    context.details["changes"] = {**dict(zip(methods, found)), "commits": limit}
    figures = []
    for results in found:
        together = statistics.median(sum(replica["calls_per_second"] for replica in turn) for turn in results)
        slowest = max(replica["latency_ms"]["p99"] for turn in results for replica in turn)
        figures.append((together / tps, f"{together:,.0f} of {tps:,.0f} a second by {concurrency} callers; "
                                        f"p99 {slowest:.1f} ms"))
    return figures


def revocation_lag(context):
    return [lag(context, 1, ["--parallel", 1]),
            lag(context, 1_001, ["--parallel", 50, "--poll-interval", 0.005], "--no-change-notifications")]


def measure_lag(context, database, one, other, first, count, *how):
    """Revokes sessions at one replica, and asks the other about each."""
    result = context.bench.tool("revocation", "--revoke-at", one.address, "--check-at", other.address, "--first", first,
                                "--count", count, *how, *context.keys(database), timeout=90)
    if result["unseen"]:
        raise Failure(f"{result['unseen']} revocations were not seen within 10 s")
    return result


def lag(context, first, how, *flags):
    database = context.databases.get(users=2_000, name="_revoked")
    with context.bench.serving(database, *flags) as one, context.bench.serving(database, *flags) as other:
        result = measure_lag(context, database, one, other, first, 1_000, *how)
    context.details.setdefault("revocation_lag", []).append(result)
    return (result["lag_ms"]["p99"], f"median {result['lag_ms']['p50']:.2f}, most {result['lag_ms']['max']:.2f} ms")


def start_to_ready(context):
    database = context.databases.get(users=100_000)
    seconds = []
    for _ in range(3):
        with context.bench.serving(database) as server:
            seconds.append(server.start_seconds)
    context.details["start_to_ready"] = seconds
    return [(statistics.median(seconds), "100,000 principals")]


def idle_memory(context):
    with context.bench.serving(context.databases.template()) as server:
        time.sleep(2)  # the work after the start is part of the figure
        resident = server.resident_bytes()
    context.details["idle_memory"] = resident
    return [(resident / 2**20, "")]


def database_outage(context):
    checks_a_second = 1_000
    context.bench.cluster.execute("postgres", "CHECKPOINT")  # otherwise the checkpoint at the shutdown takes long
    with context.bench.serving(context.databases.get(), f"--max-staleness={MAX_STALENESS_SECONDS}s") as server:
        requests = context.tokens()
        context.check(server, requests, seconds=0.5)
        load = context.bench.start_tool(*context.load_arguments(
            server, CHECK, requests, "--expect-allowed", "--track-age", "--rate", checks_a_second, seconds=16,
            warm_up=1))
        try:
            time.sleep(3)
            context.bench.cluster.stop()
            time.sleep(10)
            context.bench.cluster.start()
            result = json.loads(load.output(60))
        finally:
            load.stop()
            context.bench.cluster.start()
    context.details["database_outage"] = result
    return [(result["failures"] + result["wrong"], f"of {result['calls'] + result['failures']:,}"),
            (result["max_age_ms"] / 1000, f"PostgreSQL was away for 10 s; p99 {result['latency_ms']['p99']:.2f} ms")]
