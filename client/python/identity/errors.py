"""Errors of calls."""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple

import grpc
from google.protobuf.message import DecodeError

from ._rpc import error_details_pb2, status_pb2

DOMAIN = "identity.v1"
DETAILS = "grpc-status-details-bin"


class FieldViolation(NamedTuple):
    """A field of the request that breaks a rule."""

    field: str
    rule: str


class Error(Exception):
    """A failed call. An error of a check means "not decided": deny."""

    def __init__(self, code: grpc.StatusCode, message: str, *, reason: str = "", retry_after: float | None = None,
                 fields: tuple[FieldViolation, ...] = ()):
        super().__init__(f"{code.name}{'/' if reason else ''}{reason}: {message}")
        self.code = code
        self.message = message
        self.reason = reason
        """An identity.v1.ErrorReason without its prefix, such as "RATE_LIMITED". Empty: not from the service."""
        self.retry_after = retry_after
        """The seconds that the service asks to wait before a retry, if it does."""
        self.fields = fields
        """What the service refused."""

    @classmethod
    def of(cls, error: grpc.RpcError) -> Error:
        """The same error, with the details that the service sent."""
        reason, retry_after = "", None
        fields: tuple[FieldViolation, ...] = ()
        info, retry, bad = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo(), error_details_pb2.BadRequest()
        for detail in _details(error):
            if detail.Unpack(info) and info.domain == DOMAIN:
                reason = info.reason
            elif detail.Unpack(retry):
                retry_after = retry.retry_delay.ToTimedelta().total_seconds()
            elif detail.Unpack(bad):
                fields = tuple(FieldViolation(each.field, each.description) for each in bad.field_violations)
        return cls(error.code(), error.details() or "", reason=reason, retry_after=retry_after, fields=fields)


def _details(error: grpc.RpcError) -> Iterable[Any]:
    trailer: Any = error.trailing_metadata() or ()
    for name, value in trailer:
        if name == DETAILS:
            try:
                return status_pb2.Status.FromString(value).details
            except DecodeError:
                break
    return ()
