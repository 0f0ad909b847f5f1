#!/usr/bin/python3
"""Tokens of a real Kubernetes API server are credentials, with the manifests and the steps of docs/workloads.md.

    workload_test.py --binary IDENTITYD --stubs DIR [UNITTEST ARGUMENTS…]

There are no nodes. The test makes the files that a kubelet would put into the pods, and runs their programs.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import kubernetes
import manifests
import server_test
from manifests import named, output, template_of
from ports import free_port

INTEROP = manifests.ROOT / "tests" / "interop"
DOCUMENT = manifests.ROOT / "docs" / "workloads.md"
# A record of each request for the keys of the cluster.
AUDIT_POLICY = """
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    nonResourceURLs: [/openid/v1/jwks]
  - level: None
"""
SUBJECT = "system:serviceaccount:shop:billing"
SERVER = "system:serviceaccount:identity-dev:identity"
CHECKS = 10_000
CONCURRENT = 50


def setUpModule():
    kubernetes.require("go", "etcd", "openssl")
    if not server_test.BUF.exists():
        raise unittest.SkipTest("buf is not installed")


def project(server, sources, namespace, account, folder, pod=None):
    """Writes what a kubelet writes for the sources of a projected volume."""
    folder.mkdir(exist_ok=True)
    for source in sources:
        if "configMap" in source:
            assert source["configMap"]["name"] == "kube-root-ca.crt"
            for item in source["configMap"]["items"]:
                (folder / item["path"]).write_bytes(server.authority.read_bytes())
            continue
        wanted = source["serviceAccountToken"]
        options = [f"--duration={wanted['expirationSeconds']}s"]
        if "audience" in wanted:
            options.append(f"--audience={wanted['audience']}")
        if pod:
            options += ["--bound-object-kind=Pod", f"--bound-object-name={pod}"]
        token = server.kubectl(f"--namespace={namespace}", "create", "token", account, *options).stdout
        (folder / wanted["path"]).write_text(token.strip(), encoding="utf-8")


def sources_of(template):
    """The sources of the only projected volume of a pod."""
    (sources,) = [volume["projected"]["sources"] for volume in template["spec"]["volumes"] if "projected" in volume]
    return sources


class Installation:
    """The overlay `dev` with the component workload-identity, in an API server, with the example of a backend."""

    def __init__(self, stack):
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="identity-workloads."))
        self.folder = pathlib.Path(directory)
        self.requests = self.folder / "requests"
        (self.folder / "policy").write_text(AUDIT_POLICY, encoding="utf-8")
        self.api = kubernetes.ApiServer(f"--audit-policy-file={self.folder}/policy",
                                        f"--audit-log-path={self.requests}", crds=())
        stack.callback(self.api.close)
        self._copy = manifests.Copy()
        stack.callback(self._copy.close)
        self._copy.add_component("dev", "workload-identity")
        self.apply()
        self._postgres = server_test.Postgres(self.folder)
        stack.callback(self._postgres.stop)
        self._make_database()
        self._start_backend()

    def apply(self):
        self.api.kubectl("apply", "--server-side", f"--kustomize={self._copy.overlay('dev')}")

    def _make_database(self):
        objects = self._copy.render("dev")
        owner = server_test.Pod(objects, "Job", "identity-migration", self.folder, self._postgres)
        self.pod = server_test.Pod(objects, "Deployment", "identity", self.folder, self._postgres)
        self._postgres.psql(f"--file={self._copy.overlay('dev') / 'roles.sql'}",
                            OWNER_PASSWORD=owner.environment["PGPASSWORD"],
                            SERVER_PASSWORD=self.pod.environment["PGPASSWORD"])
        migrated = owner.identityd()
        assert migrated.returncode == 0, migrated.stderr
        self.password = os.urandom(16).hex()
        output([server_test.binary, "bootstrap", "--username=admin", "--email=admin@example.com", "--password-stdin"],
               env=self.pod.environment, input=self.password)
        folder = pathlib.Path(self.pod.environment["IDENTITY_KUBERNETES_CREDENTIALS"])
        template = template_of(named(objects, "Deployment", "identity"))
        project(self.api, sources_of(template), "identity-dev", template["spec"]["serviceAccountName"], folder)

    def _start_backend(self):
        objects = manifests.example()
        self.api.kubectl("apply", "--server-side", f"--filename={manifests.EXAMPLE}")
        self.api.kubectl("create", "--filename=-", text=json.dumps(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker-1"}}))
        # A controller makes it in a real cluster.
        self.api.kubectl("--namespace=shop", "create", "serviceaccount", "default")
        self.backend = template_of(named(objects, "Deployment", "billing"))

    def start_pod(self, name):
        """Makes a pod of the example. Returns the file with its token."""
        spec = {**self.backend["spec"], "nodeName": "worker-1"}
        self.api.kubectl("create", "--filename=-", text=json.dumps({
            "apiVersion": "v1", "kind": "Pod", "spec": spec,
            "metadata": {"name": name, "namespace": "shop", "labels": self.backend["metadata"]["labels"]}}))
        project(self.api, sources_of(self.backend), "shop", spec["serviceAccountName"], self.folder / name, name)
        return self.folder / name / "token"

    def token_of(self, account, *options):
        """A token of a ServiceAccount in the namespace `shop` that belongs to no pod."""
        return self.api.kubectl("--namespace=shop", "create", "token", account, *options).stdout.strip()

    def key_requests(self):
        """Who has asked the API server for its keys, with the status of each answer."""
        lines = self.requests.read_text(encoding="utf-8").splitlines() if self.requests.exists() else []
        records = [json.loads(line) for line in lines]
        return [(record["user"]["username"], record["responseStatus"]["code"]) for record in records]

    @contextlib.contextmanager
    def serve(self, *options, without=()):
        """Runs the server like the pod, on other ports. Gives its address and that of the admin port."""
        address, admin = (f"127.0.0.1:{free_port()}" for _ in range(2))
        environment = {**self.pod.environment, "IDENTITY_LISTEN_ADDRESS": address, "IDENTITY_ADMIN_ADDRESS": admin,
                       "IDENTITY_KUBERNETES_API": self.api.url}
        for name in without:
            del environment[name]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen([server_test.binary, *self.pod.arguments, *options], env=environment,
                                       stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while server_test.obstacles(admin) != []:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text(encoding="utf-8")[-2000:])
                time.sleep(0.02)
            yield address, admin
        finally:
            process.terminate()
            process.wait()


class WorkloadTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.here = Installation(stack)
        cls.token = cls.here.start_pod("billing-1").read_text(encoding="utf-8")
        with cls.here.serve() as (address, _):
            cls.issuer = cls.follow_the_document(address)
            cls.point_to_the_api_server(address)

    @classmethod
    def log_in(cls, address):
        """An access token of the super admin."""
        anonymous = client.Client(address=address)
        try:
            return anonymous.log_in("admin", cls.here.password).access_token
        finally:
            anonymous.close()

    @classmethod
    def follow_the_document(cls, address):
        """Makes the steps of docs/workloads.md. Returns the issuer of the cluster."""
        blocks = manifests.blocks("bash", document=DOCUMENT)
        assert len(blocks) == 2
        script = "\n".join([*blocks, 'echo "issuer=$issuer"'])
        done = cls.here.api.run(
            "bash", "-euo", "pipefail", "-c", f"PATH=$PATH:{manifests.ROOT}/scripts\n{script}", folder=manifests.ROOT,
            IDENTITY_ADDRESS=address, admin=f"authorization: Bearer {cls.log_in(address)}")
        assert done.returncode == 0, done.stderr
        return re.search(r"^issuer=(.*)$", done.stdout, re.MULTILINE)[1]

    @classmethod
    def point_to_the_api_server(cls, address):
        """The keys are at the address of the test's API server. Everything else of the provider stays."""
        admin = client.Client(address=address, access_token=cls.log_in(address))
        cls.addClassCleanup(admin.close)
        cls.provider = admin.admin.GetIdentityProvider(
            admin_service_pb2.GetIdentityProviderRequest(name="cluster")).provider
        (cls.account,) = admin.admin.ListServiceAccounts(
            admin_service_pb2.ListServiceAccountsRequest()).service_accounts
        cls.change_provider(admin, jwks_uri=f"{cls.here.api.url}/openid/v1/jwks")

    @staticmethod
    def change_provider(admin, **fields):
        admin.admin.UpdateIdentityProvider(admin_service_pb2.UpdateIdentityProviderRequest(
            provider={"name": "cluster", **fields}, update_mask={"paths": list(fields)}))

    def list_workloads(self, admin, *subjects):
        """Makes these the workloads of the service account. Returns the consistency token."""
        identities = [{"issuer": self.issuer, "subject": subject} for subject in subjects]
        return admin.admin.UpdateServiceAccount(admin_service_pb2.UpdateServiceAccountRequest(
            service_account={"id": self.account.id, "external_identities": identities})).consistency_token

    def serve(self, *options, **more):
        """A replica for the rest of this test: its address, and that of the admin port."""
        context = self.here.serve(*options, **more)
        addresses = context.__enter__()  # pylint: disable=unnecessary-dunder-call
        self.addCleanup(context.__exit__, None, None, None)
        return addresses

    def caller(self, address, token):
        """A client with this token and nothing else."""
        return client.with_token(self, token, address=address)

    def admin(self, address):
        return self.caller(address, self.log_in(address))

    @staticmethod
    def reason(checked):
        return identity_service_pb2.Reason.Name(checked.reason)

    def assert_refused(self, address, token, reason="REASON_CREDENTIAL_INVALID"):
        """As the credential of a caller, and as the subject of a check."""
        with self.assertRaises(grpc.RpcError) as raised:
            self.caller(address, token).check("posts:read", self=True)
        self.assertEqual((raised.exception.code(), client.reason_of(raised.exception)),
                         (grpc.StatusCode.UNAUTHENTICATED, "CALLER_INVALID"))
        self.assertEqual(self.reason(self.admin(address).check("posts:read", access_token=token)), reason)

    def assert_accepted(self, address, token):
        checked = self.caller(address, token).check("posts:read", anonymous=True)
        self.assertEqual(self.reason(checked), "REASON_NO_BINDING")
        checked = self.admin(address).check("identity:check", access_token=token)
        self.assertEqual((self.reason(checked), checked.principal.username), ("REASON_GRANTED", "billing"))

    @staticmethod
    def metric(admin, name):
        """The value for the only issuer. None: the replica has not asked for keys."""
        with urllib.request.urlopen(f"http://{admin}/metrics", timeout=10) as page:
            found = re.findall(rf"^{name}{{issuer=\"[^\"]*\"}} (\S+)$", page.read().decode(), re.MULTILINE)
        return float(found[0]) if found else None

    def test_the_preset_and_the_component_agree_on_the_api_server(self):
        objects = manifests.Copy()
        self.addCleanup(objects.close)
        lines = (objects.component("workload-identity") / "kubernetes.env").read_text(encoding="utf-8").split()
        options = dict(line.split("=", 1) for line in lines)
        self.assertEqual(self.provider.jwks_uri, f"{options['IDENTITY_KUBERNETES_API']}/openid/v1/jwks")
        self.assertEqual(list(self.provider.workload_audiences),
                         [source["serviceAccountToken"]["audience"] for source in sources_of(self.here.backend)])
        self.assertEqual(self.provider.issuer, "https://kubernetes.default.svc")

    def test_the_token_of_a_pod_is_a_credential(self):
        address, admin = self.serve()
        self.assert_accepted(address, self.token)
        own = self.caller(address, self.token).check("identity:check", self=True)
        self.assertEqual((self.reason(own), own.principal.username, list(own.scopes)),
                         ("REASON_GRANTED", "billing", ["*"]))
        self.assertEqual(self.metric(admin, "identity_provider_up"), 1)

    def test_the_program_of_the_example_gets_decisions(self):
        address, _ = self.serve()
        container = self.here.backend["spec"]["containers"][0]
        (script,) = container["args"]
        mount = container["volumeMounts"][0]["mountPath"]
        script = script.replace(f"{mount}/token", str(self.here.folder / "billing-1" / "token"))
        script = re.sub(r"identity\.identity-dev\.svc\.cluster\.local:\d+", address, script)
        path = f"{os.environ['PATH']}:{manifests.ROOT}/scripts"
        # In a session of its own, so that its children end with it.
        process = subprocess.Popen([*container["command"], script], env={**os.environ, "PATH": path},
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                                   start_new_session=True)
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith("}"):
                    break
        finally:
            os.killpg(process.pid, 15)
            process.communicate()
        self.assertIn("DECISION_DENIED", "".join(lines))

    def test_tokens_for_others_and_of_others_are_refused(self):
        address, _ = self.serve()
        self.assert_refused(address, self.here.token_of("billing"))  # for the API server
        self.assert_refused(address, self.here.token_of("billing", "--audience=another"))
        self.here.api.kubectl("--namespace=shop", "create", "serviceaccount", "stranger")
        self.assert_refused(address, self.here.token_of("stranger", "--audience=identity"))
        head, _, signature = self.token.rpartition(".")
        self.assert_refused(address, f"{head}.{signature[::-1]}")
        self.assert_accepted(address, self.here.token_of("billing", "--audience=identity"))

    def test_the_default_account_is_refused_unless_the_provider_allows_it(self):
        address, _ = self.serve()
        admin = self.admin(address)
        subject = "system:serviceaccount:shop:default"
        token = self.here.token_of("default", "--audience=identity")
        with self.assertRaises(grpc.RpcError) as raised:
            self.list_workloads(admin, SUBJECT, subject)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assert_refused(address, token)
        self.change_provider(admin, default_workloads=True)
        self.list_workloads(admin, SUBJECT, subject)
        self.assert_accepted(address, token)
        self.change_provider(admin, default_workloads=False)
        self.assert_refused(address, token)
        self.list_workloads(admin, SUBJECT)

    @staticmethod
    def concurrent_checks(calls):
        """The outcomes of checks that are made at the same time: reasons of checks, and of errors."""
        request = identity_service_pb2.CheckPermissionRequest(anonymous=True, permission="posts:read")
        pending = [calls.identity.CheckPermission.future(request) for _ in range(CONCURRENT)]
        return {client.reason_of(one) if one.exception() else identity_service_pb2.Reason.Name(one.result().reason)
                for one in pending}

    def test_ten_thousand_checks_cause_one_request_for_the_keys(self):
        before = self.here.key_requests()
        address, admin = self.serve()
        calls = self.caller(address, self.token)
        # The replica fetches the keys at its start. Until it has them, some calls wait for them, and the others fail.
        self.assertLessEqual(self.concurrent_checks(calls), {"REASON_NO_BINDING", "PROVIDER_UNAVAILABLE"})
        start = time.monotonic()
        for _ in range(CHECKS // CONCURRENT):
            self.assertEqual(self.concurrent_checks(calls), {"REASON_NO_BINDING"})
        print(f"{CHECKS / (time.monotonic() - start):.0f} checks a second", file=sys.stderr)
        self.assertEqual(self.metric(admin, "identity_provider_fetches_total"), 1)
        self.assertEqual(self.metric(admin, "identity_provider_fetch_failures_total"), 0)
        self.assertEqual(self.here.key_requests()[len(before):], [(SERVER, 200)])

    def test_the_audit_names_the_pod_and_its_node(self):
        address, _ = self.serve()
        with self.assertRaises(grpc.RpcError) as raised:
            self.caller(address, self.token).admin.ListRoles(admin_service_pb2.ListRolesRequest())
        self.assertEqual(raised.exception.code(), grpc.StatusCode.PERMISSION_DENIED)
        events = self.admin(address).admin.ListAuditEvents(
            admin_service_pb2.ListAuditEventsRequest(actor_id=self.account.id)).events
        self.assertTrue(events)
        self.assertIn(f"by the workload {SUBJECT} in the pod billing-1 on the node worker-1", events[0].details)

    def test_a_token_outlives_its_pod_until_it_is_revoked(self):
        address, _ = self.serve()
        token = self.here.start_pod("billing-2").read_text(encoding="utf-8")
        self.assert_accepted(address, token)
        self.here.api.kubectl("--namespace=shop", "delete", "pod", "billing-2", "--force", "--grace-period=0")
        self.assert_accepted(address, token)
        # Nobody can revoke one token.
        request = identity_service_pb2.RevokeRequest(access_token=token)
        self.caller(address, token).identity.Revoke(request)
        self.assert_accepted(address, token)
        admin = self.admin(address)
        admin.admin.RevokeExternal(admin_service_pb2.RevokeExternalRequest(issuer=self.issuer, subject=SUBJECT))
        for one in (token, self.token, self.here.token_of("billing", "--audience=identity")):
            self.assert_refused(address, one, "REASON_CREDENTIAL_REVOKED")
        admin.admin.RevokeExternal(
            admin_service_pb2.RevokeExternalRequest(issuer=self.issuer, subject=SUBJECT, undo=True))
        self.assert_accepted(address, token)

    def test_another_replica_knows_a_revocation_by_its_consistency_token(self):
        first, _ = self.serve()
        second, _ = self.serve()
        self.assert_accepted(second, self.token)
        admin = self.admin(first)
        revoked = admin.admin.RevokeExternal(
            admin_service_pb2.RevokeExternalRequest(issuer=self.issuer, subject=SUBJECT)).consistency_token
        checked = self.admin(second).check("posts:read", access_token=self.token,
                                           consistency={"at_least_as_fresh": revoked})
        self.assertEqual(self.reason(checked), "REASON_CREDENTIAL_REVOKED")
        admin.admin.RevokeExternal(
            admin_service_pb2.RevokeExternalRequest(issuer=self.issuer, subject=SUBJECT, undo=True))

    def test_revoking_the_account_revokes_its_identities_also_if_they_are_listed_again(self):
        address, _ = self.serve()
        admin = self.admin(address)
        admin.identity.Revoke(identity_service_pb2.RevokeRequest(principal_id=self.account.id))
        self.assert_refused(address, self.token, "REASON_CREDENTIAL_REVOKED")
        self.list_workloads(admin, SUBJECT)
        self.assert_refused(address, self.token, "REASON_CREDENTIAL_REVOKED")
        admin.admin.RevokeExternal(
            admin_service_pb2.RevokeExternalRequest(issuer=self.issuer, subject=SUBJECT, undo=True))
        self.assert_accepted(address, self.token)

    def test_a_disabled_provider_has_no_workloads(self):
        address, _ = self.serve()
        admin = self.admin(address)
        self.change_provider(admin, disabled=True)
        self.assert_refused(address, self.token)
        self.change_provider(admin, disabled=False)
        self.assert_accepted(address, self.token)

    def may_read_the_keys(self):
        return self.here.api.run("kubectl", "auth", "can-i", "get", "/openid/v1/jwks", f"--as={SERVER}",
                                 "--as-group=system:serviceaccounts", "--as-group=system:authenticated",
                                 ).stdout.strip() == "yes"

    def await_permission(self, expected):
        deadline = time.monotonic() + 30
        while self.may_read_the_keys() != expected:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)

    def test_the_binding_of_the_component_lets_the_server_read_the_keys(self):
        # The first one is the default of Kubernetes, which some clusters take away.
        self.here.api.kubectl("delete", "clusterrolebinding", "system:service-account-issuer-discovery",
                              "identity-issuer-discovery")
        self.await_permission(False)
        address, admin = self.serve()
        calls = self.caller(address, self.token)
        with self.assertRaises(grpc.RpcError) as raised:
            calls.check("posts:read", anonymous=True)
        self.assertEqual((raised.exception.code(), client.reason_of(raised.exception)),
                         (grpc.StatusCode.UNAVAILABLE, "PROVIDER_UNAVAILABLE"))
        self.assertEqual(self.here.key_requests()[-1], (SERVER, 403))
        self.assertEqual(self.metric(admin, "identity_provider_up"), 0)
        self.here.apply()
        self.await_permission(True)
        deadline = time.monotonic() + 30
        while True:
            try:
                calls.check("posts:read", anonymous=True)
                break
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)
        self.assertEqual(self.metric(admin, "identity_provider_up"), 1)

    def test_the_keys_may_come_from_a_file(self):
        before = self.here.key_requests()
        keys = self.here.folder / "keys.json"
        keys.write_text(self.here.api.kubectl("get", "--raw", "/openid/v1/jwks").stdout, encoding="utf-8")
        address, _ = self.serve(f"--provider-keys={self.issuer}={keys}",
                                without=("IDENTITY_KUBERNETES_API", "IDENTITY_KUBERNETES_CREDENTIALS"))
        self.assert_accepted(address, self.token)
        self.assertEqual(self.here.key_requests()[len(before):], [("admin", 200)])


def main():
    global grpc, client, admin_service_pb2, identity_service_pb2
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    parser.add_argument("--stubs", type=pathlib.Path, required=True)
    arguments, others = parser.parse_known_args()
    server_test.binary = arguments.binary.resolve()
    sys.path.insert(0, str(INTEROP))
    # pylint: disable=import-outside-toplevel
    import run
    run.use_stubs(arguments.stubs.resolve())
    import client
    import grpc
    from identity.v1 import admin_service_pb2, identity_service_pb2
    unittest.main(argv=[sys.argv[0], *others])


if __name__ == "__main__":
    main()
