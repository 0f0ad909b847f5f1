"""The ID tokens that Auth0 and Firebase document, made with jose: the good one logs in, and each bad one is refused."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from cryptography.hazmat.primitives import serialization
from identity.v1 import admin_service_pb2
from jwt.algorithms import RSAAlgorithm

import deployment
import http_server
from id_token_case import NONCE, IdTokenCase, authenticate, claims_of

SCRIPT = deployment.ROOT / "tests" / "interop" / "providers" / "js" / "tokens.mjs"
KID = "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg"
HEADER = {"alg": "RS256", "typ": "JWT", "kid": KID}
# The keys of the script. The provider publishes the first one only.
PUBLISHED, STRANGER, WITH_CURVE = range(3)
KEYS = ({"kid": KID, "alg": "RS256"}, {"kid": KID, "alg": "RS256"}, {"kid": KID, "alg": "ES256"})


class Jose:
    """A running script that signs tokens. `keys`: its public keys as JWKs. End it by `stop`."""

    def __init__(self):
        # Node 18 has the standard's cryptography only behind this flag, and later versions accept it.
        self._process = subprocess.Popen(["node", "--experimental-global-webcrypto", SCRIPT, json.dumps(KEYS)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
        self.keys = json.loads(self._process.stdout.readline())["keys"]

    def sign(self, claims, **how):
        """A token. `how`: see the script."""
        self._process.stdin.write(json.dumps({"claims": claims, **how}) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def stop(self):
        self._process.communicate(timeout=20)


def changed(values, change):
    """The values with this change, which removes what it sets to None."""
    return {name: value for name, value in {**values, **change}.items() if value is not None}


def bad_claims(good, now):
    """Changes of good claims, each with its fault."""
    issuer, audience = good["iss"], good["aud"]
    return (
        ({"iss": None}, "issuer"),
        ({"iss": "https://evil.example/"}, "issuer"),
        ({"iss": f"{issuer}/"}, "issuer"),
        ({"iss": [issuer]}, "issuer"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 7}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"aud": None}, "audience"),
        ({"aud": "another-client"}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": [audience, "another-client"]}, "audience"),
        ({"azp": "another-client"}, "audience"),
        ({"exp": None}, "expired"),
        ({"exp": now - 120}, "expired"),
        ({"exp": str(now + 3600)}, "expired"),
        ({"iat": None}, "not_yet_valid"),
        ({"iat": now + 120}, "not_yet_valid"),
        ({"nbf": now + 120}, "not_yet_valid"),
        ({"typ": "Bearer"}, "purpose"),
        ({"events": {}}, "purpose"),
        ({"nonce": "another nonce"}, "nonce"),
    )


@unittest.skipUnless(shutil.which("node") and (deployment.ROOT / "node_modules" / "jose").is_dir(),
                     "jose is not installed: npm could not be reached")
class TokenShapesTest(IdTokenCase):

    AUTH0 = "https://shop.eu.auth0.com/"
    FIREBASE = "https://securetoken.google.com/shop-12345"

    @classmethod
    def setUpClass(cls):  # needs no CA, so the one of IdTokenCase is not called
        cls.jose = Jose()
        cls.addClassCleanup(cls.jose.stop)
        folder = tempfile.TemporaryDirectory(prefix="identity-shapes.")
        cls.addClassCleanup(folder.cleanup)
        keys = pathlib.Path(folder.name) / "keys.json"
        keys.write_text(json.dumps({"keys": [cls.jose.keys[PUBLISHED]]}), encoding="utf-8")
        # The server knows the keys from a file, so nobody asks the real providers.
        cls.server = http_server.HttpServer("--provider-keys", f"{cls.AUTH0}={keys}",
                                            "--provider-keys", f"{cls.FIREBASE}={keys}")
        cls.addClassCleanup(cls.server.stop)

    def test_auth0(self):
        name = self.enter({"audiences": ["AbCdEfGhIjKlMnOp"]}, preset=admin_service_pb2.PROVIDER_PRESET_AUTH0,
                          domain="shop.eu.auth0.com")
        now = int(time.time())
        self.check(name, {"nickname": "ada", "name": "Ada Lovelace", "picture": "https://s.gravatar.com/avatar/x.png",
                          "updated_at": "2026-11-28T07:59:00.000Z", "email": "ada@auth0.example",
                          "email_verified": True, "iss": self.AUTH0, "aud": "AbCdEfGhIjKlMnOp", "iat": now - 5,
                          "exp": now + 36000, "sub": "auth0|65f1c0ffee", "sid": "Xq1", "nonce": NONCE}, NONCE,
                   fault_of_es256="unknown key")

    def test_firebase(self):
        # Firebase's tokens have no nonce, and its preset names the algorithm.
        name = self.enter({"audiences": []}, preset=admin_service_pb2.PROVIDER_PRESET_FIREBASE, project="shop-12345")
        now = int(time.time())
        self.check(name, {"name": "Ada Lovelace", "iss": self.FIREBASE, "aud": "shop-12345", "auth_time": now - 30,
                          "user_id": "w1Xq", "sub": "w1Xq", "iat": now - 5, "exp": now + 3595,
                          "email": "ada@firebase.example", "email_verified": False,
                          "firebase": {"identities": {"email": ["ada@firebase.example"]},
                                       "sign_in_provider": "password"}}, "",
                   fault_of_es256="algorithm")

    def check(self, name, good, nonce, fault_of_es256):
        issuer = good["iss"]
        account = self.account_of(authenticate(self.visitor, issuer, self.sign(good), nonce))
        self.assertEqual((account.email, account.email_verified, account.full_name),
                         (good["email"], good["email_verified"], good["name"]))
        bad = [(self.sign(changed(good, change)), fault, change) for change, fault in bad_claims(good, int(time.time()))]
        bad += self.bad_signatures(good, fault_of_es256)
        self.assertGreaterEqual(len(bad), 25)
        for token, fault, change in bad:
            with self.subTest(change=change):
                self.assert_refused(f"ID token: {fault}", issuer, token, nonce)
        # So the changes were refused, and not these tokens because of the ones before.
        self.assertEqual(self.account_of(authenticate(self.visitor, issuer, self.sign(good), nonce)).id, account.id)
        self.change(name, disabled=True)
        self.assert_refused("ID token: disabled provider", issuer, self.sign(good), nonce)

    def sign(self, claims, key=PUBLISHED, **header):
        return self.jose.sign(claims, header={**HEADER, **header}, key=key)

    def bad_signatures(self, good, fault_of_es256):
        """Tokens with good claims, each with its fault."""
        token = self.sign(good)
        text, _, signature = token.rpartition(".")
        header, _, _ = text.partition(".")
        _, other_claims, _ = self.sign({**good, "sub": "somebody-else"}).split(".")
        public_key = RSAAlgorithm.from_jwk(json.dumps(self.jose.keys[PUBLISHED])).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        return [
            (self.jose.sign(good), "malformed", "no signature"),
            (self.jose.sign(good, header={**HEADER, "alg": "HS256"}, secret=public_key), "malformed",
             "the public key as a secret"),
            (self.sign(good, STRANGER), "signature", "a stranger's key with the provider's kid"),
            (self.sign(good, STRANGER, jwk=self.jose.keys[STRANGER]), "malformed", "a key in the token"),
            (self.sign(good, WITH_CURVE, alg="ES256"), fault_of_es256, "an algorithm that the key is not for"),
            (self.sign(good, kid="unknown"), "unknown key", "an unknown kid"),
            (f"{header}.{other_claims}.{signature}", "signature", "another subject"),
            (f"{text}.", "signature", "an empty signature"),
        ]
