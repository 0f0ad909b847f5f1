"""Other libraries verify our access tokens, and the service refuses forged tokens."""

import base64
import hashlib
import hmac
import json
import unittest
import uuid

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from identity.v1 import identity_service_pb2

import client
import deployment

try:
    import jose.exceptions
    import jose.jwt
except ImportError:  # Debian 13 no longer has it.
    jose = None

ISSUER = "https://identity.localhost"
CLAIMS = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "client_id", "scope", "roles", "auth_time", "amr",
          "epoch"}


def base64url(octets):
    """Without padding, as in RFC 7515."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def published_keys():
    """The JWK set."""
    return json.loads(deployment.current().identityd("keys", "jwks"))


def key_of(token):
    """The published key that a token names, as an object of PyJWT."""
    kid = jwt.get_unverified_header(token)["kid"]
    return next(key.key for key in jwt.PyJWKSet.from_dict(published_keys()).keys if key.key_id == kid)


def verified(token, audience="identity", algorithm="EdDSA"):
    """The claims of a token that PyJWT has verified."""
    return jwt.decode(token, key_of(token), algorithms=[algorithm], audience=audience, issuer=ISSUER,
                      options={"require": ["iss", "aud", "sub", "exp", "iat", "nbf", "jti"]})


class AccessTokenTest(unittest.TestCase):

    def setUp(self):
        here = deployment.current()
        self.tokens = client.anonymous(self).log_in(here.admin_login, here.admin_password)

    def test_pyjwt_verifies_it_with_the_published_keys(self):
        claims = verified(self.tokens.access_token)
        self.assertEqual(set(claims), CLAIMS)
        self.assertEqual(claims["sub"], self.tokens.principal_id)
        self.assertEqual(claims["sid"], self.tokens.session_id)
        self.assertEqual(claims["exp"] - claims["iat"], 15 * 60)
        self.assertEqual(claims["nbf"], claims["iat"])
        self.assertEqual(claims["client_id"], "identity")
        self.assertEqual(claims["scope"], "*")
        self.assertEqual(claims["roles"], ["super_admin"])
        self.assertEqual(claims["amr"], ["pwd"])
        self.assertEqual(claims["epoch"], 0)
        self.assertLessEqual(claims["auth_time"], claims["iat"])
        self.assertEqual(str(uuid.UUID(claims["jti"])), claims["jti"])

    def test_its_header_names_one_algorithm_one_type_and_a_published_key(self):
        header = jwt.get_unverified_header(self.tokens.access_token)
        self.assertEqual(set(header), {"alg", "typ", "kid"})
        self.assertEqual((header["alg"], header["typ"]), ("EdDSA", "at+jwt"))
        self.assertIn(header["kid"], [key["kid"] for key in published_keys()["keys"]])

    def test_pyjwt_refuses_it_for_another_audience_and_with_another_key(self):
        with self.assertRaises(jwt.InvalidAudienceError):
            verified(self.tokens.access_token, audience="shop")
        stranger = ed25519.Ed25519PrivateKey.generate().public_key()
        with self.assertRaises(jwt.InvalidSignatureError):
            jwt.decode(self.tokens.access_token, stranger, algorithms=["EdDSA"], audience="identity", issuer=ISSUER)

    def test_the_audience_that_was_asked_for_is_the_one_in_the_token(self):
        here = deployment.current()
        tokens = client.anonymous(self).log_in(here.admin_login, here.admin_password, audience="shop")
        self.assertEqual(verified(tokens.access_token, audience="shop")["aud"], "shop")
        service = client.service(self)
        asked = {"access_token": tokens.access_token}
        self.assertEqual(service.check("posts:read", audience="shop", **asked).reason,
                         identity_service_pb2.REASON_GRANTED)
        self.assertEqual(service.check("posts:read", audience="blog", **asked).reason,
                         identity_service_pb2.REASON_CREDENTIAL_INVALID)

    def test_pyjwt_verifies_the_tokens_of_audiences_with_other_algorithms(self):
        here = deployment.current()
        for algorithm in ("ES256", "RS256"):
            with self.subTest(algorithm):
                audience = f"{algorithm.lower()}.example"
                token = client.anonymous(self).log_in(here.admin_login, here.admin_password,
                                                      audience=audience).access_token
                header = jwt.get_unverified_header(token)
                self.assertEqual((header["alg"], header["typ"]), (algorithm, "at+jwt"))
                self.assertEqual(set(verified(token, audience, algorithm)), CLAIMS)
                answer = client.service(self).check("posts:read", audience=audience, access_token=token)
                self.assertEqual(answer.reason, identity_service_pb2.REASON_GRANTED)
                with self.assertRaises(jwt.InvalidAlgorithmError):
                    verified(token, audience)

    @unittest.skipIf(jose is None, "python-jose is not installed")
    def test_python_jose_verifies_the_algorithms_that_it_knows(self):
        here = deployment.current()
        for algorithm in ("ES256", "RS256"):
            with self.subTest(algorithm):
                audience = f"{algorithm.lower()}.example"
                token = client.anonymous(self).log_in(here.admin_login, here.admin_password,
                                                      audience=audience).access_token
                keys = {"keys": [key for key in published_keys()["keys"] if key["alg"] == algorithm]}
                claims = jose.jwt.decode(token, keys, algorithms=[algorithm], audience=audience, issuer=ISSUER)
                self.assertEqual(set(claims), CLAIMS)

    def test_the_client_id_is_the_principal_that_called_authenticate(self):
        here = deployment.current()
        frontend = client.service(self)
        caller = frontend.check("identity:check", self=True).principal.id
        tokens = frontend.log_in(here.admin_login, here.admin_password)
        self.assertEqual(verified(tokens.access_token)["client_id"], caller)

    def test_a_key_gives_a_token_without_a_session(self):
        request = identity_service_pb2.AuthenticateRequest(api_key={"key": deployment.current().service_key})
        tokens = client.anonymous(self).identity.Authenticate(request).tokens
        claims = verified(tokens.access_token)
        self.assertNotIn("sid", claims)
        self.assertEqual(claims["sub"], tokens.principal_id)
        self.assertEqual((tokens.refresh_token, tokens.session_id), ("", ""))

    def test_the_published_keys_are_public_and_named_by_their_thumbprint(self):
        keys = published_keys()["keys"]
        required = {"EdDSA": ("crv", "kty", "x"), "ES256": ("crv", "kty", "x", "y"), "RS256": ("e", "kty", "n")}
        self.assertEqual({key["alg"] for key in keys}, set(required))
        for key in keys:
            self.assertEqual(set(key), {"alg", "kid", "use", *required[key["alg"]]})
            # RFC 7638: only the required members, sorted by name, without spaces.
            members = json.dumps({name: key[name] for name in required[key["alg"]]}, separators=(",", ":"))
            self.assertEqual(key["kid"], base64url(hashlib.sha256(members.encode()).digest()))

    @unittest.skipIf(jose is None, "python-jose is not installed")
    def test_python_jose_reads_it_and_refuses_what_it_cannot_verify(self):
        # python-jose does not support EdDSA: it can show a token, and must not accept it.
        token = self.tokens.access_token
        self.assertEqual(jose.jwt.get_unverified_header(token), jwt.get_unverified_header(token))
        self.assertEqual(jose.jwt.get_unverified_claims(token), verified(token))
        with self.assertRaises(jose.exceptions.JOSEError):
            jose.jwt.decode(token, published_keys(), algorithms=["EdDSA"], audience="identity")


def signed(header, claims, sign):
    """A token with this header and these claims; `sign` makes the signature's bytes."""
    text = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{base64url(sign(text.encode()))}"


