"""What holds for every request and every answer, whichever page it is."""

from __future__ import annotations

import ipaddress
import logging
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .cookies import BROWSER, Jar, Seals
from .settings import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                               "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # With `no-referrer`, browsers would send our own forms with the origin "null".
    "Referrer-Policy": "strict-origin",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TOKEN_PATH = "/token"
STATIC_PATH = "/static/"
PROBE_PATH = "/livez"
_MAX_TARGET_BYTES = 4096
# Some proxies append a port: "192.0.2.1:443", "[2001:db8::1]:443".
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|([0-9.]+):\d+")
# Printable ASCII without the backslash, which browsers take as a slash.
_LOCAL_PATH = re.compile(r"/(?!/)[!-\[\]-~]{0,500}")

_log = logging.getLogger(__package__)


class Shell:
    """Wraps the whole application, its error pages too: no request passes without these checks, and no answer leaves
    without these headers. It also gives each request its Jar."""

    def __init__(self, app: ASGIApp, settings: Settings, seals: Seals):
        self._app = app
        self._settings = settings
        self._seals = seals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        jar = Jar(self._seals, _cookies_of(headers))
        scope.setdefault("state", {})["jar"] = jar
        is_static = scope["path"].startswith(STATIC_PATH)

        async def send_in_shell(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(HEADERS)
                # Errors are pages, and pages belong to one person.
                is_file = is_static and message["status"] in (200, 304)
                answer["Cache-Control"] = "public, max-age=300" if is_file else "no-store"
                for name, value in jar.headers():
                    answer.append(name, value)
            await send(message)

        await (self._refusal(scope, headers) or self._app)(scope, receive, send_in_shell)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        if _host_of(headers.get("host", "")) not in self._settings.hosts:
            return PlainTextResponse(f"This host name is not served here. Open {self._settings.origin}.", 400)
        if len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_TARGET_BYTES:
            return PlainTextResponse("This address is too long.", 414)
        if scope["path"] != PROBE_PATH and not self._is_private(scope):
            _log.warning("%s was refused: it speaks HTTP without TLS, and is not in IDENTITY_FRONTEND_TRUSTED_PROXIES",
                         scope["client"][0])
            return PlainTextResponse("Without TLS, only known proxies may connect here.", 403)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not self._is_from_here(scope["path"], headers):
            return PlainTextResponse("Another site has sent this request, so it was refused.", 403)
        return None

    def _is_private(self, scope: Scope) -> bool:
        """Whether the connection has TLS, or comes from this machine or from a proxy, which has spoken TLS."""
        peer = _address(scope["client"][0])
        return scope["scheme"] == "https" or bool(peer and (peer.is_loopback or _is_proxy(peer, self._settings)))

    def _is_from_here(self, path: str, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:  # an old browser, or no browser at all; pages also ask for the token of the form
            return headers.get("sec-fetch-site") in (None, "none", "same-origin")
        return origin == self._settings.origin or path == TOKEN_PATH and origin in self._settings.cors_origins


def _host_of(header: str) -> str:
    return re.sub(r":\d*$", "", header).strip("[]").lower()


def _cookies_of(headers: Headers) -> dict[str, str]:
    """By their names, to the letter. Other parsers strip more than browsers do: a neighbouring domain can set a cookie
    whose name is a no-break space and then that of one of ours."""
    pairs = (pair.strip(" \t").partition("=") for header in headers.getlist("cookie") for pair in header.split(";"))
    return {name: value for name, _, value in pairs}


def form_token(jar: Jar, seals: Seals, session_id: str) -> str:
    """A token that makes a form good for this browser and this session only."""
    browser = jar.get(BROWSER)
    if not browser:
        browser = {"id": secrets.token_urlsafe(16)}
        jar.set(BROWSER, **browser)
    return seals.seal("form", {"browser": browser["id"], "session": session_id})


def is_form_token(jar: Jar, seals: Seals, session_id: str, token: str) -> bool:
    browser = jar.get(BROWSER)
    return bool(browser) and seals.open("form", token) == {"browser": browser["id"], "session": session_id}


def local_path(text: str) -> str:
    """The path, if it is one of this frontend; else the account's page. So no link leads people away after a login."""
    return text if _LOCAL_PATH.fullmatch(text) else "/account"


def client_address(peer: str, forwarded: list[str], settings: Settings) -> str:
    """The address of the browser: the last one in X-Forwarded-For that is no trusted proxy. If a proxy appended
    something else than an address, it is the proxy's own: never a text that a client has chosen."""
    hops = [hop for value in forwarded for hop in value.split(",")]
    address: Address | None = _address(peer)
    while hops and address and _is_proxy(address, settings):
        before = _address(hops.pop())
        if not before:
            break
        address = before
    return str(address or "")


def _is_proxy(address: Address, settings: Settings) -> bool:
    return any(address in network for network in settings.proxies)


def _address(text: str) -> Address | None:
    text = text.strip()
    if "%" in text:  # a zone, which may be any text
        return None
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((with_port[1] or with_port[2]) if with_port else text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
