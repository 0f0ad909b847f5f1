"""A highly available Identity: three PostgreSQL under Patroni with etcd, three replicas of identityd, and clients.

Each runs on a host of its own (hosts.py). Needs Debian's packages patroni, etcd-server, faketime and iproute2.
"""

import base64
import collections
import glob
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import yaml

from hosts import Host, Network, run, wait_until

PORT = 50051
LOGIN = "root-admin"
ADMIN_KEY = pathlib.Path(__file__).with_name("admin_key.py")
# A standby becomes primary when the leader's key expires: ttl. It must be at least loop_wait + 2 * retry_timeout. With
# synchronous_mode Patroni promotes only a standby that has all acknowledged commits. With the strict mode no change is
# acknowledged while there is none.
DYNAMIC = {
    "ttl": 15, "loop_wait": 1, "retry_timeout": 3, "primary_start_timeout": 0,
    "synchronous_mode": True, "synchronous_mode_strict": True, "maximum_lag_on_failover": 1 << 20,
    "postgresql": {
        "use_pg_rewind": True,
        "parameters": {"max_connections": 100, "wal_sender_timeout": "5s", "wal_receiver_timeout": "5s",
                       "wal_receiver_status_interval": "1s", "tcp_keepalives_idle": 2, "tcp_keepalives_interval": 1,
                       "tcp_keepalives_count": 3, "wal_keep_size": "64MB", "max_wal_size": "96MB",
                       "shared_buffers": "64MB"}}}


def _binaries():
    return max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))


def run_with_input(text, *command):
    done = subprocess.run(command, check=False, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8")
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


class Database(Host):
    """A host with PostgreSQL under Patroni, on two disks: `data` and `wal`."""

    def __init__(self, network, name, address, folder):
        super().__init__(network, name, {"back": address}, folder)
        self.address = address
        shutil.chown(folder, "postgres", "postgres")
        self.data, self.wal = folder / "data", folder / "wal"
        self.add_disk(str(self.data), 768, "postgres")
        self.add_disk(str(self.wal), 512, "postgres")
        (folder / "patroni.yml").write_text(yaml.safe_dump(self._settings()), encoding="utf-8")
        self.patroni = None

    def _settings(self):
        return {
            "scope": "identity", "name": self.name,
            "restapi": {"listen": f"{self.address}:8008", "connect_address": f"{self.address}:8008"},
            "etcd3": {"host": "10.2.0.2:2379"},
            "bootstrap": {"dcs": DYNAMIC, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums",
                                                     {"waldir": f"{self.wal}/log"}]},
            "postgresql": {
                "listen": self.address, "connect_address": f"{self.address}:5432", "data_dir": f"{self.data}/cluster",
                "bin_dir": _binaries(), "pgpass": f"{self.folder}/pgpass",
                "basebackup": [{"waldir": f"{self.wal}/log"}, {"checkpoint": "fast"}],
                "authentication": {"superuser": {"username": "postgres"}, "replication": {"username": "replicator"}},
                "parameters": {"unix_socket_directories": str(self.folder)},
                "pg_hba": ["local all all trust", "host all all 10.2.0.0/24 trust",
                           "host replication all 10.2.0.0/24 trust"]}}

    def start_patroni(self):
        self.patroni = self.start("/usr/bin/python3", "/usr/bin/patroni", self.folder / "patroni.yml", user="postgres",
                                  name="patroni")

    def postmasters(self):
        return self.namespaces.processes(f"{_binaries()}/postgres", "-D", f"{self.data}/cluster")

    def kill_postgres(self):
        """As a crash: the postmaster and its children."""
        for process in self.postmasters():
            os.kill(process, signal.SIGKILL)

    def sql(self, sql, database="postgres"):
        """The rows, unaligned, by the Unix socket."""
        return run("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", f"{_binaries()}/psql",
                   "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
                   f"--host={self.folder}", "--username=postgres", f"--dbname={database}", f"--command={sql}",
                   cwd="/").strip()


