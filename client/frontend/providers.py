"""Logins at OpenID providers: the authorization code flow with PKCE (OpenID Connect Core, section 3.1; RFC 7636).

Identity verifies the ID tokens. Here they only pass from the provider's token endpoint to Identity.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
import urllib.parse
from typing import Any, Mapping, NamedTuple

import httpx

from .settings import ProviderSettings

PROVIDER_SECONDS = 5.0
_METADATA_SECONDS = 3600
_PAUSE_SECONDS = 10  # after metadata that could not be had
_PARALLEL = 20
_MAX_BYTES = 48 * 1024


class ProviderError(Exception):
    """The provider does not answer, or not as the standard says."""


class Attempt(NamedTuple):
    """What the browser keeps while the person is at the provider."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Attempt:
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Provider:
    """A provider at which this frontend is a client. Each sends people back to an address of its own: so no answer of
    one passes for that of another (RFC 9700, section 4.4). Strangers cause calls to it, so few run at a time."""

    def __init__(self, settings: ProviderSettings, http: httpx.AsyncClient, redirect_uri: str):
        self.name = settings.name
        self.label = settings.label
        self.issuer = settings.issuer
        self._settings = settings
        self._http = http
        self._redirect_uri = redirect_uri
        self._places = asyncio.Semaphore(_PARALLEL)
        self._metadata: dict[str, Any] = {}
        self._metadata_end = 0.0
        self._metadata_lock = asyncio.Lock()

    async def login_url(self, attempt: Attempt, fresh: bool) -> str:
        """Where the person logs in. `fresh`: the provider must ask for the credential again."""
        parameters = {"response_type": "code", "client_id": self._settings.client_id, "scope": "openid email profile",
                      "redirect_uri": self._redirect_uri, "state": attempt.state, "nonce": attempt.nonce,
                      "code_challenge": attempt.challenge, "code_challenge_method": "S256"}
        if fresh:
            parameters |= {"prompt": "login", "max_age": "0"}
        endpoint = (await self._read_metadata())["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urllib.parse.urlencode(parameters)}"

    async def has_sent(self, answer: Mapping[str, str]) -> bool:
        """Whether the answer to a login names this provider, or names none and need not (RFC 9207)."""
        names_itself = (await self._read_metadata()).get("authorization_response_iss_parameter_supported") is True
        return answer.get("iss", None if names_itself else self.issuer) == self.issuer

    async def id_token(self, code: str, verifier: str) -> str:
        """The ID token for the code of a login."""
        metadata = await self._read_metadata()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect_uri,
                "code_verifier": verifier}
        options: dict[str, Any] = {"data": form}
        client = (self._settings.client_id, self._settings.client_secret)
        if client[1] and "client_secret_basic" in metadata.get("token_endpoint_auth_methods_supported",
                                                               ["client_secret_basic"]):
            # RFC 6749, section 2.3.1
            options["auth"] = httpx.BasicAuth(*(urllib.parse.quote(part, safe="") for part in client))
        else:
            form |= {"client_id": client[0]} | ({"client_secret": client[1]} if client[1] else {})
        return self._text(await self._ask("POST", metadata["token_endpoint"], **options), "id_token")

    async def _read_metadata(self) -> dict[str, Any]:
        async with self._metadata_lock:
            if time.monotonic() >= self._metadata_end:
                self._metadata, self._metadata_end = {}, time.monotonic() + _PAUSE_SECONDS
                self._metadata = await self._fetch_metadata()
                self._metadata_end = time.monotonic() + _METADATA_SECONDS
        if not self._metadata:
            raise ProviderError(f"the metadata of {self.issuer} could not be had a short time ago")
        return self._metadata

    async def _fetch_metadata(self) -> dict[str, Any]:
        metadata = await self._ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        endpoints = [self._text(metadata, name) for name in ("authorization_endpoint", "token_endpoint")]
        methods = metadata.get("token_endpoint_auth_methods_supported", [])
        if metadata.get("issuer") != self.issuer or not isinstance(methods, list) \
                or not all(endpoint.startswith("https://") for endpoint in endpoints):
            raise ProviderError(f"the metadata of {self.issuer} is not its own, or malformed")
        return metadata

    def _text(self, values: Mapping[str, Any], name: str) -> str:
        text = values.get(name)
        if not isinstance(text, str) or not text.isascii():
            raise ProviderError(f"{self.issuer} has answered without {name}")
        return text

    async def _ask(self, method: str, url: str, **options: Any) -> dict[str, Any]:
        if self._places.locked():
            raise ProviderError(f"too many people log in at {self.issuer} at the same time")
        try:
            async with self._places, asyncio.timeout(PROVIDER_SECONDS):
                values = json.loads(await self._read(method, url, **options))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError, TimeoutError) as error:
            raise ProviderError(f"{self.issuer} does not answer as a provider: {type(error).__name__}") from error
        if not isinstance(values, dict):
            raise ProviderError(f"{self.issuer} does not answer as a provider: no JSON object")
        return values

    async def _read(self, method: str, url: str, **options: Any) -> bytes:
        body = bytearray()
        # Nothing is expanded: a few bytes could become a thousand times as many.
        async with self._http.stream(method, url, headers={"Accept-Encoding": "identity"}, **options) as answer:
            answer.raise_for_status()
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > _MAX_BYTES:
                    raise ValueError("too large")
        return bytes(body)
