#!/usr/bin/python3
"""identityd with the environment of the manifests' pods, and a PostgreSQL with the manifests' roles.

    server_test.py --binary IDENTITYD [UNITTEST ARGUMENTS…]
"""

import argparse
import base64
import contextlib
import glob
import http.client
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import manifests
from manifests import named, output, template_of
from ports import free_port

BUF = manifests.ROOT / "node_modules" / ".bin" / "buf"
binary = None  # pylint: disable=invalid-name


class Postgres:
    """A PostgreSQL on loopback that asks for passwords. psql reaches it as the superuser by a socket."""

    def __init__(self, folder):
        self._folder = folder / "postgres"
        self._folder.mkdir()
        self.port = free_port()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            shutil.chown(self._folder, "postgres")
        (self._programs,) = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:]
        self._program("initdb", "--auth-local=trust", "--auth-host=scram-sha-256", "--username=postgres", "--no-sync")
        self._program("pg_ctl", "start", "--wait", f"--log={self._folder}/log", "--options",
                      f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off")

    def _program(self, name, *arguments):
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run([*as_postgres, f"{self._programs}/{name}", f"--pgdata={self._folder}/data", *arguments],
                              cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, encoding="utf-8", check=False)
        if done.returncode != 0:
            raise AssertionError(f"{name}: {done.stderr}")

    def psql(self, *arguments, **environment):
        return output(["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--host={self._folder}",
                       f"--port={self.port}", "--username=postgres", "--dbname=postgres", *arguments],
                      env={**os.environ, **environment})

    def stop(self):
        self._program("pg_ctl", "stop", "--mode=immediate")


class Pod:
    """The environment of a workload's only container, with the files that it mounts below `folder`."""

    def __init__(self, objects, kind, name, folder, postgres):
        self._objects = objects
        self.pod = template_of(named(objects, kind, name))["spec"]
        (container,) = self.pod["containers"]
        self.arguments = container["args"]
        # PostgreSQL's name leads to loopback here.
        self.environment = {"PGHOSTADDR": "127.0.0.1", "PGPORT": str(postgres.port), "PATH": os.environ["PATH"]}
        for source in container.get("envFrom", []):
            self.environment.update(named(objects, "ConfigMap", source["configMapRef"]["name"])["data"])
        for one in container["env"]:
            self.environment[one["name"]] = one.get("value") or self._value(one["valueFrom"])
        for name, value in self.environment.items():
            self.environment[name] = value.replace("/etc/identity/", f"{folder}/")
        for mount in container.get("volumeMounts", []):
            self._mount(mount, folder / pathlib.Path(mount["mountPath"]).relative_to("/etc/identity"))

    def _value(self, source):
        if "configMapKeyRef" in source:
            source = source["configMapKeyRef"]
            return named(self._objects, "ConfigMap", source["name"])["data"][source["key"]]
        source = source["secretKeyRef"]
        return self._secret(source["name"])[source["key"]].decode()

    def _secret(self, name):
        data = named(self._objects, "Secret", name)["data"]
        return {key: base64.b64decode(value) for key, value in data.items()}

    def _mount(self, mount, place):
        (volume,) = [one for one in self.pod["volumes"] if one["name"] == mount["name"]]
        if "configMap" in volume:
            data = named(self._objects, "ConfigMap", volume["configMap"]["name"])["data"]
            files = {key: value.encode() for key, value in data.items()}
        elif volume.get("secret", {}).get("secretName", "").startswith("identity-master-keys"):
            files = self._secret(volume["secret"]["secretName"])
        else:
            return
        place.mkdir(exist_ok=True)
        for key, value in files.items():
            (place / key).write_bytes(value)

    def identityd(self, *arguments, text=None):
        return subprocess.run([binary, *(arguments or self.arguments)], env=self.environment, capture_output=True,
                              encoding="utf-8", timeout=60, check=False, input=text)


def obstacles(admin):
    """What /readyz says: None while nothing answers, [] when the replica is ready."""
    try:
        with urllib.request.urlopen(f"http://{admin}/readyz", timeout=5):
            return []
    except urllib.error.HTTPError as error:
        return error.read().decode().split()
    except OSError:
        return None


class Authority:
    """A CA, and the certificates that it signs, as files in `folder`."""

    def __init__(self, folder):
        folder.mkdir()
        self._folder = folder
        # Newer versions of Python accept a CA only with this extension (RFC 5280, section 4.2.1.3).
        self._make("ca", "/CN=identity-ca", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def sign(self, name, *options):
        self._make(name, f"/CN={name}", "-CA", "ca.crt", "-CAkey", "ca.key", "-addext",
                   "basicConstraints=critical,CA:FALSE", *options)

    def _make(self, name, subject, *options):
        output(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.crt", *options], cwd=self._folder)
        (self._folder / f"{name}.key").chmod(0o644)  # also for the user of the image

    def client(self, name=None):
        """What a client needs that trusts this CA, and that has the certificate `name`."""
        context = ssl.create_default_context(cafile=self._folder / "ca.crt")
        if name:
            context.load_cert_chain(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        return context


class PodsTest(unittest.TestCase):

    def setUp(self):
        self.copy = manifests.Copy()
        self.addCleanup(self.copy.close)
        directory = tempfile.TemporaryDirectory(prefix="identity-pods.")
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)
        self.postgres = Postgres(self.folder)
        self.addCleanup(self.postgres.stop)

    def await_obstacles(self, admin, expected):
        deadline = time.monotonic() + 30
        while (found := obstacles(admin)) != expected:
            if time.monotonic() > deadline:
                log = (self.folder / "log").read_text(encoding="utf-8")
                self.fail(f"/readyz says {found}, not {expected}; the end of the log:\n{log[-2000:]}")
            time.sleep(0.02)

    @contextlib.contextmanager
    def serve(self, pod):
        """Runs the server like the pod, on other ports. Gives its addresses, of which the last may be closed."""
        grpc, admin, doors = (f"127.0.0.1:{free_port()}" for _ in range(3))
        environment = {**pod.environment, "IDENTITY_LISTEN_ADDRESS": grpc, "IDENTITY_ADMIN_ADDRESS": admin}
        if "IDENTITY_HTTP_ADDRESS" in environment:
            environment["IDENTITY_HTTP_ADDRESS"] = doors
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen([binary, *pod.arguments], env=environment, stdout=log, stderr=log)
        try:
            yield grpc, admin, doors
        finally:
            process.terminate()
            process.wait()

    def run_readme(self, pod, address):
        """The README's steps after the start. Its `kubectl exec` runs here, and `port-forward` is not needed."""
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "kubectl").write_text('#!/bin/bash\nwhile [[ $1 != -- && $1 != port-forward ]]; do shift; done\n'
                                          'if [[ $1 == -- ]]; then shift; exec "$@"; fi\n', encoding="utf-8")
        (programs / "kubectl").chmod(0o755)
        blocks = [block for block in manifests.blocks("bash", "nodes") if "password" in block]
        self.assertEqual(len(blocks), 2)
        script = "\n".join(blocks).replace("/usr/bin/identityd", str(binary)).replace("127.0.0.1:50051", address)
        return output(["bash", "-euo", "pipefail", "-c", script], cwd=manifests.ROOT,
                      env={**os.environ, **pod.environment, "PATH": f"{programs}:{os.environ['PATH']}"})

    @unittest.skipUnless(BUF.exists(), "buf is not installed")
    def test_dev_gets_from_nothing_to_the_first_check(self):
        objects = self.copy.render("dev")
        owner = Pod(objects, "Job", "identity-migration", self.folder, self.postgres)
        server = Pod(objects, "Deployment", "identity", self.folder, self.postgres)
        with self.serve(server) as (address, admin, _):
            self.await_obstacles(admin, ["starting", "database"])
            self.postgres.psql(f"--file={self.copy.overlay('dev') / 'roles.sql'}",
                               OWNER_PASSWORD=owner.environment["PGPASSWORD"],
                               SERVER_PASSWORD=server.environment["PGPASSWORD"])
            self.await_obstacles(admin, ["starting", "schema"])
            migrated = owner.identityd()
            self.assertEqual(migrated.returncode, 0, migrated.stderr)
            start = time.monotonic()
            self.await_obstacles(admin, [])
            print(f"ready {time.monotonic() - start:.2f} s after the migration", file=sys.stderr)
            self.assertIn("DECISION_DENIED", self.run_readme(server, address))
            self.assert_the_master_key_is_replaced()

    def assert_the_master_key_is_replaced(self):
        keys = self.copy.secret_file("master-keys")
        keys.write_text(f"{os.urandom(32).hex()}\n{keys.read_text(encoding='utf-8')}", encoding="utf-8")
        rewrap = Pod(self.copy.render("dev"), "CronJob", "identity-rewrap", self.folder, self.postgres)
        done = rewrap.identityd()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("may be removed", done.stdout + done.stderr)

    def make_the_database_cluster(self, objects, owner, server):
        """What CloudNativePG runs as a superuser, in its order."""
        initdb = named(objects, "Cluster", "identity-database")["spec"]["bootstrap"]["initdb"]
        (role,) = named(objects, "Cluster", "identity-database")["spec"]["managed"]["roles"]
        for statement in (
                f"CREATE ROLE {initdb['owner']} LOGIN", *initdb["postInitSQL"],
                f"CREATE DATABASE {initdb['database']} OWNER {initdb['owner']}",
                f"ALTER ROLE {initdb['owner']} PASSWORD '{owner.environment['PGPASSWORD']}'",
                f"CREATE ROLE {role['name']} LOGIN IN ROLE {','.join(role['inRoles'])} "
                f"PASSWORD '{server.environment['PGPASSWORD']}'"):
            self.postgres.psql(f"--command={statement}")

    def test_the_roles_of_the_database_cluster_suffice(self):
        objects = self.copy.render("production")
        owner = Pod(objects, "Job", "identity-migration", self.folder, self.postgres)
        server = Pod(objects, "Deployment", "identity", self.folder, self.postgres)
        self.make_the_database_cluster(objects, owner, server)
        self.assertEqual(owner.identityd().returncode, 0)
        self.postgres.psql("--command=ALTER ROLE identity_owner NOCREATEROLE")
        self.assertEqual(owner.identityd().returncode, 0)
        made = server.identityd("bootstrap", "--username=admin", "--email=admin@example.com")
        self.assertEqual(made.returncode, 0, made.stderr)

    @staticmethod
    def get(address, path, context):
        """The status of an answer over HTTPS."""
        port = int(address.rpartition(":")[2])
        connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status

    def production(self):
        """The server's pod, after the migration, with the files of its certificates, and their CA."""
        objects = self.copy.render("production")
        owner = Pod(objects, "Job", "identity-migration", self.folder, self.postgres)
        server = Pod(objects, "Deployment", "identity", self.folder, self.postgres)
        self.make_the_database_cluster(objects, owner, server)
        self.assertEqual(owner.identityd().returncode, 0)
        authority = Authority(self.folder / "tls")
        names = ",".join(f"DNS:{name}" for name in named(objects, "Certificate", "identity")["spec"]["dnsNames"])
        authority.sign("tls", "-addext", f"subjectAltName={names}")
        authority.sign("client")
        return server, authority

    @unittest.skipUnless(BUF.exists(), "buf is not installed")
    def test_the_readme_makes_a_key_with_which_the_login_frontend_vouches(self):
        server, _ = self.production()
        made = server.identityd("bootstrap", "--username=admin", "--email=admin@example.com", "--password-stdin",
                                text="correct horse battery staple\n")
        self.assertEqual(made.returncode, 0, made.stderr)
        (block,) = [block for block in manifests.blocks("bash", "nodes") if "CreateServiceAccount" in block]
        key = self.folder / "frontend-api-key"
        script = f"""
            directory={self.folder}/tls
            ask() {{
              scripts/grpcurl -cacert $directory/ca.crt -cert $directory/tls.crt -key $directory/tls.key -d @ "$@"
            }}
            token=$(ask localhost:50051 identity.v1.IdentityService/Authenticate <<END |
            {{"password": {{"login": "admin", "password": "correct horse battery staple"}}}}
END
              sed -n 's/.*"accessToken": *"\\([^"]*\\)".*/\\1/p')
            {block}
            ask -H "x-api-key: $(<{key})" localhost:50051 identity.v1.IdentityService/CheckPermission <<END
            {{"self": true, "permission": "identity:client_info:vouch"}}
END"""
        with self.serve(server) as (address, admin, _):
            self.await_obstacles(admin, [])
            script = script.replace("localhost:50051", f"localhost:{address.rpartition(':')[2]}")
            answer = output(["bash", "-euo", "pipefail", "-c", script.replace(" >frontend-api-key", f" >{key}")],
                            cwd=manifests.ROOT)
        self.assertIn("DECISION_ALLOWED", answer)
        self.assertEqual(key.stat().st_mode & 0o077, 0)

    def test_the_doors_demand_client_certificates_and_the_rules_are_in_force(self):
        for component in ("http-doors", "routes"):
            self.copy.add_component("production", component)
        server, authority = self.production()
        with self.serve(server) as (_, admin, doors):
            self.await_obstacles(admin, [])
            self.assertEqual(self.get(doors, "/.well-known/jwks.json", authority.client("client")), 200)
            # Without the proxy's key, the door of the rules decides nothing.
            self.assertEqual(self.get(doors, "/authz/forward", authority.client("client")), 500)
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.get(doors, "/.well-known/jwks.json", authority.client())
            with urllib.request.urlopen(f"http://{admin}/metrics", timeout=5) as page:
                self.assertIn("\nidentity_routes_rules 1\n", page.read().decode())


def main():
    global binary
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    arguments, others = parser.parse_known_args()
    binary = arguments.binary.resolve()
    unittest.main(argv=[sys.argv[0], *others])


if __name__ == "__main__":
    main()
