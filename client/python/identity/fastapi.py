"""The guard for FastAPI.

    app = FastAPI()
    identity = Guard(app, Client("identity:50051", File("/run/secrets/identity")))

    @app.put("/orgs/{org}/posts/{id}")
    def update(caller: Decision = Depends(identity.require("posts:update", resource="orgs/{org}/posts/{id}"))): ...
"""

# FastAPI reads the annotations of dependencies, so they must not be deferred.

import http
import math
from typing import Any, Collection

import grpc
from fastapi import Depends, FastAPI, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .aio import Client
from .guard import Decision, Refused, Rule, decide, question, undecided, without_rule

try:
    from fastapi.routing import iter_route_contexts as _flat  # a new FastAPI keeps included routers as they are
except ImportError:
    _flat = iter  # type: ignore[assignment]  # an older one copies their routes

__all__ = ["Client", "Decision", "Guard"]

_STATUSES = {
    grpc.StatusCode.INVALID_ARGUMENT: http.HTTPStatus.BAD_REQUEST,
    grpc.StatusCode.UNAUTHENTICATED: http.HTTPStatus.UNAUTHORIZED,
    grpc.StatusCode.PERMISSION_DENIED: http.HTTPStatus.FORBIDDEN,
    grpc.StatusCode.RESOURCE_EXHAUSTED: http.HTTPStatus.TOO_MANY_REQUESTS,
    grpc.StatusCode.UNAVAILABLE: http.HTTPStatus.SERVICE_UNAVAILABLE,
}

_LACKING = {"CREDENTIAL_REQUIRED", "NO_BINDING", "SCOPE_INSUFFICIENT", "STEP_UP_REQUIRED"}

# They only describe the credentials in OpenAPI. `question` reads the headers, since it must see all of them.
_BEARER = HTTPBearer(auto_error=False, bearerFormat="JWT", description="An access token or an API key.")
_API_KEY = APIKeyHeader(name="x-api-key", auto_error=False, description="An API key.")


class _Requirement:
    """The dependency on a decision. Its value is the decision."""

    def __init__(self, client: Client, rule: Rule, is_optional: bool):
        self._client = client
        self._rule = rule
        self._is_optional = is_optional

    async def __call__(self, request: Request, _bearer: Any = Security(_BEARER),
                       _api_key: Any = Security(_API_KEY)) -> Decision | None:
        try:
            asked = question(self._rule, request.path_params.get, request.headers.getlist("authorization"),
                             request.headers.getlist("x-api-key"))
            return decide(asked, await self._client.call(asked))
        except Refused as refused:
            if self._is_optional and refused.reason in _LACKING:
                return None
            raise
        except Exception as error:
            raise undecided(error) from error


async def _public() -> None:
    """The dependency of routes that everybody may call."""


class Guard:
    """Guards all routes of an app. Make it before the routes: one that has neither `require`, `optional` nor `public`
    among its dependencies is refused. So are mounted apps, routes of Starlette, and FastAPI's own pages, such as /docs,
    unless `unguarded` has their paths. Then everybody may use them."""

    def __init__(self, app: FastAPI, client: Client, *, unguarded: Collection[str] = ()):
        if any(isinstance(route, APIRoute) for route in app.routes):
            raise ValueError("the guard must be made before the routes of the app")
        if isinstance(unguarded, str):
            raise TypeError("unguarded is a collection of paths, not one path")
        self._client = client
        app.router.dependencies.append(Depends(_refuse_without_rule))
        app.router.routes.insert(0, _Gate(app.router.routes, unguarded))
        app.add_exception_handler(Refused, _problem)  # type: ignore[arg-type]

    def require(self, permission: str, resource: str = "") -> _Requirement:
        """A dependency for `Depends`, whose value is the Decision. Braces in the resource name parameters of the path.
        A request without a credential passes if `anonymous` holds the permission."""
        return _Requirement(self._client, Rule(permission, resource), is_optional=False)

    def optional(self, permission: str, resource: str = "") -> _Requirement:
        """As `require`, but callers without the permission pass, with the value None. A credential that is not valid is
        refused all the same."""
        return _Requirement(self._client, Rule(permission, resource), is_optional=True)

    public = staticmethod(_public)
    """A dependency for routes that everybody may call. The service is not asked."""


class _Gate(BaseRoute):
    """Stands before the other routes, and takes the requests to those without a rule. Not all routes have dependencies,
    so a dependency alone could not refuse them."""

    def __init__(self, routes: list[BaseRoute], unguarded: Collection[str]):
        self._routes = routes
        self._unguarded = frozenset(unguarded)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        others = _flat([route for route in self._routes if route is not self])
        chosen: Any = next((route for route in others if route.matches(scope)[0] is Match.FULL), None)
        passes = chosen is None or _has_rule(chosen) or getattr(chosen, "path", None) in self._unguarded
        return (Match.NONE if passes else Match.FULL), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            raise without_rule()

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


async def _refuse_without_rule(connection: HTTPConnection) -> None:
    """For what FastAPI serves beside the routes of the app, but with its dependencies."""
    if not _has_rule(connection.scope.get("route")):
        raise without_rule()


def _has_rule(route: Any) -> bool:
    dependant = getattr(route, "dependant", None)
    return dependant is not None and _is_decided(dependant)


def _is_decided(dependant: Dependant) -> bool:
    return (dependant.call is _public or isinstance(dependant.call, _Requirement) or
            any(map(_is_decided, dependant.dependencies)))


async def _problem(_request: Request, refused: Refused) -> JSONResponse:
    """The refusal by RFC 9457, with the headers of RFC 6750, RFC 9470 and RFC 9110."""
    status = _STATUSES[refused.code]
    problem: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value,
                               "detail": refused.message, "reason": refused.reason}
    if refused.field:
        problem["errors"] = [{"field": refused.field, "rule": refused.message}]
    headers = {}
    if status == http.HTTPStatus.UNAUTHORIZED or refused.challenge:
        headers["WWW-Authenticate"] = ", ".join(filter(None, ('Bearer realm="identity"', refused.challenge)))
    if refused.retry_after is not None:
        headers["Retry-After"] = str(max(math.ceil(refused.retry_after), 1))
    return JSONResponse(problem, status.value, headers, media_type="application/problem+json")
