"""A service exchanges the token of its caller for one that the next service accepts (RFC 8693)."""

import time
import unittest
import uuid

import jwt
from identity.v1 import admin_service_pb2, identity_service_pb2

import client
import deployment
import http_server

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
MAX_EXCHANGES = 4


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


class TokenExchangeTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.doors = http_server.HttpServer()

    @classmethod
    def tearDownClass(cls):
        cls.doors.stop()

    def setUp(self):
        self.administrator = client.admin(self, address=self.doors.rpc_address)
        self.gateway, self.account, self.key_id = self.make_service("audiences/billing")
        here = deployment.current()
        self.login = client.anonymous(self, address=self.doors.rpc_address).log_in(
            here.admin_login, here.admin_password, audience="shop", scopes=["posts:*", "users:read"])
        self.token = self.login.access_token

    def make_service(self, *resources):
        """The key of a new service account that may exchange tokens for these audiences, the account, and the key's id."""
        name = f"gateway-{uuid.uuid4().hex[:12]}"
        account = self.administrator.admin.CreateServiceAccount(
            admin_service_pb2.CreateServiceAccountRequest(name=name)).service_account
        client.create_role(self.administrator, name, ["identity:tokens:exchange"])
        for resource in resources:
            client.bind(self.administrator, account.id, name, resource)
        client.create_role(self.administrator, f"{name}-accepts", ["identity:tokens:accept"])
        for audience in ("shop", "billing"):
            client.bind(self.administrator, account.id, f"{name}-accepts", f"audiences/{audience}")
        issued = self.administrator.identity.IssueApiKey(
            identity_service_pb2.IssueApiKeyRequest(owner_id=account.id, display_name="exchange"))
        return issued.secret, account, issued.api_key.id

    def exchange(self, token, key=None, **form):
        form = {"grant_type": GRANT, "subject_token": token, "subject_token_type": ACCESS_TOKEN, "audience": "billing",
                "client_secret": self.gateway if key is None else key, **form}
        return self.doors.post_form("/oauth2/token", {name: value for name, value in form.items() if value is not None})

    def exchanged(self, *arguments, **form):
        answer = self.exchange(*arguments, **form)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()["access_token"]

    def introspect(self, token):
        return self.doors.post_form("/oauth2/introspect",
                                    {"token": token, "client_secret": deployment.current().service_key}).json()

    def assert_refused(self, answer, status, error, reason):
        self.assertEqual((answer.status, answer.json()["error"], answer.json()["reason"]), (status, error, reason))

    def test_the_new_token_is_of_the_same_user_for_another_audience(self):
        answer = self.exchange(self.token, requested_token_type=ACCESS_TOKEN).json()
        self.assertEqual((answer["issued_token_type"], answer["token_type"], answer["scope"]),
                         (ACCESS_TOKEN, "Bearer", "posts:* users:read"))
        self.assertNotIn("refresh_token", answer)
        parent, child = claims_of(self.token), claims_of(answer["access_token"])
        for name in ("iss", "sub", "sid", "auth_time", "amr", "epoch"):
            self.assertEqual(child[name], parent[name], name)
        self.assertLessEqual(child["exp"], parent["exp"])
        self.assertNotEqual(child["jti"], parent["jti"])
        self.assertEqual((child["aud"], child["client_id"], child["act"]["sub"]),
                         ("billing", self.account.id, self.account.id))
        found = self.introspect(answer["access_token"])
        self.assertEqual((found["active"], found["aud"], found["act"]), (True, "billing", {"sub": self.account.id}))
        events = self.administrator.admin.ListAuditEvents(admin_service_pb2.ListAuditEventsRequest(
            event="token.exchanged", subject_id=parent["sub"], page_size=1)).events
        self.assertEqual((events[0].actor_id, events[0].target), (self.account.id, child["jti"]))
        self.assertIn(parent["jti"], events[0].details)
        self.assertIn(self.key_id, events[0].details)

    def test_a_check_accepts_it_for_its_audience(self):
        token = self.exchanged(self.token)
        service = client.service(self, address=self.doors.rpc_address)
        for audience, permission, decision in (("billing", "posts:read", identity_service_pb2.DECISION_ALLOWED),
                                               ("billing", "roles:read", identity_service_pb2.DECISION_DENIED),
                                               ("shop", "posts:read", identity_service_pb2.DECISION_DENIED)):
            answer = service.check(permission, access_token=token, audience=audience)
            self.assertEqual(answer.decision, decision, (audience, permission))

    def test_scopes_narrow_and_never_widen(self):
        narrow = self.exchanged(self.token, scope="posts:read")
        self.assertEqual(claims_of(narrow)["scope"], "posts:read")
        self.assert_refused(self.exchange(self.token, scope="roles:read"), 400, "invalid_scope", "INVALID_SCOPE")
        again = self.exchange(narrow, scope="posts:*")
        self.assertEqual(claims_of(again.json()["access_token"])["scope"], "posts:read")

    def test_actors_are_named_up_to_the_limit(self):
        token = self.token
        for _ in range(MAX_EXCHANGES):
            token = self.exchanged(token)
        act = claims_of(token)["act"]
        for _ in range(MAX_EXCHANGES - 1):
            act = act["act"]
        self.assertEqual((act["sub"], act["parent_jti"]), (self.account.id, claims_of(self.token)["jti"]))
        self.assertTrue(self.introspect(token)["active"])
        self.assert_refused(self.exchange(token), 400, "invalid_request", "INVALID_FIELD")

    def test_it_dies_with_its_parent_and_with_the_parent_of_that(self):
        child = self.exchanged(self.token)
        grandchild = self.exchanged(child)
        other = self.exchanged(self.token)
        self.doors.post_form("/oauth2/revoke", {"token": child})
        self.assertEqual([self.introspect(token)["active"] for token in (self.token, child, grandchild, other)],
                         [True, False, False, True])
        self.doors.post_form("/oauth2/revoke", {"token": self.token})
        self.assertEqual(self.introspect(other), {"active": False})

    def test_it_dies_with_the_session(self):
        child = self.exchanged(self.token)
        self.doors.post_form("/oauth2/revoke", {"token": self.login.refresh_token})
        self.assertEqual(self.introspect(child), {"active": False})

    def test_it_dies_with_the_key_of_the_actor(self):
        child = self.exchanged(self.exchanged(self.token), self.make_service("audiences/billing")[0])
        self.administrator.identity.Revoke(identity_service_pb2.RevokeRequest(api_key_id=self.key_id))
        self.assertEqual(self.introspect(child), {"active": False})

    def test_it_dies_with_the_actor(self):
        child = self.exchanged(self.token)
        self.administrator.admin.DisablePrincipal(
            admin_service_pb2.DisablePrincipalRequest(principal_id=self.account.id))
        self.assertEqual(self.introspect(child), {"active": False})

    def test_it_dies_with_the_signing_key_of_its_parent(self):
        deployment.current().publish_next_keys()
        stolen = jwt.get_unverified_header(self.token)["kid"]
        self.administrator.admin.RotateSigningKey(admin_service_pb2.RotateSigningKeyRequest())
        child = self.exchanged(self.token)
        self.assertNotEqual(jwt.get_unverified_header(child)["kid"], stolen)
        self.assertTrue(self.introspect(child)["active"])
        fresh = client.admin(self, address=self.doors.rpc_address)
        fresh.admin.RemoveSigningKey(admin_service_pb2.RemoveSigningKeyRequest(kid=stolen))
        self.assertEqual(self.introspect(child), {"active": False})
        self.assert_refused(self.exchange(child), 400, "invalid_request", "INVALID_FIELD")

    def test_a_token_of_an_api_key_can_be_exchanged_too(self):
        key, account, key_id = self.make_service()
        token = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials", "audience": "shop",
                                                       "client_secret": key}).json()["access_token"]
        child = self.exchanged(token)
        self.assertEqual((claims_of(child)["sub"], claims_of(child)["akid"]), (account.id, key_id))
        self.administrator.identity.Revoke(identity_service_pb2.RevokeRequest(api_key_id=key_id))
        self.assertEqual(self.introspect(child), {"active": False})

    def test_only_for_audiences_that_the_client_may_name(self):
        self.assert_refused(self.exchange(self.token, audience="orders"), 403, "insufficient_scope",
                            "PERMISSION_DENIED")
        self.assert_refused(self.exchange(self.token, audience="https://billing"), 403, "insufficient_scope",
                            "PERMISSION_DENIED")
        everywhere = self.make_service("")[0]
        self.assertEqual(claims_of(self.exchanged(self.token, everywhere, audience="https://billing"))["aud"],
                         "https://billing")

    def test_only_of_audiences_that_the_client_may_accept(self):
        here = deployment.current()
        other = client.anonymous(self, address=self.doors.rpc_address).log_in(here.admin_login, here.admin_password)
        self.assert_refused(self.exchange(other.access_token), 403, "insufficient_scope", "PERMISSION_DENIED")

    def test_a_bad_token_is_audited(self):
        self.exchange(self.token + "x")
        events = self.administrator.admin.ListAuditEvents(admin_service_pb2.ListAuditEventsRequest(
            event="token.exchanged", actor_id=self.account.id, outcome="failure")).events
        self.assertEqual([event.details for event in events], ["for billing, with a bad token"])
        self.exchange(self.token, audience="orders")
        denied = self.administrator.admin.ListAuditEvents(admin_service_pb2.ListAuditEventsRequest(
            event="administration.denied", actor_id=self.account.id)).events
        self.assertEqual([event.target for event in denied], ["oauth2/token"])

    def test_bad_tokens_neither_stop_good_ones_nor_fill_the_audit(self):
        doors = http_server.HttpServer(limits=("--login-failures-per-minute=3",))
        self.addCleanup(doors.stop)
        form = {"grant_type": GRANT, "subject_token_type": ACCESS_TOKEN, "audience": "billing",
                "client_secret": self.gateway}
        answers = {doors.post_form("/oauth2/token", {**form, "subject_token": self.token + "x"}).status
                   for _ in range(15)}
        self.assertEqual(answers, {400})
        self.assertEqual(doors.post_form("/oauth2/token", {**form, "subject_token": self.token}).status, 200)
        events = self.administrator.admin.ListAuditEvents(admin_service_pb2.ListAuditEventsRequest(
            event="token.exchanged", actor_id=self.account.id, outcome="failure")).events
        self.assertEqual(len(events), 10)

    def test_it_expires_with_the_key_of_the_actor(self):
        end = int(time.time()) + 90
        issued = self.administrator.identity.IssueApiKey(identity_service_pb2.IssueApiKeyRequest(
            owner_id=self.account.id, display_name="short", expire_time={"seconds": end}))
        self.assertLessEqual(claims_of(self.exchanged(self.token, issued.secret))["exp"], end)

    def test_never_for_the_service_itself(self):
        self.assert_refused(self.exchange(self.token, self.make_service("")[0], audience="identity"), 400,
                            "invalid_target", "INVALID_FIELD")

    def test_the_client_must_authenticate_with_its_key(self):
        self.assert_refused(self.exchange(self.token, ""), 401, "invalid_client", "CALLER_UNKNOWN")
        self.assert_refused(self.exchange(self.token, self.gateway[:-1] + "_"), 401, "invalid_client",
                            "CALLER_INVALID")
        self.assert_refused(self.exchange(self.token, client_id="nobody"), 401, "invalid_client", "CALLER_INVALID")
        bearer = self.doors.post_form("/oauth2/token", {"grant_type": "client_credentials",
                                                        "client_secret": self.gateway}).json()["access_token"]
        form = {"grant_type": GRANT, "subject_token": self.token, "subject_token_type": ACCESS_TOKEN,
                "audience": "billing"}
        answer = self.doors.post_form("/oauth2/token", form, {"Authorization": f"Bearer {bearer}"})
        self.assert_refused(answer, 401, "invalid_client", "CALLER_UNKNOWN")

    def test_other_credentials_are_no_subject_tokens(self):
        dead = self.exchanged(self.token)
        self.doors.post_form("/oauth2/revoke", {"token": dead})
        for token in ("x", self.login.refresh_token, self.gateway, self.token + "x", dead):
            self.assert_refused(self.exchange(token), 400, "invalid_request", "INVALID_FIELD")

    def test_malformed_requests(self):
        for form, error in (({"subject_token": None}, "invalid_request"),
                            ({"subject_token_type": None}, "invalid_request"),
                            ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
                            ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
                             "invalid_request"),
                            ({"actor_token": self.token}, "invalid_request"),
                            ({"resource": "https://billing.example"}, "invalid_target"),
                            ({"audience": "two words"}, "invalid_target"),
                            ({"audience": None}, "invalid_target")):
            self.assert_refused(self.exchange(self.token, **form), 400, error, "INVALID_FIELD")
