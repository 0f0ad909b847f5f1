"""Guards for servers of gRPC.

    grpc.server(executor, interceptors=[Guard(client, {"/posts.v1.Posts/Update": Rule("posts:update", "posts/{id}")})])

A method without a rule is refused, also one of gRPC's health service. A template cannot name fields of a streamed
request.
"""

from __future__ import annotations

import contextvars
import functools
from typing import Any, Awaitable, Callable, Mapping

import grpc
import grpc.aio
from google.protobuf.duration_pb2 import Duration

from . import aio
from ._rpc import error_details_pb2, status_pb2
from .client import Client
from .errors import DETAILS, DOMAIN
from .guard import PUBLIC, Decision, Public, Refused, Rule, decide, question, undecided, without_rule
from .v1.identity_service_pb2 import CheckPermissionRequest

__all__ = ["PUBLIC", "AioGuard", "Decision", "Guard", "Rule", "decision"]

_decision: contextvars.ContextVar[Decision | None] = contextvars.ContextVar("identity_decision", default=None)


def decision() -> Decision | None:
    """The decision about the call that is being handled. None in a public method."""
    return _decision.get()


class _Rules:
    """The rules of a guard, by the full name of the method, such as "/posts.v1.Posts/Update"."""

    def __init__(self, rules: Mapping[str, Rule | Public]):
        self._rules = dict(rules)

    def guarded(self, method: str, handler: Any, unary: Callable[..., Any], streaming: Callable[..., Any]) -> Any:
        """The handler, or `unary` or `streaming` in front of it. None, if the server has no such method."""
        rule = self._rules.get(method)
        if handler is None or rule is PUBLIC:
            return handler
        streamed = (handler.request_streaming, handler.response_streaming)
        kind = "_".join("stream" if each else "unary" for each in streamed)
        guard = functools.partial(streaming if handler.response_streaming else unary, rule, getattr(handler, kind))
        make = getattr(grpc, f"{kind}_rpc_method_handler")
        return make(guard, handler.request_deserializer, handler.response_serializer)


class Guard(grpc.ServerInterceptor):
    """Guards a server of threads."""

    def __init__(self, client: Client, rules: Mapping[str, Rule | Public]):
        self._client = client
        self._rules = _Rules(rules)

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        return self._rules.guarded(details.method, continuation(details), self._unary, self._streaming)

    def _unary(self, rule: Rule | None, handle: Callable[..., Any], request: Any, context: Any) -> Any:
        token = _decision.set(self._decide(rule, request, context))
        try:
            return handle(request, context)
        finally:
            _decision.reset(token)  # gRPC uses the thread again

    def _streaming(self, rule: Rule | None, handle: Callable[..., Any], request: Any, context: Any) -> Any:
        token = _decision.set(self._decide(rule, request, context))
        try:
            yield from handle(request, context)
        finally:
            _decision.reset(token)

    def _decide(self, rule: Rule | None, request: Any, context: Any) -> Decision:
        try:
            asked = _question(rule, request, context)
            return decide(asked, self._client.call(asked))
        except Exception as error:
            refused = error if isinstance(error, Refused) else undecided(error)
            context.set_trailing_metadata(_trailer(refused))
            context.abort(refused.code, refused.message)
            raise  # not reached


class AioGuard(grpc.aio.ServerInterceptor):
    """Guards a server of asyncio, whose handlers are coroutines or asynchronous generators."""

    def __init__(self, client: aio.Client, rules: Mapping[str, Rule | Public]):
        self._client = client
        self._rules = _Rules(rules)

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], details: Any) -> Any:
        return self._rules.guarded(details.method, await continuation(details), self._unary, self._streaming)

    async def _unary(self, rule: Rule | None, handle: Callable[..., Any], request: Any, context: Any) -> Any:
        _decision.set(await self._decide(rule, request, context))  # each call is a task with variables of its own
        return await handle(request, context)

    async def _streaming(self, rule: Rule | None, handle: Callable[..., Any], request: Any, context: Any) -> Any:
        _decision.set(await self._decide(rule, request, context))
        answers = handle(request, context)
        if hasattr(answers, "__aiter__"):
            async for answer in answers:
                yield answer
        else:
            await answers  # it writes to the context itself

    async def _decide(self, rule: Rule | None, request: Any, context: Any) -> Decision:
        try:
            asked = _question(rule, request, context)
            return decide(asked, await self._client.call(asked))
        except Exception as error:
            refused = error if isinstance(error, Refused) else undecided(error)
            await context.abort(refused.code, refused.message, _trailer(refused))
            raise  # not reached


def _question(rule: Rule | None, request: Any, context: Any) -> CheckPermissionRequest:
    if rule is None:
        raise without_rule()
    values: dict[str, list[str]] = {"authorization": [], "x-api-key": []}
    for name, value in context.invocation_metadata() or ():
        if name in values:
            values[name].append(value)
    return question(rule, functools.partial(_field, request), *values.values())


def _field(message: Any, path: str) -> Any:
    for name in path.split("."):
        message = getattr(message, name, None)
    return message


def _trailer(refused: Refused) -> tuple[tuple[str, bytes], ...]:
    status = status_pb2.Status(code=refused.code.value[0], message=refused.message)
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason=refused.reason, domain=DOMAIN))
    if refused.retry_after is not None:
        delay = Duration()
        delay.FromNanoseconds(round(refused.retry_after * 1e9))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    if refused.field:
        violation = {"field": refused.field, "description": refused.message}
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    return ((DETAILS, status.SerializeToString()),)
