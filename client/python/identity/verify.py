"""Local verification of access tokens. It needs PyJWT: install identity-client[verify].

It knows no revocation, no disabled principal and no permission: until it expires, a token of a thief passes. Ask the
service where that matters.
"""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import json
import re
import threading
import time
import urllib.parse
import urllib.request
from typing import Any, Callable, Mapping

import jwt

_LIFETIME_SECONDS = 300
_LOOK_SECONDS = 10
_LEEWAY_SECONDS = 30
_FETCH_SECONDS = 5
_MAX_BYTES = 1024 * 1024
_ALGORITHMS: dict[Any, str] = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256", ("RSA", None): "RS256"}
_REQUIRED = ["iss", "aud", "exp", "iat", "sub", "client_id", "jti"]


class VerificationError(Exception):
    """The token could not be verified. The text has no part of it."""


@dataclasses.dataclass(frozen=True)
class VerifiedToken:
    """What a verified access token says."""

    subject: str
    """UUID of the principal."""
    client_id: str
    scopes: tuple[str, ...]
    expire_time: datetime.datetime
    claims: Mapping[str, Any]
    """All claims."""


class Verifier:
    """Verifies access tokens by the keys that are published at `jwks_url`. Thread-safe; make one and keep it. It waits
    for the network while it fetches keys, so asyncio should call it by asyncio.to_thread."""

    def __init__(self, jwks_url: str, *, issuer: str, audience: str, clock: Callable[[], float] = time.monotonic):
        self._issuer = issuer
        self._audience = audience
        self._keys = _PublishedKeys(jwks_url, clock)

    def verify(self, token: str) -> VerifiedToken:
        """Raises VerificationError unless the token is good."""
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") != "at+jwt" or "crit" in header:
                raise VerificationError("not an access token")
            algorithm, key = self._keys.find(header.get("kid"))
            claims = jwt.decode(token, key, algorithms=[algorithm], issuer=self._issuer, audience=self._audience,
                                leeway=_LEEWAY_SECONDS, options={"require": _REQUIRED})
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise VerificationError(type(error).__name__) from None
        claims.setdefault("scope", "")
        if not all(isinstance(claims[name], str) for name in ("sub", "client_id", "jti", "scope")):
            raise VerificationError("a claim is no text")
        expires = datetime.datetime.fromtimestamp(claims["exp"], datetime.timezone.utc)
        return VerifiedToken(claims["sub"], claims["client_id"], tuple(claims["scope"].split()), expires, claims)


class _PublishedKeys:
    """Public keys with their algorithms, by `kid`. They are kept for `max-age`."""

    def __init__(self, url: str, clock: Callable[[], float]):
        self._url = url
        self._opener = _opener_for(url)
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[Any, tuple[str, Any]] = {}
        self._expires = float("-inf")
        self._next_look = float("-inf")

    def find(self, kid: Any) -> tuple[str, Any]:
        # A known key needs no lock, so that a token with an unknown one delays nobody.
        if self._clock() >= self._expires or kid not in self._keys:
            with self._lock:
                now = self._clock()
                if now >= self._expires or (kid not in self._keys and now >= self._next_look):
                    self._fetch(now)
        try:
            return self._keys[kid]
        except KeyError:
            raise VerificationError("the key is unknown") from None

    def _fetch(self, now: float) -> None:
        self._next_look = now + _LOOK_SECONDS
        if now >= self._expires:
            self._keys, self._expires = {}, now + 1  # until the next attempt, should this one fail
        try:
            with self._opener.open(self._url, timeout=_FETCH_SECONDS) as answer:
                keys = json.loads(answer.read(_MAX_BYTES))["keys"]
                max_age = re.search(r"\bmax-age=(\d+)", answer.headers.get("Cache-Control", ""))
            self._keys = {jwk["kid"]: (algorithm, jwt.PyJWK(jwk, algorithm).key)
                          for jwk in keys if (algorithm := _algorithm_of(jwk))}
        except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as error:
            raise VerificationError(f"the keys cannot be fetched: {error}") from error
        self._expires = now + (int(max_age[1]) if max_age else _LIFETIME_SECONDS)


def _algorithm_of(jwk: Mapping[str, Any]) -> str | None:
    """The algorithm of a key that may sign access tokens. Other keys are not used."""
    algorithm = _ALGORITHMS.get((jwk.get("kty"), jwk.get("crv")))
    return algorithm if jwk.get("alg", algorithm) == algorithm and jwk.get("use", "sig") == "sig" else None


def _opener_for(url: str) -> urllib.request.OpenerDirector:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return urllib.request.build_opener(_NoRedirects)
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
    raise ValueError("the keys must come over https, or over http from loopback")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could lead away from https."""

    def redirect_request(self, *_: Any) -> None:
        return None
