"""The databases of the measurements. minting.cc uses the same ids, permissions and resources."""

PASSWORD = "a password for the benchmark"
BACKEND = 1  # a service account with the permission to check
ADMIN = 2  # a super admin

WORKLOAD_ISSUER = "https://kubernetes.default.svc.cluster.local"

TEMPLATE = "base"


def _id(kind, group, number):
    return f"('01900000-0000-{kind}-{group}-' || lpad(to_hex({number}), 12, '0'))::uuid"


def user(number="i"):
    return _id("7000", "8000", number)


def session(number="i"):
    return _id("7001", "8000", number)


def _sessions(identity, principal, numbers):
    return (f"INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time) "
            f"SELECT {identity}, {principal}, 0, 'identity', 'identity', '{{*}}', '{{pwd}}', now(), "
            f"now() + interval '30 days' FROM generate_series({numbers}) AS i;\n")


def _callers():
    caller = _id("7000", "8001", "i")
    return (f"INSERT INTO principals (id, type, username) SELECT {caller}, 'service_account', 'bench-caller-' || i "
            "FROM generate_series(1, 2) AS i;\n"
            f"INSERT INTO service_accounts (id) SELECT {caller} FROM generate_series(1, 2) AS i;\n"
            "INSERT INTO bindings (principal_id, role, resource) VALUES "
            f"({_id('7000', '8001', BACKEND)}, 'checker', ''), ({_id('7000', '8001', ADMIN)}, 'super_admin', '');\n"
            + _sessions(_id("7001", "8001", "i"), caller, "1, 2"))


def make_template(bench):
    """The template of all databases: migrated and bootstrapped, with the callers and the signing key."""
    cluster = bench.cluster
    cluster.execute("postgres", "CREATE ROLE identity_owner LOGIN CREATEROLE")
    cluster.execute("postgres", f"CREATE DATABASE {TEMPLATE} OWNER identity_owner")
    bench.run_identityd("migrate", "--database-url", cluster.url("identity_owner", TEMPLATE))
    cluster.execute("postgres", "CREATE ROLE identity_server LOGIN IN ROLE identity_app")
    bench.run_identityd("bootstrap", "--database-url", cluster.url("identity_server", TEMPLATE), "--username", "admin",
                        "--email", "admin@example.com", "--password-stdin", text=PASSWORD + "\n")
    cluster.execute(TEMPLATE, _callers())
    # The first signature makes the signing key.
    bench.tool("bearer", "--caller", BACKEND, "--out", bench.file("first"), "--database-url",
               cluster.url("identity_server", TEMPLATE), "--master-key-file", bench.master_key_file())


def fill(cluster, database, users, roles, sessions):
    """Each user has 3 bindings. From number 10 on, each role inherits the role with a tenth of its number.

    No other client may be connected.
    """
    binding = ("('01900000-0000-7002-' || to_hex(32768 + k) || '-' || lpad(to_hex(i), 12, '0'))::uuid")
    sql = (
        "INSERT INTO roles (name, permissions) SELECT 'role-' || i, "
        "ARRAY['r' || i || ':read', 'r' || i || ':write', 'docs' || i || ':*'] "
        f"FROM generate_series(0, {roles} - 1) AS i;\n"
        "INSERT INTO role_inherits (role, inherits) SELECT 'role-' || i, 'role-' || i / 10 "
        f"FROM generate_series(1, {roles} - 1) AS i WHERE i >= 10;\n"
        f"INSERT INTO principals (id, type, username) SELECT {user()}, 'user', 'user-' || i "
        f"FROM generate_series(1, {users}) AS i;\n"
        f"INSERT INTO users (id, email, email_folded) SELECT {user()}, 'user-' || i || '@example.com', "
        f"'user-' || i || '@example.com' FROM generate_series(1, {users}) AS i;\n"
        f"INSERT INTO bindings (id, principal_id, role, resource) SELECT {binding}, {user()}, "
        f"'role-' || (i * 7 + k) % {roles}, "
        "CASE k WHEN 0 THEN 'orgs/o' || i % 1000 || '/projects/p0' WHEN 1 THEN 'orgs/o' || i % 1000 "
        "ELSE 'teams/t' || i % 100 END "
        f"FROM generate_series(1, {users}) AS i, generate_series(0, 2) AS k;\n")
    if sessions:
        sql += _sessions(session(), user(), f"1, {users}")
    cluster.execute(database, sql + "ANALYZE;\nCHECKPOINT;\n", timeout=240 + users // 4_000)


def workloads(users):
    """Each user is a workload, too, so that both kinds of checks decide the same."""
    subject = "'system:serviceaccount:bench:workload-' || i"
    return ("INSERT INTO identity_providers (name, issuer, audiences, jwks_uri, algorithms, name_claim, email_claim, "
            "email_verified_claim, link_policy, trusted_amr, trusted_acr, disabled, workload_audiences) VALUES "
            f"('cluster', '{WORKLOAD_ISSUER}', '{{}}', '', '{{}}', '', '', '', 'none', '{{}}', '{{}}', false, "
            "'{identity}');\n"
            "INSERT INTO workloads (issuer, subject, service_account_id, scopes) "
            f"SELECT '{WORKLOAD_ISSUER}', {subject}, {user()}, '{{*}}' FROM generate_series(1, {users}) AS i;\n")


class Databases:
    """Makes each database at its first use."""

    def __init__(self, bench):
        self._bench = bench
        self._made = set()

    def template(self):
        if TEMPLATE not in self._made:
            self._bench.say("making the database")
            make_template(self._bench)
            self._made.add(TEMPLATE)
        return TEMPLATE

    def get(self, users=100, roles=10, sessions=True, name=""):
        """`name` distinguishes databases of the same size that a row changes."""
        database = f"users_{users}_roles_{roles}{name}"
        if database not in self._made:
            template = self.template()
            if users >= 100_000:
                self._bench.say(f"seeding {users:,} principals")
            self._bench.cluster.execute("postgres", f"CREATE DATABASE {database} TEMPLATE {template}")
            fill(self._bench.cluster, database, users, roles, sessions)
            self._made.add(database)
        return database
