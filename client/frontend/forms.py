"""The one way in which pages take forms.

`form_page` makes both routes of a path: GET shows the form, POST takes it. Pages read forms in no other way, so none
can forget the token of the form, the limit of its size, or to tie an error to its field.
"""

from __future__ import annotations

import asyncio
import dataclasses
import urllib.parse
from typing import Any, Awaitable, Callable, Sequence

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from identity import Error

from .problems import Problem, Wording
from .security import is_form_token
from .visits import SignedOut, Visit

_MAX_BYTES = 48 * 1024  # a call with all of it is within the 64 KiB that Identity takes
_BODY_SECONDS = 10
_MAX_FIELDS = 50


@dataclasses.dataclass(frozen=True)
class Field:
    """`kind` is a type of HTML's input, or "code", "textarea", "select", "note" for a sentence without a control, or
    "username" for one that only password managers see. `options`: values and labels of a select. `providers` can prove
    instead of a password."""

    name: str
    label: str = ""
    kind: str = "text"
    autocomplete: str = "off"
    hint: str = ""
    required: bool = True
    options: Sequence[tuple[str, str]] = ()
    providers: Sequence[Any] = ()


class Values(dict):
    """What was typed. A field that was not sent is empty."""

    def __missing__(self, name: str) -> str:
        return ""


class StaleForm(Exception):
    """The form is not from this browser and this session."""


Loader = Callable[[Visit], Awaitable[dict[str, Any]]]
Handler = Callable[[Visit, Values], Awaitable[Response | str]]
Part = Field | Callable[[Visit], Awaitable[Sequence[Field]]]


async def read_form(visit: Visit) -> Values:
    """The fields of a form from anywhere. Only POST /token uses this; pages use `form_page`."""
    kind = visit.request.headers.get("content-type", "").partition(";")[0].strip()
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in visit.request.stream():
                body += chunk
                if len(body) > _MAX_BYTES:
                    raise HTTPException(413)
    except (TimeoutError, ClientDisconnect) as error:
        raise HTTPException(408) from error
    try:
        if kind != "application/x-www-form-urlencoded":
            raise ValueError(kind)
        return Values(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, errors="strict",
                                             max_num_fields=_MAX_FIELDS))
    except ValueError as error:
        raise HTTPException(400) from error


async def no_context(_: Visit) -> dict[str, Any]:
    return {}


@dataclasses.dataclass(frozen=True)
class FormPage:
    """A page with a form. `title` and `intro` may name values of the context, as `{user.username}`. The context may
    have `values`, which the form shows at first."""

    title: str
    parts: Sequence[Part]
    handle: Handler
    intro: str = ""
    submit: str = "Save"
    danger: bool = False
    template: str = "form.html"
    wording: Wording = dataclasses.field(default_factory=dict)
    context: Loader = no_context
    public: bool = False
    renews: bool = True  # the session, if it is time

    async def show(self, request: Request) -> Response:
        visit = Visit(request)
        if self.renews:
            await visit.freshen()
        self._require_session(visit)
        return await self._render(visit)

    async def send(self, request: Request) -> Response:
        visit = Visit(request)
        values = await read_form(visit)
        if not is_form_token(visit.jar, visit.site.seals, visit.session.id if visit.session else "",
                             values.pop("form_token", "")):
            raise StaleForm()
        if self.renews:
            await visit.freshen()
        self._require_session(visit)
        try:
            outcome = await self.handle(visit, values)
        except Error as error:
            if error.reason == "STEP_UP_REQUIRED":
                raise
            return await self._render(visit, values, Problem.of(error, self.wording))
        return visit.redirect(outcome) if isinstance(outcome, str) else outcome

    def _require_session(self, visit: Visit) -> None:
        if not self.public and not visit.session:
            raise SignedOut()

    async def _render(self, visit: Visit, typed: Values | None = None, problem: Problem | None = None) -> Response:
        context = await self.context(visit)
        values = Values(typed if typed is not None else context.pop("values", {}))
        fields = [field for part in self.parts
                  for field in ([part] if isinstance(part, Field) else await part(visit))]
        return await visit.page(
            self.template, status=problem.status if problem else 200, headers=problem.headers if problem else None,
            **{**context, "title": self.title.format(**context), "intro": self.intro.format(**context),
               "fields": fields, "values": values, "submit": self.submit, "danger": self.danger,
               "action": visit.request.url.path,
               "problem": problem and problem.on_form({field.name for field in fields})})


def form_page(router: APIRouter, path: str, title: str, *parts: Part, **options: Any) -> Callable[[Handler], Handler]:
    """Makes a FormPage with these options. The decorated function takes the values of a form that is from this browser
    and this session. It returns an answer, or the path of the next page. An Error shows the form again."""

    def register(handle: Handler) -> Handler:
        page = FormPage(title, parts, handle, **options)
        router.add_api_route(path, page.show, methods=["GET"], response_model=None)
        router.add_api_route(path, page.send, methods=["POST"], response_model=None)
        return handle

    return register
