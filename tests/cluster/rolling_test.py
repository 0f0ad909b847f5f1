#!/usr/bin/python3
"""Operations of a running service with three replicas. Each happens under load, and no call fails.

    rolling_test.py --binary IDENTITYD --next IDENTITYD --load CLUSTER_LOAD --stubs DIR [UNITTEST ARGUMENTS…]

`--next` is a version with one more migration. docs/runbook.md has the same operations for Kubernetes.
"""

import argparse
import concurrent.futures
import contextlib
import itertools
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import unittest

import replicas
from replicas import PASSWORD, Cluster, Load, Service, wait_until

sys.path.insert(0, str(replicas.ROOT / "tests" / "interop"))

ARGUMENTS = argparse.Namespace()
numbers = itertools.count(1)


def setUpModule():
    global cluster
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="identity-rolling."))
    unittest.addModuleCleanup(shutil.rmtree, scratch, ignore_errors=True)
    scratch.chmod(0o755)  # the user postgres needs access to its subdirectory
    cluster = Cluster(scratch)
    unittest.addModuleCleanup(cluster.stop, signal.SIGQUIT)
    # As after the first migration: `identity_app` exists.
    cluster.execute("postgres", "CREATE ROLE identity_owner LOGIN CREATEROLE; CREATE ROLE identity_app NOLOGIN; "
                                "CREATE ROLE identity_server LOGIN IN ROLE identity_app")


