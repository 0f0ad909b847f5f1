"""People log in with the ID tokens of a certified OpenID provider, which is hostile or broken in some tests."""

import base64
import collections
import concurrent.futures
import hmac
import json
import threading
import time
import unittest
import uuid

import grpc
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from identity.v1 import account_service_pb2, admin_service_pb2, identity_service_pb2

import client
import http_server
import openid_provider
from id_token_case import NONCE, IdTokenCase, authenticate, claims_of, kid_of

STORM_LOGINS = 1000
THREADS = 8  # as many as may wait for keys at a time: a quarter of the workers
RACES = 10
RETURN_SECONDS = 60
REFUSED = (grpc.StatusCode.UNAUTHENTICATED, "INVALID_CREDENTIALS")


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def write_token(header, claims, sign):
    """A token with exactly this header. `sign`: the signature of a text."""
    text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{encode(sign(text.encode()))}"


def signs_with(key):
    """What the provider does to sign with an RSA key."""
    return lambda text: key.private.sign(text, padding.PKCS1v15(), hashes.SHA256())


def signed(key, claims):
    return write_token({"alg": "RS256", "typ": "JWT", "kid": key.kid}, claims, signs_with(key))


def public_pem(key):
    return key.private.public_key().public_bytes(serialization.Encoding.PEM,
                                                 serialization.PublicFormat.SubjectPublicKeyInfo)


@unittest.skipUnless(openid_provider.IS_INSTALLED, "oidc-provider is not installed: npm could not be reached")
class ProviderCase(IdTokenCase):
    """Makes providers, and people with addresses of their own."""

    def start_provider(self, *keys):
        provider = openid_provider.OpenIdProvider(self.authority, *keys)
        self.addCleanup(provider.stop)
        return provider

    def enter_row_of(self, provider, **fields):
        return self.enter({"issuer": provider.issuer, "name_claim": "name", "email_claim": "email",
                           "email_verified_claim": "email_verified", **fields})

    @staticmethod
    def add_person(provider, email_verified=True, **claims):
        person = f"person-{uuid.uuid4().hex[:12]}"
        provider.add(person, name="Ada Lovelace", email=f"{person}@example.com", email_verified=email_verified,
                     **claims)
        return person

    @staticmethod
    def id_token(provider, person, nonce=NONCE, **options):
        return provider.log_in(person, nonce, **options)["id_token"]


