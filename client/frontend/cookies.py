"""Cookies that only this frontend can make or read: sealed, and named so that no other host can set them.

A cookie is a Fernet token (AES-128-CBC and HMAC-SHA256, with the time) of a JSON object. Its key is derived from the
frontend's key and the name of the cookie, so no cookie passes for another one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any, Mapping, NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

MINUTE = 60
DAY = 24 * 60 * MINUTE
MAX_BYTES = 4000  # browsers drop larger cookies


class Cookie(NamedTuple):
    """The lifetime is in seconds. None: until the browser closes."""

    name: str
    lifetime: int | None


SESSION = Cookie("session", 30 * DAY)  # the tokens; Identity ends a session earlier
DEVICE = Cookie("device", 90 * DAY)    # proves to Identity that the device has logged in before
BROWSER = Cookie("browser", None)      # binds forms to the browser
CHALLENGE = Cookie("challenge", 5 * MINUTE)  # a login that waits for its second factor
PROVIDER = Cookie("provider", 10 * MINUTE)   # a login at an OpenID provider: state, nonce, verifier
PROOF = Cookie("proof", 5 * MINUTE)          # an ID token that proves a sensitive change
MAILED = Cookie("mailed", 60 * MINUTE)       # the token of a mailed link
NOTICE = Cookie("notice", MINUTE)            # a sentence for the next page


class TooLarge(Exception):
    """The browser would not keep the cookie."""


class Seals:
    """Seals JSON objects for a purpose, and opens them. The first key seals, all keys open."""

    def __init__(self, keys: tuple[bytes, ...]):
        self._keys = keys

    def _fernet(self, purpose: str) -> MultiFernet:
        derived = (hmac.digest(key, purpose.encode(), hashlib.sha256) for key in self._keys)
        return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])

    def seal(self, purpose: str, values: Mapping[str, Any]) -> str:
        return self._fernet(purpose).encrypt(json.dumps(values).encode()).decode()

    def open(self, purpose: str, sealed: str, lifetime: int | None = None) -> dict[str, Any]:
        """The values. Empty: they are forged, for another purpose, or older than `lifetime` seconds."""
        try:
            return json.loads(self._fernet(purpose).decrypt(sealed.encode(), ttl=lifetime))
        except InvalidToken:
            return {}


class Jar:
    """The cookies of a request, and what its answer changes in them."""

    def __init__(self, seals: Seals, sent: Mapping[str, str]):
        self._seals = seals
        self._sent = sent
        self._changes: dict[Cookie, dict[str, Any]] = {}

    def get(self, cookie: Cookie) -> dict[str, Any]:
        """The values. Empty: there is no such cookie, or no good one."""
        if cookie in self._changes:
            return self._changes[cookie]
        sealed = self._sent.get(_name_of(cookie))
        return self._seals.open(cookie.name, sealed, cookie.lifetime) if sealed else {}

    def set(self, cookie: Cookie, **values: Any) -> None:
        if len(self._seals.seal(cookie.name, values)) > MAX_BYTES:
            raise TooLarge(cookie.name)
        self._changes[cookie] = values

    def take(self, cookie: Cookie) -> dict[str, Any]:
        """The values of a cookie that is used once."""
        values = self.get(cookie)
        self.delete(cookie)
        return values

    def delete(self, cookie: Cookie) -> None:
        self._changes[cookie] = {}

    def headers(self) -> list[tuple[str, str]]:
        return [("set-cookie", self._header(cookie, values)) for cookie, values in self._changes.items()
                if values or _name_of(cookie) in self._sent]

    def _header(self, cookie: Cookie, values: dict[str, Any]) -> str:
        text = self._seals.seal(cookie.name, values) if values else ""
        lifetime = cookie.lifetime if values else 0
        age = "" if lifetime is None else f"; Max-Age={lifetime}"
        return f"{_name_of(cookie)}={text}; Path=/; Secure; HttpOnly; SameSite=Lax{age}"


def _name_of(cookie: Cookie) -> str:
    return f"__Host-{cookie.name}"