class ForgedTokenTest(unittest.TestCase):

    def setUp(self):
        here = deployment.current()
        self.service = client.service(self)
        self.token = client.anonymous(self).log_in(here.admin_login, here.admin_password).access_token
        self.header = jwt.get_unverified_header(self.token)
        self.claims = verified(self.token)
        self.own_key = ed25519.Ed25519PrivateKey.generate()

    def forged(self, **header):
        """The genuine claims, signed with a key that is not ours, under a header that differs by `header`."""
        return signed({**self.header, **header}, self.claims, self.own_key.sign)

    def assert_denied(self, forgeries):
        for name, token in forgeries.items():
            with self.subTest(name):
                answer = self.service.check("posts:read", access_token=token)
                self.assertEqual(answer.decision, identity_service_pb2.DECISION_DENIED)
                self.assertEqual(answer.reason, identity_service_pb2.REASON_CREDENTIAL_INVALID)
                self.assertFalse(answer.HasField("principal"))
                with self.assertRaises(grpc.RpcError) as refused:
                    client.with_token(self, token).check("posts:read", self=True)
                self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
                self.assertEqual(client.reason_of(refused.exception), "CALLER_INVALID")

    def test_the_genuine_token_is_allowed(self):
        answer = self.service.check("posts:read", access_token=self.token)
        self.assertEqual(answer.decision, identity_service_pb2.DECISION_ALLOWED)

    def test_a_token_without_a_signature_is_denied(self):
        unsigned = {name: signed({**self.header, "alg": name}, self.claims, lambda text: b"")
                    for name in ("none", "None", "NONE", "nOnE", "")}
        by_pyjwt = jwt.encode(self.claims, None, algorithm="none", headers={**self.header, "alg": "none"})
        self.assert_denied({**unsigned, "by PyJWT": by_pyjwt, "stripped": self.token.rpartition(".")[0] + ".",
                            "cut": self.token.rpartition(".")[0]})

    def test_a_public_key_used_as_an_hmac_secret_is_denied(self):
        x = next(key["x"] for key in published_keys()["keys"] if key["kid"] == self.header["kid"])
        secrets = {"raw": base64.urlsafe_b64decode(x + "="), "text": x.encode(),
                   "set": json.dumps(published_keys()).encode(), "empty": b""}
        self.assert_denied({
            f"{algorithm} {name}": signed({**self.header, "alg": algorithm}, self.claims,
                                          lambda text, s=secret, h=digest: hmac.digest(s, text, h))
            for name, secret in secrets.items() for algorithm, digest in (("HS256", "sha256"), ("HS512", "sha512"))})

    @unittest.skipIf(jose is None, "python-jose is not installed")
    def test_an_hmac_by_python_jose_is_denied(self):
        x = next(key["x"] for key in published_keys()["keys"] if key["kid"] == self.header["kid"])
        headers = {"typ": "at+jwt", "kid": self.header["kid"]}
        self.assert_denied({"HS256": jose.jwt.encode(self.claims, x, algorithm="HS256", headers=headers)})

    def test_a_signature_of_another_key_is_denied_whatever_kid_it_names(self):
        kids = ["unknown", "", "../../../../dev/null", "' OR 1=1 --", self.header["kid"] + "\0", "0", [], None]
        self.assert_denied({"our kid": self.forged(), **{repr(kid): self.forged(kid=kid) for kid in kids}})

    def test_a_header_that_carries_or_names_its_own_key_is_denied(self):
        public = self.own_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(public), "kid": self.header["kid"]}
        self.assert_denied({
            "jwk": self.forged(jwk=jwk), "jku": self.forged(jku="http://127.0.0.1/keys"),
            "x5u": self.forged(x5u="http://127.0.0.1/chain"), "x5c": self.forged(x5c=["MA=="]),
            "crit": self.forged(crit=["exp"])})

    def test_a_genuine_signature_over_other_claims_is_denied(self):
        header, payload, signature = self.token.split(".")
        others = {"role": {**self.claims, "roles": []}, "later": {**self.claims, "exp": self.claims["exp"] + 1},
                  "other subject": {**self.claims, "sub": str(uuid.uuid4())}, "respaced": self.claims}
        forgeries = {name: f"{header}.{base64url(json.dumps(claims).encode())}.{signature}"
                     for name, claims in others.items()}
        self.assert_denied({**forgeries, "four parts": f"{self.token}.{signature}", "dots": ".." + "." * 1000,
                            "padded": f"{header}.{payload}.{signature}=="})
