"""Frontends that know only OAuth send a password to the token endpoint, where --password-grant allows it."""

import unittest
import urllib.parse
import uuid

import pyotp
from identity.v1 import account_service_pb2, types_pb2

import client
import http_server

PASSWORD = "correct horse battery staple é"
MFA = "urn:identity:oauth:grant-type:mfa"


class PasswordGrantTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.doors = http_server.HttpServer("--password-grant")

    @classmethod
    def tearDownClass(cls):
        cls.doors.stop()

    def setUp(self):
        self.name = f"person-{uuid.uuid4().hex[:12]}"
        client.create_user(client.admin(self, address=self.doors.rpc_address), self.name, PASSWORD)

    def log_in(self, password=PASSWORD, **form):
        return self.doors.post_form("/oauth2/token", {"grant_type": "password", "username": self.name,
                                                      "password": password, **form})

    def enroll(self):
        """The authenticator app of the account, and its recovery codes."""
        account = client.with_token(self, self.log_in().json()["access_token"], address=self.doors.rpc_address).account
        proof = types_pb2.Proof(current_password=PASSWORD)
        uri = account.EnrollTotp(account_service_pb2.EnrollTotpRequest(proof=proof)).otpauth_uri
        app = pyotp.parse_uri(uri)
        codes = account.ConfirmTotp(account_service_pb2.ConfirmTotpRequest(totp_code=app.now())).recovery_codes
        return app, list(codes)

    def test_a_password_gives_tokens(self):
        tokens = self.log_in(scope="posts:read identity:self:*", audience="shop").json()
        self.assertEqual((tokens["token_type"], tokens["scope"]), ("Bearer", "identity:self:*"))
        renewed = self.doors.post_form("/oauth2/token", {"grant_type": "refresh_token",
                                                         "refresh_token": tokens["refresh_token"]})
        self.assertEqual(renewed.status, 200)

    def test_the_metadata_names_the_grants(self):
        types = self.doors.get("/.well-known/oauth-authorization-server").json()["grant_types_supported"]
        self.assertIn("password", types)
        self.assertIn(MFA, types)

    def test_every_failure_has_one_answer(self):
        answers = []
        for form in ({"password": "wrong"}, {"username": "nobody"}):
            answer = self.log_in(**form)
            answers.append((answer.status, {**answer.json(), "request_id": ""}))
        self.assertEqual(answers[0][0], 400)
        self.assertEqual((answers[0][1]["error"], answers[0][1]["reason"]), ("invalid_grant", "INVALID_CREDENTIALS"))
        self.assertEqual(answers[0], answers[1])

    def test_a_second_factor_is_due(self):
        _, codes = self.enroll()
        challenged = self.log_in()
        self.assertEqual(challenged.status, 403)
        answer = challenged.json()
        self.assertEqual(answer["error"], "mfa_required")
        self.assertGreater(answer["expires_in"], 0)
        self.assertNotIn("access_token", answer)
        form = {"grant_type": MFA, "mfa_token": answer["mfa_token"]}
        wrong = self.doors.post_form("/oauth2/token", {**form, "otp": "000000"})
        self.assertEqual((wrong.status, wrong.json()["error"]), (400, "invalid_grant"))
        right = self.doors.post_form("/oauth2/token", {**form, "recovery_code": codes[0]})
        self.assertEqual(right.status, 200, right.body)
        self.assertIn("access_token", right.json())
        again = self.doors.post_form("/oauth2/token", {**form, "recovery_code": codes[1]})
        self.assertEqual((again.status, again.json()["error"]), (400, "invalid_grant"))

    def test_malformed_requests(self):
        for form in ({"grant_type": "password", "username": self.name}, {"grant_type": "password", "password": "x"},
                     {"grant_type": MFA, "mfa_token": "x"}, {"grant_type": MFA, "otp": "000000"},
                     {"grant_type": MFA, "mfa_token": "x", "otp": "000000", "recovery_code": "x"}):
            answer = self.doors.post_form("/oauth2/token", form)
            self.assertEqual((answer.status, answer.json()["error"]), (400, "invalid_request"), form)

    def test_a_client_with_a_wrong_secret_is_refused_first(self):
        answer = self.log_in(client_secret="idk_x")
        self.assertEqual((answer.status, answer.json()["error"]), (401, "invalid_client"))

    def test_a_password_in_the_address_is_not_read(self):
        query = urllib.parse.urlencode({"grant_type": "password", "username": self.name, "password": PASSWORD})
        self.assertEqual(self.doors.post_form(f"/oauth2/token?{query}", {}).json()["error"], "invalid_request")


class UnverifiedEmailTest(unittest.TestCase):

    def test_a_person_with_an_unverified_address_may_only_verify_it(self):
        doors = http_server.HttpServer("--password-grant", "--require-verified-email", "--smtp-url=smtp://127.0.0.1:1",
                                       "--smtp-allow-plaintext", "--mail-from=identity@example.com")
        self.addCleanup(doors.stop)
        name = f"person-{uuid.uuid4().hex[:12]}"
        client.create_user(client.admin(self, address=doors.rpc_address), name, PASSWORD)
        form = {"grant_type": "password", "username": name, "password": PASSWORD}
        refused = doors.post_form("/oauth2/token", form)
        self.assertEqual((refused.status, refused.json()["error"], refused.json()["reason"]),
                         (400, "invalid_grant", "EMAIL_NOT_VERIFIED"))
        verifying = doors.post_form("/oauth2/token", {**form, "scope": "identity:self:write"})
        self.assertEqual((verifying.status, verifying.json().get("scope")), (200, "identity:self:write"))


class OffByDefaultTest(unittest.TestCase):

    def test_passwords_and_codes_are_refused(self):
        doors = http_server.HttpServer()
        self.addCleanup(doors.stop)
        for grant in ("password", MFA):
            answer = doors.post_form("/oauth2/token", {"grant_type": grant, "username": "a", "password": "b",
                                                       "mfa_token": "x", "otp": "1"})
            self.assertEqual((answer.status, answer.json()["error"]), (400, "unsupported_grant_type"))
        types = doors.get("/.well-known/oauth-authorization-server").json()["grant_types_supported"]
        self.assertNotIn("password", types)
