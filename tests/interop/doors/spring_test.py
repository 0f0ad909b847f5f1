"""Resource servers of Spring Boot take the tokens of the service, with the configurations of docs/doors.md."""

import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import tempfile
import textwrap
import time
import unittest

import jwt
from identity.v1 import admin_service_pb2

import client
import deployment
import documents
import http_server
from ports import free_port

PROGRAM = os.environ.get("IDENTITY_SPRING")
SOURCE = deployment.ROOT / "tests" / "interop" / "doors" / "spring" / "ResourceServer.java"
START_SECONDS = 120
ANSWER_SECONDS = 60
ALGORITHMS = ("--audience-algorithm=orders=ES256", "--audience-algorithm=billing=RS256",
              "--audience-algorithm=shop=ES256")


def load_tests(_loader, tests, _pattern):
    """Debian has no Spring, so the environment names the program. Without it, these tests do not exist."""
    return tests if PROGRAM else unittest.TestSuite()


class Spring:
    """Running resource servers in one process, one for each configuration. They listen on `ports`."""

    def __init__(self, *configurations):
        self._folder = tempfile.TemporaryDirectory(prefix="identity-spring.")
        folder = pathlib.Path(self._folder.name)
        self._log = folder / "log"
        self.ports = [free_port() for _ in configurations]
        files = [folder / f"{port}.yml" for port in self.ports]
        for file, port, configuration in zip(files, self.ports, configurations):
            file.write_text(f"{configuration}\nserver: {{address: 127.0.0.1, port: {port}}}\n", encoding="utf-8")
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{PROGRAM}:{PROGRAM}/*",
                 "ResourceServer", *files], stdout=log, stderr=log)
        self._wait()

    def _wait(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError):
                for port in self.ports:
                    self.ask(port)
                return
            time.sleep(0.1)
        log = self._log.read_text(encoding="utf-8")
        self.stop()
        raise AssertionError(log)

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    @staticmethod
    def ask(port, token=None):
        """The status of an answer, its WWW-Authenticate and its JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", "/", headers={"Authorization": f"Bearer {token}"} if token else {})
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, answer.headers.get("WWW-Authenticate", ""), json.loads(body) if body else {}
        finally:
            connection.close()


class SpringTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.doors = http_server.HttpServer(*ALGORITHMS, is_issuer=True)
        cls.addClassCleanup(cls.doors.stop)
        configurations = [text for text in documents.blocks("docs/doors.md", "yaml") if text.startswith("spring:")]
        cls.spring = Spring(*map(cls.adapted, configurations))
        cls.addClassCleanup(cls.spring.stop)
        cls.verifier, cls.introspector = cls.spring.ports

    @classmethod
    def adapted(cls, configuration):
        """The documented configuration with this test's server and key, and with audiences of other algorithms."""
        return (configuration.replace("https://id.example.com", cls.doors.url)
                .replace("audiences: orders", "audiences: orders, billing, edwards")
                .replace("API_KEY", deployment.current().service_key))

    def token(self, audience="orders", doors=None, **form):
        answer = (doors or self.doors).post_form("/oauth2/token", {
            "grant_type": "client_credentials", "audience": audience,
            "client_secret": deployment.current().service_key, **form})
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["access_token"]

    def assert_accepted(self, port, token):
        status, reason, caller = self.spring.ask(port, token)
        self.assertEqual((status, reason), (200, ""))
        self.assertEqual(caller["name"], jwt.decode(token, options={"verify_signature": False})["sub"])
        return caller

    def assert_refused(self, port, token, why):
        status, reason, _ = self.spring.ask(port, token)
        self.assertEqual(status, 401)
        self.assertIn('error="invalid_token"', reason)
        self.assertIn(why, reason)

    def test_the_documented_java_is_what_runs(self):
        source = SOURCE.read_text(encoding="utf-8")
        beans = documents.blocks("docs/doors.md", "java")
        self.assertEqual(len(beans), 2)
        for bean in beans:
            self.assertIn(textwrap.indent(bean, 4 * " "), source)

    def test_es256_and_rs256_are_verified(self):
        for audience, algorithm in (("orders", "ES256"), ("billing", "RS256")):
            token = self.token(audience)
            self.assertEqual(jwt.get_unverified_header(token)["alg"], algorithm)
            self.assert_accepted(self.verifier, token)

    def test_eddsa_is_refused(self):
        token = self.token("edwards")
        self.assertEqual(jwt.get_unverified_header(token)["alg"], "EdDSA")
        self.assert_refused(self.verifier, token, "Signed JWT rejected")

    def test_a_changed_signature_is_refused(self):
        for audience in ("orders", "billing"):
            signed, _, signature = self.token(audience).rpartition(".")
            changed = ("A" if signature[0] != "A" else "B") + signature[1:]
            self.assert_refused(self.verifier, f"{signed}.{changed}", "Invalid signature")

    def test_another_audience_is_refused(self):
        token = self.token("shop")
        self.assertEqual(jwt.get_unverified_header(token)["alg"], "ES256")
        self.assert_refused(self.verifier, token, "aud claim is not valid")
        self.assert_refused(self.introspector, token, "another audience")

    def test_another_issuer_is_refused(self):
        other = http_server.HttpServer(*ALGORITHMS)
        self.addCleanup(other.stop)
        token = self.token(doors=other)
        self.assertIn(jwt.get_unverified_header(token)["kid"], self.doors.get("/.well-known/jwks.json").body.decode())
        self.assert_refused(self.verifier, token, "iss claim is not valid")

    def test_a_request_without_a_token_is_refused(self):
        for port in self.spring.ports:
            self.assertEqual(self.spring.ask(port)[0], 401)
            self.assert_refused(port, "x", "")

    def test_scopes_are_authorities(self):
        token = self.token(scope="identity:check")
        for port in self.spring.ports:
            self.assertIn("SCOPE_identity:check", self.assert_accepted(port, token)["authorities"])

    def test_new_keys_are_found_without_a_restart(self):
        administrator = client.admin(self, address=self.doors.rpc_address)
        kids = set()
        for _ in range(3):
            token = self.token()
            kids.add(jwt.get_unverified_header(token)["kid"])
            self.assert_accepted(self.verifier, token)
            deployment.current().publish_next_keys()
            administrator.admin.RotateSigningKey(admin_service_pb2.RotateSigningKeyRequest(
                algorithm=admin_service_pb2.SIGNING_ALGORITHM_ES256))
        self.assertEqual(len(kids), 3)

    def test_a_revocation_is_seen_by_introspection_alone(self):
        token = self.token()
        for port in self.spring.ports:
            self.assert_accepted(port, token)
        self.assertEqual(self.doors.post_form("/oauth2/revoke", {"token": token}).status, 200)
        self.assert_refused(self.introspector, token, "isn't active")
        self.assert_accepted(self.verifier, token)
