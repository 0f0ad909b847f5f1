"""The application: its routes, its pages, and what happens after errors."""

from __future__ import annotations

import datetime
import logging
import pathlib
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import jinja2
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from identity import Error, File
from identity.aio import Client

from . import account, admin, elsewhere, login, registration, token
from .account import ways
from .cookies import Seals
from .forms import StaleForm
from .problems import Problem
from .providers import PROVIDER_SECONDS, Provider, ProviderError
from .security import PROBE_PATH, STATIC_PATH, TOKEN_PATH, Shell
from .settings import Settings
from .visits import Queue, SignedOut, Site, Visit, with_query

_HERE = pathlib.Path(__file__).parent
_CALL_SECONDS = 6.0  # a login may wait for a thread that hashes
_QUEUE_PLACES = 500
_PROVIDER_FAILED = "The other service does not answer. Use your password, or try again later."
_STALE = ("This form is not good any more, or your browser keeps no cookies. Go back, load the page again, and repeat "
          "what you did.")
_STATUS_TEXTS = {404: "There is no such page.", 405: "This page cannot be used in this way.",
                 408: "This took too long.", 413: "This is too large."}


def make_app(settings: Settings) -> ASGIApp:
    """Connects to Identity at the first call."""
    seals = Seals(settings.cookie_keys)
    client = Client(settings.address, File(settings.api_key_file), plaintext=settings.plaintext, tls=settings.tls,
                    timeout=_CALL_SECONDS)
    # One provider's cookies would reach another one, and those of one person the requests for all.
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    http = httpx.AsyncClient(verify=_provider_tls(settings), timeout=PROVIDER_SECONDS, cookies=no_cookies)
    providers = {name: Provider(each, http, f"{settings.origin}/login/callback/{name}")
                 for name, each in settings.providers.items()}

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, on_shutdown=[http.aclose, client.close])
    app.state.site = Site(settings, seals, client, Queue(_QUEUE_PLACES), providers, _templates())
    for module in (login, elsewhere, registration, account, admin, token):
        app.include_router(module.router)
    app.router.redirect_slashes = False  # it would redirect to the host that the request names
    app.mount(STATIC_PATH.rstrip("/"), StaticFiles(directory=_HERE / "static"))
    app.add_api_route("/", _home, response_model=None)
    app.add_api_route(PROBE_PATH, _live, response_model=None)
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    return Shell(_CorsForToken(app, settings.cors_origins), settings, seals)


class _CorsForToken:
    """Lets scripts of the listed origins call POST /token, and nothing else."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]):
        self._app = app
        self._with_cors = CORSMiddleware(app, allow_origins=origins, allow_methods=("POST",), allow_credentials=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_token = scope["type"] == "http" and scope["path"] == TOKEN_PATH
        await (self._with_cors if is_token else self._app)(scope, receive, send)


async def _live() -> Response:
    return Response("ok\n", media_type="text/plain")


async def _home(request: Request) -> Response:
    return Visit(request).redirect("/account")


# --- After errors ---

async def _signed_out(request: Request, error: SignedOut) -> Response:
    visit = Visit(request)
    path = with_query("/login", next="/account" if visit.here.startswith("/login") else visit.here)
    if not error.ended:
        return visit.redirect(path)
    visit.forget_session()
    return visit.redirect(path, "Your session has ended. Log in again.")


async def _failed(request: Request, error: Error) -> Response:
    visit = Visit(request)
    if error.reason == "STEP_UP_REQUIRED":
        return visit.redirect(with_query("/step-up", next=visit.here))
    problem = Problem.of(error)
    if problem.fields and request.path_params:  # nothing can have such an id
        problem = Problem(404, _STATUS_TEXTS[404])
    return _problem_page(visit, problem.on_form(()))


async def _provider_failed(request: Request, error: ProviderError) -> Response:
    logging.getLogger(__package__).warning("%s", error)
    return _problem_page(Visit(request), Problem(502, _PROVIDER_FAILED))


async def _stale(request: Request, _: StaleForm) -> Response:
    return _problem_page(Visit(request), Problem(403, _STALE))


async def _refused(request: Request, error: HTTPException) -> Response:
    text = _STATUS_TEXTS.get(error.status_code, "This request cannot be understood.")
    return _problem_page(Visit(request), Problem(error.status_code, text))


async def _broken(request: Request, _: Exception) -> Response:
    return _problem_page(Visit(request), Problem(500, "Something went wrong here. It is in the log."))


_HANDLERS = {SignedOut: _signed_out, Error: _failed, ProviderError: _provider_failed, StaleForm: _stale,
             HTTPException: _refused, Exception: _broken}


def _problem_page(visit: Visit, problem: Problem) -> Response:
    if visit.request.url.path == TOKEN_PATH:
        return token.refuse(problem)
    return visit.plain_page("problem.html", status=problem.status, headers=problem.headers, problem=problem)


# --- Pages ---

def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(_HERE / "pages"), autoescape=True,
                                     undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["time"] = _time
    environment.filters["ways"] = ways
    return environment


def _time(stamp: Timestamp) -> datetime.datetime:
    return stamp.ToDatetime(datetime.timezone.utc)


def _provider_tls(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.provider_ca_file)
