"""Logins at OpenID providers: the authorization code flow with PKCE (OpenID Connect Core, section 3.1; RFC 7636).

Identity verifies the ID tokens. Here they only pass from the provider's token endpoint to Identity.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import urllib.parse
from typing import Any, NamedTuple

import httpx

from .settings import ProviderSettings

_METADATA_SECONDS = 3600


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
    """A provider at which this frontend is a client."""

    def __init__(self, settings: ProviderSettings, http: httpx.AsyncClient, redirect_uri: str):
        self.name = settings.name
        self.label = settings.label
        self.issuer = settings.issuer
        self._settings = settings
        self._http = http
        self._redirect_uri = redirect_uri
        self._metadata: dict[str, Any] = {}
        self._metadata_end = 0.0

    async def login_url(self, attempt: Attempt, fresh: bool) -> str:
        """Where the person logs in. `fresh`: the provider must ask for the credential again."""
        parameters = {"response_type": "code", "client_id": self._settings.client_id, "scope": "openid email profile",
                      "redirect_uri": self._redirect_uri, "state": attempt.state, "nonce": attempt.nonce,
                      "code_challenge": attempt.challenge, "code_challenge_method": "S256"}
        if fresh:
            parameters |= {"prompt": "login", "max_age": "0"}
        endpoint = (await self._read_metadata())["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urllib.parse.urlencode(parameters)}"

    async def id_token(self, code: str, verifier: str) -> str:
        """The ID token for the code of a login."""
        metadata = await self._read_metadata()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect_uri,
                "code_verifier": verifier}
        client = (self._settings.client_id, self._settings.client_secret)
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if client[1] and "client_secret_basic" in methods:
            auth = httpx.BasicAuth(*(urllib.parse.quote(part, safe="") for part in client))  # RFC 6749, section 2.3.1
            return await self._ask("id_token", "POST", metadata["token_endpoint"], data=form, auth=auth)
        form["client_id"] = client[0]
        if client[1]:
            form["client_secret"] = client[1]
        return await self._ask("id_token", "POST", metadata["token_endpoint"], data=form)

    async def _read_metadata(self) -> dict[str, Any]:
        if time.monotonic() >= self._metadata_end:
            url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            metadata = await self._ask(None, "GET", url)
            endpoints = (metadata.get(name, "") for name in ("authorization_endpoint", "token_endpoint"))
            if metadata.get("issuer") != self.issuer or not all(end.startswith("https://") for end in endpoints):
                raise ProviderError(f"the metadata of {self.issuer} is not its own")
            self._metadata, self._metadata_end = metadata, time.monotonic() + _METADATA_SECONDS
        return self._metadata

    async def _ask(self, member: str | None, method: str, url: str, **options: Any) -> Any:
        try:
            answer = await self._http.request(method, url, **options)
            answer.raise_for_status()
            return answer.json()[member] if member else answer.json()
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise ProviderError(f"{self.issuer} does not answer as a provider: {type(error).__name__}") from error