class Replica(Host):
    """A host with identityd, between the clients' switch and the databases' switch."""

    def __init__(self, network, name, number, folder):
        super().__init__(network, name, {"front": f"10.1.0.{number}", "back": f"10.2.0.{number}"}, folder)
        self.address = f"{self.addresses['front']}:{PORT}"
        self.process = None

    def serve(self, *command):
        self.process = self.start(*command, f"--listen-address={self.address}", "--admin-address=127.0.0.1:9464",
                                  name="identityd")

    def obstacles(self):
        """What keeps it from being ready: names, or none."""
        answer = self.run("curl", "--silent", "--show-error", "--max-time", "5", "--write-out", "%{http_code}",
                          "http://127.0.0.1:9464/readyz")
        return [] if answer.endswith("200") else answer[:-3].split()

    def metric(self, name):
        page = self.run("curl", "--silent", "--show-error", "http://127.0.0.1:9464/metrics")
        return next(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name + " "))


class Load:
    """A running cluster_load."""

    def __init__(self, cluster, name, *options):
        self._cluster = cluster
        self._name = name
        self.journal = cluster.clients.folder / f"{name}.journal"
        self._out = cluster.clients.folder / f"{name}.json"
        self._command = [cluster.load_program, f"--target=ipv4:{','.join(r.address for r in cluster.replicas)}",
                         f"--admin-credential-file={cluster.folder}/admin.key", f"--journal={self.journal}"]
        self._process = cluster.clients.start("sh", "-c", f"exec \"$@\" >{self._out}", "sh", *self._command, *options,
                                              name=name)
        log = cluster.clients.folder / f"{name}.log"
        wait_until(lambda: "checks" in log.read_text(encoding="utf-8"), lambda: log.read_text(encoding="utf-8"))

    def stop(self):
        """Ends the load. Returns its summary and what the verification of its journal found."""
        self._process.signal(signal.SIGTERM)
        assert self._process.wait() == 0
        summary = json.loads(self._out.read_text(encoding="utf-8"))
        verified = subprocess.run(self._cluster.clients.namespaces.inside(*self._command, "--verify"), check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        if not verified.stdout:
            raise AssertionError(verified.stderr)
        return summary, json.loads(verified.stdout)

    def changes(self):
        """The changes so far, as (begin, end, acknowledged)."""
        lines = [json.loads(line) for line in self.journal.read_text(encoding="utf-8").splitlines(keepends=True)
                 if line.endswith("\n")]
        return sorted((line["begin"], line["end"], line["outcome"] == "acknowledged")
                      for line in lines if line["event"] == "change")


    def faults(self, with_token):
        """The failed and wrong checks with or without a consistency token, counted by what they have in common."""
        lines = [json.loads(line) for line in self.journal.read_text(encoding="utf-8").splitlines()
                 if '"event":"check' in line]
        return collections.Counter(
            (line["event"], line.get("code"), line.get("message", "")[:60], line["check"]["kind"])
            for line in lines if line["check"]["fresh"] == with_token)


class Cluster:
    """Closing it ends everything and deletes the folder."""

    def __init__(self, identityd, load_program, stubs):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="identity-cluster."))
        self.folder.chmod(0o755)
        self.identityd, self.load_program = pathlib.Path(identityd).resolve(), pathlib.Path(load_program).resolve()
        self._stubs = pathlib.Path(stubs).resolve()
        self.network = Network("front", "back")
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self):
        self.etcd = Host(self.network, "etcd", {"back": "10.2.0.2"}, self.folder / "etcd")
        self.etcd.start("etcd", "--data-dir", self.etcd.folder / "data", "--listen-client-urls=http://10.2.0.2:2379",
                        "--advertise-client-urls=http://10.2.0.2:2379")
        self.databases = {name: Database(self.network, name, f"10.2.0.1{name[-1]}", self.folder / name)
                          for name in ("db1", "db2", "db3")}
        for database in self.databases.values():
            database.start_patroni()
        self.replicas = [Replica(self.network, f"id{i}", 20 + i, self.folder / f"id{i}") for i in (1, 2, 3)]
        self.clients = Host(self.network, "clients", {"front": "10.1.0.31"}, self.folder / "clients")
        self.await_databases()
        self._make_identity()
        for replica in self.replicas:
            self.serve(replica)
        self.await_replicas()
        key = run_with_input(self._password + "\n", *self.clients.namespaces.inside(
            "/usr/bin/python3", "-B", ADMIN_KEY, self._stubs, self.replicas[0].address, LOGIN))
        (self.folder / "admin.key").touch(0o600)
        (self.folder / "admin.key").write_text(key, encoding="ascii")

    def url(self, user):
        hosts = ",".join(database.address for database in self.databases.values())
        return f"postgresql://{user}@{hosts}/identity?sslmode=disable"

    def _make_identity(self):
        primary = self.primary()
        primary.sql("CREATE ROLE identity_owner LOGIN CREATEROLE")
        primary.sql("CREATE DATABASE identity OWNER identity_owner")
        self._await_replay(primary)
        host = self.replicas[0]
        host.run(self.identityd, "migrate", "--database-url", self.url("identity_owner"))
        primary.sql("CREATE ROLE identity_server LOGIN IN ROLE identity_app")
        self._await_replay(primary)
        self._password = base64.b64encode(os.urandom(18)).decode()
        run("sh", "-c", f"umask 077; openssl rand -base64 32 >{self.folder}/master.key")
        run_with_input(self._password + "\n", *host.namespaces.inside(
            self.identityd, "bootstrap", "--database-url", self.url("identity_server"), "--username", LOGIN, "--email",
            "admin@example.com", "--password-stdin"))

    def _await_replay(self, primary):
        """libpq tries no other host when a standby refuses a role or a database that it does not know yet."""
        end = primary.sql("SELECT pg_current_wal_lsn()")
        for standby in self.databases.values():
            if standby is not primary:
                wait_until(lambda s=standby: s.sql(f"SELECT pg_last_wal_replay_lsn() >= '{end}'") == "t", "replayed")

    def serve(self, replica, *options):
        replica.serve(self.identityd, "serve", "--database-url", self.url("identity_server"), "--master-key-file",
                      self.folder / "master.key", "--allow-plaintext", "--calls-per-minute=0",
                      "--max-connections-per-address=0", "--wait-for-database=60s", *options)

    def await_replicas(self):
        for replica in self.replicas:
            wait_until(lambda r=replica: self._is_ready(r), f"{replica.name} is ready")

    @staticmethod
    def _is_ready(replica):
        try:
            return not replica.obstacles()
        except AssertionError:  # its port is not open yet
            return False

    # ---- the databases

    def _stored(self, key):
        key = base64.b64encode(f"/service/identity/{key}".encode()).decode()
        answer = self.etcd.run("curl", "--silent", "--show-error", "--data", json.dumps({"key": key}),
                               "http://10.2.0.2:2379/v3/kv/range")
        values = json.loads(answer).get("kvs")
        return base64.b64decode(values[0]["value"]).decode() if values else None

    def leader(self):
        """The name of the database that holds the leader's key, or None."""
        return self._stored("leader")

    def primary(self):
        return self.databases[wait_until(self.leader, "there is a leader")]

    def await_databases(self, count=3):
        """Waits until so many PostgreSQL run, of one timeline, and one standby is synchronous."""
        wait_until(lambda: self._are_healthy(count), lambda: f"{count} databases replicate:\n{self.describe()}", 180)

    def _are_healthy(self, count):
        leader = self.leader()
        synchronous = json.loads(self._stored("sync") or "{}")
        if not leader or synchronous.get("leader") != leader or not synchronous.get("sync_standby"):
            return False
        try:
            states = self.databases[leader].sql(
                "SELECT application_name, sync_state FROM pg_stat_replication WHERE state = 'streaming'").splitlines()
        except AssertionError:  # it does not answer yet
            return False
        return len(states) == count - 1 and f"{synchronous['sync_standby']}|sync" in states

    def describe(self):
        state = [f"leader {self.leader()}, {self._stored('sync')}, {self._stored('history')}"]
        for database in self.databases.values():
            log = (database.folder / "patroni.log").read_text(encoding="utf-8").splitlines()
            state += [f"-- {database.name}, {'up' if database.is_up else 'down'}", *log[-25:]]
        return "\n".join(state)

    def start_load(self, name, *options):
        return Load(self, name, *options)

    def close(self):
        self.network.close()
        shutil.rmtree(self.folder)