class RollingTest(unittest.TestCase):

    def setUp(self):
        self.service = self.enterContext(Service(cluster, ARGUMENTS.binary, next(numbers)))
        self.call = self._log_in()
        self.credential_file = self._make_credential()

    def _log_in(self):
        """A function that makes calls as a super admin."""
        # pylint: disable=import-outside-toplevel
        from identity.v1 import admin_service_pb2_grpc, identity_service_pb2, identity_service_pb2_grpc
        channel = self.enterContext(self.service.channel())
        stubs = [identity_service_pb2_grpc.IdentityServiceStub(channel), admin_service_pb2_grpc.AdminServiceStub(channel)]
        login = identity_service_pb2.AuthenticateRequest(password={"login": "admin", "password": PASSWORD})
        token = stubs[0].Authenticate(login, timeout=10).tokens.access_token

        def call(method, request):
            (stub,) = [stub for stub in stubs if hasattr(stub, method)]
            metadata = [("authorization", f"Bearer {token}")]
            return getattr(stub, method)(request, timeout=10, metadata=metadata, wait_for_ready=True)
        return call

    def _make_credential(self):
        # pylint: disable=import-outside-toplevel
        from identity.v1 import admin_service_pb2, identity_service_pb2
        account = self.call("CreateServiceAccount", admin_service_pb2.CreateServiceAccountRequest(name="load"))
        owner = account.service_account.id
        self.call("CreateBinding", admin_service_pb2.CreateBindingRequest(
            binding={"principal_id": owner, "role": "super_admin"}))
        key = self.call("IssueApiKey", identity_service_pb2.IssueApiKeyRequest(owner_id=owner))
        file = self.service.folder / "credential"
        file.touch(0o600)
        file.write_text(key.secret, encoding="ascii")
        return file

    def start_load(self, *options):
        load = Load(ARGUMENTS.load, self.service, self.credential_file, *options)
        self.addCleanup(load.kill)
        return load

    def assert_nothing_failed(self, load, summary):
        print(summary)
        self.assertEqual(summary["failures_by_code"], {}, load.faults()[:5])
        self.assertEqual(summary["checks_wrong"], 0, load.faults()[:5])
        self.assertEqual(summary["changes_acknowledged"], summary["changes"])
        self.assertGreater(summary["changes"], summary["checks"] / 50)
        self.assertGreater(load.verify()["verified"], summary["changes"] / 3)

    @contextlib.contextmanager
    def under_load(self):
        """No call of the load fails that runs during the block."""
        load = self.start_load()
        yield
        self.assert_nothing_failed(load, load.stop())

    def share(self, replica):
        """The part of the next 2,000 checks that the replica answers."""
        def checks():
            return {one: one.checks() for one in self.service.replicas}

        before = checks()
        wait_until(lambda: sum(checks().values()) > sum(before.values()) + 2000, 60, "there is no load")
        after = checks()
        return (after[replica] - before[replica]) / (sum(after.values()) - sum(before.values()))

    def test_each_replica_restarts_in_its_place(self):
        with self.under_load():
            for replica in self.service.replicas:
                replica.terminate()
                replica.wait()
                replica.start()
                self.service.await_load()

    def test_other_clients_lose_no_check_with_the_service_config_of_the_guide(self):
        guide = (replicas.ROOT / "k8s" / "README.md").read_text(encoding="utf-8")
        config = re.search(r"^```json\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)[1]
        check = self._checker(self.enterContext(self.service.channel(service_config=config)))
        ended = threading.Event()

        def check_until_the_end():
            while not ended.is_set():
                check()

        with concurrent.futures.ThreadPoolExecutor() as pool:
            callers = [pool.submit(check_until_the_end) for _ in range(4)]
            try:
                for replica in self.service.replicas:
                    replica.terminate()
                    replica.wait()
                    replica.start()
                    self.service.await_load()
            finally:
                ended.set()
        for caller in callers:
            caller.result()

    def _checker(self, channel):
        """A function that makes a check which is allowed."""
        # pylint: disable=import-outside-toplevel
        from identity.v1 import identity_service_pb2, identity_service_pb2_grpc
        stub = identity_service_pb2_grpc.IdentityServiceStub(channel)
        request = identity_service_pb2.CheckPermissionRequest(permission="load:use")
        setattr(request, "self", True)
        metadata = [("x-api-key", self.credential_file.read_text(encoding="ascii"))]

        def check():
            answer = stub.CheckPermission(request, timeout=5, metadata=metadata)
            self.assertEqual(answer.decision, identity_service_pb2.DECISION_ALLOWED)
        return check

    def test_the_schema_gets_a_migration_and_then_the_replicas_are_replaced(self):
        with self.under_load():
            self.assertEqual(self.service.migrate(ARGUMENTS.next).count("applied"), 1)
            self.service.await_load()
            self.service.replace(binary=ARGUMENTS.next)

    def test_signing_keys_rotate_and_earlier_tokens_stay_valid(self):
        # pylint: disable=import-outside-toplevel
        from identity.v1 import admin_service_pb2
        with self.under_load():
            for _ in range(2):
                # The next key has been published for long enough.
                self.service.execute("UPDATE identity.all_signing_keys SET create_time = create_time - interval '6 minutes'")
                self.call("RotateSigningKey", admin_service_pb2.RotateSigningKeyRequest())
                self.service.await_load()
        # This call has the token of the login, which a retiring key has signed.
        keys = self.call("ListSigningKeys", admin_service_pb2.ListSigningKeysRequest()).signing_keys
        self.assertEqual(len(keys), 4)

    def test_the_master_key_is_replaced(self):
        file = self.service.master_key_file
        old = file.read_text(encoding="ascii")
        new = os.urandom(32).hex() + "\n"
        with self.under_load():
            file.write_text(new + old, encoding="ascii")
            self.service.replace()
            report = replicas.run(ARGUMENTS.binary, "keys", "rewrap", "--database-url",
                                  self.service.url("identity_owner"), "--master-key-file", file)
            file.write_text(new, encoding="ascii")
            self.service.replace()
        self.assertIn("may be removed", report)

    def test_certificates_are_renewed(self):
        # The load connects again at this age.
        with self.under_load():
            self.service.replace("--max-connection-age=2s")
            old = self.service.tls.serial()
            self.service.tls.renew()
            serial = self.service.tls.serial()
            self.assertNotEqual(serial, old)
            for replica in self.service.replicas:
                wait_until(lambda one=replica: one.serial() == serial, 10, "the certificate is not renewed")
            self.service.await_load()

    def test_an_option_changes(self):
        with self.under_load():
            self.service.replace("--workers=8")

    def test_a_new_replica_gets_its_share_within_90_seconds(self):
        load = self.start_load()
        added = self.service.add()
        begin = time.monotonic()
        while not 0.2 <= self.share(added) <= 0.3:
            self.assertLess(time.monotonic() - begin, 90)
        print(f"the new replica had its share after {time.monotonic() - begin:.0f} s")
        self.assertLess(time.monotonic() - begin, 90)
        for replica in self.service.replicas:
            self.assertAlmostEqual(self.share(replica), 0.25, delta=0.05)
        self.assert_nothing_failed(load, load.stop())

    def test_a_replica_ends_and_none_of_100_000_checks_fails(self):
        load = self.start_load("--calls=100000")
        removed = self.service.replicas[0]
        self.assertAlmostEqual(self.share(removed), 1 / 3, delta=0.07)
        self.service.remove(removed)
        removed.wait()
        self.service.await_load()
        summary = load.end(600)
        self.assertEqual(summary["checks"], 100_000)
        self.assert_nothing_failed(load, summary)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--binary", "--next", "--load", "--stubs"):
        parser.add_argument(option, type=lambda path: pathlib.Path(path).resolve(), required=True)
    _, remaining = parser.parse_known_args(namespace=ARGUMENTS)
    # pylint: disable=import-outside-toplevel
    import run
    run.use_stubs(ARGUMENTS.stubs)
    unittest.main(argv=[sys.argv[0], *remaining])


if __name__ == "__main__":
    main()
