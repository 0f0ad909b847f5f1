"""nginx, Caddy and Envoy pass a request on exactly when the route rules and a check allow it."""

import pathlib
import tempfile
import unittest
import uuid

from google.protobuf import duration_pb2
from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import http_server
import proxies

ROUTES = """
version: 1
rules:
  - path: /health
    public: true
  - path: /internal/**
    deny: true
  - hosts: [shop.example]
    methods: [GET, HEAD]
    path: /orders/{order}
    permission: orders:read
    resource: orders/{order}
  - hosts: [shop.example]
    methods: [POST]
    path: /orders/{order}
    permission: orders:write
    resource: orders/{order}
  - hosts: [shop.example]
    path: /vault
    permission: vault:open
"""


class Scene:
    """A server with route rules, a backend, and principals whose credentials the tests use."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="identity-routes.")
        routes = pathlib.Path(self._folder.name) / "routes.yaml"
        routes.write_text(ROUTES, encoding="utf-8")
        self.backend = proxies.Backend()
        self.doors = http_server.HttpServer(f"--routes={routes}")

    def prepare(self, case):
        """Makes the principals; `case` ends the connection."""
        administrator = client.admin(case, address=self.doors.rpc_address)
        self.gateway_key, _ = self.service(administrator, ["identity:check"])
        self.key, self.account = self.service(administrator, ["orders:*"])
        self.limited_key, _ = self.service(administrator, ["orders:*"], requests_per_minute=1)
        self.step_up_key, _ = self.service(administrator, ["vault:open"], mfa_max_age=duration_pb2.Duration(seconds=60))
        self.narrow_key, _ = self.service(administrator, ["orders:*"], scopes=["orders:write"])

    @staticmethod
    def service(administrator, permissions, mfa_max_age=None, **key):
        name = f"proxy-{uuid.uuid4().hex[:12]}"
        account = administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=name)).service_account
        administrator.admin.CreateRole(admin_service_pb2.CreateRoleRequest(
            role={"name": name, "permissions": permissions, "mfa_max_age": mfa_max_age}))
        client.bind(administrator, account.id, name)
        return administrator.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
            owner_id=account.id, display_name="proxy", **key)).secret, account

    def stop(self):
        self.doors.stop()
        self.backend.stop()
        self._folder.cleanup()


class ProxyRules:
    """The same for every proxy."""

    proxy_class = None

    @classmethod
    def setUpClass(cls):
        cls.scene = Scene()
        cls.proxy = None

    @classmethod
    def tearDownClass(cls):
        if cls.proxy is not None:
            cls.proxy.stop()
        cls.scene.stop()

    def setUp(self):
        if self.proxy is None:
            self.scene.prepare(self)
            type(self).proxy = self.proxy_class(self.scene.backend.port, self.scene.doors, self.scene.gateway_key)

    def ask(self, target, key=None, **options):
        headers = list(options.pop("headers", ()))
        if key is not None:
            headers.append(("Authorization", f"Bearer {key}"))
        return self.proxy.ask(target, headers=headers, **options)

    def test_an_allowed_request_arrives_with_who_sent_it(self):
        status, _, seen = self.ask("/orders/7?page=2", self.scene.key)
        self.assertEqual((status, seen["target"]), (200, "/orders/7?page=2"))
        self.assertEqual(seen["headers"]["x-identity-principal-id"], [self.scene.account.id])
        self.assertEqual(seen["headers"]["x-identity-username"], [self.scene.account.name])
        self.assertEqual(seen["headers"]["x-identity-principal-type"], ["service_account"])
        self.assertNotIn("x-identity-gateway-key", seen["headers"])

    def test_a_key_of_its_own_header_is_a_credential(self):
        status, _, seen = self.ask("/orders/7", headers=[("X-Api-Key", self.scene.key)])
        self.assertEqual((status, seen["headers"]["x-identity-principal-id"]), (200, [self.scene.account.id]))

    def test_spoofed_identity_never_arrives(self):
        spoofed = [(name, "root") for name in proxies.IDENTITY_HEADERS]
        for target, key in (("/health", None), ("/orders/7", self.scene.key)):
            status, _, seen = self.ask(target, key, headers=spoofed)
            self.assertEqual(status, 200)
            for name in proxies.IDENTITY_HEADERS:
                self.assertNotIn("root", seen["headers"].get(name.lower(), []), (target, name))

    def test_spoofed_words_of_a_proxy_change_nothing(self):
        spoofed = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/health"), ("X-Forwarded-Host", "shop.example"),
                   ("X-Original-URI", "/health"), ("X-Identity-Gateway-Key", "idk_x")]
        self.assertEqual(self.ask("/internal/a", headers=spoofed)[0], 403)
        self.assertEqual(self.ask("/orders/7", headers=spoofed)[0], 401)

    def test_without_a_credential(self):
        self.assertEqual(self.ask("/health")[0], 200)
        status, headers, _ = self.ask("/orders/7")
        self.assertEqual(status, 401)
        self.assertEqual(headers["WWW-Authenticate"], 'Bearer realm="identity"')

    def test_with_a_bad_credential(self):
        for key in ("", "x", self.scene.key[:-1] + "_"):
            status, headers, _ = self.ask("/orders/7", key)
            self.assertEqual(status, 401, key)
            self.assertIn('error="invalid_token"', headers["WWW-Authenticate"])
        self.assertEqual(self.ask("/orders/7", headers=[("Authorization", "Basic eDp5")])[0], 401)

    def test_two_credentials_are_none(self):
        twice = [("Authorization", f"Bearer {self.scene.key}")] * 2
        self.assertIn(self.ask("/orders/7", headers=twice)[0], (400, 401))

    def test_a_denied_request(self):
        self.assertEqual(self.ask("/vault", self.scene.key)[0], 403)
        self.assertEqual(self.ask("/orders/7", self.scene.key, method="DELETE")[0], 403)
        self.assertEqual(self.ask("/nothing", self.scene.key)[0], 403)

    def test_a_scope_that_is_too_narrow(self):
        self.assertEqual(self.ask("/orders/7", self.scene.narrow_key)[0], 403)
        self.assertEqual(self.ask("/orders/7", self.scene.narrow_key, method="POST")[0], 200)

    def test_a_role_that_needs_a_second_factor(self):
        status, headers, _ = self.ask("/vault", self.scene.step_up_key)
        self.assertEqual(status, 401)
        self.assertIn('error="insufficient_user_authentication"', headers["WWW-Authenticate"])

    def test_too_many_requests(self):
        self.assertEqual(self.ask("/orders/7", self.scene.limited_key)[0], 200)
        status, headers, _ = self.ask("/orders/7", self.scene.limited_key)
        self.assertEqual(status, 429)
        self.assertGreater(int(headers["Retry-After"]), 0)

    def test_hosts(self):
        for host, status in (("SHOP.EXAMPLE", 200), ("shop.example:80", 200), ("shop.example.", 200),
                             ("evil.example", 403), ("shop.example.evil", 403)):
            self.assertEqual(self.ask("/orders/7", self.scene.key, host=host)[0], status, host)

    # Only whether it is passed on matters: some proxies refuse such paths themselves.
    def test_paths_that_programs_read_differently_are_not_passed_on(self):
        for target in ("//health", "/health/../internal/a", "/health/..", "/./health", "/%2e%2e/health",
                       "/orders%2F7", "/orders/7%2F..", "/orders/%2e%2e", "/orders/a%00b", "/orders/%zz", "/health%5c",
                       "/health;a=b", "/orders/%252e", "/orders/\\a"):
            status, _, seen = self.ask(target, self.scene.key)
            self.assertGreaterEqual(status, 400, (target, seen))
            self.assertEqual(seen.get("target"), None, target)

    def test_an_escaped_letter_is_that_letter(self):
        self.assertEqual(self.ask("/%6frders/7", self.scene.key)[0], 200)
        self.assertEqual(self.ask("/%69nternal/a", self.scene.key)[0], 403)


class NginxTest(ProxyRules, unittest.TestCase):
    proxy_class = proxies.Nginx


class CaddyTest(ProxyRules, unittest.TestCase):
    proxy_class = proxies.Caddy


if proxies.Envoy.path():

    class EnvoyTest(ProxyRules, unittest.TestCase):
        proxy_class = proxies.Envoy

        def test_the_configuration_of_a_route_replaces_the_rules(self):
            self.assertEqual(self.ask("/reports/a", self.scene.key)[0], 200)
            self.assertEqual(self.ask("/reports/a")[0], 401)


class DeadServerTest(unittest.TestCase):

    def test_nothing_is_passed_on_without_a_decision(self):
        for proxy_class in (proxies.Nginx, proxies.Caddy) + ((proxies.Envoy,) if proxies.Envoy.path() else ()):
            with self.subTest(proxy_class.program):
                scene = Scene()
                scene.prepare(self)
                proxy = proxy_class(scene.backend.port, scene.doors, scene.gateway_key)
                try:
                    self.assertEqual(proxy.ask("/health")[0], 200)
                    scene.doors.stop()
                    self.assertGreaterEqual(proxy.ask("/health")[0], 500)
                    self.assertGreaterEqual(
                        proxy.ask("/orders/7", headers=[("Authorization", f"Bearer {scene.key}")])[0], 500)
                finally:
                    proxy.stop()
                    scene.backend.stop()

    def test_a_proxy_without_a_good_key_passes_nothing_on(self):
        scene = Scene()
        self.addCleanup(scene.stop)
        scene.prepare(self)
        proxy = proxies.Nginx(scene.backend.port, scene.doors, scene.key)
        self.addCleanup(proxy.stop)
        self.assertGreaterEqual(proxy.ask("/health")[0], 500)
