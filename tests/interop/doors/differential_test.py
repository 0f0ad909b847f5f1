"""Every door gives the same decision, with the same reason, for thousands of random questions."""

import json
import pathlib
import random
import tempfile
import unittest

import grpc
from envoy.service.auth.v3 import external_auth_pb2, external_auth_pb2_grpc
from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import deployment
import http_server

SEED = 20261127
QUESTIONS = 1500
SECONDS = 20
PERMISSIONS = ("orders:read", "orders:write", "orders:items:read", "reports:read", "reports:all:export")
PATTERNS = PERMISSIONS + ("orders:*", "orders:items:*", "reports:*", "*")
RESOURCES = ("", "orders", "orders/1", "orders/2", "orders/1/items/3", "reports", "reports/q1", "users/nobody")
AUDIENCES = ("", "shop", "identity")
REASONS = {value.number: name.removeprefix("REASON_") for name, value in
           identity_service_pb2.Reason.DESCRIPTOR.values_by_name.items()}


def routes():
    """A rule for each permission and audience, with any resource."""
    rules = ["version: 1", "authzen:", "  - type: path", "    permission: '{action}'", "    resource: '{id...}'", "rules:"]
    for number, permission in enumerate(PERMISSIONS):
        for audience in AUDIENCES:
            tail = [f"    audience: {audience}"] if audience else []
            base = f"/{number}/{audience or '-'}"
            rules += [f"  - path: {base}/{{resource...}}", f"    permission: {permission}",
                      "    resource: '{resource}'", *tail]
            rules += [f"  - path: {base}", f"    permission: {permission}", *tail]
    return "\n".join(rules) + "\n"


class Credential:
    """A credential, and how it is presented."""

    def __init__(self, text, is_key):
        self.text = text
        self.is_key = is_key

    def subject(self):
        """The field of a check."""
        if self.text is None:
            return {"anonymous": True}
        return {"api_key" if self.is_key else "access_token": self.text}

    def headers(self):
        if self.text is None:
            return {}
        return {"X-Api-Key": self.text} if self.is_key else {"Authorization": f"Bearer {self.text}"}


class DifferentialTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="identity-differential.")
        file = pathlib.Path(cls.folder.name) / "routes.yaml"
        file.write_text(routes(), encoding="utf-8")
        cls.doors = http_server.HttpServer(f"--routes={file}")
        cls.channel = grpc.insecure_channel(cls.doors.rpc_address)

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()
        cls.doors.stop()
        cls.folder.cleanup()

    def setUp(self):
        self.random = random.Random(SEED)
        self.administrator = client.admin(self, address=self.doors.rpc_address)
        self.service = client.with_key(self, deployment.current().service_key, address=self.doors.rpc_address)
        self.proxy = external_auth_pb2_grpc.AuthorizationStub(self.channel)
        self.metadata = [("x-api-key", deployment.current().service_key)]

    def some(self, values, most):
        return self.random.sample(values, self.random.randint(1, most))

    def make_credentials(self):
        """Those of principals with random rights: good, narrow, for other audiences, revoked, disabled and malformed."""
        prefix = f"diff-{self.random.getrandbits(40):x}"
        for number in range(8):
            inherits = [f"{prefix}-{self.random.randrange(number)}"] if number and self.random.random() < 0.5 else []
            client.create_role(self.administrator, f"{prefix}-{number}", self.some(PATTERNS, 2), inherits)
        credentials = [Credential(None, False), Credential("", False), Credential("", True), Credential("x", False),
                       Credential("idk_x_y_z", True), Credential("a.b.c", False)]
        for number in range(8):
            account = self.administrator.admin.CreateServiceAccount(admin_service_pb2.CreateServiceAccountRequest(
                name=f"{prefix}-{number}")).service_account
            for _ in range(self.random.randint(0, 3)):
                client.bind(self.administrator, account.id, f"{prefix}-{self.random.randrange(8)}",
                            self.random.choice(RESOURCES))
            key = self.key_of(account.id, self.some(PATTERNS, 3)) or self.key_of(account.id, [])
            credentials += [Credential(key, True), Credential(key[:-2] + "__", True)]
            tokens = [self.token_of(key, audience) for audience in AUDIENCES]
            credentials += [Credential(token, False) for token in tokens if token]
            if number % 4 == 1 and tokens[0]:
                self.service.identity.Revoke(identity_service_pb2.RevokeRequest(access_token=tokens[0]))
            if number % 4 == 2:
                self.service.identity.Revoke(identity_service_pb2.RevokeRequest(api_key=key))
            if number % 4 == 3:
                self.administrator.admin.DisablePrincipal(
                    admin_service_pb2.DisablePrincipalRequest(principal_id=account.id))
        return credentials

    def key_of(self, owner_id, scopes):
        """None when the owner holds nothing of the scopes."""
        try:
            return self.administrator.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
                owner_id=owner_id, display_name="d", scopes=scopes)).secret
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                raise
            return None

    def token_of(self, key, audience):
        """None when the key's owner may do nothing that the scopes allow."""
        answer = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials", "client_secret": key,
                                                        "audience": audience})
        return answer.json().get("access_token")

    def by_forward_auth(self, credential, number, resource, audience):
        path = f"/{number}/{audience or '-'}" + (f"/{resource}" if resource else "")
        answer = self.doors.ask("GET", "/authz/forward", headers={
            "X-Identity-Gateway-Key": deployment.current().service_key, "X-Forwarded-Method": "GET",
            "X-Forwarded-Host": "x", "X-Forwarded-Uri": path, **credential.headers()})
        if answer.status == 200:
            return "GRANTED", answer.headers["X-Identity-Principal-Id"]
        return answer.json()["reason"], ""

    def by_ext_authz(self, credential, number, resource, audience):
        headers = {name.lower(): value for name, value in credential.headers().items()}
        extensions = {"permission": PERMISSIONS[number], "resource": resource}
        if audience:
            extensions["audience"] = audience
        answer = self.proxy.Check(external_auth_pb2.CheckRequest(attributes={
            "request": {"http": {"method": "GET", "host": "x", "path": "/", "headers": headers}},
            "context_extensions": extensions}), timeout=SECONDS, metadata=self.metadata)
        if answer.status.code == 0:
            headers = {option.header.key: option.header.value for option in answer.ok_response.headers}
            return "GRANTED", headers.get("x-identity-principal-id", "")
        return json.loads(answer.denied_response.body)["reason"], ""

    def by_authzen(self, credential, number, resource, audience):
        """None for what this protocol cannot ask: an empty id."""
        if not resource or credential.text == "":
            return None
        (kind, text), = credential.subject().items()
        subject = {"type": kind, "id": "x" if kind == "anonymous" else text,
                   "properties": {"audience": audience} if audience else {}}
        answer = self.doors.ask("POST", "/access/v1/evaluation", json.dumps(
            {"subject": subject, "action": {"name": PERMISSIONS[number]}, "resource": {"type": "path", "id": resource}}), {
                "Content-Type": "application/json", "X-Api-Key": deployment.current().service_key}).json()
        reason = answer["context"]["reason"].upper()
        self.assertEqual(answer["decision"], reason == "GRANTED")
        return reason

    def test_all_doors_agree(self):
        credentials = self.make_credentials()
        seen = set()
        questions = [(self.random.choice(credentials), self.random.randrange(len(PERMISSIONS)),
                      self.random.choice(RESOURCES), self.random.choice(AUDIENCES)) for _ in range(QUESTIONS)]
        checks = [identity_service_pb2.CheckPermissionRequest(
            permission=PERMISSIONS[number], resource=resource, audience=audience, **credential.subject())
                  for credential, number, resource, audience in questions]
        batch = []
        for begin in range(0, QUESTIONS, 500):
            batch += self.service.identity.BatchCheckPermissions(identity_service_pb2.BatchCheckPermissionsRequest(
                checks=checks[begin:begin + 500])).results
        for question, check, result in zip(questions, checks, batch):
            credential = question[0]
            answer = self.service.identity.CheckPermission(check)
            reason = REASONS[answer.reason]
            principal = answer.principal.id if reason == "GRANTED" and credential.text is not None else ""
            seen.add(reason)
            where = (question[1:], credential.subject(), reason)
            self.assertEqual(result.response.reason, answer.reason, where)
            self.assertEqual(self.by_forward_auth(*question), (reason, principal), where)
            self.assertEqual(self.by_ext_authz(*question), (reason, principal), where)
            self.assertIn(self.by_authzen(*question), (reason, None), where)
        self.assertLessEqual({"GRANTED", "CREDENTIAL_INVALID", "CREDENTIAL_REVOKED", "PRINCIPAL_DISABLED", "NO_BINDING",
                              "SCOPE_INSUFFICIENT"}, seen)
