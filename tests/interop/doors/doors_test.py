"""Software that speaks HTTP, OAuth and JWT uses the service by its doors."""

import base64
import unittest
import uuid

import jwt
from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import deployment
import http_server

ISSUER = "https://identity.localhost"


def basic(name, secret):
    """The header of client_secret_basic."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


class DoorsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.doors = http_server.HttpServer()

    @classmethod
    def tearDownClass(cls):
        cls.doors.stop()

    def admin(self):
        """A super admin at the replica of the doors, which so sees each change at once."""
        return client.admin(self, address=self.doors.rpc_address)

    def log_in(self):
        here = deployment.current()
        return client.anonymous(self).log_in(here.admin_login, here.admin_password)

    def service_key(self, *permissions):
        """The key of a new service account with these permissions, and the account."""
        administrator = self.admin()
        name = f"service-{uuid.uuid4().hex[:12]}"
        account = administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=name)).service_account
        if permissions:
            role = f"role-{uuid.uuid4().hex[:12]}"
            client.create_role(administrator, role, permissions)
            client.bind(administrator, account.id, role)
        key = administrator.identity.IssueApiKey(
            identity_service_pb2.IssueApiKeyRequest(owner_id=account.id, display_name="doors"))
        return key.secret, account

    def introspect(self, token, key=None, **form):
        key = deployment.current().service_key if key is None else key
        return self.doors.post_form("/oauth2/introspect", {"token": token, **form}, basic("demo-service", key))


class PublicDocumentsTest(DoorsTest):

    def test_pyjwt_finds_the_keys_by_the_metadata(self):
        metadata = self.doors.get("/.well-known/oauth-authorization-server").json()
        self.assertEqual(metadata["issuer"], ISSUER)
        self.assertEqual(metadata["jwks_uri"], ISSUER + "/.well-known/jwks.json")
        keys = jwt.PyJWKClient(self.doors.url + "/.well-known/jwks.json")
        token = self.log_in().access_token
        claims = jwt.decode(token, keys.get_signing_key_from_jwt(token).key, algorithms=["EdDSA"], audience="identity",
                            issuer=metadata["issuer"])
        self.assertEqual(claims["iss"], ISSUER)

    def test_the_discovery_document_has_what_openid_requires(self):
        document = self.doors.get("/.well-known/openid-configuration").json()
        for member in ("issuer", "jwks_uri", "response_types_supported", "subject_types_supported",
                       "id_token_signing_alg_values_supported", "token_endpoint"):
            self.assertIn(member, document)

    def test_addresses_do_not_follow_the_host_of_the_request(self):
        document = self.doors.get("/.well-known/openid-configuration", Host="evil.example").json()
        self.assertTrue(all(value.startswith(ISSUER) for name, value in document.items() if name.endswith("endpoint")))

    def test_an_unchanged_document_is_not_sent_again(self):
        first = self.doors.get("/.well-known/jwks.json")
        self.assertIn("max-age=300", first.headers["Cache-Control"])
        self.assertEqual(first.headers["Access-Control-Allow-Origin"], "*")
        again = self.doors.ask("GET", "/.well-known/jwks.json", headers={"If-None-Match": first.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))
        other = self.doors.ask("GET", "/.well-known/jwks.json", headers={"If-None-Match": '"other"'})
        self.assertEqual(other.status, 200)

    def test_a_new_key_is_published_before_it_signs(self):
        administrator = self.admin()
        before = {key["kid"] for key in self.doors.get("/.well-known/jwks.json").json()["keys"]}
        deployment.current().publish_next_keys()
        active = administrator.admin.RotateSigningKey(admin_service_pb2.RotateSigningKeyRequest()).signing_key
        self.assertIn(active.kid, before)

    def test_there_is_nothing_else(self):
        self.assertEqual(self.doors.get("/").status, 404)
        self.assertEqual(self.doors.get("/oauth2/token/").status, 404)
        self.assertEqual(self.doors.get("/.well-known/../oauth2/token").status, 404)
        wrong = self.doors.get("/oauth2/token")
        self.assertEqual((wrong.status, wrong.headers["Allow"]), (405, "POST"))


class IssuerPathTest(unittest.TestCase):

    def test_doors_are_found_with_and_without_the_path_of_the_issuer(self):
        doors = http_server.HttpServer("--issuer=https://example.com/auth")
        self.addCleanup(doors.stop)
        for path in ("/.well-known/oauth-authorization-server/auth", "/auth/.well-known/openid-configuration",
                     "/.well-known/openid-configuration"):
            document = doors.get(path).json()
            self.assertEqual(document["token_endpoint"], "https://example.com/auth/oauth2/token")


class TokenTest(DoorsTest):

    def test_client_credentials_by_basic_and_by_form(self):
        key, account = self.service_key("posts:read")
        for name in (account.id, account.name, ""):
            form = {"grant_type": "client_credentials", "audience": "shop"}
            answers = [self.doors.post_form("/oauth2/token", form, basic(name, key)),
                       self.doors.post_form("/oauth2/token", {**form, "client_id": name, "client_secret": key})]
            for answer in answers:
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(answer.headers["Cache-Control"], "no-store")
                tokens = answer.json()
                self.assertEqual(tokens["token_type"], "Bearer")
                self.assertNotIn("refresh_token", tokens)
                claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
                self.assertEqual((claims["sub"], claims["aud"]), (account.id, "shop"))
                self.assertLessEqual(tokens["expires_in"], claims["exp"] - claims["iat"])

    def test_scopes_narrow(self):
        key, _ = self.service_key("posts:*")
        answer = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials", "scope": "posts:read"},
                                      basic("", key))
        self.assertEqual(answer.json()["scope"], "posts:read")
        wrong = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials", "scope": "a b!"},
                                     basic("", key))
        self.assertEqual((wrong.status, wrong.json()["error"]), (400, "invalid_scope"))

    def test_wrong_clients_get_one_answer(self):
        key, _ = self.service_key()
        other, _ = self.service_key()
        answers = []
        for name, secret in (("", key[:-1] + "_"), ("nobody", key), ("", "secret"), ("", other[:40])):
            answer = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials"}, basic(name, secret))
            self.assertEqual(answer.status, 401)
            self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Basic"))
            answers.append({**answer.json(), "request_id": ""})
        self.assertEqual([answer["error"] for answer in answers], ["invalid_client"] * 4)
        self.assertEqual(answers, [answers[0]] * 4)

    def test_a_refresh_token_is_spent_once(self):
        tokens = self.log_in()
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        first = self.doors.post_form("/oauth2/token", form).json()
        second = self.doors.post_form("/oauth2/token", {**form, "refresh_token": first["refresh_token"]})
        self.assertEqual(second.status, 200)
        reused = self.doors.post_form("/oauth2/token", form)
        self.assertEqual((reused.status, reused.json()["error"], reused.json()["reason"]),
                         (400, "invalid_grant", "REFRESH_TOKEN_REUSED"))
        dead = self.doors.post_form("/oauth2/token", {**form, "refresh_token": second.json()["refresh_token"]})
        self.assertEqual((dead.status, dead.json()["error"]), (400, "invalid_grant"))

    def test_malformed_requests(self):
        for form, error in (({}, "invalid_request"),
                            ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
                            ({"grant_type": "refresh_token"}, "invalid_request"),
                            ([("grant_type", "refresh_token"), ("grant_type", "refresh_token")], "invalid_request")):
            answer = self.doors.post_form("/oauth2/token", form)
            self.assertEqual((answer.status, answer.json()["error"]), (400, error), form)
        answer = self.doors.ask("POST", "/oauth2/token", '{"grant_type":"refresh_token"}',
                                {"Content-Type": "application/json"})
        self.assertEqual((answer.status, answer.json()["error"]), (400, "invalid_request"))

    def test_two_ways_to_authenticate_are_refused(self):
        key, _ = self.service_key()
        answer = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials", "client_secret": key},
                                      basic("", key))
        self.assertEqual((answer.status, answer.json()["error"]), (400, "invalid_request"))


class IntrospectionTest(DoorsTest):

    def test_an_access_token_tells_its_claims(self):
        token = self.log_in().access_token
        claims = jwt.decode(token, options={"verify_signature": False})
        found = self.introspect(token).json()
        self.assertTrue(found["active"])
        self.assertEqual(found["username"], deployment.current().admin_login)
        for name in ("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "sid", "client_id", "scope", "auth_time"):
            self.assertEqual(found[name], claims[name], name)

    def test_a_token_of_any_audience_is_known(self):
        key, _ = self.service_key()
        token = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials", "audience": "shop"},
                                     basic("", key)).json()["access_token"]
        self.assertEqual(self.introspect(token).json()["aud"], "shop")

    def test_refresh_tokens_and_keys(self):
        tokens = self.log_in()
        found = self.introspect(tokens.refresh_token, token_type_hint="refresh_token").json()
        self.assertEqual((found["active"], found["token_use"], found["sid"]),
                         (True, "refresh_token", tokens.session_id))
        key, account = self.service_key()
        found = self.introspect(key).json()
        self.assertEqual((found["active"], found["token_use"], found["sub"], found["username"]),
                         (True, "api_key", account.id, account.name))

    def test_what_is_dead_or_unknown_is_only_inactive(self):
        tokens = self.log_in()
        self.doors.post_form("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token})
        for token in ("x", "idk_x", tokens.access_token + "x", tokens.refresh_token):
            answer = self.introspect(token)
            self.assertEqual((answer.status, answer.json()), (200, {"active": False}))

    def test_revocations_are_seen_at_once(self):
        tokens = self.log_in()
        self.assertTrue(self.introspect(tokens.access_token).json()["active"])
        revoked = self.doors.post_form("/oauth2/revoke", {"token": tokens.access_token})
        self.assertEqual(revoked.status, 200)
        self.assertEqual(self.introspect(tokens.access_token).json(), {"active": False})
        self.assertTrue(self.introspect(tokens.refresh_token).json()["active"])
        self.doors.post_form("/oauth2/revoke", {"token": tokens.refresh_token, "token_type_hint": "access_token"})
        self.assertEqual(self.introspect(tokens.refresh_token).json(), {"active": False})

    def test_a_revoked_key_is_inactive(self):
        key, _ = self.service_key()
        self.assertTrue(self.introspect(key).json()["active"])
        self.doors.post_form("/oauth2/revoke", {"token": key})
        self.assertEqual(self.introspect(key).json(), {"active": False})

    def test_a_disabled_owner_makes_everything_inactive(self):
        key, account = self.service_key()
        self.admin().admin.DisablePrincipal(admin_service_pb2.DisablePrincipalRequest(principal_id=account.id))
        self.assertEqual(self.introspect(key).json(), {"active": False})

    def test_only_for_those_who_may_check(self):
        token = self.log_in().access_token
        stranger = self.doors.post_form("/oauth2/introspect", {"token": token})
        self.assertEqual((stranger.status, stranger.json()["error"]), (401, "invalid_client"))
        key, _ = self.service_key("posts:read")
        denied = self.introspect(token, key="x")
        self.assertEqual(denied.status, 401)
        denied = self.doors.post_form("/oauth2/introspect", {"token": token}, basic("", key))
        self.assertEqual((denied.status, denied.json()["error"]), (403, "insufficient_scope"))
        wrong_name = self.doors.post_form("/oauth2/introspect", {"token": token},
                                          basic("nobody", deployment.current().service_key))
        self.assertEqual(wrong_name.status, 401)

    def test_callers_may_use_a_bearer_token(self):
        key, _ = self.service_key("identity:check")
        bearer = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials"},
                                      basic("", key)).json()["access_token"]
        answer = self.doors.post_form("/oauth2/introspect", {"token": bearer}, {"Authorization": f"Bearer {bearer}"})
        self.assertTrue(answer.json()["active"])


class RevocationTest(DoorsTest):

    def test_what_is_unknown_is_revoked_already(self):
        for token in ("x", "idr_x_y_z", "a.b.c"):
            self.assertEqual(self.doors.post_form("/oauth2/revoke", {"token": token}).status, 200)
        self.assertEqual(self.doors.post_form("/oauth2/revoke", {}).json()["error"], "invalid_request")

    def test_the_answer_has_a_consistency_token(self):
        tokens = self.log_in()
        answer = self.doors.post_form("/oauth2/revoke", {"token": tokens.access_token}).json()
        decision = client.service(self).check("posts:read", access_token=tokens.access_token, consistency={
            "at_least_as_fresh": answer["consistency_token"]})
        self.assertEqual(decision.decision, identity_service_pb2.DECISION_DENIED)


class RequestIdTest(DoorsTest):

    def test_an_error_has_the_request_id_of_the_client(self):
        answer = self.doors.ask("POST", "/oauth2/token", "", {"X-Request-Id": "req-1"})
        self.assertEqual((answer.headers["X-Request-Id"], answer.json()["request_id"]), ("req-1", "req-1"))



class LimitsTest(unittest.TestCase):

    def test_strangers_are_counted_by_address_as_in_grpc(self):
        doors = http_server.HttpServer(limits=("--calls-per-minute=5",))
        self.addCleanup(doors.stop)
        for form in ({"token": "x"}, {"token": "x", "client_id": "a"}, [("token", "x"), ("token", "y")]):
            self.assertIn(doors.post_form("/oauth2/introspect", form).status, (400, 401))
        for _ in range(2):
            self.assertEqual(doors.post_form("/oauth2/token", {"grant_type": "client_credentials",
                                                               "client_secret": "x"}).status, 401)
        refused = doors.post_form("/oauth2/introspect", {"token": "x"})
        self.assertEqual((refused.status, refused.json()["error"], refused.json()["reason"]),
                         (429, "temporarily_unavailable", "RATE_LIMITED"))
        self.assertEqual(refused.headers["RateLimit-Limit"], "5")
        self.assertGreater(int(refused.headers["Retry-After"]), 0)
        self.assertEqual(doors.post_form("/oauth2/introspect", [("token", "x"), ("token", "y")]).status, 429)
        self.assertEqual(doors.get("/.well-known/jwks.json").status, 200)
        good = doors.post_form("/oauth2/introspect",
                               {"token": "x", "client_secret": deployment.current().service_key})
        self.assertEqual(good.json(), {"active": False})

    def test_a_proxy_that_is_not_trusted_cannot_name_its_client(self):
        self.assertEqual(self._statuses_of_three_clients(), [401, 429, 429])

    def test_a_trusted_proxy_names_its_client(self):
        self.assertEqual(self._statuses_of_three_clients("--trusted-proxies=127.0.0.0/8"), [401, 401, 429])

    def _statuses_of_three_clients(self, *options):
        """Of bad logins: one client's first, another's, and the first one's again."""
        doors = http_server.HttpServer(*options, limits=("--login-failures-per-minute=1",))
        self.addCleanup(doors.stop)
        form = {"grant_type": "client_credentials", "client_secret": "x"}
        return [doors.post_form("/oauth2/token", form, {"X-Forwarded-For": client}).status
                for client in ("192.0.2.1", "192.0.2.66, 192.0.2.2", "192.0.2.1")]
