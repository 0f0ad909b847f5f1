"""People log in with the ID tokens of a real Keycloak, whose row comes from the preset."""

import itertools
import time
import unittest
import uuid

import grpc
from identity.v1 import admin_service_pb2

import client
import keycloak_server
from id_token_case import NONCE, PASSWORD, IdTokenCase, authenticate, claims_of, kid_of, start_server

# The server asks a provider for an unknown key at most once a minute.
LEARN_SECONDS = 90


def load_tests(_loader, tests, _pattern):
    """Debian has no Keycloak, so the environment names the distribution. Without it, these tests do not exist."""
    return tests if keycloak_server.PROGRAM else unittest.TestSuite()


class KeycloakTest(IdTokenCase):
    priorities = itertools.count(1000)  # of keys: each is higher than all before it

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keycloak = keycloak_server.Keycloak(cls.authority)
        cls.addClassCleanup(cls.keycloak.stop)

    def setUp(self):
        super().setUp()
        self.issuer = self.keycloak.realm_url
        self.name = self.enter({"audiences": [keycloak_server.CLIENT]}, realm_url=self.issuer,
                               preset=admin_service_pb2.PROVIDER_PRESET_KEYCLOAK)
        self.user = self.add_user()

    def add_user(self, **options):
        """Makes a user of Keycloak, and returns the name."""
        user = f"user-{uuid.uuid4().hex[:12]}"
        self.keycloak.add_user(user, PASSWORD, **options)
        return user

    def granted(self):
        return self.keycloak.grant(self.user, PASSWORD)["id_token"]

    def test_users_log_in_by_the_page_and_by_a_direct_grant(self):
        tokens = self.keycloak.log_in(self.user, PASSWORD, NONCE)
        session = authenticate(self.visitor, self.issuer, tokens["id_token"], NONCE, tokens["access_token"])
        self.assertEqual(claims_of(session.access_token)["amr"], ["fed"])
        account = self.account_of(session)
        self.assertEqual((account.email, account.email_verified, account.full_name),
                         (f"{self.user}@example.com", True, "Ada Lovelace"))
        again = authenticate(self.visitor, self.issuer, self.granted())
        self.assertEqual(self.account_of(again).id, account.id)
        other = self.add_user()
        theirs = authenticate(self.visitor, self.issuer, self.keycloak.grant(other, PASSWORD)["id_token"])
        self.assertNotEqual(self.account_of(theirs).id, account.id)

    def test_the_nonce_of_another_login_is_refused(self):
        token = self.keycloak.log_in(self.user, PASSWORD, NONCE)["id_token"]
        for wrong in ("another nonce", ""):
            self.assert_refused("ID token: nonce", self.issuer, token, wrong)
        self.assert_refused("ID token: nonce", self.issuer, self.granted(), NONCE)

    def test_an_access_token_is_no_id_token(self):
        token = self.keycloak.grant(self.user, PASSWORD)["access_token"]
        self.assertEqual(claims_of(token)["iss"], self.issuer)
        self.change(self.name, audiences=["account", keycloak_server.CLIENT])
        self.assertIn("account", claims_of(token)["aud"])
        self.assert_refused("ID token: purpose", self.issuer, token)

    def test_a_refresh_token_is_no_id_token(self):
        token = self.keycloak.grant(self.user, PASSWORD)["refresh_token"]
        self.assert_refused("ID token: malformed", self.issuer, token)  # Keycloak signs it by HMAC

    def test_a_verified_address_links(self):
        self.change(self.name, link_policy=admin_service_pb2.LINK_POLICY_LINK)
        account = self.create_user(self.user, verified=True)
        tokens = authenticate(self.visitor, self.issuer, self.granted())
        self.assertEqual(self.account_of(tokens).id, account.id)

    def test_an_address_that_one_side_has_not_verified_does_not_link(self):
        self.change(self.name, link_policy=admin_service_pb2.LINK_POLICY_LINK)
        for at_keycloak, here in ((True, False), (False, True)):
            user = self.add_user(email_verified=at_keycloak)
            self.create_user(user, verified=here)
            self.assert_refused(f"by {self.name}, which has shown acr 1: not linked", self.issuer,
                                self.keycloak.grant(user, PASSWORD)["id_token"])

    def test_a_rotation_in_two_steps_refuses_no_login(self):
        before = self.granted()
        key = self.keycloak.add_key(priority=-1)
        self.assertEqual(kid_of(self.granted()), kid_of(before))
        visitor = self.start_fresh_visitor()
        self.assert_logs_in(self.issuer, before, visitor=visitor)
        self.keycloak.set_priority(key, next(self.priorities))
        after = self.granted()
        self.assertNotEqual(kid_of(after), kid_of(before))
        for token in (after, before):
            self.assert_logs_in(self.issuer, token, visitor=visitor)

    def test_a_key_that_signs_at_once_is_known_within_a_minute(self):
        before = self.granted()
        visitor = self.start_fresh_visitor()
        self.assert_logs_in(self.issuer, before, visitor=visitor)
        self.keycloak.add_key(next(self.priorities))
        after = self.granted()
        self.assertNotEqual(kid_of(after), kid_of(before))
        # A server that has not asked for a minute does so at once.
        self.assert_logs_in(self.issuer, after, visitor=self.start_fresh_visitor())
        # This one has just asked. Meanwhile the old tokens are good.
        self.assertTrue(self.log_in_when_it_knows_the_key(visitor, after, before).access_token)
        self.assert_logs_in(self.issuer, before, visitor=visitor)

    def log_in_when_it_knows_the_key(self, visitor, token, old_token):
        end = time.monotonic() + LEARN_SECONDS
        while True:
            self.assert_logs_in(self.issuer, old_token, visitor=visitor)
            try:
                return authenticate(visitor, self.issuer, token)
            except grpc.RpcError as error:
                if client.reason_of(error) != "INVALID_CREDENTIALS" or time.monotonic() > end:
                    raise
            time.sleep(1)

    def start_fresh_visitor(self):
        """A client of a server that knows no keys of Keycloak yet."""
        server = start_server(self.authority.file)
        self.addCleanup(server.stop)
        return client.anonymous(self, address=server.rpc_address)
