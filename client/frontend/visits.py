"""One request of a browser: its session, its calls to Identity, and its answer."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import logging
import random
import time
import urllib.parse
from typing import Any, Mapping, Sequence

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from google.protobuf.message import Message

from identity import Error
from identity.aio import Client
from identity.v1 import identity_service_pb2 as identity
from identity.v1.types_pb2 import ClientInfo, TokenSet

from . import security
from .cookies import CHALLENGE, NOTICE, PROOF, PROVIDER, SESSION, Jar, Seals
from .providers import Provider
from .sessions import Session
from .settings import Settings

_QUEUE_SECONDS = 20  # the longest wait of one request
_LONGEST_PAUSE = 4
_USER_AGENT_LENGTH = 512
# What the pages of administrators need, and the permission that shows that a person may open them.
SECTIONS = {"overview": "identity:statistics:read", "users": "identity:users:read",
            "service-accounts": "identity:service_accounts:read", "roles": "identity:roles:read",
            "bindings": "identity:bindings:read", "providers": "identity:identity_providers:read",
            "audit": "identity:audit:read"}

_log = logging.getLogger(__package__)


class SignedOut(Exception):
    """The page needs a session. `ended`: there was one."""

    def __init__(self, ended: bool = False):
        super().__init__()
        self.ended = ended


class Queue:
    """The requests that wait for their turn at a busy Identity. Each asks again and again, so it has few places."""

    def __init__(self, places: int):
        self._free = places

    async def wait(self, seconds: float) -> bool:
        """False, at once: there is no place."""
        if not self._free:
            return False
        self._free -= 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._free += 1
        return True


@dataclasses.dataclass(frozen=True)
class Site:
    """What all requests share. `client` has the credential of the frontend."""

    settings: Settings
    seals: Seals
    client: Client
    queue: Queue
    providers: Mapping[str, Provider]
    templates: jinja2.Environment


class Visit:
    """A request of a browser and the answer to it. Call `freshen` before the first call with the session."""

    def __init__(self, request: Request):
        self.request = request
        self.site: Site = request.app.state.site
        self.jar: Jar = request.state.jar
        self.session = Session.load(self.jar.get(SESSION))

    @classmethod
    async def begin(cls, request: Request) -> Visit:
        """A visit whose session has an access token that is valid now."""
        visit = cls(request)
        await visit.freshen()
        return visit

    async def freshen(self) -> None:
        """Gets a new access token if it is time. Raises Error if there is no valid one then."""
        if not self.session or not self.session.is_due:
            return
        # Parallel requests send the same token. Identity gives all of them the same successor.
        request = identity.RefreshRequest(refresh_token=self.session.refresh_token, client_info=self.client_info)
        try:
            answer = await self.as_frontend(request)
        except Error as error:
            if error.reason in ("REFRESH_TOKEN_INVALID", "REFRESH_TOKEN_REUSED"):
                self.forget_session()
            elif self.session.is_expired:
                raise
        else:
            self.renew_session(answer.tokens)

    # --- The session ---

    def begin_session(self, tokens: TokenSet, limit: str = "") -> None:
        self.forget_steps()
        self._keep(Session.begin(tokens, limit))

    def renew_session(self, tokens: TokenSet) -> None:
        self._keep(self.session.renew(tokens))

    def _keep(self, session: Session) -> None:
        self.session = session
        self.jar.set(SESSION, **session.dump())

    def forget_session(self) -> None:
        self.session = None
        self.jar.delete(SESSION)

    def forget_steps(self) -> None:
        """The next person at this browser must not go on with what another one began."""
        for cookie in (CHALLENGE, PROOF, PROVIDER):
            self.jar.delete(cookie)

    @property
    def limit(self) -> str:
        """What the session must do before it opens more than the own account. Empty: nothing."""
        return self.session.limit if self.session else ""

    async def log_out(self) -> None:
        """Ends the session: here in any case, and at Identity. Raises Error."""
        session = self.session
        self.forget_session()
        if session:
            await self.as_frontend(identity.RevokeRequest(refresh_token=session.refresh_token))

    async def end_session(self) -> None:
        """Logs out after something was done, whose result an Error must not hide. If Identity cannot be reached, the
        session ends there when its time is over."""
        try:
            await self.log_out()
        except Error as error:
            _log.warning("A session could not be ended: %s", error)

    # --- Calls ---

    @property
    def client_info(self) -> ClientInfo:
        # Without one, Identity would keep that of this frontend.
        agent = self.request.headers.get("user-agent") or "unknown"
        return ClientInfo(ip_address=self._address, user_agent=agent[:_USER_AGENT_LENGTH])

    @property
    def _address(self) -> str:
        forwarded = self.request.headers.getlist("x-forwarded-for")
        return security.client_address(self.request.client.host, forwarded, self.site.settings)

    async def as_frontend(self, request: Message) -> Any:
        """Calls with the credential of the frontend, which vouches for the address in `client_info`. Raises Error."""
        return await self._call(self.site.client, request)

    async def as_person(self, request: Message) -> Any:
        """Calls with the session of the person. Raises Error and SignedOut."""
        if not self.session:
            raise SignedOut()
        try:
            return await self._call(self.site.client.with_credential(self.session.access_token), request)
        except Error as error:
            if error.reason != "CALLER_INVALID":
                raise
            raise SignedOut(ended=True) from error

    async def _call(self, client: Client, request: Message) -> Any:
        """Waits in the queue of a busy Identity. These errors mean that the call has done nothing, and that not even a
        password was compared."""
        # If Identity trusts this frontend as a proxy, its limits and its audit are about the person's address.
        metadata = (("x-forwarded-for", self._address),)
        end = time.monotonic() + _QUEUE_SECONDS
        for turn in itertools.count():
            try:
                return await client.call(request, metadata=metadata)
            except Error as error:
                if error.reason not in ("OVERLOADED", "CONFLICT") or error.retry_after is None:
                    raise
                pause = min(error.retry_after * 2 ** turn, _LONGEST_PAUSE) * random.uniform(1, 2)
                if time.monotonic() + pause > end or not await self.site.queue.wait(pause):
                    raise
                if await self.request.is_disconnected():
                    raise

    async def sections(self) -> list[str]:
        """The pages of administrators that this person may open, in their order."""
        if not self.session or self.limit:
            return []
        batch = identity.BatchCheckPermissionsRequest()
        for permission in SECTIONS.values():
            setattr(batch.checks.add(permission=permission), "self", True)
        try:
            results = (await self.as_person(batch)).results
        except Error:  # then the navigation is shorter
            return []
        return [section for section, result in zip(SECTIONS, results)
                if result.response.decision == identity.DECISION_ALLOWED
                or result.response.reason == identity.REASON_STEP_UP_REQUIRED]

    # --- Answers ---

    @property
    def here(self) -> str:
        """The path and query of this request. Who reads it in a query takes it as `security.local_path`."""
        url = self.request.url
        return url.path + (f"?{url.query}" if url.query else "")

    @property
    def form_token(self) -> str:
        return security.form_token(self.jar, self.site.seals, self.session.id if self.session else "")

    async def page(self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None,
                   **context: Any) -> Response:
        sections = await self.sections()
        return self.plain_page(template, status=status, headers=headers, sections=sections, **context)

    def plain_page(self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None,
                   **context: Any) -> Response:
        """A page that needs no call."""
        notice = self.jar.take(NOTICE).get("text", "")
        html = self.site.templates.get_template(template).render(
            {"visit": self, "name": self.site.settings.name, "notice": notice, "sections": (), **context})
        return HTMLResponse(html, status, dict(headers or {}))

    def secrets(self, title: str, secrets: Sequence[str], *, intro: str, next: str) -> Response:
        """The only page that ever shows these secrets. It needs no call, which could fail and lose them."""
        return self.plain_page("secrets.html", title=title, secrets=secrets, intro=intro, next=next)

    def redirect(self, path: str, notice: str = "") -> Response:
        """To another page of this frontend, which shows the notice."""
        if notice:
            self.jar.set(NOTICE, text=notice)
        return RedirectResponse(path, 303)


def with_query(path: str, **values: str) -> str:
    return f"{path}?{urllib.parse.urlencode(values)}"
