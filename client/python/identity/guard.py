"""What every guard does: rules, the question to the service, and what its answer means. Pure: it makes no call."""

from __future__ import annotations

import dataclasses
import datetime
import logging
import re
from typing import Any, Callable, Final, Sequence

import grpc

from .errors import Error
from .v1.identity_service_pb2 import (DECISION_ALLOWED, DECISION_DENIED, CheckPermissionRequest,
                                      CheckPermissionResponse, Reason)
from .v1.types_pb2 import Principal

_log = logging.getLogger(__name__)

_SEGMENT = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~@-]{1,128}"
_FIELD = r"\{[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\}"
_IS_SEGMENT = re.compile(_SEGMENT)
_IS_TEMPLATE = re.compile(rf"(?:(?:{_SEGMENT}|{_FIELD})(?:/(?:{_SEGMENT}|{_FIELD})){{0,31}})?")
_IS_PERMISSION = re.compile(r"[a-z0-9_-]{1,64}(?::[a-z0-9_-]{1,64}){0,7}")
_UNDECIDED_RETRY_SECONDS = 1.0

Values = Callable[[str], Any]
"""The value of the request's or the route's field of this name. Not text and not an integer: there is none."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """The permission that a method or route needs, and a template of the resource, such as `orgs/{org}/posts/{id}`.
    Braces name a field of the request, `{post.id}` a nested one."""

    permission: str
    resource: str = ""

    def __post_init__(self) -> None:
        if not _IS_PERMISSION.fullmatch(self.permission):
            raise ValueError(f"not a permission: {self.permission!r}")
        if not _IS_TEMPLATE.fullmatch(self.resource):
            raise ValueError(f"not a template of a resource: {self.resource!r}")

    def resource_of(self, values: Values) -> str:
        return re.sub(_FIELD, lambda field: _segment(field[0][1:-1], values), self.resource)


class Public:
    """The rule of a method that everybody may call. The service is not asked."""


PUBLIC: Final = Public()


@dataclasses.dataclass(frozen=True)
class Decision:
    """What the service decided about an allowed request."""

    principal: Principal
    session_id: str
    """Empty without a session."""
    scopes: tuple[str, ...]
    consistency_token: str
    expire_time: datetime.datetime | None
    """When the credential or the granting binding expires."""


class Refused(Exception):
    """The guard refuses a request. It tells a stranger no more than the reason."""

    def __init__(self, code: grpc.StatusCode, reason: str, message: str, *, challenge: str = "",
                 retry_after: float | None = None, field: str = ""):
        super().__init__(f"{reason}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.challenge = challenge
        """More parameters of WWW-Authenticate."""
        self.retry_after = retry_after
        self.field = field


def without_rule() -> Refused:
    return Refused(grpc.StatusCode.PERMISSION_DENIED, "METHOD_WITHOUT_RULE", "the method has no rule")


def undecided(error: Exception) -> Refused:
    """Whatever went wrong. Callers must not see it, so the operator needs the log. Only the text of an Error is sure to
    have no secret."""
    _log.warning("no decision: %s", error if isinstance(error, Error) else type(error).__name__)
    delay = error.retry_after if isinstance(error, Error) else None
    return Refused(grpc.StatusCode.UNAVAILABLE, "UNDECIDED", "the request could not be decided",
                   retry_after=_UNDECIDED_RETRY_SECONDS if delay is None else delay)


def question(rule: Rule, values: Values, authorization: Sequence[str],
             api_key: Sequence[str]) -> CheckPermissionRequest:
    """What to ask about a request with these values of `authorization` and `x-api-key`. Raises Refused."""
    credential = _credential(authorization, api_key)
    request = CheckPermissionRequest(permission=rule.permission, resource=rule.resource_of(values))
    if credential is None:
        request.anonymous = True
    elif not authorization or credential.startswith("idk_"):
        request.api_key = credential
    else:
        request.access_token = credential
    return request


def decide(request: CheckPermissionRequest, answer: CheckPermissionResponse) -> Decision:
    """What the service answered to the question. Raises Refused unless it is allowed."""
    if answer.decision == DECISION_ALLOWED:
        expires = answer.expire_time.ToDatetime(datetime.timezone.utc) if answer.HasField("expire_time") else None
        return Decision(answer.principal, answer.session_id, tuple(answer.scopes), answer.consistency_token, expires)
    raise _refusal(request, answer)


def _refusal(request: CheckPermissionRequest, answer: CheckPermissionResponse) -> Refused:
    codes = grpc.StatusCode
    reason = _reason(answer)
    if reason in ("CREDENTIAL_EXPIRED", "CREDENTIAL_REVOKED", "CREDENTIAL_INVALID", "PRINCIPAL_DISABLED"):
        return Refused(codes.UNAUTHENTICATED, reason, "the credential is not valid", challenge='error="invalid_token"')
    if reason == "NO_BINDING" and request.anonymous:
        return Refused(codes.UNAUTHENTICATED, "CREDENTIAL_REQUIRED", "a credential is needed")
    if reason == "STEP_UP_REQUIRED":
        return Refused(codes.UNAUTHENTICATED, reason, "the session must show a second factor",
                       challenge='error="insufficient_user_authentication"')
    if reason == "SCOPE_INSUFFICIENT":
        return Refused(codes.PERMISSION_DENIED, reason, "the scopes of the credential do not allow this",
                       challenge=f'error="insufficient_scope", scope="{request.permission}"')
    if reason == "QUOTA_EXCEEDED":
        return Refused(codes.RESOURCE_EXHAUSTED, reason, "the quota of the API key is used up",
                       retry_after=answer.quota.reset.ToTimedelta().total_seconds())
    if reason == "NO_BINDING":
        return Refused(codes.PERMISSION_DENIED, reason, "the permission is missing")
    _log.warning("no decision: the service answers with decision %d and reason %d", answer.decision, answer.reason)
    return Refused(codes.PERMISSION_DENIED, "UNDECIDED", "the request is not allowed")


def _reason(answer: CheckPermissionResponse) -> str:
    known = answer.decision == DECISION_DENIED and answer.reason in Reason.values()
    return Reason.Name(answer.reason).removeprefix("REASON_") if known else ""


def _credential(authorization: Sequence[str], api_key: Sequence[str]) -> str | None:
    """The text of the only credential, or None."""
    values = authorization or api_key
    if not values:
        return None
    scheme, _, text = values[0].partition(" ") if authorization else ("bearer", "", values[0])
    if len(values) > 1 or scheme.lower() != "bearer" or not text:
        raise Refused(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID", "the credential is malformed",
                      challenge='error="invalid_token"')
    return text


def _segment(field: str, values: Values) -> str:
    value = values(field)
    # A slash would name another resource, and so would no text at all.
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not _IS_SEGMENT.fullmatch(text):
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", "the field is no segment of a resource",
                      field=field)
    return text
