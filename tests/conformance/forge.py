"""Access tokens with every kind of flaw, and the public keys of those that have none."""

import base64
import hashlib
import hmac
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, utils
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

ISSUER = "https://issuer.example"
AUDIENCE = "shop"


class Forge:
    """Keys by the names of the table: an EdDSA pair `ed`, an ES256 pair `es`, an RS256 pair `rs`, a second EdDSA pair
    `new`, and an RS256 pair `short` of 1,024 bits."""

    def __init__(self):
        self._keys = {
            "ed": ed25519.Ed25519PrivateKey.generate(),
            "new": ed25519.Ed25519PrivateKey.generate(),
            "es": ec.generate_private_key(ec.SECP256R1()),
            "rs": rsa.generate_private_key(65537, 2048),
            "short": rsa.generate_private_key(65537, 1024),
        }

    def jwk(self, name):
        """The public key as a JWK whose `kid` is its name."""
        public = self._keys[name].public_key()
        if isinstance(public, rsa.RSAPublicKey):
            numbers = public.public_numbers()
            members = {"kty": "RSA", "alg": "RS256", "n": _encoded_number(numbers.n), "e": _encoded_number(numbers.e)}
        elif isinstance(public, ec.EllipticCurvePublicKey):
            numbers = public.public_numbers()
            members = {"kty": "EC", "alg": "ES256", "crv": "P-256", "x": _encoded_number(numbers.x, 32),
                       "y": _encoded_number(numbers.y, 32)}
        else:
            members = {"kty": "OKP", "alg": "EdDSA", "crv": "Ed25519", "x": _encoded(_raw(public))}
        return {"kid": name, "use": "sig", **members}

    def token(self, key="ed", header=None, claims=None, age=0, padding=0, flaw=None):
        """A token that is good, except for what the arguments say. `header` and `claims` replace members; null removes
        one. `age`: seconds since it was issued, for 15 minutes. `padding`: the length of a further claim. `flaw`: what
        is wrong with the signature, or "two subjects"."""
        now = int(time.time()) - age
        algorithm = self.jwk(key)["alg"]
        head = _replaced({"alg": algorithm, "kid": key, "typ": "at+jwt"}, header)
        body = _replaced({"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "client_id": "identity", "jti": "one",
                          "iat": now, "exp": now + 900, "padding": "x" * padding}, claims)
        claims_text = json.dumps(body)
        if flaw == "two subjects":
            claims_text = '{"sub": "eve", ' + claims_text[1:]
        signed = f"{_encoded_json(head)}.{_encoded(claims_text.encode())}"
        signature = self._signature(key, signed.encode(), flaw)
        if flaw == "other claims":
            signed = f"{_encoded_json(head)}.{_encoded_json({**body, 'sub': 'eve'})}"
        return f"{signed}.{_encoded(signature)}"

    def _signature(self, name, message, flaw):
        key = self._keys[name]
        if flaw == "none":
            return b""
        if flaw == "HMAC with the public key":
            return hmac.digest(self._public_bytes(name), message, hashlib.sha256)
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(message, PKCS1v15(), hashes.SHA256())
        if isinstance(key, ec.EllipticCurvePrivateKey):
            signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
            if flaw == "DER":
                return signature
            return b"".join(number.to_bytes(32, "big") for number in utils.decode_dss_signature(signature))
        return key.sign(message)

    def _public_bytes(self, name):
        """What a careless verifier would take for a shared secret."""
        public = self._keys[name].public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            return _raw(public)
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _raw(public):
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _replaced(members, others):
    merged = {**members, **(others or {})}
    return {name: value for name, value in merged.items() if value is not None}


def _encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _encoded_json(value):
    return _encoded(json.dumps(value).encode())


def _encoded_number(number, length=None):
    return _encoded(number.to_bytes(length or (number.bit_length() + 7) // 8, "big"))