class ProviderLoginTest(ProviderCase):
    """Logins at a provider that works. The tests share it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keys = [openid_provider.SigningKey(algorithm, algorithm) for algorithm in openid_provider.KEY_TYPES]
        cls.provider = openid_provider.OpenIdProvider(cls.authority, *keys)
        cls.addClassCleanup(cls.provider.stop)

    def setUp(self):
        super().setUp()
        self.issuer = self.provider.issuer
        clients = [openid_provider.client_of(algorithm) for algorithm in openid_provider.KEY_TYPES]
        self.name = self.enter_row_of(self.provider, audiences=clients)
        self.person = self.add_person(self.provider)

    def log_in(self, person=None, **options):
        """The tokens of the service after a login of the person at the provider."""
        return authenticate(self.visitor, self.issuer, self.id_token(self.provider, person or self.person, **options),
                            NONCE)

    def test_the_first_login_creates_the_account_and_later_ones_find_it(self):
        first = self.account_of(self.log_in())
        self.assertEqual((first.email, first.email_verified, first.full_name),
                         (f"{self.person}@example.com", True, "Ada Lovelace"))
        self.assertEqual(self.account_of(self.log_in()).id, first.id)
        self.assertNotEqual(self.account_of(self.log_in(self.add_person(self.provider))).id, first.id)

    def test_the_session_is_like_any_other(self):
        tokens = self.log_in()
        self.assertEqual(claims_of(tokens.access_token)["amr"], ["fed"])
        own = client.with_token(self, tokens.access_token, address=self.server.rpc_address)
        account = self.account_of(tokens)
        self.assertEqual(claims_of(tokens.access_token)["sub"], account.id)
        client.create_role(self.administrator, self.person, ["posts:read"])
        client.bind(self.administrator, account.id, self.person)
        checks = [own.check(permission, self=True).decision for permission in ("posts:read", "posts:write")]
        self.assertEqual(checks, [identity_service_pb2.DECISION_ALLOWED, identity_service_pb2.DECISION_DENIED])
        renewed = self.visitor.identity.Refresh(
            identity_service_pb2.RefreshRequest(refresh_token=tokens.refresh_token)).tokens
        self.assertEqual(claims_of(renewed.access_token)["amr"], ["fed"])
        identities = own.account.ListExternalIdentities(account_service_pb2.ListExternalIdentitiesRequest()).identities
        self.assertEqual([(one.issuer, one.subject, one.provider) for one in identities],
                         [(self.issuer, self.person, self.name)])

    def test_every_algorithm_of_the_provider(self):
        for algorithm in openid_provider.KEY_TYPES:
            with self.subTest(algorithm):
                theirs = self.provider.log_in(self.person, NONCE, openid_provider.client_of(algorithm))
                self.assert_logs_in(self.issuer, theirs["id_token"], NONCE, theirs["access_token"])
                self.assert_refused("ID token: access_token", self.issuer, theirs["id_token"], NONCE,
                                    theirs["access_token"] + "x")

    def test_an_algorithm_that_the_row_does_not_name_is_refused(self):
        self.change(self.name, algorithms=["ES256", "EdDSA"])
        self.assert_refused("ID token: algorithm", self.issuer, self.id_token(self.provider, self.person), NONCE)
        self.assertTrue(self.log_in(client_id=openid_provider.client_of("ES256")).access_token)

    def test_an_address_that_both_sides_have_verified_links(self):
        self.change(self.name, link_policy=admin_service_pb2.LINK_POLICY_LINK)
        user = self.create_user(self.person, verified=True)
        self.assertEqual(self.account_of(self.log_in()).id, user.id)
        # From then on the subject counts, and not the address.
        self.provider.add(self.person, email=f"new-{self.person}@example.com", email_verified=False)
        self.assertEqual(self.account_of(self.log_in()).id, user.id)

    def test_an_address_that_one_side_has_not_verified_does_not_link(self):
        self.change(self.name, link_policy=admin_service_pb2.LINK_POLICY_LINK)
        for at_provider, here in ((True, False), (False, True), (False, False)):
            with self.subTest(at_provider=at_provider, here=here):
                person = self.add_person(self.provider, email_verified=at_provider)
                self.create_user(person, verified=here)
                self.assert_refused(f"by {self.name}: not linked", self.issuer, self.id_token(self.provider, person),
                                    NONCE)

    def test_a_policy_that_creates_opens_no_account_of_others_either(self):
        user = self.create_user(self.person, verified=True)
        self.provider.add(self.person, email=user.email, email_verified=False)
        created = self.account_of(self.log_in())
        self.assertNotEqual(created.id, user.id)
        self.assertEqual((created.email, created.email_verified), (user.email, False))

    def test_simultaneous_first_logins_create_one_account(self):
        for _ in range(RACES):
            self.assert_one_account(self.add_person(self.provider), [self.provider] * THREADS)

    def test_simultaneous_first_logins_at_two_providers_create_one_account(self):
        other = self.start_provider()
        self.enter_row_of(other)
        for provider in (self.provider, other):  # so that the server knows their keys
            self.assert_logs_in(provider.issuer, self.id_token(provider, self.add_person(provider)), NONCE)
        for _ in range(RACES):
            person = self.add_person(self.provider)
            other.add(person, email=f"{person}@example.com", email_verified=True)
            self.assert_one_account(person, [self.provider, other] * (THREADS // 2))

    def assert_one_account(self, person, providers):
        """The person logs in at all of them at the same time, and gets into one account."""
        logins = [(provider.issuer, self.id_token(provider, person)) for provider in providers]
        start = threading.Barrier(len(logins))

        def log_in(login):
            start.wait()
            return claims_of(authenticate(self.visitor, *login, NONCE).access_token)["sub"]

        with concurrent.futures.ThreadPoolExecutor(len(logins)) as threads:
            self.assertEqual(len(set(threads.map(log_in, logins))), 1)

    def test_without_an_account_nothing_is_created_unless_the_policy_says_so(self):
        for policy in (admin_service_pb2.LINK_POLICY_NONE, admin_service_pb2.LINK_POLICY_LINK):
            self.change(self.name, link_policy=policy)
            self.assert_refused(f"by {self.name}: not linked", self.issuer,
                                self.id_token(self.provider, self.person), NONCE)

    def test_a_method_that_the_row_trusts_counts_as_a_second_factor(self):
        person = self.add_person(self.provider, amr=["otp"])
        self.assertEqual(claims_of(self.log_in(person).access_token)["amr"], ["fed"])
        self.change(self.name, trusted_amr=["otp"])
        self.assertEqual(claims_of(self.log_in(person).access_token)["amr"], ["fed", "mfa", "otp"])

    def test_the_nonce_must_be_that_of_the_login(self):
        token = self.id_token(self.provider, self.person)
        plain = self.id_token(self.provider, self.person, nonce="")
        for wrong in ((token, "another nonce"), (token, ""), (plain, NONCE)):
            self.assert_refused("ID token: nonce", self.issuer, *wrong)
        for right in ((token, NONCE), (plain, "")):
            self.assert_logs_in(self.issuer, *right)

    def test_a_token_for_another_client_is_refused(self):
        self.assert_refused("ID token: audience", self.issuer,
                            self.id_token(self.provider, self.person, client_id="other"), NONCE)

    def test_claims_that_are_wrong_are_refused(self):
        good = claims_of(self.id_token(self.provider, self.person))
        key = self.provider.keys[0]
        now = int(time.time())
        for change, cause in (({"exp": now - 120}, "expired"), ({"exp": None}, "expired"),
                              ({"iat": now + 120}, "not_yet_valid"), ({"nbf": now + 120}, "not_yet_valid"),
                              ({"iat": None}, "not_yet_valid"), ({"sub": ""}, "subject"), ({"aud": []}, "audience"),
                              ({"aud": ["shop", "other"]}, "audience"),
                              ({"aud": ["shop", "other"], "azp": "other"}, "audience"),
                              ({"typ": "Bearer"}, "purpose"), ({"events": {}}, "purpose"), ({"nonce": None}, "nonce")):
            with self.subTest(change=change):
                claims = {name: value for name, value in {**good, **change}.items() if value is not None}
                self.assert_refused(f"ID token: {cause}", self.issuer, signed(key, claims), NONCE)
        # So only the changes were refused, and not the way in which the test signs.
        self.assert_logs_in(self.issuer, signed(key, good), NONCE)

    def test_the_header_cannot_choose_how_a_key_is_used(self):
        good = claims_of(self.id_token(self.provider, self.person))
        key = self.provider.keys[0]
        secret = public_pem(key)
        stranger = openid_provider.SigningKey(key.kid)

        def sign_by_hmac(text):
            return hmac.digest(secret, text, "sha256")

        for header, sign, cause in (({"alg": "HS256", "kid": key.kid}, sign_by_hmac, "malformed"),
                                    ({"alg": "HS256"}, sign_by_hmac, "malformed"),
                                    ({"alg": "none", "kid": key.kid}, lambda _: b"", "malformed"),
                                    ({"alg": "none"}, lambda _: b"", "malformed"),
                                    ({"alg": "RS256", "kid": key.kid}, sign_by_hmac, "signature"),
                                    ({"alg": "RS256", "kid": key.kid}, lambda _: b"", "signature"),
                                    ({"alg": "ES256", "kid": key.kid}, signs_with(key), "unknown key"),
                                    ({"alg": "RS256", "kid": key.kid}, signs_with(stranger), "signature"),
                                    ({"alg": "RS256", "kid": key.kid, "jwk": stranger.jwk}, signs_with(stranger),
                                     "malformed"),
                                    ({"alg": "RS256", "jku": f"{self.issuer}/jwks"}, signs_with(key), "malformed")):
            with self.subTest(header=header):
                self.assert_refused(f"ID token: {cause}", self.issuer, write_token(header, good, sign), NONCE)

    def test_a_changed_token_is_refused(self):
        token = self.id_token(self.provider, self.person)
        text, _, signature = token.rpartition(".")
        header, _, _ = text.partition(".")
        changed = ("A" if signature[0] != "A" else "B") + signature[1:]
        claims = encode(json.dumps({**claims_of(token), "sub": "somebody-else"}).encode())
        for wrong, cause in ((f"{text}.{changed}", "signature"), (f"{header}.{claims}.{signature}", "signature"),
                             (f"{text}.", "signature"), (text, "malformed"), (token + ".", "malformed"),
                             ("x", "malformed")):
            self.assert_refused(f"ID token: {cause}", self.issuer, wrong, NONCE)

    def test_a_token_of_another_issuer_is_refused(self):
        other = self.start_provider(openid_provider.SigningKey("RS256"))
        self.enter_row_of(other)
        person = self.add_person(other)
        theirs = self.id_token(other, person)
        self.assert_refused("ID token: issuer", self.issuer, theirs, NONCE)
        # A provider that signs a token in the name of another one: both have a key with this kid.
        posing = signed(other.keys[0], claims_of(self.id_token(self.provider, self.person)))
        self.assert_refused("ID token: signature", self.issuer, posing, NONCE)
        self.assert_refused("ID token: issuer", other.issuer, posing, NONCE)
        self.assert_logs_in(other.issuer, theirs, NONCE)

    def test_a_provider_that_nobody_has_entered_is_refused_and_never_asked(self):
        unknown = self.start_provider()
        token = self.id_token(unknown, self.add_person(unknown))
        self.assert_refused("ID token: unknown provider", unknown.issuer, token, NONCE)
        self.assertEqual(unknown.key_fetches(), 0)

    def test_two_providers_with_the_same_subject_are_two_persons(self):
        other = self.start_provider()
        self.enter_row_of(other)
        other.add(self.person, email=f"other-{self.person}@example.com", email_verified=True)
        theirs = authenticate(self.visitor, other.issuer, self.id_token(other, self.person), NONCE)
        self.assertNotEqual(self.account_of(theirs).id, self.account_of(self.log_in()).id)

    def test_a_disabled_provider_logs_nobody_in(self):
        self.assertTrue(self.log_in().access_token)
        self.change(self.name, disabled=True)
        token = self.id_token(self.provider, self.person)
        self.assert_refused("ID token: disabled provider", self.issuer, token, NONCE)
        self.change(self.name, disabled=False)
        self.assert_logs_in(self.issuer, token, NONCE)


class ProviderKeysTest(ProviderCase):
    """How the server gets the keys of providers, and what happens without them."""

    def test_a_key_that_was_published_before_it_signs_refuses_no_login(self):
        old, new = openid_provider.SigningKey("old"), openid_provider.SigningKey("new")
        provider = self.start_provider(old, new)
        self.enter_row_of(provider)
        person = self.add_person(provider)
        tokens = [self.id_token(provider, person)]
        self.assert_logs_in(provider.issuer, tokens[0], NONCE)
        for keys in ((new, old), (new,)):
            provider.restart(*keys)
            tokens.append(self.id_token(provider, person))
            for token in tokens:
                self.assert_logs_in(provider.issuer, token, NONCE)
            self.assertEqual(provider.key_fetches(), 0)
        self.assertEqual([kid_of(token) for token in tokens], ["old", "new", "new"])

    def test_a_server_that_starts_after_a_rotation_knows_only_the_new_key(self):
        old, new = openid_provider.SigningKey("old"), openid_provider.SigningKey("new")
        provider = self.start_provider(old)
        self.enter_row_of(provider)
        person = self.add_person(provider)
        before = self.id_token(provider, person)
        provider.restart(new)
        self.assert_logs_in(provider.issuer, self.id_token(provider, person), NONCE)
        self.assert_refused("ID token: unknown key", provider.issuer, before, NONCE)

    def test_unknown_keys_of_strangers_do_not_become_fetches(self):
        provider = self.start_provider()
        self.enter_row_of(provider)
        token = self.id_token(provider, self.add_person(provider))
        self.assert_logs_in(provider.issuer, token, NONCE)
        self.assertEqual(self.storm(provider, token, STORM_LOGINS), {REFUSED: STORM_LOGINS})
        # The first login, and one more if the storm takes longer than a minute.
        self.assertLessEqual(provider.key_fetches(), 2)
        self.assert_logs_in(provider.issuer, token, NONCE)

    def test_a_storm_before_the_first_login_waits_for_one_fetch(self):
        provider = self.start_provider()
        self.enter_row_of(provider)
        token = self.id_token(provider, self.add_person(provider))
        self.assertEqual(self.storm(provider, token, 5 * THREADS), {REFUSED: 5 * THREADS})
        self.assert_logs_in(provider.issuer, token, NONCE)
        self.assertLessEqual(provider.key_fetches(), 2)

    def storm(self, provider, token, logins):
        """The answers to simultaneous logins with the claims of a token, each of which names another unknown key."""
        claims = claims_of(token)

        def attempt(_):
            header = {"alg": "RS256", "kid": str(uuid.uuid4())}
            try:
                return authenticate(self.visitor, provider.issuer, write_token(header, claims, lambda _: b"x" * 256),
                                    NONCE)
            except grpc.RpcError as error:
                return error.code(), client.reason_of(error)

        with concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
            return collections.Counter(threads.map(attempt, range(logins)))

    def test_logins_outlive_their_provider(self):
        away, up = self.start_provider(), self.start_provider()
        for provider in (away, up):
            self.enter_row_of(provider)
        tokens = [self.id_token(away, self.add_person(away)) for _ in range(2)]
        self.assert_logs_in(away.issuer, tokens[0], NONCE)
        away.interrupt()
        for token in tokens:
            self.assert_logs_in(away.issuer, token, NONCE)
        self.assert_logs_in(up.issuer, self.id_token(up, self.add_person(up)), NONCE)

    def test_a_provider_that_is_away_before_its_first_login_stops_only_its_own(self):
        away, up = self.start_provider(), self.start_provider()
        for provider in (away, up):
            self.enter_row_of(provider)
        token = self.id_token(away, self.add_person(away))
        away.interrupt()
        for _ in range(2):
            error = self.assert_fails(grpc.StatusCode.UNAVAILABLE, "PROVIDER_UNAVAILABLE", away.issuer, token, NONCE)
            self.assertIsNotNone(client.retry_delay_of(error))
            self.assert_logs_in(up.issuer, self.id_token(up, self.add_person(up)), NONCE)
        away.restart()
        self.assertTrue(self.log_in_when_it_answers(away, token).access_token)

    def log_in_when_it_answers(self, provider, token):
        """The tokens of a login, as soon as the server has asked the provider again."""
        end = time.monotonic() + RETURN_SECONDS
        while True:
            try:
                return authenticate(self.visitor, provider.issuer, token, NONCE)
            except grpc.RpcError as error:
                if client.reason_of(error) != "PROVIDER_UNAVAILABLE" or time.monotonic() > end:
                    raise
            time.sleep(0.1)

    def test_the_server_asks_no_provider_that_the_operator_has_not_allowed(self):
        provider = self.start_provider()
        self.enter_row_of(provider)
        token = self.id_token(provider, self.add_person(provider))
        for options in (("--provider-ca-file", self.authority.file), ("--provider-networks=127.0.0.1 ::1",)):
            with self.subTest(options=options):
                server = http_server.HttpServer(*options)
                self.addCleanup(server.stop)
                visitor = client.anonymous(self, address=server.rpc_address)
                self.assert_fails(grpc.StatusCode.UNAVAILABLE, "PROVIDER_UNAVAILABLE", provider.issuer, token, NONCE,
                                  visitor=visitor)
        self.assertEqual(provider.key_fetches(), 0)


if __name__ == "__main__":
    unittest.main()
