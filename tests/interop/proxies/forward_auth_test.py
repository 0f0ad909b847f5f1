"""What /authz/forward and ext_authz say beyond the decisions that the other tests compare."""

import pathlib
import tempfile
import unittest
import uuid

import grpc
from envoy.service.auth.v3 import external_auth_pb2, external_auth_pb2_grpc
from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import deployment
import http_server

RULES = """
version: 1
rules:
  - path: /health
    public: true
  - path: /orders/{order}
    permission: orders:read
    resource: orders/{order}
"""
IDENTITY_HEADERS = ("X-Identity-Principal-Id", "X-Identity-Principal-Type", "X-Identity-Username",
                    "X-Identity-Session-Id", "X-Identity-Scopes")


class ForwardAuthTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="identity-forward.")
        cls.addClassCleanup(folder.cleanup)
        routes = pathlib.Path(folder.name) / "routes.yaml"
        routes.write_text(RULES, encoding="utf-8")
        cls.doors = http_server.HttpServer("--routes", routes)
        cls.addClassCleanup(cls.doors.stop)
        cls.key = deployment.current().service_key

    def forward(self, uri, *more, keys=None):
        """The answer for a GET of `uri`. `more`: further headers; `keys`: of the proxy."""
        keys = [self.key] if keys is None else keys
        headers = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Host", "shop.example"), ("X-Forwarded-Uri", uri),
                   *(("X-Identity-Gateway-Key", key) for key in keys), *more]
        return self.doors.ask_with("GET", "/authz/forward", headers)

    def assert_undecided(self, answer, *statuses):
        self.assertIn(answer.status, statuses)
        problem = answer.json()
        self.assertEqual(problem["status"], answer.status)
        self.assertNotIn("WWW-Authenticate", answer.headers)

    def test_a_proxy_without_the_right_to_ask_gets_an_error_of_its_own(self):
        for keys in ([], ["x"], [self.key[:-1] + "_"], [self.key, self.key]):
            self.assert_undecided(self.forward("/orders/7", keys=keys), 500)
            self.assert_undecided(self.forward("/health", keys=keys), 500)

    def test_the_quota_of_the_proxy_is_not_shown_to_its_clients(self):
        administrator = client.admin(self, address=self.doors.rpc_address)
        account = administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=f"proxy-{uuid.uuid4().hex[:12]}")).service_account
        client.bind(administrator, account.id, "checker")
        key = administrator.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
            owner_id=account.id, display_name="proxy", requests_per_minute=3)).secret
        answers = [self.forward(path, keys=[key]) for path in ("/health", "/orders/7", "/none", "/health")]
        self.assertEqual([answer.status for answer in answers], [200, 401, 403, 503])
        for answer in answers:
            self.assertNotIn("RateLimit-Limit", answer.headers)

    def test_a_request_must_be_named_once(self):
        self.assert_undecided(self.forward("/orders/7", ("X-Forwarded-Uri", "/health")), 400)
        self.assert_undecided(self.forward("/orders/7", ("X-Forwarded-Host", "other.example")), 400)
        self.assert_undecided(self.forward("/orders/7", ("X-Forwarded-Method", "POST")), 400)
        self.assert_undecided(self.doors.get("/authz/forward", **{"X-Identity-Gateway-Key": self.key}), 400)

    def test_the_headers_of_a_public_path_are_empty(self):
        answer = self.forward("/health", ("Authorization", "Bearer whatever"), ("X-Identity-Username", "root"))
        self.assertEqual(answer.status, 200)
        for name in IDENTITY_HEADERS:
            self.assertEqual(answer.headers.get_all(name), [""])

    def test_a_request_without_a_credential_needs_one(self):
        answer = self.forward("/orders/7")
        self.assertEqual(answer.status, 401)
        self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))


class ExtAuthzTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.doors = http_server.HttpServer()
        cls.addClassCleanup(cls.doors.stop)
        channel = grpc.insecure_channel(cls.doors.rpc_address)
        cls.addClassCleanup(channel.close)
        cls.stub = external_auth_pb2_grpc.AuthorizationStub(channel)
        cls.key = deployment.current().service_key

    def check(self, path):
        """The answer about a request that may be made, by what the proxy's route says."""
        return self.stub.Check(external_auth_pb2.CheckRequest(attributes={
            "request": {"http": {"method": "GET", "host": "x", "path": path, "headers": {"x-api-key": self.key}}},
            "context_extensions": {"permission": "identity:check"}}), timeout=http_server.ANSWER_SECONDS,
                               metadata=[("x-api-key", self.key)])

    def test_a_route_of_the_proxy_allows_no_path_that_programs_read_differently(self):
        self.assertEqual(self.check("/reports/7?x=../y").status.code, 0)
        for path in ("/reports/../orders/7", "/reports/%2e%2e/orders/7", "/reports/..%2forders/7", "/reports/..;/orders/7",
                     "/reports//orders", "/reports/\\..\\orders", "/%6frders/7", "reports", ""):
            answer = self.check(path)
            self.assertEqual(answer.status.code, grpc.StatusCode.PERMISSION_DENIED.value[0], path)
            self.assertEqual(answer.denied_response.status.code, 403, path)


if __name__ == "__main__":
    unittest.main()
