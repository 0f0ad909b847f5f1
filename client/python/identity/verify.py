"""Local verification of access tokens. It needs PyJWT: install identity-client[verify].

It knows no revocation, no disabled principal and no permission: until it expires, a token of a thief passes. Ask the
service where that matters.
"""

from __future__ import annotations

import base64
import concurrent.futures
import dataclasses
import datetime
import http.client
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
_PAUSE_SECONDS = 10
_LEEWAY_SECONDS = 30
_FETCH_SECONDS = 10
_LONGEST_LIFETIME_SECONDS = 24 * 60 * 60
_MAX_TOKEN_LENGTH = 8 * 1024
_MAX_BYTES = 256 * 1024
_MIN_RSA_BITS = 2048
_ALGORITHMS: dict[Any, str] = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256", ("RSA", None): "RS256"}
_REQUIRED = ["iss", "aud", "exp", "iat", "sub", "client_id", "jti"]


class VerificationError(Exception):
    """The token is not good: 401 over HTTP. The text has no part of it."""


class KeysUnavailable(Exception):
    """The keys cannot be fetched, so nothing is known about the token: 503 over HTTP."""


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
        """Raises VerificationError unless the token is good, and KeysUnavailable if there is no key to tell."""
        if len(token) > _MAX_TOKEN_LENGTH:
            raise VerificationError("the token is too long")
        try:
            return self._verified(token)
        except jwt.PyJWTError as error:
            raise VerificationError(type(error).__name__) from None
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise VerificationError("the token is malformed") from None

    def _verified(self, token: str) -> VerifiedToken:
        # PyJWT reads both again. It would take the last of two members of the same name.
        header, _ = (_object_of(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
        if not _is_access_token(header):
            raise VerificationError("not an access token")
        algorithm, key = self._keys.find(header.get("kid"))
        claims = jwt.decode(token, key, algorithms=[algorithm], audience=self._audience, leeway=_LEEWAY_SECONDS,
                            options={"require": _REQUIRED})
        if claims["iss"] != self._issuer:
            raise VerificationError("another issuer")
        claims.setdefault("scope", "")
        if not all(isinstance(claims[name], str) for name in ("sub", "client_id", "jti", "scope")):
            raise VerificationError("a claim is no text")
        expires = datetime.datetime.fromtimestamp(claims["exp"], datetime.timezone.utc)
        return VerifiedToken(claims["sub"], claims["client_id"], tuple(claims["scope"].split()), expires, claims)


def _is_access_token(header: Mapping[str, Any]) -> bool:
    return str(header.get("typ")).lower().removeprefix("application/") == "at+jwt" and "crit" not in header


def _object_of(text: bytes) -> dict[str, Any]:
    """A JSON object. Raises ValueError also if one in it has two members of the same name."""
    value = json.loads(text, object_pairs_hook=_members)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("two members have the same name")
    return members


class _PublishedKeys:
    """Public keys with their algorithms, by `kid`. They are kept for `max-age`, at most for a day."""

    def __init__(self, url: str, clock: Callable[[], float]):
        self._url = url
        self._opener = _opener_for(url)
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: dict[Any, tuple[str, Any]] = {}
        self._expires = float("-inf")
        self._next_fetch = float("-inf")

    def find(self, kid: Any) -> tuple[str, Any]:
        # A known key needs no lock, so that a token with an unknown one delays nobody.
        if self._lacks(kid, self._clock()):
            with self._lock:
                now = self._clock()
                if self._lacks(kid, now):
                    self._look(now)
        try:
            return self._keys[kid]
        except KeyError:
            raise VerificationError("the key is unknown") from None

    def _lacks(self, kid: Any, now: float) -> bool:
        return now >= self._expires or kid not in self._keys

    def _look(self, now: float) -> None:
        """Fetches the keys, unless it is too early. Raises KeysUnavailable."""
        is_due = now >= self._expires
        if now < self._next_fetch:
            if is_due:  # the last fetch has failed
                raise KeysUnavailable("the keys cannot be fetched")
            return
        self._next_fetch = now + _PAUSE_SECONDS
        try:
            text, cache_control = _within(_FETCH_SECONDS, self._download)
            self._keys = _keys_in(text)
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, RecursionError) as error:
            raise KeysUnavailable(f"the keys cannot be fetched: {error}") from error
        self._expires = now + _lifetime_in(cache_control)
        # A fetch that was due does not count, and one for an unknown key does not delay the next one that is due.
        self._next_fetch = now if is_due else min(self._next_fetch, self._expires)

    def _download(self) -> tuple[bytes, str]:
        """The JWKS, and for how long it may be kept."""
        with self._opener.open(self._url, timeout=_FETCH_SECONDS) as answer:
            text = answer.read(_MAX_BYTES + 1)
            if len(text) > _MAX_BYTES:
                raise ValueError(f"more than {_MAX_BYTES} bytes")
            return text, answer.headers.get("Cache-Control", "")


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """The result of `work`. Raises TimeoutError. It needs a thread: the timeout of a socket is that of each packet, and
    the look-up of a name has none."""
    pool = concurrent.futures.ThreadPoolExecutor(1)
    try:
        return pool.submit(work).result(seconds)
    finally:
        pool.shutdown(wait=False)


def _lifetime_in(cache_control: str) -> int:
    max_age = re.search(r"(?:^|[\s,])max-age=(\d{1,9})", cache_control)
    return min(int(max_age[1]), _LONGEST_LIFETIME_SECONDS) if max_age else _LIFETIME_SECONDS


def _keys_in(text: bytes) -> dict[str, tuple[str, Any]]:
    """The keys of a JWKS that may sign access tokens. The others are left out, so that none of them hides these."""
    keys = {}
    for jwk in _object_of(text)["keys"]:
        try:
            keys[jwk["kid"]] = _key_of(jwk)
        except Exception:  # pylint: disable=broad-except  # PyJWT raises many for a malformed key
            continue
    return keys


def _key_of(jwk: dict[str, Any]) -> tuple[str, Any]:
    algorithm = _ALGORITHMS[jwk["kty"], jwk.get("crv")]
    is_for_tokens = jwk.get("alg", algorithm) == algorithm and jwk.get("use", "sig") == "sig"
    key = jwt.PyJWK(jwk, algorithm).key
    if not is_for_tokens or not isinstance(jwk["kid"], str) or not hasattr(key, "verify"):
        raise ValueError("not a public key for access tokens")
    if algorithm == "RS256" and key.key_size < _MIN_RSA_BITS:
        raise ValueError("a short key")
    return algorithm, key


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
